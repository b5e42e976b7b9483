"""MEM-12: what became of inquiries, and who stands at which stage.

A **prospect** of a period is somebody who asked in it, not having been a member before. They are **converted** once
they are a member, at the first instant of that status (MEM-18), be it long after. So the rate never passes one.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from fractions import Fraction

from attrs import field, frozen

from memberlogic.calendar import Days
from memberlogic.errors import InvalidInput
from memberlogic.ids import MemberId
from memberlogic.inputs import a_date, an_id, instance, optional, whole
from memberlogic.members.membership import MembershipStatus
from memberlogic.outcomes import Because, Explanation

__all__ = ["LeadCounts", "LeadReport", "PageOfStage", "ReportLeads", "Stage", "StagePage", "Staged"]


class Stage(Enum):
    """A list that people stand on. Former members stand on both: they left, and may come back."""

    PROSPECTS = "prospects"
    MEMBERS = "members"

    @property
    def statuses(self) -> frozenset[MembershipStatus]:
        """Who stands on it."""
        mine = MembershipStatus.PROSPECT if self is Stage.PROSPECTS else MembershipStatus.MEMBER
        return frozenset({mine, MembershipStatus.FORMER_MEMBER})


@frozen(kw_only=True)
class ReportLeads:
    """Report the inquiries of the days ``[since, until)``."""

    since: date = field(validator=a_date)
    until: date = field(validator=a_date)

    def __attrs_post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after since", got="one that is not")

    @property
    def days(self) -> Days:
        """The period."""
        return Days(self.since, self.until)


@frozen(kw_only=True)
class PageOfStage:
    """The next people of a list."""

    stage: Stage = field(validator=instance(Stage, "a stage (Stage)"))
    after: MemberId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class Staged:
    """Somebody on a list, and what they are."""

    member: MemberId
    status: MembershipStatus


@frozen
class StagePage:
    """Some people of a list, in order of their ids."""

    people: tuple[Staged, ...]


@frozen(kw_only=True)
class LeadCounts:
    """What became of inquiries: how many there were, by how many prospects, and how many of those are converted.

    ``source`` and ``studio`` say of which inquiries; None in a row says that none was told.
    """

    source: str | None
    studio: str | None
    inquiries: int
    prospects: int
    conversions: int

    @property
    def rate(self) -> Fraction | None:
        """The share of the prospects who are converted; None without prospects."""
        return Fraction(self.conversions, self.prospects) if self.prospects else None


@frozen(kw_only=True)
class LeadReport:
    """The inquiries of the days ``[since, until)``, as far as is known at ``at``.

    Somebody who asked at two studios is a prospect of both, and one in the total: the rows do not add up to it.
    """

    since: date
    until: date
    at: datetime
    rows: tuple[LeadCounts, ...]
    """By source and studio."""
    sources: tuple[LeadCounts, ...]
    """By source; ``studio`` is None."""
    studios: tuple[LeadCounts, ...]
    """By studio; ``source`` is None."""
    total: LeadCounts

    def explain(self) -> Explanation:
        """How it was counted."""
        figures = {"inquiries": self.total.inquiries, "prospects": self.total.prospects}
        figures["conversions"] = self.total.conversions
        return Explanation(
            f"Of {self.total.prospects} prospects of {self.since} to before {self.until}, {self.total.conversions} "
            f"are converted.",
            (Because("MEM-12", "leads.counted", figures),),
        )
