"""CARE-15, MEM-9, MEM-11, MEM-13: closing runs, and what becomes of care with its member."""

from datetime import timedelta

import pytest
from tests.care.club import Club, call, days, mail

from memberlogic.amounts import Money
from memberlogic.care.model import RunState, StepState
from memberlogic.errors import IllegalTransition, NotFound
from memberlogic.members.model import Erasable
from memberlogic.members.overviewing import Absence
from memberlogic.notifying import Delivery
from memberlogic.organizations.model import Tier
from memberlogic.testing import World

FEE = Money(50_00, "EUR")


@pytest.fixture
def club(storage):
    return Club(World(storage))


def leave(club, member):
    """The member's contract ends today: they are a former member."""
    (told,) = club.world.org.contracts.of(member)
    club.world.org.contracts.cancel(
        told.contract, received_on=club.today(), reason="moved", extraordinary=True, to=club.today()
    )


@pytest.mark.rule("CARE-15", "CARE-14")
def test_a_run_is_closed_with_a_reason_and_its_messages_are_withdrawn(club):
    member = club.member()
    run = club.assign(member, club.messages_only("Mails", days=1)).run
    two = club.another_flow("Two", call(days(0)), call(days(1)))
    told = club.care.assign(member, two, studio="north")
    (action,) = club.care.run(told.run).open
    closed = club.care.close(told.run, reason="asked_for_rest")
    assert (closed.member, closed.reason) == (member, "asked_for_rest")
    over = club.care.run(told.run)
    assert (over.state, over.end_reason, over.end_code) == (RunState.CANCELLED, "closed", "asked_for_rest")
    assert {each.state for each in over.milestones} == {StepState.CANCELLED}
    assert club.active(member) is None
    assert club.care.work_list().actions == ()
    for again in (lambda: club.care.close(told.run, reason="x"), lambda: club.care.close(run, reason="x")):
        with pytest.raises(IllegalTransition) as refused:
            again()
        assert refused.value.details["allowed"] == []
    with pytest.raises(IllegalTransition):
        club.care.complete(action.step, outcome="reached")
    with pytest.raises(NotFound):
        club.care.close(club.world.organization.id, reason="x")


@pytest.mark.rule("CARE-15", "CARE-14")
def test_closing_a_run_withdraws_what_it_queued(club):
    member = club.member()
    flow = club.another_flow("Both", mail(days(0)), call(days(9)))
    run = club.assign(member, flow).run
    club.care.settle([run])
    assert [each.delivery for each in club.posted(member)] == [Delivery.QUEUED]
    club.care.close(run, reason="asked_for_rest")
    assert [each.delivery for each in club.posted(member)] == [Delivery.WITHHELD]


@pytest.mark.rule("CARE-15")
def test_ending_a_contract_closes_nothing_and_cleaning_up_closes_former_members_only(club):
    stays, left, drafting = club.member(), club.member(), club.member()
    frozen = club.world.member()
    contract = club.join(frozen, rate=club.freezable())
    pausing = club.another_flow("Pausing", pauses_while_frozen=True)
    runs = {each: club.assign(each).run for each in (stays, left, drafting)} | {
        frozen: club.assign(frozen, pausing).run
    }
    today = club.today()
    club.world.org.contracts.freeze(contract, since=today, until=today + timedelta(days=60), reason="travel")
    club.world.wait(days=1)
    for each in (left, drafting):
        leave(club, each)
    club.join(drafting, rate=club.world.rate(initial_fee=FEE))
    assert {each: club.care.run(run).state for each, run in runs.items()} == {
        stays: RunState.RUNNING,
        left: RunState.PAUSED,
        drafting: RunState.PAUSED,
        frozen: RunState.PAUSED,
    }
    dry = club.care.close_runs_of_former_members(dry_run=True)
    assert [(each.member, each.reason) for each in dry.runs] == [(left, "former_member")]
    assert "would be closed" in dry.explain().summary
    assert club.care.run(runs[left]).state is RunState.PAUSED
    assert club.care.close_runs_of_former_members().runs == dry.runs
    over = club.care.run(runs[left])
    assert (over.state, over.end_reason, over.end_code) == (RunState.CANCELLED, "closed", "former_member")
    assert club.care.close_runs_of_former_members().runs == ()
    assert all(club.care.run(runs[each]).ended_at is None for each in (stays, drafting, frozen))


@pytest.mark.rule("CARE-15")
def test_prospects_are_cleaned_up_after_so_many_days_without_an_open_draft(club):
    never, drafted, was = (club.world.member() for _ in range(3))
    runs = {each: club.assign(each).run for each in (never, drafted, was)}
    club.join(drafted, rate=club.world.rate(initial_fee=FEE))
    club.world.wait(days=5)
    given_up = club.join(was, rate=club.world.rate(initial_fee=FEE))
    club.world.org.contracts.cancel(given_up, received_on=club.today(), reason="moved")
    club.world.wait(days=5)
    assert club.care.close_runs_of_former_members().runs == ()
    assert club.care.close_runs_of_former_members(prospects_after_days=11).runs == ()
    told = club.care.close_runs_of_former_members(prospects_after_days=10)
    assert [(each.member, each.reason) for each in told.runs] == [(never, "prospect")]
    assert club.care.run(runs[was]).ended_at is None
    club.world.wait(days=5)
    told = club.care.close_runs_of_former_members(prospects_after_days=10)
    assert [each.member for each in told.runs] == [was]
    assert club.care.run(runs[drafted]).state is RunState.PAUSED


@pytest.mark.rule("CARE-15", "COM-18")
def test_cleaning_up_in_small_steps_comes_to_the_same(club):
    members = [club.member() for _ in range(5)]
    club.world.wait(days=1)
    for each in members:
        club.assign(each)
        leave(club, each)
    found, last = [], None
    while True:
        told = club.care.close_runs_of_former_members(size=2, after=last)
        found += [each.member for each in told.runs]
        last = told.last
        if last is None:
            break
    assert found == sorted(members)


@pytest.mark.rule("MEM-9", "CARE-15")
def test_anonymising_cancels_the_run_and_erases_the_notes_of_its_actions(club):
    member = club.world.member()
    run = club.assign(member, club.another_flow("Calls", call(days(0)), mail(days(0)), call(days(9)))).run
    club.join(member)
    (action,) = club.care.run(run).open
    done = club.care.complete(action.step, outcome="reached", note="Likes the sauna.")
    leave(club, member)
    club.world.wait(days=1)
    assert [each.text for each in club.care.action_notes(run).notes] == ["Likes the sauna."]
    checked = club.world.org.members.check_anonymise(member)
    assert checked.ends == (Erasable(name="care_runs"),)
    assert [each.figures for each in checked.explain().reasons if each.code == "member.would_end"] == [{"care_runs": 1}]
    club.world.org.members.anonymise(member)
    assert club.world.org.members.check_anonymise(member).ends == ()
    over = club.care.run(run)
    assert (over.state, over.end_reason) == (RunState.CANCELLED, "anonymised")
    assert (over.milestones[0].outcome, over.milestones[0].note) == ("reached", done.note)
    assert club.care.action_notes(run).notes == ()
    assert {each.delivery for each in club.posted(member)} == {Delivery.WITHHELD}
    assert club.active(member) is None
    assert club.care.work_list().actions == ()


@pytest.mark.rule("MEM-11")
def test_an_export_has_every_run_as_it_is_now(club):
    member = club.member()
    first, second = club.assign(member).run, club.assign(member, restart=True).run
    club.world.wait(days=3)
    told = club.world.org.members.export(member).document["care"]
    assert [each["id"] for each in told] == [str(second), str(first)]
    assert [each["state"] for each in told] == ["running", "cancelled"]
    assert told[0]["milestones"][0]["state"] == "active"


@pytest.mark.rule("MEM-13", "COM-14")
def test_a_profile_tells_the_flow_that_runs_and_without_the_tier_why_not(club):
    member = club.member()
    assert club.world.org.members.overview(member).parts["care"]["run"] is None
    run = club.assign(member).run
    told = club.world.org.members.overview(member).parts["care"]["run"]
    assert (told["id"], told["flow_name"]) == (str(run), "Welcome")
    club.world.ml.change_tier(club.world.organization.id, Tier.BASIC)
    assert club.again().members.overview(member).absent["care"] is Absence.NOT_AVAILABLE
