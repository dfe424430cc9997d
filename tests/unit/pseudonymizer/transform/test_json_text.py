import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.transform import json_text

SPACE = st.sampled_from(["", "", "", " ", "\t", "\n", "\r"])
TEXTS = st.sampled_from(['"a"', '"b"', '"\\u0061"', '":"', '"\\":"', '"\\u0022:"', '" :"', '""', '"a\\":\\"b"'])


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw JSON as somebody could write it, with space anywhere and keys that stand twice."""
    kind = draw(st.sampled_from(["text", "number", "array", "object", "object"] if depth else ["text", "number"]))
    if kind == "text":
        return draw(TEXTS)
    if kind == "number":
        return draw(st.sampled_from(["1", "-0.5", "1e400", "true", "null"]))
    inner = []
    for _ in range(draw(st.integers(0, 3))):
        value = draw(SPACE) + draw(written(depth - 1)) + draw(SPACE)
        inner.append(value if kind == "array" else f"{draw(SPACE)}{draw(TEXTS)}{draw(SPACE)}:{value}")
    return f"[{','.join(inner)}]" if kind == "array" else f"{{{','.join(inner)}}}"


def has_duplicate_key(text: str) -> bool:
    found = []
    json.loads(text, object_pairs_hook=lambda pairs: found.append(len({key for key, _ in pairs}) < len(pairs)))
    return any(found)


@given(written())
def test_a_key_that_stands_twice_is_refused_however_it_is_written_and_nothing_else_is(text: str) -> None:
    if not has_duplicate_key(text):
        json_text.decode(text)
        return
    with pytest.raises(UnprocessableError) as caught:
        json_text.decode(text)
    assert caught.value.reason is Reason.DUPLICATE_KEYS


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_one_level_too_many_is_refused(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    for levels in (json_text.MAXIMUM_DEPTH, json_text.MAXIMUM_DEPTH + 1):
        text = opening * (levels - 1) + "[]" + closing * (levels - 1)
        if levels == json_text.MAXIMUM_DEPTH:
            json_text.decode(text)
            continue
        with pytest.raises(UnprocessableError) as caught:
            json_text.decode(text)
        assert caught.value.reason is Reason.NESTED_TOO_DEEP
