"""What is sold (CON-1): the terms of a rate, as data. A rate has versions; a contract keeps the one it was sold on."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from memberlogic.amounts import Money
from memberlogic.calendar import LONGEST_MONTHS, Term
from memberlogic.contracts.services import ServiceTerms
from memberlogic.converting import tagged
from memberlogic.errors import InvalidInput
from memberlogic.ids import RateId
from memberlogic.inputs import an_id, as_tuple, code, describe, instance, optional, sequence_of, text, whole

__all__ = [
    "DayOfYear",
    "EarlyTermination",
    "EndsWithTerm",
    "Extends",
    "FreezePolicy",
    "FreezeUnit",
    "Notice",
    "NoticeMode",
    "Rate",
    "RateTerms",
    "RateVersion",
    "Renewal",
    "RunsOn",
    "SwitchPath",
    "SwitchesTo",
]


@frozen
class EndsWithTerm:
    """NONE: the contract expires when its term ends."""


@frozen
class Extends:
    """EXTEND: after the first term, terms of this length follow one another for ever."""

    period: Term = field(validator=instance(Term, "a term"))


@frozen
class RunsOn:
    """OPEN: after the first term there are no further terms; the contract runs until it is cancelled."""


@frozen
class SwitchesTo:
    """SWITCH: after the first term the same contract continues on another rate, with its own term and renewal."""

    rate: RateId = field(validator=an_id)


Renewal = EndsWithTerm | Extends | RunsOn | SwitchesTo
tagged(Renewal)


class NoticeMode(Enum):
    """To which day a cancellation can be."""

    END_OF_TERM = "end_of_term"
    FROM_RECEIPT = "from_receipt"


@frozen
class DayOfYear:
    """A day of every year, such as 30 June; 29 February is the 28th in common years."""

    month: int = field(validator=whole(least=1, most=12))
    day: int = field(validator=whole(least=1, most=31))

    def __attrs_post_init__(self) -> None:
        if self.day > LONGEST_MONTHS[self.month - 1]:
            raise InvalidInput(path="day", expected="a day that the month has", got=describe(self.day))


@frozen(kw_only=True)
class Notice:
    """How long before its end a contract has to be cancelled (CON-7).

    Notice runs from the day after receipt for ``length``; with ``whole_months`` to the end of the n-th month after the
    month of receipt; with ``last_days`` only to one of these days of the year. Without a length (None) it is over on
    the day after receipt, with ``whole_months`` at the end of the month of receipt.
    """

    length: Term | None = field(validator=optional(instance(Term, "a term")))
    whole_months: bool = field(default=False, validator=instance(bool, "true or false"))
    last_days: tuple[DayOfYear, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(DayOfYear, "a day of the year", most=24)
    )
    mode: NoticeMode = field(
        default=NoticeMode.END_OF_TERM, validator=instance(NoticeMode, "end_of_term or from_receipt")
    )

    def __attrs_post_init__(self) -> None:
        if self.whole_months and self.length is not None and not self.length.months:
            raise InvalidInput(path="length", expected="a term in months, as whole months are asked for", got="days")


class FreezeUnit(Enum):
    """In what a freeze is counted; weeks begin on Monday, months on the 1st."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_days = optional(whole(least=0, most=36_600))


@frozen(kw_only=True)
class FreezePolicy:
    """What a rate allows of freezes (CON-5, CON-6); None where there is no limit. Days are counted as frozen days,
    years run from the contract's first day.
    """

    allowed: bool = field(default=False, validator=instance(bool, "true or false"))
    least_days: int | None = field(default=None, validator=_days)
    most_days: int | None = field(default=None, validator=_days)
    most_days_a_year: int | None = field(default=None, validator=_days)
    most_a_year: int | None = field(default=None, validator=_days)
    notice_days: int = field(default=0, validator=whole(least=0, most=3_660))
    unit: FreezeUnit = field(default=FreezeUnit.DAY, validator=instance(FreezeUnit, "day, week or month"))
    days_back: int = field(default=0, validator=whole(least=0, most=3_660))
    """How many days before today a freeze may begin."""
    open_ended: bool = field(default=False, validator=instance(bool, "true or false"))
    extends: bool = field(default=True, validator=instance(bool, "true or false"))
    """Whether frozen days are added to the term."""

    def __attrs_post_init__(self) -> None:
        if self.least_days is not None and self.most_days is not None and self.least_days > self.most_days:
            expected = f"at most {self.most_days}, the most days that a freeze may have"
            raise InvalidInput(path="least_days", expected=expected, got=str(self.least_days))


@frozen(kw_only=True)
class SwitchPath:
    """To which rate a contract can be switched, and how (CON-12)."""

    to: RateId = field(validator=an_id)
    fee: Money | None = field(default=None, validator=optional(instance(Money, "an amount of money")))
    """What is to be paid before the switch takes effect; nothing if None."""
    days_to_pay: int = field(default=14, validator=whole(least=0, most=366))
    """Until how many days after filing, the last one inclusive, the fee can be paid before the switch lapses."""
    after_days: int = field(default=1, validator=whole(least=1, most=36_600))
    """The earliest day of a switch: so many days after the first day of the contract."""
    days_back: int = field(default=0, validator=whole(least=0, most=3_660))
    """How many days before today a switch may lie."""

    def __attrs_post_init__(self) -> None:
        if self.fee is not None and self.fee.minor <= 0:
            raise InvalidInput(path="fee", expected="an amount above 0, or None", got=str(self.fee.minor))


@frozen(kw_only=True)
class EarlyTermination:
    """A term on which a contract may be left early, shown with the preview of a cancellation (CON-7); what is charged
    is the host's business.
    """

    code: str = field(validator=code("a code"))
    fee: Money | None = field(default=None, validator=optional(instance(Money, "an amount of money")))


@frozen(kw_only=True)
class RateTerms:
    """The terms of a rate. Fees but the initial one are told to the host and never decided on."""

    name: str = field(validator=text(200))
    term: Term = field(validator=instance(Term, "a term"))
    """The first term."""
    minimum_term: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    """For how long it cannot be left by notice; the first term if None."""
    renewal: Renewal = field(
        default=EndsWithTerm(),
        validator=instance((EndsWithTerm, Extends, RunsOn, SwitchesTo), "EndsWithTerm, Extends, RunsOn or SwitchesTo"),
    )
    initial_fee: Money | None = field(default=None, validator=optional(instance(Money, "an amount of money")))
    fee: Money | None = field(default=None, validator=optional(instance(Money, "an amount of money")))
    fee_every: Term | None = field(default=None, validator=optional(instance(Term, "a term")))
    notice: Notice = field(default=Notice(length=Term.of_months(1)), validator=instance(Notice, "a notice"))
    notice_later: Notice | None = field(default=None, validator=optional(instance(Notice, "a notice")))
    """Another notice after the first term."""
    freezes: FreezePolicy = field(default=FreezePolicy(), validator=instance(FreezePolicy, "a freeze policy"))
    early_termination: tuple[EarlyTermination, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(EarlyTermination, "an EarlyTermination", most=20)
    )
    """On which terms it may be left early; told, not decided on."""
    cooling_off_days: int | None = field(default=None, validator=_days)
    """Until how many days after signing, the last one inclusive, it can be withdrawn from (CON-10)."""
    most_covered: int = field(default=0, validator=whole(least=0, most=1_000))
    """How many members it may cover beside the holder (CON-11)."""
    services: ServiceTerms = field(default=ServiceTerms(), validator=instance(ServiceTerms, "service terms"))
    """What may be used in which status, where and how often (CON-13)."""
    switch_paths: tuple[SwitchPath, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(SwitchPath, "a path to another rate", most=100)
    )
    """To which rates a contract on this one can be switched (CON-12)."""

    def __attrs_post_init__(self) -> None:
        if self.initial_fee is not None and self.initial_fee.minor < 0:
            raise InvalidInput(path="initial_fee", expected="an amount of at least 0", got="a negative amount")
        if len({each.to for each in self.switch_paths}) < len(self.switch_paths):
            raise InvalidInput(path="switch_paths", expected="each rate at most once", got="a rate twice")

    def path_to(self, rate: RateId) -> SwitchPath | None:
        """How a contract can be switched to a rate; None if it cannot."""
        return next((each for each in self.switch_paths if each.to == rate), None)


@frozen(kw_only=True)
class RateVersion:
    """One version of a rate, as a contract was sold on it; it never changes."""

    rate: RateId
    version: int
    terms: RateTerms


@frozen(kw_only=True)
class Rate:
    """A rate as it is sold now."""

    id: RateId
    code: str = field(validator=code("a rate's code"))
    on_sale: bool
    current: RateVersion

    @property
    def terms(self) -> RateTerms:
        """The terms of the version on sale."""
        return self.current.terms
