"""Workers, each a process with a connection of its own, that work in turns; and the command line of what they do."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from attrs import frozen

from benchmarks.by_hand import Refused
from benchmarks.measuring import LEAST_ROUNDS, Row, save

__all__ = ["Measure", "Side", "Workers", "from_command_line"]

_WARM = 200


@frozen
class Side:
    """Who does the work, on a connection of their own, and by seed what they are asked for."""

    name: str
    connect: Callable[[str], Callable[[Any, str], None]]
    wishes: Callable[[int], Iterator[Any]]


def _worker(side: Side, url: str, seed: int, pipe: Connection) -> None:
    """One worker: whenever told for how many seconds, works and answers how many wishes were done and refused."""
    work = side.connect(url)
    wishes = side.wishes(seed)
    run = uuid4().hex
    number = 0
    warm = True
    while True:
        seconds = pipe.recv()
        if not seconds:
            return
        done = refused = 0
        start = time.perf_counter()
        end = start + seconds
        for wish in islice(wishes, _WARM) if warm else wishes:
            number += 1
            try:
                work(wish, f"{run}-{number}")
                done += 1
            except Refused:
                refused += 1
            if not warm and time.perf_counter() >= end:
                break
        warm = False
        pipe.send((done, refused, time.perf_counter() - start))


class Workers:
    """The workers of one side; they stay, and stay warm, between their turns."""

    def __init__(self, side: Side, url: str, count: int) -> None:
        self.done = self.refused = 0
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for seed in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=_worker, args=(side, url, hash_of(side.name, seed), theirs), daemon=True)
            process.start()
            self._pipes.append(mine)
            self._processes.append(process)
        self.turn(1)

    def turn(self, seconds: float) -> float:
        """Wishes a second of all workers together, refused ones among them."""
        for pipe in self._pipes:
            pipe.send(seconds)
        answers = [pipe.recv() for pipe in self._pipes]
        self.done += sum(done for done, _, _ in answers)
        self.refused += sum(refused for _, refused, _ in answers)
        return sum((done + refused) / elapsed for done, refused, elapsed in answers)

    def stop(self) -> None:
        """Let them go."""
        for pipe in self._pipes:
            pipe.send(0)
        for process in self._processes:
            process.join()


def hash_of(side: str, seed: int) -> int:
    """A seed of its own for every worker, the same in every run."""
    return seed * 100 + sum(side.encode())


class Measure(Protocol):
    """All sides in turn on one database; the rows go to ``results``."""

    def __call__(
        self, url: str, workers: int, seconds: int, rounds: int, results: dict[str, Row], *, again: bool = False
    ) -> None:
        """Measure."""
        ...


def from_command_line(description: str, measure: Measure, arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--database", required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--again", action="store_true", help="go on with what an earlier run left")
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args(arguments)
    results: dict[str, Row] = {}
    measure(asked.database, asked.workers, asked.seconds, asked.rounds, results, again=asked.again)
    if asked.save:
        save(asked.save, results)
