"""How much the reliability tests try (R1 to R3 of the measures): ``MEMBERLOGIC_RELIABILITY`` is ``quick`` where it is
not set, ``ci`` under `.ci/run`, ``long`` for `make torture`.
"""

from __future__ import annotations

import os
from typing import NamedTuple


class Trying(NamedTuple):
    """Runs of the machines over the ledger in sum, and steps of each run, in memory and on each database; processes,
    commands of each, kills.
    """

    memory: tuple[int, int]
    database: tuple[int, int]
    processes: int
    commands: int
    kills: int


PROFILES = {
    "quick": Trying(memory=(210, 40), database=(21, 20), processes=4, commands=60, kills=4),
    "ci": Trying(memory=(100, 50), database=(100, 50), processes=4, commands=60, kills=4),
    "long": Trying(memory=(20_000, 50), database=(2_000, 50), processes=8, commands=2_000, kills=20),
}
TRYING = PROFILES[os.environ.get("MEMBERLOGIC_RELIABILITY", "quick")]
