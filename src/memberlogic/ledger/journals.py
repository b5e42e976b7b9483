"""PTS-15: a journal is a batch of lines that is drafted, validated as a whole, and posted entirely or not at all."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import NamedTuple

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.errors import InvalidInput
from memberlogic.ids import AccountId, EntryId, ExternalId, JournalId
from memberlogic.inputs import a_key, an_id, an_instant, code, instance, optional, to_utc_or_none, whole
from memberlogic.ledger.model import WalletId

__all__ = ["Drafted", "Journal", "JournalLine", "JournalRow", "JournalState", "LineKind", "LineProblem", "WellFormed"]


class JournalState(Enum):
    """What becomes of a journal."""

    DRAFTING = "drafting"
    """Its lines are still coming in."""

    DRAFT = "draft"
    """All lines are there; nothing has moved."""

    POSTED = "posted"
    """Every line is in the ledger, for ever."""

    DISCARDED = "discarded"
    """It will not be posted."""


class LineKind(Enum):
    """What a line does; points are above zero, but for an adjustment, which takes them where they are below."""

    EARN = "earn"
    """Points arrive that were earned elsewhere; they live by the club's policy or until a named instant."""

    REDEEM = "redeem"
    """Points were spent elsewhere."""

    ADJUST = "adjust"
    """Points are put right, for a reason."""

    TRANSFER = "transfer"
    """Points go to the target, by the club's rules of transfers (PTS-11)."""

    EXPIRE = "expire"
    """Points are gone by name, before their time; the only kind that a blocked account takes."""


class JournalRow(NamedTuple):
    """A line as it comes: a plain tuple, looked at when its turn comes; a bad one is told, not raised."""

    kind: LineKind
    account: AccountId | ExternalId
    points: int
    target: AccountId | ExternalId | None = None
    reason: str | None = None
    reference: str | None = None
    expires_at: datetime | None = None


@frozen(kw_only=True)
class WellFormed:
    """What a line says, if its form is right."""

    kind: LineKind = field(validator=instance(LineKind, "a kind of line"))
    account: AccountId = field(validator=an_id)
    points: int = field(validator=whole())
    target: AccountId | None = field(default=None, validator=optional(an_id))
    reason: str | None = field(default=None, validator=optional(code("a reason")))
    reference: str | None = field(default=None, validator=optional(a_key))
    expires_at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))

    def __attrs_post_init__(self) -> None:
        adjusts = self.kind is LineKind.ADJUST
        if self.points == 0 or (self.points < 0 and not adjusts):
            expected = "a whole number above or below 0" if adjusts else "a whole number above 0"
            raise InvalidInput(path="points", expected=expected, got=str(self.points))
        if (self.target is None) is (self.kind is LineKind.TRANSFER):
            expected = "the account that receives" if self.target is None else "nothing but in a transfer"
            raise InvalidInput(path="target", expected=expected, got="nothing" if self.target is None else "an account")
        if adjusts and self.reason is None:
            raise InvalidInput(path="reason", expected="a reason code for an adjustment", got="nothing")
        if self.expires_at is not None and not self.brings:
            raise InvalidInput(path="expires_at", expected="nothing where no points arrive", got="an instant")

    @property
    def brings(self) -> bool:
        """Whether points arrive in the account; else they are taken from it."""
        return self.kind is LineKind.EARN or (self.kind is LineKind.ADJUST and self.points > 0)


@frozen
class LineProblem:
    """What is wrong with a line: its number, from 1, the field if one is meant, the reason's code and sentence."""

    line: int
    field: str | None
    code: str
    text: str


@frozen(kw_only=True)
class JournalLine:
    """A line of a journal: well formed, or with what is wrong with its form."""

    number: int
    """Its place in the journal, from 1."""
    said: WellFormed | None
    problem: LineProblem | None = None
    entry: EntryId | None = None
    """The entry that it became; of a transfer, what left. None until the journal is posted."""


@frozen(kw_only=True)
class Journal:
    """A batch of lines of one unit. ``reference`` is the host's own name of it, unique in the organization for ever."""

    id: JournalId
    reference: str
    unit: Unit = POINTS
    state: JournalState
    digest: str
    """What its lines come to; the same lines give the same."""
    lines: int
    malformed: int
    """How many of the lines are wrong in form already."""
    drafted_by: str
    drafted_at: datetime
    entries: int = 0
    """How many entries it became: two for each transfer."""
    posted_by: str | None = None
    posted_at: datetime | None = None

    def wallet(self, account: AccountId) -> WalletId:
        """The wallet that a line of an account is about."""
        return WalletId(account, self.unit)


@frozen
class Drafted:
    """What some rows of a draft leave: the journal, the lines that are new, whether older ones go."""

    journal: Journal
    lines: tuple[JournalLine, ...]
    anew: bool
