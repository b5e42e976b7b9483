"""MEM-17: the accounts of two records of one person become one's. Where only one of the records has an account of its
own in a club, it changes hands as it is. Where both have, the duplicate's points go to the survivor's account with
their dates, purchases count there from then on, and the emptied account is closed and leads to the other one.

The higher scheme is kept, with the pin that held it. An account that was blocked makes the other one blocked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.ids import ClubId, NewId
from memberlogic.inputs import MOST
from memberlogic.ledger.merging import join
from memberlogic.ledger.model import AccountState, Entry, HoldState, Move, Wallet
from memberlogic.loyalty.closing import moves
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.moving import MoveScheme, MovingFacts, in_wallet, move, moved_since
from memberlogic.loyalty.parting import account_facts
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.progression import DayTotals, Pin
from memberlogic.loyalty.settling import settle_reviewing, settle_viewing, settled, write
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.telling import look_again
from memberlogic.members.model import AccountsJoined, BothRecords, Erasable, MergeHolding, PointsJoined

__all__ = ["MembersAccountsMerged"]

MERGED = "member_merged"
"""Why an account is in a higher scheme that another one of the same person was in."""


class AccountHeld(RuleViolation):
    """Points are reserved."""

    code = "merge.account_held"
    rule = "MEM-17"
    sentence = (
        "On the account {account}, which would go into {into}, the hold {hold} is open; capture or release it before"
        " the records are merged."
    )


class AdjustmentWaits(RuleViolation):
    """A second person has not said yes or no."""

    code = "merge.adjustment_waits"
    rule = "MEM-17"
    sentence = (
        "On the account {account}, which would go into {into}, the adjustment {adjustment} waits for a second person;"
        " approve or reject it before the records are merged."
    )


class AccountShared(RuleViolation):
    """Somebody else would lose their points."""

    code = "merge.account_shared"
    rule = "MEM-17"
    sentence = (
        "The account {account}, which would go into {into}, is held by others too ({others}); they leave it before the"
        " records are merged."
    )


@frozen
class _Pair:
    """Two own accounts in one club: the one that goes, and the one that stays."""

    gone: Account
    kept: Account
    club: Club

    @property
    def raises(self) -> bool:
        """Whether the one that stays comes into the other's scheme, which is higher."""
        return self.club.rank(self.gone.scheme) > self.club.rank(self.kept.scheme)

    @property
    def blocks(self) -> bool:
        """Whether the one that stays is blocked by it."""
        return self.gone.state is AccountState.BLOCKED and self.kept.state is AccountState.OPEN

    def moving(self) -> Sequence[Move]:
        """The wallets of both, the one's before the other's, with all their lots."""
        return [Move(each.wallet, takes=MOST) for one in (self.gone, self.kept) for each in moves(one, self.club)]


@frozen
class MembersAccountsMerged:
    """What loyalty contributes to merging."""

    new_id: NewId

    def held(self, uow: LoyaltyWork, both: BothRecords, *, lock: bool) -> MergeHolding:
        """Every account of the duplicate, those that become one with one of the survivor's, and what keeps them from
        it.
        """
        theirs = uow.accounts.held_by(both.duplicate)
        look = uow.accounts.locked if lock else uow.accounts.get
        accounts = [look(each) for each in sorted({*theirs, *uow.accounts.held_by(both.survivor)})]
        pairs = _pairs(uow, accounts, both)
        refusals = [refusal for each in pairs for refusal in self._refusals(uow, each, both)]
        return MergeHolding(
            moves=(Erasable(name="accounts", count=len(theirs)),) if theirs else (),
            accounts=tuple(self._joined(uow, each) for each in pairs),
            refusals=tuple(refusals),
        )

    def _refusals(self, uow: LoyaltyWork, pair: _Pair, both: BothRecords) -> Sequence[MemberLogicError]:
        named = {"account": str(pair.gone.id), "into": str(pair.kept.id)}
        others = [each for each in pair.gone.holders if each not in (both.survivor, both.duplicate)]
        found: list[MemberLogicError] = []
        for wallet in uow.wallets.viewing([each.wallet for each in moves(pair.gone, pair.club)]):
            running = [each for each in wallet.holds if each.state is HoldState.OPEN and each.until > uow.now]
            found += [AccountHeld(hold=str(each.id), **named) for each in running]
            waiting = uow.adjustments.waiting_for(wallet.id)
            found += [AdjustmentWaits(adjustment=str(each.id), **named) for each in waiting]
        return [*found, *([AccountShared(others=[str(each) for each in others], **named)] if others else [])]

    def _joined(self, uow: LoyaltyWork, pair: _Pair) -> AccountsJoined:
        """What joining two accounts comes to, with everything that fell due settled in memory."""
        reviewed = settled(uow, [pair.gone, pair.kept], uow.now, self.new_id)
        after = {each.account.id: each.account for each in reviewed}
        pair = evolve(pair, gone=after.get(pair.gone.id, pair.gone), kept=after.get(pair.kept.id, pair.kept))
        viewed = uow.wallets.viewing([each.wallet for each in moves(pair.gone, pair.club)])
        wallets = settle_viewing(uow, viewed, self.new_id).facts
        return AccountsJoined(
            account=pair.gone.id,
            into=pair.kept.id,
            club=pair.club.id,
            points=tuple(PointsJoined(unit=each.id.unit, points=each.remaining, debt=each.debt) for each in wallets),
            scheme=pair.gone.scheme if pair.raises else pair.kept.scheme,
            raised=pair.raises,
            blocked=pair.blocks or pair.kept.state is AccountState.BLOCKED,
        )

    def merge(self, uow: LoyaltyWork, both: BothRecords, accounts: Sequence[AccountsJoined], actor: Actor) -> None:
        """Queue that accounts become one, and that the others are the survivor's."""
        theirs = uow.accounts.held_by(both.duplicate)
        for each in accounts:
            self._join(uow, each, actor)
        joined = {each.account for each in accounts}
        for id in (each for each in theirs if each not in joined):
            account_facts(uow, id, self.new_id)
        uow.account_mergings.hand_over(theirs, both.duplicate, both.survivor)

    def _join(self, uow: LoyaltyWork, joined: AccountsJoined, actor: Actor) -> None:
        """Two accounts become one: everything is settled, then moved, then closed."""
        gone, kept = (uow.accounts.locked(each) for each in (joined.account, joined.into))
        pair = _Pair(gone, kept, uow.clubs.get(gone.club))
        outcome, reviewed = settle_reviewing(uow, pair.moving(), self.new_id)
        pair = evolve(pair, gone=reviewed.get(gone.id, gone), kept=reviewed.get(kept.id, kept))
        units = len(pair.club.terms)
        sources, targets = outcome.facts[:units], outcome.facts[units:]
        posted: list[Wallet] = []
        entries: list[Entry] = []
        for source, target in zip(sources, targets, strict=True):
            made = join(source, target, actor, uow.now, self.new_id)
            entries += made.events
            posted += made.facts
        raised = self._raised(uow, pair, actor) if pair.raises else None
        if raised is not None:
            posted = [in_wallet(each, raised.account) if each.id.account == kept.id else each for each in posted]
        uow.wallets.post([evolve(each, effective_at=max(each.effective_at, uow.now)) for each in posted], entries)
        write(uow, (raised,), self.new_id)
        uow.accounts.stand(evolve(pair.gone, state=AccountState.CLOSED, blocked_for=None, blocked_at=None))
        if pair.blocks:
            reason = pair.gone.blocked_for
            uow.accounts.stand(evolve(pair.kept, state=AccountState.BLOCKED, blocked_for=reason, blocked_at=uow.now))
        look_again(uow, [each for each in posted if each.id.account == kept.id])
        uow.account_mergings.merge(gone.id, kept.id)

    def _raised(self, uow: LoyaltyWork, pair: _Pair, actor: Actor) -> Standing:
        """The account that stays, in the scheme of the other: as if staff had moved it there."""
        since = moved_since(pair.club, pair.kept, uow.now)
        totals = uow.measures.daily([pair.gone.id, pair.kept.id], since)
        wanted = MoveScheme(
            account=pair.kept.id, scheme=pair.gone.scheme, reason=MERGED, pin=_pin(pair.gone, pair.club, uow.now)
        )
        facts = MovingFacts(
            wanted=wanted,
            account=pair.kept,
            club=pair.club,
            totals=_together([*totals[pair.gone.id], *totals[pair.kept.id]]),
            now=uow.now,
        )
        return move(facts, actor, self.new_id).facts


def _pairs(uow: LoyaltyWork, accounts: Collection[Account], both: BothRecords) -> Sequence[_Pair]:
    """The clubs in which both have an account of their own that is not closed."""
    there = [each for each in accounts if each.state is not AccountState.CLOSED]
    own: Mapping[ClubId, Account] = {each.club: each for each in there if each.owner == both.survivor}
    gone = (each for each in there if each.owner == both.duplicate and each.club in own)
    return [_Pair(each, own[each.club], uow.clubs.get(each.club)) for each in gone]


def _pin(account: Account, club: Club, now: datetime) -> Pin | None:
    """The pin that holds an account where it is, if one does today."""
    pin = account.pin
    if pin is None or pin.scheme != account.scheme or pin.until <= local_day(now, club.zone):
        return None
    return Pin(kind=pin.kind, until=pin.until)


def _together(totals: Sequence[DayTotals]) -> tuple[DayTotals, ...]:
    """What the purchases of two accounts come to, by business day."""
    days: dict[object, DayTotals] = {}
    for each in sorted(totals, key=lambda one: one.day):
        before = days.get(each.day)
        days[each.day] = (
            each
            if before is None
            else DayTotals(
                day=each.day,
                purchases=before.purchases + each.purchases,
                spent=before.spent + each.spent,
                earned=before.earned + each.earned,
                returned=before.returned + each.returned,
            )
        )
    return tuple(days.values())
