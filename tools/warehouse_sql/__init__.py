"""The generated half of `warehouse/snowflake/`: SQL that follows from the columns, the schemas and the privacy policy.

May import `wire` and the policy of `lambda_src.pseudonymizer`.
"""
