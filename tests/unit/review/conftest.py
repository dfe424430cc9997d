import pytest

from tests.fixtures.review import plans as real


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> real.Plans:
    return real.plans(tmp_path_factory.mktemp("plans"))
