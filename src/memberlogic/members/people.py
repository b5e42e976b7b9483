"""What is known of a person (MEM-1): the personal facts of a member, kept apart from their standing so that they can be
erased as a whole.

Everything personal that a member record has, for whoever erases or exports it:

- :class:`Details`, and so :class:`Person`: ``given_name``, ``family_name``, ``known_as``, ``salutation``,
  ``birth_date``, ``language``, ``zone``, ``addresses``, ``photo``, ``home_studio``,
  ``favourite_studio``, ``interests``, ``emergency_contact``, ``guardian``; one row of ``ml_people`` a member;
- :class:`~memberlogic.members.contact_points.ContactPoint`: e-mail addresses and phone numbers; ``ml_contact_points``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, fields_dict, frozen

from memberlogic.errors import InvalidInput
from memberlogic.ids import MemberId
from memberlogic.inputs import (
    a_country,
    a_date,
    a_zone,
    an_id,
    as_tuple,
    checked,
    code,
    instance,
    many,
    optional,
    sequence_of,
    text,
)

__all__ = ["DETAILS", "Address", "Details", "EmergencyContact", "Person"]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FIRST_YEAR = 1850

a_language = checked(
    lambda value: (
        None
        if isinstance(value, str) and len(value) <= 35 and _LANGUAGE.fullmatch(value)
        else "a language tag such as en or pt-BR"
    )
)


def a_birth_date(instance_: object, attribute: Any, value: Any) -> None:
    """A date from 1850 on; that it is not to come is asked when the day is known."""
    a_date(instance_, attribute, value)
    if value.year < _FIRST_YEAR:
        raise InvalidInput(path=attribute.name, expected=f"a date from {_FIRST_YEAR} on", got=f"the year {value.year}")


@frozen(kw_only=True)
class Address:
    """A postal address; ``kind`` says what it is for (``home``, ``billing``), one of each at most."""

    kind: str = field(default="home", validator=code("a kind of address"))
    lines: tuple[str, ...] = field(converter=as_tuple, validator=many(text(200), "a line", least=1, most=5))
    postcode: str | None = field(default=None, validator=optional(text(20)))
    city: str | None = field(default=None, validator=optional(text(100)))
    region: str | None = field(default=None, validator=optional(text(100)))
    country: str = field(validator=a_country)


@frozen(kw_only=True)
class EmergencyContact:
    """Whom to call when something happens. No contact point of the member: nothing is sent there, nobody is found by
    it.
    """

    name: str = field(validator=text(200))
    phone: str = field(validator=text(40))
    relation: str | None = field(default=None, validator=optional(text(64)))


def _addresses(instance_: object, attribute: Any, value: Any) -> None:
    sequence_of(Address, "an Address", most=10)(instance_, attribute, value)
    kinds = [each.kind for each in value]
    for index, kind in enumerate(kinds):
        if kind in kinds[:index]:
            path = f"{attribute.name}[{index}].kind"
            raise InvalidInput(path=path, expected="one address of each kind", got="the same kind twice")


@frozen(kw_only=True)
class Details:
    """What may be known of a person. Nothing of it has to be."""

    given_name: str | None = field(default=None, validator=optional(text(100)))
    family_name: str | None = field(default=None, validator=optional(text(100)))
    known_as: str | None = field(default=None, validator=optional(text(100)))
    """What the person is called, where that is another name."""
    salutation: str | None = field(default=None, validator=optional(text(40)))
    birth_date: date | None = field(default=None, validator=optional(a_birth_date))
    language: str | None = field(default=None, validator=optional(a_language))
    zone: ZoneInfo | None = field(default=None, validator=optional(a_zone))
    """Where the person lives, for quiet hours; else their home studio's, else the organization's (COM-3)."""
    addresses: tuple[Address, ...] = field(default=(), converter=as_tuple, validator=_addresses)
    photo: str | None = field(default=None, validator=optional(text(500)))
    """A reference to a picture that the host keeps."""
    home_studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    favourite_studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    """The one that they named; else it is told by where they go (MEM-14)."""
    interests: tuple[str, ...] = field(default=(), converter=as_tuple, validator=many(text(64), "an interest", most=50))
    emergency_contact: EmergencyContact | None = field(
        default=None, validator=optional(instance(EmergencyContact, "an EmergencyContact"))
    )
    guardian: MemberId | None = field(default=None, validator=optional(an_id))
    """The member through whom a child is reached."""

    @property
    def named(self) -> bool:
        """Whether there is a name."""
        return bool(self.given_name or self.family_name or self.known_as)

    @property
    def studios(self) -> Sequence[str]:
        """The home studio and the favourite one, as far as there are any."""
        return tuple(each for each in (self.home_studio, self.favourite_studio) if each is not None)

    @property
    def guardians(self) -> Sequence[MemberId]:
        """The guardian, if there is one."""
        return () if self.guardian is None else (self.guardian,)

    @property
    def given(self) -> dict[str, Any]:
        """What is known, by field."""
        said = {name: getattr(self, name) for name in DETAILS}
        return {name: value for name, value in said.items() if value is not None and value != ()}


DETAILS: Sequence[str] = tuple(fields_dict(Details))
"""The names of all personal fields that are no contact points."""


@frozen(kw_only=True)
class Person(Details):
    """What is known of a member."""

    member: MemberId = field(validator=an_id)
