"""MEM-13: what loyalty tells in a member's profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from attrs import frozen

from memberlogic import converting
from memberlogic.errors import JSON
from memberlogic.ids import MemberId, NewId
from memberlogic.ledger.reading import balance
from memberlogic.loyalty.closing import moves
from memberlogic.loyalty.model import Account
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.settling import settle_viewing, settled
from memberlogic.members.ports import ActivityPart, ProfileAsked, ProfilePart
from memberlogic.organizations.model import Feature

__all__ = ["LOYALTY_ACTIVITY", "loyalty_profile"]

_FIRST_DAY = date(1000, 1, 1)
_BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
_END = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=0))
_SPENT = ("points.redeemed", "points.captured")


@frozen
class _Accounts:
    """The accounts that a member holds, alone or with others, as their queries answer them."""

    new_id: NewId

    def accounts(self, uow: LoyaltyWork, asked: ProfileAsked) -> JSON:
        """Each with its scheme, after the reviews that are due."""
        held = self._held(uow, asked)
        reviewed = {each.account.id: each.account for each in settled(uow, held, uow.now, self.new_id)}
        return [converting.to_json(reviewed.get(each.id, each)) for each in held]

    def wallets(self, uow: LoyaltyWork, asked: ProfileAsked) -> JSON:
        """What each of their wallets holds, can spend, and loses next; of closed accounts too."""
        held = self._held(uow, asked)
        clubs = {id: uow.clubs.get(id) for id in sorted({each.club for each in held})}
        ids = [each.wallet for account in held for each in moves(account, clubs[account.club])]
        wallets = uow.wallets.viewing(ids) if ids else ()
        seen = settle_viewing(uow, wallets, self.new_id).facts
        return [converting.to_json(balance(each, uow.now)) for each in seen]

    def _held(self, uow: LoyaltyWork, asked: ProfileAsked) -> Sequence[Account]:
        ids = uow.accounts.held_by(asked.member)
        return uow.schemes.standing(ids) if ids else ()


def loyalty_profile(new_id: NewId) -> Sequence[ProfilePart]:
    """What loyalty contributes to a profile."""
    held = _Accounts(new_id)
    return (
        ProfilePart("accounts", "members.accounts:read", held.accounts, Feature.LOYALTY),
        ProfilePart("wallets", "members.points:read", held.wallets, Feature.LOYALTY),
    )


def _last_purchase(uow: LoyaltyWork, member: MemberId) -> datetime | None:
    return max((each.latest for each in uow.habits.bought(member, _FIRST_DAY).items), default=None)


def _last_redemption(uow: LoyaltyWork, member: MemberId) -> datetime | None:
    found = uow.timelines.of(member, _SPENT, since=_BEGINNING, before=_END, limit=1)
    return max((each.effective_at for each in found), default=None)


LOYALTY_ACTIVITY: Sequence[ActivityPart] = (
    ActivityPart("purchase", "members.purchases:read", _last_purchase),
    ActivityPart("redemption", "members.points:read", _last_redemption),
)
"""What members do with the accounts that they hold: purchases that did not come back, and points that paid."""
