"""Custom parameters, as they are kept (MEM-4): what an organization defined, and what it knows of a member.

Personal: the values of every parameter that is defined as personal, retired ones among them; they are erased when a
member is anonymised (MEM-9). Keys and definitions are not personal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from attrs import frozen

from memberlogic.ids import MemberId
from memberlogic.members.people import Address

__all__ = ["MemberParameters", "Parameter", "ParameterKind", "ParameterValue", "Value"]


class ParameterKind(Enum):
    """What a parameter's values are. It never changes."""

    TEXT = "text"
    NUMBER = "number"
    """An exact decimal number with up to 6 decimal places."""
    WHOLE_NUMBER = "whole_number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    """One of the parameter's options."""
    CHOICES = "choices"
    """One or more of the parameter's options."""
    PHONE = "phone"
    ADDRESS = "address"
    INTEGRATION_ID = "integration_id"
    """What another system calls the member."""

    @property
    def has_options(self) -> bool:
        """Whether its values are chosen from options."""
        return self in (ParameterKind.CHOICE, ParameterKind.CHOICES)


@frozen(kw_only=True)
class Parameter:
    """What an organization defined. A parameter that is retired keeps its values, and takes no new ones."""

    key: str
    kind: ParameterKind
    required: bool
    personal: bool
    options: tuple[str, ...] = ()
    retired_at: datetime | None = None

    @property
    def retired(self) -> bool:
        """Whether it takes no more values."""
        return self.retired_at is not None


Value: TypeAlias = str | int | bool | Fraction | date | tuple[str, ...] | Address
"""What a parameter may be: a text (also a choice, a phone number in E.164, an integration id), a whole number, yes or
no, an exact decimal number, a day, chosen options, or an address.
"""


@frozen(kw_only=True)
class ParameterValue:
    """What is known of a member: a value of a parameter."""

    key: str
    kind: ParameterKind
    value: Value


@frozen(kw_only=True)
class MemberParameters:
    """What is known of a member, in order of the keys; ``personal`` are the keys of the values that are personal."""

    member: MemberId
    values: tuple[ParameterValue, ...]
    personal: tuple[str, ...]

    @classmethod
    def of(
        cls, member: MemberId, values: Iterable[ParameterValue], defined: Mapping[str, Parameter], *, retired: bool
    ) -> MemberParameters:
        """What a store gives, of retired parameters too if asked."""
        seen = sorted((v for v in values if retired or not defined[v.key].retired), key=lambda each: each.key)
        personal = tuple(each.key for each in seen if defined[each.key].personal)
        return cls(member=member, values=tuple(seen), personal=personal)

    def get(self, key: str) -> Value | None:
        """The value of a parameter; None if there is none."""
        return next((each.value for each in self.values if each.key == key), None)
