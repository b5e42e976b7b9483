"""MEM-17: two records of one person become one, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.calling import Facts, ids_of, method, methods

from memberlogic import (
    Actor,
    Address,
    After,
    AwardRule,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Inactivity,
    Metric,
    Money,
    Monthly,
    Progression,
    PurchaseLine,
    Rate,
    Redeeming,
    Scheme,
    Term,
    Upgrade,
)
from memberlogic.certification.base import conserved
from memberlogic.certification.concurrency import at_once
from memberlogic.contracts.merging import on_it_once
from memberlogic.contracts.model import Coverage
from memberlogic.contracts.passes import PassKind
from memberlogic.errors import MemberLogicError
from memberlogic.ids import AccountId, CoverageId, MemberId, new_id
from memberlogic.ledger.journals import JournalRow, LineKind
from memberlogic.ledger.model import AccountState, AdjustingPolicy, EntryKind
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.programme import MostOften
from memberlogic.loyalty.progression import Pin, PinKind
from memberlogic.members import InquiryKind, MemberState, ParameterKind
from memberlogic.members.membership import MembershipStatus
from memberlogic.members.prospecting import Stage
from memberlogic.testing import World
from memberlogic_sqlalchemy import recount

pytestmark = pytest.mark.rule("MEM-17")

CLUB = {
    "expiry": After(Term.of_days(90)),
    "earning": Earning(
        rules=[EarningRule(key="base", gives=Rate(1, 100))],
        awards=[AwardRule(key="quiz", event="quiz", points=7, most=MostOften(times=1))],
    ),
    "redeeming": Redeeming(points=1, value=1),
}


@pytest.fixture
def make_world(storage, databases, store):
    """Worlds that know their database, for the recount."""

    def make(**said):
        made = World(storage, **(CLUB | said))
        made.engine = None if store == "memory" else databases.engine(store)
        return made

    return make


@pytest.fixture
def world(make_world):
    return make_world()


def clean(world) -> bool:
    """Whether everything that is stored is what is counted."""
    if world.engine is not None:
        found = recount(world.engine, organization=world.organization.id)
        assert found == [], [each.text() for each in found]
    return True


def person(world, **said) -> MemberId:
    known = {"external_ids": [ExternalId("crm", f"{len(world.events())}")], "verified": True} | said
    return world.org.members.register(member_type="customer", **known).id


def merge(world, a, b, **said):
    return world.org.members.merge(survivor=a, duplicate=b, **said)


def refusal(act, *args, **said) -> MemberLogicError:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **said)
    return caught.value


def buy(world, account, id, amount, **said):
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", id),
        lines=[PurchaseLine("item", amount)],
        currency="EUR",
        **said,
    )


def back(world, id, receipt, **said):
    return world.org.loyalty.return_purchase(
        purchase=ExternalId("till", id), receipt=ExternalId("till", receipt), **said
    )


@pytest.fixture
def two(world):
    """Two records, each with an account of its own in the club."""
    a, b = person(world), person(world)
    return a, b, world.account(member=a), world.account(member=b)


# What is known of the person.


@pytest.mark.parametrize("first", [True, False])
def test_lead_source_billing_and_member_type_are_named(world, first):
    """Filled where the survivor says nothing; dropped where both say something else, whichever of them stands."""
    made = person(world), person(world)
    a, b = made if first else made[::-1]
    now, org = world.clock.now(), world.org
    org.members.set_lead_source(b, "flyer")
    org.contracts.tell_billing(b, owed=Money(500, "EUR"), as_of=now)
    looked = org.members.preview_merge(survivor=a, duplicate=b)
    assert (looked.filled, looked.dropped) == (("billing", "lead_source"), ())
    org.members.set_lead_source(a, "flyer")
    org.contracts.tell_billing(a, owed=Money(500, "EUR"), as_of=now)
    looked = org.members.preview_merge(survivor=a, duplicate=b)
    assert (looked.filled, looked.dropped) == ((), ())
    org.members.set_lead_source(a, "friend")
    org.contracts.tell_billing(a, owed=Money(700, "EUR"), as_of=now)
    c = org.members.register(member_type="staff", given_name="Cy", external_ids=[ExternalId("crm", "c")]).id
    assert org.members.preview_merge(survivor=a, duplicate=c).dropped == ("member_type",)
    merged = merge(world, a, b)
    assert (merged.filled, merged.dropped) == ((), ("billing", "lead_source"))
    assert org.members.lead(a).source == ("friend" if first else "flyer")


def test_everything_that_is_known_moves(world):
    org = world.org
    org.members.define_parameter("shirt", ParameterKind.TEXT)
    org.members.define_parameter("shoe", ParameterKind.TEXT)
    a = person(
        world,
        given_name="Ana",
        email="ana@example.org",
        addresses=[Address(lines=["1 Street"], country="GB")],
        interests=["chess"],
    )
    b = person(
        world,
        given_name="Anna",
        family_name="Lima",
        email="al@example.org",
        phones=["+44 20 7946 0911"],
        addresses=[Address(lines=["2 Street"], country="GB"), Address(kind="billing", lines=["3"], country="GB")],
        interests=["chess", "yoga"],
        birth_date=date(1980, 1, 2),
    )
    org.members.set_parameters(a, {"shirt": "red"})
    org.members.set_parameters(b, {"shirt": "blue", "shoe": "40"})
    org.members.add_tags(a, ["early"])
    org.members.add_tags(b, ["Early", "choir"])
    org.members.record_inquiry(b, kind=InquiryKind.WEB, note="hello")
    org.members.set_lead_source(b, "flyer")
    child = org.members.register(member_type="customer", given_name="Kim", guardian=b).id
    preview = org.members.preview_merge(survivor=a, duplicate=b)
    merged = merge(world, a, b)
    assert {each.name: each.count for each in merged.moves} == {
        "email": 1, "phone": 1, "external_ids": 1, "tags": 1, "inquiries": 1, "notes": 1, "wards": 1,
    }  # fmt: skip
    assert merged.filled == ("addresses", "birth_date", "family_name", "interests", "lead_source", "shoe")
    assert merged.dropped == ("given_name", "shirt")
    assert (preview.moves, preview.filled, preview.dropped, preview.done) == (
        merged.moves, merged.filled, merged.dropped, False,
    )  # fmt: skip
    known = org.members.person(a)
    assert (known.given_name, known.family_name, known.birth_date) == ("Ana", "Lima", date(1980, 1, 2))
    assert [(each.kind, each.lines) for each in known.addresses] == [("home", ("1 Street",)), ("billing", ("3",))]
    assert known.interests == ("chess", "yoga")
    assert [each.written for each in org.members.contact_points(a)] == [
        "ana@example.org",
        "al@example.org",
        "+44 20 7946 0911",
    ]
    assert org.members.tags(a).texts == ("choir", "early")
    assert {each.key: each.value for each in org.members.parameters(a).values} == {"shirt": "red", "shoe": "40"}
    lead = org.members.lead(a)
    assert (lead.source, [each.note for each in lead.inquiries]) == ("flyer", ["hello"])
    assert org.members.person(child).guardian == a
    assert list(org.members.tagged("choir")) == [a]
    assert clean(world)


def test_what_is_left_of_the_duplicate_says_nothing_and_stands_in_no_list(world):
    a, b = person(world, given_name="Ana"), person(world, given_name="Zoe", family_name="Quux", email="z@example.org")
    merge(world, a, b)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert uow.people.of(b).given == {}
        assert list(uow.contact_points.of(b)) == []
        assert (uow.members.several([b])[b].state, uow.members.several([b])[b].deleted) == (
            MemberState.ANONYMISED,
            True,
        )
    assert [each.member.id for each in world.org.members.search("z@example.org")] == [a]
    assert [each.id for each in world.org.members.list()] == [a]
    assert [each.member for each in world.org.members.staged(Stage.PROSPECTS)] == [a]
    event = next(each.event for each in world.events() if each.event.type == "member.merged")
    assert (event.members, event.member, event.duplicate) == ((a, b), a, b)
    assert [each.event.type for each in world.events()].count("member.merged") == 1


@pytest.mark.parametrize(("mine", "theirs"), [("give", "withdraw"), ("withdraw", "give")])
@pytest.mark.parametrize("later", ["mine", "theirs"])
def test_of_two_answers_the_stricter_holds_and_both_stay(world, mine, theirs, later):
    a, b = person(world), person(world)

    def say(member, how):
        said = {"purpose": "marketing", "channel": "email", "source": "web_form"}
        if how == "give":
            world.org.members.give_consent(member, wording="v1", **said)
        else:
            world.org.members.withdraw_consent(member, **said)

    for who, how in [(a, mine), (b, theirs)] if later == "theirs" else [(b, theirs), (a, mine)]:
        say(who, how)
        world.wait(days=1)
    world.org.members.give_consent(b, purpose="terms", source="paper", wording="v2")
    merged = merge(world, a, b)
    last_said_yes = (theirs if later == "theirs" else mine) == "give"
    assert [(each.purpose, each.channel) for each in merged.consents] == (
        [("marketing", "email")] if last_said_yes else []
    )
    consents = world.org.members.consents(a)
    assert not consents.allows("marketing", "email")
    assert consents.allows("terms")
    history = world.org.members.consent_history(a).consents
    assert len(history) == 3 + last_said_yes
    assert {each.member for each in history} == {a}
    assert clean(world)


def test_blocked_is_who_was_blocked_and_verified_who_was_verified(world):
    for blocked, verified in (("a", "b"), ("b", "a"), ("b", "b"), (None, "b"), (None, None)):
        a, b = (person(world, verified=verified == each) for each in "ab")
        for name, id in (("a", a), ("b", b)):
            if blocked == name:
                world.org.members.block(id, reason="fraud")
        merged = merge(world, a, b)
        record = world.org.members.get(a)
        state = MemberState.ACTIVE if verified else MemberState.UNVERIFIED
        assert record.state is merged.state is (MemberState.BLOCKED if blocked else state)
        assert (record.before_block, record.blocked_for) == ((state, "fraud") if blocked else (None, None))
    assert clean(world)


def test_what_a_survivor_holds_is_released_when_the_duplicate_was_blocked(world, two):
    a, b, x, _ = two
    world.org.ledger.credit(x, 100, reason="gift")
    world.org.ledger.hold(x, 60, until=world.clock.now() + timedelta(days=3))
    world.org.members.block(b, reason="fraud")
    merge(world, a, b)
    balance = world.org.ledger.balance(x)
    assert (balance.held, balance.available) == (0, 100)
    assert clean(world)


def test_guardians(world):
    org = world.org
    g, a, b = (person(world, given_name="X") for _ in range(3))
    child = org.members.register(member_type="customer", given_name="Kim", guardian=b).id
    org.members.update(a, guardian=g)
    refused = refusal(merge, world, a, b)
    assert refused.code == "merge.guardian_has_guardian"
    preview = org.members.preview_merge(survivor=a, duplicate=b)
    assert [each.code for each in preview.blockers] == ["merge.guardian_has_guardian"]
    assert not preview.allowed
    # The link between the two is gone, and whoever is a guardian is filled none.
    twin = org.members.register(member_type="customer", given_name="Kim", guardian=g).id
    merge(world, child, twin)
    assert org.members.person(child).guardian == b
    merge(world, b, child)
    assert org.members.person(b).guardian is None
    assert org.members.person(child).guardian is None
    assert clean(world)


# Who is who.


def test_a_record_is_not_merged_with_itself_nor_with_somebody_who_is_gone(world):
    a, b, gone = person(world), person(world), person(world)
    assert refusal(merge, world, a, a).code == "merge.one_record"
    assert refusal(merge, world, a, MemberId(world.club.id)).code == "not_found"
    world.org.members.anonymise(gone)
    for one, other in ((a, gone), (gone, a)):
        assert refusal(merge, world, one, other).code == "state.illegal_transition"
        preview = world.org.members.preview_merge(survivor=one, duplicate=other)
        assert [each.code for each in preview.blockers] == ["state.illegal_transition"]
        assert "cannot be merged" in preview.explain().summary
    merge(world, a, b)
    assert refusal(merge, world, a, b).code == "merge.one_record"
    assert refusal(merge, world, b, a).code == "merge.one_record"
    assert [each.code for each in world.org.members.preview_merge(survivor=b, duplicate=a).blockers] == [
        "merge.one_record"
    ]


def test_signposts_lead_straight_to_the_last(world):
    a, b, c = (person(world, external_ids=[ExternalId("crm", each)]) for each in "abc")
    accounts = [world.account(member=each, credits=[10]) for each in (a, b, c)]
    support = {each: world.org.members.get(each).support_id for each in (a, b, c)}
    merge(world, b, a)
    merge(world, c, b)
    for each in (a, b, c):
        assert world.org.members.get(each).id == c
        assert world.org.members.find_by_support_id(support[each]).id == c
        assert [found.member.id for found in world.org.members.search(support[each])] == [c]
    assert {world.org.members.find("crm", each).id for each in "abc"} == {c}
    assert [world.org.ledger.balance(each).available for each in accounts] == [30] * 3
    assert clean(world)
    # With the last of them every way to them is gone from searches.
    world.org.members.delete(a)
    assert [list(world.org.members.search(each)) for each in support.values()] == [[], [], []]
    assert clean(world)


def test_a_member_acts_for_whoever_they_are_now(world):
    a, b = person(world), person(world)
    x, y = world.account(member=a, credits=[5]), world.account(member=b, credits=[8])
    merge(world, a, b)
    mine = world.acting_as(Actor.member(b))
    assert mine.members.person(b).member == mine.members.person(a).member == a
    assert mine.ledger.balance(y).available == mine.ledger.balance(x).available == 13
    mine.ledger.transfer(source=y, target=world.account(), points=3, holder=b)
    assert refusal(mine.members.person, world.member()).code == "not_found"
    mine.members.give_consent(b, purpose="terms", source="app", wording="v1")
    assert world.org.members.consents(a).allows("terms")


def test_every_look_up_follows(world, store):
    """Each public command and query answers the duplicate's ids as it answers the survivor's."""
    names = sorted(methods())[:: 1 if store == "memory" else 7]
    tried = 0
    for name in names:
        named = ids_of(name)
        answers = []
        for merged in (False, True):
            facts = Facts(world)
            a, b = person(world), person(world)
            x, y = world.account(member=a, credits=[1000]), world.account(member=b, credits=[1000])
            world.contract(member=a)
            merge(world, a, b)
            facts._known |= {
                MemberId: lambda b=b, a=a, merged=merged: b if merged else a,
                AccountId: lambda x=x, y=y, merged=merged: y if merged else x,
            }
            arguments = facts.arguments(name)
            if not {a, b, x, y} & set(filter(lambda each: isinstance(each, type(a)), arguments.values())):
                break
            try:
                answer = method(world.org, name)(**arguments)
                answers.append(type(answer).__name__)
            except MemberLogicError as refused:
                answers.append(refused.code)
            tried += 1
        if answers:
            assert len(set(answers)) == 1, (name, named, answers)
            assert "record.merged" not in answers, name
    assert tried > 6
    assert clean(world)


def test_a_contact_point_of_the_duplicate_is_the_survivors(world):
    a, b = person(world), person(world, email="twice@example.org")
    merge(world, a, b)
    taken = refusal(world.org.members.register, member_type="customer", given_name="X", email="Twice@example.org")
    assert (taken.code, taken.details["member"]) == ("contact_point.taken", str(a))
    token = world.org.members.ask_confirmation(world.org.members.contact_points(b)[0].id)
    assert token.member == a


def test_erasing_the_survivor_leaves_nothing_of_either(world):
    a, b = person(world), person(world, given_name="Quuxa", email="quuxa@example.org", phones=["+44 20 7946 0911"])
    world.org.members.add_tags(b, ["quuxa"])
    merge(world, a, b)
    world.org.members.anonymise(b)
    assert world.org.members.get(a).state is MemberState.ANONYMISED
    assert list(world.org.members.search("quuxa")) == []
    assert world.org.members.get(b) == world.org.members.get(a)
    assert clean(world)
    again = world.org.members.register(member_type="customer", given_name="Quuxa", email="quuxa@example.org")
    assert again.id not in (a, b)


def test_the_timeline_and_the_export_of_the_survivor_tell_both(world, two):
    a, b, _, y = two
    buy(world, y, "1", 900)
    world.org.members.add_tags(b, ["early"])
    world.wait(hours=1)
    before = {each.id for one in (a, b) for each in world.org.members.timeline(one)}
    merge(world, a, b)
    items = list(world.org.members.timeline(b))
    assert items == list(world.org.members.timeline(a))
    assert {each.id for each in items} >= before
    assert len(items) == len({each.id for each in items})
    kinds = [each.kind for each in items]
    assert [kinds.count(each) for each in ("member.merged", "points.merged_in", "points.merged_out")] == [1, 1, 1]
    assert kinds.count("member.registered") == 2
    assert any("leads to" in each.text for each in items)
    said = world.org.members.export(b).document
    (account,) = said["accounts"]
    assert [each["id"] for each in account["merged_accounts"]] == [str(y)]
    assert {each["kind"] for each in account["merged_accounts"][0]["entries"]} == {"earn", "merge_out"}
    assert len(account["purchases"]) == 1


# Points.


def test_lots_move_with_their_dates(world, two):
    a, b, x, y = two
    org = world.org
    org.ledger.credit(x, 20, reason="gift")
    org.ledger.credit(y, 30, reason="gift", expires_at=world.clock.now() + timedelta(days=5))
    world.wait(days=1)
    org.ledger.credit(y, 40, reason="gift")
    before = {(each.earned_at, each.expires_at, each.remaining) for w in (x, y) for each in world.wallet(w).lots}
    club = org.ledger.outstanding(world.club.id)
    preview = org.members.preview_merge(survivor=a, duplicate=b)
    merged = merge(world, a, b)
    assert [(each.account, each.into) for each in merged.accounts] == [(y, x)]
    assert [(each.points, each.debt) for each in merged.accounts[0].points] == [(70, 0)]
    assert preview.accounts == merged.accounts
    after = {(each.earned_at, each.expires_at, each.remaining) for each in world.wallet(x).lots}
    assert after == before
    now = org.ledger.outstanding(world.club.id)
    assert (now.outstanding, now.issued, now.expiring) == (club.outstanding, club.issued, club.expiring)
    said = org.ledger.statement(x, since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert [(each.kind, each.points, each.counterpart) for each in said.lines][-1] == (EntryKind.MERGE_IN, 70, y)
    assert said.closing == 90
    assert "points.merged (MEM-17)" in said.lines[-1].explain()
    conserved(world, x)
    world.wait(days=5)
    assert world.available(y) == world.available(x) == 60
    assert clean(world)


def test_after_it_points_are_sent_spent_and_expire(world, two):
    a, b, x, y = two
    world.org.ledger.credit(y, 100, reason="gift")
    merge(world, a, b)
    other = world.account()
    world.org.ledger.transfer(source=y, target=other, points=30)
    assert refusal(world.org.ledger.transfer, source=x, target=y, points=5).code == "transfer.to_itself"
    world.org.ledger.transfer(source=other, target=y, points=10)
    buy(world, y, "9", 1000, redeem=50)
    assert world.available(x) == 30 + 9
    world.wait(days=90)
    assert world.available(y) == 0
    world.ml.run_jobs()
    assert clean(world)


def test_points_that_are_held_back_stay_so_until_the_same_instant(make_world):
    world = make_world(earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, 100), pending=Term.of_days(10))]))
    a, b = person(world), person(world)
    x, y = world.account(member=a), world.account(member=b)
    buy(world, y, "1", 5000)
    world.wait(days=4)
    buy(world, x, "2", 1000)
    merge(world, a, b)
    balance = world.org.ledger.balance(y)
    assert (balance.pending, balance.available) == (60, 0)
    world.wait(days=6)
    assert world.available(x) == 50
    back(world, "1", "R1")
    assert world.available(x) == 0
    world.wait(days=4)
    assert world.available(x) == 10
    world.ml.run_jobs()
    assert clean(world)


@pytest.mark.parametrize("who", ["survivor", "duplicate", "both"])
def test_debt_comes_along_and_is_settled_by_what_is_free(world, two, who):
    a, b, x, y = two
    owing = {"survivor": [x], "duplicate": [y], "both": [x, y]}[who]
    for number, account in enumerate(owing):
        buy(world, account, f"{number}", 5000)
        world.org.ledger.transfer(source=account, target=world.account(), points=50)
        back(world, f"{number}", f"R{number}")
    other = {"survivor": y, "duplicate": x, "both": None}[who]
    if other is not None:
        world.org.ledger.credit(other, 80, reason="gift")
    merge(world, a, b)
    balance = world.org.ledger.balance(y)
    assert (balance.debt, balance.available) == ((100, 0) if who == "both" else (0, 30))
    conserved(world, x)
    world.org.ledger.credit(x, 200, reason="gift")
    assert world.available(x) == (100 if who == "both" else 230)
    assert clean(world)


def test_what_lives_by_activity_lives_by_the_survivors(make_world):
    world = make_world(expiry=Inactivity(Term.of_days(10)))
    a, b = person(world), person(world)
    x, y = world.account(member=a), world.account(member=b)
    buy(world, y, "1", 5000)
    world.wait(days=5)
    merge(world, a, b)
    (lot,) = world.wallet(x).lots
    assert lot.expires_at == datetime(2026, 1, 24, 23, tzinfo=UTC)
    buy(world, x, "2", 100)
    assert {each.expires_at for each in world.wallet(x).lots} == {datetime(2026, 1, 29, 23, tzinfo=UTC)}
    world.wait(days=9)
    assert world.available(y) == 51
    world.wait(days=1)
    assert world.available(y) == 0
    assert clean(world)


@pytest.mark.parametrize("parts", [False, True])
def test_purchases_of_the_duplicate_come_back_to_the_survivor(world, two, parts):
    a, b, x, y = two
    world.org.ledger.credit(y, 100, reason="gift")
    buy(world, y, "1", 2000, redeem=80)
    if parts:
        back(world, "1", "R0", amount=500)
    merge(world, a, b)
    assert world.org.loyalty.find_purchase("till", "1").purchase.account == x
    lots = {(each.earned_at, each.expires_at) for each in world.wallet(x).lots}
    returned = back(world, "1", "R1", amount=500)
    assert returned.account == x
    returned = back(world, "1", "R2")
    assert {(each.earned_at, each.expires_at) for each in world.wallet(x).lots} == lots
    assert world.available(x) == world.available(y) == 100
    assert world.org.loyalty.returns(ExternalId("till", "1")).returned == 2000
    conserved(world, x)
    assert clean(world)


def test_what_came_back_to_an_expired_lot_is_gone_at_once(world, two):
    a, b, x, y = two
    world.org.ledger.credit(y, 100, reason="gift", expires_at=world.clock.now() + timedelta(days=2))
    buy(world, y, "1", 2000, redeem=80)
    merge(world, a, b)
    world.wait(days=3)
    assert back(world, "1", "R1").restored == 80
    assert world.available(x) == 0
    assert clean(world)


def test_a_purchase_that_was_recorded_before_is_known_by_either_account(world, two):
    a, b, x, y = two
    first = buy(world, y, "1", 900)
    merge(world, a, b)
    for account in (x, y):
        again = buy(world, account, "1", 900)
        assert (again.purchase, again.account) == (first.purchase, x)
        assert refusal(buy, world, account, "1", 901).code == "purchase.differs"
    assert refusal(buy, world, world.account(), "1", 900).code == "purchase.differs"
    rows = [
        PurchaseRow(id=id, account=y, at=world.clock.now(), lines=[PurchaseLine("item", amount)], currency="EUR")
        for id, amount in (("1", 900), ("2", 700), ("1", 901))
    ]
    report = world.org.loyalty.import_purchases(rows, source="till")
    assert (report.recorded, report.skipped, [each.row for each in report.rejects]) == (1, 1, [3])
    assert world.available(x) == 9 + 7
    assert clean(world)


def test_purchases_and_awards_count_for_the_survivors_account(make_world):
    world = make_world(
        schemes=[Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=10_000)],
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_months(12),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(1),
        ),
    )
    a, b = person(world), person(world)
    x, y = world.account(member=a), world.account(member=b)
    buy(world, x, "1", 6000)
    buy(world, y, "2", 3000)
    world.org.loyalty.award(account=y, event="quiz", reference=ExternalId("quiz", "1"))
    merge(world, a, b)
    assert world.org.loyalty.progress(y).measured == 9000
    # The limit of one is the person's.
    assert world.org.loyalty.award(account=x, event="quiz", reference=ExternalId("quiz", "2")).points == 0
    buy(world, y, "3", 1000)
    assert world.org.loyalty.account(x).scheme == "gold"
    back(world, "2", "R2")
    world.wait(days=40)
    world.ml.run_jobs()
    assert world.org.loyalty.account(y).scheme == "base"
    assert clean(world)


@pytest.mark.parametrize("pinned", [False, True])
def test_the_higher_scheme_is_kept_with_its_pin(make_world, pinned):
    world = make_world(
        schemes=[Scheme(code=each, name=each, threshold=10_000 * n) for n, each in enumerate(("base", "gold", "top"))]
    )
    a, b, c = person(world), person(world), person(world)
    x, y, _ = (world.account(member=each) for each in (a, b, c))
    pin = Pin(PinKind.FIXED, date(2026, 6, 1)) if pinned else None
    world.org.loyalty.move_scheme(y, "gold", reason="vip", pin=pin)
    merged = merge(world, a, b)
    assert [(each.scheme, each.raised) for each in merged.accounts] == [("gold", True)]
    account = world.org.loyalty.account(x)
    assert account.scheme == "gold"
    assert (account.pin and account.pin.until) == (date(2026, 6, 1) if pinned else None)
    assert [(each.to_scheme, each.reason) for each in world.org.loyalty.scheme_history(x).changes][-1] == (
        "gold",
        "member_merged",
    )
    merged = merge(world, a, c)
    assert [(each.scheme, each.raised) for each in merged.accounts] == [("gold", False)]
    assert clean(world)


def test_where_only_one_has_an_account_it_changes_hands(world):
    other = world.another_club(**CLUB)
    a, b = person(world), person(world)
    x = world.account(member=a, credits=[3])
    y = world.account(member=b, club=other, credits=[4])
    entries = world.entries(y)
    merged = merge(world, a, b)
    assert merged.accounts == ()
    account = world.org.loyalty.account(y)
    assert (account.owner, account.holders, account.state) == (a, (a,), AccountState.OPEN)
    assert world.entries(y) == entries
    assert refusal(world.org.loyalty.open_account, club=other.id, member=b).code == "account.already_open"
    assert world.available(x) == 3
    assert clean(world)


def test_closed_accounts_change_hands_too(world, two):
    a, b, x, y = two
    world.org.loyalty.close_account(y)
    z = world.account(member=b, credits=[2])
    merge(world, a, b)
    assert world.org.loyalty.account(y).owner == a
    assert world.org.loyalty.account(y).id == y
    assert world.org.loyalty.account(z).id == x
    assert clean(world)


def test_joint_accounts_are_held_once(world):
    a, b, c = person(world), person(world), person(world)
    x, z = world.account(member=a, credits=[5]), world.account(member=c)
    for account, member in ((x, b), (z, a), (z, b)):
        world.org.loyalty.join_account(account, member)
    y = world.account(member=b, credits=[7])
    world.org.loyalty.join_account(y, a)
    merge(world, a, b)
    assert world.org.loyalty.account(x).holders == (a,)
    assert world.org.loyalty.account(z).holders == (c, a)
    assert world.available(y) == 12
    assert clean(world)


def test_what_stands_in_the_way_of_emptying_an_account(make_world):
    world = make_world()
    a, b, c = person(world), person(world), person(world)
    x, y = world.account(member=a, credits=[50]), world.account(member=b, credits=[50])
    world.org.loyalty.join_account(y, c)
    hold = world.org.ledger.hold(y, 10, until=world.clock.now() + timedelta(days=2)).hold
    mine = world.org.ledger.hold(x, 10, until=world.clock.now() + timedelta(days=2)).hold
    preview = world.org.members.preview_merge(survivor=a, duplicate=b)
    assert [each.code for each in preview.blockers] == ["merge.account_held", "merge.account_shared"]
    assert preview.blockers[0].figures["hold"] == str(hold)
    assert preview.blockers[1].figures["others"] == [str(c)]
    before = world.events()
    assert refusal(merge, world, a, b).code == "merge.account_held"
    assert world.events() == before
    world.wait(days=2)
    assert refusal(merge, world, a, b).code == "merge.account_shared"
    world.org.loyalty.leave_account(y, c)
    merge(world, a, b)
    assert world.org.ledger.find_hold(mine).state.value == "lapsed"
    assert world.available(x) == 100
    assert clean(world)


def test_an_adjustment_that_waits_is_settled_first(make_world):
    world = make_world(adjusting=AdjustingPolicy(limit=5))
    a, b = person(world), person(world)
    x, y = world.account(member=a), world.account(member=b)
    staff = world.staff("members.adjustments:create")
    waits = staff.ledger.adjust(y, 50, reason="goodwill")
    refused = refusal(merge, world, a, b)
    assert (refused.code, refused.details["adjustment"]) == ("merge.adjustment_waits", str(waits.adjustment))
    world.org.ledger.reject_adjustment(waits.adjustment)
    merge(world, a, b)
    assert world.available(x) == 0


def test_an_account_that_was_blocked_makes_the_other_blocked(world, two):
    a, b, x, y = two
    world.org.ledger.credit(y, 40, reason="gift")
    world.org.loyalty.block_account(y, reason="dispute")
    merged = merge(world, a, b)
    assert merged.accounts[0].blocked
    account = world.org.loyalty.account(x)
    assert (account.state, account.blocked_for) == (AccountState.BLOCKED, "dispute")
    world.org.loyalty.unblock_account(y)
    assert world.available(x) == 40
    assert clean(world)


def test_what_an_entry_did_before_is_put_right_on_the_other_account(world, two):
    a, b, _, y = two
    entry = world.org.ledger.credit(y, 40, reason="gift").entry
    merge(world, a, b)
    refused = refusal(world.org.ledger.reverse, entry, reason="mistake")
    assert refused.code == "record.merged"
    merged_in = next(each for each in world.events() if each.event.type == "points.merged_in")
    assert refusal(world.org.ledger.reverse, merged_in.id, reason="mistake").code == "reverse.not_reversible"


def test_a_drafted_journal_goes_to_where_its_accounts_lead(world, two):
    a, b, x, y = two
    rows = [JournalRow(kind=LineKind.EARN, account=y, points=12), JournalRow(kind=LineKind.EARN, account=x, points=3)]
    journal = world.org.ledger.draft_journal("J1", rows)
    merge(world, a, b)
    checked = world.org.ledger.validate_journal(journal.id)
    assert checked.wrong == 0
    world.org.ledger.post_journal(journal.id)
    assert world.available(x) == 15
    assert clean(world)


# Contracts.


def test_contracts_visits_passes_and_suspensions_move(world):
    org = world.org
    a, b, guest = person(world), person(world), person(world)
    contract = world.contract(member=b)
    own = world.contract(member=a)
    visit = org.contracts.check_in(b, studio=world.studio()).visit
    org.contracts.issue_pass(b, PassKind.DAY)
    org.contracts.issue_pass(guest, PassKind.GUEST, host=b)
    org.contracts.suspend_member(b, reason="house_ban")
    org.contracts.tell_billing(b, status="paid")
    merged = merge(world, a, b)
    assert {each.name: each.count for each in merged.moves} == {
        "contracts": 1, "visits": 1, "passes": 1, "suspensions": 1, "external_ids": 1,
    }  # fmt: skip
    assert {each.contract for each in org.contracts.of(b)} == {contract, own}
    assert world.stored_contract(contract).members == (a,)
    (seen,) = org.contracts.visits(b, since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert (seen.id, seen.member) == (visit, a)
    assert [each.member for each in org.contracts.passes(a)] == [a]
    assert org.contracts.passes(guest)[0].host == a
    assert [each.member for each in org.contracts.suspensions(b)] == [a]
    assert org.contracts.billing(b).status == "paid"
    assert org.members.membership(b).status is MembershipStatus.MEMBER
    assert clean(world)


def test_membership_is_that_of_all_contracts(world):
    org = world.org
    a, b = person(world), person(world)
    monthly = world.rate(term=Term.of_months(1))
    world.contract(member=b, rate=monthly)
    world.wait(days=60)
    world.contract(member=a, rate=monthly)
    merge(world, a, b)
    with world.storage.reading(world.organization.id, world.clock) as uow:
        spans = [(each.status.value, each.detail and each.detail.value) for each in uow.memberships.of(a)]
        assert list(uow.memberships.of(b)) == []
    assert spans == [
        ("member", "active"), ("former_member", "expired"), ("member", "active"), ("former_member", "expired"),
    ]  # fmt: skip
    assert [each.member for each in org.members.staged(Stage.MEMBERS)] == [a]
    assert clean(world)


def test_who_was_on_one_contract_twice_is_on_it_once(world):
    org = world.org
    a, b, c = person(world), person(world), person(world)
    family = world.rate(most_covered=4)
    contract = world.contract(member=b, rate=family, covered=[a, c])
    merge(world, a, b)
    stored = world.stored_contract(contract)
    today = date(2026, 1, 15)
    assert sorted((each.member, each.holder) for each in stored.covered_on(today)) == sorted([(a, True), (c, False)])
    assert [each.members for each in org.contracts.standing().rows] == [2]
    org.contracts.change_holder(contract, to=c)
    assert clean(world)


_SINCE = st.integers(0, 20)


@given(
    stays=st.lists(st.tuples(_SINCE, st.integers(0, 15) | st.none(), st.booleans()), max_size=5).filter(
        # At most one holds a contract on a day.
        lambda said: all(
            one is other or not (one[2] and other[2]) or not _days(one) & _days(other) for one in said for other in said
        )
    )
)
def test_on_every_day_somebody_is_on_it_once_and_holds_it_if_either_record_did(stays):
    member, day = MemberId(new_id()), date(2026, 1, 1)
    before = [
        Coverage(
            id=CoverageId(new_id()),
            member=member,
            holder=holder,
            since=day + timedelta(days=since),
            until=None if length is None else day + timedelta(days=since + length),
        )
        for since, length, holder in stays
    ]
    after = on_it_once(before, new_id)
    assert {each.id for each in before} <= {each.id for each in after}
    assert len({each.id for each in after}) == len(after)
    for number in range(50):
        at = day + timedelta(days=number)
        there, then = [each for each in before if at in each], [each for each in after if at in each]
        assert len(then) == bool(there)
        assert [each.holder for each in then] == ([any(each.holder for each in there)] if there else [])


def _days(stay):
    since, length, _ = stay
    return set(range(since, 60 if length is None else since + length))


# Commands.


def test_it_is_done_once_for_one_key(world, two):
    a, b, x, y = two
    world.org.ledger.credit(y, 40, reason="gift")
    first = merge(world, a, b, idempotency_key="k")
    assert merge(world, a, b, idempotency_key="k") == first
    assert world.available(x) == 40
    credited = world.org.ledger.credit(y, 5, reason="gift", idempotency_key="c")
    assert world.org.ledger.credit(y, 5, reason="gift", idempotency_key="c") == credited
    assert refusal(world.org.ledger.credit, x, 5, reason="gift", idempotency_key="c").code == "conflict.idempotency"
    assert world.available(x) == 45


def test_it_needs_permission_to_delete(world, two):
    a, b, _, _ = two
    assert refusal(world.staff("members:update").members.merge, survivor=a, duplicate=b).details == {
        "permission": "members:delete"
    }
    assert world.staff("members:read").members.preview_merge(survivor=a, duplicate=b).allowed
    assert world.staff("members:delete").members.merge(survivor=a, duplicate=b).done


def test_two_merges_of_one_pair_at_once(world):
    for _ in range(4):
        a, b = person(world), person(world)
        x, y = world.account(member=a, credits=[10]), world.account(member=b, credits=[20])
        pairs = [(a, b), (b, a), (a, b), (b, a)]
        answers = at_once(4, lambda n, pairs=pairs: merge(world, *pairs[n]))
        refused = [each for each in answers if isinstance(each, MemberLogicError)]
        assert [each.code for each in refused] == ["merge.one_record"] * 3
        assert world.org.members.get(a) == world.org.members.get(b)
        assert world.available(x) == world.available(y) == 30
    assert clean(world)


def test_a_ring_of_merges_and_of_spending_at_once(world):
    for number in range(3):
        ids = [person(world) for _ in range(3)]
        accounts = [world.account(member=each, credits=[30]) for each in ids]
        other = world.account()
        acts = [
            *(lambda n=n, ids=ids: merge(world, ids[n], ids[(n + 1) % 3]) for n in range(3)),
            *(
                lambda n=n, accounts=accounts, other=other: world.org.ledger.transfer(
                    source=accounts[n], target=other, points=10
                )
                for n in range(3)
            ),
            *(lambda n=n, accounts=accounts, r=number: buy(world, accounts[n], f"{r}-{n}", 1000) for n in range(3)),
        ]
        answers = at_once(len(acts), lambda n, acts=acts: acts[n]())
        refused = {each.code for each in answers if isinstance(each, MemberLogicError)}
        assert refused <= {"merge.one_record"}, [str(each) for each in answers if isinstance(each, MemberLogicError)]
        assert len({world.org.members.get(each).id for each in ids}) == 1
        assert {world.available(each) for each in accounts} == {90 - 30 + 30}
        assert world.available(other) == 30
    assert clean(world)
