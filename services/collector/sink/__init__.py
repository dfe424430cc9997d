"""The way to Kinesis: buffer, PutRecords, and the spill on disk while Kinesis fails.

May import `config`, `defects`, `errors`.
"""
