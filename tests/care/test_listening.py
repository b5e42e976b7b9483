"""CARE-2: what runs wait for is found in what happened to their members."""

from datetime import timedelta

import pytest
from tests.care.club import Club, call, days, mail

from memberlogic.care.flows import On, Unseen
from memberlogic.ids import ExternalId
from memberlogic.loyalty.programme import Earning, EarningRule, Rate
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing import World

EARNING = Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))])


@pytest.fixture
def club(storage):
    return Club(World(storage, currency="EUR", earning=EARNING))


def first(club, member):
    run = club.active(member)
    return None if run is None else run.milestones[0]


@pytest.mark.rule("CARE-2")
def test_a_visit_starts_what_waits_for_one_whether_anybody_looks_or_the_jobs_do(club):
    member = club.member()
    club.assign(member, club.another_flow("Visit", call(On(kind="visit.recorded"))))
    club.world.wait(days=2)
    club.world.org.contracts.check_in(member, studio="north")
    at = club.world.clock.now()
    assert first(club, member).due_at == at, "seen at once"
    club.world.wait(days=1)
    assert club.world.ml.run_jobs().milestones >= 1
    assert first(club, member).due_at == at
    assert [each.run for each in club.events("care.milestone_reached")] == [club.active(member).id]


@pytest.mark.rule("CARE-13", "COM-8")
def test_what_an_event_started_is_in_the_work_list_and_can_be_done_before_the_jobs_run(club):
    member = club.member()
    club.assign(member, club.another_flow("Visit", call(On(kind="visit.recorded"))))
    club.world.wait(days=2)
    assert club.care.work_list().actions == ()
    club.world.org.contracts.check_in(member, studio="north")
    (action,) = club.care.work_list().actions
    club.care.complete(action.step, outcome="reached")
    assert club.care.work_list().actions == ()
    assert first(club, member) is None


@pytest.mark.rule("CARE-2")
def test_what_the_host_publishes_and_a_purchase_and_a_cancellation_start_milestones(club):
    flow = club.another_flow(
        "Events",
        mail(On(kind="training_plan.updated", where={"plan": "strength"})),
        mail(On(kind="purchase.recorded")),
        mail(On(kind="contract.cancellation_filed")),
    )
    member = club.world.member()
    contract = club.join(member)
    account = club.world.account(member=member)
    club.assign(member, flow)
    happen = [
        lambda: club.world.org.members.publish(member, kind="training_plan.updated", figures={"plan": "yoga"}),
        lambda: club.world.org.members.publish(member, kind="training_plan.updated", figures={"plan": "strength"}),
        lambda: buy(club, account),
        lambda: club.world.org.contracts.cancel(contract, reason="moved", received_on=club.today()),
    ]
    for number, each in enumerate(happen):
        club.world.wait(days=1)
        each()
        club.world.ml.run_jobs()
        (told,) = club.care.runs(member)
        assert len([step for step in told.milestones if step.state.value == "completed"]) == number
    assert told.state.value == "completed"


def buy(club, account, at=None):
    club.world.org.loyalty.record_purchase(
        account=account,
        at=at,
        purchase=ExternalId("till", "1" if at is None else "2"),
        lines=[PurchaseLine(item="shake", quantity=1, amount=500)],
        currency="EUR",
    )


@pytest.mark.rule("CARE-2")
def test_no_visit_for_a_week_is_a_signal_and_each_visit_puts_it_off(club):
    member = club.member()
    club.assign(member, club.another_flow("Absent", call(Unseen(days=7))))
    for _ in range(3):
        club.world.wait(days=6)
        club.world.org.contracts.check_in(member, studio="north")
        assert club.world.ml.run_jobs().failures == ()
        assert first(club, member).state.value == "waiting"
    club.world.wait(days=7)
    club.world.ml.run_jobs()
    assert first(club, member).state.value == "active"
    assert first(club, member).due_at == club.world.clock.now()


@pytest.mark.rule("CARE-2", "COM-8")
@pytest.mark.parametrize("jobs", [True, False])
def test_a_visit_that_was_undone_puts_nothing_off(club, jobs):
    member = club.member()
    club.assign(member, club.another_flow("Absent", call(Unseen(days=5))))
    due = club.world.clock.now() + timedelta(days=5)
    club.world.wait(days=3)
    visit = club.world.org.contracts.check_in(member, studio="north").visit
    if jobs:
        club.world.ml.run_jobs()
    club.world.org.contracts.undo_check_in(visit, reason="wrong_person")
    club.world.wait(days=3)
    if jobs:
        assert club.world.ml.run_jobs().milestones >= 1
    assert first(club, member).due_at == due
    assert [each.due_at for each in club.care.work_list().actions] == [due]


@pytest.mark.rule("CARE-2", "COM-18")
def test_the_jobs_read_on_where_they_stopped_and_again_what_came_in_late(club):
    member = club.member()
    club.assign(member, club.another_flow("Visit", call(On(kind="visit.recorded", times=3))))
    for number in range(1, 4):
        club.world.wait(days=1)
        club.world.org.contracts.check_in(member, studio="north")
        club.world.ml.run_jobs()
        club.world.ml.run_jobs()
        assert len(club.events("care.milestone_reached")) == number


@pytest.mark.rule("CARE-16", "COM-8", "COM-21", "CARE-2")
@pytest.mark.parametrize("looking", ["nobody", "jobs"])
def test_what_is_told_late_comes_to_the_same_whether_the_jobs_ran_before_or_not(club, looking):
    """A call after every update of the plan, three at most: the late one is one more, and takes nothing back."""
    member = club.member()
    account = club.world.account(member=member)
    happen = {
        "training_plan.updated": lambda at: club.world.org.members.publish(member, kind="training_plan.updated", at=at),
        "visit.recorded": lambda at: club.world.org.contracts.check_in(member, studio="north", at=at),
        "purchase.recorded": lambda at: buy(club, account, at),
    }
    for kind, tell in happen.items():
        run = club.assign(member, club.another_flow(kind, call(On(kind=kind, times=3)), mail(days(1)))).run
        club.world.wait(days=3)
        tell(None)
        on_time = club.world.clock.now()
        if looking == "jobs":
            club.world.ml.run_jobs()
        club.world.wait(days=1)
        late = club.world.clock.now() - timedelta(days=2)
        tell(late)
        assert [(each.turn, each.due_at) for each in dues(club, run)] == [(0, on_time), (1, late)]
        club.world.wait(hours=1)
        club.world.ml.run_jobs()
        with club.world.storage.reading(club.world.organization.id, club.world.clock) as uow:
            assert len(uow.care_runs.get(run).steps) == 2, "the jobs wrote it down"
        assert [(each.turn, each.due_at) for each in dues(club, run)] == [(0, on_time), (1, late)]


def dues(club, run):
    started = [each for each in club.care.run(run).milestones if each.due_at is not None]
    return sorted(started, key=lambda each: each.turn)


@pytest.mark.rule("CARE-2")
def test_a_number_is_no_truth_where_an_event_must_have_one(club):
    member = club.member()
    for wanted, other in ((1, True), (True, 1), (0, False), (False, 0)):
        on = On(kind="training_plan.updated", where={"n": wanted})
        run = club.assign(member, club.another_flow(f"{wanted}", call(on))).run
        for said in (other, wanted):
            club.world.wait(hours=1)
            club.world.org.members.publish(member, kind="training_plan.updated", figures={"n": said})
            assert len(club.care.run(run).open) == (said is wanted)
