"""For hosts' own tests: a world to act in with a clock that stands still, people whose past reads like a sentence,
``given(…).when(…).then(…)``, whole histories as data, and a notifier that sends nothing. Strategies for Hypothesis are
in :mod:`memberlogic.testing.strategies`, fixtures for pytest in :mod:`memberlogic.testing.plugin`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memberlogic.clock import FixedClock as FixedClock
    from memberlogic.testing.histories import Bought as Bought
    from memberlogic.testing.histories import BroughtBack as BroughtBack
    from memberlogic.testing.histories import CameIn as CameIn
    from memberlogic.testing.histories import Cancelled as Cancelled
    from memberlogic.testing.histories import Cast as Cast
    from memberlogic.testing.histories import Credited as Credited
    from memberlogic.testing.histories import Froze as Froze
    from memberlogic.testing.histories import Happening as Happening
    from memberlogic.testing.histories import History as History
    from memberlogic.testing.histories import JobsRan as JobsRan
    from memberlogic.testing.histories import Joined as Joined
    from memberlogic.testing.histories import Paid as Paid
    from memberlogic.testing.histories import Sent as Sent
    from memberlogic.testing.histories import Signed as Signed
    from memberlogic.testing.histories import Waited as Waited
    from memberlogic.testing.notifiers import RecordingNotifier as RecordingNotifier
    from memberlogic.testing.scenarios import Expected as Expected
    from memberlogic.testing.scenarios import answers as answers
    from memberlogic.testing.scenarios import given as given
    from memberlogic.testing.scenarios import happened as happened
    from memberlogic.testing.scenarios import has as has
    from memberlogic.testing.scenarios import nothing_happened as nothing_happened
    from memberlogic.testing.someone import Someone as Someone
    from memberlogic.testing.worlds import World as World

# Loaded when first asked for: the pytest plugin lives here, and must cost nothing where nobody uses it.
_SHELF = {
    "FixedClock": "memberlogic.clock",
    "RecordingNotifier": "memberlogic.testing.notifiers",
    "Someone": "memberlogic.testing.someone",
    "World": "memberlogic.testing.worlds",
    **dict.fromkeys(
        ("Expected", "answers", "given", "happened", "has", "nothing_happened"), "memberlogic.testing.scenarios"
    ),
    **dict.fromkeys(
        (
            "Bought",
            "BroughtBack",
            "CameIn",
            "Cancelled",
            "Cast",
            "Credited",
            "Froze",
            "Happening",
            "History",
            "JobsRan",
            "Joined",
            "Paid",
            "Sent",
            "Signed",
            "Waited",
        ),
        "memberlogic.testing.histories",
    ),
}

__all__ = [*_SHELF]  # noqa: PLE0604 - names, all of them texts


def __getattr__(name: str) -> Any:
    if name not in _SHELF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_SHELF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_SHELF])
