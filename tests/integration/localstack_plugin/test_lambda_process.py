"""The Lambda executor without containers: what a caller and the log get to see."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.localstack

LIMIT = 6 * 1024 * 1024

CODE = """
import os, sys, tempfile, time
import boto3

def handle(event, context):
    print("working on", event["do"])
    match event["do"]:
        case "environment":
            return {
                "temporary": tempfile.gettempdir(),
                "pid": os.getpid(),
                "own": os.environ["OWN"],
                "streams": boto3.client("kinesis").list_streams(Limit=1000)["StreamNames"],
                "function": context.invoked_function_arn,
                "left": context.get_remaining_time_in_millis(),
            }
        case "raise":
            raise ValueError("as asked")
        case "exit":
            os._exit(3)
        case "loop":
            while True: pass
        case "eat":
            held = bytearray(os.urandom(1)) * 400_000_000
            time.sleep(50)  # until it is measured and killed
            return len(held)
        case "answer":
            return "x" * event["size"]
        case "length":
            return len(event["text"])
        case "import":
            import localstack
"""


@pytest.fixture(scope="module")
def function(aws: Any) -> str:
    arn: str = aws.create_function(CODE, timeout=60, memory=200, OWN="value")
    return arn


def test_a_call_has_its_environment_and_reaches_localstack(aws: Any, function: str) -> None:
    stream, _ = aws.create_stream()
    answer, failed = aws.call(function, {"do": "environment"})
    assert not failed
    assert stream in answer["streams"]
    assert answer["own"] == "value"
    assert answer["function"] == function
    assert 0 < answer["left"] <= 60_000
    again, _ = aws.call(function, {"do": "environment"})
    assert again["pid"] == answer["pid"]


def test_each_environment_has_temporary_files_of_its_own(aws: Any, function: str) -> None:
    other = aws.create_function(CODE, OWN="other")
    answers = [aws.call(name, {"do": "environment"})[0] for name in (function, other)]
    assert answers[0]["temporary"] != answers[1]["temporary"]


def test_an_exception_is_a_function_error_and_in_the_log(aws: Any, function: str, eventually: Any) -> None:
    answer, failed = aws.call(function, {"do": "raise"})
    assert failed
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "as asked")
    log = eventually(lambda: aws.log_of(function), lambda log: "as asked" in log)
    assert "working on raise" in log
    assert "REPORT RequestId" in log


def test_a_time_out_ends_the_process_and_the_next_call_works(aws: Any, eventually: Any) -> None:
    function = aws.create_function(CODE, timeout=2)
    answer, failed = aws.call(function, {"do": "loop"})
    assert failed
    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Task timed out after 2.00 seconds")
    assert aws.call(function, {"do": "length", "text": "abc"}) == (3, False)
    eventually(lambda: aws.log_of(function), lambda log: "Task timed out after 2.00 seconds" in log)


def test_a_crash_is_reported_and_the_next_call_works(aws: Any, function: str) -> None:
    answer, failed = aws.call(function, {"do": "exit"})
    assert failed
    assert answer["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in answer["errorMessage"]
    assert aws.call(function, {"do": "length", "text": "abc"}) == (3, False)


def test_a_function_over_its_memory_is_killed(aws: Any, function: str) -> None:
    answer, failed = aws.call(function, {"do": "eat"})
    assert failed
    assert answer["errorMessage"].endswith("Runtime exited with error: signal: killed")


def test_an_init_error_reaches_the_caller_and_the_log(aws: Any, eventually: Any) -> None:
    broken = aws.create_function("import not_in_the_archive")
    answer, failed = aws.call(broken, {})
    assert failed
    assert answer["errorType"] == "Runtime.ImportModuleError"
    eventually(lambda: aws.log_of(broken), lambda log: "No module named 'not_in_the_archive'" in log)


def test_a_function_cannot_import_packages_of_localstack(aws: Any, function: str) -> None:
    answer, failed = aws.call(function, {"do": "import"})
    assert failed
    assert answer["errorMessage"] == "No module named 'localstack'"


def test_sizes_up_to_6_mb_pass_and_larger_ones_are_refused(aws: Any, function: str) -> None:
    envelope = len(json.dumps({"do": "length", "text": ""}))
    assert aws.call(function, {"do": "length", "text": "x" * (LIMIT - envelope)}) == (LIMIT - envelope, False)
    with pytest.raises(aws.functions.exceptions.RequestTooLargeException) as refused:
        aws.call(function, {"do": "length", "text": "x" * (LIMIT - envelope + 1)})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413

    answer, failed = aws.call(function, {"do": "answer", "size": LIMIT - 2})
    assert (len(answer), failed) == (LIMIT - 2, False)
    answer, failed = aws.call(function, {"do": "answer", "size": LIMIT + 100})
    assert failed
    assert answer["errorType"] == "Function.ResponseSizeTooLarge"


def test_an_alias_runs_its_version(aws: Any) -> None:
    arn = aws.create_function("def handle(event, context): return context.function_version")
    version = aws.functions.publish_version(FunctionName=arn)["Version"]
    alias = aws.functions.create_alias(FunctionName=arn, Name="live", FunctionVersion=version)["AliasArn"]
    assert aws.call(alias, {}) == (version, False)
    assert aws.call(arn, {}) == ("$LATEST", False)


def test_an_event_source_mapping_feeds_it_from_kinesis(aws: Any, eventually: Any) -> None:
    stream, arn = aws.create_stream()
    reader = aws.create_function(
        "def handle(event, context): print('got', [r['kinesis']['data'] for r in event['Records']])"
    )
    aws.functions.create_event_source_mapping(FunctionName=reader, EventSourceArn=arn, StartingPosition="TRIM_HORIZON")
    aws.kinesis.put_record(StreamName=stream, Data=b"mapped", PartitionKey="p")
    eventually(lambda: aws.log_of(reader), lambda log: "got ['bWFwcGVk']" in log)


def test_a_parameter_that_a_process_would_ignore_is_refused(aws: Any, function: str) -> None:
    with pytest.raises(aws.functions.exceptions.InvalidParameterValueException, match="FileSystemConfigs"):
        aws.functions.update_function_configuration(
            FunctionName=function,
            FileSystemConfigs=[
                {
                    "Arn": "arn:aws:elasticfilesystem:eu-west-1:000000000000:access-point/fsap-00000000000000000",
                    "LocalMountPath": "/mnt/x",
                }
            ],
        )
