"""CARE-12: where actions surface."""

from datetime import timedelta

import pytest
from tests.care.club import CALL, Club, days

from memberlogic.care.flows import Action, ActionKind, FlowTerms, Milestone, Surface
from memberlogic.contracts.notices import Severity
from memberlogic.errors import InvalidInput
from memberlogic.organizations.model import Tier
from memberlogic.testing import World


@pytest.fixture
def club(storage):
    return Club(World(storage))


def talk(surface):
    return Action(kind=ActionKind.CONVERSATION, surface=surface)


def care_notices(notices):
    return [(each.code, each.severity) for each in notices if each.code.startswith("checkin.care")]


@pytest.mark.rule("CARE-12", "CON-15")
def test_a_conversation_is_told_exactly_where_its_milestone_says(club):
    actions = {
        Surface.CHECK_IN_DIALOG: [("checkin.care_conversation", Severity.WARNING)],
        Surface.CHECK_IN_LIST: [("checkin.care_flag", Severity.INFO)],
        Surface.CARE_TOOL: [],
    }
    for surface, told in actions.items():
        member = club.member()
        flow = club.another_flow(surface.value, Milestone(name="Talk", schedule=days(3), action=talk(surface)))
        run = club.assign(member, flow).run
        club.world.wait(days=2)
        assert care_notices(club.world.org.contracts.notices(member, studio="north").notices) == []
        club.world.wait(days=1)
        answer = club.world.org.contracts.check_in(member, studio="north")
        assert answer.allowed
        assert care_notices(answer.notices) == told
        for where in Surface:
            listed = [each.step for each in club.care.work_list(surface=where).actions if each.member == member]
            assert bool(listed) is (where is surface)
        (action,) = club.care.run(run).open
        if told:
            (notice,) = [each for each in answer.notices if each.code == told[0][0]]
            assert notice.parameters["step"] == str(action.step)
            assert notice.parameters["day"] == club.today().isoformat()
            assert str(club.today()) in notice.text()
        club.care.complete(action.step, outcome="talked")
        club.world.wait(days=1)
        assert care_notices(club.world.org.contracts.check_in(member, studio="north").notices) == []
    assert club.care.work_list(surface=None).actions == ()


@pytest.mark.rule("CARE-12")
def test_appointments_and_calls_are_shown_in_the_care_tool_and_nowhere_else(club):
    for kind in (ActionKind.APPOINTMENT, ActionKind.PHONE_CALL):
        service = "check_up" if kind is ActionKind.APPOINTMENT else None
        for surface in (Surface.CHECK_IN_DIALOG, Surface.CHECK_IN_LIST):
            with pytest.raises(InvalidInput):
                Action(kind=kind, service=service, surface=surface)
    member = club.member()
    club.assign(member, club.another_flow("Call", Milestone(name="Call", schedule=days(0), action=CALL)))
    assert care_notices(club.world.org.contracts.check_in(member, studio="north").notices) == []
    assert [each.member for each in club.care.work_list().actions] == [member]


@pytest.mark.rule("CARE-12", "COM-14", "CARE-3")
def test_without_the_tier_nothing_is_told_at_the_door(club):
    member = club.member()
    dialog = Milestone(name="Talk", schedule=days(0), action=talk(Surface.CHECK_IN_DIALOG))
    club.assign(member, club.another_flow("Talk", dialog))
    club.world.ml.change_tier(club.world.organization.id, Tier.BASIC)
    assert care_notices(club.again().contracts.check_in(member, studio="north").notices) == []


@pytest.mark.rule("CARE-13", "COM-20", "COM-8")
def test_the_work_list_is_one_list_in_pages_whoever_wrote_what_down(club):
    other = club.world.studio("south")
    club.care.activate(club.configuration, studio=other)
    wanted = []
    for number in range(9):
        studio = "north" if number % 3 else other
        member = club.world.member()
        club.world.contract(member=member, studio=studio)
        calls = FlowTerms(name=f"Calls {number}", milestones=[_call(number % 4), _call(1)])
        flow = club.care.save_flow(calls).flow.id
        terms = club.terms()
        club.configure(manual=[*terms.manual, flow])
        run = club.care.assign(member, flow, studio=studio).run
        wanted.append((run, studio))
    club.world.wait(days=5)
    for run, _ in wanted[::2]:
        club.care.settle([run])
    for run, _ in wanted[::4]:
        (action,) = club.care.run(run).open
        club.care.postpone(action.step, to=club.today() + timedelta(days=len(wanted)))
    whole = club.care.work_list().actions
    assert sorted(each.run for each in whole) == sorted(run for run, _ in wanted)
    assert [each.key.order for each in whole] == sorted(each.key.order for each in whole)
    paged, last = [], None
    while True:
        page = club.care.work_list(after=last, size=2)
        paged += page.actions
        last = page.last
        if last is None:
            break
    assert tuple(paged) == whole
    assert [each.run for each in club.care.work_list(studio=other).actions] == [
        each.run for each in whole if each.studio == other
    ]
    late = club.care.work_list(overdue=True).actions
    assert [each.step for each in late] == [each.step for each in whole if each.overdue]
    assert {*late, *club.care.work_list(overdue=False).actions} == {*whole}
    assert late
    club.care.settle([run for run, _ in wanted])
    assert club.care.work_list().actions == whole


def _call(after):
    return Milestone(name="Call", schedule=days(after), action=CALL)
