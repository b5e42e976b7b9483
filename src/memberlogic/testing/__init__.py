"""For hosts' own tests: a clock that stands still, a world to act in."""

from memberlogic.clock import FixedClock
from memberlogic.testing.worlds import World

__all__ = ["FixedClock", "World"]
