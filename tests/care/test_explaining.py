"""CARE-17: nothing happens: why? A situation for every answer that there is."""

import contextlib
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.care.club import CALL, MAIL, Club, call, days, mail

from memberlogic import converting
from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.care.answers import ANSWERS, sentence
from memberlogic.care.assigning import end_run
from memberlogic.care.catalogues import EntryKind
from memberlogic.care.explaining import CareExplained
from memberlogic.care.flows import Action, ActionKind, Milestone, On, Unseen, describe_schedule
from memberlogic.care.keeping import posted
from memberlogic.care.model import EndReason
from memberlogic.contracts.rates import SwitchPath
from memberlogic.errors import MemberLogicError, PermissionDenied
from memberlogic.organizations.model import Tier
from memberlogic.organizations.quieting import QuietHours
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

FEE = Money(50_00, "EUR")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITUATIONS = {}


def situation(code):
    """What a club does so that a member's care is explained in a way; answers the member, or what explained them."""

    def named(make):
        SITUATIONS[code] = make
        return make

    return named


@pytest.fixture
def club(storage):
    return Club(World(storage, at=START))


def explained(club, member, **said) -> CareExplained:
    return club.again().care.explain(member, **said)


def agreed(club, member):
    club.world.org.members.give_consent(member, purpose="member_care", channel="email", source="desk", wording="v1")
    return member


def with_message(club, *, consent=True):
    """A member whose run has queued a message today."""
    member = agreed(club, club.member()) if consent else club.member()
    club.assign(member, club.another_flow("Mails", mail(days(0)), mail(days(30))))
    club.world.ml.run_jobs()
    return member


def lose_tier(club, tier=Tier.BASIC):
    club.world.ml.change_tier(club.world.organization.id, tier)


def ended(club, member, reason, code=None):
    """A run that was ended in a way."""
    world, command = club.world, Command(organization=club.world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        stored = uow.care_runs.held([member])[member]
        advanced = world.org.care.desk.settled(uow, stored)
        over, event = end_run(advanced.run, uow.now, reason, code=code)
        written = posted(stored, type(advanced)(over), uow.now, [event])
        world.org.care.desk.keep(uow, written)
        uow.finish(None)


@situation("care.no_tier")
def _(club):
    member = club.member()
    lose_tier(club)
    return member


@situation("care.paused_no_tier")
def _(club):
    member = club.member()
    club.assign(member)
    lose_tier(club)
    return member


@situation("care.no_tier_then")
def _(club):
    lose_tier(club)
    member = club.again().members.register(member_type="customer", given_name="Ana", email="ana@example.org").id
    club.join(member)
    club.world.wait(days=1)
    lose_tier(club, Tier.PRO)
    return member


@situation("care.member_anonymised")
def _(club):
    member = club.world.member()
    club.world.org.members.anonymise(member)
    return member


@situation("care.runs")
@situation("care.waits_until")
def _(club):
    member = club.member()
    club.assign(member)
    return member


@situation("care.paused_prospect")
@situation("care.waits_while_paused")
def _(club):
    member = club.world.member()
    club.assign(member)
    return member


@situation("care.waits_for_payment")
def _(club):
    member = club.world.member()
    club.join(member, rate=club.world.rate(initial_fee=FEE))
    club.assign(member)
    return member


@situation("care.paused_former_member")
def _(club):
    member = club.world.member()
    club.join(member, rate=club.world.rate(term=Term.of_months(1)))
    club.assign(member, club.another_flow("Long", mail(days(60))))
    club.world.wait(days=40)
    return member


@situation("care.paused_frozen")
def _(club):
    member = club.world.member()
    contract = club.join(member, rate=club.freezable())
    club.assign(member, club.another_flow("Pausing", mail(days(5)), pauses_while_frozen=True))
    day = club.today() + timedelta(days=1)
    club.world.org.contracts.freeze(contract, since=day, until=day + timedelta(days=14), reason="travel")
    club.world.wait(days=2)
    return member


@situation("care.will_stand_still")
def _(club):
    member = club.world.member()
    club.join(member, rate=club.world.rate(term=Term.of_months(1)))
    club.assign(member, club.another_flow("Long", mail(days(60))))
    return member


@situation("care.no_schedule")
def _(club):
    member = club.member()
    club.assign(member, club.another_flow("Unscheduled", mail(days(3)), call(None)))
    return member


@situation("care.waits_for_event")
def _(club):
    member = club.member()
    club.assign(member, club.another_flow("Plan", call(On(kind="training_plan.updated", where={"plan": "strength"}))))
    return member


@situation("care.waits_for_absence")
def _(club):
    member = club.member()
    club.assign(member, club.another_flow("Absent", call(Unseen(days=14))))
    return member


@situation("care.repeats")
def _(club):
    member = club.member()
    club.assign(member, club.another_flow("Again", call(On(kind="visit.recorded", times=3))))
    club.world.wait(days=1)
    club.world.org.contracts.check_in(member, studio="north")
    return member


@situation("care.action_open")
def _(club):
    member = club.member()
    club.assign(member)
    club.world.wait(days=3)
    return member


@situation("care.action_overdue")
def _(club):
    member = club.member()
    club.assign(member)
    club.world.wait(days=4)
    return member


@situation("care.completes_automatically")
def _(club):
    club.configure(complete_automatically_after=Term.of_days(7))
    member = club.member()
    club.assign(member)
    club.world.wait(days=4)
    return member


@situation("care.jobs_behind")
def _(club):
    member = club.member()
    club.assign(member)
    club.world.wait(days=3)
    return member


@situation("care.message_withheld")
def _(club):
    member = with_message(club, consent=False)
    club.world.ml.relay(RecordingNotifier())
    return member


@situation("care.message_will_be_withheld")
def _(club):
    return with_message(club, consent=False)


@situation("care.message_waits_quiet")
def _(club):
    club.world.org.settings.change(quiet_hours=QuietHours(time(8), time(18)))
    club.again()
    return with_message(club)


@situation("care.message_waits_one_a_day")
def _(club):
    member = agreed(club, club.member())
    club.assign(member, club.another_flow("Two", mail(days(0)), mail(days(0)), mail(days(30))))
    club.world.ml.run_jobs()
    club.world.ml.relay(RecordingNotifier())
    return member


@situation("care.message_waits_paused")
def _(club):
    member = agreed(club, club.world.member())
    contract = club.join(member, rate=club.freezable())
    flow = club.another_flow("Pausing", mail(days(0)), mail(days(30)), pauses_while_frozen=True)
    club.assign(member, flow)
    club.world.ml.run_jobs()
    day = club.today() + timedelta(days=1)
    club.world.org.contracts.freeze(contract, since=day, until=day + timedelta(days=4), reason="travel")
    club.world.wait(days=1)
    return member


@situation("care.message_ready")
def _(club):
    return with_message(club)


@situation("care.message_set_aside")
def _(club):
    member = with_message(club)
    club.world.ml.relay(RecordingNotifier(failing=True), attempts=1)
    return member


@situation("care.message_sent")
def _(club):
    member = with_message(club)
    club.world.ml.relay(RecordingNotifier())
    return member


@situation("care.run_completed")
@situation("care.nothing_runs")
def _(club):
    member = club.member()
    club.assign(member, club.messages_only("Short", days=1))
    club.world.wait(days=2)
    return member


@situation("care.run_closed")
def _(club):
    member = club.member()
    club.assign(member)
    ended(club, member, EndReason.CLOSED, "moved")
    return member


@situation("care.run_ended")
def _(club):
    member = club.member()
    club.assign(member)
    ended(club, member, EndReason.MERGED)
    return member


@situation("care.run_superseded")
def _(club):
    member = club.member()
    club.assign(member)
    club.assign(member, club.another_flow("Other"))
    return member


@situation("care.run_restarted")
def _(club):
    member = club.member()
    club.assign(member)
    club.assign(member, restart=True)
    return member


@situation("care.no_studio")
@situation("care.no_contract")
def _(club):
    return club.world.member()


@situation("care.no_configuration")
def _(club):
    member = club.world.member()
    club.world.contract(member=member, studio=club.world.studio("south"))
    return member


@situation("care.assignment_skipped")
def _(club):
    default = club.another_flow("Default")
    club.configure(default_flow=default)
    club.care.retire_flow(default)
    return club.member()


@situation("care.no_flow_for_rate")
@situation("care.no_default_flow")
@situation("care.may_be_assigned")
def _(club):
    return club.member()


@situation("care.not_first_contract")
def _(club):
    member = club.member()
    club.configure(default_flow=club.another_flow("Default"))
    club.world.wait(hours=1)
    club.join(member)
    return member


@situation("care.another_ran")
def _(club):
    club.configure(default_flow=club.another_flow("Default"))
    member = club.world.member()
    club.assign(member)
    club.world.wait(hours=1)
    club.join(member)
    return member


@situation("care.contract_follows")
def _(club):
    rate = club.world.rate()
    contract = club.join(member := club.world.member(), rate=club.world.rate(switch_paths=[SwitchPath(to=rate)]))
    club.world.wait(days=1)
    club.world.org.contracts.switch(contract, rate=rate, on=club.today())
    return member


def unpaid_switch(club):
    """A switch to a rate with a flow, whose fee is awaited for ten days."""
    rate = club.world.rate(initial_fee=FEE)
    path = SwitchPath(to=rate, fee=FEE, days_to_pay=10)
    contract = club.join(member := club.world.member(), rate=club.world.rate(switch_paths=[path]))
    club.configure(rates={rate: club.another_flow("Large")})
    club.world.wait(days=1)
    club.world.org.contracts.switch(contract, rate=rate, on=club.today() + timedelta(days=30))
    return member


@situation("care.switch_unpaid")
def _(club):
    return unpaid_switch(club)


@situation("care.switch_lapsed")
def _(club):
    member = unpaid_switch(club)
    club.world.wait(days=12)
    return member


@situation("care.joined_later")
def _(club):
    contract = club.join(club.world.member(), rate=club.world.rate(most_covered=2))
    later = club.world.member()
    club.world.wait(days=1)
    club.world.org.contracts.cover(contract, later)
    return later


@situation("care.configured_later")
def _(club):
    member = club.member()
    club.world.wait(days=1)
    club.configure(default_flow=club.another_flow("Default"))
    return member


@situation("care.none_by_hand")
def _(club):
    club.configure(manual=[])
    return club.member()


@pytest.mark.rule("CARE-17")
def test_there_is_a_situation_for_every_answer():
    assert set(SITUATIONS) == set(ANSWERS)


@pytest.mark.rule("CARE-17")
@pytest.mark.parametrize("code", ANSWERS)
def test_every_answer_is_given_where_it_is_true_and_read_aloud(club, code):
    told = explained(club, SITUATIONS[code](club))
    assert code in told.codes, told.codes
    for each in told.answers:
        assert each.rule == ANSWERS[each.code].rule
        said = sentence(each)
        assert said.endswith("."), said
        assert not re.search(r"[\[\]{}]|None| - ", said), said
    assert told.explain().summary == " ".join(told.sentences)
    assert len(set(told.sentences)) == len(told.sentences)
    if "care.no_tier" not in told.codes:
        assert told.run == club.care.active(told.member).run
    assert converting.from_json(CareExplained, converting.to_json(told)) == told


@pytest.mark.rule("CARE-17")
def test_the_page_nothing_happens_why_lists_every_answer_in_its_words():
    page = Path(__file__).parents[2] / "docs" / "how-to" / "care-nothing-happens.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `care.")]
    assert rows == [f"| `{code}` | {each.rule} | {each.sentence} | {each.remedy} |" for code, each in ANSWERS.items()]


@pytest.mark.rule("CARE-17")
def test_what_runs_is_told_with_the_day_it_waits_for_as_data_and_in_sentences(club):
    member = club.member()
    club.assign(
        member, club.another_flow("Welcome back", Milestone(name="Hello", schedule=days(3), action=CALL, message=MAIL))
    )
    told = explained(club, member)
    assert told.sentences == (
        "The flow Welcome back runs since 2026-03-02.",
        "The milestone Hello (phone_call and message) waits until 2026-03-05 10:00.",
        f"The configuration of north has no flow for the rate {_newest(club, member).rate.rate} of the contract "
        f"{_newest(club, member).id}.",
        "The configuration of north has no default flow.",
    )
    assert told.answers[1].figures["until"] == "2026-03-05T10:00:00+01:00"
    assert told.run == club.active(member)


def _newest(club, member):
    with club.world.storage.reading(club.world.organization.id, club.world.clock) as uow:
        return max(uow.contracts.of([member]).values(), key=lambda each: each.id)


@pytest.mark.rule("CARE-17")
def test_an_open_action_says_with_whom_it_is_since_when_and_that_it_is_overdue(club):
    member = club.member()
    action = Action(kind=ActionKind.PHONE_CALL)
    club.assign(member, club.another_flow("Calls", Milestone(name="Ring", schedule=days(1), action=action)))
    club.world.wait(days=2)
    open_, overdue = [each for each in explained(club, member).answers if each.code.startswith("care.action")]
    assert sentence(open_) == "The milestone Ring (phone_call) is open since 2026-03-03."
    assert sentence(overdue) == "The milestone Ring is overdue: it was to be done on 2026-03-03."


@pytest.mark.rule("CARE-17", "CARE-3")
def test_a_pause_says_since_when_and_until_when_if_that_is_known(club):
    member = SITUATIONS["care.paused_frozen"](club)
    (paused,) = [each for each in explained(club, member).answers if each.code == "care.paused_frozen"]
    assert (paused.figures["since"], paused.figures["until"]) == ("2026-03-03", "2026-03-17")
    former = explained(club, SITUATIONS["care.paused_former_member"](club))
    (paused,) = [each for each in former.answers if each.code == "care.paused_former_member"]
    assert "until" not in paused.figures


@pytest.mark.rule("CARE-17", "COM-13")
def test_without_the_permission_it_is_denied_and_not_explained(club):
    member = club.member()
    with pytest.raises(PermissionDenied):
        club.world.staff("members:read").care.explain(member)
    assert club.world.staff("members.care:read").care.explain(member).run is None


@pytest.mark.rule("CARE-17", "CARE-7")
def test_the_studio_that_is_asked_for_is_the_one_whose_configuration_is_told(club):
    member = club.member()
    club.world.studio("south")
    told = explained(club, member, studio="south")
    assert told.studio == "south"
    (nowhere,) = [each for each in told.answers if each.code == "care.no_configuration"]
    assert nowhere.figures == {"studio": "south"}


@pytest.mark.rule("CARE-17")
def test_explaining_writes_nothing(club):
    member = SITUATIONS["care.jobs_behind"](club)
    before = club.world.events()
    first = explained(club, member)
    second = explained(club, member)
    assert club.world.events() == before
    assert first.codes == second.codes


def said(club, member, code):
    return [sentence(each) for each in explained(club, member).answers if each.code == code]


@pytest.mark.rule("CARE-17", "CARE-8")
@pytest.mark.parametrize("hours", [0, 1])
def test_whoever_came_onto_a_contract_on_the_day_of_its_draft_came_later_all_the_same(club, hours):
    club.configure(default_flow=club.another_flow("Default"))
    contract = club.join(club.world.member(), rate=club.world.rate(most_covered=2))
    later = club.world.member()
    club.world.wait(hours=hours)
    club.world.org.contracts.cover(contract, later)
    assert said(club, later, "care.joined_later") == [
        f"The member came onto the contract {contract} on 2026-03-02, after it was drafted: that assigns nothing."
    ]
    assert "care.configured_later" not in explained(club, later).codes


@pytest.mark.rule("CARE-17", "CARE-5")
def test_a_skipped_assignment_names_what_is_missing(club):
    club.care.save_entry(EntryKind.EMPLOYEE, code="ana")
    action = Action(kind=ActionKind.PHONE_CALL, employee="ana")
    default = club.another_flow("Default", Milestone(name="Ring", schedule=days(1), action=action))
    club.configure(default_flow=default)
    club.care.retire_entry(EntryKind.EMPLOYEE, code="ana")
    member = club.member()
    (event,) = club.events("care.assignment_skipped")
    assert event.missing == {"path": "milestones[0].action.employee", "kind": "employee", "picked": "ana"}
    assert said(club, member, "care.assignment_skipped") == [
        f"The contract {event.contract} would have assigned the flow {default} on 2026-03-02, and could not "
        "(care.pick_retired): the employee ana is no longer in use."
    ]
    assert next(iter(club.world.org.members.timeline(member, kinds=["care"]))).text.endswith(
        ": care.pick_retired (ana)."
    )


@pytest.mark.rule("CARE-17", "CARE-9")
def test_flows_that_were_retired_are_not_among_those_that_may_be_assigned(club):
    other = club.another_flow("Other")
    assert said(club, club.member(), "care.may_be_assigned") == [
        "Flows that may be assigned by hand at the studio north: 2."
    ]
    club.care.retire_flow(other)
    assert said(club, club.member(), "care.may_be_assigned") == [
        "Flows that may be assigned by hand at the studio north: 1."
    ]
    club.care.retire_flow(club.flow)
    assert "care.none_by_hand" in explained(club, club.member()).codes


@pytest.mark.rule("CARE-17", "CARE-14")
@pytest.mark.parametrize("code", ["care.message_withheld", "care.message_set_aside"])
def test_the_run_that_is_explained_tells_of_its_messages_what_the_run_itself_tells(club, code):
    member = SITUATIONS[code](club)
    first = explained(club, member).run.milestones[0]
    assert first.outcome == "not_sent"
    assert first == club.active(member).milestones[0] == club.care.runs(member)[0].milestones[0]


@pytest.mark.rule("CARE-17", "CARE-7")
def test_a_studio_without_a_configuration_is_told_once(club):
    member = club.world.member()
    club.join(member)
    club.care.deactivate(studio="north")
    assert [each for each in explained(club, member).codes if each == "care.no_configuration"] == [
        "care.no_configuration"
    ]


@pytest.mark.rule("CARE-17", "CARE-16")
def test_messages_are_said_not_to_be_queued_only_where_there_are_some(club):
    member = SITUATIONS["care.jobs_behind"](club)
    assert said(club, member, "care.jobs_behind") == [
        "Something came about on 2026-03-05 that the jobs have not written down yet."
    ]
    club.assign(member, club.another_flow("Mails", mail(days(0)), mail(days(0)), mail(days(30))))
    assert said(club, member, "care.jobs_behind") == [
        "Something came about on 2026-03-05 that the jobs have not written down yet; messages that are not queued yet:"
        " 2."
    ]


@pytest.mark.rule("CARE-17", "CARE-8")
@pytest.mark.parametrize("hours", [0, 1])
@pytest.mark.parametrize("how", ["closed", "completed"])
def test_a_run_that_was_over_only_after_the_draft_was_active_then(club, how, hours):
    club.configure(default_flow=club.another_flow("Default"))
    member = club.world.member()
    run = club.assign(member, club.another_flow("Once", call(days(0)))).run
    club.world.wait(hours=1)
    contract = club.join(member)
    club.world.wait(hours=hours)
    if how == "completed":
        club.care.complete(club.active(member).open[0].step, outcome="done")
    else:
        club.care.close(run, reason="test")
    assert club.active(member) is None
    assert said(club, member, "care.another_ran") == [
        f"The default flow was not assigned with the contract {contract}, as the run {run} was active."
    ]


@pytest.mark.rule("CARE-17", "CARE-8")
def test_of_two_drafts_at_one_instant_the_second_found_the_run_of_the_first(club):
    club.configure(default_flow=club.another_flow("Default"))
    member, rate = club.world.member(), club.world.rate(initial_fee=FEE)
    club.join(member, rate=rate)
    run = club.active(member).id
    contract = club.join(member, rate=rate)
    assert said(club, member, "care.another_ran") == [
        f"The default flow was not assigned with the contract {contract}, as the run {run} was active."
    ]
    club.care.close(run, reason="test")
    assert "care.another_ran" in explained(club, member).codes
    assert "care.configured_later" not in explained(club, member).codes


@pytest.mark.rule("CARE-17", "CARE-8")
def test_of_a_run_that_was_closed_before_a_draft_at_the_same_instant_nothing_was_in_the_way(club):
    member = club.world.member()
    run = club.assign(member).run
    club.world.wait(hours=1)
    club.care.close(run, reason="test")
    club.join(member)
    club.configure(default_flow=club.another_flow("Default"))
    told = explained(club, member).codes
    assert "care.configured_later" in told
    assert "care.another_ran" not in told


OBSTACLES = {
    "a flow is retired": lambda club, member: club.care.retire_flow(club.flow),
    "a competence is retired": lambda club, member: club.care.retire_entry(EntryKind.COMPETENCE, code="trainer"),
    "a flow runs": lambda club, member: club.assign(member),
    "the run is over": lambda club, member: [club.care.close(each.id, reason="test") for each in _active(club, member)],
    "nobody": lambda club, member: club.world.org.members.anonymise(member),
    "none by hand": lambda club, member: club.configure(manual=[]),
    "nothing is active": lambda club, member: club.care.deactivate(studio="north"),
    "blocked": lambda club, member: club.world.org.members.block(member, reason="conduct"),
}


def _active(club, member):
    run = club.active(member)
    return [] if run is None else [run]


@pytest.mark.rule("CARE-17", "CARE-5", "CARE-9")
@settings(max_examples=60, deadline=None)
@given(done=st.lists(st.sampled_from(sorted(OBSTACLES)), max_size=4), which=st.integers(0, 2))
def test_what_is_offered_is_what_assigning_takes(done, which):
    club = Club(World(MemoryStorage(), at=START))
    club.care.save_entry(EntryKind.COMPETENCE, code="trainer")
    trained = Action(kind=ActionKind.PHONE_CALL, competence="trainer")
    flows = [club.flow, club.another_flow("Trained", Milestone(name="Ring", schedule=days(1), action=trained))]
    flows.append(club.another_flow("Not by hand", manual=False))
    member = club.world.member()
    for each in done:
        with contextlib.suppress(MemberLogicError):
            OBSTACLES[each](club, member)
    told, choices = explained(club, member, studio="north"), club.care.available_flows(member, studio="north").flows
    offered = {each.flow: each.refusals for each in choices}
    free = [each.flow for each in choices if each.may_be_assigned]
    if told.run is None:
        assert [each.figures["flows"] for each in told.answers if each.code == "care.may_be_assigned"] == [
            len(free)
        ] * bool(free)
    if "care.none_by_hand" in told.codes:
        assert not free
    flow = flows[which]
    if flow in free:
        assert club.assign(member, flow).flow == flow
        return
    with pytest.raises(MemberLogicError) as refused:
        club.assign(member, flow)
    if flow in offered:
        assert refused.value.code == offered[flow][0].code


@pytest.mark.rule("CARE-17", "CARE-8")
def test_a_second_contract_where_no_default_flow_is_named_is_told_so(club):
    member = club.member()
    club.world.wait(hours=1)
    club.join(member)
    told = explained(club, member)
    assert [each for each in told.codes if each.startswith("care.no")] == [
        "care.nothing_runs",
        "care.no_flow_for_rate",
        "care.no_default_flow",
        "care.not_first_contract",
    ]


@pytest.mark.rule("CARE-17", "CARE-8")
def test_whether_a_contract_was_the_first_is_told_by_what_was_known_when_it_was_drafted(club):
    rate = club.world.rate(initial_fee=FEE)
    club.configure(default_flow=club.another_flow("Default"))
    member = club.world.member()
    club.assign(member)
    first = club.join(member, rate=rate)
    club.world.wait(days=2)
    club.join(member, rate=rate)
    club.world.wait(days=2)
    club.world.org.contracts.pay(first, FEE)
    told = explained(club, member)
    assert "care.another_ran" in told.codes
    assert "care.not_first_contract" not in told.codes


@pytest.mark.rule("CARE-17", "CARE-8", "CON-10")
def test_a_contract_that_was_withdrawn_from_since_was_one_before_all_the_same(club):
    club.configure(default_flow=club.another_flow("Default"))
    member = club.world.member()
    first = club.join(member, rate=club.world.rate(cooling_off_days=14))
    ended(club, member, EndReason.CLOSED, "moved")
    club.world.wait(days=1)
    club.join(member)
    club.world.wait(days=1)
    club.world.org.contracts.withdraw_from(first, received_on=club.today())
    told = explained(club, member)
    assert "care.not_first_contract" in told.codes
    assert "care.configured_later" not in told.codes


@pytest.mark.rule("CARE-17", "CARE-11")
def test_a_restart_is_told_as_one_and_another_flow_as_another(club):
    member = club.member()
    club.assign(member)
    again = club.assign(member, restart=True).run
    assert said(club, member, "care.run_restarted") == [
        f"The run of Welcome ended on 2026-03-02, as the flow was begun anew (run {again})."
    ]
    club.assign(member, club.another_flow("Other"))
    told = explained(club, member).codes
    assert "care.run_superseded" in told
    assert "care.run_restarted" not in told


@pytest.mark.rule("CARE-17")
def test_what_is_owed_is_told_in_money(club):
    (told,) = said(club, SITUATIONS["care.waits_for_payment"](club), "care.waits_for_payment")
    assert told.endswith("waits for its initial fee: 50.00 EUR of it has not been paid.")


@pytest.mark.rule("CARE-17")
@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (days(1), "after 1 day"),
        (days(2), "after 2 days"),
        (Unseen(days=1), "after 1 day without a visit"),
        (Unseen(days=14), "after 14 days without a visit"),
    ],
)
def test_a_schedule_reads_well_for_one_and_for_many(schedule, words):
    assert describe_schedule(schedule) == words
