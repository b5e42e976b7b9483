"""CON-19 through the public service, on every store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memberlogic import (
    Actor,
    CancellationKind,
    CancellationRow,
    ContractRow,
    ContractStatus,
    Extends,
    ExternalId,
    FreezePolicy,
    FreezeRow,
    PersonRow,
    RateRow,
    RateTerms,
    Term,
)
from memberlogic.amounts import Money
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, FlowTerms, Milestone
from memberlogic.contracts.rates import EndsWithTerm, RunsOn, SwitchesTo, SwitchPath
from memberlogic.errors import NotFound, PermissionDenied
from memberlogic.ids import RateId, new_id
from memberlogic.members.membership import MembershipStatus
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CON-19")

TODAY = date(2026, 1, 15)
FEE = Money(5000, "EUR")
DAY = timedelta(days=1)

PEOPLE = [PersonRow(each, given_name=f"N{each}") for each in ("1", "2", "3")]
RATES = [
    RateRow("Y", "year", RateTerms(name="Year", term=Term.of_months(12), renewal=Extends(Term.of_months(1)))),
    RateRow(
        "F",
        "family",
        RateTerms(
            name="Family",
            term=Term.of_months(12),
            renewal=RunsOn(),
            initial_fee=FEE,
            most_covered=1,
            freezes=FreezePolicy(allowed=True, open_ended=True, most_days_a_year=30),
        ),
    ),
    RateRow("S", "summer", RateTerms(name="Summer", term=Term.of_months(3)), on_sale=False),
]
YEAR = ContractRow("C1", "1", "Y", "north", date(2008, 2, 29))


@pytest.fixture
def club(world):
    return filled(world)


def filled(world):
    """A world with the people, the rates and a studio."""
    world.studio("north")
    world.org.members.import_people(PEOPLE, source="old")
    world.org.contracts.import_rates(RATES, source="old")
    return world


def moved_in(org, contracts=(), freezes=(), cancellations=(), chunk=1000):
    """Import everything in order; the reports."""
    of = org.contracts
    return (
        of.import_contracts(contracts, source="old", chunk=chunk),
        of.import_freezes(freezes, source="old", chunk=chunk),
        of.import_cancellations(cancellations, source="old", chunk=chunk),
    )


def codes(report):
    return [(each.row, each.field, each.code) for each in report.rejects]


def status(org, id: str, day: date):
    return org.contracts.get(org.contracts.find("old", id).contract, on=day).status


def told(org, ids, days):
    """What the services tell of contracts by their old ids."""
    found = {}
    for id in ids:
        try:
            contract = org.contracts.find("old", id).contract
        except NotFound:
            found[id] = None
            continue
        freezes = [(each.since, each.until, each.reason) for each in org.contracts.freezes(contract)]
        cancellation = org.contracts.cancellation(contract).cancellation
        ended = cancellation and (cancellation.kind, cancellation.effective_on, cancellation.reason)
        found[id] = ([status(org, id, day) for day in days], freezes, ended)
    return found


def kinds(world, since: int = 0):
    return [each.event.type for each in world.events()[since:]]


def test_a_contract_of_long_ago_tells_what_the_old_system_would(club):
    """Frozen in its third year, cancelled in its sixth."""
    reports = moved_in(
        club.org,
        [YEAR],
        [FreezeRow("F1", "C1", date(2010, 5, 3), date(2010, 6, 7), "ill")],
        [CancellationRow("C1", date(2013, 1, 10), date(2013, 3, 29), "moved")],
    )
    assert [each.imported for each in reports] == [1, 1, 1]
    expected = {
        date(2008, 2, 28): None,
        date(2008, 2, 29): ContractStatus.ACTIVE,
        date(2010, 5, 2): ContractStatus.ACTIVE,
        date(2010, 5, 3): ContractStatus.FROZEN,
        date(2010, 6, 6): ContractStatus.FROZEN,
        date(2010, 6, 7): ContractStatus.ACTIVE,
        date(2013, 3, 28): ContractStatus.ACTIVE,
        date(2013, 3, 29): ContractStatus.CANCELLED,
        TODAY: ContractStatus.CANCELLED,
    }
    assert {day: status(club.org, "C1", day) for day in expected} == expected
    member = club.org.members.find("old", "1").id
    assert club.org.members.membership(member).status is MembershipStatus.FORMER_MEMBER


def test_nothing_of_the_past_is_announced_and_the_jobs_have_nothing_to_do(club):
    """A contract for each way in which one can have ended, and one that runs."""
    before = len(club.events())
    moved_in(
        club.org,
        [YEAR, YEAR._replace(id="C2", holder="2"), ContractRow("C3", "3", "S", "north", date(2009, 6, 1))],
        [FreezeRow("F1", "C2", date(2010, 5, 3), date(2010, 6, 7))],
        [CancellationRow("C1", date(2013, 1, 10), date(2013, 3, 29))],
    )
    imported = ["contract.imported"] * 3 + ["contract.freeze_imported", "contract.cancellation_imported"]
    assert kinds(club, before) == imported
    assert all(each.effective_at == club.clock.now() for each in club.events()[before:])
    club.ml.run_jobs()
    assert kinds(club, before) == imported
    assert [status(club.org, id, TODAY).value for id in ("C1", "C2", "C3")] == ["cancelled", "active", "expired"]


@pytest.mark.rule("CON-16")
def test_what_happens_from_the_day_of_the_import_on_is_announced(club):
    """A contract that begins later, a freeze and a cancellation to come, a renewal."""
    moved_in(
        club.org,
        [YEAR, ContractRow("C2", "2", "Y", "north", date(2026, 1, 10), date(2026, 1, 20))],
        [FreezeRow("F1", "C1", date(2026, 1, 18), date(2026, 1, 25))],
        [CancellationRow("C1", date(2026, 1, 2), date(2026, 3, 1))],
    )
    before = len(club.events())
    club.wait(days=60)
    club.ml.run_jobs()
    contract = club.org.contracts.find("old", "C1").contract
    mine = [each for each in club.events()[before:] if each.event.contract == contract]
    assert [(each.event.type, each.event.day) for each in mine] == [
        ("contract.frozen", date(2026, 1, 18)),
        ("contract.resumed", date(2026, 1, 25)),
        ("contract.renewed", date(2026, 2, 5)),
        ("contract.cancelled", date(2026, 3, 1)),
    ]
    assert kinds(club, before).count("contract.activated") == 1


@pytest.mark.rule("CARE-9")
def test_no_care_flow_is_assigned_and_nobodys_home_changes(club):
    """What a sale would choose."""
    care, call = club.org.care, Milestone(name="Call", action=Action(kind=ActionKind.PHONE_CALL))
    flow = care.save_flow(FlowTerms(name="Welcome", milestones=[call])).flow.id
    care.activate(care.create_configuration(ConfigurationTerms(name="All", default_flow=flow)).id, studio="north")
    club.org.contracts.import_contracts([YEAR], source="old")
    imported, sold = (club.org.members.find("old", each).id for each in ("1", "2"))
    club.contract(member=sold, rate=club.org.contracts.rates()[-1].id)
    assert (len(care.runs(imported)), len(care.runs(sold))) == (0, 1)
    assert [club.org.members.person(each).home_studio for each in (imported, sold)] == [None, "north"]


def test_it_counts_as_paid_unless_the_row_says_otherwise(club):
    family = ContractRow("C1", "1", "F", "north", date(2010, 3, 1), date(2010, 3, 5), ["2"])
    rows = [
        family,
        family._replace(id="C2", paid=False),
        family._replace(id="C3", paid_on=date(2010, 3, 10)),
        family._replace(id="C4", paid_on=TODAY + DAY),
        family._replace(id="C5", paid=False, paid_on=TODAY),
    ]
    report = club.org.contracts.import_contracts(rows, source="old")
    assert codes(report) == [(4, "paid_on", "payment.to_come"), (5, "paid_on", "input.invalid")]
    days = [date(2010, 3, 1), date(2010, 3, 5), date(2010, 3, 10)]
    assert [[status(club.org, id, day).value for day in days] for id in ("C1", "C2", "C3")] == [
        ["pending", "active", "active"],
        ["on_hold", "on_hold", "on_hold"],
        ["on_hold", "on_hold", "active"],
    ]
    assert [len(club.org.contracts.of(club.org.members.find("old", id).id)) for id in ("1", "2")] == [3, 3]


def test_the_limits_of_today_are_not_those_of_the_day(club):
    """The rate allows no freeze and one month of notice; it is not even sold any more."""
    club.org.contracts.retire_rate(club.org.contracts.rates()[-1].id)
    reports = moved_in(
        club.org,
        [YEAR],
        [FreezeRow(f"F{n}", "C1", date(2010, n, 1), date(2010, n, 28)) for n in range(1, 12)],
        [CancellationRow("C1", date(2013, 1, 10), date(2013, 1, 10), "not-on-the-list", extraordinary=True)],
    )
    assert [(each.imported, each.rejected) for each in reports] == [(1, 0), (11, 0), (1, 0)]
    contract = club.org.contracts.find("old", "C1").contract
    assert len(club.org.contracts.freezes(contract)) == 11
    assert club.org.contracts.cancellation(contract).cancellation.kind is CancellationKind.EXTRAORDINARY


def test_what_was_never_paid_made_nobody_a_member(club):
    family = ContractRow("C1", "1", "F", "north", date(2010, 3, 1), paid=False)
    moved_in(club.org, [family], (), [CancellationRow("C1", date(2010, 3, 20), date(2010, 4, 1))])
    told = club.org.contracts.cancellation(club.org.contracts.find("old", "C1").contract).cancellation
    assert (told.kind, told.effective_on) == (CancellationKind.NEVER_PAID, date(2010, 4, 1))
    assert status(club.org, "C1", date(2010, 3, 31)) is ContractStatus.ON_HOLD
    member = club.org.members.find("old", "1").id
    assert club.org.members.membership(member).status is MembershipStatus.PROSPECT


@pytest.mark.rule("CON-6")
def test_a_freeze_without_an_end_lasts_until_it_is_ended_whatever_the_rate_allows(club):
    """Where the rate allows one without an end and says how long it lasts, it does."""
    most = RateTerms(
        name="M", term=Term.of_months(12), renewal=RunsOn(), freezes=FreezePolicy(allowed=True, most_days=9)
    )
    club.org.contracts.import_rates([RateRow("M", "most", most)], source="old")
    contracts = [
        YEAR,
        *(ContractRow(f"C{n}", "2", rate, "north", date(2025, 3, 1)) for n, rate in ((2, "F"), (3, "M"))),
    ]
    rows = [FreezeRow(f"F{n}", f"C{n}", date(2025, 12, 1)) for n in (1, 2, 3)]
    _, report, _ = moved_in(club.org, contracts, rows)
    assert (report.imported, report.rejected) == (3, 0)
    assert [status(club.org, id, TODAY).value for id in ("C1", "C2", "C3")] == ["frozen", "active", "frozen"]
    assert status(club.org, "C2", date(2025, 12, 30)) is ContractStatus.FROZEN
    assert status(club.org, "C2", date(2025, 12, 31)) is ContractStatus.ACTIVE
    for id in ("C1", "C3"):
        contract = club.org.contracts.find("old", id).contract
        (freeze,) = club.org.contracts.freezes(contract)
        club.org.contracts.end_freeze(contract, freeze.freeze, on=TODAY + DAY)
        assert status(club.org, id, TODAY) is ContractStatus.FROZEN
        assert status(club.org, id, TODAY + DAY) is ContractStatus.ACTIVE


@pytest.mark.rule("COM-19")
@pytest.mark.parametrize("chunk", [1, 1000])
def test_no_later_row_takes_the_id_of_one_that_was_rejected(club, chunk):
    """Of any file: which of the two is meant is for people to say."""
    bad = YEAR._replace(holder="9")
    freeze = FreezeRow("F1", "C9", date(2010, 5, 3), date(2010, 6, 7))
    leave = CancellationRow("C9", date(2013, 1, 10), date(2013, 1, 9))
    reports = moved_in(
        club.org,
        [bad, YEAR, YEAR._replace(id="C9")],
        [freeze._replace(contract="C1"), freeze],
        [leave, leave._replace(effective_on=date(2013, 3, 29))],
        chunk=chunk,
    )
    assert [codes(each) for each in reports] == [
        [(1, "holder", "import.no_such_record"), (2, "id", "import.id_rejected")],
        [(1, "contract", "import.no_such_record"), (2, "id", "import.id_rejected")],
        [(1, "effective_on", "cancellation.before_receipt"), (2, "contract", "import.id_rejected")],
    ]
    rates = [RateRow("Z", "Zebra!", RATES[0].terms), RateRow("Z", "zebra", RATES[0].terms)]
    assert codes(club.org.contracts.import_rates(rates, source="old", chunk=chunk)) == [
        (1, "code", "input.invalid"),
        (2, "id", "import.id_rejected"),
    ]


def test_a_rate_of_another_system_joins_the_one_that_is_called_so_on_the_same_terms(club):
    """Contracts of both are on one rate; whether it is still sold is for this club to say."""
    report = club.org.contracts.import_rates([RATES[0]._replace(id="7", on_sale=False)], source="new")
    again = club.org.contracts.import_rates([RATES[0]._replace(id="7")], source="new")
    assert (report.imported, again.skipped, len(club.org.contracts.rates())) == (1, 1, 3)
    row = YEAR._replace(id=ExternalId("new", "C1"), holder=ExternalId("old", "1"), rate="7")
    assert club.org.contracts.import_contracts([row], source="new").imported == 1
    rate = club.org.contracts.get(club.org.contracts.find("new", "C1").contract).rate
    assert rate == next(each.id for each in club.org.contracts.rates() if each.code == "year")
    other = RATES[0]._replace(id="8", terms=RATES[2].terms)
    assert codes(club.org.contracts.import_rates([other], source="new")) == [(1, "code", "import.rate_on_other_terms")]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"holder": "9"}, "holder", "import.no_such_record"),
        ({"covered": ["2", "9"]}, "covered[1]", "import.no_such_record"),
        ({"rate": "9"}, "rate", "import.no_such_record"),
        ({"studio": "south"}, "studio", "import.no_such_record"),
        ({"signed_on": TODAY + DAY}, "signed_on", "contract.signed_in_the_future"),
        ({"start_on": date(2008, 2, 28)}, "start_on", "contract.starts_before_signing"),
        ({"covered": ["2"]}, "covered", "contract.covers_too_many"),
        ({"covered": ["2", "3"], "rate": "F"}, "covered", "contract.covers_too_many"),
        ({"covered": ["1"], "rate": "F"}, "covered", "contract.covered_twice"),
        ({"signed_on": "2008-02-29"}, "signed_on", "input.invalid"),
        ({"signed_on": date(1899, 1, 1)}, "signed_on", "input.invalid"),
        ({"paid": None}, "paid", "input.invalid"),
        ({"covered": "2"}, "covered", "input.invalid"),
        ({"covered": [None]}, "covered[0]", "input.invalid"),
        ({"id": None}, "id", "input.invalid"),
        ({"studio": "North"}, "studio", "input.invalid"),
    ],
)
def test_a_contract_that_cannot_go_in_names_its_field(change, field, code):
    world = filled(World(MemoryStorage()))
    report = world.org.contracts.import_contracts([YEAR._replace(**change)], source="old")
    assert codes(report) == [(1, field, code)]


def test_nobody_who_was_anonymised_comes_onto_a_contract(club):
    club.org.settings.change(kept_sources=["old"])
    org = club.acting_as(Actor.system())
    org.members.anonymise(org.members.find("old", "1").id)
    report = org.contracts.import_contracts([YEAR], source="old")
    assert codes(report) == [(1, "holder", "state.illegal_transition")]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (FreezeRow("F", "C9", date(2010, 1, 1), date(2010, 1, 2)), "contract", "import.no_such_record"),
        (FreezeRow("F", "C1", date(2010, 1, 2), date(2010, 1, 2)), "until", "input.invalid"),
        (FreezeRow("F", "C1", date(2008, 2, 28), date(2010, 1, 2)), "since", "freeze.outside_term"),
        (FreezeRow("F", "C3", date(2009, 9, 1), date(2009, 9, 2)), "since", "freeze.outside_term"),
        (FreezeRow("F", "C2", date(2010, 1, 1), date(2010, 1, 2)), "contract", "freeze.unpaid"),
        (FreezeRow("F", "C1", date(2011, 1, 9), date(2011, 1, 11)), "since", "freeze.overlaps"),
        (FreezeRow("F", "C1", date(2010, 1, 1), date(2010, 1, 2), "Because!"), "reason", "input.invalid"),
        (FreezeRow("G", "C1", date(2011, 1, 10), date(2011, 1, 21)), "until", "import.row_changed"),
        (FreezeRow("G", "C3", date(2011, 1, 10), date(2011, 1, 20)), "contract", "import.row_changed"),
        ("freeze", "row", "input.invalid"),
        (CancellationRow("C9", date(2010, 1, 1), date(2010, 1, 2)), "contract", "import.no_such_record"),
        (CancellationRow("C1", TODAY + DAY, TODAY + DAY), "received_on", "cancellation.received_in_the_future"),
        (CancellationRow("C1", date(2008, 2, 28), TODAY), "received_on", "cancellation.received_before_signing"),
        (CancellationRow("C1", date(2010, 1, 2), date(2010, 1, 1)), "effective_on", "cancellation.before_receipt"),
        (CancellationRow("C3", date(2009, 7, 1), date(2009, 9, 2)), "effective_on", "cancellation.ends_before"),
        (CancellationRow("C2", date(2010, 7, 1), date(2010, 7, 2)), "contract", "import.cancellation_on_file"),
        (CancellationRow("C4", date(2010, 7, 1), date(2010, 7, 3)), "effective_on", "import.row_changed"),
        (CancellationRow("C1", None, TODAY), "received_on", "input.invalid"),
        (5, "row", "input.invalid"),
    ],
)
def test_what_cannot_be_filed_names_its_field(row, field, code):
    world = filled(World(MemoryStorage()))
    family = ContractRow("C2", "2", "F", "north", date(2009, 3, 1), paid=False)
    summer = ContractRow("C3", "3", "S", "north", date(2009, 6, 1))
    moved_in(
        world.org,
        [YEAR, family, summer, YEAR._replace(id="C4")],
        [FreezeRow("G", "C1", date(2011, 1, 10), date(2011, 1, 20))],
        [CancellationRow("C4", date(2010, 7, 1), date(2010, 7, 2))],
    )
    world.org.contracts.cancel(world.org.contracts.find("old", "C2").contract, received_on=TODAY, reason="other")
    of = world.org.contracts
    importing = of.import_freezes if isinstance(row, FreezeRow | str) else of.import_cancellations
    assert codes(importing([row], source="old")) == [(1, field, code)]


def test_what_was_transferred_since_is_filed_by_hand(club):
    club.studio("south")
    club.org.contracts.import_contracts([YEAR], source="old")
    contract = club.org.contracts.find("old", "C1").contract
    club.org.contracts.transfer(contract, studio="south", on=TODAY + DAY)
    _, freezes, cancellations = moved_in(
        club.org,
        (),
        [FreezeRow("F1", "C1", date(2010, 5, 3), date(2010, 6, 7))],
        [CancellationRow("C1", date(2010, 1, 1), date(2010, 1, 2))],
    )
    assert codes(freezes) == codes(cancellations) == [(1, "contract", "import.goes_on_elsewhere")]


@pytest.mark.rule("COM-21")
def test_history_that_comes_weeks_later_changes_the_past_and_is_told_by_its_own_event(club):
    club.org.contracts.import_contracts([YEAR], source="old")
    club.wait(days=30)
    before = len(club.events())
    club.org.contracts.import_freezes([FreezeRow("F1", "C1", date(2010, 5, 3), date(2010, 6, 7))], source="old")
    assert kinds(club, before) == ["contract.renewed", "contract.freeze_imported"]
    assert status(club.org, "C1", date(2010, 5, 3)) is ContractStatus.FROZEN


def test_rates_come_with_their_terms_and_those_not_sold_any_more_are_retired(world):
    report = world.org.contracts.import_rates([*RATES, *RATES], source="old")
    assert (report.imported, report.skipped) == (3, 3)
    rates = {each.code: each for each in world.org.contracts.rates()}
    assert {code: (each.terms, each.on_sale) for code, each in rates.items()} == {
        each.code: (each.terms, each.on_sale) for each in RATES
    }
    nobody = RateId(new_id())
    terms = RATES[0].terms
    bad = [
        RateRow("Y", "year", RATES[1].terms),
        RateRow("Z2", "year", RATES[1].terms),
        RateRow("Z3", "Year!", terms),
        RateRow("Z4", "zebra", "terms"),
        RateRow("Z5", "zebra", terms, on_sale=1),
        RateRow("Z6", "zebra", RateTerms(name="Z", term=Term.of_days(1), renewal=SwitchesTo(nobody))),
        RateRow("Z7", "zebra", RateTerms(name="Z", term=Term.of_days(1), switch_paths=[SwitchPath(to=nobody)])),
        RateRow("Z8", "zebra", RateTerms(name="Z", term=Term.of_days(1), renewal=SwitchesTo(rates["summer"].id))),
        "rate",
    ]
    assert codes(world.org.contracts.import_rates(bad, source="old")) == [
        (1, "terms", "import.row_changed"),
        (2, "code", "import.rate_on_other_terms"),
        (3, "code", "input.invalid"),
        (4, "terms", "input.invalid"),
        (5, "on_sale", "input.invalid"),
        (6, "terms", "not_found"),
        (7, "terms", "not_found"),
        (8, "terms", "rate.switches_to_retired"),
        (9, "row", "input.invalid"),
    ]


def test_people_and_rates_can_be_named_by_ids_of_another_source(club):
    club.org.members.register(member_type="customer", external_ids=[ExternalId("card", "4711")])
    row = YEAR._replace(holder=ExternalId("card", "4711"), rate=ExternalId("old", "Y"))
    assert club.org.contracts.import_contracts([row], source="old").imported == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holder": "2"}, "holder"),
        ({"rate": "F"}, "rate"),
        ({"studio": "south"}, "studio"),
        ({"signed_on": date(2008, 2, 28), "start_on": date(2008, 2, 29)}, "signed_on"),
        ({"start_on": date(2008, 3, 1)}, "start_on"),
        ({"paid_on": date(2008, 3, 1)}, None),
    ],
)
def test_a_contract_that_says_something_else_now_changes_nothing(change, field):
    world = filled(World(MemoryStorage()))
    world.org.contracts.import_contracts([YEAR], source="old")
    before = world.stored_contract(world.org.contracts.find("old", "C1").contract)
    report = world.org.contracts.import_contracts([YEAR._replace(**change)], source="old")
    assert codes(report) == ([] if field is None else [(1, field, "import.row_changed")])
    assert world.stored_contract(before.id) == before


def test_bringing_history_over_needs_the_permission_for_the_past(club):
    staff = club.staff("members.contracts:create", "members.contracts:update")
    with pytest.raises(PermissionDenied) as refusal:
        staff.contracts.import_contracts([YEAR], source="old")
    assert refusal.value.details["permission"] == "members.contracts.past:create"


def rows_of(kind, **columns):
    """Rows of a kind, each column drawn from what is said of it."""
    return st.fixed_dictionaries(columns).map(lambda said: kind(**said))


FEW = st.sampled_from
DAYS = FEW([date(2008, 2, 29), date(2010, 1, 1), date(2010, 3, 1), date(2012, 2, 29), date(2026, 1, 14), TODAY])
ANY_DAY = st.one_of(DAYS, FEW([date(2026, 2, 1), date(2300, 1, 1), None, "2010-01-01"]))
CONTRACTS = rows_of(
    ContractRow,
    id=FEW(["C1", "C2", "C3", "", None]),
    holder=FEW(["1", "2", "3", "9", 5]),
    rate=FEW(["Y", "F", "S", "9"]),
    studio=FEW(["north", "north", "north", "nowhere", None]),
    signed_on=ANY_DAY,
    start_on=st.one_of(st.none(), ANY_DAY),
    covered=FEW([(), (), ["2"], ["9"], 5]),
    paid=FEW([True, True, False, "yes"]),
    paid_on=st.one_of(st.none(), ANY_DAY),
)
FREEZES = rows_of(
    FreezeRow,
    id=FEW(["F1", "F2", "F3", "F4"]),
    contract=FEW(["C1", "C2", "C3", "C9", 5]),
    since=ANY_DAY,
    until=st.one_of(st.none(), ANY_DAY),
    reason=FEW(["ill", "other", ""]),
)
CANCELLATIONS = rows_of(
    CancellationRow,
    contract=FEW(["C1", "C2", "C3", "C9"]),
    received_on=ANY_DAY,
    effective_on=ANY_DAY,
    reason=FEW(["moved", "x!"]),
    extraordinary=FEW([False, True, 1]),
)
IDS = ("C1", "C2", "C3")
LOOKED_AT = [date(2008, 2, 29), date(2009, 6, 1), date(2010, 2, 1), date(2012, 3, 1), TODAY, date(2027, 1, 1)]


@pytest.mark.rule("COM-15")
@settings(max_examples=20)
@given(
    contracts=st.lists(CONTRACTS, max_size=6),
    freezes=st.lists(FREEZES, max_size=6),
    cancellations=st.lists(CANCELLATIONS, max_size=4),
    chunk=st.integers(1, 4),
    cut=st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4)),
)
def test_any_rows_go_in_dry_and_wet_alike_once_and_whatever_happened_before(
    storage, contracts, freezes, cancellations, chunk, cut
):
    """Never an error of another kind; a rehearsal says what comes; twice is once; killed anywhere and run again, it is
    as if nothing had happened; the chunks do not matter.
    """
    rows = (contracts, freezes, cancellations)
    world, killed = filled(World(storage)), filled(World(storage))
    before = len(world.events())
    with world.ml.rehearsal() as trial:
        org = trial.organization(world.organization.id, Actor.system())
        rehearsed = moved_in(org, *rows, chunk=chunk)
        as_rehearsed = told(org, IDS, LOOKED_AT)
    assert len(world.events()) == before
    reports = moved_in(world.org, *rows, chunk=5 - chunk)
    assert reports == rehearsed
    assert told(world.org, IDS, LOOKED_AT) == as_rehearsed
    again = moved_in(world.org, *rows)
    assert [each.imported for each in again] == [0, 0, 0]
    of = killed.org.contracts
    of.import_contracts(contracts[: cut[0]], source="old", chunk=chunk)
    if cut[0] >= len(contracts):
        of.import_freezes(freezes[: cut[1]], source="old", chunk=chunk)
        if cut[1] >= len(freezes):
            of.import_cancellations(cancellations[: cut[2]], source="old", chunk=chunk)
    moved_in(killed.org, *rows)
    assert told(killed.org, IDS, LOOKED_AT) == as_rehearsed
    assert sorted(kinds(killed)) == sorted(kinds(world))


def old_system(start, renews_until, freezes, cancelled, day):
    """What the old system says of a day, from its own dates."""
    if cancelled is not None and cancelled <= day:
        return ContractStatus.CANCELLED
    if cancelled is None and renews_until is not None and renews_until <= day:
        return ContractStatus.EXPIRED
    if day < start:
        return ContractStatus.PENDING
    frozen = any(since <= day < until for since, until in freezes)
    return ContractStatus.FROZEN if frozen else ContractStatus.ACTIVE


@settings(max_examples=60)
@given(
    signed=st.dates(date(2006, 1, 1), date(2025, 12, 1)),
    wait=st.integers(0, 40),
    gaps=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=4),
    cancelled=st.one_of(st.none(), st.tuples(st.integers(0, 3000), st.integers(0, 90))),
    renewal=FEW([EndsWithTerm(), Extends(Term.of_months(1)), RunsOn()]),
    extends=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_on_every_past_day_it_is_what_the_old_systems_days_say_in_whatever_order_they_come(
    signed, wait, gaps, cancelled, renewal, extends, order
):
    """Against the old system's own reckoning; its freezes and its cancellation shuffled."""
    start, freezes = signed + timedelta(days=wait), []
    end = Term.of_months(24).after(start) if isinstance(renewal, EndsWithTerm) else None
    since = start
    for gap, days in gaps:
        since += timedelta(days=gap)
        if end is None or since < end:
            until = since + timedelta(days=days)
            freezes.append((since, until))
            end = end + timedelta(days=days) if end is not None and extends else end
        since += timedelta(days=days)
    ends_on = None
    if cancelled is not None:
        received = signed + timedelta(days=cancelled[0])
        ends_on = received + timedelta(days=cancelled[1])
        assume(received <= TODAY and (end is None or ends_on <= end))
    world = filled(World(MemoryStorage()))
    terms = RateTerms(name="R", term=Term.of_months(24), renewal=renewal, freezes=FreezePolicy(extends=extends))
    world.org.contracts.import_rates([RateRow("R", "r", terms)], source="old")
    world.org.contracts.import_contracts([ContractRow("C1", "1", "R", "north", signed, start)], source="old")
    filed = [FreezeRow(f"F{number}", "C1", *each) for number, each in enumerate(freezes)]
    if ends_on is None or not isinstance(renewal, EndsWithTerm):
        order.shuffle(filed)
    several = end is not None and isinstance(renewal, EndsWithTerm)
    filed = sorted(filed, key=lambda each: each.since) if several else filed
    rows = [*filed, *([] if ends_on is None else [CancellationRow("C1", received, ends_on)])]
    if not several:
        order.shuffle(rows)
    for row in rows:
        of = world.org.contracts
        importing = of.import_freezes if isinstance(row, FreezeRow) else of.import_cancellations
        assert importing([row], source="old").imported == 1
    contract = world.org.contracts.find("old", "C1").contract
    cut = [(since, until) for since, until in freezes if ends_on is None or since < ends_on]
    marks = {signed, start, TODAY, *(each for pair in freezes for each in pair), ends_on or TODAY, end or TODAY}
    for day in sorted({each + step for each in marks for step in (-DAY, timedelta(), DAY)}):
        if signed <= day <= TODAY:
            expected = old_system(start, end, cut, ends_on, day)
            assert world.org.contracts.get(contract, on=day).status is expected, day
