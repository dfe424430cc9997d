"""AWS Lambda without containers: each execution environment is a child process that speaks the Lambda Runtime API."""
