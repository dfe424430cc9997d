"""Firehose as AWS does it. `worker`, `source` and `provider` know LocalStack; everything else here is pure logic.

What AWS does is documented under https://docs.aws.amazon.com/firehose/latest/dev/.
"""
