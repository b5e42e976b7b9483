"""What a host that checks its types sees of the public API. Only read by mypy --strict, never run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import assert_type
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import create_async_engine

from memberlogic import Actor, After, FixedClock, Handle, MemberLogic, Money, Never, Term, TransferPolicy
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.ids import AccountId, LotId
from memberlogic.ledger.crediting import Credited
from memberlogic.ledger.reading import Balance
from memberlogic.ledger.transferring import TransferCheck, Transferred
from memberlogic.loyalty.model import Account, Club
from memberlogic.members import Member
from memberlogic.organizations.model import Organization
from memberlogic.outcomes import Because, Explanation
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import AsyncSqlAlchemyStorage, Finding, SqlAlchemyStorage, check, recount, upgrade
from sqlalchemy import create_engine

clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
ml = MemberLogic(MemoryStorage(), clock=clock)
opened = ml.open_organization(name="Example", zone=ZoneInfo("Europe/Berlin"))
assert_type(opened, Organization)

org = ml.organization(opened.id, Actor.staff("sam", ["members.points:update"]))
assert_type(org, Handle)
club = org.loyalty.open_club(
    name="Club",
    zone=ZoneInfo("Europe/Berlin"),
    member_types=["customer"],
    expiry=After(Term.of_days(90)),
    transfer=TransferPolicy(factor=Fraction(1, 2)),
)
assert_type(club, Club)
never = Never()
member = org.members.register(member_type="customer", given_name="Ana", email="ana@example.org")
assert_type(member, Member)
account = org.loyalty.open_account(club=club.id, member=member.id)
assert_type(account, Account)
assert_type(account.id, AccountId)

credited = org.ledger.credit(account.id, 5, reason="welcome", idempotency_key="k")
assert_type(credited, Credited)
assert_type(credited.lot, LotId | None)
assert_type(credited.expires_at, datetime | None)
assert_type(credited.because, tuple[Because, ...])
assert_type(credited.explain(), Explanation)
assert_type(org.ledger.balance(account.id), Balance)
transferred = org.ledger.transfer(source=account.id, target=account.id, points=1)
assert_type(transferred, Transferred)
assert_type(transferred.available, int)
checked = org.ledger.check_transfer(source=account.id, target=account.id, points=1)
assert_type(checked, TransferCheck)
assert_type(checked.refusals, tuple[MemberLogicError, ...])

try:
    org.ledger.credit(account.id, 0, reason="welcome")
except InvalidInput as refusal:
    assert_type(refusal.path, str)
except MemberLogicError as refusal:
    assert_type(refusal.code, str)
    assert_type(refusal.rule, str | None)

engine = create_engine("sqlite://")
assert_type(upgrade(engine), str)
check(engine)
findings: Sequence[Finding] = recount(engine)
on_sql = MemberLogic(SqlAlchemyStorage(engine))
on_async = AsyncSqlAlchemyStorage(create_async_engine("sqlite+aiosqlite://"))
assert_type(Money(100, "EUR").digits, int)

# What a checker has to refuse; each ignore is itself checked to be needed.
org.ledger.credit(account.id, 1.5, reason="welcome")  # type: ignore[arg-type]
org.ledger.credit(UUID(int=1), 1, reason="welcome")  # type: ignore[arg-type]
org.ledger.credit(member.id, 1, reason="welcome")  # type: ignore[arg-type]
org.ledger.transfer(account.id, account.id, 1)  # type: ignore[call-arg]
credited.points = 7  # type: ignore[misc]
MemberLogic(engine)  # type: ignore[arg-type]
