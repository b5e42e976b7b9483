"""Playing stored purchases again, through the public services on a store in memory, under any programme: the database
is read and never written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from itertools import islice
from typing import Any

from attrs import fields, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import Rounding, rounded
from memberlogic.application import Handle, MemberLogic, Work
from memberlogic.calendar import local_day, start_of_day
from memberlogic.ids import AccountId, ExternalId
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.outstanding import Outstanding
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.listing import PurchaseSold
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.purchases import Purchase
from memberlogic.loyalty.redeeming import RedeemBlocks
from memberlogic.loyalty.valuing import owed
from memberlogic.storing import Storage
from memberlogic_sqlalchemy.cli.programme import Programme
from memberlogic_sqlalchemy.cli.replaying import TILL, ReplayClock, open_programme, play_rows, policy
from memberlogic_sqlalchemy.cli.stored import StoredClub

__all__ = [
    "Column",
    "Otherwise",
    "Plan",
    "Played",
    "differs",
    "of_present",
    "of_programme",
    "otherwise",
    "play",
    "present",
]

_ACCOUNT = "stored"
"""The source of the played accounts' external ids: the ids of the stored ones."""

_OF_PURCHASES = (EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE)


@frozen(kw_only=True)
class Plan:
    """A programme to play: how its club is opened, and how points pay in it."""

    name: str
    open_club: Callable[[Handle], Club]
    redeem: RedeemBlocks | None


def of_programme(name: str, programme: Programme, stored: StoredClub) -> Plan:
    """A programme file, over the categories that the purchases have."""
    excluded = frozenset(
        each for each in stored.categories if any(part in each for part in programme.excluded_product_types)
    )
    club = stored.club
    return Plan(
        name=name,
        open_club=lambda org: open_programme(
            org, programme, excluded, member_types=club.member_types, currency=club.currency
        ),
        redeem=policy(programme),
    )


def of_present(name: str, stored: StoredClub) -> Plan:
    """The stored club's own definition; points pay a block at each purchase, as in a replay."""
    club = stored.club
    said: dict[str, Any] = {each.name: getattr(club, each.name) for each in fields(Club)}
    for no_rule in ("id", "version"):
        del said[no_rule]
    redeeming = club.redeeming
    redeem = None
    if redeeming is not None:
        redeem = RedeemBlocks(points=redeeming.points, minimum_total=redeeming.minimum_total, most_blocks=1)
    return Plan(name=name, open_club=lambda org: org.loyalty.open_club(**said), redeem=redeem)


@frozen(kw_only=True)
class Column:
    """What a club comes to by an instant, points and money apart."""

    name: str
    currency: str
    accounts: int
    purchases: int
    spent: int
    earned: int
    earnings: int
    """The purchases that earned at least one point."""
    redeemed: int
    redemptions: int
    """The purchases that points paid a part of."""
    redeemed_value: int
    expired: int
    other: int
    """What came and went otherwise: credits, transfers, corrections."""
    outstanding: int
    liability: int
    """What the outstanding points would pay, floored."""
    upgrades: int
    downgrades: int
    schemes: Mapping[str, int]
    """Accounts by the name of their scheme, in rank order."""

    @property
    def cost(self) -> int:
        """What points paid, and what is still owed."""
        return self.redeemed_value + self.liability

    def of_each(self, value: int) -> Fraction:
        """A figure per account."""
        return Fraction(value, max(1, self.accounts))

    def to_json(self) -> dict[str, Any]:
        """As JSON values; averages are texts with two digits after the point."""
        per = {name: _hundredths(self.of_each(getattr(self, name))) for name in _AVERAGED}
        said = {each.name: getattr(self, each.name) for each in fields(Column)}
        return {**said, "cost": self.cost, "per_account": per}


_AVERAGED = ("purchases", "spent", "earned", "redeemed", "expired", "outstanding", "liability", "cost")


def _hundredths(value: Fraction) -> str:
    sign, scaled = ("-" if value < 0 else ""), rounded(abs(value) * 100, Rounding.HALF_UP)
    return f"{sign}{scaled // 100}.{scaled % 100:02}"


def _column(name: str, org: Handle, club: Club, stored: StoredClub, spent: int, redeemed_value: int) -> Column:
    """The public reports of a club, side by side."""
    counted = org.ledger.outstanding(club.id)
    entries = {each.kind: each.entries for each in counted.kinds}
    migration = org.loyalty.migration(club.id, date(1900, 1, 1), stored.until)
    names = {scheme.code: scheme.name for scheme in club.schemes}
    schemes = {names[each.scheme]: each.accounts for each in org.loyalty.accounts_by_scheme(club.id).schemes}
    return Column(
        name=name,
        currency=club.currency,
        accounts=len(stored.accounts),
        purchases=stored.purchases,
        spent=spent,
        earned=counted.total(EntryKind.EARN),
        earnings=entries.get(EntryKind.EARN, 0),
        redeemed=-counted.total(EntryKind.REDEEM),
        redemptions=entries.get(EntryKind.REDEEM, 0),
        redeemed_value=redeemed_value,
        expired=-counted.total(EntryKind.EXPIRE),
        other=_other(counted),
        outstanding=counted.outstanding,
        liability=owed(club, max(0, counted.outstanding)) or 0,
        upgrades=migration.upgrades,
        downgrades=migration.downgrades,
        schemes=schemes,
    )


def _other(counted: Outstanding) -> int:
    return sum(each.points for each in counted.kinds if each.kind not in _OF_PURCHASES)


def present(name: str, storage: Storage[Work], stored: StoredClub) -> Column:
    """What is stored, as of the instant by which all columns are counted."""
    org = _reading(storage, stored)
    return _column(name, org, stored.club, stored, stored.spent, stored.redeemed_value)


def _reading(storage: Storage[Work], stored: StoredClub) -> Handle:
    ml = MemberLogic(storage, clock=ReplayClock(stored.as_of))
    return ml.organization(stored.organization, Actor.system())


@frozen(kw_only=True)
class Played:
    """A programme that was played, and where it can be asked for more."""

    column: Column
    org: Handle


def play(
    plan: Plan,
    source: Storage[Work],
    memory: Storage[Work],
    stored: StoredClub,
    imported: Callable[[int], None] = lambda _: None,
) -> Played:
    """Play the stored purchases under a plan, on an empty store.

    Raises:
        PurchasesRejected: if the rules did not take one.
    """
    zone = stored.club.zone
    first = min([stored.first_at, *(at for _, at in stored.accounts[:1])])
    clock = ReplayClock(start_of_day(local_day(first, zone), zone))
    ml = MemberLogic(memory, clock=clock)
    organization = ml.open_organization(name="simulated", zone=zone).id
    settings = ml.organization(organization, Actor.system()).settings
    for each in sorted(stored.club.member_types):
        settings.define_member_type(each)
    org = ml.organization(organization, Actor.system())
    club = plan.open_club(org)
    rows = _Rows(org, club, stored, clock)
    purchases = islice(_reading(source, stored).loyalty.purchases(stored.club.id, page=1000), stored.purchases)
    report = play_rows(ml, clock, organization, plan.redeem, rows.of(purchases), until=stored.as_of, imported=imported)
    return Played(column=_column(plan.name, org, club, stored, rows.spent, report.redeemed_value), org=org)


class _Rows:
    """Stored purchases as rows of an import, the clock forwarded with them, accounts opened when they were."""

    def __init__(self, org: Handle, club: Club, stored: StoredClub, clock: ReplayClock) -> None:
        self.spent = 0
        self._org = org
        self._club = club
        self._clock = clock
        self._end = stored.as_of
        self._waiting = iter(stored.accounts)
        self._next = next(self._waiting, None)
        self._accounts: dict[AccountId, AccountId] = {}
        self._type = min(stored.club.member_types)

    def of(self, purchases: Iterable[PurchaseSold]) -> Iterator[PurchaseRow]:
        """The rows, by ids of their own: two tills may have the same."""
        for found in purchases:
            told = found.purchase
            self._open_by(told.at)
            self._clock.forward_to(told.at)
            self.spent += told.total
            yield PurchaseRow(
                str(told.id),
                self._accounts[told.account],
                told.at,
                found.lines,
                told.currency,
                told.studio,
                told.stored_value,
            )
        self._open_by(self._end)

    def _open_by(self, at: datetime) -> None:
        while self._next is not None and self._next[1] <= at:
            id, opened_at = self._next
            self._clock.forward_to(opened_at)
            known = [ExternalId(_ACCOUNT, str(id))]
            member = self._org.members.register(member_type=self._type, verified=True, external_ids=known)
            opened = self._org.loyalty.open_account(club=self._club.id, member=member.id, external_ids=known)
            self._accounts[id] = opened.id
            self._next = next(self._waiting, None)


def differs(one: Column, other: Column) -> list[str]:
    """The figures that are not the same in two columns."""
    figures = [each.name for each in fields(Column) if each.name != "name"]
    return [name for name in figures if getattr(one, name) != getattr(other, name)]


@frozen
class Otherwise:
    """How many stored purchases come out otherwise when they are played, and the first of them, stored and played."""

    purchases: int
    stored: Purchase | None
    played: Purchase | None


def otherwise(source: Storage[Work], stored: StoredClub, played: Played) -> Otherwise:
    """Look at the purchases one by one."""
    count, first, again = 0, None, None
    purchases = _reading(source, stored).loyalty.purchases(stored.club.id, page=1000)
    for theirs in (found.purchase for found in islice(purchases, stored.purchases)):
        ours = played.org.loyalty.find_purchase(TILL, str(theirs.id)).purchase
        if (theirs.earned, theirs.redeemed_points) != (ours.earned, ours.redeemed_points):
            count += 1
            first, again = (theirs, ours) if first is None else (first, again)
    return Otherwise(count, first, again)
