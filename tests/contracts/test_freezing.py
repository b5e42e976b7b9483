"""CON-5, CON-6, CON-8: freezes: what the rate allows, what they move, and how they end."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.contracts.dated import FEE, contract, freeze, terms

from memberlogic import Money
from memberlogic.actors import Actor
from memberlogic.calendar import Term
from memberlogic.contracts import freeze_checking, freezing, unfreezing
from memberlogic.contracts import freeze_refusals as refused
from memberlogic.contracts.freeze_checking import FreezeCheck, first_start
from memberlogic.contracts.freeze_facts import FreezeFacts, whole_months
from memberlogic.contracts.freeze_policies import FREEZING
from memberlogic.contracts.freeze_telling import tell_freezes
from memberlogic.contracts.freezing import FileFreeze
from memberlogic.contracts.lifecycle import over_on
from memberlogic.contracts.model import Cancellation, CancellationKind, ContractStatus
from memberlogic.contracts.rates import EndsWithTerm, Extends, FreezePolicy, FreezeUnit, RunsOn, SwitchesTo
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans
from memberlogic.contracts.unfreezing import EndFreeze, WithdrawFreeze
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound, PermissionDenied, from_json
from memberlogic.ids import FreezeId, RateId, new_id

pytestmark = pytest.mark.rule("CON-5")

TODAY = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
MONTH = Term.of_months(1)
ALLOWED = FreezePolicy(allowed=True)


def later(days):
    return TODAY + timedelta(days=days)


def cancelled(on):
    return Cancellation(
        kind=CancellationKind.ORDINARY, reason="moved", received_on=TODAY, filed_on=TODAY, effective_on=on
    )


def policy(**said):
    return FreezePolicy(**({"allowed": True} | said))


def asked(made, since, until):
    return FreezeFacts(contract=made, course=Course.of(made), today=TODAY, since=since, until=until)


def codes(made, since, until):
    return [each.code for each in FREEZING.refusals(asked(made, since, until))]


def made_of(*freezes, start=TODAY, cancellation=None, **said):
    rate = terms(**({"freezes": ALLOWED} | said))
    return contract(rate, signed=start, start=start, freezes=tuple(freezes), cancellation=cancellation)


def frozen(made, since, until, now=NOW):
    """A contract after a freeze was filed."""
    wanted = FileFreeze(contract=made.id, since=since, until=until, reason="ill")
    return freezing.freeze(made, wanted, FreezeId(new_id()), now).facts[0].contract


# Each limit on the day before, on and after its boundary: what the rate says, the days that are asked for, the breach.
LIMITS = [
    (policy(allowed=False), 0, 10, "freeze.not_allowed"),
    (policy(least_days=7), 0, 6, "freeze.too_short"),
    (policy(least_days=7), 0, 7, None),
    (policy(most_days=7), 0, 7, None),
    (policy(most_days=7), 0, 8, "freeze.too_long"),
    (policy(most_days=0, open_ended=True), 0, None, "freeze.too_long"),
    (policy(notice_days=3), 2, 9, "freeze.needs_notice"),
    (policy(notice_days=3), 3, 9, None),
    (policy(unit=FreezeUnit.WEEK), 4, 18, None),  # 19 January 2026 is a Monday
    (policy(unit=FreezeUnit.WEEK), 3, 17, "freeze.begins_within_unit"),
    (policy(unit=FreezeUnit.WEEK), 4, 17, "freeze.not_whole_units"),
    (policy(unit=FreezeUnit.MONTH), 17, 45, None),  # February 2026
    (policy(unit=FreezeUnit.MONTH), 18, 46, "freeze.begins_within_unit"),
    (policy(unit=FreezeUnit.MONTH), 17, 44, "freeze.not_whole_units"),
    (policy(), 0, None, "freeze.open_ended"),
    (policy(open_ended=True), 0, None, None),
    (policy(), -1, 3, "freeze.too_far_back"),
    (policy(days_back=1), -1, 3, None),
    (policy(days_back=1), -2, 3, "freeze.too_far_back"),
    (policy(most_days_a_year=10), 0, 10, None),
    (policy(most_days_a_year=10), 0, 11, "freeze.too_many_days"),
    (policy(most_a_year=0), 0, 1, "freeze.too_often"),
]


@pytest.mark.parametrize(("rule", "since", "until", "expected"), LIMITS)
def test_each_limit_of_the_rate_is_a_breach_of_its_own(rule, since, until, expected):
    made = made_of(freezes=rule, start=later(-5))
    end = None if until is None else later(until)
    assert codes(made, later(since), end) == ([] if expected is None else [expected])


def test_it_begins_inside_the_open_term_as_moved_by_earlier_freezes():
    made = made_of(freeze(later(10), later(30)), start=later(5), term=Term.of_days(100))
    assert Course.of(made).expires_on == later(125)
    assert codes(made, later(124), later(126)) == []
    assert codes(made, later(125), later(126)) == ["freeze.outside_term"]
    assert codes(made, later(5), later(6)) == []
    assert codes(made, later(4), later(6)) == ["freeze.outside_term"]


@pytest.mark.parametrize("refusal", [refused.FreezeOverlaps, refused.FreezeOutsideTerm])
@pytest.mark.rule("COM-11")
def test_what_has_no_end_is_said_to_be_open_ended(refusal):
    days = {"since": "2026-01-01", "start_on": "2026-02-01"} if refusal is refused.FreezeOutsideTerm else {}
    end = "over_on" if days else "free_from"
    ends, without = refusal(**days, **{end: "2026-03-01"}), refusal(**days, **{end: None})
    assert "is over on 2026-03-01" in ends.message
    assert without.message.endswith("is open-ended.")
    assert from_json(without.to_json()).message == without.message
    assert pickle.loads(pickle.dumps(without)).message == without.message


@given(st.integers(0, 40), st.integers(1, 20))
def test_freezes_may_touch_but_not_overlap(gap, many):
    made = made_of(freeze(later(10), later(20)))
    apart = gap + many <= 10 or gap >= 20
    assert codes(made, later(gap), later(gap + many)) == ([] if apart else ["freeze.overlaps"])


def test_nothing_follows_a_freeze_without_an_end_and_it_leaves_room_for_none():
    rule = policy(open_ended=True)
    assert codes(made_of(freeze(later(10), None), freezes=rule), later(50), later(51)) == ["freeze.overlaps"]
    assert codes(made_of(freeze(later(10), None), freezes=rule), later(5), later(10)) == []
    assert codes(made_of(freeze(later(10), later(12)), freezes=rule), later(5), None) == ["freeze.overlaps"]
    limited = policy(open_ended=True, most_days=30)
    assert codes(made_of(freeze(later(10), None), freezes=limited), later(40), later(41)) == []
    assert codes(made_of(freeze(later(10), None), freezes=limited), later(39), later(41)) == ["freeze.overlaps"]


def test_days_of_a_contract_year_are_counted_by_day_and_years_run_from_the_first_day():
    """The year of this contract begins on 15 January 2027: ten days before, ten after."""
    start = date(2026, 1, 15)
    long = terms(term=Term.of_years(3), freezes=policy(most_days_a_year=10))
    made = contract(long, signed=start)
    assert codes(made, date(2027, 1, 5), date(2027, 1, 25)) == []
    assert codes(made, date(2027, 1, 4), date(2027, 1, 25)) == ["freeze.too_many_days"]
    assert codes(made, date(2027, 1, 5), date(2027, 1, 26)) == ["freeze.too_many_days"]
    used = evolve(made, freezes=(freeze(date(2027, 3, 1), date(2027, 3, 4)),))
    assert codes(used, date(2027, 1, 5), date(2027, 1, 22)) == []
    assert codes(used, date(2027, 1, 5), date(2027, 1, 23)) == ["freeze.too_many_days"]


def test_a_freeze_counts_in_the_year_in_which_it_begins():
    start = date(2026, 1, 15)
    rate = terms(term=Term.of_years(3), freezes=policy(most_a_year=1))
    made = contract(rate, signed=start, freezes=(freeze(date(2027, 1, 10), date(2027, 1, 20)),))
    assert codes(made, date(2026, 3, 1), date(2026, 3, 2)) == ["freeze.too_often"]
    assert codes(made, date(2027, 1, 20), date(2027, 1, 25)) == []
    withdrawn = freeze(date(2027, 1, 10), date(2027, 1, 20), ended=date(2027, 1, 10))
    assert codes(evolve(made, freezes=(withdrawn,)), date(2026, 3, 1), date(2026, 3, 2)) == []


def test_days_really_frozen_count():
    rule = policy(most_days_a_year=20)
    ended = freeze(later(1), later(19), ended=later(5))
    assert codes(made_of(ended, freezes=rule), later(30), later(46)) == []
    assert codes(made_of(ended, freezes=rule), later(30), later(47)) == ["freeze.too_many_days"]


def test_the_policy_is_that_of_the_rate_in_force_on_its_first_day():
    trial = terms(term=Term.of_days(30), renewal=SwitchesTo(RateId(new_id())))
    made = contract(trial, terms(freezes=ALLOWED), signed=TODAY)
    assert codes(made, later(29), later(40)) == ["freeze.not_allowed"]
    assert codes(made, later(30), later(40)) == []


@pytest.mark.rule("CON-8")
def test_with_a_cancellation_on_file_it_ends_with_it_at_the_latest():
    made = made_of(cancellation=cancelled(later(20)))
    assert codes(made, later(10), later(20)) == []
    assert codes(made, later(10), later(21)) == ["freeze.after_cancellation"]
    assert codes(made, later(20), later(21)) == ["freeze.outside_term", "freeze.after_cancellation"]


def test_all_breaches_come_at_once():
    rule = policy(least_days=30, notice_days=10, unit=FreezeUnit.WEEK, most_a_year=1)
    made = made_of(freeze(later(5), later(10)), freezes=rule)
    assert codes(made, later(1), later(7)) == [
        "freeze.overlaps",
        "freeze.needs_notice",
        "freeze.begins_within_unit",
        "freeze.not_whole_units",
        "freeze.too_short",
        "freeze.too_often",
    ]


@st.composite
def policies(draw):
    least = draw(st.none() | st.integers(0, 20))
    return policy(
        allowed=draw(st.integers(0, 9)) > 0,
        least_days=least,
        most_days=draw(st.none() | st.integers(max(5, least or 0), 90)),
        most_days_a_year=draw(st.none() | st.integers(0, 60)),
        most_a_year=draw(st.none() | st.integers(0, 3)),
        notice_days=draw(st.integers(0, 20)),
        unit=draw(st.sampled_from(FreezeUnit)),
        open_ended=draw(st.booleans()),
        extends=draw(st.booleans()),
    )


@st.composite
def requests(draw):
    """A contract in the middle of its life, with freezes, perhaps a cancellation or another rate to come."""
    first = draw(policies())
    switches = draw(st.booleans())
    renewal = (
        SwitchesTo(RateId(new_id())) if switches else draw(st.sampled_from([EndsWithTerm(), Extends(MONTH), RunsOn()]))
    )
    one = terms(term=Term.of_days(draw(st.integers(20, 500))), renewal=renewal, freezes=first)
    rates = (one, terms(term=Term.of_months(18), freezes=draw(policies()))) if switches else (one,)
    start = later(draw(st.integers(-400, 60)))
    filed, last = [], later(draw(st.integers(-100, 10)))
    for gap, many in draw(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=3)):
        since = last + timedelta(days=gap)
        last = since + timedelta(days=many)
        filed.append(freeze(since, last))
    effective = draw(st.none() | st.integers(1, 300))
    made = contract(
        *rates,
        signed=start,
        freezes=tuple(each for each in filed if each.since >= start),
        cancellation=None if effective is None else cancelled(later(effective)),
    )
    since = later(draw(st.integers(-10, 200)))
    by_months = draw(st.booleans())
    length = draw(st.sampled_from([7, 14, 28, 30, 31, 59, 1, 21]) | st.integers(1, 70))
    if draw(st.integers(0, 5)) == 0:
        until = None
    elif by_months:
        since = since.replace(day=1)
        until = MONTH.after(since, draw(st.integers(1, 3)))
    else:
        until = since + timedelta(days=length)
    return asked(made, since, until)


@st.composite
def granted(draw):
    """What is asked for, on the first day on which it is refused by nothing."""
    facts = draw(requests())
    facts = evolve(facts, contract=evolve(facts.contract, signed_on=min(TODAY, facts.contract.signed_on)))
    first = first_start(facts)
    assume(first is not None)
    months = facts.policy.unit is FreezeUnit.MONTH and facts.until is not None
    many = whole_months(facts.since, facts.until) if months else None
    if facts.until is None:
        return evolve(facts, since=first)
    return evolve(facts, since=first, until=MONTH.after(first, many) if many else first + timedelta(days=facts.days))


@settings(max_examples=150, deadline=None)
@given(requests())
def test_the_first_possible_start_is_what_trying_every_day_finds(facts):
    months = facts.policy.unit is FreezeUnit.MONTH and facts.until is not None
    many = whole_months(facts.since, facts.until) if months else None

    def until(day):
        if facts.until is None:
            return None
        return MONTH.after(day, many) if many else day + (facts.until - facts.since)

    days = (later(offset) for offset in range(1200))
    free = (each for each in days if not FREEZING.refusals(evolve(facts, since=each, until=until(each))))
    tried, found = next(free, None), first_start(facts)
    assert found == tried or (tried is None and found > later(1199))


def test_a_month_may_be_whole_weeks_on_the_rate_that_comes(world):
    """Of months that were asked for only those of February are whole weeks, from a Monday on."""
    weekly = world.rate(freezes=FreezePolicy(allowed=True, unit=FreezeUnit.WEEK))
    monthly = FreezePolicy(unit=FreezeUnit.MONTH)
    rate = world.rate(term=Term.of_days(20), renewal=SwitchesTo(weekly), freezes=monthly)
    contract = world.contract(rate=rate, signed_on=date(2026, 1, 15), start_on=date(2026, 1, 15))
    told = world.org.contracts.check_freeze(contract, since=date(2026, 1, 15), until=date(2026, 2, 15))
    assert told.first_possible == date(2026, 2, 9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(granted())
def test_what_is_not_refused_is_frozen_on_exactly_its_days_and_keeps_every_limit(facts):
    made = facts.contract
    after = frozen(made, facts.since, facts.until)
    course, over = Course.of(after), over_on(Course.of(after))
    (told,) = [each for each in tell_freezes(after) if each.freeze not in {old.id for old in made.freezes}]
    statuses = spans(course)
    for offset in range(120):
        day = facts.since + timedelta(days=offset)
        inside = told.until is None or day < told.until
        status = next(each.status for each in reversed(statuses) if each.since <= day)
        others = any(day in each for each in course.frozen if each.freeze.id != told.freeze)
        if over is None or day < over:
            assert (status is ContractStatus.FROZEN) == (inside or others)
    limits = facts.policy
    if facts.until is not None and limits.extends:
        assert told.until == facts.until
    if limits.most_days is not None and told.until is not None:
        assert (told.until - told.since).days <= limits.most_days


@pytest.mark.rule("CON-6")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(granted())
def test_where_freezes_extend_the_term_what_is_later_moves_by_exactly_the_days_frozen(facts):
    assume(facts.until is not None)
    assume(not any(each.since > facts.since for each in facts.course.frozen))
    one = facts.course
    other = Course.of(evolve(facts.contract, freezes=(*facts.contract.freezes, freeze(facts.since, facts.until))))
    days = timedelta(days=facts.days if facts.policy.extends else 0)
    end = one.term_end_after(facts.since)
    assert other.term_end_after(facts.since) == (None if end is None else end + days)
    stretch = one.stretch_on(facts.since)
    minimum = one.minimum_end(stretch)
    moved = days if minimum > facts.since else timedelta()
    assert other.minimum_end(stretch) == minimum + moved
    assert (one.expires_on is None) == (other.expires_on is None)


@pytest.mark.rule("CON-6")
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.booleans())
def test_ending_a_freeze_on_the_next_day_is_a_freeze_of_one_day(many, extends):
    made = made_of(freezes=policy(extends=extends, least_days=many))
    long = frozen(made, TODAY, later(many))
    short = made_of(freezes=policy(extends=extends))
    if many > 1:
        wanted = EndFreeze(contract=long.id, freeze=long.freezes[0].id)
        outcome = unfreezing.end_freeze(long, wanted, NOW)
        long = outcome.facts[0].contract
        assert outcome.result.until == later(1)
    one, other = Course.of(long), Course.of(frozen(short, TODAY, later(1)))
    assert spans(one) == spans(other)
    assert (one.expires_on, one.minimum_end(one.stretches[0])) == (
        other.expires_on,
        other.minimum_end(other.stretches[0]),
    )


@pytest.mark.rule("CON-6")
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(-5, 50))
def test_a_freeze_is_ended_after_today_and_its_first_day_and_before_it_ends_by_itself(gap, many, on):
    made = frozen(made_of(), later(gap), later(gap + many))
    wanted = EndFreeze(contract=made.id, freeze=made.freezes[0].id, on=later(on))
    if on > 0 and gap < on < gap + many:
        after = unfreezing.end_freeze(made, wanted, NOW).facts[0].contract
        assert Course.of(after).frozen[0].until == later(on)
        return
    if on <= 0:
        expected = refused.FreezeEndsTooSoon
    else:
        expected = refused.FreezeNotBegun if on <= gap else refused.FreezeEndsBefore
    with pytest.raises(expected):
        unfreezing.end_freeze(made, wanted, NOW)


@pytest.mark.rule("CON-6")
def test_only_what_has_not_begun_is_withdrawn():
    made = frozen(made_of(), later(1), later(10))
    wanted = WithdrawFreeze(contract=made.id, freeze=made.freezes[0].id)
    after = unfreezing.withdraw_freeze(made, wanted, NOW).facts[0].contract
    assert spans(Course.of(after)) == spans(Course.of(made_of()))
    with pytest.raises(refused.FreezeWithdrawnAlready):
        unfreezing.withdraw_freeze(after, wanted, NOW)
    with pytest.raises(refused.FreezeWithdrawnAlready):
        unfreezing.end_freeze(after, EndFreeze(contract=made.id, freeze=made.freezes[0].id), NOW)
    begun = frozen(made_of(), TODAY, later(10))
    with pytest.raises(refused.FreezeBegun):
        unfreezing.withdraw_freeze(begun, WithdrawFreeze(contract=begun.id, freeze=begun.freezes[0].id), NOW)


@pytest.mark.rule("CON-8")
@settings(max_examples=60)
@given(st.integers(0, 80), st.integers(1, 40), st.none() | st.integers(1, 40), st.integers(1, 150))
def test_a_cancellation_cuts_freezes_off_and_withdrawing_it_restores_them(gap, many, ended, effective):
    since = later(gap)
    end = None if ended is None else since + timedelta(days=min(ended, many))
    made = made_of(freeze(since, since + timedelta(days=many), ended=end), freeze(later(130), later(140)))
    cut = evolve(made, cancellation=cancelled(later(effective)))
    assert all(each.until is None or each.until <= later(effective) for each in spans(Course.of(cut))[:-1])
    for told, whole in zip(tell_freezes(cut), tell_freezes(made), strict=True):
        if whole.until <= later(effective):
            assert told == whole
        else:
            assert told.cut_off
            assert told.until == max(told.since, later(effective))
    restored = evolve(cut, cancellation=None)
    assert (spans(Course.of(restored)), tell_freezes(restored)) == (spans(Course.of(made)), tell_freezes(made))


@pytest.mark.rule("CON-8")
def test_what_is_cut_off_counts_in_no_limit():
    rule = policy(most_days_a_year=20, most_a_year=2)
    made = made_of(freeze(later(30), later(50)), freeze(later(60), later(61)), freezes=rule)
    assert codes(made, later(1), later(2)) == ["freeze.too_many_days", "freeze.too_often"]
    assert codes(evolve(made, cancellation=cancelled(later(40))), later(1), later(11)) == []
    assert codes(evolve(made, cancellation=cancelled(later(40))), later(1), later(12)) == ["freeze.too_many_days"]


@pytest.mark.rule("CON-6")
def test_where_freezes_do_not_extend_the_term_one_ends_with_it():
    made = made_of(freezes=policy(extends=False, open_ended=True), term=Term.of_days(30))
    for until in (later(60), None):
        (told,) = tell_freezes(frozen(made, later(10), until))
        assert (told.until, told.filed_until) == (later(30), until)
        assert Course.of(frozen(made, later(10), until)).expires_on == later(30)


def check(made, since, until) -> FreezeCheck:
    wanted = FileFreeze(contract=made.id, since=since, until=until, reason="ill")
    return freeze_checking.check(made, wanted, FreezeId(new_id()), NOW)


def test_a_preview_says_what_moves_and_what_a_cancellation_cuts_off():
    made = made_of(freezes=policy(open_ended=True), minimum_term=Term.of_days(60), term=Term.of_days(90))
    told = check(made, later(10), later(20)).preview
    assert (told.since, told.until, told.cut_off_on) == (later(10), later(20), None)
    assert (told.moves.term_end.before, told.moves.term_end.after) == (later(90), later(100))
    assert (told.moves.expires_on.before, told.moves.expires_on.after) == (later(90), later(100))
    assert (told.moves.minimum_end.before, told.moves.minimum_end.after) == (later(60), later(70))
    open_end = check(evolve(made, cancellation=cancelled(later(40))), later(10), None)
    assert (open_end.preview.until, open_end.preview.cut_off_on) == (later(40), later(40))
    assert open_end.preview.moves.cancelled_to == later(40)
    assert check(made, later(10), None).preview.moves.term_end.after is None


def test_a_check_on_what_is_not_paid_says_so_first_and_knows_no_day():
    rate = terms(initial_fee=FEE, freezes=ALLOWED)
    told = check(contract(rate, signed=TODAY), TODAY, later(5))
    assert [each.code for each in told.refusals] == ["state.illegal_transition", "freeze.unpaid"]
    assert (told.first_possible, told.preview, told.allowed) == (None, None, False)
    assert "on no day" in told.explain().text()


@pytest.fixture
def running(world):
    """A contract of a year that began ten days ago and may be frozen."""
    since = later(-10)
    return world.contract(rate=world.rate(freezes=policy(open_ended=True)), signed_on=since, start_on=since)


def of_type(world, kind):
    return [each.event for each in world.events() if each.event.type == kind]


def test_a_freeze_is_filed_begins_and_ends_by_itself(world, running):
    filed = world.org.contracts.freeze(running, since=later(3), until=later(10), reason="ill")
    assert (filed.status, filed.since, filed.until) == (ContractStatus.ACTIVE, later(3), later(10))
    assert filed.moves.expires_on.after == date(2027, 1, 12)
    assert world.org.contracts.get(running).expires_on == date(2027, 1, 12)
    (event,) = of_type(world, "contract.freeze_filed")
    assert (event.freeze, event.since, event.until, event.reason) == (filed.freeze, later(3), later(10), "ill")
    world.wait(days=5)
    assert world.org.contracts.get(running).status is ContractStatus.FROZEN
    world.wait(days=10)
    world.ml.run_jobs()
    assert [each.day for each in of_type(world, "contract.frozen")] == [later(3)]
    assert [each.day for each in of_type(world, "contract.resumed")] == [later(10)]


def test_a_freeze_from_today_is_announced_at_once_and_one_from_before_corrects(world):
    rate = world.rate(freezes=policy(days_back=5))
    first, second = (world.contract(rate=rate, signed_on=later(-10), start_on=later(-10)) for _ in range(2))
    assert world.org.contracts.freeze(first, since=TODAY, until=later(3), reason="ill").status is ContractStatus.FROZEN
    assert [each.day for each in of_type(world, "contract.frozen")] == [TODAY]
    world.org.contracts.freeze(second, since=later(-3), until=later(3), reason="ill")
    assert [each.from_day for each in of_type(world, "contract.status_corrected")] == [later(-3)]


def test_ending_and_withdrawing_write_and_say_it(world, running):
    first = world.org.contracts.freeze(running, since=TODAY, until=later(20), reason="ill").freeze
    second = world.org.contracts.freeze(running, since=later(30), until=later(40), reason="trip").freeze
    ended = world.org.contracts.end_freeze(running, first, on=later(5))
    assert (ended.until, ended.status) == (later(5), ContractStatus.FROZEN)
    assert [(each.freeze, each.on) for each in of_type(world, "contract.freeze_ended")] == [(first, later(5))]
    withdrawn = world.org.contracts.withdraw_freeze(running, second)
    assert withdrawn.explain().summary == "The freeze was withdrawn."
    assert [each.freeze for each in of_type(world, "contract.freeze_withdrawn")] == [second]
    told = world.org.contracts.freezes(running)
    assert [(each.freeze, each.until, each.withdrawn) for each in told] == [
        (first, later(5), False),
        (second, later(30), True),
    ]
    assert world.org.contracts.get(running).expires_on == date(2027, 1, 10)
    world.wait(days=5)
    assert world.org.contracts.get(running).status is ContractStatus.ACTIVE


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(1, 20), st.booleans()), max_size=4))
def test_the_stored_spans_are_those_of_the_function(storage, filed):
    """On every store: a member is what the stored spans say of each day, after each command."""
    from memberlogic.testing import World

    world = World(storage)
    member = world.member()
    id = world.contract(member=member, rate=world.rate(freezes=policy(open_ended=True, most_days=30)))
    for gap, many, undo in filed:
        until = None if many is None else later(gap + many)
        if world.org.contracts.check_freeze(id, since=later(gap), until=until).allowed:
            freeze_id = world.org.contracts.freeze(id, since=later(gap), until=until, reason="ill").freeze
            if undo and gap > 0:
                world.org.contracts.withdraw_freeze(id, freeze_id)
            elif undo and (many is None or many > 1):
                world.org.contracts.end_freeze(id, freeze_id)
        stored = world.stored_contract(id)
        computed = [each.status.value for each in spans(Course.of(stored))]
        told = [each.detail.value for each in world.org.members.membership(member).spans]
        assert told == computed
        assert world.org.contracts.get(id).spans == tuple(spans(Course.of(stored)))


def test_what_is_not_paid_or_is_over_takes_no_freeze(world):
    rate = world.rate(initial_fee=FEE, freezes=ALLOWED)
    id = world.contract(rate=rate)
    with pytest.raises(IllegalTransition) as caught:
        world.org.contracts.freeze(id, since=TODAY, until=later(5), reason="ill")
    assert caught.value.details["state"] == "on_hold"
    world.org.contracts.pay(id, Money(5000, "EUR"))
    world.org.contracts.freeze(id, since=TODAY, until=later(5), reason="ill")
    over = world.contract(rate=world.rate(freezes=ALLOWED), signed_on=date(2024, 1, 1), start_on=date(2024, 1, 1))
    with pytest.raises(IllegalTransition):
        world.org.contracts.freeze(over, since=TODAY, until=later(5), reason="ill")
    late = world.contract(rate=world.rate(initial_fee=FEE, freezes=policy(days_back=9)), start_on=TODAY)
    world.wait(days=5)
    world.org.contracts.pay(late, Money(5000, "EUR"))
    with pytest.raises(refused.FreezeUnpaid):
        world.org.contracts.freeze(late, since=later(3), until=later(9), reason="ill")


def test_what_is_not_there_is_not_found_and_a_form_is_said(world, running):
    with pytest.raises(NotFound):
        world.org.contracts.end_freeze(running, FreezeId(new_id()))
    with pytest.raises(NotFound):
        world.org.contracts.withdraw_freeze(running, FreezeId(new_id()))
    with pytest.raises(InvalidInput) as caught:
        world.org.contracts.freeze(running, since=TODAY, until=TODAY, reason="ill")
    assert caught.value.path == "until"


@pytest.mark.rule("COM-13")
def test_a_member_reaches_only_contracts_that_they_are_on(world, running):
    stranger = world.acting_as(Actor.member(world.member()))
    (holder,) = world.stored_contract(running).members
    with pytest.raises(NotFound):
        stranger.contracts.check_freeze(running, since=TODAY, until=later(3))
    with pytest.raises(NotFound):
        stranger.contracts.freezes(running)
    assert world.acting_as(Actor.member(holder)).contracts.check_freeze(running, since=TODAY, until=later(3)).allowed
    with pytest.raises(PermissionDenied):
        world.acting_as(Actor.member(holder)).contracts.freeze(running, since=TODAY, until=later(3), reason="ill")


@pytest.mark.rule("CON-1", "CON-5")
def test_a_policy_that_no_freeze_could_keep_is_refused(world):
    for said in ({"allowed": True}, {"allowed": False}):
        with pytest.raises(InvalidInput) as caught:
            world.rate(freezes=FreezePolicy(least_days=10, most_days=9, **said))
        assert caught.value.path == "least_days"
    same = world.rate(freezes=policy(least_days=10, most_days=10))
    over_two_years = world.rate(freezes=policy(least_days=10, most_days_a_year=5))
    assert {world.org.contracts.rate(each).current.terms.freezes.least_days for each in (same, over_two_years)} == {10}


@pytest.mark.rule("CON-6")
def test_a_freeze_without_an_end_may_be_ended_by_a_limit_before_the_minimum(world):
    """As one that is ended early may be shorter, and as the member chose no length."""
    rate = world.rate(freezes=policy(open_ended=True, least_days=20, most_days_a_year=25))
    contract = world.contract(rate=rate)
    assert world.org.contracts.freeze(contract, since=later(1), until=later(21), reason="ill").until == later(21)
    assert world.org.contracts.check_freeze(contract, since=later(30), until=later(35)).refusals[0].code == (
        "freeze.too_short"
    )
    assert world.org.contracts.freeze(contract, since=later(30), reason="ill").until == later(35)
