"""What the library says, made readable at a desk: days as people write them, no ids, the desk's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from memberlogic import Money
from memberlogic.contracts.notices import ENGLISH, Notice, Severity
from memberlogic.contracts.visits import Visit
from memberlogic.ledger.model import EntryKind
from memberlogic.members.people import Person

__all__ = [
    "ADVICE",
    "BRIEFLY",
    "ID",
    "SENTENCES",
    "Told",
    "Verdict",
    "after",
    "at_clock",
    "at_the_door",
    "before",
    "day",
    "for_picker",
    "money",
    "month",
    "name_of",
    "plain",
    "plain_day",
    "word",
]

SENTENCES: Mapping[str, str] = {
    **ENGLISH,
    "checkin.not_included": "The contract is not for this studio, it is for: {only}.",
    "checkin.no_contract": "There is no contract and no visitor pass for today.",
    "checkin.care_conversation": "Talk to the member now (Member Care); planned for {day}.",
    "checkin.care_flag": "A conversation is planned for {day} (Member Care).",
    "checkin.by_pass": "On a visitor pass ({kind}).",
    "checkin.overridden": "Let in by staff, with a note.",
    "checkin.cancelled": "The contract is cancelled; its last day was {last} ({reason}).",
    "checkin.expired": "The contract expired; its last day was {last}.",
    "checkin.left": "The member left the contract; the last day on it was {last}.",
}
"""What notices say here; what is not said anew is said as the library does."""

BRIEFLY: Mapping[str, str] = {
    "checkin.anonymised": "The record leads to nobody.",
    "checkin.blocked": "The member was blocked.",
    "checkin.member_suspended": "The member had no access.",
    "checkin.contract_suspended": "The contract was suspended.",
    "checkin.frozen": "The contract was frozen.",
    "checkin.on_hold": "The contract was on hold.",
    "checkin.pending": "The contract had not begun.",
    "checkin.cancelled": "The contract was cancelled.",
    "checkin.expired": "The contract had expired.",
    "checkin.left": "The member had left the contract.",
    "checkin.no_contract": "There was no contract and no visitor pass.",
    "checkin.not_included": "The contract was not for this studio.",
    "checkin.limit_reached": "No visit was left.",
    "checkin.pass_used_up": "The visitor pass had no visit left.",
    "checkin.by_pass": "On a visitor pass.",
    "checkin.overridden": "Let in by staff, with a note.",
    "checkin.owes": "Something was owed.",
    "checkin.care_conversation": "A conversation was due (Member Care).",
    "checkin.care_flag": "A conversation was planned (Member Care).",
    "checkin.billing": "Billing had something to say.",
}
"""What is left to say of a check-in when what was told then is not so any more: the library keeps its codes."""

_NEEDED = "They need a new contract or a visitor pass to come in."
_LIFTED = "Only whoever leads the studio can lift this: call them, or give the member their number."
ADVICE: Mapping[str, str] = {
    "checkin.anonymised": "Look for another record of the same person, or register them anew.",
    "checkin.blocked": _LIFTED,
    "checkin.member_suspended": _LIFTED,
    "checkin.contract_suspended": _LIFTED,
    "checkin.frozen": "They may come in after the last frozen day. The freeze can be ended on their page: then "
    "they may come in from tomorrow on.",
    "checkin.on_hold": "As soon as that is paid and written down, they may come in.",
    "checkin.pending": "They may come in from that day on.",
    "checkin.cancelled": _NEEDED,
    "checkin.expired": _NEEDED,
    "checkin.left": _NEEDED,
    "checkin.no_contract": _NEEDED,
    "checkin.pass_used_up": _NEEDED,
    "checkin.limit_reached": "They may come in from that day on.",
    "checkin.not_included": "They may come in where the contract is for.",
}
"""What to say next to somebody who is not let in."""

_HARMLESS = {"checkin.by_pass", "checkin.overridden", "checkin.same_visit", "checkin.billing", "checkin.care_flag"}
_SAME_VISIT = "checkin.same_visit"

_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WITH_ID = re.compile(
    rf",? (?:to|from|of) (?:contract|account|milestone|run) {ID}"
    rf"|[,;]? ?\([a-z ]*{ID}\)|,? in (?:its )?place (?:of )?run {ID}|,? contract {ID}| {ID}"
)
_POINT = re.compile(r"(?<=[a-z])\.(?=[a-z])")
_CODE = re.compile(r"\bcheckin\.([a-z_]+)")


def day(value: date) -> str:
    """A day as it is said at a desk."""
    return f"{value:%a} {plain_day(value)}"


def plain_day(value: date) -> str:
    """The same without the day of the week."""
    return f"{value.day} {value:%b} {value.year}"


def for_picker(typed: str) -> str:
    """What a browser's picker of days can hold: a day, or nothing."""
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return ""


def _readable_day(found: re.Match[str]) -> str:
    try:
        return plain_day(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return found[0]


def plain(text: str) -> str:
    """A sentence of the library's for the desk: days written out, ids left away."""
    said = _CODE.sub(lambda found: word(found[1]), _WITH_ID.sub("", text))
    return _DAY.sub(_readable_day, said)


def at_clock(instant: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of the studio."""
    local = instant.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M}"


def after(last: date) -> date:
    """The first day after a last one: people say until when, inclusive, the library the first day that is not."""
    return date.fromordinal(last.toordinal() + 1)


def before(first: date) -> date:
    """The last day before a first one."""
    return date.fromordinal(first.toordinal() - 1)


def money(minor: int, currency: str) -> str:
    """An amount of money."""
    return str(Money(minor, currency))


def word(code: object) -> str:
    """A code as a word."""
    return _POINT.sub(" ", str(getattr(code, "value", code)).replace("_", " "))


def month(written: str) -> str:
    """A month that is written as ``2026-03``."""
    return f"{date.fromisoformat(f'{written}-01'):%b %Y}"


_BOOKED = {
    "earn": "earned",
    "redeem": "redeemed",
    "expire": "expired",
    "credit": "credited",
    "transfer_in": "received",
    "transfer_out": "sent",
    "restore": "given back by a return",
    "available": "became available",
}


def booked(kind: EntryKind) -> str:
    """What an entry was, as it is said of points that moved."""
    return _BOOKED.get(kind.value, word(kind))


def at_the_door(visit: Visit) -> str:
    """What became of somebody at the door, in a few words."""
    if visit.undone_at is not None:
        return f"check-in undone ({word(visit.undone_for)})"
    if visit.overridden:
        return "let in by staff, with a note"
    return "let in" if visit.allowed else "not let in"


def name_of(person: Person) -> str:
    """What somebody is called."""
    names = [person.given_name, f"({person.known_as})" if person.known_as else None, person.family_name]
    return " ".join(each for each in names if each) or "(no name)"


def _with_last_day(notice: Notice) -> Notice:
    """The day from which on something is over is told as the last one before."""
    on = notice.parameters.get("on")
    if not isinstance(on, str):
        return notice
    return evolve(notice, parameters={**notice.parameters, "last": before(date.fromisoformat(on)).isoformat()})


@frozen(kw_only=True)
class Told:
    """One thing to read, and the conversation that it is about, if it is about one."""

    text: str
    weight: str
    code: str = ""
    run: str | None = None
    step: str | None = None

    @classmethod
    def of(cls, notice: Notice) -> Told:
        """A notice in words."""
        run, step = notice.parameters.get("run"), notice.parameters.get("step")
        talk = notice.code.startswith("checkin.care")
        return cls(
            text=plain(_with_last_day(notice).text(SENTENCES)),
            weight=notice.severity.value,
            code=notice.code,
            run=str(run) if talk else None,
            step=str(step) if talk else None,
        )


@frozen(kw_only=True)
class Verdict:
    """Green, amber or red, with everything there is to read."""

    colour: str
    headline: str
    told: tuple[Told, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """What to say next to somebody who is not let in, each once."""
        codes = [each.code for each in self.told if self.colour == "red" and each.code in ADVICE]
        return tuple(dict.fromkeys(ADVICE[each] for each in codes))

    @classmethod
    def of_now(cls, notices: tuple[Notice, ...], *, allowed: bool, against: tuple[Told, ...] = ()) -> Verdict:
        """What check-in would answer now.

        Args:
            against: of somebody whom staff let in today, what is against it all the same.
        """
        if against:
            rest = tuple(Told.of(each) for each in notices)
            return cls(colour="amber", headline="Was let in by staff - read this", told=(*against, *rest))
        warned = any(each.severity is not Severity.INFO for each in notices)
        colour = "red" if not allowed else "amber" if warned else "green"
        said = {"red": "No access", "amber": "May come in - read this first", "green": "May come in"}
        if any(each.code == _SAME_VISIT for each in notices):
            said |= {"amber": "Is checked in - read this", "green": "Is checked in"}
        return cls(colour=colour, headline=said[colour], told=tuple(Told.of(each) for each in notices))

    @classmethod
    def of_visit(cls, visit: Visit, now: tuple[Notice, ...]) -> Verdict:
        """What check-in answered: in full as far as it is still so, else briefly."""
        told = cls.told_then(visit, now)
        if visit.undone_at is not None:
            return cls(colour="grey", headline="Check-in undone", told=told)
        colour = "red" if not visit.allowed else "amber" if visit.overridden or {*visit.told} - _HARMLESS else "green"
        said = {"red": "No access", "amber": "Come in - read this first", "green": "Come in"}
        return cls(colour=colour, headline=said[colour], told=told)

    @staticmethod
    def told_then(visit: Visit, now: tuple[Notice, ...]) -> tuple[Told, ...]:
        """What was told, one by one."""
        still = {each.code: [one for one in now if one.code == each.code] for each in now}
        return tuple(
            one
            for code in dict.fromkeys(visit.told)
            for one in (
                [Told.of(each) for each in still[code]]
                if code in still
                else [
                    Told(
                        text=BRIEFLY.get(code, word(code)), weight="info" if code in _HARMLESS else "warning", code=code
                    )
                ]
            )
            if code != _SAME_VISIT
        )
