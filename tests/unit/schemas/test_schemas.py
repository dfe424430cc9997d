"""The registry's own check: what an ADDITION may not do, and vendoring from a registry over HTTP."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

from scripts.iglu_registry.evolution import witnesses
from scripts.schemas import main
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


OBJECT = {"type": "object", "additionalProperties": False}
TEXT: dict[str, Any] = {"type": "string"}
# Older version, newer version, where and by which keyword the newer refuses what the older accepts.
NARROWED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"type": "string"}, "$: type"),
    ({"type": ["string", "null"]}, TEXT, "$: type"),
    ({"type": "number"}, {"type": "integer"}, "$: type"),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, "$: enum"),
    ({}, {"enum": ["a"]}, "$: enum"),
    ({"maxLength": 5}, {"maxLength": 4}, "$: maxLength"),
    ({"minLength": 5}, {"minLength": 6}, "$: minLength"),
    ({"maximum": 5}, {"maximum": 4}, "$: maximum"),
    ({"maximum": 5}, {"maximum": 5, "exclusiveMaximum": True}, "$: exclusiveMaximum"),
    ({"minimum": 5}, {"minimum": 5, "exclusiveMinimum": True}, "$: exclusiveMinimum"),
    ({}, {"minimum": 0}, "$: minimum"),
    ({"multipleOf": 2}, {"multipleOf": 4}, "$: multipleOf"),
    ({"pattern": "^a+$"}, {"pattern": "^a{1,3}$"}, "$: pattern"),
    (TEXT, {**TEXT, "format": "uuid"}, "$: format"),
    ({"not": {"type": "null"}}, {"not": {"type": ["null", "boolean"]}}, "$: not"),
    ({"oneOf": [TEXT, {"type": "integer"}]}, {"oneOf": [TEXT, {"type": "integer", "minimum": 3}]}, "$: oneOf"),
    ({"allOf": [{"maxLength": 9}]}, {"allOf": [{"maxLength": 8}]}, "$: maxLength"),
    ({"type": "object"}, {"type": "object", "properties": {"a": TEXT}}, "$.a: type"),
    ({"required": ["a"]}, {"required": ["a", "b"]}, "$: required"),
    ({"properties": {"a": {}}}, {"properties": {"a": {}}, "additionalProperties": False}, "$: additionalProperties"),
    ({**OBJECT, "properties": {"a": TEXT}}, {**OBJECT, "properties": {}}, "$: additionalProperties"),
    ({"additionalProperties": {"type": ["string", "null"]}}, {"additionalProperties": TEXT}, ": type"),
    (
        {**OBJECT, "patternProperties": {"^x_": TEXT}},
        {**OBJECT, "patternProperties": {"^x_a": TEXT}},
        "$: additionalProperties",
    ),
    (
        {**OBJECT, "properties": {"a": TEXT, "b": TEXT}},
        {**OBJECT, "properties": {"a": TEXT, "b": TEXT}, "dependencies": {"a": ["b"]}},
        "$: dependencies",
    ),
    ({"type": "object", "minProperties": 1}, {"type": "object", "minProperties": 2}, "$: minProperties"),
    ({"type": "object", "maxProperties": 5}, {"type": "object", "maxProperties": 4}, "$: maxProperties"),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, "$: uniqueItems"),
    ({"type": "array", "maxItems": 3}, {"type": "array", "maxItems": 2}, "$: maxItems"),
    (
        {"type": "array", "items": [TEXT]},
        {"type": "array", "items": [TEXT], "additionalItems": False},
        "$: additionalItems",
    ),
    ({"minItems": 3, "items": TEXT}, {"minItems": 3, "items": {**TEXT, "maxLength": 10}}, "$[0]: maxLength"),
    (
        {"properties": {"a": {"items": TEXT}}},
        {"properties": {"a": {"items": {"type": "null"}}}},
        "$.a[0]: type",
    ),
    (
        {"required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"properties": {"c": {"maximum": 10}}}}},
        {"required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"properties": {"c": {"maximum": 9}}}}},
        "$.b.c: maximum",
    ),
    (
        {"definitions": {"x": {"maxLength": 9}}, "properties": {"a": {"$ref": "#/definitions/x"}}},
        {"definitions": {"x": {"maxLength": 8}}, "properties": {"a": {"$ref": "#/definitions/x"}}},
        "$.a: maxLength",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), NARROWED, ids=lambda value: value if isinstance(value, str) else "")
def test_an_addition_that_accepts_less_is_named_with_a_witness(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: dict[str, Any], new: dict[str, Any], said: str
) -> None:
    publish(tmp_path, "1-0-0", old)
    publish(tmp_path, "1-0-1", new)
    assert main(["--schemas", str(tmp_path), "check"]) == 1
    line = capsys.readouterr().err
    assert re.search(rf"{re.escape(said)}[a-z ]* refuses what the older version accepts, for example ", line), line
    publish(tmp_path, "1-0-1", old)
    publish(tmp_path, "1-1-0", new)
    assert main(["--schemas", str(tmp_path), "check"]) == 0, "a REVISION may"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"maxLength": 5}, {"maxLength": 6}),
        ({"maximum": 5, "exclusiveMaximum": True}, {"maximum": 5}),
        ({**OBJECT, "properties": {"a": TEXT}}, {**OBJECT, "properties": {"a": TEXT, "b": TEXT}}),
        ({"enum": ["a"]}, {"enum": ["b", "a"]}),
        ({**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^(a|b)$"}),
        ({"anyOf": [TEXT]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": "integer", "minimum": 0}, {"type": "number", "minimum": -0.5}),
        ({"required": ["a"]}, {}),
    ],
)
def test_an_addition_that_accepts_more_passes(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    publish(tmp_path, "1-0-0", old)
    publish(tmp_path, "1-0-1", new)
    assert main(["--schemas", str(tmp_path), "check"]) == 0


def test_a_broken_schema_is_named_and_hides_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(tmp_path, "1-0-0", {"maxLength": 5})
    publish(tmp_path, "1-0-1", {"maxLength": 4})
    publish(tmp_path, "2-0-0", {"type": "no type"})
    assert main(["--schemas", str(tmp_path), "check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0].rpartition("/")[2] for line in lines] == ["2-0-0", "1-0-1"]


LEAF = st.one_of(
    st.builds(
        dict, type=st.sampled_from(["string", "integer", "number", "null", ["string", "null"], ["integer", "object"]])
    ),
    st.builds(dict, enum=st.lists(st.sampled_from(["a", "bb", 1, 2.5, None]), min_size=1)),
    st.builds(dict, maxLength=st.integers(0, 3)),
    st.builds(dict, minLength=st.integers(0, 3)),
    st.builds(dict, maximum=st.integers(-2, 2), exclusiveMaximum=st.booleans()),
    st.builds(dict, minimum=st.integers(-2, 2), exclusiveMinimum=st.booleans()),
    st.just({}),
)
SCHEMAS = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2)},
            optional={
                "required": st.lists(st.sampled_from("ab"), min_size=1, unique=True),
                "additionalProperties": st.just(False) | inner,
            },
        ),
        st.builds(dict, items=inner),
        st.builds(dict, anyOf=st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=4,
)
DATA = st.recursive(
    st.sampled_from([None, 1, -2, 2, 0, 2.5, "", "a", "bb", "ccc"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60)
@given(SCHEMAS, SCHEMAS, st.lists(DATA, min_size=8, max_size=8))
def test_without_a_witness_nothing_that_the_old_version_accepts_is_refused(
    old: dict[str, Any], new: dict[str, Any], candidates: list[object]
) -> None:
    before, after = Draft4Validator(old), Draft4Validator(new)
    found = witnesses(old, new, before, after)
    assert all(before.is_valid(each.instance) and not after.is_valid(each.instance) for each in found)
    if not found:
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
