"""COM-20: the keys by which members are searched, made here so that every database answers alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import Enum

from attrs import field, frozen

from memberlogic.ids import ExternalId
from memberlogic.members.contact_points import ContactKind, ContactPoint
from memberlogic.members.people import Person
from memberlogic.members.support_ids import symbols_of

__all__ = [
    "LONGEST",
    "SearchKey",
    "SearchKind",
    "folded",
    "name_keys",
    "of_contact_points",
    "of_external_ids",
    "of_person",
    "of_support_id",
]

LONGEST = 128
"""The most characters of a key; what is longer is searched by its beginning."""

# Letters that Unicode does not take apart, as people type them on a keyboard that lacks them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_APOSTROPHES = re.compile("['`´‘’ʻʼʹ]")
_HYPHENS = re.compile("[-‐‑‒–—_]")


class SearchKind(Enum):
    """By what a member can be found."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    SUPPORT_ID = "support_id"
    EXTERNAL_ID = "external_id"


@frozen(cache_hash=True, order=True)
class SearchKey:
    """A key of a member; in order of kinds, then of their characters."""

    kind: SearchKind = field(order=lambda kind: kind.value)
    value: str


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, accents, apostrophes, hyphens and how many spaces there are.
    ``Łuczak-Groß`` is ``luczak gross``. At most 128 characters.
    """
    plain = _APOSTROPHES.sub("", text)
    for _ in range(2):  # taking a character apart can bring forth capitals, and folding marks
        plain = unicodedata.normalize("NFKD", plain.casefold()).translate(_LETTERS)
    unmarked = "".join(each for each in plain if unicodedata.category(each) != "Mn")
    return " ".join(_HYPHENS.sub(" ", _APOSTROPHES.sub("", unmarked)).split())[:LONGEST].rstrip()


def name_keys(given: str | None, family: str | None, known_as: str | None) -> frozenset[SearchKey]:
    """The keys of names: in full, the other way around, by what the person is called, and each word of them."""
    first, last, called = (folded(each or "") for each in (given, family, known_as))
    whole = (f"{first} {last}", f"{last} {first}", f"{called} {last}", f"{last} {called}")
    words = (*first.split(), *last.split(), *called.split(), called)
    return frozenset(SearchKey(SearchKind.NAME, folded(each)) for each in (*whole, *words) if each.strip())


def of_person(person: Person) -> frozenset[SearchKey]:
    """The keys of a person's names."""
    return name_keys(person.given_name, person.family_name, person.known_as)


def of_contact_points(points: Iterable[ContactPoint]) -> frozenset[SearchKey]:
    """The keys of contact points."""
    kinds = {ContactKind.EMAIL: SearchKind.EMAIL, ContactKind.PHONE: SearchKind.PHONE}
    return frozenset(SearchKey(kinds[each.kind], folded(each.match_key)) for each in points)


def of_external_ids(external_ids: Sequence[ExternalId]) -> frozenset[SearchKey]:
    """The keys of external ids, whatever their source. One of signs alone is not searched."""
    keys = (folded(each.value) for each in external_ids)
    return frozenset(SearchKey(SearchKind.EXTERNAL_ID, key) for key in keys if key)


def of_support_id(support_id: str) -> frozenset[SearchKey]:
    """The key of a support id: without its hyphens."""
    return frozenset({SearchKey(SearchKind.SUPPORT_ID, symbols_of(support_id))})
