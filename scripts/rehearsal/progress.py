"""Progress by stage: a live table on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table


@dataclass(slots=True)
class Stage:
    """One stage: when it began and ended (seconds of a monotonic clock) and its latest message."""

    name: str
    began: float | None = None
    ended: float | None = None
    failed: bool = False
    message: str = ""

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    @property
    def state(self) -> str:
        """The state in one word."""
        if self.began is None:
            return "waiting"
        if self.ended is None:
            return "running"
        return "failed" if self.failed else "done"


class Progress:
    """The stages of one run, in order; enter it, then run each stage under `stage(name)`."""

    def __init__(self, names: list[str], console: Console) -> None:
        self.stages = {name: Stage(name) for name in names}
        self._console = console
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._console.is_terminal:
            self._live.stop()
            self._console.print(self._table())

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a stage; the function that it yields shows a message."""
        stage = self.stages[name]
        stage.began = time.monotonic()

        def say(text: str) -> None:
            if text != stage.message:
                stage.message = text
                self._line(f"{name}: {text}")

        self._line(f"{name} …")
        try:
            yield say
        except BaseException:
            stage.failed = True
            raise
        finally:
            stage.ended = time.monotonic()
            self._line(f"{name}: {stage.state} in {stage.seconds:.1f} s")

    def _line(self, text: str) -> None:
        if not self._console.is_terminal:
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for title in ("stage", "state", "seconds", ""):
            table.add_column(title, justify="right" if title == "seconds" else "left")
        colours = {"waiting": "dim", "running": "cyan", "done": "green", "failed": "red"}
        for stage in self.stages.values():
            colour = colours[stage.state]
            table.add_row(stage.name, f"[{colour}]{stage.state}[/]", f"{stage.seconds:.1f}", stage.message)
        return table
