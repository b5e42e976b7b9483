"""PTS-19 through the public service, on every store."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    After,
    CalendarPeriod,
    Earning,
    EarningRule,
    ExternalId,
    Maximum,
    PurchaseLine,
    PurchaseRow,
    Rate,
    RedeemBlocks,
    Redeeming,
    Term,
)
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.ids import AccountId, new_id
from memberlogic.loyalty.importing import Reject
from memberlogic.testing import World
from memberlogic.testing.worlds import NOON
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-19")

PROGRAMME = {
    "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))], excluded_categories={"fuel"}),
    "redeeming": Redeeming(points=500, value=500),
    "expiry": After(Term.of_days(10)),
}
BLOCKS = RedeemBlocks(points=500, minimum_total=500)


def row(id, account, *amounts, day=0, **said):
    """A row of one line an amount, so many days after noon of 15 January."""
    lines = tuple(PurchaseLine("item", amount) for amount in amounts)
    return PurchaseRow(str(id), account, NOON + timedelta(days=day), lines, "EUR", **said)


def a_year(world, accounts=3, purchases=40):
    """Rows of several accounts in turn, a day apart."""
    holders = [world.account() for _ in range(accounts)]
    rows = [row(number, holders[number % accounts], 300 + 7 * number, 100, day=number) for number in range(purchases)]
    world.wait(days=purchases)
    return holders, rows


def test_a_stream_goes_in_in_chunks_with_progress(make_world):
    world = make_world(**PROGRAMME)
    accounts, rows = a_year(world)
    seen = []
    report = world.org.loyalty.import_purchases(
        iter(rows), source="till", chunk=15, redeem=BLOCKS, progress=seen.append
    )
    assert seen == [15, 30, 40]
    assert (report.rows, report.recorded, report.skipped, report.rejected) == (40, 40, 0, 0)
    assert report.redeemed_points > 0
    conserved(world, *accounts)


def facts(world, accounts):
    """Everything a store says of accounts that does not depend on ids."""
    return [
        [
            (e.kind, e.amount, e.effective_at, e.business_day, e.reference, e.because, [s.points for s in e.slices])
            for e in world.entries(account)
        ]
        for account in accounts
    ], [[(lot.amount, lot.remaining, lot.expires_at) for lot in world.wallet(account).lots] for account in accounts]


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_an_import_is_what_one_by_one_would_be(make_world, chunk):
    one, many = make_world(**PROGRAMME), make_world(**PROGRAMME)
    accounts, rows = a_year(one)
    others, other_rows = a_year(many)
    for each in rows:
        one.org.loyalty.import_purchases([each], source="till", redeem=BLOCKS)
    many.org.loyalty.import_purchases(other_rows, source="till", chunk=chunk, redeem=BLOCKS)
    assert facts(one, accounts) == facts(many, others)


def test_without_redeeming_an_import_is_what_record_purchase_would_do(make_world):
    one, many = make_world(**PROGRAMME), make_world(**PROGRAMME)
    accounts, rows = a_year(one)
    others, other_rows = a_year(many)
    for each in rows:
        one.org.loyalty.record_purchase(
            account=each.account, purchase=ExternalId("till", each.id), at=each.at, lines=each.lines, currency="EUR"
        )
    many.org.loyalty.import_purchases(other_rows, source="till")
    assert facts(one, accounts) == facts(many, others)
    # What was recorded one by one is known to an import, and the other way round.
    assert one.org.loyalty.import_purchases(rows, source="till").skipped == len(rows)


def test_exactly_one_block_pays_at_a_purchase_before_it_earns(make_world):
    """At least 500 points available, a total of at least 500: 500 points pay 500, and earn nothing."""
    world = make_world(**PROGRAMME)
    account = world.account()
    rows = [
        row(1, account, 1200),
        row(2, account, 499, day=1),
        row(3, account, 600, day=2),
        row(4, account, 500, day=3),
        row(5, account, 10_000, day=4),
    ]
    world.wait(days=5)
    report = world.org.loyalty.import_purchases(rows, source="till", redeem=BLOCKS)
    found = [world.org.loyalty.find_purchase("till", str(n)).purchase for n in range(1, 6)]
    assert [(p.redeemed_points, p.redeemed_value, p.earned, p.available) for p in found] == [
        (0, 0, 1200, 1200),
        (0, 0, 499, 1699),
        (500, 500, 100, 1299),
        (500, 500, 0, 799),
        (500, 500, 9500, 9799),
    ]
    assert (report.earned, report.redeemed_points, report.redeemed_value) == (11_299, 1500, 1500)
    conserved(world, account)


def test_points_expire_between_the_purchases_of_one_chunk(make_world):
    world = make_world(**PROGRAMME)
    account = world.account()
    world.wait(days=30)
    rows = [row(1, account, 400), row(2, account, 300, day=9), row(3, account, 600, day=12)]
    world.org.loyalty.import_purchases(rows, source="till", redeem=BLOCKS)
    entries = [(e.kind.value, e.amount) for e in world.entries(account)]
    assert entries == [("earn", 400), ("earn", 300), ("expire", -400), ("earn", 600)]
    assert world.available(account) == 0
    conserved(world, account)


def test_a_bad_row_is_rejected_with_number_and_reason_while_the_good_ones_go_in(make_world):
    world = make_world(**PROGRAMME)
    account = world.account()
    world.wait(days=1)
    good, nobody = row(1, account, 100), AccountId(new_id())
    rows = [
        good,
        row(2, nobody, 100),
        row(3, ExternalId("crm", "nobody"), 100),
        good._replace(id="4", at=datetime(2026, 1, 15)),
        good._replace(id=""),
        good._replace(id="6", lines=(PurchaseLine("item", 5), PurchaseLine("item", -5))),
        good._replace(id="7", lines=(PurchaseLine("item", 5.0),)),
        good._replace(id="8", currency="USD"),
        good._replace(id="9", at=NOON + timedelta(days=2)),
        good._replace(id="10", at=NOON - timedelta(days=2)),
        good._replace(id="11", paid_with_stored_value=101),
        None,
        good._replace(id="13", account="me"),
        good._replace(id="14", studio="The North"),
        row(15, account, 200),
    ]
    told = []
    report = world.org.loyalty.import_purchases(rows, source="till", chunk=4, on_reject=told.append)
    assert (report.rows, report.recorded, report.rejected) == (15, 2, 13)
    assert (
        list(report.rejects)
        == told
        == [
            Reject(2, "account", "not_found"),
            Reject(3, "account", "not_found"),
            Reject(4, "at", "input.invalid"),
            Reject(5, "id", "input.invalid"),
            Reject(6, "lines[1].amount", "input.invalid"),
            Reject(7, "lines[0].amount", "input.invalid"),
            Reject(8, None, "purchase.other_currency"),
            Reject(9, None, "purchase.in_the_future"),
            Reject(10, None, "purchase.before_account"),
            Reject(11, "paid_with_stored_value", "input.invalid"),
            Reject(12, "row", "input.invalid"),
            Reject(13, "account", "input.invalid"),
            Reject(14, "studio", "input.invalid"),
        ]
    )
    assert world.available(account) == 300


def test_accounts_may_be_named_by_the_hosts_own_ids(make_world):
    world = make_world(**PROGRAMME)
    names = [ExternalId("crm", f"H{number}") for number in range(20)]
    accounts = [
        world.org.loyalty.open_account(club=world.club.id, member=world.member(), external_ids=[name]).id
        for name in names
    ]
    world.org.loyalty.import_purchases([row(n, name, 10 + n) for n, name in enumerate(names)], source="till")
    assert [world.available(account) for account in accounts] == [10 + n for n in range(20)]


def test_a_row_seen_before_is_skipped_and_one_with_another_content_is_rejected(make_world):
    world = make_world(**PROGRAMME)
    account = world.account()
    first, other = row(1, account, 100), row(1, account, 101)
    report = world.org.loyalty.import_purchases([first, first, other], source="till", chunk=10)
    assert (report.recorded, report.skipped, report.rejects) == (1, 1, (Reject(3, None, "purchase.differs"),))
    report = world.org.loyalty.import_purchases([first, other, first._replace(at=NOON - timedelta(1))], source="till")
    assert (report.recorded, report.skipped, report.rejected) == (0, 1, 2)
    assert world.org.loyalty.import_purchases([first], source="another-till").recorded == 1


def test_an_interrupted_import_continues_where_it_stopped(make_world):
    whole, halved = make_world(**PROGRAMME), make_world(**PROGRAMME)
    accounts, rows = a_year(whole)
    others, other_rows = a_year(halved)

    def until_the_power_fails():
        yield from other_rows[:23]
        raise OSError("no power")

    whole.org.loyalty.import_purchases(rows, source="till", chunk=10, redeem=BLOCKS)
    with pytest.raises(OSError, match="no power"):
        halved.org.loyalty.import_purchases(until_the_power_fails(), source="till", chunk=10, redeem=BLOCKS)
    report = halved.org.loyalty.import_purchases(other_rows, source="till", chunk=7, redeem=BLOCKS)
    assert (report.recorded, report.skipped) == (20, 20)
    assert facts(whole, accounts) == facts(halved, others)
    conserved(halved, *others)


def test_caps_count_over_the_rows_of_a_chunk_and_what_was_there_before(make_world):
    capped = evolve(PROGRAMME["earning"], caps=[Maximum(150, CalendarPeriod.DAY), Maximum(400, CalendarPeriod.MONTH)])
    world = make_world(**PROGRAMME | {"earning": capped})
    account = world.account()
    world.wait(days=20)
    rows = [row(n, account, 100, day=n // 3) for n in range(12)] + [row(12, account, 100, day=20)]
    for some in (rows[:2], rows[2:8], rows[8:]):
        world.org.loyalty.import_purchases(some, source="till")
    earned = [world.org.loyalty.find_purchase("till", str(n)).purchase.earned for n in range(13)]
    assert earned == [100, 50, 0, 100, 50, 0, 100, 0, 0, 0, 0, 0, 100]


@pytest.mark.rule("COM-13", "COM-11")
def test_an_import_needs_the_permission_even_of_nothing(make_world):
    world = make_world(**PROGRAMME)
    with pytest.raises(PermissionDenied):
        world.staff("members.points:read").loyalty.import_purchases([], source="till")
    assert world.org.loyalty.import_purchases([], source="till").rows == 0


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("field", "value"),
    [("source", "The till"), ("chunk", 0), ("chunk", 10_001), ("redeem", 500), ("rows", 7)],
)
def test_an_import_of_the_wrong_form_names_the_field(field, value):
    world = World(MemoryStorage(), **PROGRAMME)
    with pytest.raises(InvalidInput) as caught:
        world.org.loyalty.import_purchases(**({"rows": [], "source": "till"} | {field: value}))
    assert caught.value.path == field


@given(
    purchases=st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.integers(0, 900), max_size=4), st.integers(0, 6)), max_size=30
    ),
    chunks=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.fractions(Fraction(1, 2), 1, max_denominator=4),
)
@settings(max_examples=40)
def test_however_a_stream_is_cut_the_result_is_the_same(purchases, chunks, share):
    said = []
    for chunk in chunks:
        redeeming = Redeeming(points=100, value=100, maximum_share=share)
        world = World(MemoryStorage(), **PROGRAMME | {"redeeming": redeeming})
        accounts = [world.account() for _ in range(3)]
        day, rows = 0, []
        for number, (who, amounts, later) in enumerate(purchases):
            day += later
            rows.append(row(number, accounts[who], *amounts, day=day))
        world.wait(days=day + 1)
        policy = RedeemBlocks(points=200, minimum_total=100, most_blocks=3)
        report = world.org.loyalty.import_purchases(rows, source="till", chunk=chunk, redeem=policy)
        assert (report.recorded, report.rejected) == (len(rows), 0)
        conserved(world, *accounts)
        said.append(facts(world, accounts))
    assert said[0] == said[1]


@pytest.mark.parametrize("year", [9999, 1])
def test_an_instant_at_the_calendars_end_rejects_its_row_only(make_world, year):
    capped = Earning(rules=[EarningRule(key="base", gives=Rate(1, 1))], caps=[Maximum(10_000, CalendarPeriod.MONTH)])
    world = make_world(**PROGRAMME | {"earning": capped})
    account = world.account()
    rows = [row(1, account, 100), row(2, account, 100)._replace(at=NOON.replace(year=year)), row(3, account, 100)]
    report = world.org.loyalty.import_purchases(rows, source="till")
    assert (report.recorded, report.rejects) == (2, (Reject(2, "at", "input.invalid"),))


@pytest.mark.rule("COM-6")
def test_more_than_a_wallet_holds_rejects_its_row_only(make_world):
    world = make_world(**PROGRAMME | {"earning": Earning(rules=[EarningRule(key="base", gives=Rate(1000, 1))])})
    account = world.account()
    rows = [row(1, account, 100), row(2, account, 2**53 - 1), row(3, account, 100)]
    report = world.org.loyalty.import_purchases(rows, source="till")
    assert (report.recorded, report.rejects) == (2, (Reject(2, None, "points.wallet_full"),))
    assert world.available(account) == 200_000
