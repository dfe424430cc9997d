from collections.abc import Iterator

import pytest

from scripts.localstack import LocalStack


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One LocalStack for the whole run, with every Firehose buffer shortened to 2 s."""
    state_dir = tmp_path_factory.mktemp("localstack")
    with LocalStack(state_dir, settings={"SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS": "2"}) as stack:
        yield stack
