"""PTS-15, COM-20: the register of journals and the lines of one, in pages by key."""

from __future__ import annotations

from attrs import field, frozen

from memberlogic.ids import JournalId
from memberlogic.inputs import a_key, an_id, instance, optional, whole
from memberlogic.ledger.journals import Journal, JournalLine, JournalState

__all__ = ["JournalsPage", "LinesOf", "LinesPage", "OfReference", "PageOfJournals"]

_PAGE = 500


@frozen(kw_only=True)
class OfReference:
    """The journal of this reference."""

    reference: str = field(validator=a_key)


@frozen(kw_only=True)
class PageOfJournals:
    """The next journals after one, in a state if one is named."""

    state: JournalState | None = field(default=None, validator=optional(instance(JournalState, "a state of a journal")))
    after: JournalId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=_PAGE, validator=whole(least=1, most=1000))

    @classmethod
    def following(cls, last: Journal | None, state: JournalState | None) -> PageOfJournals:
        """The page after the last journal of the page before; the first one after None."""
        return cls(state=state, after=None if last is None else last.id)


@frozen
class JournalsPage:
    """Some journals, in order."""

    journals: tuple[Journal, ...]


@frozen(kw_only=True)
class LinesOf:
    """The next lines of a journal after a number."""

    journal: JournalId = field(validator=an_id)
    after: int = field(default=0, validator=whole(least=0))
    size: int = field(default=_PAGE, validator=whole(least=1, most=1000))

    @classmethod
    def following(cls, last: JournalLine | None, journal: JournalId) -> LinesOf:
        """The page after the last line of the page before; the first one after None."""
        return cls(journal=journal, after=0 if last is None else last.number)


@frozen
class LinesPage:
    """Some lines, in order."""

    lines: tuple[JournalLine, ...]
