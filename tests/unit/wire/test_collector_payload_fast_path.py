"""The fast path writes what the general one writes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wire import collector_payload_fast_path
from wire.collector_payload import CollectorPayload, encode

texts = st.text(max_size=20)
optional = st.none() | texts
headers = st.lists(st.tuples(texts, st.text(max_size=20) | st.sampled_from(["x" * 600, "x" * 1100])), max_size=5)


@given(
    st.fixed_dictionaries(
        {
            "user_agent": optional, "referer_uri": optional, "path": texts, "querystring": texts, "body": optional,
            "content_type": optional, "hostname": optional, "network_user_id": texts, "ip_address": texts,
        }
    ),
    st.integers(0, 2**62),
    headers,
)  # fmt: skip
def test_fast_path_writes_the_same_bytes(fields: dict[str, Any], timestamp: int, sent: list[tuple[str, str]]) -> None:
    lines = (*(f"{name}: {value}" for name, value in sent), "bare")
    payload = CollectorPayload(timestamp=timestamp, collector="c-1", headers=lines, **fields)
    written = collector_payload_fast_path.encode(
        timestamp=timestamp,
        constants=collector_payload_fast_path.constant_fields("c-1"),
        headers=[
            *(f"{name}: {value}".encode() for name, value in sent),
            b"bare",
        ],
        **{  # type: ignore[arg-type]  # which of them may be None is the strategies' matter
            name: None if value is None else value.encode() for name, value in fields.items()
        },
    )
    assert written == encode(payload)
