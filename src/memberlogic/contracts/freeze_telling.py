"""CON-6, CON-8: which freezes a contract has, as they were filed and as they come to be."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from memberlogic.contracts.lifecycle import over_on
from memberlogic.contracts.model import Contract, Freeze
from memberlogic.contracts.renewing import Course
from memberlogic.ids import FreezeId
from memberlogic.outcomes import Because, Explanation

__all__ = ["FreezeTold", "tell_freezes"]


@frozen(kw_only=True)
class FreezeTold:
    """A freeze ``[since, until)`` as it comes to be; ``since`` again if it was withdrawn or nothing is left of it."""

    freeze: FreezeId
    since: date
    until: date | None
    """None where nothing ends it."""
    filed_until: date | None
    """Its end as it was filed; None where it is open-ended."""
    filed_on: date
    reason: str
    withdrawn: bool
    cut_off: bool
    """Whether the contract is over before it would end (CON-8)."""

    def explain(self) -> Explanation:
        """Why it ends when it does."""
        if self.withdrawn:
            why = "withdrawn"
        elif self.cut_off:
            why = "cut_off"
        elif self.until == self.filed_until:
            why = "as_filed"
        else:
            why = "without_end" if self.until is None else "before_its_end"
        end = "without an end" if self.until is None else f"until {self.until.isoformat()}"
        figures = {"filed_until": None if self.filed_until is None else self.filed_until.isoformat()}
        said = f"Frozen from {self.since.isoformat()}, {end}."
        return Explanation(said, (Because("CON-6", f"freeze.{why}", figures),))


def tell_freezes(contract: Contract) -> tuple[FreezeTold, ...]:
    """Every freeze that was filed, by first days."""
    course = Course.of(contract)
    over = over_on(course)
    ends = {each.freeze.id: each.until for each in course.frozen}
    filed = sorted(contract.freezes, key=lambda each: (each.since, each.filed_on))
    return tuple(_told(each, ends.get(each.id, each.since), over) for each in filed)


def _told(freeze: Freeze, until: date | None, over: date | None) -> FreezeTold:
    cut = over is not None and not freeze.withdrawn and (until is None or over < until)
    return FreezeTold(
        freeze=freeze.id,
        since=freeze.since,
        until=max(over, freeze.since) if cut and over is not None else until,
        filed_until=freeze.until,
        filed_on=freeze.filed_on,
        reason=freeze.reason,
        withdrawn=freeze.withdrawn,
        cut_off=cut,
    )
