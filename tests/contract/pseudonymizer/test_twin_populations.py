"""Two populations that differ only in what is hidden cannot be told apart, and planted leaks are noticed."""

import hashlib
from collections.abc import Callable

import pytest

from lambda_src.pseudonymizer.delivery import metrics
from lambda_src.pseudonymizer.transform import bound_policy
from lambda_src.pseudonymizer.transform.actions import Actions
from lambda_src.pseudonymizer.transform.entities import Entities, Node
from tools.twin_populations import KEYS, Population, Shown, leak, main, run


def outcome(events: int = 60) -> str | None:
    return leak(run(Population(1), events), run(Population(2), events), run(Population(1), events, KEYS[1]))


def test_no_difference_over_two_thousand_events(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--events", "2000"]) == 0
    said = capsys.readouterr().out
    assert "no difference" in said
    assert "'enriched-bad': 0" not in said


def test_the_populations_differ_in_every_value_and_its_length() -> None:
    one, other = Population(1), Population(2)
    pairs = [(one.word(str(n)), other.word(str(n))) for n in range(50)]
    assert all(first != second for first, second in pairs)
    assert sum(len(first) != len(second) for first, second in pairs) > 40


def test_a_digest_without_a_key_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unkeyed(_ring: object, domain: str) -> Callable[[str], str]:
        return lambda text: hashlib.sha256(f"{domain}{text}".encode()).hexdigest()

    monkeypatch.setattr(bound_policy, "pseudonym_function", unkeyed)
    assert "the same under two keys" in (outcome() or "")


@pytest.mark.parametrize(
    "shown",
    [
        lambda text: str(len(text)),
        lambda text: hashlib.sha256(text.encode()).hexdigest()[:6],
        lambda text: text[-2],
        lambda text: hashlib.sha256(str(len(text)).encode()).hexdigest(),
    ],
    ids=["length", "digest", "a character", "digest of the length"],
)
def test_what_is_shown_in_place_of_an_erased_value_is_noticed(
    shown: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Actions, "erase", lambda _self, text: shown(text))
    assert "differ" in (outcome() or "")


def test_an_order_by_the_values_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    value = Entities.value

    def sorted_value(self: Entities, given: object, node: Node) -> object:
        return value(self, sorted(given, key=str) if isinstance(given, list) else given, node)

    monkeypatch.setattr(Entities, "value", sorted_value)
    assert "differ" in (outcome() or "")


def test_a_count_that_depends_on_the_values_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    line = metrics.line

    def with_size(properties: dict[str, str], measured: metrics.Measured, counts: object) -> str:
        return line({**properties, "Size": str(measured.bytes_in // 100)}, measured, counts)  # type: ignore[arg-type]

    monkeypatch.setattr(metrics, "line", with_size)
    assert "differ" in (outcome() or "")


def test_a_line_more_is_noticed() -> None:
    assert "number of lines" in (leak(Shown(["a"]), Shown(["a", "b"]), Shown()) or "")
