"""A world to act in: an organization with a club, a clock that stands still, members with accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.application import Handle, MemberLogic, Work
from memberlogic.calendar import Term, local_day
from memberlogic.care.catalogues import Catalogues
from memberlogic.clock import FixedClock
from memberlogic.contracts.model import Contract
from memberlogic.contracts.rates import RateTerms
from memberlogic.events import Recorded
from memberlogic.ids import AccountId, ContractId, ExternalId, MemberId, RateId, new_id
from memberlogic.ledger.model import Entry, Wallet, WalletId
from memberlogic.loyalty.model import Club
from memberlogic.storing import Storage
from memberlogic.testing.someone import Someone

__all__ = ["NOON", "World"]

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""Where the clock of a world stands at first."""

_BERLIN = ZoneInfo("Europe/Berlin")


class World:
    """One organization, with a club and as many members and accounts as a test asks for.

    Args:
        storage: the store to act on; the world's organization is a new one there.
        at: where the clock stands at first.
        organization: settings of the organization, as :meth:`MemberLogic.open_organization` takes them.
        catalogues: the host's own, where Member Care is to look things up.
        club: settings of the club, as ``loyalty.open_club`` takes them.
    """

    def __init__(
        self,
        storage: Storage[Work],
        *,
        at: datetime = NOON,
        organization: dict[str, Any] | None = None,
        catalogues: Catalogues | None = None,
        **club: Any,
    ) -> None:
        self.storage = storage
        self.clock = FixedClock(at)
        self.ml = MemberLogic(storage, clock=self.clock, catalogues=catalogues or Catalogues())
        settings: dict[str, Any] = {"name": "Example", "zone": _BERLIN} | (organization or {})
        self.organization = self.ml.open_organization(**settings)
        self.org: Handle = self.acting_as(Actor.system())
        self.club = self.another_club(**club)

    def acting_as(self, actor: Actor) -> Handle:
        """A handle for another actor."""
        return self.ml.organization(self.organization.id, actor)

    def staff(self, *permissions: str) -> Handle:
        """A handle for a member of staff with these permissions."""
        return self.acting_as(Actor.staff("sam", permissions))

    def another_club(self, **settings: Any) -> Club:
        """One more club; member types that it names and nobody defined are defined."""
        said: dict[str, Any] = {"name": "Club", "zone": _BERLIN, "member_types": ["customer"]} | settings
        self.know_types(said["member_types"])
        return self.org.loyalty.open_club(**said)

    def know_types(self, member_types: Iterable[str]) -> None:
        """Define the member types that are not defined; the world's handle goes by them from then on."""
        missing = sorted(set(member_types) - set(self.org.settings.get().member_types))
        for each in missing:
            self.org.settings.define_member_type(each)
        if missing:
            self.org = self.acting_as(Actor.system())

    def member(self, *, verified: bool = True, member_type: str = "customer") -> MemberId:
        """One more member."""
        known = [ExternalId("world", str(new_id()))]
        return self.org.members.register(member_type=member_type, verified=verified, external_ids=known).id

    def a_member(self, name: str = "Somebody", *, verified: bool = True, member_type: str = "customer") -> Someone:
        """One more member, whose past can be told as a sentence, with an account if the club takes them. The name is
        for reading.
        """
        someone = Someone(self, self.member(verified=verified, member_type=member_type), name, member_type)
        if member_type in self.club.member_types:
            someone.account = self.account(member=someone.id)
        return someone

    def account(
        self, *, club: Club | None = None, member: MemberId | None = None, credits: Iterable[int] = ()
    ) -> AccountId:
        """One more account, of a new member if none is named, with points credited now."""
        account = self.org.loyalty.open_account(club=(club or self.club).id, member=member or self.member()).id
        for points in credits:
            self.org.ledger.credit(account, points, reason="welcome")
        return account

    def studio(self, code: str = "north", zone: ZoneInfo = _BERLIN) -> str:
        """A studio, opened when it is first asked for."""
        if code not in {each.code for each in self.org.settings.studios()}:
            self.org.settings.open_studio(code=code, name=code.title(), zone=zone)
        return code

    def rate(self, **terms: Any) -> RateId:
        """One more rate: a year without an initial fee, where nothing else is said."""
        said: dict[str, Any] = {"name": "Year", "term": Term.of_months(12)} | terms
        return self.org.contracts.open_rate(code=f"r-{new_id().hex[-12:]}", terms=RateTerms(**said)).id

    def contract(self, *, rate: RateId | None = None, member: MemberId | None = None, **said: Any) -> ContractId:
        """One more contract, of a new member on a new rate if none are named."""
        studio = said.pop("studio", None) or self.studio()
        holder = member or self.member()
        return self.org.contracts.draft(holder, rate=rate or self.rate(), studio=studio, **said).contract

    def stored_contract(self, contract: ContractId) -> Contract:
        """What is stored of a contract."""
        with self.storage.reading(self.organization.id, self.clock) as uow:
            return uow.contracts.get(contract)

    def today(self) -> date:
        """The organization's business day."""
        return local_day(self.clock.now(), self.organization.zone)

    def wait(self, **by: float) -> None:
        """Let time pass: ``days=3``, ``hours=2``."""
        self.clock.forward(timedelta(**by))

    def available(self, account: AccountId) -> int:
        """What an account can spend now."""
        return self.org.ledger.balance(account).available

    def wallet(self, account: AccountId) -> Wallet:
        """What is stored of an account's points, not settled."""
        with self.storage.reading(self.organization.id, self.clock) as uow:
            return uow.wallets.viewing([WalletId(account)])[0]

    def entries(self, account: AccountId) -> list[Entry]:
        """Every entry of an account's points."""
        with self.storage.reading(self.organization.id, self.clock) as uow:
            return list(uow.wallets.entries(WalletId(account), limit=10_000))

    def events(self) -> list[Recorded]:
        """Every event of the organization."""
        with self.storage.reading(self.organization.id, self.clock) as uow:
            return list(uow.history.events(limit=10_000))
