"""The command line ``memberlogic``: schema, jobs, recounting, replaying. It needs the extra ``[cli]``.

Exit codes: 0 done, 1 refused or found wrong, 2 not understood. Every error is one line on standard error.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_EXTRA = {"click", "rich"}


def main() -> None:
    """What the console script calls."""
    try:
        from memberlogic_sqlalchemy.cli.group import run
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in _EXTRA:
            raise
        sys.exit(
            f"memberlogic: the command line needs {missing.name}: python -m pip install 'memberlogic-sqlalchemy[cli]'"
        )
    sys.exit(run(sys.argv[1:]))
