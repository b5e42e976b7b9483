"""CARE-1, CARE-6: flows and configurations in files, JSON or TOML."""

from __future__ import annotations

from datetime import time

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.care.made import CALL, WEEK, HostTemplates, a_flow, step
from tests.test_converting import a_flow as a_full_flow

from memberlogic import converting
from memberlogic.calendar import Term
from memberlogic.care.catalogues import CATEGORY, Catalogues, EntryKind, TemplateEntry
from memberlogic.care.checking import PickUnknown
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.configuring import ConfigurationFlowNotInUse
from memberlogic.care.exchanging import PartChange
from memberlogic.care.flows import After, DelayUnit, FlowState, FlowTerms, Milestone, On, Unseen
from memberlogic.care.programmes import ConfigurationInFile, FileForm, Programme, RateFlowInFile, read_programme
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.ids import ExternalId
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

tomli_w = pytest.importorskip("tomli_w", reason="TOML is written by tomli-w: pip install --group test")

pytestmark = pytest.mark.rule("CARE-1", "CARE-6")

HELLO = TemplateEntry(code="hello", channels=frozenset({"email"}), categories=frozenset({CATEGORY}))


def a_world(storage):
    world = World(storage, catalogues=Catalogues(templates=HostTemplates(HELLO)))
    care = world.org.care
    care.save_entry(EntryKind.COMPETENCE, code="trainer")
    care.save_entry(EntryKind.EMPLOYEE, code="e-1")
    care.save_entry(EntryKind.SERVICE, code="check-up")
    return world


@pytest.fixture
def world(storage):
    return a_world(storage)


def rate_of(world):
    return world.org.contracts.rate(world.rate())


def without_ids(terms):
    return evolve(terms, milestones=tuple(evolve(each, id=None) for each in terms.milestones))


def a_programme(world):
    """A full flow, a retired one, and configurations with all that they can say."""
    care = world.org.care
    full = care.save_flow(without_ids(a_full_flow())).flow.id
    old = care.save_flow(a_flow("Old", "a")).flow.id
    unused = care.save_flow(a_flow("Unused and retired", "a")).flow.id
    terms = ConfigurationTerms(
        name="Standard",
        default_flow=full,
        rate_flows=[RateFlow(rate_of(world).id, full)],
        manual=[old, full],
        complete_automatically_after=Term.of_days(14),
    )
    care.create_configuration(terms)
    care.create_configuration(ConfigurationTerms(name="Empty"))
    for each in (old, unused):
        care.retire_flow(each)


@pytest.mark.parametrize("form", FileForm)
def test_what_is_exported_is_imported_elsewhere_and_twice_changes_nothing(storage, world, form):
    a_programme(world)
    exported = world.org.care.export_programme()
    text = exported.as_json() if form is FileForm.JSON else exported.as_toml()
    assert read_programme(text, form) == exported
    before = world.events()
    same = world.org.care.import_programme(text, form=form)
    assert {each.change for each in (*same.flows, *same.configurations)} == {PartChange.UNCHANGED}
    assert world.events() == before, "what is here already changes nothing"

    other = a_world(storage)
    (rate,) = {each.rate for each in exported.configurations[1].rate_flows}
    other.org.contracts.open_rate(code=rate, terms=world.org.contracts.rates()[0].terms)
    planned = other.org.care.check_programme(text, form=form)
    assert planned.may_be_imported
    assert [(each.name, each.change, each.id) for each in planned.flows] == [
        ("Old", PartChange.CREATED, None),
        ("Onboarding", PartChange.CREATED, None),
    ]
    made = other.org.care.import_programme(text, form=form)
    assert {each.change for each in (*made.flows, *made.configurations)} == {PartChange.CREATED}
    assert other.org.care.export_programme() == exported
    assert other.org.care.flow(made.flows[0].id).state is FlowState.RETIRED
    before = other.events()
    again = other.org.care.import_programme(text, form=form)
    assert {each.change for each in (*again.flows, *again.configurations)} == {PartChange.UNCHANGED}
    assert [each.id for each in again.flows] == [each.id for each in made.flows]
    assert other.events() == before
    assert again.explain().summary == "Imported: 0 created, 0 changed, 4 unchanged."


def test_milestones_keep_their_ids_where_they_are_known_by_what_they_are(world):
    care = world.org.care
    flow = care.save_flow(a_flow("Onboarding", "a", "b", "c")).flow
    a, b, c = (each.id for each in flow.current.terms.milestones)
    later = step("b", After(length=2, unit=DelayUnit.WEEKS))
    programme = Programme(flows=[FlowTerms(name="Onboarding", milestones=[step("new"), step("c"), later, step("a")])])
    imported = care.import_programme(programme.as_mapping())
    assert [each.change for each in imported.flows] == [PartChange.CHANGED]
    after = care.flow(flow.id).current
    assert after.version == 1
    assert [each.id for each in after.terms.milestones][1:] == [c, b, a]
    assert after.terms.milestones[0].id not in (a, b, c)


def test_what_a_file_does_not_name_stays(world):
    care = world.org.care
    kept = care.save_flow(a_flow("Kept", "a")).flow
    configuration = care.create_configuration(ConfigurationTerms(name="Kept", manual=[kept.id]))
    care.import_programme({"flows": [], "configurations": [{"name": "New", "default_flow": "Kept"}]})
    assert care.flow(kept.id) == kept
    assert care.configuration(configuration.id) == configuration
    assert [each.terms.default_flow for each in care.configurations()] == [None, kept.id]


def test_a_file_retires_a_flow_and_brings_it_back(world):
    care = world.org.care
    flow = care.save_flow(a_flow("Onboarding", "a")).flow.id
    said = care.export_programme()
    care.import_programme(evolve(said, retired=["Onboarding"]).as_json())
    assert care.flow(flow).state is FlowState.RETIRED
    again = care.import_programme(evolve(said, retired=["Onboarding"]).as_json())
    assert again.flows[0].change is PartChange.UNCHANGED
    care.import_programme(said.as_json())
    assert care.flow(flow).state is FlowState.IN_USE
    assert care.flow(flow).current.version == 0


def test_a_rate_is_named_by_its_code_or_by_the_hosts_id(world):
    care, contracts = world.org.care, world.org.contracts
    terms = contracts.rates()[0].terms if contracts.rates() else rate_of(world).terms
    known = ExternalId("crm", "year")
    contracts.open_rate(code="year", terms=terms, external_ids=[known])
    flows = [converting.to_json(without_ids(a_flow("Onboarding", "a")))]
    by = [{"rate": "year"}, {"external_id": {"source": "crm", "value": "year"}}]
    for each in by:
        said = {"flows": flows, "configurations": [{"name": "A", "rate_flows": [each | {"flow": "Onboarding"}]}]}
        care.import_programme(said)
    (configuration,) = care.configurations()
    assert configuration.version == 0, "both are the same rate"
    both = [each | {"flow": "Onboarding"} for each in by]
    with pytest.raises(InvalidInput) as caught:
        care.import_programme({"flows": flows, "configurations": [{"name": "B", "rate_flows": both}]})
    assert caught.value.path == "$.configurations[0].rate_flows[1].external_id"


GOOD = {"name": "F", "milestones": [{"name": "a", "action": {"kind": "phone_call"}}]}
LATER = {"is": "After", "length": 1, "unit": "days"}


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"flows": [GOOD, {"name": "X", "milestones": []}]}, "$.flows[1].milestones"),
        ({"flows": [{"name": "X"}]}, "$.flows[0].milestones"),
        ({"flows": [GOOD | {"colour": "red"}]}, "$.flows[0].colour"),
        ({"flows": [GOOD, GOOD]}, "$.flows[1]"),
        ({"flows": [{"name": "X", "milestones": [{"name": "a"}]}]}, "$.flows[0].milestones[0].action"),
        (
            {"flows": [{"name": "X", "milestones": [GOOD["milestones"][0] | {"schedule": LATER | {"length": -1}}]}]},
            "$.flows[0].milestones[0].schedule.length",
        ),
        (
            {"flows": [{"name": "X", "milestones": [GOOD["milestones"][0] | {"schedule": LATER | {"unit": "fort"}}]}]},
            "$.flows[0].milestones[0].schedule.unit",
        ),
        (
            {"flows": [{"name": "X", "milestones": [GOOD["milestones"][0] | {"id": str(WEEK)}]}]},
            "$.flows[0].milestones[0].id",
        ),
        (
            {
                "flows": [
                    {
                        "name": "X",
                        "milestones": [GOOD["milestones"][0] | {"id": "00000000-0000-7000-0000-000000000001"}],
                    }
                ]
            },
            "$.flows[0].milestones[0].id",
        ),
        ({"flows": [GOOD], "retired": ["G"]}, "$.retired[0]"),
        ({"configurations": [{"name": "C", "manual": ["F", "G"]}], "flows": [GOOD]}, "$.configurations[0].manual[1]"),
        ({"configurations": [{"name": "C", "default_flow": "G"}]}, "$.configurations[0].default_flow"),
        (
            {"configurations": [{"name": "C", "rate_flows": [{"rate": "none", "flow": "F"}]}], "flows": [GOOD]},
            "$.configurations[0].rate_flows[0].rate",
        ),
        (
            {"configurations": [{"name": "C", "rate_flows": [{"flow": "F"}]}], "flows": [GOOD]},
            "$.configurations[0].rate_flows[0].rate",
        ),
        ({"configurations": [{"name": "C"}, {"name": "C"}]}, "$.configurations[1]"),
        ({"flow": []}, "$.flow"),
        ([], "$"),
        ("{", "$"),
        ('{"flows": [], "flows": []}', "$"),
        ("[" * 100_000, "$"),
        ("1" * 5_000, "$"),
        (7, "$"),
    ],
)
def test_what_is_wrong_is_named_by_its_path_and_nothing_is_imported(said, path):
    world = a_world(MemoryStorage())
    before = world.events()
    with pytest.raises(InvalidInput) as caught:
        world.org.care.import_programme(said)
    assert caught.value.path == path
    assert world.events() == before


STEP = '[[flows]]\nname = "Onboarding"\n[[flows.milestones]]\nname = "Call"\n'
FLOW = STEP + 'action = { kind = "phone_call" }\n'
CONFIGURATION = '[[configurations]]\nname = "North"\n'
MILESTONE, NAMED = "$.flows[0].milestones[0]", "an object with milestones, name"
KINDS, UNITS = "one of appointment, phone_call, conversation", "one of hours, days, weeks, months"
SCHEDULES = "one of After, On, Unseen"


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("text", "path", "expected", "got"),
    [
        ("flows = [\n", "$", "TOML", "something else at the end, line 1: invalid value"),
        ("a = 1\na = 2\nb = 3", "$", "TOML", "something else at line 2, column 6: cannot overwrite a value"),
        ("[[flow]]", "$.flow", "one of configurations, flows, retired", "an unknown field"),
        ("flows = true", "$.flows", "a list", "True"),
        ('flows = "Onboarding"', "$.flows", "a list", "a text of 10 characters"),
        ('[flows]\nname = "x"', "$.flows", "a list", "an object"),
        ('flows = ["Onboarding"]', "$.flows[0]", NAMED, "a text of 10 characters"),
        ('[[flows]]\nname = "x"', "$.flows[0].milestones", "a list", "nothing"),
        ('[[flows]]\nname = "x"\nmilestones = { name = "x" }', "$.flows[0].milestones", "a list", "an object"),
        (
            FLOW.replace("name =", "nmae =", 1),
            "$.flows[0].nmae",
            "one of milestones, name, pauses_while_frozen, purpose",
            "an unknown field",
        ),
        (FLOW.replace('"Onboarding"', "7"), "$.flows[0].name", "a text", "7"),
        (STEP, f"{MILESTONE}.action", "an action, a message or both", "neither"),
        (STEP + 'action = { kind = "fax" }', f"{MILESTONE}.action.kind", KINDS, "a text of 3 characters"),
        (STEP + "action = {}", f"{MILESTONE}.action.kind", KINDS, "nothing"),
        (
            STEP + 'message = { template = "hello", chanel = "email" }',
            f"{MILESTONE}.message.chanel",
            "one of channel, template",
            "an unknown field",
        ),
        (FLOW + "schedule = { length = 3 }", f"{MILESTONE}.schedule.is", SCHEDULES, "nothing"),
        (FLOW + 'schedule = { is = "Later" }', f"{MILESTONE}.schedule.is", SCHEDULES, "a text of 5 characters"),
        (
            FLOW + 'schedule = "after 3 days"',
            f"{MILESTONE}.schedule",
            f"an object with the field is, {SCHEDULES}",
            "a text of 12 characters",
        ),
        (
            FLOW + 'schedule = { is = "After", length = 3, unit = "fortnights" }',
            f"{MILESTONE}.schedule.unit",
            UNITS,
            "a text of 10 characters",
        ),
        (
            FLOW + 'schedule = { is = "After", unit = "days" }',
            f"{MILESTONE}.schedule.length",
            "a whole number",
            "nothing",
        ),
        (
            FLOW + 'schedule = { is = "After", unit = "days", length = "3" }',
            f"{MILESTONE}.schedule.length",
            "a whole number",
            "a text of 1 character",
        ),
        (FLOW * 2, "$.flows[1]", "each name once", "Onboarding again"),
        ('retired = ["Old"]', "$.retired[0]", "the name of a flow of the file", "Old"),
        (
            CONFIGURATION + 'manual = ["Old"]',
            "$.configurations[0].manual[0]",
            "the name of a flow of the file, or of one that is here",
            "Old",
        ),
        (
            FLOW + CONFIGURATION + 'manual = ["Onboarding", "Onboarding"]',
            "$.configurations[0].manual[1]",
            "each name once",
            "Onboarding again",
        ),
        (
            FLOW + CONFIGURATION + 'rate_flows = [{ rate = "gold", flow = "Onboarding" }]',
            "$.configurations[0].rate_flows[0].rate",
            "a rate that is here",
            "gold",
        ),
        (
            CONFIGURATION + "complete_automatically_after = { length = 3 }",
            "$.configurations[0].complete_automatically_after.length",
            "one of days, months",
            "an unknown field",
        ),
    ],
)
def test_a_broken_file_says_where_what_was_expected_and_what_is_there(text, path, expected, got):
    with pytest.raises(InvalidInput) as caught:
        World(MemoryStorage()).org.care.import_programme(text, form=FileForm.TOML)
    assert caught.value.details == {"path": path, "expected": expected, "got": got}


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("text", "got"),
    [
        ('{"flows": [\n  {"name" "x"}\n]}', "something else at line 2, column 11: expecting ':' delimiter"),
        ("", "something else at line 1, column 1: expecting value"),
        ('{"flows": [{"name": "a", "name": "b"}]}', "name again"),
    ],
)
def test_broken_json_says_the_line_and_names_a_key_that_comes_twice(text, got):
    with pytest.raises(InvalidInput) as caught:
        read_programme(text)
    assert caught.value.details["got"] == got


@pytest.mark.rule("CARE-6")
def test_a_flow_is_on_the_manual_list_once(world):
    flow = world.org.care.save_flow(a_flow("Onboarding", "a")).flow.id
    with pytest.raises(InvalidInput) as caught:
        ConfigurationTerms(name="North", manual=[flow, flow])
    assert caught.value.path == "manual"


@pytest.mark.rule("CARE-5")
def test_what_is_missing_in_the_catalogues_is_named_by_its_path(world):
    missing = {"name": "a", "action": {"kind": "phone_call", "employee": "e-9"}}
    mail = {"name": "b", "message": {"template": "nothing", "channel": "email"}}
    said = {
        "flows": [GOOD, {"name": "X", "milestones": [missing, mail]}],
        "configurations": [{"name": "C", "manual": ["X"]}],
    }
    checked = world.org.care.check_programme(said)
    assert [each.details["path"] for each in checked.refusals] == [
        "$.flows[1].milestones[0].action.employee",
        "$.flows[1].milestones[1].message.template",
    ]
    assert checked.explain().summary == "It cannot be imported."
    with pytest.raises(PickUnknown):
        world.org.care.import_programme(said)
    assert not list(world.org.care.flows())


def test_a_flow_that_is_here_already_is_not_looked_at_again(world):
    care = world.org.care
    care.save_flow(
        FlowTerms(name="Onboarding", milestones=[evolve(step("a"), action=evolve(CALL.action, employee="e-1"))])
    )
    said = care.export_programme().as_json()
    care.retire_entry(EntryKind.EMPLOYEE, code="e-1")
    assert care.import_programme(said).flows[0].change is PartChange.UNCHANGED


def test_a_retired_flow_comes_into_a_configuration_only_where_the_file_has_it_so(world):
    care = world.org.care
    flow = care.save_flow(a_flow("Onboarding", "a")).flow.id
    care.retire_flow(flow)
    with pytest.raises(ConfigurationFlowNotInUse) as caught:
        care.import_programme({"configurations": [{"name": "C", "manual": ["Onboarding"]}]})
    assert caught.value.details["path"] == "$.configurations[0]"


@pytest.mark.parametrize("text", ["flows = 1", "flows = [", "a = 1\na = 2", "[[flows]]\nname = 1979-05-27"])
def test_a_broken_toml_file_says_where(text):
    with pytest.raises(InvalidInput) as caught:
        read_programme(text, FileForm.TOML)
    assert caught.value.path.startswith("$")


def test_toml_may_say_a_time_of_day_as_its_own():
    text = """
        [[flows]]
        name = "Onboarding"
        [[flows.milestones]]
        name = "Call"
        schedule = { is = "After", length = 3, unit = "days", at = 09:30:00 }
        action = { kind = "phone_call" }
    """
    (flow,) = read_programme(text, FileForm.TOML).flows
    assert flow.milestones[0].schedule == After(length=3, unit=DelayUnit.DAYS, at=time(9, 30))


@pytest.mark.rule("COM-13")
def test_importing_creates_and_changes_and_needs_both_permissions(world):
    said = Programme(flows=[a_flow("Onboarding", "a")]).as_json()
    for given_ in (["settings.care:update"], ["settings.care:create"], ["settings.care:read"]):
        with pytest.raises(PermissionDenied):
            world.staff(*given_).care.import_programme(said)
    assert world.staff("settings.care:read").care.check_programme(said).may_be_imported
    assert world.staff("settings.care:create", "settings.care:update").care.import_programme(said).flows


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
schedules = (
    st.none()
    | st.builds(Unseen, days=st.integers(1, 3660))
    | st.builds(After, length=st.integers(0, 100), unit=st.sampled_from(DelayUnit))
    | st.builds(After, length=st.integers(0, 100), unit=st.just(DelayUnit.DAYS), at=st.times())
    | st.builds(
        On,
        kind=st.just("training_plan.updated"),
        where=st.dictionaries(names, st.booleans() | st.integers(-(2**53), 2**53) | names, max_size=3),
        times=st.integers(1, 3),
    )
)
milestones = st.builds(Milestone, name=names, schedule=schedules, action=st.just(CALL.action))
flows = st.lists(
    st.builds(FlowTerms, name=names, milestones=st.lists(milestones, min_size=1, max_size=4), purpose=st.just("p")),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.name,
)


@st.composite
def programmes(draw):
    made = draw(flows)
    some = st.sampled_from([each.name for each in made])
    configuration = st.builds(
        ConfigurationInFile,
        name=names,
        default_flow=st.none() | some,
        manual=st.lists(some, max_size=3, unique=True),
        rate_flows=st.lists(
            st.builds(RateFlowInFile, flow=some, rate=st.just("year"))
            | st.builds(RateFlowInFile, flow=some, external_id=st.builds(ExternalId, st.just("crm"), names)),
            max_size=2,
        ),
        complete_automatically_after=st.none() | st.builds(Term.of_days, st.integers(1, 400)),
    )
    configurations = draw(st.lists(configuration, max_size=3, unique_by=lambda each: each.name))
    retired = draw(st.lists(some, unique=True, max_size=2))
    return Programme(flows=made, retired=retired, configurations=configurations)


@given(programmes())
def test_every_file_is_read_as_it_was_written(programme):
    assert read_programme(programme.as_json()) == programme
    assert read_programme(programme.as_toml(), FileForm.TOML) == programme
    assert read_programme(programme.as_mapping()) == programme


@given(flows, flows)
def test_after_importing_the_organization_is_as_the_file_says(first, second):
    care = World(MemoryStorage()).org.care
    for said in (first, second, second):
        imported = care.import_programme(Programme(flows=said).as_json())
    assert {each.change for each in imported.flows} <= {PartChange.UNCHANGED}
    there = {each.name: without_ids(each.current.terms) for each in care.flows()}
    assert there == {each.name: each for each in (*first, *second)}
