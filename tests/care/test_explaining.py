"""CARE-17: nothing happens: why? A situation for every answer that there is."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from tests.care.club import CALL, MAIL, Club, call, days, mail

from memberlogic import converting
from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.care.answers import ANSWERS, sentence
from memberlogic.care.assigning import end_run
from memberlogic.care.explaining import CareExplained
from memberlogic.care.flows import Action, ActionKind, Milestone, On, Unseen
from memberlogic.care.keeping import posted
from memberlogic.care.model import EndReason
from memberlogic.contracts.rates import SwitchPath
from memberlogic.errors import PermissionDenied
from memberlogic.organizations.model import Tier
from memberlogic.organizations.quieting import QuietHours
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier, World

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
    club.world.org.contracts.freeze(contract, since=day, until=day + timedelta(days=14), reason="travel")
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
