"""Run the whole pipeline on this machine: Terraform on LocalStack, collector, enricher, real trackers, canaries.

Every port is a free one, and everything is written below this clone: demos of several clones run side by side.

Exit code 0: everything sent was delivered where it belongs and no original was found. 1: not; the last line says why.
2: wrong arguments. 130: interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rich.console import Console

from scripts import localstack
from scripts.rehearsal import report, run
from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.environment import ROOT, OneMachine
from scripts.rehearsal.errors import RehearsalError
from scripts.rehearsal.instance import UserDataError
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.ports import PortTakenError, check_is_free, port_number
from scripts.rehearsal.progress import Progress
from scripts.rehearsal.traffic.python_tracker import TrackerError

if TYPE_CHECKING:
    from types import FrameType

STAGES = ["package", "LocalStack", "Terraform", "instances", "events", "delivery", "warehouse", "search"]
VISITS = 100
KEPT = ROOT / ".snowveil/kept.json"
FAILURES = (RehearsalError, UserDataError, TrackerError, localstack.LocalStackError, PortTakenError, OSError)


def demo(console: Console, *, keep: bool, port: int | None = None) -> tuple[report.Summary, OneMachine | None]:
    """Run every stage; with `keep` the environment goes on running and is returned.

    `port` is the collector's; None takes any free one. Raises one of FAILURES.
    """
    stack = localstack.LocalStack(settings={"SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS": "2"})
    machine, canaries, ledger = OneMachine(stack, port), Canaries(), Ledger()
    stack.check_can_start()
    if port is not None:
        check_is_free(port)
    with ExitStack() as cleanup, Progress(STAGES, console) as progress:
        with progress.stage("package") as say:
            machine.package(say)
        cleanup.callback(stack.stop)
        with progress.stage("LocalStack") as say:
            stack.start()
            say(stack.endpoint)
        with progress.stage("Terraform") as say:
            machine.apply(say)
        cleanup.callback(machine.stop)
        with progress.stage("instances") as say:
            machine.boot(say)
        with progress.stage("events") as say:
            run.send(machine, canaries, ledger, VISITS, say)
        with progress.stage("delivery") as say:
            delivered = run.wait_until_delivered(machine, ledger, say)
        with progress.stage("warehouse") as say:
            loaded = machine.warehouse.wait_until_loaded(delivered, say)
        with progress.stage("search") as say:
            found = run.find_canaries(machine, canaries)
            say(f"{found[1]} places")
        seconds = {stage.name: stage.seconds for stage in progress.stages.values()}
        summary = report.summarise(machine, ledger, delivered, loaded, found, seconds)
        if keep:
            _remember(machine)
            cleanup.pop_all()
    return summary, machine if keep else None


def _remember(machine: OneMachine) -> None:
    processes = [*(instance.process for instance in machine.instances.values()), machine.warehouse.process]
    pids = [process.pid for process in processes if process is not None]
    KEPT.write_text(json.dumps(pids))


def down() -> bool:
    """Stop what a kept demo left running; return whether there was anything."""
    pids: list[int] = json.loads(KEPT.read_text()) if KEPT.exists() else []
    for pid in pids:
        if _is_ours(pid):
            os.kill(pid, signal.SIGTERM)
    while any(_is_ours(pid) for pid in pids):
        time.sleep(0.1)
    KEPT.unlink(missing_ok=True)
    return localstack.stop_running(localstack.STATE_DIR) or bool(pids)


def _is_ours(pid: int) -> bool:
    """Return whether the process was started by a demo of this clone: since then its pid may be another program's."""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]  # -ww: whole, also where there is no terminal
    arguments = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f"{localstack.STATE_DIR}/" in arguments


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo or stop the one that was kept."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.demo",
        description=__doc__,
        epilog="example: python -m scripts.demo --keep --port 8080",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--keep", action="store_true", help="leave everything running; --down stops it")
    parser.add_argument("--down", action="store_true", help="stop what --keep left running")
    parser.add_argument("--port", type=port_number, help="the collector's port (default: any free one)")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON, progress on standard error")
    arguments = parser.parse_args()
    if arguments.down:
        print("stopped" if down() else "nothing was running")
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(stderr=arguments.json)
    try:
        summary, machine = demo(console, keep=arguments.keep, port=arguments.port)
    except KeyboardInterrupt:
        print("demo: stopped; nothing was left running", file=sys.stderr)
        return 130
    except FAILURES as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    if arguments.json:
        print(summary.to_json())
    else:
        report.show(summary, console)
    if machine is not None:
        host, port = machine.collector
        console.print(
            f"collector: http://{host}:{port}  AWS: AWS_ENDPOINT_URL={machine.stack.endpoint}  stop: make down"
        )
    return 0 if summary.adds_up else 1


if __name__ == "__main__":
    sys.exit(main())
