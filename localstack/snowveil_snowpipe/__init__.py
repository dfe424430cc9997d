"""A stand-in for Snowpipe: loads the lake's objects into the embedded warehouse as the migrations' pipes say.

Imports nothing of the project: it is given the folder of the migrations, the warehouse's file and a queue.
"""
