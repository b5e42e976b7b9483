"""Notices (CON-15): what is told at the door: a code, how much it weighs, and parameters. The words are found when
they are read, in any language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType

from attrs import evolve, field, frozen

from memberlogic.amounts import Money
from memberlogic.errors import JSON
from memberlogic.inputs import code
from memberlogic.outcomes import Figures

__all__ = ["ENGLISH", "Notice", "Severity"]


class Severity(Enum):
    """How much a notice weighs."""

    INFO = "info"
    WARNING = "warning"
    BLOCKING = "blocking"
    """This alone keeps the person out."""


@frozen(kw_only=True)
class Notice:
    """One thing to tell whoever stands at the door."""

    code: str = field(validator=code())
    severity: Severity
    parameters: Mapping[str, JSON] = field(factory=dict, converter=Figures, hash=False)

    def text(self, sentences: Mapping[str, str] | None = None) -> str:
        """The notice as a sentence.

        Args:
            sentences: the sentences of another language by code; English if left out. A placeholder is a parameter. A
                notice whose ``until`` is open is looked up as ``<code>.open`` first. One that has no sentence is told
                as its code.
        """
        known = ENGLISH if sentences is None else sentences
        keys = [f"{self.code}.open"] if self.parameters.get("until", "") is None else []
        sentence = next((known[key] for key in (*keys, self.code) if key in known), self.code)
        return sentence.format_map(_Said(self.parameters))

    def lowered(self) -> Notice:
        """The same, where it keeps nobody out."""
        return evolve(self, severity=Severity.WARNING) if self.severity is Severity.BLOCKING else self


class _Said(Mapping[str, object]):
    """Parameters as people read them: amounts of money in their currency, codes as words; what is not known is a
    dash.
    """

    def __init__(self, parameters: Mapping[str, JSON]) -> None:
        self._parameters = parameters

    def __getitem__(self, name: str) -> object:
        value = self._parameters.get(name)
        currency = self._parameters.get("currency")
        if name == "owed" and isinstance(value, int) and isinstance(currency, str):
            return Money(value, currency)
        if isinstance(value, str) and name not in ("service", "studio"):
            return value.replace("_", " ")
        return "-" if value is None else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)


def days(since: date, until: date | None) -> dict[str, JSON]:
    """The parameters of a range of days: its first day, the first day after it, and its last day for people (COM-4)."""
    last = None if until is None else date.fromordinal(until.toordinal() - 1).isoformat()
    return {"since": since.isoformat(), "until": None if until is None else until.isoformat(), "last_day": last}


ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "checkin.anonymised": "The record was anonymised; it leads to nobody.",
        "checkin.blocked": "The member is blocked ({reason}).",
        "checkin.member_suspended": "No access from {since} through {last_day} ({reason}).",
        "checkin.member_suspended.open": "No access since {since} until further notice ({reason}).",
        "checkin.contract_suspended": "The contract is suspended from {since} through {last_day} ({reason}).",
        "checkin.contract_suspended.open": "The contract is suspended since {since} until further notice ({reason}).",
        "checkin.frozen": "The contract is frozen from {since} through {last_day}.",
        "checkin.frozen.open": "The contract is frozen since {since}, without an end.",
        "checkin.on_hold": "The contract is on hold until {owed} are paid.",
        "checkin.pending": "The contract begins on {start_on}.",
        "checkin.cancelled": "The contract is cancelled since {on} ({reason}).",
        "checkin.expired": "The contract expired on {on}.",
        "checkin.left": "The member left the contract on {on}.",
        "checkin.no_contract": "There is no contract and no visitor pass for today.",
        "checkin.not_included": "The contract does not include this here: service {service}, studio {studio}.",
        "checkin.limit_reached": "No visit is left this {period} (limit {visits}); the next is possible on {next_on}.",
        "checkin.pass_used_up": "The visitor pass has no visit left (limit {visits}).",
        "checkin.by_pass": "Let in by a visitor pass ({kind}).",
        "checkin.same_visit": "Already checked in at {time}; this is the same visit.",
        "checkin.overridden": "Let in by staff.",
        "checkin.owes": "Billing says that {owed} are owed.",
        "checkin.care_conversation": "Member Care: talk to the member now; to be done on {day}.",
        "checkin.care_flag": "Member Care: a conversation is to be done on {day}.",
        "checkin.billing": "Billing says: {status}.",
    }
)
"""What each notice says in English."""
