"""Fuzz the pseudonymizer's handler: whatever the record, an answer, no marker in it, and twice the same.

Runs each format for half of the time in a process of its own. A finding is written to `.snowveil/fuzz/`, and the exit
code is 1.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # it is installed in .venv-fuzz alone

with atheris.instrument_imports(include=["lambda_src", "wire"]):
    from lambda_src.pseudonymizer.formats import provenance
    from tools.bench import function
    from tools.fuzz import seeds
    from wire.columns import COLUMNS, INDEX

ROOT = Path(__file__).parents[2]
_DELIVERIES = ("output", "enriched-bad")
_HIDDEN = seeds.MARKER.encode()
_FORMS = re.compile(
    b"|".join(
        [
            re.escape(_HIDDEN),
            _HIDDEN.hex().encode(),
            # Base64 of the marker at each alignment, without the characters that its neighbours take part in.
            *(re.escape(base64.b64encode(b"\0" * lead + _HIDDEN)[(0, 2, 3)[lead] : 16]) for lead in range(3)),
        ]
    ),
    re.IGNORECASE,
)


class Finding(Exception):  # noqa: N818 - what fuzzing looks for, no error of this program
    """A promise that does not hold."""


def check(delivery: str, original: bytes) -> None:
    """Send one record through the handler. Raises Finding, or whatever the handler raises."""
    records = next(function.batches([original], 1, 1))
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        (answer,) = function.call(records)
        (again,) = function.call(records)
    if answer != again:
        raise Finding("two answers to one record")
    if _FORMS.search(log.getvalue().encode()):
        raise Finding("the marker is in the log")
    if answer["result"] == "Dropped":
        if '"Quarantined-internal-error"' in log.getvalue():
            raise Finding("an exception of our own code")
        return
    if answer["result"] != "Ok":
        raise Finding("neither delivered nor in the quarantine")
    line = base64.b64decode(answer["data"])
    if _FORMS.search(line):
        raise Finding("the marker is delivered")
    _check_shape(delivery, line.decode())


def _check_shape(delivery: str, line: str) -> None:
    if not line.endswith("\n") or line.count("\n") > 1:
        raise Finding("not one line")
    if delivery == "output":
        cells = line[:-1].split("\t")
        if len(cells) != len(COLUMNS):
            raise Finding("the wrong number of columns")
        said = json.loads(cells[INDEX["derived_contexts"]])["data"][-1]
        for name in ("contexts", "unstruct_event"):
            if cell := cells[INDEX[name]]:
                json.loads(cell)
    else:
        said = json.loads(line)[provenance.KEY_IN_FAILED_EVENT]
    if said["schema"] != provenance.SCHEMA:
        raise Finding("no provenance")


def _fuzz(delivery: str, arguments: list[str]) -> None:
    _, services = function.in_memory(delivery)
    with services, contextlib.redirect_stdout(io.StringIO()):
        function.call([])
    atheris.Setup([sys.argv[0], *arguments], lambda data: check(delivery, data))
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def main() -> int:
    """Fuzz both formats. Exit code 0 when nothing was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz.pseudonymizer",
        description=__doc__,
        epilog="example: make fuzz SECONDS=60",
    )
    parser.add_argument("--seconds", type=int, default=60, help="for both formats together (default: 60)")
    parser.add_argument("--delivery", choices=_DELIVERIES, help="this one alone, in this process")
    arguments = parser.parse_args()
    directory = ROOT / ".snowveil/fuzz"
    if arguments.delivery:
        corpus = directory / arguments.delivery
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds.of(arguments.delivery)):
            (corpus / f"seed-{number}").write_bytes(seed)
        dictionary = directory / "words"
        dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in seeds.WORDS))
        limits = [f"-max_total_time={arguments.seconds}", "-max_len=20000", "-len_control=0", "-timeout=10"]
        limits += [f"-dict={dictionary}", "-print_final_stats=1"]
        _fuzz(arguments.delivery, [*limits, f"-artifact_prefix={directory}/finding-{arguments.delivery}-", str(corpus)])
    command = [sys.executable, "-m", "tools.fuzz.pseudonymizer", "--seconds", str(max(1, arguments.seconds // 2))]
    codes = [subprocess.run([*command, "--delivery", each], check=False).returncode for each in _DELIVERIES]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
