"""CARE-8 to CARE-11: how flows come to members, and that each has one active run."""

from datetime import timedelta

import pytest
from attrs import evolve
from tests.care.club import Club, call, days, mail

from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.care.flows import On
from memberlogic.care.model import AssignedBy, RunState
from memberlogic.errors import FeatureUnavailable, InvalidInput, NotFound, RuleViolation
from memberlogic.organizations.model import Tier
from memberlogic.testing import World

FEE = Money(50_00, "EUR")


@pytest.fixture
def club(storage):
    return Club(World(storage))


@pytest.mark.rule("CARE-9", "CARE-3")
def test_staff_assign_a_flow_of_the_manual_list_and_it_waits_until_the_member_is_one(club):
    member = club.world.member()
    told = club.assign(member)
    assert told.state is RunState.PAUSED
    assert told.waits_since == club.world.clock.now()
    assert "paused" in told.explain().summary
    assert club.active(member).state is RunState.PAUSED
    club.world.wait(days=5)
    club.join(member)
    run = club.active(member)
    assert run.id == told.run
    assert run.state is RunState.RUNNING
    assert run.milestones[0].due_at == club.world.clock.now() + timedelta(days=3)


@pytest.mark.rule("CARE-10")
def test_assigning_another_flow_cancels_the_one_that_runs_and_both_events_name_both(club):
    member = club.member()
    first = club.assign(member)
    other = club.another_flow("Other")
    second = club.assign(member, other)
    assert second.superseded == first.run
    assert club.active(member).id == second.run
    before = club.care.run(first.run)
    assert (before.state, before.end_reason, before.superseded_by) == (RunState.CANCELLED, "superseded", second.run)
    assigned = [each for each in club.events("care.assigned") if each.run == second.run]
    cancelled = club.events("care.run_cancelled")
    assert [each.superseded for each in assigned] == [first.run]
    assert [(each.run, each.superseded_by) for each in cancelled] == [(first.run, second.run)]
    assert [each.id for each in club.care.runs(member)] == [second.run, first.run]


@pytest.mark.rule("CARE-10")
def test_a_run_whose_last_step_was_due_is_completed_and_not_cancelled(club):
    member = club.member()
    first = club.assign(member, club.messages_only("Short", days=3))
    club.world.wait(days=4)
    second = club.assign(member)
    assert second.superseded is None
    assert club.care.run(first.run).state is RunState.COMPLETED


@pytest.mark.rule("CARE-11")
def test_the_flow_that_runs_is_begun_anew_only_if_that_is_asked_for(club):
    member = club.member()
    first = club.assign(member)
    with pytest.raises(RuleViolation) as refused:
        club.assign(member)
    assert refused.value.code == "care.flow_runs_already"
    assert club.active(member).id == first.run
    assert club.assign(member, restart=True).superseded == first.run


@pytest.mark.rule("CARE-7", "CARE-9", "CARE-1", "CARE-5")
def test_what_may_not_be_assigned_is_refused_with_the_reason(club):
    member = club.member()
    with pytest.raises(RuleViolation) as refused:
        club.care.assign(member, club.flow, studio=club.world.studio("south"))
    assert refused.value.code == "care.none_at_studio"
    hidden = club.another_flow("Hidden", manual=False)
    with pytest.raises(RuleViolation) as refused:
        club.assign(member, hidden)
    assert refused.value.code == "care.flow_not_manual"
    club.care.retire_flow(club.flow)
    with pytest.raises(RuleViolation) as refused:
        club.assign(member)
    assert refused.value.code == "care.flow_not_assigned"
    with pytest.raises(InvalidInput) as wrong:
        club.care.assign(club.world.member(), club.flow)
    assert wrong.value.path == "studio"
    with pytest.raises(NotFound):
        club.care.assign(club.world.member(), club.world.organization.id, studio="north")
    assert club.active(member) is None


@pytest.mark.rule("COM-14", "CARE-3")
def test_without_the_tier_nothing_is_assigned_and_time_stands_still(club):
    member = club.member()
    run = club.assign(member).run
    club.world.wait(days=1)
    club.world.ml.change_tier(club.world.organization.id, Tier.BASIC)
    with pytest.raises(FeatureUnavailable):
        club.again().care.assign(member, club.flow, studio="north")
    club.world.wait(days=10)
    club.world.ml.run_jobs()
    club.world.ml.change_tier(club.world.organization.id, Tier.PRO)
    again = club.again()
    told = again.care.run(run)
    assert told.state is RunState.RUNNING
    assert told.milestones[0].due_at == club.world.clock.now() + timedelta(days=2)
    club.world.wait(days=2)
    assert club.world.ml.run_jobs().milestones == 1


@pytest.mark.rule("CARE-13", "COM-8", "COM-14")
def test_what_fell_due_before_the_tier_was_lost_can_be_done_once_it_is_back(club):
    member = club.member()
    club.assign(member)
    club.world.wait(days=3, hours=1)
    club.world.ml.change_tier(club.world.organization.id, Tier.BASIC)
    club.world.wait(hours=1)
    club.world.ml.change_tier(club.world.organization.id, Tier.PRO)
    club.world.wait(days=1)
    club.again()
    (action,) = club.care.work_list().actions
    club.care.complete(action.step, outcome="reached")


@pytest.mark.rule("CARE-5", "CARE-9")
def test_what_may_be_assigned_can_be_listed_with_what_keeps_the_rest_from_it(club):
    member, gone = club.member(), club.another_flow("Gone")
    club.care.retire_flow(gone)
    told = {each.name: each for each in club.care.available_flows(member).flows}
    assert told["Welcome"].may_be_assigned
    assert [each.code for each in told["Gone"].refusals] == ["care.flow_not_assigned"]
    club.assign(member)
    told = {each.name: each for each in club.care.available_flows(member, studio="north").flows}
    assert [each.code for each in told["Welcome"].refusals] == ["care.flow_runs_already"]
    assert club.care.available_flows(member, studio=club.world.studio("south")).flows == ()


@pytest.mark.rule("CARE-8")
def test_the_flow_of_a_rate_beats_the_default_and_the_first_contract_gets_the_default(club):
    rate = club.world.rate()
    onboarding, default = club.another_flow("Onboarding"), club.another_flow("Default")
    club.configure(default_flow=default, rates={rate: onboarding})
    first, second = club.world.member(), club.world.member()
    club.join(first, rate=rate)
    club.join(second)
    assert (club.active(first).flow, club.active(first).assigned_by) == (onboarding, AssignedBy.RATE)
    assert (club.active(second).flow, club.active(second).assigned_by) == (default, AssignedBy.DEFAULT)


@pytest.mark.rule("CARE-8")
def test_a_second_contract_assigns_nothing_unless_its_rate_has_a_flow(club):
    rate = club.world.rate()
    default, onboarding = club.another_flow("Default"), club.another_flow("Onboarding")
    club.configure(default_flow=default, rates={rate: onboarding})
    member = club.world.member()
    club.join(member)
    first = club.active(member)
    club.join(member)
    assert club.active(member).id == first.id
    club.join(member, rate=rate)
    second = club.active(member)
    assert second.flow == onboarding
    assert club.care.run(first.id).superseded_by == second.id
    club.join(member, rate=rate)
    third = club.active(member)
    assert third.id != second.id
    assert club.care.run(second.id).superseded_by == third.id


@pytest.mark.rule("CARE-8", "CARE-3")
def test_the_run_of_a_draft_waits_for_the_payment_and_an_unpaid_draft_is_no_first_contract(club):
    default = club.another_flow("Default")
    club.configure(default_flow=default)
    rate = club.world.rate(initial_fee=FEE)
    member = club.world.member()
    contract = club.join(member, rate=rate)
    first = club.active(member)
    assert first.state is RunState.PAUSED
    club.world.wait(days=2)
    club.join(member, rate=rate)
    assert club.active(member).id == first.id, "a run is active"
    club.world.org.contracts.pay(contract, FEE)
    told = club.active(member)
    assert told.state is RunState.RUNNING
    assert told.milestones[0].due_at == club.world.clock.now() + timedelta(days=3)


@pytest.mark.rule("CARE-3", "COM-21")
def test_what_is_learnt_late_makes_no_time_run_that_stood_still(club):
    member = club.world.member()
    contract = club.join(member, rate=club.world.rate(initial_fee=FEE))
    club.assign(member)
    club.world.wait(days=5)
    club.world.org.contracts.pay(contract, FEE, paid_on=club.today() - timedelta(days=3))
    now = club.world.clock.now()
    assert club.active(member).milestones[0].due_at == now + timedelta(days=3)


@pytest.mark.rule("CARE-8")
def test_everybody_on_the_contract_is_assigned_it_and_whoever_comes_later_is_not(club):
    default = club.another_flow("Default")
    club.configure(default_flow=default)
    rate = club.world.rate(most_covered=2)
    holder, child, later = club.world.member(), club.world.member(), club.world.member()
    contract = club.join(holder, rate=rate, covered=[child])
    assert club.active(holder).flow == default
    assert club.active(child).flow == default
    club.world.org.contracts.cover(contract, later)
    assert club.active(later) is None


@pytest.mark.rule("CARE-8")
def test_what_could_not_be_assigned_is_said_and_the_contract_is_drafted(club):
    default = club.another_flow("Default")
    club.configure(default_flow=default)
    club.care.retire_flow(default)
    member = club.world.member()
    contract = club.join(member)
    assert club.active(member) is None
    (skipped,) = club.events("care.assignment_skipped")
    assert (skipped.contract, skipped.flow, skipped.reason) == (contract, default, "care.flow_not_assigned")


@pytest.mark.rule("CARE-7")
def test_switching_the_configuration_leaves_runs_alone(club):
    member = club.member()
    run = club.assign(member)
    club.care.deactivate(studio="north")
    assert club.active(member).id == run.run
    club.world.wait(days=3)
    assert club.active(member).milestones[0].state.value == "active"


@pytest.mark.rule("CARE-1")
def test_a_run_keeps_the_version_it_was_assigned(club):
    member = club.member()
    run = club.assign(member)
    terms = club.care.flow(club.flow).current.terms
    club.care.change_flow(club.flow, evolve(terms, name="Changed", milestones=terms.milestones[:1]))
    told = club.active(member)
    assert (told.flow_version, told.flow_name, len(told.milestones)) == (run.flow_version, "Welcome", 2)


@pytest.mark.rule("CARE-16", "CON-5", "CARE-3")
def test_a_freeze_moves_what_is_due_only_where_the_flow_says_so(club):
    pausing, running = club.another_flow("Pausing", pauses_while_frozen=True), club.another_flow("Running")
    rate = club.freezable()
    for flow, moved in ((pausing, 14), (running, 0)):
        member = club.world.member()
        contract = club.join(member, rate=rate)
        club.assign(member, flow)
        today = club.today()
        club.world.org.contracts.freeze(
            contract, since=today + timedelta(days=1), until=today + timedelta(days=15), reason="travel"
        )
        due = club.active(member).milestones[0].due_at
        assert due == club.world.clock.now() + timedelta(days=3 + moved)


@pytest.mark.rule("CARE-16", "CARE-6", "COM-18")
def test_the_jobs_write_down_what_came_about_and_once_is_enough(club):
    member = club.member()
    club.configure(complete_automatically_after=Term.of_days(2))
    club.assign(member)
    club.world.wait(days=30)
    told = club.active(member)
    run = club.world.ml.run_jobs()
    assert run.runs >= 1
    again = club.world.ml.run_jobs()
    assert again.runs == 0
    assert told is None
    (over,) = club.care.runs(member)
    assert over.state is RunState.COMPLETED
    assert [each.due_at for each in over.milestones] == [
        over.assigned_at + timedelta(days=3),
        over.assigned_at + timedelta(days=9),
    ]


@pytest.mark.rule("CARE-8", "COM-16", "CARE-2")
@pytest.mark.parametrize("schedule", [days(3), On(kind="training_plan.updated")], ids=["time", "event"])
@pytest.mark.parametrize("first", ["nobody", "holder", "covered"])
def test_a_contract_for_several_assigns_to_each_and_takes_nothing_from_who_has_a_run(club, first, schedule):
    """Whoever of them has a run keeps it, with the pauses it had and what it waits for; it goes on."""
    flow = club.another_flow("Families", call(schedule), mail(days(1)))
    club.configure(default_flow=flow)
    holder, *others = (club.world.member() for _ in range(3))
    before = {"nobody": None, "holder": holder, "covered": others[0]}[first]
    run = None if before is None else club.assign(before, flow).run
    club.world.wait(hours=3)
    club.join(holder, rate=club.world.rate(most_covered=3), covered=others)
    for each in (holder, *others):
        told = club.active(each)
        assert told.state is RunState.RUNNING
        assert (told.id == run) is (each == before)
    club.world.wait(hours=1)
    for each in (holder, *others):
        club.world.org.members.publish(each, kind="training_plan.updated")
    club.world.wait(days=4)
    club.world.ml.run_jobs()
    with club.world.storage.reading(club.world.organization.id, club.world.clock) as uow:
        stored = uow.care_runs.active([holder, *others])
    assert [len(each.steps) for each in stored.values()] == [1, 1, 1]
