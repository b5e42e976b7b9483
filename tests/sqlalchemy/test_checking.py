"""What `memberlogic check` recounts: nothing on a used database, and each kind of damage by name, on each database."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.care.club import Club as CareClub
from tests.care.club import call, days
from tests.care.made import CALL
from tests.contracts.dated import FEE

from memberlogic import (
    After,
    AwardRule,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Inactivity,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    Rate,
    Redeeming,
    Scheme,
    Term,
    Upgrade,
)
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import FlowTerms, On
from memberlogic.contracts.passes import PassKind
from memberlogic.contracts.rates import Extends
from memberlogic.engagement.templates import Category, Template, TemplateTerms, Texts
from memberlogic.errors import ConcurrencyConflict, InvalidInput
from memberlogic.ids import new_id
from memberlogic.ledger.journals import JournalRow, LineKind
from memberlogic.members import InquiryKind, ParameterKind
from memberlogic.notifying import Message
from memberlogic.storing import Command
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, recount, upgrade
from memberlogic_sqlalchemy.checking import CHECKS
from memberlogic_sqlalchemy.migrate import SchemaOutdated
from memberlogic_sqlalchemy.tables import metadata
from sqlalchemy import create_engine, text

_BOUNDS = "ck_ml_lots_remaining"
_WITHIN = "CHECK (held >= 0 AND remaining >= held AND amount >= remaining)"
DATABASES = ["sqlite", "postgresql", "mariadb"]


@pytest.fixture(params=DATABASES)
def engine(databases, request):
    return databases.engine(request.param)


@pytest.fixture
def make_world(engine):
    """Worlds that are gone after the test: the jobs of other tests must not meet what is damaged here."""
    made = []

    def make(**settings):
        made.append(World(SqlAlchemyStorage(engine), **settings))
        return made[-1]

    yield make
    with unguarded(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            for world in made:
                whose = world.organization.id
                id = whose if engine.dialect.name == "postgresql" else whose.hex
                connection.execute(text(f"DELETE FROM {table.name} WHERE organization_id = :o"), {"o": id})


@pytest.fixture
def used(make_world):
    """A club in which points were credited, transferred and have expired."""
    world = make_world(expiry=After(Term.of_days(30)), earning=EARNING, redeeming=REDEEMING)
    world.source, world.target = world.account(credits=[100, 50]), world.account(credits=[1])
    world.wait(days=10)
    world.org.ledger.credit(world.source, 70, reason="welcome")
    world.org.ledger.transfer(source=world.source, target=world.target, points=30)
    world.wait(days=20)
    world.org.ledger.settle([world.wallet(world.source).id])
    world.org.ledger.credit(world.source, 5, reason="welcome")
    world.bought = world.org.loyalty.record_purchase(
        account=world.source,
        purchase=ExternalId("till", "1"),
        lines=[PurchaseLine("apple", 800, discount=50), PurchaseLine("bread", 250)],
        currency="EUR",
        redeem=10,
    )
    world.org.ledger.adjust(world.source, 4, reason="goodwill")
    world.org.loyalty.award(world.source, event="quiz", reference=ExternalId("host", "1"))
    world.mistakes = [world.org.ledger.credit(world.source, points, reason="mistake").entry for points in (6, 7)]
    world.reversals = [world.org.ledger.reverse(entry, reason="mistake").entries[0] for entry in world.mistakes]
    world.org.ledger.adjust(world.source, -2, reason="mistake")
    world.journal = world.org.ledger.draft_journal("october", [JournalRow(LineKind.EARN, world.source, 2)] * 2).id
    world.org.ledger.post_journal(world.journal)
    world.org.ledger.hold(world.source, 3, until=world.clock.now() + timedelta(hours=1))
    return world


@pytest.fixture
def waiting(make_world):
    """A club that holds points back: 10 became available, 10 are pending."""
    rules = [EarningRule(key="later", gives=Rate(1, 100), pending=Term.of_days(7))]
    world = make_world(expiry=After(Term.of_days(30)), earning=Earning(rules=rules))
    world.one = world.account()
    for number in "12":
        world.org.loyalty.record_purchase(
            account=world.one, purchase=ExternalId("till", number), lines=[PurchaseLine("apple", 1000)], currency="EUR"
        )
        world.wait(days=5)
    world.org.ledger.settle([world.wallet(world.one).id])
    return world


EARNING = Earning(
    rules=[EarningRule(key="base", gives=Rate(1, 100))], awards=[AwardRule(key="quiz", event="quiz", points=3)]
)
PROGRESSION = Progression(
    metric=Metric.MONEY_SPENT,
    window=Term.of_days(90),
    upgrade=Upgrade.AT_ONCE,
    downgrade=Downgrade.NEVER,
    review=Monthly(),
)
REDEEMING = Redeeming(points=1, value=1)


@contextmanager
def unguarded(engine):
    """A connection for damage: foreign keys and checks are off until it is done."""
    with engine.connect() as connection:
        off, on = {
            "sqlite": (
                ["PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON"],
                ["PRAGMA ignore_check_constraints = OFF"],
            ),
            "postgresql": (
                ["SET session_replication_role = replica", f"ALTER TABLE ml_lots DROP CONSTRAINT {_BOUNDS}"],
                [
                    "SET session_replication_role = origin",
                    f"ALTER TABLE ml_lots ADD CONSTRAINT {_BOUNDS} {_WITHIN} NOT VALID",
                    "COMMIT",
                ],
            ),
            "mysql": (
                ["SET foreign_key_checks = 0", "SET check_constraint_checks = 0"],
                ["SET foreign_key_checks = 1", "SET check_constraint_checks = 1"],
            ),
        }["mysql" if engine.dialect.name in ("mysql", "mariadb") else engine.dialect.name]
        for statement in off:
            connection.exec_driver_sql(statement)
        yield connection
        connection.commit()
        for statement in on:
            connection.exec_driver_sql(statement)


def damage(engine, world, statement, **named):
    """Run a statement by hand; ``:o`` is the organization, and ids are bound as the database keeps them."""
    named = {"o": world.organization.id} | named
    native = engine.dialect.name == "postgresql"
    bound = {
        name: (value if native else value.hex) if hasattr(value, "hex") else value for name, value in named.items()
    }
    with unguarded(engine) as connection:
        assert connection.execute(text(statement), bound).rowcount > 0


def found(engine, world):
    """What is wrong: check, records."""
    return {
        (each.check, tuple(each.records.items())): each for each in recount(engine, organization=world.organization.id)
    }


def test_a_used_database_is_clean(engine, used):
    assert recount(engine, organization=used.organization.id) == []


DAMAGE = [
    (
        "entry.parts",
        "PTS-18",
        "UPDATE ml_entries SET amount = amount + 7 WHERE organization_id = :o AND account_id = :target"
        " AND kind = 'credit'",
    ),
    ("entry.sign", "PTS-18", "UPDATE ml_entries SET amount = -amount WHERE organization_id = :o AND kind = 'expire'"),
    ("entry.command", "COM-9", "DELETE FROM ml_headers WHERE organization_id = :o AND command = 'ledger.credit'"),
    (
        "entry.club",
        "PTS-18",
        "UPDATE ml_entries SET club_id = :other WHERE organization_id = :o AND account_id = :target",
    ),
    (
        "entry.business_day",
        "COM-3",
        "UPDATE ml_entries SET business_day = '2026-01-14' WHERE organization_id = :o AND account_id = :target"
        " AND kind = 'credit'",
    ),
    ("transfer.sides", "PTS-11", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'transfer_in'"),
    ("lot.remaining", "PTS-7", "UPDATE ml_lots SET remaining = remaining - 1 WHERE organization_id = :o AND id = :lot"),
    ("lot.bounds", "PTS-7", "UPDATE ml_lots SET held = remaining + 1 WHERE organization_id = :o AND id = :lot"),
    ("lot.is_open", "PTS-7", "UPDATE ml_lots SET is_open = 0 WHERE organization_id = :o AND id = :lot"),
    ("lot.wallet", "PTS-7", "UPDATE ml_lots SET account_id = :target WHERE organization_id = :o AND id = :lot"),
    ("slice.wallet", "PTS-7", "UPDATE ml_lots SET account_id = :target WHERE organization_id = :o AND id = :taken"),
    (
        "wallet.remaining",
        "PTS-16",
        "UPDATE ml_wallets SET remaining = remaining + 1 WHERE organization_id = :o AND account_id = :source",
    ),
    ("wallet.held", "PTS-9", "UPDATE ml_wallets SET held = 1 WHERE organization_id = :o AND account_id = :source"),
    (
        "wallet.entries",
        "PTS-16",
        "DELETE FROM ml_entries WHERE organization_id = :o AND account_id = :target AND kind = 'credit'",
    ),
    ("wallet.debt", "PTS-10", "UPDATE ml_wallets SET debt = 3 WHERE organization_id = :o AND account_id = :source"),
    (
        "wallet.next_change",
        "COM-8",
        "UPDATE ml_wallets SET next_change = '9999-12-31' WHERE organization_id = :o AND account_id = :source",
    ),
    ("account.holders", "PTS-1", "DELETE FROM ml_account_holders WHERE organization_id = :o AND account_id = :source"),
    (
        "account.owner",
        "PTS-1",
        "UPDATE ml_accounts SET owner_id = :member, own_of = :member WHERE organization_id = :o AND id = :source",
    ),
    ("account.own_of", "PTS-1", "UPDATE ml_accounts SET own_of = NULL WHERE organization_id = :o AND id = :source"),
    (
        "account.only",
        "PTS-1",
        "UPDATE ml_accounts SET owner_id = :owner, own_of = NULL WHERE organization_id = :o AND id = :target",
    ),
    ("account.version", "COM-16", "UPDATE ml_accounts SET version = 1 WHERE organization_id = :o AND id = :source"),
    (
        "account.effective_at",
        "COM-8",
        "UPDATE ml_accounts SET effective_at = opened_at WHERE organization_id = :o AND id = :source",
    ),
    ("club.version", "PTS-1", "UPDATE ml_clubs SET version = 2 WHERE organization_id = :o AND id = :club"),
    ("club.outstanding", "PTS-17", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'credit'"),
    (
        "purchase.total",
        "PTS-2",
        "UPDATE ml_purchase_lines SET discount = 0 WHERE organization_id = :o AND position = 0",
    ),
    ("purchase.total", "PTS-2", "DELETE FROM ml_purchase_lines WHERE organization_id = :o"),
    ("purchase.earned", "PTS-2", "UPDATE ml_purchases SET earned = earned + 1 WHERE organization_id = :o"),
    ("purchase.earned", "PTS-2", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'earn'"),
    ("purchase.settled_debt", "PTS-2", "UPDATE ml_purchases SET settled_debt = 1 WHERE organization_id = :o"),
    ("purchase.redeemed", "PTS-8", "UPDATE ml_purchases SET redeemed_points = 9 WHERE organization_id = :o"),
    ("purchase.account", "PTS-2", "UPDATE ml_purchases SET account_id = :target WHERE organization_id = :o"),
    ("purchase.club", "PTS-2", "UPDATE ml_purchases SET club_id = :other WHERE organization_id = :o"),
    (
        "purchase.business_day",
        "COM-3",
        "UPDATE ml_purchases SET business_day = '2026-01-01' WHERE organization_id = :o",
    ),
    ("entry.sign", "PTS-18", "UPDATE ml_entries SET amount = 0 WHERE organization_id = :o AND kind = 'adjust'"),
    ("adjustment.points", "PTS-14", "UPDATE ml_adjustments SET points = points + 1 WHERE organization_id = :o"),
    ("adjustment.points", "PTS-14", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'adjust'"),
    ("adjustment.points", "PTS-14", "UPDATE ml_adjustments SET state = 'waiting' WHERE organization_id = :o"),
    ("adjustment.actor", "PTS-14", "UPDATE ml_adjustments SET asked_by = 'staff:kim' WHERE organization_id = :o"),
    (
        "adjustment.actor",
        "PTS-14",
        "UPDATE ml_adjustments SET business_day = '2026-01-01' WHERE organization_id = :o",
    ),
    ("journal.lines", "PTS-15", "UPDATE ml_journals SET line_count = 3 WHERE organization_id = :o"),
    ("journal.posted", "PTS-15", "DELETE FROM ml_journal_entries WHERE organization_id = :o AND number = 1"),
    ("journal.posted", "PTS-15", "UPDATE ml_journals SET state = 'draft' WHERE organization_id = :o"),
    ("journal.entry", "PTS-15", "UPDATE ml_journal_lines SET points = 7 WHERE organization_id = :o AND number = 1"),
    ("entry.adjustment", "PTS-14", "DELETE FROM ml_adjustments WHERE organization_id = :o"),
    ("entry.corrects", "PTS-14", "DELETE FROM ml_entries WHERE organization_id = :o AND id = :mistake"),
    (
        "entry.corrects",
        "PTS-14",
        "UPDATE ml_entries SET account_id = :target WHERE organization_id = :o AND id = :mistake",
    ),
    (
        "entry.reversed_once",
        "PTS-14",
        "UPDATE ml_entries SET corrects_id = :mistake WHERE organization_id = :o AND kind = 'reverse'",
    ),
    ("award.points", "PTS-4", "UPDATE ml_awards SET points = points + 1 WHERE organization_id = :o"),
    ("award.points", "PTS-4", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'award'"),
    ("award.given", "PTS-4", "DELETE FROM ml_award_gifts WHERE organization_id = :o"),
    ("award.counted", "PTS-4", "UPDATE ml_award_gifts SET business_day = '2026-01-01' WHERE organization_id = :o"),
    ("award.earned_on", "PTS-4", "UPDATE ml_awards SET earned_on = '2026-01-01' WHERE organization_id = :o"),
    ("entry.award", "PTS-4", "DELETE FROM ml_awards WHERE organization_id = :o"),
    ("entry.purchase", "PTS-2", "DELETE FROM ml_purchases WHERE organization_id = :o"),
    ("lot.held", "PTS-9", "UPDATE ml_holds SET state = 'released' WHERE organization_id = :o"),
    (
        "account.scheme_since",
        "SCH-1",
        "UPDATE ml_accounts SET scheme_since = effective_at WHERE organization_id = :o AND id = :source",
    ),
    ("account.pin", "SCH-7", "UPDATE ml_accounts SET pin_kind = 'fixed' WHERE organization_id = :o AND id = :source"),
    (
        "account.pin",
        "SCH-7",
        "UPDATE ml_accounts SET grace_until = '2030-01-01' WHERE organization_id = :o AND id = :source",
    ),
    ("reference.missing", "COM-1", "DELETE FROM ml_lots WHERE organization_id = :o AND id = :taken"),
    ("reference.missing", "COM-1", "DELETE FROM ml_wallets WHERE organization_id = :o AND account_id = :target"),
]


@pytest.mark.rule("PTS-16", "PTS-18", "PTS-7", "PTS-17", "COM-8")
@pytest.mark.parametrize(
    ("check", "rule", "statement"), DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(DAMAGE)]
)
def test_each_damage_is_named(engine, used, check, rule, statement):
    wallet = used.wallet(used.source)
    expired = used.entries(used.source)[0].opened[0]
    named = {
        "source": used.source,
        "target": used.target,
        "owner": used.org.loyalty.account(used.source).owner,
        "member": used.member(),
        "club": used.club.id,
        "other": used.another_club().id,
        "lot": wallet.lots[0].id,
        "mistake": used.mistakes[0],
        "taken": expired.id,
    }
    damage(engine, used, statement, **{name: value for name, value in named.items() if f":{name}" in statement})
    findings = [each for each in recount(engine, organization=used.organization.id) if each.check == check]
    assert findings, found(engine, used)
    for each in findings:
        assert (each.rule, each.organization) == (rule, used.organization.id)
        assert each.records
        assert all(str(id) in each.text() for id in each.records.values())
    ids = {id for each in findings for id in each.records.values()}
    about = {str(used.source), str(used.target), str(used.club.id), str(used.bought.purchase), str(used.journal)} | {
        str(id) for entry in used.entries(used.source) for id in (entry.id, *(lot.id for lot in entry.opened))
    }
    assert ids & about or check in ("transfer.sides", "reference.missing")


WAITING = [
    ("lot.pending", "UPDATE ml_lots SET pending = 1 WHERE organization_id = :o"),
    ("lot.pending", "UPDATE ml_lots SET pending = 0 WHERE organization_id = :o"),
    ("lot.available_at", "UPDATE ml_lots SET available_at = expires_at WHERE organization_id = :o"),
    ("wallet.pending", "UPDATE ml_wallets SET pending = pending + 1 WHERE organization_id = :o"),
    ("wallet.next_available", "UPDATE ml_wallets SET next_change = '9999-12-31' WHERE organization_id = :o"),
    ("entry.sign", "UPDATE ml_entries SET debt = 1 WHERE organization_id = :o AND kind = 'available'"),
    ("purchase.lots", "UPDATE ml_lots SET amount = amount + 1 WHERE organization_id = :o"),
]


@pytest.mark.rule("PTS-5", "COM-8")
@pytest.mark.parametrize(("check", "statement"), WAITING, ids=[f"{each[0]}-{n}" for n, each in enumerate(WAITING)])
def test_damage_to_what_is_held_back_is_named(engine, waiting, check, statement):
    assert recount(engine, organization=waiting.organization.id) == []
    damage(engine, waiting, statement)
    findings = [each for each in recount(engine, organization=waiting.organization.id) if each.check == check]
    assert findings, found(engine, waiting)


LIVELY = [
    ("lot.opened_until", "UPDATE ml_lots SET opened_until = '2027-01-01' WHERE organization_id = :o"),
    ("wallet.activity_at", "UPDATE ml_wallets SET activity_at = '2027-01-01' WHERE organization_id = :o"),
]


@pytest.mark.rule("PTS-6")
@pytest.mark.parametrize(("check", "statement"), LIVELY, ids=[each[0] for each in LIVELY])
def test_damage_to_what_lives_by_activity_is_named(engine, make_world, check, statement):
    world = make_world(expiry=Inactivity(Term.of_days(30)), earning=EARNING)
    account = world.account()
    for number in "12":
        world.org.loyalty.record_purchase(
            account=account, purchase=ExternalId("till", number), lines=[PurchaseLine("apple", 1000)], currency="EUR"
        )
        world.wait(days=5)
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    assert [each for each in recount(engine, organization=world.organization.id) if each.check == check]


def test_stored_and_counted_are_said(engine, used):
    lot = used.wallet(used.source).lots[0]
    damage(engine, used, "UPDATE ml_lots SET remaining = 4 WHERE organization_id = :o AND id = :lot", lot=lot.id)
    findings = {each.check: each for each in recount(engine, organization=used.organization.id)}
    assert set(findings) == {"lot.remaining", "wallet.remaining"}
    assert (findings["lot.remaining"].stored, findings["lot.remaining"].counted) == (4, lot.remaining)
    assert findings["lot.remaining"].records == {"lot": str(lot.id), "account": str(used.source)}
    assert findings["wallet.remaining"].records == {"account": str(used.source), "unit": "points"}


@pytest.mark.rule("SCH-1")
def test_an_account_is_in_the_scheme_of_its_last_change(engine, make_world):
    schemes = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=1000)]
    world = make_world(schemes=schemes, progression=PROGRESSION)
    account = world.account()
    world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", "1"),
        lines=[PurchaseLine("watch", 1000)],
        currency="EUR",
    )
    assert world.org.loyalty.account(account).scheme == "gold"
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, "UPDATE ml_accounts SET scheme = 'base' WHERE organization_id = :o AND id = :a", a=account)
    (finding,) = recount(engine, organization=world.organization.id)
    assert (finding.check, finding.stored, finding.counted) == ("account.scheme", "base", "gold")
    assert finding.records == {"account": str(account)}


def test_progress_is_told_after_each_check(engine):
    told = []
    recount(engine, organization=World(SqlAlchemyStorage(engine)).organization.id, progress=lambda *at: told.append(at))
    assert told == [(done, len(CHECKS)) for done in range(1, len(CHECKS) + 1)]


def test_another_schema_is_refused(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SchemaOutdated):
        recount(engine)
    upgrade(engine)
    assert recount(engine) == []
    engine.dispose()


def test_an_organization_is_an_id(engine):
    with pytest.raises(InvalidInput):
        recount(engine, organization="club")


@pytest.fixture
def given_back(make_world):
    """A club in which a purchase was paid with points, and came back in two parts."""
    world = make_world(expiry=After(Term.of_days(30)), earning=EARNING, redeeming=REDEEMING)
    world.source = world.account(credits=[100])
    lines = [PurchaseLine("apple", 800, quantity=2, discount=50), PurchaseLine("bread", 250)]
    world.org.loyalty.record_purchase(
        account=world.source, purchase=ExternalId("till", "1"), lines=lines, currency="EUR", redeem=100
    )
    for receipt, amount in (("R1", 700), ("R2", None)):
        world.back = world.org.loyalty.return_purchase(
            purchase=ExternalId("till", "1"), receipt=ExternalId("till", receipt), amount=amount
        )
    return world


RETURN_DAMAGE = [
    ("return.amount", "PTS-10", "UPDATE ml_return_lines SET amount = amount - 1 WHERE organization_id = :o"),
    ("return.above_line", "PTS-10", "UPDATE ml_return_lines SET amount = amount + 1 WHERE organization_id = :o"),
    ("return.above_line", "PTS-10", "UPDATE ml_return_lines SET quantity = 3 WHERE organization_id = :o"),
    ("return.restored", "PTS-10", "UPDATE ml_returns SET restored = restored + 1 WHERE organization_id = :o"),
    ("return.taken", "PTS-10", "DELETE FROM ml_entries WHERE organization_id = :o AND kind = 'return'"),
    ("return.taken", "PTS-10", "UPDATE ml_returns SET debt = 1 WHERE organization_id = :o AND taken > 1"),
    ("return.account", "PTS-10", "UPDATE ml_returns SET club_id = :other WHERE organization_id = :o"),
    ("return.business_day", "COM-3", "UPDATE ml_returns SET business_day = '2026-01-01' WHERE organization_id = :o"),
    ("purchase.points_back", "PTS-10", "UPDATE ml_returns SET clamped = clamped + 1 WHERE organization_id = :o"),
    ("purchase.points_back", "PTS-10", "UPDATE ml_returns SET restored = restored + 1 WHERE organization_id = :o"),
    ("purchase.unspent", "SCH-2", "UPDATE ml_purchases SET unspent = unspent - 1 WHERE organization_id = :o"),
    ("purchase.unearned", "SCH-2", "UPDATE ml_purchases SET unearned = unearned - 1 WHERE organization_id = :o"),
    ("purchase.returned", "SCH-2", "UPDATE ml_purchases SET returned = 0 WHERE organization_id = :o"),
    ("entry.return", "PTS-10", "UPDATE ml_returns SET restore_entry_id = NULL WHERE organization_id = :o"),
    ("entry.sign", "PTS-18", "UPDATE ml_entries SET amount = -amount WHERE organization_id = :o AND kind = 'restore'"),
]


def test_a_database_with_returns_is_clean(engine, given_back):
    assert recount(engine, organization=given_back.organization.id) == []


@pytest.mark.rule("PTS-10", "SCH-2")
@pytest.mark.parametrize(
    ("check", "rule", "statement"), RETURN_DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(RETURN_DAMAGE)]
)
def test_each_damage_to_returns_is_named(engine, given_back, check, rule, statement):
    named = {"other": given_back.another_club().id} if ":other" in statement else {}
    damage(engine, given_back, statement, **named)
    findings = [each for each in recount(engine, organization=given_back.organization.id) if each.check == check]
    assert findings
    assert {each.rule for each in findings} == {rule}
    entries = {str(entry.id) for entry in given_back.entries(given_back.source)}
    about = {str(given_back.back.purchase), str(given_back.back.returned), str(given_back.source)} | entries
    assert {id for each in findings for id in each.records.values()} & about


@pytest.fixture
def warned(make_world):
    """A club that tells of points that will expire and of accounts that will fall; some were told."""
    progression = Progression(
        metric=Metric.MONEY_SPENT,
        window=Term.of_days(30),
        upgrade=Upgrade.AT_ONCE,
        downgrade=Downgrade.TO_REACHED,
        review=Monthly(),
        warnings=[Term.of_days(9)],
    )
    ladder = [Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=100)]
    world = make_world(schemes=ladder, progression=progression, warnings=[Term.of_days(9)])
    world.falls, world.closed, world.plain = world.account(), world.account(), world.account()
    for account in (world.falls, world.closed):
        world.org.loyalty.move_scheme(account, "gold", reason="goodwill")
    world.org.loyalty.close_account(world.closed)
    expires = world.clock.now().replace(year=9000)
    world.org.ledger.credit(world.falls, 5, reason="welcome", expires_at=expires)
    world.org.ledger.credit(world.plain, 5, reason="welcome")
    world.wait(days=10)
    world.ml.run_jobs()
    return world


def test_a_database_with_warnings_is_clean(engine, warned):
    stored = warned.org.loyalty.account(warned.falls)
    assert None not in (stored.next_warning, stored.warned_at, warned.wallet(warned.falls).next_warning)
    assert recount(engine, organization=warned.organization.id) == []


@pytest.mark.rule("SCH-9", "PTS-13")
@pytest.mark.parametrize(
    ("check", "rule", "account", "statement"),
    [
        ("account.next_warning", "SCH-9", "falls", "UPDATE ml_accounts SET next_warning = NULL WHERE id = :id"),
        (
            "account.warned_at",
            "SCH-9",
            "falls",
            "UPDATE ml_accounts SET warned_at = '2999-01-01' WHERE id = :id",
        ),
        (
            "account.warned_at",
            "SCH-9",
            "closed",
            "UPDATE ml_accounts SET next_warning = '2026-01-01' WHERE id = :id",
        ),
        ("wallet.next_warning", "PTS-13", "falls", "UPDATE ml_wallets SET next_warning = NULL WHERE account_id = :id"),
        (
            "wallet.next_warning",
            "PTS-13",
            "falls",
            "UPDATE ml_wallets SET next_warning = '9998-12-31' WHERE account_id = :id",
        ),
    ],
)
def test_each_damage_to_warnings_is_named(engine, warned, check, rule, account, statement):
    """Warnings that would never come."""
    id = getattr(warned, account)
    damage(engine, warned, f"{statement} AND organization_id = :o", id=id)
    findings = recount(engine, organization=warned.organization.id)
    assert [(each.check, each.rule, each.records["account"]) for each in findings] == [(check, rule, str(id))]


@pytest.mark.rule("MEM-3")
@pytest.mark.parametrize("stored", ["NULL", "'0000-0000-1'", "'lost'"])
def test_a_support_id_that_nobody_could_read_aloud_is_named(engine, make_world, stored):
    world = make_world()
    member = world.member()
    assert recount(engine, organization=world.organization.id) == []
    damage(
        engine, world, f"UPDATE ml_members SET support_id = {stored} WHERE id = :id AND organization_id = :o", id=member
    )
    finding, keys = recount(engine, organization=world.organization.id)
    assert (finding.check, finding.rule, finding.records["member"]) == ("member.support_id", "MEM-3", str(member))
    assert (keys.check, keys.counted) == ("member.search_keys", 2)


@pytest.mark.rule("MEM-9")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ml_people SET photo = 'x' WHERE member_id = :id AND organization_id = :o",
        "UPDATE ml_contact_points SET member_id = :id WHERE organization_id = :o",
        "UPDATE ml_member_tags SET member_id = :id WHERE organization_id = :o",
        "UPDATE ml_parameter_values SET member_id = :id WHERE organization_id = :o",
        "UPDATE ml_inquiries SET member_id = :id WHERE organization_id = :o",
    ],
)
def test_what_is_kept_of_somebody_who_was_anonymised_is_named(engine, make_world, statement):
    world = make_world()
    gone, there = (
        world.member(),
        world.org.members.register(member_type="customer", given_name="Ana", email="ana@example.org").id,
    )
    world.org.members.define_parameter("shirt", ParameterKind.TEXT)
    world.org.members.set_parameters(there, {"shirt": "red"})
    world.org.members.add_tags(there, ["choir"])
    world.org.members.record_inquiry(there, kind=InquiryKind.WEB, note="hello")
    world.org.members.anonymise(gone)
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement, id=gone)
    found_ = [each for each in recount(engine, organization=world.organization.id) if each.check == "member.anonymised"]
    assert [(each.rule, each.records["member"]) for each in found_] == [("MEM-9", str(gone))]


@pytest.mark.rule("COM-20")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ml_search_keys SET match_key = 'x' WHERE kind = 'email' AND member_id = :id AND organization_id = :o",
        "UPDATE ml_people SET family_name = 'Other' WHERE member_id = :id AND organization_id = :o",
    ],
)
def test_a_member_who_would_not_be_found_is_named(engine, make_world, statement):
    world = make_world()
    known = [ExternalId("crm", "Ä-7")]
    member = world.org.members.register(
        member_type="customer", given_name="Ana", email="Ana@example.org", external_ids=known
    ).id
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement, id=member)
    (finding,) = recount(engine, organization=world.organization.id)
    assert (finding.check, finding.records["member"]) == ("member.search_keys", str(member))
    assert finding.counted >= 2


@pytest.mark.rule("MEM-15")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ml_event_members WHERE member_id = :id AND organization_id = :o",
        "UPDATE ml_event_members SET effective_at = '2020-01-01' WHERE member_id = :id AND organization_id = :o",
    ],
)
def test_an_event_that_would_not_be_found_by_its_member_is_named(engine, make_world, statement):
    world = make_world()
    member = world.member()
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement, id=member)
    (finding,) = recount(engine, organization=world.organization.id)
    (event,) = (each for each in world.events() if each.event.type == "member.registered")
    assert (finding.check, finding.rule, finding.records) == ("event.members", "MEM-15", {"event": str(event.id)})


RECORDS_DAMAGE = [
    ("tag.key", "MEM-6", "UPDATE ml_tags SET tag_key = 'other' WHERE organization_id = :o"),
    ("tag.key", "MEM-6", "UPDATE ml_tags SET text = 'Other' WHERE organization_id = :o"),
    (
        "inquiry.day",
        "COM-3",
        "UPDATE ml_inquiries SET day = '2026-01-14' WHERE organization_id = :o AND kind = 'phone'",
    ),
    ("inquiry.day", "COM-3", "UPDATE ml_inquiries SET studio = NULL WHERE organization_id = :o"),
    ("inquiry.day", "COM-3", "UPDATE ml_studios SET zone = 'Europe/Berlin' WHERE organization_id = :o"),
]


@pytest.mark.rule("MEM-6", "COM-3")
@pytest.mark.parametrize(("check", "rule", "statement"), RECORDS_DAMAGE)
def test_damage_to_tags_and_inquiries_is_named(engine, make_world, check, rule, statement):
    world = make_world()
    world.org.settings.open_studio(code="apia", name="Apia", zone=ZoneInfo("Pacific/Apia"))
    member = world.member()
    world.org.members.add_tags(member, ["Early bird"])
    world.org.members.record_inquiry(member, kind=InquiryKind.WEB, studio="apia")
    world.org.members.record_inquiry(member, kind=InquiryKind.PHONE)
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    (finding,) = recount(engine, organization=world.organization.id)
    assert (finding.check, finding.rule) == (check, rule)
    assert "bird" not in finding.text()


VISITS_DAMAGE = [
    ("pass.used", "CON-15", "UPDATE ml_visitor_passes SET used = 2 WHERE organization_id = :o"),
    ("pass.used", "CON-15", "UPDATE ml_visits SET allowed = 1, undone_at = '2026-01-15' WHERE organization_id = :o"),
    ("visit.pass", "CON-15", "UPDATE ml_visits SET member_id = :id WHERE pass_id IS NOT NULL AND organization_id = :o"),
    ("visit.business_day", "COM-3", "UPDATE ml_visits SET business_day = '2026-01-14' WHERE organization_id = :o"),
]


@pytest.mark.rule("CON-15", "COM-3")
@pytest.mark.parametrize(("check", "rule", "statement"), VISITS_DAMAGE)
def test_damage_to_visits_and_passes_is_named(engine, make_world, check, rule, statement):
    world = make_world()
    guest, other, studio = world.member(), world.member(), world.studio()
    world.org.contracts.issue_pass(guest, PassKind.TRIAL, visits=3)
    world.org.contracts.check_in(guest, studio=studio)
    world.wait(minutes=30)
    wrong = world.org.contracts.check_in(guest, studio=studio).visit
    world.org.contracts.undo_check_in(wrong, reason="mistake")
    world.org.contracts.check_in(other, studio=studio)
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement, **({"id": other} if ":id" in statement else {}))
    findings = recount(engine, organization=world.organization.id)
    assert {(each.check, each.rule) for each in findings} == {(check, rule)}


CONTRACT_DAMAGE = [
    ("contract.spans", "DELETE FROM ml_contract_spans WHERE organization_id = :o AND status = 'active'"),
    ("contract.spans", "UPDATE ml_contract_spans SET until = '2026-05-01' WHERE organization_id = :o"),
    ("contract.spans", "UPDATE ml_contract_payments SET reversed_on = '2026-01-20' WHERE organization_id = :o"),
    ("contract.links", "UPDATE ml_contracts SET predecessor_id = NULL WHERE organization_id = :o"),
    ("contract.next_change", "UPDATE ml_contracts SET next_change = NULL WHERE organization_id = :o"),
    ("contract.next_change", "UPDATE ml_contracts SET announced_to = '2027-01-01' WHERE organization_id = :o"),
    ("contract.started_on", "UPDATE ml_contracts SET started_on = '2026-01-20' WHERE organization_id = :o"),
    ("contract.look_from", "UPDATE ml_contracts SET look_from = '2027-01-20' WHERE organization_id = :o"),
    ("contract.look_from", "UPDATE ml_contracts SET look_from = NULL WHERE organization_id = :o"),
    ("member.spans", "DELETE FROM ml_member_spans WHERE organization_id = :o"),
    ("member.spans", "UPDATE ml_member_spans SET detail = 'frozen' WHERE organization_id = :o"),
    ("member.spans", "UPDATE ml_contract_members SET until = '2026-03-01' WHERE organization_id = :o"),
]


@pytest.mark.rule("COM-8", "CON-16", "MEM-18")
@pytest.mark.parametrize(
    ("check", "statement"), CONTRACT_DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(CONTRACT_DAMAGE)]
)
def test_damage_to_what_is_stored_of_contracts_is_named(engine, make_world, check, statement):
    world = make_world()
    month = Term.of_months(1)
    rate = world.rate(initial_fee=FEE, term=month, renewal=Extends(month))
    world.org.contracts.pay(world.contract(rate=rate), FEE)
    world.org.contracts.transfer(world.contract(rate=rate), studio=world.studio("south"))
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    findings = [each for each in recount(engine, organization=world.organization.id) if each.check == check]
    assert findings
    assert findings[0].text().startswith(check)


MESSAGES_DAMAGE = [
    ("template.version", "UPDATE ml_message_templates SET version = 3 WHERE organization_id = :o"),
    ("template.version", "UPDATE ml_message_templates SET version = 1 WHERE organization_id = :o"),
    ("template.version", "DELETE FROM ml_message_template_versions WHERE organization_id = :o AND version = 1"),
    ("template.version", "DELETE FROM ml_message_template_versions WHERE organization_id = :o"),
    ("message.settled_at", "UPDATE ml_outbox SET settled_at = not_before WHERE organization_id = :o"),
]


@pytest.mark.rule("ENG-13", "COM-17")
@pytest.mark.parametrize(("check", "statement"), MESSAGES_DAMAGE)
def test_damage_to_templates_and_messages_is_named(engine, make_world, check, statement):
    world = make_world()
    terms = [
        TemplateTerms(
            channel="sms", categories=[Category.MEMBER], texts=[Texts(language="en", body=body)], default_language="en"
        )
        for body in ("Hello", "Hi")
    ]
    command = Command(organization=world.organization.id, name="test", actor="system")

    def keep(version, terms):
        with world.storage.work(command, world.clock) as uow:
            uow.message_templates.locked("welcome")
            uow.message_templates.keep(Template(code="welcome", version=version, terms=terms))
            message = Message(id=new_id(), kind="test", member=None, not_before=world.clock.now())
            uow.put((), [message])
            uow.finish(None)

    for version, each in enumerate(terms, 1):
        try:
            keep(version, each)
        except ConcurrencyConflict:  # a connection whose prepared statements a rollback has discarded: tried again
            keep(version, each)
    clean = recount(engine, organization=world.organization.id)
    assert [each for each in clean if each.check in {named for named, _ in MESSAGES_DAMAGE}] == []
    damage(engine, world, statement)
    assert {each.check for each in recount(engine, organization=world.organization.id)} >= {check}


MERGE_DAMAGE = [
    ("member.merged", "UPDATE ml_members SET merged_into_id = :club WHERE id = :gone AND organization_id = :o"),
    ("member.merged", "UPDATE ml_members SET merged_into_id = :gone WHERE id = :gone AND organization_id = :o"),
    ("member.merged", "UPDATE ml_members SET deleted = 0 WHERE id = :gone AND organization_id = :o"),
    ("member.merged", "UPDATE ml_members SET state = 'active' WHERE id = :gone AND organization_id = :o"),
    ("member.signpost", "UPDATE ml_consents SET member_id = :gone WHERE organization_id = :o"),
    ("member.signpost", "UPDATE ml_visits SET member_id = :gone WHERE organization_id = :o"),
    ("member.signpost", "UPDATE ml_accounts SET owner_id = :gone WHERE id = :account AND organization_id = :o"),
    ("member.signpost", "UPDATE ml_external_ids SET id = :gone WHERE kind = 'member' AND organization_id = :o"),
    ("account.merged", "UPDATE ml_accounts SET state = 'open' WHERE id = :account AND organization_id = :o"),
    ("account.merged", "UPDATE ml_accounts SET merged_into_id = :account WHERE id = :account AND organization_id = :o"),
    ("account.merged", "UPDATE ml_accounts SET merged_into_id = :club WHERE id = :account AND organization_id = :o"),
    ("account.merged", "UPDATE ml_purchases SET account_id = :account WHERE organization_id = :o"),
    ("merge.sides", "UPDATE ml_entries SET amount = amount + 1 WHERE kind = 'merge_in' AND organization_id = :o"),
    ("merge.sides", "UPDATE ml_entries SET debt = 1 WHERE kind = 'merge_out' AND organization_id = :o"),
    ("event.members", "UPDATE ml_event_members SET member_id = :gone WHERE organization_id = :o"),
    ("purchase.account", "UPDATE ml_accounts SET merged_into_id = NULL WHERE id = :account AND organization_id = :o"),
    ("member.search_keys", "UPDATE ml_members SET merged_into_id = NULL WHERE id = :gone AND organization_id = :o"),
]


@pytest.mark.rule("MEM-17")
@pytest.mark.parametrize(
    ("check", "statement"), MERGE_DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(MERGE_DAMAGE)]
)
def test_damage_to_signposts_is_named(engine, make_world, check, statement):
    world = make_world(earning=EARNING)
    kept, gone = world.member(), world.member()
    account = world.account(member=gone, credits=[70])
    world.account(member=kept)
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", "1"), lines=[PurchaseLine("item", 500)], currency="EUR"
    )
    world.org.members.give_consent(gone, purpose="terms", source="paper", wording="v1")
    world.contract(member=gone)
    world.org.contracts.check_in(gone, studio=world.studio())
    world.org.members.merge(survivor=kept, duplicate=gone)
    assert recount(engine, organization=world.organization.id) == []
    named = {"gone": gone, "account": account, "club": world.club.id}
    damage(engine, world, statement, **{name: id for name, id in named.items() if f":{name}" in statement})


CARE_DAMAGE = [
    ("care.guard", "UPDATE ml_care_guard SET run_id = NULL WHERE organization_id = :o"),
    ("care.guard", "UPDATE ml_care_runs SET ended_at = NULL WHERE organization_id = :o"),
    ("care.guard", "UPDATE ml_care_runs SET ended_at = '2026-01-20' WHERE organization_id = :o"),
    ("care.place", "UPDATE ml_care_runs SET place = 7 WHERE organization_id = :o"),
    ("care.place", "UPDATE ml_care_steps SET state = 'completed' WHERE organization_id = :o"),
    ("care.next_change", "UPDATE ml_care_runs SET next_change = NULL WHERE organization_id = :o"),
    ("care.next_change", "UPDATE ml_care_runs SET next_change = '2026-09-01' WHERE organization_id = :o"),
    ("care.awaits", "DELETE FROM ml_care_awaits WHERE organization_id = :o"),
    ("care.pauses", "DELETE FROM ml_care_pauses WHERE organization_id = :o"),
    ("care.day", "UPDATE ml_care_steps SET day = '2026-01-01' WHERE organization_id = :o"),
    ("care.day", "UPDATE ml_care_steps SET postponed_to = '2026-02-01' WHERE organization_id = :o"),
    ("care.surface", "UPDATE ml_care_steps SET surface = 'check_in_list' WHERE organization_id = :o"),
    ("care.surface", "UPDATE ml_care_steps SET surface = NULL WHERE organization_id = :o"),
    (
        "care.pauses",
        "UPDATE ml_care_pauses SET until = '9999-12-31 00:00:00.000000' WHERE organization_id = :o",
    ),
]


@pytest.mark.rule("CARE-10", "CARE-12", "CARE-13", "CARE-16", "CARE-3")
@pytest.mark.parametrize(
    ("check", "statement"), CARE_DAMAGE, ids=[f"{each[0]}-{n}" for n, each in enumerate(CARE_DAMAGE)]
)
def test_damage_to_what_is_stored_of_runs_is_named(engine, make_world, check, statement):
    world = make_world()
    club = CareClub(world)
    visits = club.another_flow("Visits", call(On(kind="visit.recorded", times=2)), call(days(3)))
    paused = club.another_flow("Paused", call(days(1)), call(days(3)), pauses_while_frozen=True)
    club.assign(club.member(), visits)
    member = world.member()
    contract = club.join(member, rate=club.freezable())
    club.assign(member, visits)
    club.assign(member, paused)
    freeze = {"since": club.today() + timedelta(days=9), "until": club.today() + timedelta(days=19)}
    world.org.contracts.freeze(contract, reason="travel", **freeze)
    again = club.member()
    club.assign(again)
    club.assign(again, club.messages_only("Later", days=30))
    world.wait(days=2)
    world.ml.run_jobs()
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    findings = [each for each in recount(engine, organization=world.organization.id) if each.check == check]
    assert findings
    assert findings[0].text().startswith(check)


CARE_SETTINGS_DAMAGE = [
    ("care_flow.versions", "CARE-1", "UPDATE ml_care_flows SET version = 0 WHERE organization_id = :o"),
    ("care_flow.versions", "CARE-1", "DELETE FROM ml_care_flow_versions WHERE organization_id = :o AND version = 0"),
    ("care_flow.name", "CARE-1", "UPDATE ml_care_flows SET name = 'Other' WHERE organization_id = :o"),
    ("care_flow.name", "CARE-1", "UPDATE ml_care_flows SET state = 'deleted' WHERE organization_id = :o"),
    ("care_configuration.name", "CARE-6", "UPDATE ml_care_configurations SET name = 'O' WHERE organization_id = :o"),
]


@pytest.mark.rule("CARE-1", "CARE-6")
@pytest.mark.parametrize(("check", "rule", "statement"), CARE_SETTINGS_DAMAGE)
def test_damage_to_flows_and_configurations_is_named(engine, make_world, check, rule, statement):
    world = make_world()
    care = world.org.care
    flow = care.save_flow(FlowTerms(name="Onboarding", milestones=[CALL])).flow.id
    care.add_milestone(flow, CALL)
    made = care.create_configuration(ConfigurationTerms(name="Standard", default_flow=flow))
    care.activate(made.id, studio=world.studio())
    assert recount(engine, organization=world.organization.id) == []
    damage(engine, world, statement)
    findings = recount(engine, organization=world.organization.id)
    assert (check, rule) in [(each.check, each.rule) for each in findings]
    assert {str(flow), str(made.id)} & {id for each in findings for id in each.records.values()}
