"""CON-5, CON-6: what refuses a freeze, its early end, or its withdrawal: a class and a code for each breach."""

from __future__ import annotations

from memberlogic.errors import RuleViolation

__all__ = [
    "FreezeAfterCancellation",
    "FreezeBeginsWithinUnit",
    "FreezeBegun",
    "FreezeEndsBefore",
    "FreezeEndsTooSoon",
    "FreezeNeedsNotice",
    "FreezeNotAllowed",
    "FreezeNotBegun",
    "FreezeNotWholeUnits",
    "FreezeOpenEnded",
    "FreezeOutsideTerm",
    "FreezeOverlaps",
    "FreezeTooFarBack",
    "FreezeTooLong",
    "FreezeTooManyDays",
    "FreezeTooOften",
    "FreezeTooShort",
    "FreezeUnpaid",
    "FreezeWithdrawnAlready",
]


class FreezeUnpaid(RuleViolation):
    """What is on hold is not frozen."""

    code = "freeze.unpaid"
    rule = "CON-5"
    sentence = "On the first day of the freeze {owed} of the initial fee are not paid."


class FreezeNotAllowed(RuleViolation):
    """The rate has no freezes."""

    code = "freeze.not_allowed"
    rule = "CON-5"
    sentence = "The rate in force on {since} allows no freeze."


class FreezeOutsideTerm(RuleViolation):
    """The contract does not run then."""

    code = "freeze.outside_term"
    rule = "CON-5"
    sentence = "A freeze cannot begin on {since}: the contract begins on {start_on} and is over on {over_on}."
    open_ended = "A freeze cannot begin on {since}: the contract begins on {start_on} and is open-ended."


class FreezeAfterCancellation(RuleViolation):
    """Nothing is left to freeze after it."""

    code = "freeze.after_cancellation"
    rule = "CON-5"
    sentence = "A cancellation takes effect on {effective_on}; a freeze until {until} would last longer."


class FreezeOverlaps(RuleViolation):
    """There is another freeze; ``free_from`` is the first day after those it would overlap, if they end."""

    code = "freeze.overlaps"
    rule = "CON-5"
    sentence = "Another freeze is in the way; it is over on {free_from}."
    open_ended = "Another freeze is in the way; it is open-ended."


class FreezeTooFarBack(RuleViolation):
    """It would change days that have passed."""

    code = "freeze.too_far_back"
    rule = "CON-5"
    sentence = "A freeze can begin on {earliest} at the earliest, not on {since}."


class FreezeNeedsNotice(RuleViolation):
    """It was asked for too late."""

    code = "freeze.needs_notice"
    rule = "CON-5"
    sentence = "A freeze is asked for {notice_days} days before: it can begin on {earliest}, not on {since}."


class FreezeOpenEnded(RuleViolation):
    """It needs an end."""

    code = "freeze.open_ended"
    rule = "CON-5"
    sentence = "The rate allows no freeze without an end."


class FreezeBeginsWithinUnit(RuleViolation):
    """Weeks begin on Monday, months on the 1st."""

    code = "freeze.begins_within_unit"
    rule = "CON-5"
    sentence = "Freezes are by the {unit}, and none begins on {since}."


class FreezeNotWholeUnits(RuleViolation):
    """A part of a week or month is left over."""

    code = "freeze.not_whole_units"
    rule = "CON-5"
    sentence = "Freezes are by the {unit}; this is not a whole number of them."


class FreezeTooShort(RuleViolation):
    """The rate has a minimum."""

    code = "freeze.too_short"
    rule = "CON-5"
    sentence = "A freeze has at least {least} days; this has {days}."


class FreezeTooLong(RuleViolation):
    """The rate has a maximum."""

    code = "freeze.too_long"
    rule = "CON-5"
    sentence = "A freeze has at most {most} days; this has {days}."


class FreezeTooManyDays(RuleViolation):
    """The rate has a maximum for each contract year."""

    code = "freeze.too_many_days"
    rule = "CON-5"
    sentence = "In the year from {year_from} at most {most} days are frozen; {left} are left."


class FreezeTooOften(RuleViolation):
    """The rate has a maximum number for each contract year."""

    code = "freeze.too_often"
    rule = "CON-5"
    sentence = "At most {most} freezes begin in a contract year; there are {begun}."


class FreezeEndsTooSoon(RuleViolation):
    """Today is frozen already."""

    code = "freeze.ends_too_soon"
    rule = "CON-6"
    sentence = "The freeze can end on {earliest} at the earliest, not on {on}."


class FreezeEndsBefore(RuleViolation):
    """It can be shortened, not lengthened."""

    code = "freeze.ends_before"
    rule = "CON-6"
    sentence = "The freeze ends on {until} by itself; it cannot be made to end on {on}."


class FreezeNotBegun(RuleViolation):
    """What would end before it begins is withdrawn instead."""

    code = "freeze.not_begun"
    rule = "CON-6"
    sentence = "The freeze begins on {since}; to end it on {on}, withdraw it."


class FreezeBegun(RuleViolation):
    """What was frozen stays frozen."""

    code = "freeze.begun"
    rule = "CON-6"
    sentence = "The freeze began on {since}; it can be ended early, not withdrawn."


class FreezeWithdrawnAlready(RuleViolation):
    """It never began."""

    code = "freeze.withdrawn_already"
    rule = "CON-6"
    sentence = "The freeze {freeze} was withdrawn."
