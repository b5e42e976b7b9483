"""CON-7: to which day a contract can be left by notice; beside it a second reckoner that walks day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise, takewhile

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.contracts.dated import BERLIN, contract, freeze, terms

from memberlogic.calendar import Term
from memberlogic.contracts.cancellations import Moved
from memberlogic.contracts.cancelling import PreviewCancellation, preview
from memberlogic.contracts.model import ContractStatus
from memberlogic.contracts.rates import (
    DayOfYear,
    EndsWithTerm,
    Extends,
    FreezePolicy,
    Notice,
    NoticeMode,
    RunsOn,
    SwitchesTo,
)
from memberlogic.contracts.reckoning import course_for, end_of_notice, way_out
from memberlogic.contracts.spanning import status
from memberlogic.ids import RateId, new_id

pytestmark = pytest.mark.rule("CON-7")

DAY = timedelta(days=1)
MONTH, YEAR = Term.of_months(1), Term.of_months(12)
HALF_YEARS = (DayOfYear(6, 30), DayOfYear(12, 31))
FROM_RECEIPT = NoticeMode.FROM_RECEIPT


def noon(day):
    return datetime.combine(day, time(12), BERLIN.zone)


def reckoned(made, received, *, filed=None, to=None, extraordinary=False):
    wanted = PreviewCancellation(contract=made.id, received_on=received, to=to, extraordinary=extraordinary)
    return preview(made, wanted, noon(filed or received))


def effective(made, received, **said):
    return reckoned(made, received, **said).effective_on


@pytest.mark.parametrize(
    ("notice", "received", "expected"),
    [
        (Notice(length=Term.of_days(14)), date(2026, 3, 1), date(2026, 3, 16)),
        (Notice(length=MONTH), date(2026, 1, 15), date(2026, 2, 16)),
        (Notice(length=MONTH), date(2026, 1, 29), date(2026, 2, 28)),
        (Notice(length=MONTH), date(2026, 1, 30), date(2026, 2, 28)),
        (Notice(length=MONTH), date(2026, 1, 31), date(2026, 3, 1)),
        (Notice(length=MONTH), date(2028, 1, 30), date(2028, 2, 29)),
        (Notice(length=MONTH), date(2026, 2, 28), date(2026, 4, 1)),
        (Notice(length=Term.of_months(3)), date(2025, 11, 30), date(2026, 3, 1)),
        (Notice(length=Term.of_months(3)), date(2025, 11, 29), date(2026, 2, 28)),
        (Notice(length=MONTH, whole_months=True), date(2026, 1, 1), date(2026, 3, 1)),
        (Notice(length=MONTH, whole_months=True), date(2026, 1, 31), date(2026, 3, 1)),
        (Notice(length=MONTH, whole_months=True), date(2026, 2, 1), date(2026, 4, 1)),
        (Notice(length=Term.of_months(3), whole_months=True), date(2026, 10, 31), date(2027, 2, 1)),
        (Notice(length=Term.of_days(1), last_days=HALF_YEARS), date(2026, 6, 29), date(2026, 7, 1)),
        (Notice(length=Term.of_days(1), last_days=HALF_YEARS), date(2026, 6, 30), date(2027, 1, 1)),
        (Notice(length=Term.of_days(1), last_days=HALF_YEARS), date(2026, 6, 28), date(2026, 7, 1)),
        (Notice(length=MONTH, last_days=(DayOfYear(2, 29),)), date(2026, 1, 1), date(2026, 3, 1)),
        (Notice(length=MONTH, last_days=(DayOfYear(2, 29),)), date(2027, 12, 1), date(2028, 3, 1)),
        (Notice(length=None), date(2026, 2, 28), date(2026, 3, 1)),
        (Notice(length=None, whole_months=True), date(2026, 2, 1), date(2026, 3, 1)),
        (Notice(length=None, whole_months=True), date(2026, 2, 28), date(2026, 3, 1)),
        (Notice(length=None, last_days=HALF_YEARS), date(2026, 6, 29), date(2026, 7, 1)),
        (Notice(length=None, last_days=HALF_YEARS), date(2026, 6, 30), date(2026, 7, 1)),
        (Notice(length=None, last_days=HALF_YEARS), date(2026, 7, 1), date(2027, 1, 1)),
    ],
)
def test_when_notice_ends(notice, received, expected):
    assert end_of_notice(notice, received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2026, 9, 30), date(2027, 1, 1)),
        (date(2026, 10, 1), date(2028, 1, 1)),
        (date(2026, 12, 31), date(2028, 1, 1)),
        (date(2027, 1, 1), date(2028, 1, 1)),
    ],
)
def test_to_the_end_of_the_term_the_last_day_in_time_and_the_day_after(received, expected):
    """Three months to the end of a year: received on 30 September, notice ends on the last day of the year."""
    rate = terms(renewal=Extends(YEAR), notice=Notice(length=Term.of_months(3)))
    assert effective(contract(rate, signed=date(2026, 1, 1)), received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2027, 1, 1), date(2028, 2, 28)),
        (date(2028, 1, 1), date(2028, 2, 28)),
        (date(2028, 1, 28), date(2029, 2, 28)),
        (date(2028, 1, 27), date(2028, 2, 28)),
        (date(2029, 1, 27), date(2029, 2, 28)),
        (date(2029, 1, 29), date(2029, 2, 28)),
        (date(2029, 1, 30), date(2029, 2, 28)),
        (date(2029, 1, 31), date(2030, 2, 28)),
    ],
)
def test_terms_from_the_28th_of_february_end_on_the_28th(received, expected):
    rate = terms(renewal=Extends(YEAR), notice=Notice(length=MONTH))
    assert effective(contract(rate, signed=date(2027, 1, 1), start=date(2027, 2, 28)), received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2025, 1, 31), date(2026, 2, 28)),
        (date(2027, 12, 1), date(2028, 2, 29)),
        (date(2028, 1, 28), date(2028, 2, 29)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2028, 1, 31), date(2029, 2, 28)),
    ],
)
def test_terms_from_the_29th_of_february_end_on_it_again_in_leap_years(received, expected):
    rate = terms(renewal=Extends(YEAR), notice=Notice(length=MONTH))
    assert effective(contract(rate, signed=date(2024, 2, 29)), received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 1, 31), date(2026, 3, 31)),
        (date(2026, 2, 1), date(2026, 3, 31)),
        (date(2026, 2, 28), date(2026, 4, 30)),
        (date(2026, 3, 30), date(2026, 4, 30)),
        (date(2026, 3, 31), date(2026, 5, 31)),
    ],
)
def test_a_month_by_month_contract_from_the_31st(received, expected):
    rate = terms(term=MONTH, renewal=Extends(MONTH), notice=Notice(length=MONTH))
    assert effective(contract(rate, signed=date(2026, 1, 31)), received) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 1, 10), date(2027, 1, 10)),
        (date(2026, 12, 8), date(2027, 1, 10)),
        (date(2026, 12, 9), date(2027, 1, 10)),
        (date(2026, 12, 10), date(2027, 1, 11)),
        (date(2027, 1, 9), date(2027, 2, 10)),
        (date(2027, 1, 10), date(2027, 2, 11)),
    ],
)
def test_from_receipt_it_ends_with_the_notice_but_not_before_the_minimum_term(received, expected):
    """The last day of the minimum term is 9 January 2027."""
    rate = terms(renewal=RunsOn(), notice=Notice(length=MONTH, mode=FROM_RECEIPT))
    assert effective(contract(rate, signed=date(2026, 1, 10)), received) == expected


def test_the_minimum_term_is_the_rates_own_else_the_first_term():
    notice = Notice(length=Term.of_days(14), mode=FROM_RECEIPT)
    for minimum, expected in ((None, date(2027, 1, 1)), (Term.of_months(3), date(2026, 4, 1))):
        made = contract(terms(minimum_term=minimum, renewal=RunsOn(), notice=notice), signed=date(2026, 1, 1))
        assert effective(made, date(2026, 1, 1)) == expected
    to_term = terms(term=MONTH, minimum_term=Term.of_months(6), renewal=Extends(MONTH), notice=Notice(length=MONTH))
    assert effective(contract(to_term, signed=date(2026, 1, 1)), date(2026, 1, 5)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 5, 31), date(2027, 1, 1)),
        (date(2026, 11, 30), date(2027, 1, 1)),
        (date(2026, 12, 1), date(2027, 2, 2)),
        (date(2026, 12, 31), date(2027, 2, 2)),
        (date(2027, 1, 1), date(2027, 2, 2)),
        (date(2027, 1, 2), date(2027, 2, 3)),
        (date(2027, 7, 30), date(2027, 8, 31)),
    ],
)
@pytest.mark.parametrize("renewal", [Extends(YEAR), RunsOn()])
def test_another_notice_after_the_first_term(renewal, received, expected):
    """A month to the end of the first year, then a month at any time. Who is too late for the first year counts at the
    latest as received on the first day of the second.
    """
    later = Notice(length=MONTH, mode=FROM_RECEIPT)
    rate = terms(renewal=renewal, notice=Notice(length=MONTH), notice_later=later)
    assert effective(contract(rate, signed=date(2026, 1, 1)), received) == expected


def test_from_the_first_day_after_the_first_term_only_the_other_notice_counts():
    later = Notice(length=Term.of_months(6), mode=FROM_RECEIPT)
    rate = terms(renewal=Extends(MONTH), notice=Notice(length=MONTH), notice_later=later)
    made = contract(rate, signed=date(2026, 1, 1))
    assert effective(made, date(2026, 12, 31)) == date(2027, 2, 1)
    assert effective(made, date(2027, 1, 1)) == date(2027, 7, 2)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 1, 22), date(2026, 2, 1)),
        (date(2026, 1, 24), date(2026, 2, 1)),
        (date(2026, 1, 25), date(2027, 2, 1)),
        (date(2026, 2, 1), date(2027, 2, 1)),
        (date(2026, 12, 31), date(2027, 2, 1)),
        (date(2027, 1, 1), date(2028, 2, 1)),
    ],
)
def test_on_another_rate_its_notice_and_minimum_term_count(received, expected):
    """A trial month with a week's notice, then by the year with a month's."""
    trial = terms(
        term=MONTH, renewal=SwitchesTo(RateId(new_id())), notice=Notice(length=Term.of_days(7), mode=FROM_RECEIPT)
    )
    yearly = terms(renewal=Extends(YEAR), notice=Notice(length=MONTH))
    assert effective(contract(trial, yearly, signed=date(2026, 1, 1)), received) == expected


def test_where_terms_no_longer_follow_one_another_it_ends_with_the_notice():
    rate = terms(renewal=RunsOn(), notice=Notice(length=MONTH))
    made = contract(rate, signed=date(2026, 1, 1))
    assert effective(made, date(2026, 11, 30)) == date(2027, 1, 1)
    assert effective(made, date(2026, 12, 1)) == date(2027, 1, 2)
    assert effective(made, date(2029, 5, 3)) == date(2029, 6, 4)


def test_a_contract_that_ends_anyway_ends_on_that_day():
    for mode in NoticeMode:
        made = contract(terms(notice=Notice(length=Term.of_months(3), mode=mode)), signed=date(2026, 1, 1))
        assert reckoned(made, date(2026, 9, 30)).moved is None
        late = reckoned(made, date(2026, 12, 31))
        assert (late.effective_on, late.moved, late.term_end) == (date(2027, 1, 1), Moved.ENDS_ANYWAY, None)


def test_an_extending_freeze_moves_the_end_and_with_it_the_deadline():
    policy = FreezePolicy(allowed=True, extends=True)
    rate = terms(renewal=Extends(YEAR), notice=Notice(length=MONTH), freezes=policy)
    made = contract(rate, signed=date(2026, 1, 1), freezes=(freeze(date(2026, 6, 1), date(2026, 6, 21)),))
    assert effective(made, date(2026, 12, 1)) == date(2027, 1, 21)
    assert effective(made, date(2026, 12, 20)) == date(2027, 1, 21)
    assert effective(made, date(2026, 12, 21)) == date(2028, 1, 21)


@pytest.mark.rule("CON-6")
def test_an_open_ended_freeze_counts_as_ending_on_the_day_after_receipt():
    policy = FreezePolicy(allowed=True, open_ended=True, extends=True)
    rate = terms(renewal=Extends(YEAR), notice=Notice(length=MONTH), freezes=policy)
    made = contract(rate, signed=date(2026, 1, 1), freezes=(freeze(date(2026, 6, 1), None),))
    assert effective(made, date(2026, 6, 1)) == date(2027, 1, 2), "one frozen day"
    assert effective(made, date(2026, 6, 30)) == date(2027, 1, 31)
    assert effective(made, date(2026, 5, 1)) == date(2027, 1, 1), "it has not begun"
    assert effective(made, date(2027, 3, 31)) == date(2027, 11, 1), "304 frozen days"


def months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(day, term, times=1):
    return months_later(day, term.months * times) if term.months else day + DAY * (term.days * times)


class Walker:
    """The second reckoner: walks from day to day and asks of each whether the contract may end on it."""

    def __init__(self, made):
        self.made, self.terms = made, made.rate.terms
        extends = self.terms.freezes.extends
        self.frozen = {
            each.since + DAY * n for each in made.freezes if extends for n in range((each.until - each.since).days)
        }
        # The day before which so many days lie that were not frozen.
        self.after = [made.start_on]
        for day in (made.start_on + DAY * n for n in range(1500)):
            if day not in self.frozen:
                self.after.append(day + DAY)
        self.first_end = self.moved(self.end(0))
        self.ends = {self.first_end}
        if isinstance(self.terms.renewal, Extends):
            unmoved = takewhile(lambda end: end < made.start_on + DAY * 1400, map(self.end, count(1)))
            self.ends |= {self.moved(end) for end in unmoved}
        self.minimum_end = self.moved(later(made.start_on, self.terms.minimum_term or self.terms.term))
        self.expires = self.first_end if isinstance(self.terms.renewal, EndsWithTerm) else None

    def end(self, number):
        term, start = self.terms.term, self.made.start_on
        if number == 0:
            return later(start, term)
        period = self.terms.renewal.period
        if term.months and period.months:
            return months_later(start, term.months + number * period.months)
        return later(later(start, term), period, number)

    def moved(self, unmoved):
        return self.after[(unmoved - self.made.start_on).days]

    def notice_over(self, notice, received, day):
        if notice.whole_months:
            return (day.year - received.year) * 12 + day.month - received.month > notice.length.months
        if notice.length.months:
            return day >= months_later(received + DAY, notice.length.months)
        return (day - received).days > notice.length.days

    def follows_a_last_day(self, notice, day):
        before, last_of_february = day - DAY, monthrange(day.year, 2)[1]
        for each in notice.last_days:
            number = min(each.day, last_of_february) if each.month == 2 else each.day
            if (before.month, before.day) == (each.month, number):
                return True
        return not notice.last_days

    def allowed(self, notice, received, last, day):
        to_last_day = self.follows_a_last_day(notice, day)
        if to_last_day and self.notice_over(notice, received, day):
            self.over.add((notice, received))
        if (notice, received) not in self.over or day < self.minimum_end:
            return False
        if notice.mode is FROM_RECEIPT or (last and self.final_end < day):
            return to_last_day
        return day in self.ends

    def effective(self, received, filed):
        notice, second = self.terms.notice, self.terms.notice_later
        ways = [(notice, received, True)]
        if second is not None and self.expires is None:
            ways = [(notice, received, False), (second, self.first_end, True)]
            if received >= self.first_end:
                ways = [(second, received, True)]
        self.over = set()
        self.final_end = max(self.ends)
        for day in (received + DAY * n for n in count(1)):
            if day == self.expires or any(self.allowed(*way, day) for way in ways):
                return max(day, filed)
        raise AssertionError("unreachable")


lengths = st.builds(Term.of_days, st.integers(1, 40)) | st.builds(Term.of_months, st.integers(1, 4))
months = st.builds(Term.of_months, st.integers(1, 3))
modes = st.sampled_from(NoticeMode)
last_days = st.sampled_from([(), (), HALF_YEARS, (DayOfYear(2, 29), DayOfYear(8, 31))])
notices = st.builds(Notice, length=lengths, mode=modes, last_days=last_days) | st.builds(
    Notice, length=months, mode=modes, whole_months=st.just(True)
)
starts = st.dates(date(2023, 11, 1), date(2024, 4, 5)) | st.sampled_from(
    [date(2024, 2, 29), date(2023, 8, 31), date(2024, 1, 31), date(2024, 12, 30)]
)


@st.composite
def contracts(draw):
    """Contracts on one rate, with freezes that have an end."""
    term = draw(lengths)
    renewal = draw(st.sampled_from([EndsWithTerm(), RunsOn()]) | st.builds(Extends, lengths))
    rate = terms(
        term=term,
        minimum_term=draw(st.none() | lengths),
        renewal=renewal,
        notice=draw(notices),
        notice_later=draw(st.none() | notices),
        freezes=FreezePolicy(allowed=True, extends=draw(st.booleans())),
    )
    start = draw(starts)
    frozen, last = [], start
    for gap, many in draw(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=2)):
        since = last + DAY * gap
        last = since + DAY * many
        frozen.append(freeze(since, last))
    return contract(rate, signed=start - DAY * draw(st.integers(0, 20)), start=start, freezes=tuple(frozen))


receipts = st.integers(0, 200)


@settings(max_examples=120)
@given(contracts(), receipts, st.integers(0, 20))
def test_it_is_the_day_that_walking_finds(made, offset, waited):
    received = made.signed_on + DAY * offset
    filed = received + DAY * waited
    assume(status(made, filed) not in (None, ContractStatus.EXPIRED))
    assert effective(made, received, filed=filed) == Walker(made).effective(received, filed)


@settings(max_examples=60)
@given(contracts(), receipts)
def test_who_cancels_later_is_not_free_earlier(made, offset):
    days = [made.signed_on + DAY * (offset + n) for n in range(70)]
    found = [way_out(course_for(made, day), day).day for day in days]
    assert all(one <= other for one, other in pairwise(found))
    assert all(found[n] > day for n, day in enumerate(days)), "notice is at least a day"


@st.composite
def switching(draw):
    """Contracts that go on on a second and perhaps a third rate."""
    chain = [
        terms(
            term=draw(lengths),
            minimum_term=draw(st.none() | lengths),
            renewal=SwitchesTo(RateId(new_id())),
            notice=draw(notices),
        )
        for _ in range(draw(st.integers(1, 2)))
    ]
    return contract(*chain, draw(contracts()).rate.terms, signed=draw(starts))


@settings(max_examples=60)
@given(switching(), receipts)
def test_nor_where_it_goes_on_on_other_rates_whose_minimum_terms_are_kept(made, offset):
    days = [made.signed_on + DAY * (offset + n) for n in range(40)]
    found = []
    for day in days:
        course = course_for(made, day)
        found.append(way_out(course, day).day)
        # The day on which one rate follows another is the last on the one before.
        stretch = course.stretch_on(found[-1] - DAY)
        over = stretch.until is not None and found[-1] >= stretch.until
        assert over or found[-1] >= course.minimum_end(stretch)
    assert all(one <= other for one, other in pairwise(found))


@settings(max_examples=60)
@given(contracts(), receipts, st.integers(0, 40))
def test_never_before_receipt_or_filing_and_at_a_terms_end_where_the_notice_says_so(made, offset, waited):
    received = made.signed_on + DAY * offset
    filed = received + DAY * waited
    assume(status(made, filed) not in (None, ContractStatus.EXPIRED))
    found = reckoned(made, received, filed=filed)
    assert found.effective_on >= filed >= found.received_on
    assert found.last_day == found.effective_on - DAY
    rate, ends = made.rate.terms, Walker(made).ends
    if isinstance(rate.renewal, Extends) and rate.notice.mode is NoticeMode.END_OF_TERM and rate.notice_later is None:
        assert found.moved is Moved.FILED_LATER or found.effective_on in ends
    assert (found.moved is Moved.FILED_LATER) <= (found.effective_on == filed)


@settings(max_examples=60)
@given(contracts(), receipts, st.integers(0, 60))
def test_a_day_is_named_if_and_only_if_the_notice_allows_it(made, offset, more):
    received = made.signed_on + DAY * offset
    assume(status(made, received) not in (None, ContractStatus.EXPIRED))
    course = course_for(made, received)
    to = way_out(course, received).day + DAY * more
    first = way_out(course, received, named=to).day
    assert first >= to
    assert way_out(course, received, named=first).day == first
    assert all(way_out(course, received, named=to + DAY * n).day >= first for n in range(5))
