"""For hosts' own tests: a clock that stands still, a world to act in, a notifier that sends nothing."""

from memberlogic.clock import FixedClock
from memberlogic.testing.notifiers import RecordingNotifier
from memberlogic.testing.worlds import World

__all__ = ["FixedClock", "RecordingNotifier", "World"]
