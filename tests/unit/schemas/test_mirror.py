"""Copying a registry's schemas: chosen, pinned, bounded, gone on with; and the schemas that failed events missed."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from scripts.iglu_registry import mirror as mirroring
from scripts.iglu_registry.mirror import mirror
from scripts.iglu_registry.sources import DirectorySource, keys_of
from scripts.iglu_registry.targets import BucketTarget, DirectoryTarget
from scripts.schemas import main
from services.enricher.iglu.registries import RegistryError
from wire.self_describing import SchemaKey

KEYS = [
    "com.acme.app/click/jsonschema/1-0-0",
    "com.acme.app/click/jsonschema/1-0-1",
    "com.acme.web/view/jsonschema/1-0-0",
    "org.other/thing/jsonschema/1-0-0",
]


def text(path: str, title: str = "") -> bytes:
    vendor, name, form, version = path.split("/")
    described = {"vendor": vendor, "name": name, "format": form, "version": version}
    return json.dumps({"self": described, "type": "object", "title": title}).encode()


def publish(directory: Path, keys: list[str]) -> Path:
    for key in keys:
        file = directory / "schemas" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text(key))
    return directory


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return publish(tmp_path / "checkout", KEYS)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., int]:
    def command(origin: Path | str, *more: str, select: str = "com.acme.*") -> int:
        where = ["--to", str(tmp_path / "mine"), "--lock", str(tmp_path / "lock.json")]
        return main(["mirror", str(origin), "--select", select, *where, *more])

    return command


def mine(tmp_path: Path) -> list[str]:
    return sorted(str(file.relative_to(tmp_path / "mine")) for file in (tmp_path / "mine").rglob("*-*-*"))


def locked(tmp_path: Path) -> dict[str, str]:
    schemas: dict[str, str] = json.loads((tmp_path / "lock.json").read_text())["schemas"]
    return schemas


def test_without_run_nothing_is_written(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(checkout) == 0

    assert "3 to add, 0 already there" in capsys.readouterr().out
    assert not (tmp_path / "mine").exists()
    assert not (tmp_path / "lock.json").exists()


def test_chosen_schemas_are_copied_and_pinned(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(checkout, "--run") == 0

    assert mine(tmp_path) == KEYS[:3]
    assert list(locked(tmp_path)) == KEYS[:3]
    assert (tmp_path / "mine" / KEYS[0]).read_bytes() == text(KEYS[0])
    out = capsys.readouterr().out
    assert "3 added" in out
    assert "the policy names 0 of them" in out


def test_a_second_run_fetches_nothing(tmp_path: Path, checkout: Path, run: Callable[..., int]) -> None:
    run(checkout, "--run")
    for file in (checkout / "schemas").rglob("*-*-*"):
        file.write_text("no longer readable as a schema")

    assert run(checkout, "--run") == 0
    assert mine(tmp_path) == KEYS[:3]


def test_an_interrupted_run_goes_on(tmp_path: Path, checkout: Path) -> None:
    class Interrupting(DirectorySource):
        def read(self, key: SchemaKey) -> bytes:
            if key.path == KEYS[2]:
                raise KeyboardInterrupt
            return super().read(key)

    keys = [SchemaKey.parse(f"iglu:{key}") for key in KEYS[:3]]
    place, lock = DirectoryTarget(tmp_path / "mine"), tmp_path / "lock.json"
    with pytest.raises(KeyboardInterrupt):
        mirror(keys, Interrupting(checkout), place, lock, run=True)
    assert list(locked(tmp_path)) == KEYS[:2]

    result = mirror(keys, DirectorySource(checkout), place, lock, run=True)
    assert (result.there, result.added) == (KEYS[:2], KEYS[2:3])


def test_a_schema_that_was_changed_after_it_was_published_is_refused(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    run(checkout, "--run")
    (tmp_path / "mine" / KEYS[0]).unlink()
    (checkout / "schemas" / KEYS[0]).write_bytes(text(KEYS[0], "other"))

    assert run(checkout, "--run") == 1
    assert f"{KEYS[0]}: the source has other bytes than the lock" in capsys.readouterr().err
    assert mine(tmp_path) == KEYS[1:3]


def test_what_is_at_the_target_is_never_overwritten(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, [])
    other = tmp_path / "mine" / KEYS[0]
    other.parent.mkdir(parents=True)
    other.write_bytes(text(KEYS[0], "edited here"))

    assert run(checkout, "--run") == 1
    assert f"{KEYS[0]}: the target has other bytes" in capsys.readouterr().err
    assert other.read_bytes() == text(KEYS[0], "edited here")
    assert list(locked(tmp_path)) == KEYS[1:3]


def test_a_broken_schema_costs_only_itself(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "schemas" / KEYS[0]).write_text('{"self": {}}')

    assert run(checkout, "--run") == 1
    assert capsys.readouterr().err.startswith(f"{KEYS[0]}: ")
    assert mine(tmp_path) == KEYS[1:3]


@pytest.mark.parametrize(
    ("more", "select", "said"),
    [
        (["--max", "2"], "com.acme.*", "3 schemas match, more than 2"),
        ([], "com.nobody.*", "no schema matches com.nobody.*"),
    ],
)
def test_too_many_and_none_are_one_line(
    checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str], more: list[str], select: str, said: str
) -> None:
    assert run(checkout, *more, select=select) == 1
    assert said in capsys.readouterr().err


def test_a_pattern_chooses_one_schema_in_all_its_versions(
    tmp_path: Path, checkout: Path, run: Callable[..., int]
) -> None:
    assert run(checkout, "--run", select="com.acme.app/click") == 0
    assert mine(tmp_path) == KEYS[:2]


def test_a_lock_that_cannot_be_read_stops_everything(
    tmp_path: Path, checkout: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock.json").write_text("{")

    assert run(checkout, "--run") == 1
    assert "lock.json: not a lock file" in capsys.readouterr().err
    assert mine(tmp_path) == []


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Serve the schemas of KEYS, and their list once `listed` holds any."""
    listed: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix("/schemas/")
            body = text(path) if path in KEYS else json.dumps([f"iglu:{key}" for key in listed]).encode()
            known = path in KEYS or (self.path == "/api/schemas" and listed)
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}", listed
    running.shutdown()
    running.server_close()


def test_an_iglu_server_lists_its_keys(tmp_path: Path, server: tuple[str, list[str]], run: Callable[..., int]) -> None:
    address, listed = server
    listed += KEYS

    assert run(address, "--run") == 0
    assert mine(tmp_path) == KEYS[:3]


def test_a_static_registry_needs_a_list_of_keys(
    tmp_path: Path, server: tuple[str, list[str]], run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    address, _ = server
    assert run(address, "--run") == 1
    assert "answers 404; it lists no keys: give --keys FILE, or a checkout" in capsys.readouterr().err

    (tmp_path / "keys.txt").write_text(f"# what was missing\niglu:{KEYS[0]}\n{KEYS[2]}  # this too\n")
    assert run(address, "--run", "--keys", str(tmp_path / "keys.txt")) == 0
    assert mine(tmp_path) == [KEYS[0], KEYS[2]]


def test_a_key_that_is_none_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_text("com.acme/click")
    with pytest.raises(RegistryError, match=r"keys.txt: .*; write vendor/name/jsonschema/1-0-0"):
        keys_of(tmp_path / "keys.txt")


def test_a_bucket_holds_them_where_the_enricher_reads(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    keys = [SchemaKey.parse(f"iglu:{KEYS[0]}")]
    place, where = BucketTarget("s3://registry/iglu/"), {"Bucket": "registry", "Key": f"iglu/schemas/{KEYS[0]}"}
    stored = {"Body": StreamingBody(BytesIO(text(KEYS[0])), len(text(KEYS[0])))}
    with Stubber(place._s3) as s3:
        s3.add_client_error("get_object", "NoSuchKey", expected_params=where)
        s3.add_response("put_object", {}, {**where, "Body": text(KEYS[0]), "ContentType": "application/json"})
        first = mirror(keys, DirectorySource(checkout), place, tmp_path / "lock.json", run=True)
        s3.add_response("get_object", stored, where)
        again = mirror(keys, DirectorySource(checkout), place, tmp_path / "lock.json", run=True)
        s3.assert_no_pending_responses()

    assert (first.added, again.there) == ([KEYS[0]], [KEYS[0]])


def test_a_bucket_that_refuses_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    place = BucketTarget("s3://registry")
    with Stubber(place._s3) as s3:
        s3.add_client_error("get_object", "AccessDenied")
        with pytest.raises(RegistryError, match=f"s3://registry/schemas/{KEYS[0]}: AccessDenied"):
            place.read(SchemaKey.parse(f"iglu:{KEYS[0]}"))


def test_the_lock_is_written_while_the_run_goes_on(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    original = mirroring.write_lock

    def noted(file: Path, lock: mirroring.Lock) -> None:
        written.append(len(lock.schemas))
        original(file, lock)

    monkeypatch.setattr(mirroring, "_SAVED_EACH", 2)
    monkeypatch.setattr(mirroring, "write_lock", noted)
    keys = [SchemaKey.parse(f"iglu:{key}") for key in KEYS]
    mirror(keys, DirectorySource(checkout), DirectoryTarget(tmp_path / "mine"), tmp_path / "lock.json", run=True)

    assert written == [1, 3, 4]


def failed(key: str, error: str = "ResolutionError") -> str:
    message = {"schemaKey": f"iglu:{key}", "error": {"error": error, "lookupHistory": []}}
    return json.dumps(
        {"schema": "iglu:a/b/jsonschema/1-0-0", "data": {"failure": {"messages": [message]}, "payload": 1}}
    )


def test_missing_schemas_are_counted_with_the_command_that_adds_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lake").mkdir()
    lines = [failed(KEYS[0]), failed(KEYS[0]), failed(KEYS[2], "ValidationError"), "not json", json.dumps({"data": {}})]
    (tmp_path / "lake/one").write_text("\n".join(lines))
    hidden = f"{'ab' * 32}/{'cd' * 32}/jsonschema/1-0-0"
    (tmp_path / "lake/two.gz").write_bytes(gzip.compress("\n".join([failed(KEYS[2]), failed(hidden)]).encode()))

    assert main(["missing", str(tmp_path / "lake"), "--registry", "https://r.example"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["2", f"iglu:{KEYS[0]}"]
    assert out[1].strip() == f"python -m scripts.schemas vendor {KEYS[0]} --registry https://r.example"
    assert out[2].split() == ["1", f"iglu:{KEYS[2]}"]
    assert out[4].startswith("       1  of vendors or names that the policy does not know")
    assert "ab" * 32 not in "".join(out)


def test_missing_prints_counts_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one").write_text(failed(KEYS[0]))

    assert main(["missing", str(tmp_path / "one"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {f"iglu:{KEYS[0]}": 1}


def test_missing_names_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "torn.gz").write_bytes(gzip.compress(b"x" * 99)[:20])

    assert main(["missing", str(tmp_path / "torn.gz")]) == 1
    assert "torn.gz: cannot be read" in capsys.readouterr().err
