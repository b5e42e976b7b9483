"""How much the reliability tests try (R1 to R3 of the measures): ``MEMBERLOGIC_RELIABILITY`` is ``quick`` where it is
not set, ``ci`` under `.ci/run`, ``long`` for `make torture`.
"""

from __future__ import annotations

import os
from typing import NamedTuple


class Trying(NamedTuple):
    """Runs of each machine over the ledger and steps of each, in memory and on a database, where two machines share
    what is asked; processes, commands of each, kills.
    """

    memory: tuple[int, int]
    database: tuple[int, int]
    processes: int
    commands: int
    kills: int


PROFILES = {
    "quick": Trying(memory=(60, 40), database=(8, 20), processes=4, commands=60, kills=4),
    "ci": Trying(memory=(100, 50), database=(50, 50), processes=4, commands=60, kills=4),
    "long": Trying(memory=(20_000, 50), database=(2_000, 50), processes=8, commands=2_000, kills=20),
}
TRYING = PROFILES[os.environ.get("MEMBERLOGIC_RELIABILITY", "quick")]
