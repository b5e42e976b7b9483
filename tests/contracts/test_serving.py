"""CON-13: what a member may use on a day."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.dated import HOLDER, contract, terms
from tests.contracts.test_admitting import DAY, in_status

from memberlogic.calendar import CalendarPeriod, Term
from memberlogic.contracts.model import FINAL, ContractStatus
from memberlogic.contracts.rates import SwitchesTo
from memberlogic.contracts.services import AllServices, OnlyServices, ServiceTerms, VisitLimit
from memberlogic.contracts.serving import services_on
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import MemberId, RateId, new_id

pytestmark = pytest.mark.rule("CON-13")

TODAY = date(2026, 1, 15)
NOW = None


@pytest.mark.parametrize("status", ContractStatus)
def test_where_nothing_is_said_an_active_contract_gives_everything_and_others_nothing(status):
    given_ = services_on(HOLDER, [in_status(status)], DAY, NOW)
    wanted = AllServices() if status is ContractStatus.ACTIVE else OnlyServices()
    assert given_.services == wanted
    assert len(given_.contracts) == (status not in FINAL)


@pytest.mark.parametrize("status", ContractStatus)
def test_a_rate_says_what_each_open_status_gives(status):
    said = {each: OnlyServices([each]) for each in ("active", "frozen", "pending", "on_hold")}
    given_ = services_on(HOLDER, [in_status(status, **said)], DAY, NOW)
    assert given_.services == OnlyServices([status.value] if status not in FINAL else [])


some = st.one_of(st.just(AllServices()), st.lists(st.sampled_from("abcd"), max_size=3).map(OnlyServices))


@settings(max_examples=60)
@given(st.lists(st.tuples(some, st.sampled_from([(), ("north",), ("south",)])), max_size=4))
def test_it_is_the_union_over_all_contracts(said):
    contracts = [in_status(ContractStatus.ACTIVE, active=each, studios=studios) for each, studios in said]
    given_ = services_on(HOLDER, contracts, DAY, NOW)
    for service in (None, "a", "b", "c", "d", "e"):
        assert given_.services.includes(service) is any(each.includes(service) for each, _ in said)
        for studio in ("north", "south"):
            wanted = any(each.includes(service) and (not where or studio in where) for each, where in said)
            assert given_.includes(service, studio) is wanted


def test_whom_a_contract_does_not_cover_has_nothing_of_it():
    stranger = MemberId(new_id())
    assert services_on(stranger, [in_status(ContractStatus.ACTIVE)], DAY, NOW).contracts == ()


def test_the_rate_of_the_day_counts():
    """CON-9: a contract that switches gives what the later rate gives."""
    gym = ServiceTerms(active=OnlyServices(["gym"]))
    sauna = ServiceTerms(active=OnlyServices(["sauna"]))
    first = terms(term=Term.of_months(1), renewal=SwitchesTo(RateId(new_id())), services=gym)
    made = contract(first, terms(services=sauna), signed=date(2026, 1, 1))
    for day, wanted in ((date(2026, 1, 31), "gym"), (date(2026, 2, 1), "sauna")):
        assert services_on(HOLDER, [made], day, NOW).services == OnlyServices([wanted])


@pytest.mark.rule("COM-3")
def test_today_is_each_contracts_own(world):
    """Noon in London is the next day in Auckland."""
    member = world.member()
    start = TODAY + timedelta(days=1)
    for code, zone in (("auckland", "Pacific/Auckland"), ("north", "Europe/Berlin")):
        world.contract(member=member, studio=world.studio(code, ZoneInfo(zone)), start_on=start)
    statuses = [each.status for each in world.org.contracts.services_on(member).contracts]
    assert statuses == [ContractStatus.ACTIVE, ContractStatus.PENDING]
    assert {each.status for each in world.org.contracts.services_on(member, on=start).contracts} == {
        ContractStatus.ACTIVE
    }


def test_a_rate_keeps_what_it_gives(world):
    said = ServiceTerms(
        active=OnlyServices(["gym", "sauna"]),
        frozen=AllServices(),
        studios=["north"],
        limits=[VisitLimit(visits=2, period=CalendarPeriod.WEEK, services=["sauna"])],
    )
    member = world.member()
    rate = world.rate(services=said)
    world.contract(member=member, rate=rate)
    told = world.org.contracts.services_on(member)
    assert world.org.contracts.rate(rate).terms.services == said
    assert (told.services, told.contracts[0].limits, told.contracts[0].studios) == (
        said.active,
        said.limits,
        ("north",),
    )
    assert told.explain().summary == "By their contracts the member may use: gym, sauna."
    assert (
        world.org.contracts.services_on(world.member()).explain().summary
        == "By their contracts the member may use: nothing."
    )
    with pytest.raises(NotFound):
        world.org.contracts.services_on(MemberId(new_id()))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: OnlyServices(["Sauna"]),
        lambda: OnlyServices("sauna"),
        lambda: ServiceTerms(active=None),
        lambda: ServiceTerms(limits=[7]),
        lambda: ServiceTerms(limits=7),
        lambda: ServiceTerms(studios=[""]),
        lambda: VisitLimit(visits=0, period=CalendarPeriod.DAY),
        lambda: VisitLimit(visits=1, period="week"),
    ],
)
def test_what_is_no_such_thing_is_refused(wrong):
    with pytest.raises(InvalidInput):
        wrong()
