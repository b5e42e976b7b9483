"""A member's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from uuid import UUID

from attrs import frozen

from memberlogic.amounts import Unit
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId

__all__ = [
    "AccountsJoined",
    "Blocker",
    "BlockerKind",
    "BothRecords",
    "Erasable",
    "Holding",
    "Member",
    "MemberState",
    "MergeHolding",
    "PointsJoined",
    "compared",
    "parted",
]


class MemberState(Enum):
    """The account state of a member record: may this person take part?"""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ANONYMISED = "anonymised"

    @property
    def takes_part(self) -> bool:
        """Whether the person may earn, spend, and be sent what is no service message."""
        return self in (MemberState.UNVERIFIED, MemberState.ACTIVE)


@frozen(kw_only=True)
class Member:
    """The standing of a person known to the organization: ids, and whether they may take part. What is known of the
    person is another fact (:class:`~memberlogic.members.people.Person`), which most commands do not need.
    """

    id: MemberId
    type: str
    state: MemberState
    before_block: MemberState | None = None
    """The state that unblocking restores; None unless blocked."""
    version: int = 0
    support_id: str = ""
    """The id that is read aloud (MEM-3); empty only in what a key answers that was used before there were any."""
    blocked_for: str | None = None
    """Why, as a code; None unless blocked."""
    deleted: bool = False
    """Whether the record is left out of lists and searches (MEM-10); then it is anonymised."""


class BlockerKind(Enum):
    """What keeps somebody from being anonymised (MEM-9)."""

    CONTRACT = "contract"
    HOLD = "hold"


@frozen(kw_only=True)
class Blocker:
    """One contract or hold that keeps somebody from being anonymised, and its state."""

    kind: BlockerKind
    id: UUID
    state: str


@frozen(kw_only=True)
class Erasable:
    """Something that is known of a member: what it is called and how many there are, never what it says."""

    name: str
    count: int = 1


@frozen(kw_only=True)
class Holding:
    """What a capability holds of a member, as far as it matters to erasing."""

    blockers: tuple[Blocker, ...] = ()
    erasable: tuple[Erasable, ...] = ()
    ends: tuple[Erasable, ...] = ()
    """What runs for them and would end, by name."""


@frozen(kw_only=True)
class PointsJoined:
    """What an account brings to another one of a unit."""

    unit: Unit
    points: int
    """What is in its lots, pending ones among them."""
    debt: int


@frozen(kw_only=True)
class AccountsJoined:
    """Two accounts of one person in one club became one: ``account`` leads to ``into`` from then on.

    ``scheme`` is the one that ``into`` is in then, ``raised`` if it was in a lower one; ``blocked`` if it is blocked.
    """

    account: AccountId
    into: AccountId
    club: ClubId
    points: tuple[PointsJoined, ...]
    scheme: str
    raised: bool
    blocked: bool


@frozen(kw_only=True)
class BothRecords:
    """The two records, as what other capabilities hold of them is looked at."""

    survivor: MemberId
    duplicate: MemberId
    blocks: bool
    """Whether the survivor takes no part any more once they are one, as the duplicate took none."""


@frozen(kw_only=True)
class MergeHolding:
    """What a capability holds of the duplicate: how much of it moves, how much ends, what is filled and what dropped
    (see :func:`compared`), which accounts become one, and what keeps the records from being merged.
    """

    moves: tuple[Erasable, ...] = ()
    ends: tuple[Erasable, ...] = ()
    filled: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    accounts: tuple[AccountsJoined, ...] = ()
    refusals: tuple[MemberLogicError, ...] = ()


def compared(**said: tuple[object, object]) -> MergeHolding:
    """What the survivor and the duplicate say, by its name: what is filled, and what of one of them is gone."""
    both = {name: each for name, each in said.items() if each[1] is not None and each[0] != each[1]}
    return MergeHolding(
        filled=tuple(name for name, (own, _) in both.items() if own is None),
        dropped=tuple(name for name, (own, _) in both.items() if own is not None),
    )


def parted(external_ids: Sequence[ExternalId], sources: Iterable[str]) -> Mapping[bool, tuple[ExternalId, ...]]:
    """The external ids that stay, under True, and those that go: by their sources."""
    stay = frozenset(sources)
    return {there: tuple(each for each in external_ids if (each.source in stay) is there) for there in (True, False)}
