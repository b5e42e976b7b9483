"""CARE-13: what staff does with open actions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.care.club import Club, call, days, mail
from tests.care.drawing import CALL, START, counting, delays, histories, instants, run_of, runs

from memberlogic.actors import Actor
from memberlogic.calendar import Term, local_day
from memberlogic.care import working
from memberlogic.care.advancing import Advanced, advance, anchor, completes_at, starts_at
from memberlogic.care.catalogues import EntryKind
from memberlogic.care.flows import On
from memberlogic.care.lifecycle import STEP
from memberlogic.care.model import RunState, StepState
from memberlogic.care.working import CompleteAction, Given, SkipAction, StepFacts
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound, PermissionDenied, RuleViolation
from memberlogic.testing import World

TOOL = {
    "take": lambda facts, _: working.take(facts, Given("staff-7", unseen=True)),
    "reassign": lambda facts, _: working.give(facts, Given()),
    "complete": lambda facts, new_id: working.complete(
        facts, CompleteAction(step=facts.step.id, outcome="done"), None, new_id
    ),
    "skip": lambda facts, new_id: working.skip(facts, SkipAction(step=facts.step.id, reason="away"), new_id),
    "postpone": lambda facts, _: working.postpone(facts, facts.today + timedelta(days=2)),
}


def facts_of(run, heard, now):
    """Of the first action of a run, which is open at an instant."""
    advanced = advance(run, [each for each in heard if each.at <= now], now, counting())
    step = next(each for each in advanced.run.steps if each.state is StepState.ACTIVE)
    return StepFacts(stored=run, advanced=advanced, step=step, known={}, now=now)


@st.composite
def at_hand(draw):
    """An open action, with what the member does before and after."""
    run = draw(runs())
    first = evolve(run.milestones[0], schedule=draw(delays), action=CALL)
    terms = evolve(run.flow.terms, milestones=(first, *run.milestones[1:]))
    run = evolve(run, flow=evolve(run.flow, terms=terms))
    if starts_at(run, 0)[0] is None:
        run = evolve(run, pauses=())
    due_at, _ = starts_at(run, 0)
    done_at = completes_at(run, advance(run, (), due_at, counting()).run.steps[0])
    latest = timedelta(days=90) if done_at is None else done_at - due_at - timedelta.resolution
    now = due_at + draw(st.timedeltas(timedelta(0), min(latest, timedelta(days=90))))
    heard = draw(histories())
    return facts_of(run, heard, now), heard


@pytest.fixture
def club(storage):
    return Club(World(storage))


@pytest.fixture
def open_call(club):
    """A club with an employee, a member with an open call of today, and the call."""
    for code in ("ana", "ben"):
        club.care.save_entry(EntryKind.EMPLOYEE, code=code)
    club.care.save_entry(EntryKind.COMPETENCE, code="nutrition")
    member = club.member()
    club.assign(member)
    club.world.wait(days=3)
    (action,) = club.care.work_list().actions
    return club, member, action.step


@pytest.mark.rule("CARE-13", "COM-11")
@pytest.mark.parametrize("action", TOOL)
@pytest.mark.parametrize("state", StepState)
def test_only_an_open_action_is_worked_and_the_refusal_says_what_is_allowed(state, action):
    facts = facts_of(run_of(call(days(1)), mail(days(1))), (), START + timedelta(days=5))
    step = evolve(facts.step, state=state)
    steps = tuple(step if each.id == step.id else each for each in facts.run.steps)
    facts = evolve(facts, step=step, advanced=Advanced(evolve(facts.run, steps=steps)))
    if action in STEP.table[state]:
        told = TOOL[action](facts, counting()).result
        assert told.state is STEP.table[state][action]
        return
    with pytest.raises(IllegalTransition) as refused:
        TOOL[action](facts, counting())
    assert refused.value.details["state"] == state.value
    assert refused.value.details["allowed"] == list(STEP.allowed(state))


@pytest.mark.rule("CARE-13", "CARE-2", "CARE-3")
@given(at_hand(), st.sampled_from(["complete", "skip"]), st.timedeltas(timedelta(0), timedelta(days=90)))
def test_what_follows_an_action_counts_from_when_it_was_done_or_from_the_resumption(drawn, how, wait):
    facts, heard = drawn
    (change,) = TOOL[how](facts, counting()).facts.changes
    run, before = change.run, {each.id for each in facts.run.steps}
    step = next(each for each in run.steps if each.id == facts.step.id)
    assert (step.done_at, anchor(run, step.place + 1)) == (facts.now, facts.now)
    later = advance(run, [each for each in heard if each.at <= facts.now + wait], facts.now + wait, counting()).run
    for each in later.steps:
        if each.id not in before:
            assert each.due_at >= facts.now
            assert not any(pause.since < each.due_at and each.due_at in pause for pause in run.pauses)


@pytest.mark.rule("CARE-13", "CARE-6")
@given(at_hand(), st.integers(0, 60))
def test_postponing_moves_automatic_completion_and_never_to_an_earlier_instant(drawn, later):
    facts, _ = drawn
    before, to = completes_at(facts.run, facts.step), facts.today + timedelta(days=later)
    (change,) = working.postpone(facts, to).facts.changes
    step = next(each for each in change.run.steps if each.id == facts.step.id)
    after = completes_at(change.run, step)
    assert change.run.day_of(step) == to
    assert before is None or after is None or after >= before
    with pytest.raises(RuleViolation) as refused:
        working.postpone(facts, facts.today - timedelta(days=1))
    assert refused.value.code == "care.postponed_to_the_past"


@pytest.mark.rule("COM-8", "CARE-13")
@given(runs(), histories(), instants, instants)
def test_an_action_has_its_id_before_anybody_writes_it_down(run, heard, now, later):
    now, later = sorted((now, later))
    seen = advance(run, heard, now, counting()).run.steps
    assert [each.id for each in advance(run, heard, later, counting()).run.steps][: len(seen)] == [
        each.id for each in seen
    ]
    assert len({each.id for each in seen}) == len(seen)


@pytest.mark.rule("CARE-13")
def test_an_action_is_taken_by_whoever_acts_and_by_nobody_else_then(open_call):
    club, _, call = open_call
    staff = Actor.staff("Eva:7", club.world.org.actor.permissions or {"members.care:update"})
    told = club.world.acting_as(staff).care.take(call)
    assert (told.assignee, told.state) == ("Eva:7", StepState.ACTIVE)
    assert club.world.acting_as(staff).care.take(call) == told
    with pytest.raises(RuleViolation) as refused:
        club.care.take(call, employee="ana")
    assert (refused.value.code, refused.value.details["assignee"]) == ("care.action_is_anothers", "Eva:7")
    assert [each.assignee for each in club.events("care.action_given")] == ["Eva:7"]
    with pytest.raises(InvalidInput) as wrong:
        club.world.acting_as(Actor.system()).care.take(call)
    assert wrong.value.path == "employee"


@pytest.mark.rule("CARE-13", "CARE-5")
def test_an_action_is_given_to_an_employee_a_competence_or_everybody(open_call):
    club, _, call = open_call
    assert club.care.take(call, employee="ana").assignee == "ana"
    assert club.care.reassign(call, employee="ben").assignee == "ben"
    given_ = club.care.reassign(call, competence="nutrition")
    assert (given_.assignee, given_.competence) == (None, "nutrition")
    assert club.care.reassign(call) == given_
    given_ = club.care.reassign(call, everybody=True)
    assert (given_.assignee, given_.competence) == (None, None)
    for said in ({"employee": "ben"}, {"competence": "nutrition"}):
        with pytest.raises(InvalidInput) as wrong:
            club.care.reassign(call, everybody=True, **said)
        assert wrong.value.path == "everybody"
    for said, code in (({"employee": "eva"}, "care.pick_unknown"), ({"competence": "judo"}, "care.pick_unknown")):
        with pytest.raises(RuleViolation) as refused:
            club.care.reassign(call, **said)
        assert refused.value.code == code
    club.care.retire_entry(EntryKind.EMPLOYEE, code="ana")
    with pytest.raises(RuleViolation) as refused:
        club.care.reassign(call, employee="ana")
    assert refused.value.code == "care.pick_retired"
    with pytest.raises(InvalidInput):
        club.care.reassign(call, employee="ben", competence="nutrition")


@pytest.mark.rule("CARE-13")
@pytest.mark.parametrize("written", [True, False])
def test_an_action_keeps_the_competence_it_is_for_while_somebody_has_it_and_goes_back_to_it(open_call, written):
    club, _, call = open_call
    if written:
        club.care.postpone(call, to=club.today() + timedelta(days=1))
    club.care.reassign(call, competence="nutrition")

    def listed(**said):
        return [(each.assignee, each.competence) for each in club.care.work_list(**said).actions]

    assert listed(competence="nutrition") == [(None, "nutrition")]
    taken = club.care.take(call, employee="ana")
    assert (taken.assignee, taken.competence) == ("ana", "nutrition")
    assert listed(competence="nutrition") == listed(assignee="ben") == []
    assert listed(assignee="ana") == listed(assignee="ana", competence="nutrition") == [("ana", "nutrition")]
    club.care.reassign_all("ana", to="ben")
    assert listed(assignee="ben", competence="nutrition") == [("ben", "nutrition")]
    back = club.care.reassign(call)
    assert (back.assignee, back.competence) == (None, "nutrition")
    assert listed(competence="nutrition") == [(None, "nutrition")]


@pytest.mark.rule("CARE-13", "COM-10")
def test_a_completed_action_keeps_its_outcome_and_the_note_is_kept_apart_and_erased(open_call):
    club, member, call = open_call
    told = club.care.complete(call, outcome="reached", note="Wants to try\nthe sauna.")
    assert (told.state, told.outcome, told.state_of_run) == (StepState.COMPLETED, "reached", RunState.RUNNING)
    (first, second) = club.active(member).milestones
    assert (first.outcome, first.note, first.done_at) == ("reached", told.note, club.world.clock.now())
    assert second.due_at == club.world.clock.now() + timedelta(days=4)
    (noted,) = club.care.action_notes(told.run).notes
    assert (noted.step, noted.text) == (call, "Wants to try\nthe sauna.")
    (event,) = club.events("care.action_completed")
    assert (event.outcome, event.note) == ("reached", told.note)
    lines = [each.text for each in club.world.org.members.timeline(member) if each.event.type.startswith("care.")]
    assert any("completed: reached" in each for each in lines)
    for outcome in ("automatic", "message"):
        with pytest.raises(InvalidInput) as wrong:
            club.care.complete(call, outcome=outcome)
        assert wrong.value.path == "outcome"
    for again in (
        lambda: club.care.complete(call, outcome="reached"),
        lambda: club.care.skip(call, reason="away"),
        lambda: club.care.take(call, employee="ana"),
        lambda: club.care.reassign(call),
        lambda: club.care.postpone(call, to=club.today()),
    ):
        with pytest.raises(IllegalTransition) as refused:
            again()
        assert (refused.value.details["state"], refused.value.details["allowed"]) == ("completed", [])


@pytest.mark.rule("CARE-13", "COM-16")
def test_of_several_who_complete_an_action_at_once_one_does_and_the_others_are_told(open_call):
    club, member, call = open_call

    def attempt(org):
        try:
            return org.care.complete(call, outcome="reached").state
        except IllegalTransition as refused:
            return refused.details["state"]

    handles = [club.world.acting_as(club.world.org.actor) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, handles))
    assert told.count(StepState.COMPLETED) == 1
    assert told.count("completed") == 3
    assert len(club.events("care.action_completed")) == 1
    assert club.active(member).milestones[0].outcome == "reached"


@pytest.mark.rule("CARE-13")
def test_completing_or_skipping_the_last_action_completes_the_run(club):
    flow = club.another_flow("Calls", call(days(1)), call(days(1)))
    member = club.member()
    run = club.assign(member, flow).run
    club.world.wait(days=1)
    (action,) = club.care.work_list().actions
    club.care.skip(action.step, reason="not_reached")
    club.world.wait(days=1)
    (action,) = club.care.work_list().actions
    told = club.care.complete(action.step, outcome="reached")
    assert told.state_of_run is RunState.COMPLETED
    assert "completed" in told.explain().summary
    assert club.active(member) is None
    over = club.care.run(run)
    assert [each.state for each in over.milestones] == [StepState.SKIPPED, StepState.COMPLETED]
    assert over.milestones[0].reason == "not_reached"
    with pytest.raises(IllegalTransition):
        club.care.skip(action.step, reason="late")


@pytest.mark.rule("CARE-13", "CARE-3")
def test_an_action_done_while_the_run_is_paused_counts_and_the_next_counts_from_the_resumption(club):
    member = club.member()
    contract = club.world.org.contracts.of(member)[0].contract
    run = club.assign(member).run
    club.world.wait(days=3)
    (action,) = club.care.work_list().actions
    assert not action.paused
    club.world.org.contracts.cancel(
        contract, received_on=club.today(), reason="moved", extraordinary=True, to=club.today()
    )
    club.world.wait(days=2)
    (action,) = club.care.work_list().actions
    assert action.paused
    told = club.care.complete(action.step, outcome="reached")
    assert told.state_of_run is RunState.PAUSED
    assert "counts from the day" in told.explain().summary
    club.world.wait(days=5)
    club.join(member)
    second = club.care.run(run).milestones[1]
    assert second.due_at == club.world.clock.now() + timedelta(days=4)


@pytest.mark.rule("CARE-13")
def test_a_postponed_action_is_done_overdue_and_counted_as_completed_by_its_new_day(club):
    club.configure(complete_automatically_after=Term.of_days(2))
    member = club.member()
    run = club.assign(member).run
    club.world.wait(days=3)
    (action,) = club.care.work_list().actions
    to = club.today() + timedelta(days=5)
    assert club.care.postpone(action.step, to=to).day == to
    club.world.wait(days=5)
    (action,) = club.care.work_list().actions
    assert (action.day, action.postponed, action.overdue) == (to, True, False)
    club.world.ml.run_jobs()
    club.world.wait(days=1)
    assert club.care.work_list(overdue=True).actions[0].step == action.step
    club.world.wait(days=2)
    (first, _) = club.care.run(run).milestones
    assert first.outcome == "automatic"
    assert local_day(first.done_at, club.world.organization.zone) == to + timedelta(days=2)
    late = club.member()
    club.assign(late, club.another_flow("At once", call(days(0))))
    (other,) = [each for each in club.care.work_list().actions if each.member == late]
    with pytest.raises(RuleViolation) as refused:
        club.care.postpone(other.step, to=club.today() - timedelta(days=1))
    assert refused.value.code == "care.postponed_to_the_past"


@pytest.mark.rule("CARE-13")
def test_everything_of_an_absent_colleague_goes_to_another_also_what_nobody_wrote_down(open_call):
    club, _, first = open_call
    club.care.take(first, employee="ana")
    for written in (True, False, False):
        member = club.member()
        run = club.assign(member, club.another_flow(f"Calls {member}", call(days(1)), mail(days(1)))).run
        club.world.wait(days=1)
        (action,) = club.care.run(run).open
        if written:
            club.care.settle([run])
        club.care.take(action.step, employee="ana")
    told, actions = None, 0
    while told is None or told.more:
        told = club.care.reassign_all("ana", to="ben", size=1)
        actions += told.actions
    assert actions == 4
    assert club.care.reassign_all("ana", to="ben").actions == 0
    assert {each.assignee for each in club.care.work_list().actions} == {"ben"}
    assert len(club.care.work_list(assignee="ben").actions) == 4
    with pytest.raises(InvalidInput):
        club.care.reassign_all("ana", to="ana")
    with pytest.raises(RuleViolation) as refused:
        club.care.reassign_all("ben", to="eva")
    assert refused.value.code == "care.pick_unknown"


@pytest.mark.rule("CARE-13", "COM-1", "COM-13")
def test_an_action_that_is_not_there_is_not_found_and_working_needs_a_permission(open_call):
    club, _, call = open_call
    with pytest.raises(NotFound):
        club.care.complete(club.world.organization.id, outcome="reached")
    reader = club.world.acting_as(Actor.staff("eva", {"members.care:read"}))
    assert len(reader.care.work_list().actions) == 1
    with pytest.raises(PermissionDenied):
        reader.care.complete(call, outcome="reached")
    other = World(club.world.storage)
    assert other.org.care.work_list().actions == ()
    with pytest.raises(NotFound):
        other.org.care.complete(call, outcome="reached")


@pytest.mark.rule("CARE-13", "CARE-2")
def test_a_last_milestone_that_repeats_is_done_when_its_last_start_was(club):
    flow = club.another_flow("Updates", call(On(kind="training_plan.updated", times=2)))
    member = club.member()
    run = club.assign(member, flow).run
    for _ in range(2):
        club.world.wait(days=1)
        club.world.org.members.publish(member, kind="training_plan.updated")
        assert club.care.run(run).state is RunState.RUNNING
        (action,) = club.care.run(run).open
        club.care.settle([run])
        club.care.complete(action.step, outcome="reached")
    assert club.care.run(run).state is RunState.COMPLETED


@pytest.mark.rule("CARE-13", "CARE-7")
def test_the_work_list_of_a_studio_that_is_not_there_is_no_empty_one(club):
    assert club.care.work_list(studio="north").actions == ()
    with pytest.raises(NotFound) as wrong:
        club.care.work_list(studio="nowhere")
    assert wrong.value.details == {"kind": "studio", "id": "nowhere"}
