"""The command line ``memberlogic``: schema, jobs, recounting, replaying. It needs the extra ``[cli]``.

Exit codes: 0 done, 1 refused or found wrong, 2 not understood. Every error is one line on standard error.
"""

from __future__ import annotations

import sys
from importlib import import_module

__all__ = ["main"]

_EXTRA = ("click", "rich", "jinja2")


def main() -> None:
    """What the console script calls."""
    for name in _EXTRA:
        if _missing(name):
            sys.exit(f"memberlogic: the command line needs {name}: pip install 'memberlogic-sqlalchemy[cli]'")
    from memberlogic_sqlalchemy.cli.group import run

    sys.exit(run(sys.argv[1:]))


def _missing(name: str) -> bool:
    try:
        import_module(name)
    except ModuleNotFoundError:
        return True
    return False
