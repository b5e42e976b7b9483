"""PTS-15: journals are drafted, validated as a whole, posted entirely or not at all, and registered."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.calendar import CalendarPeriod, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import AccountId, ExternalId, new_id
from memberlogic.ledger import drafting
from memberlogic.ledger.drafting import JournalDiffers
from memberlogic.ledger.journals import JournalRow, JournalState, LineKind
from memberlogic.ledger.model import AdjustingPolicy, After, EntryKind, Maximum, Order, TransferPolicy
from memberlogic.ledger.registering import JournalRefused
from memberlogic.ledger.validating import JournalIncomplete
from memberlogic.members import MemberState
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage
from memberlogic_sqlalchemy.ledger import SqlWallets

pytestmark = pytest.mark.rule("PTS-15")
EARN, REDEEM, ADJUST, TRANSFER, EXPIRE = LineKind


def drafted(world, *rows, reference="october"):
    return world.org.ledger.draft_journal(reference, rows)


def told(problems):
    return [(each.line, each.field, each.code) for each in problems]


def test_a_journal_is_posted_as_a_whole(world):
    one, two = world.account(credits=[10]), world.account()
    journal = drafted(
        world,
        JournalRow(EARN, one, 90, reference="r-1"),
        JournalRow(TRANSFER, one, 60, target=two),
        JournalRow(REDEEM, two, 25),
        JournalRow(ADJUST, two, -5, reason="goodwill"),
        JournalRow(ADJUST, one, 3, reason="goodwill"),
        JournalRow(EXPIRE, one, 13, reason="closing"),
    )
    assert (journal.state, journal.lines, journal.malformed) == (JournalState.DRAFT, 6, 0)
    assert (world.available(one), world.available(two)) == (10, 0)
    assert world.org.ledger.validate_journal(journal.id).valid
    posted = world.org.ledger.post_journal(journal.id)
    assert (posted.lines, posted.entries, posted.posted_by) == (6, 7, "system")
    assert (world.available(one), world.available(two)) == (30, 30)
    conserved(world, one, two)
    kinds = [EntryKind.CREDIT, EntryKind.EARN, EntryKind.TRANSFER_OUT, EntryKind.ADJUST, EntryKind.EXPIRE]
    assert [each.kind for each in world.entries(one)] == kinds
    first = world.entries(one)[1]
    assert (first.reference, first.because[-1].figures) == ("r-1", {"journal": str(journal.id), "line": 1})


def test_a_posted_journal_is_registered_and_immutable(world):
    account = world.account()
    journal = drafted(world, JournalRow(EARN, account, 5))
    posted = world.org.ledger.post_journal(journal.id)
    found = world.org.ledger.find_journal("october")
    assert (found.state, found.posted_by, found.posted_at, found.entries) == (
        JournalState.POSTED,
        "system",
        world.clock.now(),
        1,
    )
    assert world.org.ledger.journal(journal.id) == found
    assert [each.id for each in world.org.ledger.journals()] == [journal.id]
    assert [each.id for each in world.org.ledger.journals(state=JournalState.POSTED)] == [journal.id]
    assert not list(world.org.ledger.journals(state=JournalState.DRAFT))
    (line,) = world.org.ledger.journal_lines(journal.id)
    assert line.entry == world.entries(account)[0].id
    world.wait(days=1)
    assert world.org.ledger.post_journal(journal.id) == posted
    assert world.org.ledger.post_journal(journal.id, idempotency_key="again") == posted
    assert drafted(world, JournalRow(EARN, account, 5)) == found
    assert world.available(account) == 5
    with pytest.raises(IllegalTransition):
        world.org.ledger.discard_journal(journal.id)
    with pytest.raises(JournalDiffers):
        drafted(world, JournalRow(EARN, account, 6))
    types = [each.event.type for each in world.events() if each.event.type.startswith("journal")]
    assert types == ["journal.drafted", "journal.posted"]


def test_each_bad_line_is_told_with_its_number_field_and_reason(world):
    one, other = world.account(credits=[10]), world.account(club=world.another_club())
    blocked, gone = world.account(credits=[9]), AccountId(new_id())
    world.org.loyalty.block_account(blocked, reason="fraud")
    passed = world.clock.now() - timedelta(days=1)
    journal = drafted(
        world,
        JournalRow(EARN, one, 0),
        JournalRow(EARN, one, 2.5),
        JournalRow("earn", one, 1),
        JournalRow(TRANSFER, one, 1),
        JournalRow(ADJUST, one, 1),
        JournalRow(REDEEM, one, 1, reason="Free Text"),
        JournalRow(EARN, ExternalId("card", "nobody"), 1),
        "no row",
        JournalRow(EARN, gone, 1),
        JournalRow(REDEEM, one, 11),
        JournalRow(TRANSFER, one, 1, target=one),
        JournalRow(TRANSFER, one, 1, target=other),
        JournalRow(TRANSFER, one, 1, target=blocked),
        JournalRow(EARN, blocked, 1),
        JournalRow(EXPIRE, blocked, 4),
        JournalRow(EARN, one, 1, expires_at=passed),
        JournalRow(EARN, one, 1, expires_at=passed.replace(tzinfo=None)),
        JournalRow(REDEEM, one, 10),
    )
    assert journal.malformed == 9
    checked = world.org.ledger.validate_journal(journal.id)
    assert told(checked.problems) == [
        (1, "points", "input.invalid"),
        (2, "points", "input.invalid"),
        (3, "kind", "input.invalid"),
        (4, "target", "input.invalid"),
        (5, "reason", "input.invalid"),
        (6, "reason", "input.invalid"),
        (7, "account", "not_found"),
        (8, "row", "input.invalid"),
        (9, "account", "not_found"),
        (10, "points", "points.insufficient"),
        (11, "target", "transfer.to_itself"),
        (12, "target", "transfer.between_clubs"),
        (13, "target", "account.not_open"),
        (14, "account", "account.not_open"),
        (16, "expires_at", "input.invalid"),
        (17, "expires_at", "input.invalid"),
    ]
    assert (checked.lines, checked.wrong, checked.valid) == (18, 16, False)
    assert "16 of 18 lines are wrong" in checked.explain().text()
    with pytest.raises(JournalRefused) as refused:
        world.org.ledger.post_journal(journal.id)
    assert (refused.value.details["line"], refused.value.details["field"]) == (1, "points")
    assert world.available(one) == 10
    assert len(world.entries(one)) == 1


def test_lines_count_in_their_order(world):
    account = world.account()
    late = drafted(world, JournalRow(REDEEM, account, 5), JournalRow(EARN, account, 5), reference="late")
    assert told(world.org.ledger.validate_journal(late.id).problems) == [(1, "points", "points.insufficient")]
    soon = drafted(world, JournalRow(EARN, account, 5), JournalRow(REDEEM, account, 5), reference="soon")
    assert world.org.ledger.validate_journal(soon.id).valid
    world.org.ledger.post_journal(soon.id)
    assert world.available(account) == 0
    conserved(world, account)


def test_one_bad_line_at_the_end_leaves_nothing(world):
    accounts = [world.account() for _ in range(3)]
    rows = [JournalRow(EARN, accounts[number % 3], 1) for number in range(1200)]
    journal = drafted(world, *rows, JournalRow(REDEEM, accounts[0], 401))
    assert told(world.org.ledger.validate_journal(journal.id).problems) == [(1201, "points", "points.insufficient")]
    with pytest.raises(JournalRefused) as refused:
        world.org.ledger.post_journal(journal.id)
    assert refused.value.details["line"] == 1201
    assert [world.available(account) for account in accounts] == [0, 0, 0]
    assert [world.entries(account) for account in accounts] == [[], [], []]
    assert world.org.ledger.journal(journal.id).state is JournalState.DRAFT
    conserved(world, *accounts)


def test_lines_of_one_account_on_many_pages_add_up(world):
    one, two = world.account(), world.account()
    rows = [JournalRow(EARN, one, 2), JournalRow(TRANSFER, one, 1, target=two)] * 1100
    journal = drafted(world, *rows)
    assert world.org.ledger.validate_journal(journal.id).valid
    assert world.org.ledger.post_journal(journal.id).entries == 3300
    assert (world.available(one), world.available(two)) == (1100, 1100)
    assert sum(1 for line in world.org.ledger.journal_lines(journal.id) if line.entry) == 2200
    conserved(world, one, two)


def test_what_fell_due_is_settled_first(make_world):
    world = make_world(expiry=After(Term.of_days(10)))
    account = world.account(credits=[10])
    journal = drafted(world, JournalRow(REDEEM, account, 10))
    assert world.org.ledger.validate_journal(journal.id).valid
    world.wait(days=11)
    assert told(world.org.ledger.validate_journal(journal.id).problems) == [(1, "points", "points.insufficient")]
    with pytest.raises(JournalRefused):
        world.org.ledger.post_journal(journal.id)
    fresh = drafted(world, JournalRow(EARN, account, 7), reference="fresh")
    world.org.ledger.post_journal(fresh.id)
    assert [each.kind for each in world.entries(account)] == [EntryKind.CREDIT, EntryKind.EXPIRE, EntryKind.EARN]


def test_the_maximum_of_transfers_counts_every_line(make_world):
    world = make_world(transfer=TransferPolicy(maximum=Maximum(10, CalendarPeriod.DAY)))
    one, two = world.account(credits=[100]), world.account()
    world.org.ledger.transfer(source=one, target=two, points=4)
    rows = [JournalRow(TRANSFER, one, 3, target=two)] * 3
    journal = drafted(world, *rows)
    assert told(world.org.ledger.validate_journal(journal.id).problems) == [(3, "points", "transfer.above_maximum")]
    with pytest.raises(JournalRefused) as refused:
        world.org.ledger.post_journal(journal.id)
    assert refused.value.details["line"] == 3
    world.wait(days=1)
    world.org.ledger.post_journal(journal.id)
    assert world.available(two) == 13


def test_a_draft_that_broke_off_is_begun_anew(world):
    account = world.account()
    rows = [JournalRow(EARN, account, 1)] * 2500

    def breaking():
        yield from rows[:2100]
        raise RuntimeError("the file ended")

    with pytest.raises(RuntimeError):
        world.org.ledger.draft_journal("october", breaking())
    half = world.org.ledger.find_journal("october")
    assert (half.state, half.lines) == (JournalState.DRAFTING, 1000)
    for action in (world.org.ledger.post_journal, world.org.ledger.validate_journal):
        with pytest.raises(JournalIncomplete) as refused:
            action(half.id)
        assert refused.value.details == {"reference": "october", "lines": 1000}
    seen = []
    whole = world.org.ledger.draft_journal("october", iter(rows), progress=seen.append)
    assert (whole.id, whole.state, whole.lines, seen) == (half.id, JournalState.DRAFT, 2500, [1000, 2000, 2500])
    assert [line.number for line in world.org.ledger.journal_lines(whole.id)] == list(range(1, 2501))


def test_a_journal_has_at_most_so_many_lines(world, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_LINES", 1500)
    with pytest.raises(InvalidInput) as refused:
        world.org.ledger.draft_journal("long", [JournalRow(EARN, world.account(), 1)] * 1501)
    assert refused.value.path == "rows"
    assert not list(world.org.ledger.journals())
    for reference in ("long", "longer"):
        with pytest.raises(InvalidInput):
            world.org.ledger.draft_journal(reference, (JournalRow(EARN, new_id(), 1) for _ in range(1501)))
        assert world.org.ledger.find_journal(reference).state is JournalState.DRAFTING
    shorter = world.org.ledger.draft_journal("long", [JournalRow(EARN, world.account(), 1)])
    assert (shorter.state, shorter.lines) == (JournalState.DRAFT, 1)
    given_up = world.org.ledger.discard_journal(world.org.ledger.find_journal("longer").id)
    assert given_up.state is JournalState.DISCARDED


def test_an_empty_journal_is_posted_as_nothing(world):
    journal = drafted(world)
    assert (journal.state, journal.lines) == (JournalState.DRAFT, 0)
    assert world.org.ledger.post_journal(journal.id).entries == 0


def test_a_journal_that_is_given_up_stays_in_the_register(world):
    journal = drafted(world, JournalRow(EARN, world.account(), 1))
    assert world.org.ledger.discard_journal(journal.id).state is JournalState.DISCARDED
    for action in (world.org.ledger.post_journal, world.org.ledger.discard_journal):
        with pytest.raises(IllegalTransition):
            action(journal.id)
    assert world.org.ledger.find_journal("october").state is JournalState.DISCARDED


def test_who_holds_an_account_matters(world):
    member = world.member(verified=False)
    account = world.account(member=member, credits=[10])
    journal = drafted(world, JournalRow(REDEEM, account, 1), JournalRow(ADJUST, account, -1, reason="goodwill"))
    assert told(world.org.ledger.validate_journal(journal.id).problems) == [(1, "account", "account.holder_unverified")]
    world.org.members.block(member, reason="fraud")
    assert world.org.members.get(member).state is MemberState.BLOCKED
    earned = drafted(world, JournalRow(EARN, account, 1), reference="earned")
    problems = world.org.ledger.validate_journal(earned.id).problems
    assert told(problems) == [(1, "account", "account.every_holder_blocked")]


def test_accounts_can_be_named_by_external_ids(world):
    card = ExternalId("card", "4711")
    account = world.org.loyalty.open_account(club=world.club.id, member=world.member(), external_ids=[card]).id
    world.org.ledger.post_journal(drafted(world, JournalRow(EARN, card, 8)).id)
    assert world.available(account) == 8


def test_journals_of_others_are_not_there(world):
    journal = drafted(world, JournalRow(EARN, world.account(), 1))
    with pytest.raises(PermissionDenied):
        world.acting_as(Actor.member(world.member())).ledger.journal(journal.id)
    with pytest.raises(NotFound):
        world.org.ledger.find_journal("november")


def test_a_journal_is_no_way_around_the_limit_of_adjusting(make_world):
    world = make_world(adjusting=AdjustingPolicy(limit=100))
    account = world.account(credits=[10])
    names = ("ledger.journals:create", "ledger.journals:read", "ledger.journals:update", "members.points:read")
    sam, kim = world.staff(*names), world.acting_as(Actor.staff("kim", names))
    journal = sam.ledger.draft_journal("october", [JournalRow(ADJUST, account, 5, reason="goodwill")])
    assert sam.ledger.validate_journal(journal.id).valid
    with pytest.raises(JournalRefused) as refused:
        sam.ledger.post_journal(journal.id)
    assert refused.value.details["reason"] == "journal.own"
    kim.ledger.post_journal(journal.id)
    day = world.clock.now().date()
    (total,) = world.org.ledger.adjustments(world.club.id, since=day, until=day + timedelta(days=1)).staff
    assert (total.actor, total.adjustments, total.up, total.down) == ("staff:sam", 1, 5, 0)
    earned = sam.ledger.draft_journal("earned", [JournalRow(EARN, account, 5)])
    sam.ledger.post_journal(earned.id)
    assert world.available(account) == 20
    conserved(world, account)


LINES = st.lists(
    st.tuples(st.sampled_from(LineKind), st.integers(0, 2), st.integers(1, 30), st.integers(0, 2)), max_size=12
)


@settings(max_examples=40)
@given(lines=LINES)
def test_validating_and_posting_agree_with_a_plain_reckoning(make_world, lines):
    world = make_world(expiry=After(Term.of_days(30)))
    accounts = [world.account(credits=[20]) for _ in range(3)]
    balances, wrong, rows = [20, 20, 20], [], []
    for number, (kind, at, points, to) in enumerate(lines, 1):
        reason = "goodwill" if kind is ADJUST else None
        signed = -points if kind is ADJUST and points % 2 else points
        target = accounts[to] if kind is TRANSFER else None
        rows.append(JournalRow(kind, accounts[at], signed, target=target, reason=reason))
        comes = kind is EARN or (kind is ADJUST and signed > 0)
        if not comes and (points > balances[at] or (kind is TRANSFER and at == to)):
            wrong.append(number)
            continue
        balances[at] += points if comes else -points
        if kind is TRANSFER:
            balances[to] += points
    journal = drafted(world, *rows)
    assert [each.line for each in world.org.ledger.validate_journal(journal.id).problems] == wrong
    if wrong:
        with pytest.raises(JournalRefused) as refused:
            world.org.ledger.post_journal(journal.id)
        assert refused.value.details["line"] == wrong[0]
        balances = [20, 20, 20]
    else:
        world.org.ledger.post_journal(journal.id)
    assert [world.available(account) for account in accounts] == balances
    conserved(world, *accounts)


def test_what_arrives_lives_by_the_policy_or_as_named(make_world):
    world = make_world(expiry=After(Term.of_days(30)))
    account = world.account()
    named = datetime.fromisoformat("2026-01-20T10:00:00+00:00")
    rows = [JournalRow(EARN, account, 1), JournalRow(ADJUST, account, 2, reason="goodwill", expires_at=named)]
    world.org.ledger.post_journal(drafted(world, *rows).id)
    assert [(lot.remaining, lot.expires_at) for lot in world.wallet(account).lots] == [
        (2, named),
        (1, datetime.fromisoformat("2026-02-13T23:00:00+00:00")),
    ]


def test_lines_read_no_more_lots_than_they_take(databases):
    """However many lots the accounts have, and however many pages the journal."""
    world = World(SqlAlchemyStorage(databases.engine("sqlite")))
    accounts = [world.account() for _ in range(3)]
    earning = [JournalRow(EARN, account, 2) for account in accounts] * 100
    world.org.ledger.post_journal(drafted(world, *earning, reference="before").id)
    rows = [(REDEEM, 5), (EARN, 1), (REDEEM, 4)]
    taking = [JournalRow(kind, account, points) for account in accounts for kind, points in rows]
    with patch.object(SqlWallets, "as_lot", autospec=True, side_effect=SqlWallets.as_lot) as read:
        world.org.ledger.post_journal(drafted(world, *taking, reference="after").id)
    assert read.call_count == len(accounts) * 6
    assert [world.available(account) for account in accounts] == [192] * 3
    conserved(world, *accounts)


@settings(max_examples=15)
@given(st.data())
def test_a_journal_does_what_its_lines_do_one_by_one(databases, data):
    """Also where the accounts have many lots already, of which only the first are read."""
    order = data.draw(st.sampled_from(Order))
    world = World(SqlAlchemyStorage(databases.engine("sqlite")), order=order)
    pair = [[world.account() for _ in range(3)] for _ in range(2)]
    days, start = st.one_of(st.none(), st.integers(1, 40)), world.clock.now()
    lots = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), days), max_size=40))
    for which, points, expires in lots:
        for accounts in pair:
            until = None if expires is None else start + timedelta(days=expires)
            world.org.ledger.credit(accounts[which], points, reason="welcome", expires_at=until)
        world.wait(minutes=1)
    world.wait(days=data.draw(st.integers(0, 20)))
    left = [world.available(account) for account in pair[0]]
    rows = []
    for _ in range(data.draw(st.integers(1, 12))):
        which, points, takes = data.draw(st.tuples(st.integers(0, 2), st.integers(1, 30), st.booleans()))
        expires = None if takes else data.draw(days)
        if takes and points > left[which]:
            continue
        left[which] += -points if takes else points
        until = None if expires is None else world.clock.now() + timedelta(days=expires)
        rows.append((ADJUST, which, -points, until) if takes else (EARN, which, points, until))

    def said(accounts, kind, which, points, until):
        reason = "goodwill" if kind is ADJUST else None
        return JournalRow(kind, accounts[which], points, reason=reason, expires_at=until)

    whole = drafted(world, *(said(pair[0], *row) for row in rows), reference="whole")
    world.org.ledger.post_journal(whole.id)
    for number, row in enumerate(rows):
        world.org.ledger.post_journal(drafted(world, said(pair[1], *row), reference=f"part-{number}").id)
    for one, other in zip(*pair, strict=True):
        wallets = [world.wallet(account) for account in (one, other)]
        assert wallets[0].remaining == wallets[1].remaining
        shown = [[(lot.remaining, lot.earned_at, lot.expires_at) for lot in wallet.lots] for wallet in wallets]
        assert shown[0] == shown[1]
        conserved(world, one, other)
    world.wait(days=60)
    world.ml.run_jobs()
    for one, other in zip(*pair, strict=True):
        assert world.available(one) == world.available(other)
        conserved(world, one, other)
