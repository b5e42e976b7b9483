"""CON-6: what a change to a contract moves: the end of the term, the day on which it expires, its minimum term."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from memberlogic.contracts.model import Contract
from memberlogic.contracts.renewing import Course
from memberlogic.outcomes import Because

__all__ = ["Move", "Moves", "moved_by"]


@frozen(kw_only=True)
class Move:
    """A day before and after a change; None where there is no such day."""

    before: date | None
    after: date | None


@frozen(kw_only=True)
class Moves:
    """What moves. What a cancellation fixed does not: ``cancelled_to`` stays."""

    term_end: Move
    """The end of the term that runs on the first day of the change."""
    expires_on: Move
    minimum_end: Move
    """The first day to which the contract can be left by notice, on the rate of that day."""
    cancelled_to: date | None

    @property
    def because(self) -> tuple[Because, ...]:
        """What moves, as reasons; a cancellation that stays, too."""
        found = [
            Because("CON-6", f"contract.{name}_moves", {"before": _iso(move.before), "after": _iso(move.after)})
            for name, move in (
                ("term_end", self.term_end),
                ("expires_on", self.expires_on),
                ("minimum_end", self.minimum_end),
            )
            if move.before != move.after
        ]
        if self.cancelled_to is not None:
            found.append(Because("CON-5", "contract.cancellation_stays", {"effective_on": _iso(self.cancelled_to)}))
        return tuple(found)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def moved_by(before: Contract, after: Contract, day: date) -> Moves:
    """What moves between two versions of a contract, seen from a day."""
    one, other = Course.of(before), Course.of(after)
    return Moves(
        term_end=Move(before=one.term_end_after(day), after=other.term_end_after(day)),
        expires_on=Move(before=one.expires_on, after=other.expires_on),
        minimum_end=Move(before=one.minimum_end(one.stretch_on(day)), after=other.minimum_end(other.stretch_on(day))),
        cancelled_to=None if after.cancellation is None else after.cancellation.effective_on,
    )
