"""CARE-1, CARE-2: flows are saved in versions; milestones keep their ids, and those that never start are named."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.care.made import CALL, WEEK, a_flow, step

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.care.arranging import LastMilestoneStays
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import After, DelayUnit, FlowState, FlowTerms, On
from memberlogic.care.retiring import FlowInUse
from memberlogic.errors import Duplicate, IllegalTransition, InvalidInput, NotFound
from memberlogic.ids import CareFlowId, CareMilestoneId, ExternalId, new_id
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CARE-1")


@pytest.fixture
def care(world):
    return world.org.care


def names(saved):
    return [each.name for each in saved.flow.current.terms.milestones]


def ids(saved):
    return [each.id for each in saved.flow.current.terms.milestones]


def test_every_save_is_a_version_and_milestones_keep_their_ids(world, care):
    first = care.save_flow(a_flow("Onboarding", "a", "b"))
    assert (first.flow.current.version, first.flow.state) == (0, FlowState.IN_USE)
    terms = first.flow.current.terms
    second = care.change_flow(first.flow.id, evolve(terms, milestones=(*terms.milestones, step("c"))))
    assert second.flow.current.version == 1
    assert ids(second)[:2] == ids(first)
    assert len(set(ids(second))) == 3
    assert care.flow(first.flow.id) == second.flow
    assert list(care.flow_versions(first.flow.id)) == [first.flow.current, second.flow.current]
    assert care.flow_version(first.flow.id, 0) == first.flow.current
    said = [each.event for each in world.events() if each.event.type == "care.flow_saved"]
    assert [(each.flow, each.flow_version, each.milestones) for each in said] == [
        (first.flow.id, 0, 2),
        (first.flow.id, 1, 3),
    ]


def test_saving_what_is_there_is_no_new_version(world, care):
    first = care.save_flow(a_flow("Onboarding", "a"))
    before = world.events()
    again = care.change_flow(first.flow.id, first.flow.current.terms)
    assert (again.flow, again.new_version) == (first.flow, False)
    assert again.explain().reasons[0].code == "care.flow_unchanged"
    assert world.events() == before


def test_a_milestone_comes_back_from_any_version_but_not_from_another_flow(care):
    first = care.save_flow(a_flow("Onboarding", "a", "b"))
    care.remove_milestone(first.flow.id, ids(first)[1])
    again = care.change_flow(first.flow.id, care.flow_version(first.flow.id, 0).terms)
    assert (again.flow.current.version, ids(again)) == (2, ids(first))
    other = care.save_flow(a_flow("Other", "x"))
    with pytest.raises(InvalidInput) as caught:
        care.change_flow(other.flow.id, evolve(first.flow.current.terms, name="Other"))
    assert caught.value.path == "terms.milestones[0].id"
    with pytest.raises(InvalidInput):
        care.save_flow(evolve(first.flow.current.terms, name="Third"))


def test_milestones_are_added_at_the_end_moved_copied_and_removed(care):
    flow = care.save_flow(a_flow("Onboarding", "a", "b", "c"))
    a, b, c = ids(flow)
    assert names(care.add_milestone(flow.flow.id, step("d"))) == ["a", "b", "c", "d"]
    assert names(care.move_milestone(flow.flow.id, a, to=2)) == ["b", "c", "a", "d"]
    copied = care.copy_milestone(flow.flow.id, c)
    assert names(copied) == ["b", "c", "c", "a", "d"]
    assert ids(copied)[1] == c
    assert ids(copied)[2] not in (a, b, c)
    assert names(care.remove_milestone(flow.flow.id, b)) == ["c", "c", "a", "d"]
    moved = care.move_milestone(flow.flow.id, a, to=2)
    assert not moved.new_version, "it is there already"
    assert moved.flow.current.version == 4
    with pytest.raises(InvalidInput):
        care.move_milestone(flow.flow.id, a, to=4)
    for act in (care.copy_milestone, care.remove_milestone):
        with pytest.raises(NotFound):
            act(flow.flow.id, b)
        with pytest.raises(NotFound):
            act(flow.flow.id, CareMilestoneId(new_id()))
    with pytest.raises(NotFound):
        care.add_milestone(CareFlowId(new_id()), step("d"))


def test_a_flow_keeps_one_milestone(care):
    flow = care.save_flow(a_flow("Onboarding", "a"))
    with pytest.raises(LastMilestoneStays):
        care.remove_milestone(flow.flow.id, ids(flow)[0])
    with pytest.raises(InvalidInput):
        FlowTerms(name="Nothing", milestones=())


def test_a_copy_is_a_flow_of_its_own(care):
    flow = care.save_flow(a_flow("Onboarding", "a", "b"))
    copy = care.copy_flow(flow.flow.id, name="Onboarding, shorter")
    assert copy.flow.id != flow.flow.id
    assert names(copy) == names(flow)
    assert not set(ids(copy)) & set(ids(flow))
    assert copy.flow.current.version == 0
    with pytest.raises(Duplicate):
        care.copy_flow(flow.flow.id, name="Onboarding")


def test_a_name_is_used_once_until_its_flow_is_deleted(care):
    flow = care.save_flow(a_flow("Onboarding", "a"))
    other = care.save_flow(a_flow("Other", "a"))
    care.retire_flow(flow.flow.id)
    with pytest.raises(Duplicate):
        care.save_flow(a_flow("Onboarding", "a"))
    with pytest.raises(Duplicate):
        care.change_flow(other.flow.id, evolve(other.flow.current.terms, name="Onboarding"))
    care.delete_flow(flow.flow.id)
    renamed = care.change_flow(other.flow.id, evolve(other.flow.current.terms, name="Onboarding"))
    assert renamed.flow.name == "Onboarding"
    assert care.flow(flow.flow.id).name == "Onboarding", "what runs keep is still told"


def test_a_flow_is_retired_and_comes_back(world, care):
    flow = care.save_flow(a_flow("Onboarding", "a")).flow
    assert care.retire_flow(flow.id).state is FlowState.RETIRED
    assert care.retire_flow(flow.id).state is FlowState.RETIRED
    changed = care.add_milestone(flow.id, step("b"))
    assert changed.flow.state is FlowState.RETIRED, "changing a retired flow does not bring it back"
    assert care.bring_flow_back(flow.id).state is FlowState.IN_USE
    assert care.bring_flow_back(flow.id).state is FlowState.IN_USE
    types = [each.event.type for each in world.events() if each.event.type.startswith("care.")]
    assert types == ["care.flow_saved", "care.flow_retired", "care.flow_saved", "care.flow_brought_back"]


def test_a_deleted_flow_takes_nothing_and_loses_nothing(world, care):
    flow = care.save_flow(a_flow("Onboarding", "a")).flow
    deleted = care.delete_flow(flow.id)
    assert deleted.state is FlowState.DELETED
    assert care.delete_flow(flow.id) == deleted
    assert care.flow_version(flow.id, 0) == flow.current
    milestone = flow.current.terms.milestones[0].id
    for refused in (
        lambda: care.change_flow(flow.id, flow.current.terms),
        lambda: care.add_milestone(flow.id, step("b")),
        lambda: care.copy_milestone(flow.id, milestone),
        lambda: care.copy_flow(flow.id, name="Another"),
        lambda: care.retire_flow(flow.id),
        lambda: care.bring_flow_back(flow.id),
    ):
        with pytest.raises(IllegalTransition):
            refused()
    assert [each.event.type for each in world.events()][-1] == "care.flow_deleted"


@pytest.mark.rule("CARE-6")
def test_a_flow_that_a_configuration_names_is_only_retired(world, care):
    flow = care.save_flow(a_flow("Onboarding", "a")).flow.id
    using = [care.create_configuration(terms) for terms in naming(world, flow)]
    with pytest.raises(FlowInUse) as caught:
        care.delete_flow(flow)
    assert caught.value.details["configurations"] == [str(each.id) for each in care.using(flow)]
    assert list(care.using(flow)) == sorted(using, key=lambda each: each.terms.name)
    care.retire_flow(flow)
    for each in using:
        care.change_configuration(each.id, evolve(each.terms, default_flow=None, rate_flows=(), manual=()))
    assert care.delete_flow(flow).state is FlowState.DELETED


def naming(world, flow):
    yield ConfigurationTerms(name="By default", default_flow=flow)
    yield ConfigurationTerms(name="By rate", rate_flows=[RateFlow(world.rate(), flow)])
    yield ConfigurationTerms(name="By hand", manual=[flow])


@pytest.mark.rule("CARE-2", "COM-12")
def test_saving_names_the_milestones_that_never_start(care):
    saved = care.save_flow(FlowTerms(name="Gaps", milestones=[step("a"), CALL, step("b", WEEK), CALL]))
    assert saved.never_start == (1, 2, 3)
    assert saved.explain().summary == (
        "Saved as version 0. Milestones that never start, as they or one before them has no schedule: 3 of 4."
    )
    never = [each.figures for each in saved.explain().reasons if each.code == "care.never_starts"]
    assert never == [{"milestone": 1}, {"milestone": 2, "behind": 1}, {"milestone": 3, "behind": 1}]
    assert care.check_flow(saved.flow.current.terms).never_start == (1, 2, 3)


@pytest.mark.rule("CARE-2")
@given(scheduled=st.lists(st.booleans(), min_size=1, max_size=5))
def test_those_that_never_start_are_those_that_no_simulation_reaches(scheduled):
    terms = FlowTerms(name="Gaps", milestones=[step("a") if each else CALL for each in scheduled])
    world = World(MemoryStorage())
    course = world.org.care.simulate(terms, actions_done_after=Term.of_days(1))
    reached = sum("To do" in each for each in course.text().splitlines())
    never = world.org.care.check_flow(terms).never_start
    assert never == tuple(range(reached, len(scheduled)))


@pytest.mark.rule("COM-20")
def test_flows_are_listed_by_state_in_pages(care):
    used = [care.save_flow(a_flow(f"Flow {each}", "a")).flow.id for each in range(3)]
    care.retire_flow(used[1])
    care.delete_flow(used[0])
    assert [each.id for each in care.flows()] == [used[2]]
    assert [each.id for each in care.flows(states=[FlowState.RETIRED])] == [used[1]]
    assert [each.id for each in care.flows(states=set(FlowState))] == used
    with pytest.raises(InvalidInput):
        care.flows(states=["retired"])


@pytest.mark.rule("COM-19")
def test_a_flow_is_found_by_the_hosts_id(care):
    known = ExternalId("crm", "onboarding")
    flow = care.save_flow(a_flow("Onboarding", "a"), external_ids=[known]).flow
    assert care.find_flow("crm", "onboarding") == flow
    with pytest.raises(Duplicate):
        care.save_flow(a_flow("Another", "a"), external_ids=[known])
    with pytest.raises(NotFound):
        care.find_flow("crm", "another")


@pytest.mark.rule("COM-9")
def test_a_key_saves_one_flow(care):
    first = care.save_flow(a_flow("Onboarding", "a"), idempotency_key="k-1")
    assert care.save_flow(a_flow("Onboarding", "a"), idempotency_key="k-1") == first
    assert len(list(care.flows())) == 1


@pytest.mark.rule("CARE-2")
@pytest.mark.parametrize(
    ("unit", "most"),
    [
        (DelayUnit.DAYS, 36_600),
        (DelayUnit.WEEKS, 5_228),
        (DelayUnit.MONTHS, 1_200),
    ],
)
def test_a_delay_that_is_too_long_is_refused_and_not_cut(unit, most):
    assert After(length=100_000, unit=DelayUnit.HOURS).length == 100_000
    assert After(length=most, unit=unit).length == most
    with pytest.raises(InvalidInput) as caught:
        After(length=most + 1, unit=unit)
    assert (caught.value.path, caught.value.details["expected"]) == ("length", f"{most} {unit.value} at most")
    data = converting.to_json(a_flow("F", "m"))
    data["milestones"][0]["schedule"] |= {"length": most + 1, "unit": unit.value}
    with pytest.raises(InvalidInput) as caught:
        converting.from_json(FlowTerms, data, "flow")
    assert caught.value.path == "flow.milestones[0].schedule.length"


@pytest.mark.rule("CARE-2")
def test_what_an_event_must_have_is_named_where_it_is_none():
    for where, path, got in (
        ({"plan": None}, "where.plan", "None"),
        ({"good": 1, "plan": [1]}, "where.plan", "a list"),
        ({"plan": "x" * 129}, "where.plan", "a text of 129 characters"),
        ({"what is it?": None}, "where", "None"),
        ({1: 1}, "where", "1"),
        (["plan"], "where", "a list"),
    ):
        with pytest.raises(InvalidInput) as caught:
            On(kind="training_plan.updated", where=where)
        assert (caught.value.path, caught.value.details["got"]) == (path, got)


@pytest.mark.rule("CARE-2")
def test_true_is_not_1_and_to_change_one_to_the_other_is_a_new_version(care):
    on = On(kind="training_plan.updated", where={"n": 1})
    assert on != On(kind="training_plan.updated", where={"n": True})
    assert on == On(kind="training_plan.updated", where={"n": 1})
    saved = care.save_flow(a_flow("Plans", "a"))
    (first,) = saved.flow.current.terms.milestones
    versions = [
        care.change_flow(
            saved.flow.id,
            evolve(saved.flow.current.terms, milestones=[evolve(first, schedule=evolve(on, where={"n": n}))]),
        ).flow.current.version
        for n in (1, True, True, 1)
    ]
    assert versions == [1, 2, 2, 3]
