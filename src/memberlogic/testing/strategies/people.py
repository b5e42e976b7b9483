"""Who people are (MEM-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from memberlogic.errors import InvalidInput
from memberlogic.importing import RefusedRow
from memberlogic.members.importing import PersonRow
from memberlogic.members.people import Address, EmergencyContact
from memberlogic.testing.strategies.basics import codes, dates, external_ids, texts, zones

__all__ = ["addresses", "emails", "emergency_contacts", "people", "person_rows", "phones", "refused_rows"]

_COUNTRIES = st.sampled_from(("GB", "DE", "CH", "BR", "JP"))
_LANGUAGES = st.sampled_from(("en", "de", "pt-BR", "zh-Hant"))
_BORN = dates(date(1930, 1, 1), date(2015, 12, 31))
_NUMBERS = st.integers(0, 999)
_KINDS = st.sampled_from(("home", "billing", "work"))


def emails() -> st.SearchStrategy[str]:
    """Addresses at a domain that is nobody's (RFC 2606)."""
    return st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True).map(lambda name: f"{name}@example.org")


def phones() -> st.SearchStrategy[str]:
    """Numbers that are nobody's: those that are kept free for drama in the United Kingdom."""
    return _NUMBERS.map(lambda number: f"+44 20 7946 0{number:03}")


def addresses() -> st.SearchStrategy[Address]:
    """Postal addresses."""
    return st.builds(
        Address,
        kind=_KINDS,
        lines=st.lists(texts(), min_size=1, max_size=3),
        postcode=st.none() | texts(10),
        city=st.none() | texts(),
        region=st.none() | texts(),
        country=_COUNTRIES,
    )


def emergency_contacts() -> st.SearchStrategy[EmergencyContact]:
    """Whom to call."""
    return st.builds(EmergencyContact, name=texts(), phone=phones(), relation=st.none() | texts())


def _known(studios: Sequence[str]) -> dict[str, st.SearchStrategy[Any]]:
    """What registering and importing both take, by name."""
    return {
        "given_name": texts(),
        "family_name": st.none() | texts(),
        "known_as": st.none() | texts(),
        "salutation": st.none() | texts(),
        "birth_date": st.none() | _BORN,
        "language": st.none() | _LANGUAGES,
        "email": st.none() | emails(),
        "phones": st.lists(phones(), max_size=2, unique=True).map(tuple),
        "addresses": st.lists(addresses(), max_size=2, unique_by=lambda each: each.kind).map(tuple),
        "home_studio": st.none() | st.sampled_from(studios) if studios else st.none(),
        "verified": st.booleans(),
    }


def people(
    *, member_types: Sequence[str] = ("customer",), studios: Sequence[str] = ()
) -> st.SearchStrategy[Mapping[str, Any]]:
    """People, for ``members.register(**person)``. Two of them may share an e-mail address or a phone number, which is
    refused: keep them apart with ``unique_by``.
    """
    return st.fixed_dictionaries(
        {
            "member_type": st.sampled_from(member_types),
            **_known(studios),
            "email": emails(),
            "external_ids": st.lists(external_ids(codes()), max_size=2, unique=True).map(tuple),
            "zone": st.none() | zones(),
            "photo": st.none() | texts(),
            "interests": st.lists(texts(), max_size=3).map(tuple),
            "emergency_contact": st.none() | emergency_contacts(),
        }
    )


def person_rows(
    *, member_types: Sequence[str] = ("customer",), studios: Sequence[str] = (), today: date = date(2026, 1, 15)
) -> st.SearchStrategy[PersonRow]:
    """People whom another system knows (MEM-19)."""
    return st.builds(
        PersonRow,
        texts(),
        member_type=st.sampled_from(member_types),
        **_known(studios),
        guardian=st.none(),
        registered_on=st.none() | dates(date(1990, 1, 1), today),
    )


def refused_rows() -> st.SearchStrategy[RefusedRow]:
    """Rows that their reader could not vouch for, in the place of any other (MEM-19, CON-19)."""
    why = InvalidInput(path="birth_date", expected="a date", got="another text")
    return st.builds(RefusedRow, id=texts(), refusal=st.just(why), row=st.none() | person_rows())
