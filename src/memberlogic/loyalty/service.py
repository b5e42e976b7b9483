"""What a host calls to run clubs and accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId
from memberlogic.inputs import an_id
from memberlogic.ledger.model import Expiry, Never, TransferPolicy
from memberlogic.loyalty import opening
from memberlogic.loyalty.model import Account, Club, Scheme
from memberlogic.loyalty.opening import STANDARD, OpenAccount, OpenClub, OpeningFacts
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.programme import Earning, Redeeming
from memberlogic.loyalty.progression import Progression
from memberlogic.organizations.model import Feature
from memberlogic.running import Asks, Runner

__all__ = ["LoyaltyService"]

OPEN_CLUB = Asks("loyalty.open_club", "settings.loyalty:create", Club, Feature.LOYALTY)
CLUB = Asks("loyalty.club", "settings.loyalty:read", Club, Feature.LOYALTY)
OPEN_ACCOUNT = Asks("loyalty.open_account", "members.accounts:create", Account, Feature.LOYALTY)
ACCOUNT = Asks("loyalty.account", "members.accounts:read", Account, Feature.LOYALTY)
FIND_ACCOUNT = Asks("loyalty.find_account", "members.accounts:read", Account, Feature.LOYALTY)


@frozen(kw_only=True)
class OfClub:
    """A club by id."""

    club: ClubId = field(validator=an_id)


@frozen(kw_only=True)
class OfAccount:
    """An account by id."""

    account: AccountId = field(validator=an_id)


class LoyaltyService:
    """Clubs and the accounts that members hold in them."""

    def __init__(self, runner: Runner[LoyaltyWork]) -> None:
        self._runner = runner

    def open_club(
        self,
        *,
        name: str,
        zone: ZoneInfo,
        member_types: Iterable[str],
        schemes: Sequence[Scheme] = (STANDARD,),
        expiry: Expiry = Never(),  # noqa: B008 - frozen
        transfer: TransferPolicy = TransferPolicy(),  # noqa: B008 - frozen
        currency: str = "EUR",
        earning: Earning = Earning(),  # noqa: B008 - frozen
        redeeming: Redeeming | None = None,
        progression: Progression | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Club:
        """Open a club (PTS-1) with its schemes in rank order (SCH-1) and what it says of points: how long they
        live (PTS-6), whether they may be transferred (PTS-11), how purchases earn them (PTS-2) and what they pay
        (PTS-8; without ``redeeming`` nothing); and of going up and down between its schemes (SCH-2 to SCH-6; without
        ``progression`` nothing automatic moves an account).

        Raises:
            InvalidInput: naming the field, for thresholds that do not begin at 0 and rise, among others.
        """
        wanted = OpenClub(
            name=name,
            zone=zone,
            member_types=member_types,
            schemes=schemes,
            expiry=expiry,
            transfer=transfer,
            currency=currency,
            earning=earning,
            redeeming=redeeming,
            progression=progression,
            external_ids=external_ids,
        )
        return self._runner.run(OPEN_CLUB, wanted, idempotency_key, self.open_club_step)

    def open_club_step(self, uow: LoyaltyWork, _: Actor, wanted: OpenClub) -> Club:
        """Opening a club, inside a unit of work."""
        outcome = opening.open_club(ClubId(self._runner.new_id()), wanted)
        uow.clubs.add(outcome.facts)
        uow.external_ids.add("club", outcome.facts.id, wanted.external_ids)
        uow.put(outcome.events)
        return outcome.result

    def club(self, club: ClubId) -> Club:
        """One club. Raises ``NotFound``."""
        return self._runner.ask(CLUB, OfClub(club=club), self.club_step)

    def club_step(self, uow: LoyaltyWork, _: Actor, wanted: OfClub) -> Club:
        """Looking a club up, inside a unit of work."""
        return uow.clubs.get(wanted.club)

    def open_account(
        self,
        *,
        club: ClubId,
        member: MemberId,
        scheme: str | None = None,
        external_ids: Sequence[ExternalId] = (),
        idempotency_key: str | None = None,
    ) -> Account:
        """Open an account of the member's own, in the lowest scheme or the one named.

        Raises:
            NotFound: if there is no such club or member.
            RuleViolation: the first of member type, block, second account, unknown scheme.
            Duplicate: if an external id is taken.
        """
        wanted = OpenAccount(club=club, member=member, scheme=scheme, external_ids=external_ids)
        return self._runner.run(OPEN_ACCOUNT, wanted, idempotency_key, self.open_account_step)

    def open_account_step(self, uow: LoyaltyWork, _: Actor, wanted: OpenAccount) -> Account:
        """Opening an account, inside a unit of work."""
        facts = OpeningFacts(
            wanted=wanted,
            member=uow.members.locked(wanted.member),
            club=uow.clubs.get(wanted.club),
            own_accounts=uow.accounts.own(wanted.member, wanted.club),
        )
        outcome = opening.open_account(AccountId(self._runner.new_id()), facts, uow.now)
        uow.accounts.add(outcome.facts)
        uow.external_ids.add("account", outcome.facts.id, wanted.external_ids)
        uow.put(outcome.events)
        return outcome.result

    def account(self, account: AccountId) -> Account:
        """One account. Raises ``NotFound``, also for a member who does not hold it."""
        return self._runner.ask(ACCOUNT, OfAccount(account=account), self.account_step)

    def account_step(self, uow: LoyaltyWork, actor: Actor, wanted: OfAccount) -> Account:
        """Looking an account up, inside a unit of work."""
        return opening.reachable(uow.accounts.get(wanted.account), actor)

    def find_account(self, source: str, value: str) -> Account:
        """The account with an external id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND_ACCOUNT, ExternalId(source, value), self.find_account_step)

    def find_account_step(self, uow: LoyaltyWork, actor: Actor, wanted: ExternalId) -> Account:
        """Looking an account up by external id, inside a unit of work."""
        account = uow.accounts.get(AccountId(uow.external_ids.find("account", wanted)))
        return opening.reachable(account, actor)
