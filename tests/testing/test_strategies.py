"""Strategies for every type that commands take; what they draw, the services accept on every store."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import get_args

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.calling import asked, parameters

import memberlogic
from memberlogic import ExternalId, PassKind, Redeeming, Term
from memberlogic.care.catalogues import EntryKind
from memberlogic.converting import from_json, to_json
from memberlogic.ids import new_id
from memberlogic.testing import World, strategies
from memberlogic.testing.strategies import KINDS

ONLY_RETURNED = {
    "AsyncMemberLogic": "the front door",
    "Catalogues": "what the host brings, no data",
    "Clock": "what the host brings, no data",
    "Handle": "the front door",
    "MemberLogic": "the front door",
    "MemberLogicError": "what is raised",
    "SystemClock": "the computer's",
    "WorkKey": "where a page of a list goes on: it comes from the page before",
}
"""Classes without a strategy, each with its reason."""


def taken() -> dict[str, type]:
    """Every class on the shelf, and every one in the signature of a command or query."""
    found: dict[str, type] = {}

    def walk(kind: object) -> None:
        for each in get_args(kind):
            walk(each)
        if isinstance(kind, type) and not issubclass(kind, Enum):
            found[kind.__qualname__] = kind

    for name in memberlogic.__all__:
        walk(getattr(memberlogic, name))
    for name in asked():
        for kind in parameters(name, optional=True).values():
            walk(kind)
    return {name: kind for name, kind in found.items() if kind.__module__.startswith("memberlogic")}


def test_every_class_that_commands_take_has_a_strategy():
    missing = {name for name, kind in taken().items() if kind not in KINDS}
    assert missing == set(ONLY_RETURNED)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__qualname__)
def test_hypothesis_knows_the_type_and_what_it_draws_goes_through_json(kind):
    @settings(max_examples=20)
    @given(st.from_type(kind))
    def of_its_type(value):
        assert isinstance(value, kind)
        if attrs.has(kind):
            assert from_json(kind, to_json(value)) == value

    of_its_type()


# A store is a database: what fails there is not made smaller, which would take thousands of worlds.
FEW = settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@FEW
@given(data=st.data())
def test_rates_can_be_sold(storage, data):
    world = World(storage)
    first = world.org.contracts.open_rate(code="first", terms=data.draw(strategies.rates()))
    second = world.org.contracts.open_rate(code="second", terms=data.draw(strategies.rates([first.id])))
    assert world.org.contracts.rate(second.id).terms == second.terms
    world.contract(rate=second.id)


@FEW
@given(club=strategies.clubs(), lines=strategies.purchases(), data=st.data())
def test_clubs_can_be_opened_and_sell(storage, club, lines, data):
    world = World(storage, **club)
    assert world.org.loyalty.club(world.club.id) == world.club
    till = ExternalId("till", "1")
    account = world.account()
    world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR")
    if any(each.paid for each in lines):
        back = data.draw(strategies.return_lines(lines))
        world.org.loyalty.return_purchase(purchase=till, receipt=ExternalId("till", "2"), lines=[back])
    lowest = world.club.lowest.code
    world.org.loyalty.move_scheme(account, lowest, reason="goodwill", pin=data.draw(strategies.pins()))


@FEW
@given(data=st.data())
def test_people_can_register(storage, data):
    world = World(storage)
    studio = world.studio()
    person = data.draw(strategies.people(studios=[studio]))
    member = world.org.members.register(**person).id
    assert world.org.members.person(member).given_name == person["given_name"]


@FEW
@given(row=strategies.person_rows())
def test_people_of_another_system_come_over(storage, row):
    report = World(storage).org.members.import_people([row], source="old")
    assert (report.imported, report.rejected) == (1, 0), report


@FEW
@given(row=strategies.refused_rows())
def test_what_a_reader_cannot_vouch_for_is_rejected_as_it_says(storage, row):
    report = World(storage).org.members.import_people([row], source="old")
    assert [each.field for each in report.rejects] == ["birth_date"]


@FEW
@given(data=st.data())
def test_what_was_sold_elsewhere_comes_over(storage, data):
    world = World(storage)
    studio, today = world.studio(), world.today()
    rate = data.draw(strategies.rate_rows())
    reports = [world.org.contracts.import_rates([rate], source="old")]
    world.org.members.register(member_type="customer", external_ids=[ExternalId("old", "m-1")])
    sold = world.org.contracts.open_rate(code="old", terms=rate.terms, external_ids=[ExternalId("old", "r-1")])
    assert sold.on_sale
    row = data.draw(strategies.contract_rows(["m-1"], ["r-1"], [studio], today=today))
    reports.append(world.org.contracts.import_contracts([row], source="old"))
    assert [each.rejected for each in reports] == [0, 0], reports


@FEW
@given(data=st.data())
def test_freezes_and_cancellations_of_another_system_come_over(storage, data):
    world = World(storage)
    studio, today = world.studio(), world.today()
    world.org.members.register(member_type="customer", external_ids=[ExternalId("old", "m-1")])
    year = memberlogic.RateTerms(name="Year", term=Term.of_years(5))
    world.org.contracts.open_rate(code="old", terms=year, external_ids=[ExternalId("old", "r-1")])
    row = data.draw(strategies.contract_rows(["m-1"], ["r-1"], [studio], today=today))
    contracts = world.org.contracts
    contracts.import_contracts([row], source="old")
    freeze = data.draw(strategies.freeze_rows([row.id], first=row.start_on))
    cancellation = data.draw(strategies.cancellation_rows([row.id], today=today))
    assert contracts.import_freezes([freeze], source="old").rejected == 0
    assert contracts.import_cancellations([cancellation], source="old").rejected == 0


@FEW
@given(data=st.data())
def test_batches_run(storage, data):
    world = World(storage)
    contract = world.contract()
    action = data.draw(strategies.gifts() | strategies.freezes_of_all())
    audience = data.draw(strategies.named([contract]) | strategies.open_at(st.just(world.studio())))
    batch = world.org.contracts.open_batch(action, audience)
    assert world.org.contracts.run_batch(batch.batch).waiting == 0


@FEW
@given(data=st.data())
def test_flows_and_configurations_are_saved_and_played(storage, data):
    world = World(storage)
    care = world.org.care
    care.save_entry(EntryKind.SERVICE, code="check_up")
    care.save_entry(EntryKind.COMPETENCE, code="trainer")
    care.save_entry(EntryKind.EMPLOYEE, code="sam", competences=["trainer"])
    terms = data.draw(strategies.flows(services=["check_up"], employees=["sam"], competences=["trainer"]))
    flow = care.save_flow(terms).flow.id
    wanted = data.draw(strategies.configurations(flows=[flow], rates=[world.rate()]))
    assert care.create_configuration(wanted).terms == wanted
    statuses = data.draw(strategies.memberships())
    events = data.draw(st.lists(strategies.planned_events(), max_size=3))
    assert care.simulate(flow, statuses=statuses, studio=world.studio(), events=events).flow_name == terms.name


@FEW
@given(data=st.data())
def test_journals_are_well_formed(storage, data):
    world = World(storage)
    accounts = [world.account(), world.account()]
    rows = data.draw(st.lists(strategies.journal_rows(accounts), min_size=1, max_size=5))
    assert world.org.ledger.draft_journal(str(new_id()), rows).malformed == 0


@FEW
@given(data=st.data())
def test_streams_of_purchases_go_in(storage, data):
    world = World(storage, redeeming=Redeeming(points=1, value=1))
    account, opened = world.account(), world.today()
    world.wait(days=40)
    sold = strategies.purchase_rows([account], first=opened + timedelta(days=1), last=world.today())
    rows = data.draw(st.lists(sold, max_size=4, unique_by=lambda each: each.id))
    blocks = data.draw(st.none() | strategies.redeem_blocks())
    report = world.org.loyalty.import_purchases(rows, source="till", redeem=blocks)
    assert report.rejected == 0, report


@FEW
@given(usable=strategies.usable(), quiet=strategies.quiet_hours())
def test_passes_are_issued_and_quiet_hours_set(storage, usable, quiet):
    world = World(storage)
    assert world.org.contracts.issue_pass(world.member(), PassKind.DAY, services=usable).services == usable
    assert world.org.settings.change(quiet_hours=quiet).quiet_hours == quiet
