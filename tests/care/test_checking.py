"""CARE-4, CARE-5, CARE-2: what a flow refers to has to be there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st
from tests.care.made import WEEK, HostTemplates, a_flow, step
from tests.walking import modules

from memberlogic.care.catalogues import CATEGORY, Catalogues, Entry, EntryKind, TemplateEntry
from memberlogic.care.checking import (
    EventFieldUnknown,
    EventUnknown,
    PickRetired,
    PickUnknown,
    TemplateLacksCategory,
    TemplateLacksChannel,
    member_events,
    prerequisites,
)
from memberlogic.care.flows import Action, ActionKind, FlowTerms, MessageContent, Milestone, On, Surface
from memberlogic.care.looking_up import CatalogueIsTheHosts, Found
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.events import event_types
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CARE-5")

TEMPLATES = HostTemplates(
    TemplateEntry(code="hello", channels=frozenset({"email", "sms"}), categories=frozenset({CATEGORY})),
    TemplateEntry(code="invoice", channels=frozenset({"email"}), categories=frozenset({"BILLING"})),
    TemplateEntry(code="old", channels=frozenset({"email"}), categories=frozenset({CATEGORY}), in_use=False),
)


@pytest.fixture
def world(storage):
    return World(storage, catalogues=Catalogues(templates=TEMPLATES))


@pytest.fixture
def care(world):
    care = world.org.care
    care.save_entry(EntryKind.COMPETENCE, code="trainer", name="Trainer")
    care.save_entry(EntryKind.COMPETENCE, code="masseur")
    care.save_entry(EntryKind.SERVICE, code="check-up", name="Check-up")
    care.save_entry(EntryKind.EMPLOYEE, code="e-1", name="Ana", competences=["trainer"])
    care.save_entry(EntryKind.EMPLOYEE, code="e-2", competences=["trainer", "masseur"])
    return care


def message(template, channel="email"):
    content = MessageContent(template=template, channel=channel)
    return Milestone(name="Mail", schedule=WEEK, message=content)


def action(**said):
    said.setdefault("kind", ActionKind.APPOINTMENT if "service" in said else ActionKind.PHONE_CALL)
    return Milestone(name="Act", schedule=WEEK, action=Action(**said))


def of(*milestones):
    return FlowTerms(name="Onboarding", milestones=milestones)


def test_a_flow_whose_picks_are_there_is_saved(care):
    everything = of(
        message("hello", "sms"),
        action(service="check-up", employee="e-1"),
        action(competence="masseur"),
        step("on", On(kind="training_plan.updated")),
        step("on", On(kind="visit.recorded")),
    )
    assert care.check_flow(everything).may_be_saved
    assert care.save_flow(everything).new_version


@pytest.mark.parametrize(
    ("milestone", "refusal", "path"),
    [
        (message("nothing"), PickUnknown, "message.template"),
        (message("old"), PickRetired, "message.template"),
        (message("invoice"), TemplateLacksCategory, "message.template"),
        (message("hello", "letter"), TemplateLacksChannel, "message.channel"),
        (action(service="massage"), PickUnknown, "action.service"),
        (action(employee="e-9"), PickUnknown, "action.employee"),
        (action(competence="cook"), PickUnknown, "action.competence"),
        (step("on", On(kind="visit.happened")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="contract.mine")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="rate.opened")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="care.flow_saved")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="host.published")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="updated")), EventUnknown, "schedule.kind"),
        (step("on", On(kind="visit.recorded", where={"stdio": "north"})), EventFieldUnknown, "schedule.where.stdio"),
        (step("on", On(kind="visit.recorded", where={"members": "x"})), EventFieldUnknown, "schedule.where.members"),
    ],
)
def test_what_is_missing_is_named_with_its_place(world, care, milestone, refusal, path):
    terms = of(step("first"), milestone)
    checked = care.check_flow(terms)
    assert [type(each) for each in checked.refusals] == [refusal]
    assert checked.refusals[0].details["path"] == f"milestones[1].{path}"
    before = world.events()
    with pytest.raises(refusal):
        care.save_flow(terms)
    flow = care.save_flow(a_flow("Another", "a")).flow.id
    with pytest.raises(refusal):
        care.change_flow(flow, terms)
    with pytest.raises(refusal):
        care.add_milestone(flow, milestone)
    assert [each.event.type for each in world.events()[len(before) :]] == ["care.flow_saved"]


@pytest.mark.rule("CARE-2")
@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("visit.recordd", "visit.recorded"),
        ("contract.payed", "contract.paid"),
        ("points.earnt", "points.earned"),
        ("consent.zzzzzzzzzzzzzzzz", "consent.given"),
    ],
)
def test_a_kind_that_looks_like_one_of_ours_is_refused_with_those_that_may_have_been_meant(care, kind, meant):
    with pytest.raises(EventUnknown) as wrong:
        care.save_flow(of(step("on", On(kind=kind))))
    assert wrong.value.details["path"] == "milestones[0].schedule.kind"
    assert meant in wrong.value.details["near"]
    assert f"is of the kind {kind}; near it: {', '.join(wrong.value.details['near'])}." in str(wrong.value)


@pytest.mark.rule("CARE-2")
def test_every_kind_of_ours_and_those_of_the_host_may_start_a_milestone(care):
    steps = [step(kind, On(kind=kind)) for kind in (*sorted(member_events()), "training_plan.updated", "visits.made")]
    assert care.save_flow(of(*steps)).new_version


def test_asking_first_answers_everything_at_once(care):
    terms = of(message("nothing"), message("invoice", "sms"), action(service="massage", employee="e-9"))
    checked = care.check_flow(terms)
    assert [each.code for each in checked.refusals] == [
        "care.pick_unknown",
        "care.template_lacks_category",
        "care.template_lacks_channel",
        "care.pick_unknown",
    ]
    said = checked.explain()
    assert said.summary == "The flow cannot be saved."
    assert [each.code for each in said.reasons] == [each.code for each in checked.refusals]


@pytest.mark.parametrize("kind", EntryKind)
def test_what_is_retired_cannot_be_picked_until_it_is_back(care, kind):
    code = {EntryKind.SERVICE: "check-up", EntryKind.EMPLOYEE: "e-1", EntryKind.COMPETENCE: "masseur"}[kind]
    terms = of(action(**{kind.value: code}))
    assert care.check_flow(terms).may_be_saved
    saved = care.save_flow(terms)
    care.retire_entry(kind, code=code)
    with pytest.raises(PickRetired) as caught:
        care.copy_flow(saved.flow.id, name="Copy")
    assert (caught.value.details["kind"], caught.value.details["picked"]) == (kind.value, code)
    care.save_entry(kind, code=code)
    assert care.copy_flow(saved.flow.id, name="Copy").new_version


def test_what_may_be_picked_is_listed(care):
    care.save_entry(EntryKind.SERVICE, code="a-service")
    assert [each.code for each in care.available_services()] == ["a-service", "check-up"]
    assert [each.code for each in care.available_employees()] == ["e-1", "e-2"]
    assert [each.code for each in care.available_employees(competence="masseur")] == ["e-2"]
    assert [each.code for each in care.available_competences()] == ["masseur", "trainer"]
    assert [each.code for each in care.available_templates()] == ["hello"]
    assert [each.code for each in care.available_templates(channel="sms")] == ["hello"]
    assert care.available_templates(channel="letter") == ()
    care.retire_entry(EntryKind.EMPLOYEE, code="e-2")
    care.retire_entry(EntryKind.SERVICE, code="a-service")
    assert [each.code for each in care.available_employees(competence="trainer")] == ["e-1"]
    assert [each.code for each in care.available_services()] == ["check-up"]
    assert [(each.code, each.in_use) for each in care.entries(EntryKind.SERVICE)] == [
        ("a-service", False),
        ("check-up", True),
    ]


def test_an_entry_is_said_again_and_what_says_nothing_new_changes_nothing(world, care):
    before = world.events()
    care.save_entry(EntryKind.EMPLOYEE, code="e-2", competences=["masseur", "trainer"])
    assert world.events() == before
    saved = care.save_entry(EntryKind.EMPLOYEE, code="e-2", name="Ben", competences=["trainer"])
    assert (saved.kind, saved.code, saved.in_use) == (EntryKind.EMPLOYEE, "e-2", True)
    assert care.available_employees()[1] == Entry(
        kind=EntryKind.EMPLOYEE, code="e-2", name="Ben", competences=("trainer",)
    )
    assert not care.retire_entry(EntryKind.EMPLOYEE, code="e-2").in_use
    before = world.events()
    care.retire_entry(EntryKind.EMPLOYEE, code="e-2")
    assert world.events() == before
    with pytest.raises(NotFound):
        care.retire_entry(EntryKind.EMPLOYEE, code="e-9")
    with pytest.raises(NotFound):
        care.save_entry(EntryKind.EMPLOYEE, code="e-2", competences=["cook"])
    with pytest.raises(InvalidInput):
        care.save_entry(EntryKind.SERVICE, code="check-up", competences=["trainer"])


@pytest.mark.rule("COM-10", "COM-9")
def test_the_name_of_an_employee_stays_in_the_catalogue(world, care):
    care.save_entry(EntryKind.EMPLOYEE, code="e-3", name="Somebody Else", idempotency_key="k")
    assert not [each for each in world.events() if "Somebody" in repr(each)]
    assert "Somebody" not in repr(care.save_entry(EntryKind.EMPLOYEE, code="e-3", name="Somebody Else"))


class OneService:
    """A catalogue of the host's, with one service and nothing else."""

    def known(self, _, kind, codes):
        return {each.code: each for each in self.all(_, kind) if each.code in codes}

    def all(self, _, kind):
        return [Entry(kind=kind, code="massage")] if kind is EntryKind.SERVICE else []


def test_the_hosts_catalogue_is_looked_at_where_there_is_one(storage):
    care = World(storage, catalogues=Catalogues(catalogue=OneService())).org.care
    assert [each.code for each in care.available_services()] == ["massage"]
    assert care.save_flow(of(action(service="massage"))).new_version
    for refused in (
        lambda: care.save_entry(EntryKind.SERVICE, code="check-up"),
        lambda: care.retire_entry(EntryKind.SERVICE, code="massage"),
        lambda: care.entries(EntryKind.SERVICE),
    ):
        with pytest.raises(CatalogueIsTheHosts):
            refused()


KINDS = st.sampled_from(ActionKind)
CODES = st.none() | st.just("a")


@pytest.mark.rule("CARE-4")
@given(kind=KINDS, service=CODES, employee=CODES, competence=CODES, surface=st.sampled_from(Surface))
def test_an_action_has_what_its_kind_has_and_is_for_one(kind, service, employee, competence, surface):
    well = (
        (service is not None) == (kind is ActionKind.APPOINTMENT)
        and (employee is None or competence is None)
        and (surface is Surface.CARE_TOOL or kind is ActionKind.CONVERSATION)
    )
    said = {"kind": kind, "service": service, "employee": employee, "competence": competence, "surface": surface}
    if well:
        assert Action(**said).kind is kind
    else:
        with pytest.raises(InvalidInput):
            Action(**said)


@pytest.mark.rule("CARE-4")
def test_a_milestone_has_an_action_a_message_or_both():
    with pytest.raises(InvalidInput):
        Milestone(name="Nothing", schedule=WEEK)
    both = evolve(message("hello"), action=Action(kind=ActionKind.PHONE_CALL))
    assert both.action is not None
    assert both.message is not None


there = st.frozensets(st.sampled_from("abc"))


@given(there=there, used=there, asked=st.lists(st.sampled_from("abc"), min_size=1, max_size=5))
def test_a_pick_is_refused_exactly_when_it_is_not_there_in_use(there, used, asked):
    terms = of(*(action(employee=each) for each in asked))
    known = {each: Entry(kind=EntryKind.EMPLOYEE, code=each, in_use=each in used) for each in there}
    refused = prerequisites(terms, Found(templates={}, entries={EntryKind.EMPLOYEE: known}))
    assert [each.details["path"] for each in refused] == [
        f"milestones[{place}].action.employee" for place, each in enumerate(asked) if each not in there & used
    ]


@pytest.mark.rule("CARE-2")
def test_a_field_that_an_event_of_ours_does_not_have_is_refused_with_those_that_it_has(care):
    on = On(kind="visit.refused", where={"studio": "north", "reason": "late"})
    with pytest.raises(EventFieldUnknown) as wrong:
        care.save_flow(of(step("on", on)))
    assert str(wrong.value) == (
        "milestones[0].schedule.where.reason: an event visit.refused has no field reason; it has visit, member, studio,"
        " service, day, codes."
    )


@pytest.mark.rule("CARE-2")
@given(data=st.data())
def test_every_field_of_an_event_of_ours_may_be_asked_for_and_whatever_a_host_publishes(data):
    modules()
    kind = data.draw(st.sampled_from(sorted(member_events())))
    name = data.draw(st.sampled_from([each.name for each in fields(event_types()[kind]) if each.name != "members"]))
    steps = [step("ours", On(kind=kind, where={name: "x"})), step("theirs", On(kind="plan.made", where={name: "x"}))]
    assert prerequisites(of(*steps), Found(templates={}, entries={})) == ()


@pytest.mark.rule("CARE-2", "COM-10")
def test_every_event_of_ours_is_known_to_whoever_imports_the_front_door_alone():
    asks = (
        "import memberlogic.application;"
        "from memberlogic.events import event_types, is_hosts_kind;"
        "from memberlogic.wording import LINES;"
        "ours = {type for lines in LINES.values() for type in lines};"
        "print(sorted(ours - event_types().keys()), [each for each in sorted(ours) if is_hosts_kind(each)])"
    )
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"


@pytest.mark.rule("CARE-2")
def test_which_events_start_milestones_does_not_hang_on_what_was_imported():
    asks = "from memberlogic.care.checking import member_events; print(*sorted(member_events()))"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    modules()
    assert done.stdout.split() == sorted(member_events())
    assert member_events() <= event_types().keys()


@pytest.mark.rule("CARE-2")
def test_milestones_start_on_events_that_concern_members():
    modules()
    events = member_events()
    assert {"visit.recorded", "contract.cancellation_filed", "purchase.recorded", "points.earned"} <= events
    assert not {"rate.opened", "studio.opened", "contract_batch.opened", "care.flow_saved"} & events


def test_without_templates_there_are_none():
    care = World(MemoryStorage()).org.care
    assert care.available_templates() == ()
    with pytest.raises(PickUnknown):
        care.save_flow(of(message("hello")))
