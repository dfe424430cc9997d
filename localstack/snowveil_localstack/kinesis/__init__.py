"""Kinesis from moto, in LocalStack's own process, with what moto gets wrong put right."""
