"""MEM-9, MEM-10: what anonymising erases and what it leaves, on every store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calling import Facts, asked, method, parameters
from tests.contracts.dated import FEE, HOLDER, contract, freeze, payment, terms

from memberlogic import (
    Actor,
    Address,
    After,
    AwardRule,
    Earning,
    EarningRule,
    EmergencyContact,
    ExternalId,
    PurchaseLine,
    Rate,
    Redeeming,
    Term,
)
from memberlogic.certification.concurrency import at_once
from memberlogic.contracts.model import Cancellation, CancellationKind
from memberlogic.contracts.parting import MembersContracts
from memberlogic.contracts.passes import PassKind
from memberlogic.errors import IllegalTransition, MemberLogicError, NotFound
from memberlogic.ids import MemberId, new_id
from memberlogic.ledger.model import AccountState
from memberlogic.members import InquiryKind, MemberState, ParameterKind
from memberlogic.members.contact_points import ContactKind
from memberlogic.members.lifecycle import MEMBER_STATES
from memberlogic.members.prospecting import Stage
from memberlogic.notifying import Message
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage
from memberlogic_sqlalchemy import recount
from memberlogic_sqlalchemy.tables import metadata
from sqlalchemy import select

pytestmark = pytest.mark.rule("MEM-9")

CLUB = {
    "expiry": After(Term.of_months(2)),
    "earning": Earning(
        rules=[EarningRule(key="base", gives=Rate(1, 100))],
        awards=[AwardRule(key="quiz", event="quiz", points=7)],
    ),
    "redeeming": Redeeming(points=1, value=1),
}
BORN = date(1931, 7, 3)
PHONE = "+44 20 7946 0911"
DIGITS = "442079460911"
UNTOUCHED = (
    "adjustments", "award_gifts", "awards", "club_versions", "clubs", "consents", "contract_freezes",
    "contract_members", "contract_payments", "contracts", "entries", "hold_slices", "holds", "inquiries",
    "journal_entries", "journal_lines", "journals", "leads", "lots", "member_spans", "parameters", "purchase_lines",
    "purchases", "rate_versions", "rates", "return_lines", "returns", "scheme_changes", "slices", "studios",
)  # fmt: skip
"""Tables in which anonymising changes nothing."""
KEPT_IN_MEMORY = (
    "accounts", "awards", "consents", "contracts", "entries", "holds", "inquiries", "lead_sources", "lots",
    "memberships", "opened", "purchase_lines", "purchases", "returns", "scheme_changes", "totals",
)  # fmt: skip


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


class Known:
    """Somebody of whom everything is known that can be, each thing by a word that stands nowhere else."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mark = f"qx{new_id().hex[-14:]}"
        org = world.org
        if "shirt" not in {each.key for each in org.members.parameter_definitions().parameters}:
            org.members.define_parameter("shirt", ParameterKind.TEXT)
            org.members.define_parameter("home", ParameterKind.ADDRESS)
            org.members.define_parameter("level", ParameterKind.TEXT, personal=False)
        parent = world.org.members.register(member_type="customer", given_name="Sam", phones=["+44 20 7946 0900"])
        self.email = f"{self.mark}@example.org"
        self.member = org.members.register(
            member_type="customer",
            verified=True,
            given_name=self.word("given"),
            family_name=self.word("family"),
            known_as=self.word("called"),
            salutation=self.word("dear"),
            birth_date=BORN,
            language="pt-BR",
            zone=ZoneInfo("America/New_York"),
            addresses=[Address(lines=[self.word("street")], city=self.word("city"), country="GB")],
            photo=self.word("photo"),
            home_studio=world.studio("south"),
            interests=[self.word("interest")],
            emergency_contact=EmergencyContact(name=self.word("other"), phone=self.word("call")),
            guardian=parent.id,
            email=self.email,
            phones=[PHONE],
            external_ids=[ExternalId("crm", self.word("crm"))],
        ).id
        org.members.add_tags(self.member, [self.word("tag"), self.word("old")])
        org.members.remove_tags(self.member, [self.word("old")])
        org.members.set_parameters(
            self.member,
            {"shirt": self.word("shirt"), "home": Address(lines=[self.word("attic")], country="GB"), "level": "gold"},
        )
        org.members.record_inquiry(self.member, kind=InquiryKind.PHONE, note=self.word("note"))
        org.members.set_lead_source(self.member, "flyer")
        org.members.give_consent(self.member, purpose="marketing", channel="email", source="web_form", wording="v1")
        org.members.ask_confirmation(org.members.contact_points(self.member)[0].id)
        self.account = org.loyalty.open_account(
            club=world.club.id, member=self.member, external_ids=[ExternalId("card", self.word("card"))]
        ).id
        say(world, self.member, text=self.word("message"))

    def word(self, name: str) -> str:
        """A word by which to find something again."""
        return f"{name}{self.mark}"


def say(world, member, **figures) -> UUID:
    """A message to a member is queued."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.members.locked(member)
        made = Message(id=new_id(), kind="greeting", member=member, figures=figures, not_before=uow.now)
        uow.put((), [made])
        uow.finish(None)
    return made.id


def rows_of(world) -> dict[str, list[dict]]:
    """Everything that is stored of an organization, table by table."""
    engine = world.engine
    id = world.organization.id
    whose = id.hex if engine.dialect.name in ("mysql", "mariadb") else id
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            statement = select(table).where(table.c.organization_id == whose)
            rows = [dict(row) for row in connection.execute(statement).mappings()]
            found[table.name.removeprefix("ml_")] = sorted(rows, key=repr)
    return found


def stored(world) -> str:
    """Everything that is stored of an organization, as one text."""
    if isinstance(world.storage, MemoryStorage):
        tenant = world.storage.tenant(world.organization.id)
        return repr(tenant)
    return repr(rows_of(world))


def kept_of(world) -> object:
    """What anonymising must not change."""
    if isinstance(world.storage, MemoryStorage):
        tenant = world.storage.tenant(world.organization.id)
        kept = {name: repr(getattr(tenant, name)) for name in KEPT_IN_MEMORY if name != "accounts"}
        return kept | {"accounts": [(each.id, each.holders, each.scheme) for each in tenant.accounts.values()]}
    rows = rows_of(world)
    moved = ("id", "owner_id", "scheme", "next_review")
    ledger = {name: rows[name] for name in UNTOUCHED}
    ledger["wallets"] = [
        {k: row[k] for k in ("unit", "remaining", "held", "debt", "pending")} for row in rows["wallets"]
    ]
    ledger["accounts"] = [{name: row[name] for name in moved} for row in rows["accounts"]]
    return ledger


def reports(world) -> object:
    """What is reported of all members."""
    today = world.clock.now().date()
    org = world.org
    return (
        org.ledger.outstanding(world.club.id),
        org.ledger.movements(world.club.id, since=today - timedelta(days=60), until=today + timedelta(days=1)),
        org.members.lead_report(since=today - timedelta(days=60), until=today + timedelta(days=1)),
    )


@pytest.fixture
def make_world(storage, databases, store):
    """Worlds that know where they are stored."""

    def make(**said):
        world = World(storage, **(CLUB | said))
        world.engine = None if store == "memory" else databases.engine(store)
        return world

    return make


@pytest.fixture
def world(make_world):
    """A club in which points are earned and spent."""
    return make_world()


def live(world, known, deeds) -> None:
    """What a member does, before."""
    org, account = world.org, known.account
    for number, deed in enumerate(deeds):
        till = ExternalId("till", str(new_id()))
        if deed == "credit":
            org.ledger.credit(account, 100 + number, reason="welcome")
        elif deed == "buy":
            lines = [PurchaseLine("bread", 1000 + number)]
            org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
        elif deed == "award":
            org.loyalty.award(account, event="quiz", reference=till)
        elif deed == "spend" and world.available(account):
            lines = [PurchaseLine("bread", 1000)]
            org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", redeem=1)
        elif deed == "hold" and world.available(account):
            until = world.clock.now() + timedelta(hours=1)
            org.ledger.release(org.ledger.hold(account, 1, until=until).hold)
        elif deed == "send" and world.available(account):
            org.ledger.transfer(source=account, target=world.account(), points=1)
        elif deed == "contract":
            year = org.contracts.draft(known.member, rate=world.rate(term=Term.of_days(20)), studio=world.studio())
            assert year.contract
        elif deed == "wait":
            world.wait(days=25)
    world.wait(days=400)
    org.ledger.settle([world.wallet(account).id])


DEEDS = st.lists(
    st.sampled_from(["credit", "buy", "award", "spend", "hold", "send", "contract", "wait"]), min_size=1, max_size=8
)


@pytest.mark.rule("MEM-10")
@given(deeds=DEEDS, delete=st.booleans())
@settings(max_examples=4)
def test_nothing_personal_is_left_and_no_sum_is_different(make_world, deeds, delete):
    world = make_world()
    known = Known(world)
    live(world, known, ["credit", *deeds])
    known.world.org.ledger.credit(known.account, 5, reason="welcome")
    before, said = kept_of(world), reports(world)
    assert known.mark in stored(world)
    checked = world.org.members.check_anonymise(known.member)
    assert checked.allowed
    answered = (world.org.members.delete if delete else world.org.members.anonymise)(known.member)
    assert answered.erased == checked.erases
    assert kept_of(world) == before
    assert reports(world) == said
    left = stored(world)
    for secret in (known.mark, DIGITS, PHONE, str(BORN), repr(BORN), "pt-BR", "America/New_York"):
        assert secret not in left, secret
    for value in (known.mark, DIGITS):
        assert not any(value in repr(each.event) for each in world.events())
    again = world.org.members.register(
        member_type="customer", given_name="Ana", email=known.email, phones=[PHONE],
        external_ids=[ExternalId("crm", known.word("crm"))],
    )  # fmt: skip
    assert again.id != known.member
    if world.engine is not None:
        assert list(recount(world.engine, organization=world.organization.id)) == []


def test_what_would_go_is_named_and_counted_without_a_value(world):
    known = Known(world)
    checked = world.org.members.check_anonymise(known.member)
    assert {each.name: each.count for each in checked.erases} == {
        "account_external_ids": 1, "addresses": 1, "birth_date": 1, "email": 1, "emergency_contact": 1,
        "external_ids": 1, "family_name": 1, "given_name": 1,
        "guardian": 1, "home_studio": 1, "interests": 1, "known_as": 1,
        "language": 1, "messages": 1, "notes": 1, "parameters": 2, "phone": 1, "photo": 1, "salutation": 1, "tags": 1,
        "zone": 1,
    }  # fmt: skip
    assert known.mark not in repr(checked)
    assert known.mark not in str(checked.explain())
    assert world.org.members.person(known.member).given_name == known.word("given")
    world.org.members.anonymise(known.member)
    (event,) = [each.event for each in world.events() if each.event.type == "member.anonymised"][-1:]
    assert event.fields == tuple(each.name for each in checked.erases)
    assert world.org.members.parameters(known.member).get("level") == "gold"


def test_doing_it_again_changes_nothing(world):
    member = world.member()
    first = world.org.members.anonymise(member, idempotency_key="a")
    record, events = world.org.members.get(member), world.events()
    assert record.state is MemberState.ANONYMISED
    assert world.org.members.anonymise(member, idempotency_key="a") == first
    again = world.org.members.anonymise(member)
    assert (again.erased, again.wards) == ((), ())
    assert "Nothing was left" in str(again.explain())
    assert world.org.members.check_anonymise(member).erases == ()
    assert (world.org.members.get(member), world.events()) == (record, events)


@pytest.mark.rule("MEM-10")
def test_who_is_deleted_stands_on_no_list(world):
    kept, gone = world.member(), Known(world).member
    world.org.settings.change(kept_sources=["crm"])
    world.contract(member=gone, rate=world.rate(term=Term.of_days(20)))
    world.wait(days=400)
    support_id = world.org.members.get(gone).support_id
    world.org.members.anonymise(gone)
    assert {kept, gone} <= {each.id for each in world.org.members.list()}
    assert world.org.members.find_by_support_id(support_id).id == gone
    answered = world.org.members.delete(gone)
    assert answered.deleted
    assert world.org.members.delete(gone) == attrs.evolve(answered, erased=())
    assert world.org.members.get(gone).deleted
    assert gone not in {each.id for each in world.org.members.list()}
    assert gone not in {each.id for each in world.org.members.list(state=MemberState.ANONYMISED)}
    for stage in Stage:
        assert gone not in {each.member for each in world.org.members.staged(stage)}
    for text in (support_id, "crm"):
        assert gone not in {each.member.id for each in world.org.members.search(text)}
    with pytest.raises(NotFound):
        world.org.members.find_by_support_id(support_id)
    types = [each.event.type for each in world.events() if each.event.members == (gone,)]
    assert types.count("member.anonymised") == types.count("member.deleted") == 1


def test_external_ids_of_kept_sources_stay(world):
    world.org.settings.change(kept_sources=["books"])
    ids = [ExternalId("books", "7"), ExternalId("crm", "7")]
    member = world.org.members.register(member_type="customer", external_ids=ids).id
    account = world.org.loyalty.open_account(club=world.club.id, member=member, external_ids=ids).id
    contract_ = world.org.contracts.draft(
        member, rate=world.rate(term=Term.of_days(20)), studio=world.studio(), external_ids=ids
    ).contract
    world.wait(days=400)
    world.org.members.anonymise(member)
    assert world.org.members.find("books", "7").id == member
    assert world.org.loyalty.find_account("books", "7").id == account
    assert world.org.contracts.find("books", "7").contract == contract_
    for find in (world.org.members.find, world.org.loyalty.find_account, world.org.contracts.find):
        with pytest.raises(NotFound):
            find("crm", "7")
    assert [each.member.id for each in world.org.members.search("7")] == [member]


def test_external_ids_of_visitor_passes_go_as_those_of_contracts_do(world):
    world.org.settings.change(kept_sources=["books"])
    ids = [ExternalId("books", "7"), ExternalId("network", "7")]
    member, other = world.member(), world.member()
    known = world.org.contracts.issue_pass(member, PassKind.AGGREGATOR, external_ids=ids).id
    exported = world.org.members.export(member).document["passes"]
    assert [each["external_ids"] for each in exported] == [
        [{"source": each.source, "value": each.value} for each in ids]
    ]
    checked = world.org.members.check_anonymise(member)
    assert {each.name: each.count for each in checked.erases}["pass_external_ids"] == 1
    world.org.members.anonymise(member)
    assert world.org.contracts.find_pass("books", "7").id == known
    with pytest.raises(NotFound):
        world.org.contracts.find_pass("network", "7")
    again = world.org.contracts.issue_pass(other, PassKind.AGGREGATOR, external_ids=ids[1:])
    assert world.org.contracts.find_pass("network", "7").id == again.id, "the number is free"


def test_children_lose_their_guardian_and_are_named(world):
    parent = world.org.members.register(member_type="customer", given_name="Ana", email="p@example.org").id
    children = [
        world.org.members.register(member_type="customer", given_name=name, guardian=parent).id for name in "BC"
    ]
    answered = world.org.members.anonymise(parent)
    assert answered.wards == tuple(sorted(children))
    for child in children:
        assert world.org.members.person(child).guardian is None
        last = [each.event for each in world.events() if each.event.members == (child,)][-1]
        assert (last.type, last.fields) == ("member.changed", ("guardian",))
    with pytest.raises(IllegalTransition):
        world.org.members.register(member_type="customer", given_name="D", guardian=parent)
    with pytest.raises(IllegalTransition):
        world.org.members.update(children[0], guardian=parent)
    world.org.members.anonymise(children[0])


@pytest.mark.rule("MEM-6")
def test_a_tag_that_others_carry_stays_and_one_that_nobody_does_goes(world):
    ana, ben = world.member(), world.member()
    world.org.members.add_tags(ana, ["shared", "hers", "once"])
    world.org.members.remove_tags(ana, ["once"])
    world.org.members.add_tags(ben, ["shared", "his"])
    world.org.members.anonymise(ana)
    assert [(each.tag.text, each.members) for each in world.org.members.all_tags()] == [("shared", 1), ("his", 1)]
    world.org.members.add_tags(ben, ["hers"])
    assert world.org.members.tags(ben).texts == ("hers", "his", "shared")


@pytest.mark.rule("COM-17")
def test_what_is_queued_is_not_sent(world):
    known, other = Known(world), world.member()
    say(world, other, text="hello")
    world.org.members.anonymise(known.member)
    notifier = RecordingNotifier()
    world.ml.relay(notifier)
    assert known.member not in {each.member for each in notifier.sent}
    assert other in {each.member for each in notifier.sent}
    with world.storage.reading(world.organization.id, world.clock) as uow:
        (posted,) = uow.messages.of(known.member)
    assert (posted.delivery.value, posted.reason, dict(posted.message.figures)) == (
        "withheld", "member_anonymised", {},
    )  # fmt: skip
    say(world, known.member, text="late")
    world.ml.relay(notifier)
    assert known.member not in {each.member for each in notifier.sent}


# -- what keeps somebody


JUNE = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (contract(terms(initial_fee=FEE), signed=JUNE), "on_hold"),
        (contract(signed=JUNE, start=date(2027, 1, 1)), "pending"),
        (contract(signed=JUNE), "active"),
        (contract(signed=JUNE, freezes=(freeze(date(2026, 6, 5), None),)), "frozen"),
        (contract(terms(initial_fee=FEE), signed=JUNE, payments=(payment(JUNE, reversed_on=JUNE),)), "on_hold"),
        (contract(terms(term=Term.of_days(5)), signed=JUNE), None),
        (
            contract(
                signed=JUNE,
                cancellation=Cancellation(
                    kind=CancellationKind.ORDINARY, reason="moved", received_on=JUNE, filed_on=JUNE,
                    effective_on=date(2026, 6, 9),
                ),
            ),
            None,
        ),
    ],
)  # fmt: skip
def test_which_contracts_keep_somebody(made, state):
    """Every status; on hold in both ways."""
    uow = SimpleNamespace(
        now=datetime(2026, 6, 10, 12, tzinfo=UTC),
        contracts=SimpleNamespace(of=lambda _: {made.id: made}),
        external_ids=SimpleNamespace(of=lambda *_: ()),
        passes=SimpleNamespace(of=lambda _: ()),
    )
    blockers = MembersContracts().held(uow, HOLDER, (), lock=False).blockers
    assert [each.state for each in blockers] == ([] if state is None else [state])
    left = attrs.evolve(made, coverage=tuple(attrs.evolve(each, until=date(2026, 6, 10)) for each in made.coverage))
    uow.contracts.of = lambda _: {left.id: left}
    assert MembersContracts().held(uow, HOLDER, (), lock=False).blockers == ()


def test_a_contract_that_is_not_over_keeps_everybody_on_it(world):
    child = world.member()
    made = world.contract(rate=world.rate(most_covered=1, term=Term.of_days(20)), covered=[child])
    holder = world.org.contracts.get(made).covered[0].member
    for member in (holder, child):
        checked = world.org.members.check_anonymise(member)
        assert not checked.allowed
        assert [(each.kind.value, each.id, each.state) for each in checked.blockers] == [("contract", made, "active")]
        assert "member.has_contract" in str(checked.explain())
        events = world.events()
        assert refusal(world.org.members.anonymise, member) == "member.has_contract"
        assert refusal(world.org.members.delete, member) == "member.has_contract"
        assert world.events() == events
        assert world.org.members.get(member).state is MemberState.ACTIVE
    world.wait(days=400)
    world.org.members.anonymise(holder)
    world.org.members.anonymise(child)


def test_an_open_hold_keeps_somebody_until_it_is_resolved_or_lapses(world):
    member = world.member()
    account = world.account(member=member, credits=[100])
    until = world.clock.now() + timedelta(hours=1)
    hold = world.org.ledger.hold(account, 10, until=until).hold
    checked = world.org.members.check_anonymise(member)
    assert [(each.kind.value, each.id, each.state) for each in checked.blockers] == [("hold", hold, "open")]
    assert refusal(world.org.members.anonymise, member) == "member.has_hold"
    world.wait(hours=1)
    assert world.org.members.check_anonymise(member).allowed
    world.org.members.anonymise(member)
    assert world.org.ledger.find_hold(hold).state.value == "lapsed"


# -- accounts


@pytest.mark.rule("PTS-1")
def test_the_last_holders_account_is_blocked_and_its_points_expire_by_their_dates(world):
    ana, ben = world.member(), world.member()
    account = world.account(member=ana, credits=[100])
    world.org.loyalty.join_account(account, ben)
    world.org.members.anonymise(ana)
    assert world.org.loyalty.account(account).state is AccountState.OPEN
    assert refusal(world.org.ledger.transfer, source=account, target=world.account(), points=1, holder=ana) == (
        "account.holder_anonymised"
    )
    world.org.ledger.transfer(source=account, target=world.account(), points=1, holder=ben)
    world.org.members.anonymise(ben)
    stored_ = world.org.loyalty.account(account)
    assert (stored_.state, stored_.blocked_for) == (AccountState.BLOCKED, "member_anonymised")
    assert world.wallet(account).remaining == 99
    assert refusal(world.org.loyalty.unblock_account, account) == "account.holders_anonymised"
    world.wait(days=62)
    world.ml.run_jobs()
    assert world.wallet(account).remaining == 0
    assert world.org.loyalty.account(account).state is AccountState.BLOCKED


# -- commands

NOTHING_HAPPENS = {"members.anonymise", "members.delete"}


def commands() -> list[tuple[str, str]]:
    """Every command with each of its parameters that says which member is meant, also one that may be left out;
    ``after`` is only where a list goes on.
    """
    found = []
    for name in sorted(asked()):
        given = parameters(name, optional=True)
        if "idempotency_key" in given:
            members = [each for each, kind in given.items() if "MemberId" in str(kind) or kind is MemberId]
            found += [(name, each) for each in members if each != "after"]
    return found


@pytest.mark.parametrize(("name", "parameter"), commands())
def test_every_command_on_somebody_who_was_anonymised_is_refused_or_does_nothing(name, parameter):
    world = World(MemoryStorage(), **CLUB)
    facts = Facts(world)
    arguments = facts.arguments(name)
    kind = parameters(name, optional=True)[parameter]
    if name in ("ledger.hold", "ledger.transfer", "loyalty.record_purchase", "loyalty.award", "loyalty.leave_account"):
        account = next(value for each, value in arguments.items() if each in ("account", "source"))
        ana = world.org.loyalty.account(account).owner
        world.org.loyalty.join_account(account, world.member())
    else:
        ana = world.member()
    world.org.members.anonymise(ana)
    given_ = [ana] if "equence" in str(kind) else ana
    arguments |= {parameter: given_}
    if name == "loyalty.record_purchase":
        arguments |= {"redeem": 1}
    if name == "members.add_contact_point":
        arguments |= {"value": "ana@example.org"}
    if name == "loyalty.award":
        arguments |= {"event": "quiz"}
    before = world.events()
    if name in NOTHING_HAPPENS:
        assert method(world.org, name)(**arguments)
    else:
        with pytest.raises(MemberLogicError) as caught:
            method(world.org, name)(**arguments)
        assert isinstance(caught.value, IllegalTransition) or caught.value.code == "account.holder_anonymised"
    after = [each for each in world.events() if each not in before]
    assert [each for each in after if ana in each.event.members] == [] or name == "members.delete"


@pytest.mark.parametrize("action", ["verify", "block", "unblock"])
def test_the_refusal_says_what_is_and_what_would_be_allowed(world, action):
    member = world.member()
    world.org.members.anonymise(member)
    asked_ = {"reason": "abuse"} if action == "block" else {}
    with pytest.raises(IllegalTransition) as caught:
        getattr(world.org.members, action)(member, **asked_)
    assert caught.value.details["state"] == "anonymised"
    assert caught.value.details["allowed"] == list(MEMBER_STATES.allowed(MemberState.ANONYMISED))


def test_nothing_is_sent_to_somebody_who_was_anonymised(world):
    known = Known(world)
    world.org.members.anonymise(known.member)
    checked = world.org.members.check_sending(known.member, purpose="marketing", channel="email")
    assert [each.code for each in checked.refusals] == ["sending.member_anonymised"]


def test_a_contact_point_and_its_token_lead_nowhere_any_more(world):
    member = world.org.members.register(member_type="customer", given_name="Ana", email="ana@example.org").id
    (point,) = world.org.members.contact_points(member)
    token = world.org.members.ask_confirmation(point.id).token
    world.org.members.anonymise(member)
    with pytest.raises(NotFound):
        world.org.members.confirm(token)
    with pytest.raises(NotFound):
        world.org.members.change_contact_point(point.id, value="ben@example.org")
    with pytest.raises(IllegalTransition):
        world.org.members.add_contact_point(member, kind=ContactKind.EMAIL, value="ana@example.org")


@pytest.mark.rule("COM-16")
def test_whoever_becomes_a_child_meanwhile_has_no_guardian_who_is_gone(world):
    parent = world.org.members.register(member_type="customer", given_name="Ana", email="p@example.org").id
    child = world.org.members.register(member_type="customer", given_name="Ben", email="c@example.org").id

    handles = [world.acting_as(Actor.system()) for _ in range(2)]
    acts = [
        lambda: handles[0].members.anonymise(parent),
        lambda: handles[1].members.update(child, guardian=parent),
    ]
    answers = at_once(2, lambda index: acts[index]())
    assert not isinstance(answers[0], MemberLogicError)
    assert world.org.members.person(child).guardian is None


@pytest.mark.rule("COM-13")
def test_it_needs_a_permission_of_its_own_and_is_nothing_for_members(world):
    member = world.member()
    for may in (world.staff("members:update"), world.acting_as(Actor.member(member))):
        assert refusal(may.members.anonymise, member) == "permission.denied"
        assert refusal(may.members.delete, member) == "permission.denied"
    world.staff("members:delete").members.anonymise(member)
