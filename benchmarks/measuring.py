"""Turn-by-turn measuring: on a noisy machine only a ratio between two things measured in turn in one run says much.

Every side takes a turn in each round (A B C, A B C, …); what counts is the median over the rounds of each side, and
the median of the ratios within one round, so that a slow minute hits both sides of a ratio.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from statistics import median

from attrs import asdict, frozen

__all__ = ["LEAST_ROUNDS", "Row", "in_turn", "machine", "save"]

LEAST_ROUNDS = 7

Turn = Callable[[], float]
"""One turn of one side: how many units of work it did in a second."""


@frozen(kw_only=True)
class Row:
    """One measured ratio."""

    id: str
    work: str
    against: str
    ours: float
    theirs: float
    ratio: float
    lowest: float
    highest: float
    rounds: int
    reach: float

    def text(self) -> str:
        """The ratio with both absolute figures."""
        verdict = "reached" if self.ratio >= self.reach else "MISSED"
        return (
            f"{self.id} {self.work}: {self.ratio:.2f} of {self.against} ({self.lowest:.2f} to {self.highest:.2f}; "
            f"{self.ours:.0f}/s against {self.theirs:.0f}/s, {self.rounds} rounds; wanted {self.reach:.2f}: {verdict})"
        )


def in_turn(
    id: str,
    work: str,
    ours: Turn,
    opponents: Mapping[str, tuple[Turn, float]],
    *,
    rounds: int,
    results: MutableMapping[str, Row],
) -> None:
    """Let ours and every opponent take turns, print each ratio, and add its row to ``results``.

    Args:
        id: the row of the measures.
        work: what is done.
        ours: our turn.
        opponents: by name, a turn and the share of its speed that ours should reach.
        rounds: how many rounds, at least :data:`LEAST_ROUNDS` unless it is a trial.
        results: where the rows go, under ``id/work/opponent``.
    """
    speeds: dict[str, list[float]] = {"ours": []} | {name: [] for name in opponents}
    for _ in range(rounds):
        speeds["ours"].append(ours())
        for name, (turn, _) in opponents.items():
            speeds[name].append(turn())
        print("   ", {name: round(each[-1]) for name, each in speeds.items()}, flush=True)
    for name, (_, reach) in opponents.items():
        ratios = [mine / theirs for mine, theirs in zip(speeds["ours"], speeds[name], strict=True)]
        row = Row(
            id=id,
            work=work,
            against=name,
            ours=median(speeds["ours"]),
            theirs=median(speeds[name]),
            ratio=median(ratios),
            lowest=min(ratios),
            highest=max(ratios),
            rounds=rounds,
            reach=reach,
        )
        results[f"{id}/{work}/{name}"] = row
        print(row.text(), flush=True)


def machine() -> dict[str, str]:
    """What it ran on, as far as it says something about speed."""
    return {"cores": str(os.cpu_count()), "arch": platform.machine(), "python": platform.python_version()}


def save(path: Path, results: Mapping[str, Row]) -> None:
    """Keep the rows as JSON."""
    path.write_text(json.dumps({"machine": machine(), "rows": [asdict(row) for row in results.values()]}, indent=2))
