"""MEM-8, MEM-9: what becomes of points when a member is blocked or anonymised.

A hold is a member's if nobody else who takes part holds the account, else if they asked for it themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.ids import AccountId, MemberId, NewId
from memberlogic.ledger.holding import ResolvingFacts, release
from memberlogic.ledger.model import Entry, Hold, HoldState, Wallet
from memberlogic.loyalty import closing
from memberlogic.loyalty.closing import AccountFacts, BlockAccount, moves, untouched
from memberlogic.loyalty.model import Account, AccountState
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.settling import settle_moving, settle_reviewing
from memberlogic.members.model import Blocker, BlockerKind, Erasable, Holding, MemberState, parted

__all__ = ["MembersPoints", "account_facts", "theirs"]

BLOCKED = "member_blocked"
"""Why a hold was released when its member was blocked."""

ANONYMISED = "member_anonymised"
"""Why an account is blocked whose last holder was anonymised."""


def account_facts(uow: LoyaltyWork, id: AccountId, new_id: NewId) -> AccountFacts:
    """An account, locked, with its wallets settled; posting them writes its version."""
    account = uow.accounts.locked(id)
    settled, reviewed = settle_reviewing(uow, moves(account, uow.clubs.get(account.club)), new_id)
    uow.wallets.post(untouched(settled.facts, uow.now), ())
    return AccountFacts(account=reviewed.get(id, account), wallets=settled.facts)


def theirs(wallet: Wallet, member: MemberId) -> Sequence[Hold]:
    """The open holds of a wallet that are a member's."""
    others = any(each.state.takes_part for each in wallet.holders if each.member != member)
    mine = Actor.member(member).label
    holds = (each for each in wallet.holds if each.state is HoldState.OPEN)
    return [each for each in holds if not others or each.actor == mine]


@frozen
class MembersPoints:
    """What loyalty contributes to blocking and anonymising."""

    new_id: NewId

    def blocked(self, uow: LoyaltyWork, member: MemberId) -> None:
        """Release the member's open holds; what expired while it was held is gone now."""
        for account in self._accounts(uow, member, lock=True):
            if any(theirs(each, member) for each in self._wallets(uow, account)):
                for wallet in settle_moving(uow, moves(account, uow.clubs.get(account.club)), self.new_id).facts:
                    self._release(uow, wallet, theirs(wallet, member))

    def _release(self, uow: LoyaltyWork, wallet: Wallet, holds: Sequence[Hold]) -> None:
        entries: list[Entry] = []
        released: list[Hold] = []
        for each in holds:
            facts = ResolvingFacts(hold=each, points=None, spending=wallet, asking=None, unverified_may_spend=True)
            outcome = release(facts, Actor.system(), uow.now, self.new_id, BLOCKED)
            wallet = outcome.facts.wallet
            entries += outcome.events
            released.append(outcome.facts.hold)
            uow.put(outcome.facts.happened)
        uow.wallets.post((wallet,), entries, released)

    def held(self, uow: LoyaltyWork, member: MemberId, kept: Collection[str], *, lock: bool) -> Holding:
        """Open holds keep a member; the ids by which others know an account that only they hold would go."""
        accounts = self._accounts(uow, member, lock=lock)
        holds = [
            hold
            for account in accounts
            for wallet in self._wallets(uow, account)
            for hold in theirs(wallet, member)
            if hold.until > uow.now
        ]
        blockers = (Blocker(kind=BlockerKind.HOLD, id=each.id, state=each.state.value) for each in holds)
        left = [account for account in accounts if self._alone(uow, account, member)]
        ids = sum(len(parted(uow.external_ids.of("account", each.id), kept)[False]) for each in left)
        erasable = (Erasable(name="account_external_ids", count=ids),) if ids else ()
        return Holding(blockers=tuple(blockers), erasable=erasable)

    def erase(self, uow: LoyaltyWork, member: MemberId, kept: Collection[str]) -> None:
        """Block every account that nobody is left to act on; its points go on expiring by their dates."""
        for account in self._accounts(uow, member, lock=True):
            if not self._alone(uow, account, member):
                continue
            uow.external_ids.remove(
                "account", account.id, parted(uow.external_ids.of("account", account.id), kept)[False]
            )
            if account.state is AccountState.OPEN:
                facts = account_facts(uow, account.id, self.new_id)
                outcome = closing.block(facts, BlockAccount(account=account.id, reason=ANONYMISED), uow.now)
                uow.accounts.stand(outcome.facts)
                uow.put(outcome.events)

    def _accounts(self, uow: LoyaltyWork, member: MemberId, *, lock: bool) -> Sequence[Account]:
        look = uow.accounts.locked if lock else uow.accounts.get
        return [look(each) for each in uow.accounts.held_by(member)]

    def _wallets(self, uow: LoyaltyWork, account: Account) -> Sequence[Wallet]:
        return uow.wallets.viewing([each.wallet for each in moves(account, uow.clubs.get(account.club))])

    def _alone(self, uow: LoyaltyWork, account: Account, member: MemberId) -> bool:
        others = uow.members.several([each for each in account.holders if each != member])
        return all(each.state is MemberState.ANONYMISED for each in others.values())
