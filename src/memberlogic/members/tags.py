"""Tags, as they are kept (MEM-6).

Personal: which tags a member carries, and what a tag says, since somebody wrote it freely. Events, results and headers
name a tag by its id only.
"""

from __future__ import annotations

from datetime import datetime
from unicodedata import normalize

from attrs import frozen

from memberlogic.ids import TagId

__all__ = ["CarriedTag", "Tag", "TagInUse", "tag_key"]


@frozen(kw_only=True)
class Tag:
    """A tag of the organization, shown as it was first written."""

    id: TagId
    text: str


@frozen(kw_only=True)
class CarriedTag:
    """A tag that a member carries, and since when."""

    tag: Tag
    since: datetime


@frozen(kw_only=True)
class TagInUse:
    """A tag, and how many member records carry it."""

    tag: Tag
    members: int


def tag_key(text: str) -> str:
    """What two tags have in common that are the same tag: the text trimmed and case-folded, composed or decomposed
    letters alike (Unicode, canonical caseless matching).
    """
    return normalize("NFC", normalize("NFD", text.strip()).casefold())
