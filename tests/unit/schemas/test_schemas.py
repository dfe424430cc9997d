"""The registry's own check: what an ADDITION may not do, and vendoring from a registry over HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

from scripts.schemas import main, narrowed
from wire.self_describing import SchemaKey

KEY = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-0-0")


def schema(key: SchemaKey, content: dict[str, Any]) -> str:
    described = {"vendor": key.vendor, "name": key.name, "format": key.format, "version": key.version}
    return json.dumps({"self": described, **content})


def publish(registry: Path, version: str, content: dict[str, Any]) -> None:
    key = SchemaKey.parse(f"iglu:com.acme/thing/jsonschema/{version}")
    file = registry / key.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(schema(key, content))


def test_our_own_registry_is_right() -> None:
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({}, {"type": "string"}, "$: type accepts less"),
        ({"type": ["string", "null"]}, {"type": "string"}, "$: type accepts less"),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "$: enum accepts less"),
        ({}, {"enum": ["a"]}, "$: enum accepts less"),
        ({"maxLength": 5}, {"maxLength": 4}, "$: maxLength accepts less"),
        ({"maximum": 5}, {"maximum": 4}, "$: maximum accepts less"),
        ({}, {"minimum": 0}, "$: minimum accepts less"),
        ({"pattern": "a"}, {"pattern": "b"}, "$: pattern accepts less"),
        ({"required": ["a"]}, {"required": ["a", "b"]}, "$: `b` is required"),
        ({}, {"additionalProperties": False}, "$: additionalProperties accepts less"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"properties": {}, "additionalProperties": False},
            "$: `a` is gone",
        ),
        (
            {"properties": {"a": {"items": {"type": "string"}}}},
            {"properties": {"a": {"items": {"type": "null"}}}},
            "$.a[]: type accepts less",
        ),
    ],
)
def test_an_addition_that_accepts_less_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: dict[str, Any], new: dict[str, Any], said: str
) -> None:
    publish(tmp_path, "1-0-0", old)
    publish(tmp_path, "1-0-1", new)
    assert main(["--schemas", str(tmp_path), "check"]) == 1
    assert said in capsys.readouterr().err
    publish(tmp_path, "1-0-1", old)
    publish(tmp_path, "1-1-0", new)
    assert main(["--schemas", str(tmp_path), "check"]) == 0, "a REVISION may"


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["string", "integer", "number", "object", ["string", "null"], ["object", "array"]]),
    "enum": st.lists(st.sampled_from(["a", "bb", 1, 2.5, None]), min_size=1),
    "maxLength": st.integers(0, 3),
    "minLength": st.integers(0, 3),
    "maximum": st.integers(-2, 2),
    "minimum": st.integers(-2, 2),
    "required": st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True),
    "properties": st.fixed_dictionaries({}, optional={"a": st.just({"type": "string"}), "b": st.just({})}),
    "additionalProperties": st.just(False),
    "items": st.sampled_from([{"type": "string"}, {"type": ["string", "integer"]}]),
}


def pairs(keyword: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """Two schemas with this keyword, in one or both of them."""
    content = st.fixed_dictionaries({}, optional={keyword: values})
    return st.tuples(content, content)


DATA = st.recursive(
    st.sampled_from([None, 1, -2, 2.5, "", "a", "bb", "ccc"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200)
@given(st.one_of(*[pairs(*item) for item in VALUES.items()]), st.lists(DATA, min_size=8, max_size=8))
def test_what_is_not_narrowed_accepts_whatever_the_old_one_did(
    schemas: tuple[dict[str, Any], dict[str, Any]], candidates: list[object]
) -> None:
    old, new = schemas
    # A property that only the newer version describes is what an ADDITION is for.
    assume(set(new.get("properties", {})) <= set(old.get("properties", {})))
    assume(not list(narrowed(old, new, "$")))
    before, after = Draft4Validator(old), Draft4Validator(new)
    assert all(after.is_valid(data) for data in candidates if before.is_valid(data))


@pytest.fixture
def registry() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = schema(KEY, {"type": "object"}).encode()
            found = self.path == f"/schemas/{KEY.path}"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_a_schema_is_vendored_to_its_place(tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--schemas", str(tmp_path), "vendor", KEY.path, "--registry", registry]
    assert main(command) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / KEY.path)
    assert main(["--schemas", str(tmp_path), "check"]) == 0


@pytest.mark.parametrize(
    ("key", "said"),
    [("com.acme/thing/jsonschema/9-0-0", "answers 404"), ("com.acme/thing", "not an Iglu URI")],
)
def test_what_is_not_there_is_one_line(
    tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str], key: str, said: str
) -> None:
    assert main(["--schemas", str(tmp_path), "vendor", key, "--registry", registry]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
