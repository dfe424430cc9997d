import pytest

from tests.fixtures.made_once import made_once
from tests.fixtures.review import plans as real


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> real.Plans:
    return real.Plans(**made_once(tmp_path_factory, "review-plans", real.make))
