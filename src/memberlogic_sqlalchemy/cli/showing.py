"""How a command shows what it does and did: JSON or words on standard output, progress on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

__all__ = ["json_option", "show", "working"]

F = TypeVar("F", bound=Callable[..., Any])

_PATIENCE = 1.0
"""For how many seconds nothing is shown: what is quick needs no bar."""


def json_option(command: F) -> F:
    """The option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer JSON on standard output.")(command)


def show(value: Any, words: str, *, as_json: bool) -> None:
    """Answer, as JSON values or as words."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2) if as_json else words)


@contextmanager
def working(on: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar for what takes longer than a second; what is yielded is told how much is done.

    Without a ``total`` it counts. Where standard error is no terminal nothing is drawn.
    """
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(on, total=total)
    timer = Timer(_PATIENCE, bar.start)
    timer.daemon = True
    if bar.console.is_terminal:
        timer.start()
    try:
        yield lambda done: bar.update(task, completed=done)
    finally:
        timer.cancel()
        if bar.live.is_started:
            bar.stop()
