"""The ground on which transfers are measured: one club, accounts with a handful of lots that expire, and what must
still be true of them after everybody has moved points.

Lots hold :data:`LOT` points and transfers move half a lot or a whole one, so that lots split in two at most and every
side meets the same depth of lots from the first round to the last. One wish in :data:`REFUSED` asks for more than
anybody has. Accounts have ids that a number tells, so that a script of pgbench can name them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic import Actor, MemberLogic
from memberlogic.calendar import Term
from memberlogic.ids import AccountId, ExternalId, OrganizationId
from memberlogic.ledger.model import After
from memberlogic.loyalty.programme import Earning, EarningRule, Rate
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic_sqlalchemy import SqlAlchemyStorage, upgrade
from sqlalchemy import Engine, create_engine, make_url, text

__all__ = [
    "ACCOUNTS",
    "LINES",
    "LOT",
    "ORGANIZATION",
    "REFUSED",
    "TOO_MUCH",
    "Sale",
    "Wish",
    "account",
    "drop",
    "empty",
    "engine",
    "prepare",
    "sales",
    "wishes",
]

ACCOUNTS = 1000
LOTS = 8
LINES = 10
LOT = 100
REFUSED = 50
TOO_MUCH = 1_000_000
EARNING = Earning(rules=(EarningRule(key="base", gives=Rate(1, per=100)),))
ORGANIZATION = OrganizationId(UUID("00000000-0000-7000-9000-000000000001"))


def account(number: int) -> AccountId:
    """The id of an account, 1 to :data:`ACCOUNTS`."""
    return AccountId(UUID(f"00000000-0000-7000-8000-{number:012x}"))


@frozen
class Wish:
    """One transfer somebody asks for."""

    source: AccountId
    target: AccountId
    points: int


def wishes(seed: int) -> Iterator[Wish]:
    """Transfers between accounts by chance."""
    chance = random.Random(seed)
    accounts = [account(number) for number in range(1, ACCOUNTS + 1)]
    while True:
        source, target = chance.sample(accounts, 2)
        points = TOO_MUCH if chance.randrange(REFUSED) == 0 else chance.choice((LOT // 2, LOT))
        yield Wish(source, target, points)


@frozen
class Sale:
    """One purchase that a till reports."""

    account: AccountId
    lines: tuple[PurchaseLine, ...]


def sales(seed: int) -> Iterator[Sale]:
    """Purchases of :data:`LINES` lines, of accounts by chance; every one earns."""
    chance = random.Random(seed)
    accounts = [account(number) for number in range(1, ACCOUNTS + 1)]
    shelf = [
        PurchaseLine(
            item=f"item-{number}",
            amount=chance.randint(50, 1500),
            discount=chance.choice((0, 0, 0, 20)),
            categories=(f"CATEGORY {number % 20}",),
            brand=f"brand-{number % 50}",
        )
        for number in range(500)
    ]
    while True:
        yield Sale(chance.choice(accounts), tuple(chance.choices(shelf, k=LINES)))


def engine(url: str, *, durable: bool = True) -> Engine:
    """An engine as a host would make it; while the ground is laid, commits need not reach the disk."""
    if not durable and make_url(url).get_backend_name() == "postgresql":
        return create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
    return create_engine(url)


class _Numbered:
    """The library's ids, but for accounts."""

    def __init__(self) -> None:
        self._usual = MemberLogic.__init__.__kwdefaults__["new_id"]
        self._numbers = count(1)
        self.for_account = False

    def __call__(self) -> UUID:
        return account(next(self._numbers)) if self.for_account else self._usual()


def empty(url: str) -> None:
    """Make the database anew; only one that says in its name that it is there for this."""
    named = make_url(url)
    if "bench" not in (named.database or ""):
        raise ValueError("the database is emptied first: give one with 'bench' in its name")
    if named.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{named.database}{suffix}").unlink(missing_ok=True)
        return
    with create_engine(named.set(database="postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {named.database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {named.database}"))


def drop(url: str) -> None:
    """Leave nothing of a server's database."""
    named = make_url(url)
    assert "bench" in (named.database or ""), named.database
    with create_engine(named.set(database="postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {named.database} WITH (FORCE)"))


def prepare(url: str, *, lots: int = LOTS) -> None:
    """Make the schema and the club, in a database that is empty of anything before; accounts with so many lots."""
    empty(url)
    laying = engine(url, durable=False)
    upgrade(laying)
    ids = _Numbered()
    library = MemberLogic(SqlAlchemyStorage(laying), new_id=ids)
    library.open_organization(name="Bench", zone=ZoneInfo("Europe/Berlin"), id=ORGANIZATION)
    handle = library.organization(ORGANIZATION, Actor.system())
    club = handle.loyalty.open_club(
        name="Bench",
        zone=ZoneInfo("Europe/Berlin"),
        member_types=["customer"],
        expiry=After(Term.of_months(12)),
        earning=EARNING,
    )
    chance = random.Random(1)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(ACCOUNTS):
        known = [ExternalId("bench", str(ids()))]
        member = handle.members.register(member_type="customer", verified=True, external_ids=known)
        ids.for_account = True
        opened = handle.loyalty.open_account(club=club.id, member=member.id)
        ids.for_account = False
        for _ in range(lots):
            expires = today + timedelta(days=chance.randint(30, 700))
            handle.ledger.credit(opened.id, LOT, reason="bench", expires_at=expires)
    if laying.dialect.name == "postgresql":
        with laying.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    laying.dispose()


_BROKEN = {
    "wallets that are not the sum of their lots": """
        SELECT count(*) FROM ml_wallets w WHERE w.remaining <> (
            SELECT coalesce(sum(l.remaining), 0) FROM ml_lots l
            WHERE l.organization_id = w.organization_id AND l.account_id = w.account_id AND l.unit = w.unit)""",
    "wallets that are not the sum of their entries": """
        SELECT count(*) FROM ml_wallets w WHERE w.remaining - w.debt <> (
            SELECT coalesce(sum(e.amount), 0) FROM ml_entries e
            WHERE e.organization_id = w.organization_id AND e.account_id = w.account_id AND e.unit = w.unit)""",
    "lots that are not what was taken from them": """
        SELECT count(*) FROM ml_lots l LEFT JOIN (
            SELECT lot_id, sum(points) AS points FROM ml_slices GROUP BY lot_id) s ON s.lot_id = l.id
        WHERE l.remaining <> l.amount + coalesce(s.points, 0) OR (l.remaining > 0) <> (l.is_open = 1)""",
    "wallets whose next change is not their first expiry": """
        SELECT count(*) FROM ml_wallets w WHERE w.remaining > 0 AND w.next_change > (
            SELECT min(l.expires_at) FROM ml_lots l WHERE l.organization_id = w.organization_id
            AND l.account_id = w.account_id AND l.unit = w.unit AND l.is_open = 1)""",
    "commands without two entries": """
        SELECT count(*) FROM ml_headers h LEFT JOIN (
            SELECT command_id, count(*) AS moved FROM ml_entries GROUP BY command_id) e ON e.command_id = h.id
        WHERE h.command = 'ledger.transfer' AND coalesce(e.moved, 0) <> 2""",
}
_TOTAL = "SELECT sum(remaining) FROM ml_wallets"


def require_conservation(url: str) -> int:
    """Nothing was lost, made or halved; answers how many transfers were done.

    Raises:
        AssertionError: naming what does not add up.
    """
    looking = create_engine(url)
    with looking.connect() as connection:
        for what, query in _BROKEN.items():
            found = connection.execute(text(query)).scalar_one()
            assert not found, f"{found} {what}"
        total = connection.execute(text(_TOTAL)).scalar_one()
        assert total == ACCOUNTS * LOTS * LOT, f"{total} points"
        done = connection.execute(text("SELECT count(*) FROM ml_headers WHERE command = 'ledger.transfer'"))
        answer = int(done.scalar_one())
    looking.dispose()
    return answer
