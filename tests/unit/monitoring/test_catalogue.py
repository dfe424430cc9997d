"""The catalogue says what the programs publish: name, unit and dimensions, no more and no less."""

from pathlib import Path

import pytest

from scripts.monitoring.catalogue import FILE, CatalogueError, load


def test_the_catalogue_keeps_its_form() -> None:
    catalogue = load()
    assert ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds") in catalogue
    assert catalogue["AWS/EC2", "CPUCreditBalance"].period == 300


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        ("unit: Bytes", "unit: Octets", r"0/metrics/18/unit: \"Octets\" is not one of"),
        ("statistics: [Sum]", "statistics: [Total]", r"0/metrics/0/statistics/0: \"Total\" is not one of"),
        ("{name: requests_2xx,", "{name: requests_count,", "Snowveil/Collector requests_count is there twice"),
        ("dimensions: [[]]", "dimension: []", r'0: "dimensions" is a required property'),
        ("- namespace", "-namespace", "metrics.yaml"),
    ],
)
def test_a_catalogue_of_another_form_is_refused_with_its_place(
    tmp_path: Path, find: str, replace: str, says: str
) -> None:
    text = FILE.read_text()
    assert find in text
    (file := tmp_path / FILE.name).write_text(text.replace(find, replace, 1))
    with pytest.raises(CatalogueError, match=says):
        load(file)
