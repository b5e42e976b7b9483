"""MEM-18: what a person is to the organization at an instant: one pure function of the contracts that cover them.

Each contract counts on its own studio's days; what comes of them is in instants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from attrs import evolve, frozen

from memberlogic.calendar import start_of_day
from memberlogic.contracts.model import FINAL, FOLLOWED, IN_FORCE, Contract, ContractStatus
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans
from memberlogic.ids import MemberId
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus

__all__ = ["membership"]

_FOR_EVER = datetime.max.replace(tzinfo=UTC)

# The first that a person has by some contract is theirs.
_PRECEDENCE = (ContractStatus.ACTIVE, ContractStatus.FROZEN, ContractStatus.PENDING, ContractStatus.ON_HOLD)


@frozen
class _Piece:
    """A stretch of time of one coverage by one contract."""

    status: ContractStatus
    since: datetime
    until: datetime


@frozen
class _Cover:
    """One coverage: its pieces while it lasts, since when it was in force, and when and how it ended."""

    pieces: tuple[_Piece, ...]
    in_force_since: datetime | None
    ended_at: datetime | None
    ending: MembershipDetail | None

    def status_at(self, instant: datetime) -> ContractStatus | None:
        """What makes a member of the person at an instant; None if nothing does."""
        for piece in self.pieces:
            if piece.since <= instant < piece.until and piece.status not in FINAL:
                again = self.in_force_since is not None and self.in_force_since < instant
                return piece.status if piece.status is not ContractStatus.ON_HOLD or again else None
        return None

    def followed_by(self, other: _Cover) -> _Cover:
        """It and another that takes over where it ends, also where the other's studio has its day a little later."""
        first, *rest = other.pieces
        at = self.pieces[-1].since
        first = evolve(first, since=min(first.since, at))
        return _Cover(
            pieces=(*self.pieces[:-1], first, *rest),
            in_force_since=other.in_force_since if self.in_force_since is None else self.in_force_since,
            ended_at=first.since if first.status in FINAL else other.ended_at,
            ending=other.ending,
        )

    def over_at(self, instant: datetime) -> bool:
        """Whether it was in force and has ended."""
        return self.in_force_since is not None and self.ended_at is not None and self.ended_at <= instant


def membership(member: MemberId, contracts: Iterable[Contract]) -> tuple[MembershipSpan, ...]:
    """The spans of a person over past and known future, in order, without a gap from the first day of a contract on;
    neighbours differ. None for somebody whom no contract ever covered.
    """
    covers = [cover for chain in _chains(contracts) for cover in _covers_of(member, chain)]
    instants = {at for cover in covers for piece in cover.pieces for at in (piece.since, piece.until)}
    instants |= {cover.ended_at for cover in covers if cover.ended_at is not None}
    found: list[tuple[datetime, MembershipStatus, MembershipDetail | None]] = []
    for at in sorted(instants - {_FOR_EVER}):
        status, detail = _at(covers, at)
        if not found or found[-1][1:] != (status, detail):
            found.append((at, status, detail))
    ends = [*(at for at, _, _ in found[1:]), *([None] if found else [])]
    return tuple(
        MembershipSpan(status=status, detail=detail, since=at, until=end)
        for (at, status, detail), end in zip(found, ends, strict=True)
    )


def _at(covers: Sequence[_Cover], at: datetime) -> tuple[MembershipStatus, MembershipDetail | None]:
    present = {cover.status_at(at) for cover in covers}
    for status in _PRECEDENCE:
        if status in present:
            return MembershipStatus.MEMBER, MembershipDetail(status.value)
    over = [cover for cover in covers if cover.over_at(at)]
    if over:
        last = max(over, key=lambda cover: cover.ended_at or _FOR_EVER)
        return MembershipStatus.FORMER_MEMBER, last.ending
    return MembershipStatus.PROSPECT, None


def _chains(contracts: Iterable[Contract]) -> Iterable[Sequence[Contract]]:
    """Contracts that follow one another by a switch or a transfer that was filed, the first one first (CON-12)."""
    all_of = {each.id: each for each in contracts}
    handed_on = [each for each in all_of.values() if _followed(each)]
    after = {each.id: all_of[each.successor] for each in handed_on if each.successor in all_of}
    following = {each.id for each in after.values()}
    for first in all_of.values():
        if first.id not in following:
            chain = [first]
            while chain[-1].id in after:
                chain.append(after[chain[-1].id])
            yield chain


def _followed(contract: Contract) -> bool:
    return contract.cancellation is not None and contract.cancellation.kind in FOLLOWED


def _covers_of(member: MemberId, chain: Sequence[Contract]) -> Iterable[_Cover]:
    """Somebody who was on a contract when it was handed on is on the next without a gap: it is one coverage."""
    found = list(_covers(member, chain[0]))
    for before, contract in pairwise(chain):
        assert before.cancellation is not None, "another follows"
        day, own = before.cancellation.effective_on, list(_covers(member, contract))
        ended, begins = start_of_day(day, before.studio.zone), start_of_day(day, contract.studio.zone)
        one = next((each for each in found if each.ended_at == ended and each.pieces[-1].status in FINAL), None)
        other = next((each for each in own if each.pieces and each.pieces[0].since == begins), None)
        if one is not None and other is not None:
            found.remove(one)
            own.remove(other)
            own.append(one.followed_by(other))
        found += own
    return found


def _covers(member: MemberId, contract: Contract) -> Iterable[_Cover]:
    zone = contract.studio.zone
    whole = spans(Course.of(contract))
    for first_day, last_day in _stays(member, contract):
        since = start_of_day(first_day, zone)
        left = _FOR_EVER if last_day is None else start_of_day(last_day, zone)
        pieces = [
            _Piece(span.status, max(since, span.starts_at(zone)), min(left, span.ends_at(zone) or _FOR_EVER))
            for span in whole
        ]
        lasting = tuple(piece for piece in pieces if piece.since < piece.until)
        final = next((piece for piece in lasting if piece.status in FINAL), None)
        ended: datetime | None = None
        ending: MembershipDetail | None = None
        if final is not None:
            ended, ending = final.since, MembershipDetail(final.status.value)
        elif left != _FOR_EVER:
            ended, ending = left, MembershipDetail.LEFT
        force = next((piece.since for piece in lasting if piece.status in IN_FORCE), None)
        yield _Cover(lasting, force, ended, ending)


def _stays(member: MemberId, contract: Contract) -> Iterable[tuple[date, date | None]]:
    """The days ``[since, until)`` of a person on a contract, as its holder or covered beside."""
    found: list[tuple[date, date | None]] = []
    mine = [each for each in contract.coverage if each.member == member and each.since != each.until]
    for each in sorted(mine, key=lambda coverage: coverage.since):
        if found and found[-1][1] == each.since:
            found[-1] = (found[-1][0], each.until)
        else:
            found.append((each.since, each.until))
    return found
