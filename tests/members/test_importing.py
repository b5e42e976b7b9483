"""MEM-19 through the public service, on every store."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import Actor, ExternalId, MemberLogic, PersonRow, RefusedRow
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import MemberId, new_id
from memberlogic.importing import RowReject
from memberlogic.members.importing import MemberImported
from memberlogic.members.membership import MembershipStatus
from memberlogic.members.model import Member, MemberState
from memberlogic.members.people import Address
from memberlogic.members.support_ids import candidates, support_id
from memberlogic.storing import Command
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-19")

HOME = Address(lines=("1 Nowhere Street",), postcode="00000", city="Nowhere", country="GB")
ANA = PersonRow(
    "1",
    given_name="Ana",
    family_name="Nobody",
    birth_date=date(1972, 2, 29),
    language="en",
    email="Ana@example.org",
    phones=["+44 20 7946 0958"],
    addresses=[HOME],
    verified=True,
    registered_on=date(2006, 2, 28),
)


def told(org, *ids: str):
    """What the services tell of people by their old ids, without what differs between two imports."""
    found = {}
    for id in ids:
        try:
            member = org.members.find("old", id)
        except NotFound:
            found[id] = None
            continue
        person = org.members.person(member.id)
        points = [(each.kind, each.written, each.verified) for each in org.members.contact_points(member.id)]
        guardian = None if person.guardian is None else org.members.person(person.guardian).given_name
        known = {name: value for name, value in person.given.items() if name != "guardian"}
        found[id] = (member.type, member.state, known, points, guardian)
    return found


def codes(report):
    return [(each.row, each.field, each.code) for each in report.rejects]


def test_a_row_is_what_registering_would_be(world):
    world.studio("north")
    row = ANA._replace(home_studio="north")
    report = world.org.members.import_people([row], source="old")
    assert (report.rows, report.imported, report.skipped, report.rejected) == (1, 1, 0, 0)
    beside = World(world.storage)
    beside.studio("north")
    said = {name: value for name, value in row._asdict().items() if name not in ("id", "guardian", "registered_on")}
    beside.org.members.register(external_ids=[ExternalId("old", "1")], **said)
    assert told(world.org, "1") == told(beside.org, "1")
    member = world.org.members.find("old", "1")
    assert world.org.members.find_by_support_id(member.support_id) == member
    assert [each.member.id for each in world.org.members.search("nobod")] == [member.id]
    assert world.org.members.membership(member.id).status is MembershipStatus.PROSPECT


def test_what_is_written_of_it_is_one_event_and_nobody_is_welcomed(world):
    before = len(world.events())
    world.org.members.import_people([ANA], source="old")
    member = world.org.members.find("old", "1")
    (recorded,) = world.events()[before:]
    assert recorded.event == MemberImported(
        members=(member.id,),
        member=member.id,
        member_type="customer",
        state=MemberState.ACTIVE,
        source="old",
        registered_on=date(2006, 2, 28),
    )
    assert recorded.effective_at == world.clock.now()
    (entry,) = world.org.members.timeline(member.id)
    assert entry.text == "Came over from old, known since 2006-02-28: customer, active."


def test_two_spellings_of_an_address_are_one_and_the_second_row_says_so(world):
    rows = [ANA, PersonRow("2", given_name="Ben", email="ANA@EXAMPLE.org"), PersonRow("3", phones=["+442079460958"])]
    report = world.org.members.import_people(rows, source="old", chunk=2)
    assert codes(report) == [(2, "email", "contact_point.taken"), (3, "phones", "contact_point.taken")]
    assert "ana" not in report.rejects[0].sentence.lower()


def test_a_child_is_reached_through_somebody_whose_row_came_before(world):
    rows = [
        PersonRow("2", given_name="Kid", guardian="1"),
        ANA,
        PersonRow("3", given_name="Kim", guardian="1"),
        PersonRow("4", given_name="Kit", guardian="3"),
        PersonRow("5", given_name="Kai", guardian="5"),
    ]
    report = world.org.members.import_people(rows, source="old")
    assert codes(report) == [
        (1, "guardian", "import.no_guardian"),
        (4, "guardian", "import.no_guardian"),
        (5, "guardian", "import.no_guardian"),
    ]
    assert str(world.org.members.find("old", "3").id) not in report.rejects[1].sentence
    again = world.org.members.import_people(rows, source="old")
    assert (again.imported, again.skipped, again.rejected) == (1, 2, 2)
    assert told(world.org, "2")["2"][-1] == "Ana"


PAIRS = [
    (ANA._replace(birth_date="1972-02-30"), "birth_date", "input.invalid"),
    (ANA._replace(member_type="guest"), "member_type", "member.type_unknown"),
    (RefusedRow("1", InvalidInput(path="row", expected="five values", got="4")), "row", "input.invalid"),
]


@pytest.mark.rule("COM-19")
@pytest.mark.parametrize("chunk", [1, 2, 1000])
@pytest.mark.parametrize(("bad", "field", "code"), PAIRS)
def test_no_later_row_takes_the_id_of_one_that_was_rejected(make_world, bad, field, code, chunk):
    """Also not a third one, and not in another chunk; once one of them is mended or dropped, the other goes in."""
    world = make_world()
    ben = PersonRow("1", given_name="Ben")
    report = world.org.members.import_people([bad, ben, PersonRow("2"), ben], source="old", chunk=chunk)
    assert codes(report) == [(1, field, code), (2, "id", "import.id_rejected"), (4, "id", "import.id_rejected")]
    assert told(world.org, "1") == {"1": None}
    assert codes(world.org.members.import_people([ben], source="old", chunk=chunk)) == []
    again = world.org.members.import_people([bad, ben, ANA], source="old", chunk=chunk)
    assert (again.skipped, codes(again)[1:]) == (1, [(3, "given_name", "import.row_changed")])


def test_a_row_that_its_reader_refused_is_told_in_its_place(world):
    """Unless it is in already, and there is a row to look at."""
    problem = InvalidInput(path="email", expected="one", got="two")
    rows = [ANA, RefusedRow("1", problem, ANA), RefusedRow("2", problem, PersonRow("2")), RefusedRow(None, problem)]
    report = world.org.members.import_people([*rows, RefusedRow("3", "no reason")], source="old")
    assert (report.rows, report.imported, report.skipped, report.rejected) == (5, 1, 1, 3)
    assert codes(report) == [
        (3, "email", "input.invalid"),
        (4, "email", "input.invalid"),
        (5, "refusal", "input.invalid"),
    ]


def test_nobody_is_guarded_by_whoever_was_anonymised(world):
    world.org.settings.change(kept_sources=["old"])
    world.org = world.acting_as(Actor.system())
    world.org.members.import_people([ANA], source="old")
    world.org.members.anonymise(world.org.members.find("old", "1").id)
    report = world.org.members.import_people([PersonRow("2", given_name="Kid", guardian="1"), ANA], source="old")
    assert codes(report) == [(1, "guardian", "state.illegal_transition")]
    assert report.skipped == 1, "whoever was forgotten is not brought back"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"given_name": "Anna"}, "given_name"),
        ({"email": "other@example.org"}, "email"),
        ({"phones": ["+44 20 7946 0000"]}, "phones"),
        ({"member_type": "staff"}, "member_type"),
        ({"birth_date": date(1972, 3, 1), "addresses": []}, "birth_date"),
        ({"guardian": "9"}, "guardian"),
        ({"email": None, "phones": [], "verified": False, "registered_on": None}, None),
        ({"home_studio": "north"}, None),
    ],
)
def test_a_row_that_says_something_else_now_is_told_and_changes_nothing(make_world, change, fields):
    world = make_world()
    world.studio("north")
    world.org.members.import_people([ANA, PersonRow("9", given_name="Nia")], source="old")
    before = told(world.org, "1")
    report = world.org.members.import_people([ANA._replace(**change)], source="old")
    assert codes(report) == ([] if fields is None else [(1, fields, "import.row_changed")])
    assert told(world.org, "1") == before


def test_whoever_may_not_read_profiles_is_not_told_which_field(world):
    world.org.members.import_people([ANA], source="old")
    staff = world.staff("members:create")
    report = staff.members.import_people([ANA._replace(given_name="Anna")], source="old")
    assert codes(report) == [(1, "row", "import.row_changed")]


def test_the_record_that_another_became_is_known_by_both_ids(world):
    rows = [ANA, PersonRow("2", given_name="Ana", email="ana2@example.org")]
    world.org.members.import_people(rows, source="old")
    first, second = (world.org.members.find("old", id).id for id in ("1", "2"))
    world.org.members.merge(survivor=first, duplicate=second)
    report = world.org.members.import_people(rows, source="old")
    assert (report.imported, report.skipped) == (0, 2)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("Ana", "row"),
        (ANA._replace(id=""), "id"),
        (ANA._replace(id=7), "id"),
        (ANA._replace(given_name=" Ana"), "given_name"),
        (ANA._replace(birth_date="1972-02-29"), "birth_date"),
        (ANA._replace(email=5), "email"),
        (ANA._replace(email="nobody"), "email"),
        (ANA._replace(phones="+44 20 7946 0958"), "phones"),
        (ANA._replace(phones=["030"]), "phones[0]"),
        (ANA._replace(verified="yes"), "verified"),
        (ANA._replace(guardian=5), "guardian"),
        (ANA._replace(registered_on=date(1899, 12, 31)), "registered_on"),
        (ANA._replace(registered_on=date(2026, 1, 16)), "registered_on"),
        (ANA._replace(addresses=[5]), "addresses[0]"),
    ],
)
def test_a_row_of_another_form_names_its_field(row, field):
    world = World(MemoryStorage())
    report = world.org.members.import_people([row], source="old")
    assert codes(report) == [(1, field, "input.invalid")]
    assert told(world.org, "1") == {"1": None}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"birth_date": date(2026, 1, 16)}, "birth_date", "member.unborn"),
        ({"member_type": "guest"}, "member_type", "member.type_unknown"),
        ({"home_studio": "nowhere"}, "home_studio", "import.no_such_record"),
    ],
)
def test_a_row_that_the_rules_refuse_names_its_field(change, field, code):
    world = World(MemoryStorage())
    report = world.org.members.import_people([ANA._replace(**change)], source="old")
    assert codes(report) == [(1, field, code)]


def test_the_importer_itself_refuses_what_is_no_import(world):
    for said in ({"source": "Old System"}, {"source": "old", "chunk": 0}, {"source": "old", "chunk": 5001}):
        with pytest.raises(InvalidInput):
            world.org.members.import_people([ANA], **said)
    with pytest.raises(InvalidInput):
        world.org.members.import_people(5, source="old")
    assert world.org.members.import_people([], source="old").rows == 0


def test_progress_and_rejects_are_told_chunk_by_chunk(world):
    rows = [PersonRow(str(number)) for number in range(5)] + ["bad"]
    seen, rejects = [], []
    report = world.org.members.import_people(
        iter(rows), source="old", chunk=4, progress=seen.append, on_reject=rejects.append
    )
    assert (seen, report.imported) == ([4, 6], 5)
    assert rejects == list(report.rejects)
    assert isinstance(rejects[0], RowReject)
    assert str(rejects[0].sentence) == "row: expected a PersonRow, got a text of 3 characters."


@pytest.mark.rule("MEM-3")
def test_a_support_id_that_is_taken_is_given_to_nobody_again(world):
    """The second that belongs to the id is given then."""
    mine, others = MemberId(new_id()), MemberId(new_id())
    command = Command(organization=world.organization.id, name="test", actor="system")
    taken = Member(id=others, type="customer", state=MemberState.ACTIVE, support_id=support_id(mine))
    with world.storage.work(command, world.clock) as uow:
        uow.members.add(taken)
        uow.finish(None)
    ids = iter([mine])
    ml = MemberLogic(world.storage, clock=world.clock, new_id=lambda: next(ids, None) or new_id())
    org = ml.organization(world.organization.id, Actor.system())
    org.members.import_people([PersonRow("1")], source="old")
    assert org.members.find("old", "1").support_id == candidates(mine)[1]


def rows_of(kind, **columns):
    """Rows of a kind, each column drawn from what is said of it."""
    return st.fixed_dictionaries(columns).map(lambda said: kind(**said))


FEW = st.sampled_from
ROWS = st.one_of(
    rows_of(
        PersonRow,
        id=FEW(["1", "2", "3", "4", "", 5]),
        member_type=FEW(["customer", "customer", "customer", "guest", None]),
        given_name=FEW([None, "Ana", "Ben", " ", 5]),
        birth_date=FEW([None, date(1972, 2, 29), date(2199, 1, 1), "x"]),
        email=FEW([None, None, "ana@example.org", "ANA@example.org", "ben@example.org", "x", []]),
        phones=FEW([(), ["+44 20 7946 0958"], ["x"], None]),
        guardian=FEW([None, None, None, "1", "2", "3", "", b"1"]),
        home_studio=FEW([None, None, "north", "nowhere"]),
        verified=FEW([False, True, None]),
        registered_on=FEW([None, date(2008, 2, 29), date(2199, 1, 1), 5]),
    ),
    FEW([None, (), "row", ANA]),
)
IDS = ("1", "2", "3", "4")


@pytest.mark.rule("COM-15")
@settings(max_examples=25)
@given(rows=st.lists(ROWS, max_size=12), chunk=st.integers(1, 5), cut=st.integers(0, 12), data=st.data())
def test_any_rows_go_in_dry_and_wet_alike_once_and_whatever_happened_before(storage, rows, chunk, cut, data):
    """Never an error of another kind; a rehearsal says what comes; twice is once; killed after any chunk and run again,
    it is as if nothing had happened; the chunks do not matter. Whoever guards comes first.
    """
    rows = sorted(rows, key=lambda row: isinstance(row, PersonRow) and row.guardian is not None)
    world, killed = World(storage), World(storage)
    for each in (world, killed):
        each.studio("north")
    before = len(world.events())
    with world.ml.rehearsal() as trial:
        org = trial.organization(world.organization.id, Actor.system())
        rehearsed = org.members.import_people(rows, source="old", chunk=chunk)
        as_rehearsed = told(org, *IDS)
    assert (told(world.org, *IDS), len(world.events())) == (dict.fromkeys(IDS), before)
    report = world.org.members.import_people(rows, source="old", chunk=data.draw(st.integers(1, 5)))
    assert report == rehearsed
    assert told(world.org, *IDS) == as_rehearsed
    assert len(world.events()) == before + report.imported
    killed.org.members.import_people(rows[:cut], source="old", chunk=chunk)
    killed.org.members.import_people(rows, source="old", chunk=chunk)
    again = world.org.members.import_people(rows, source="old", chunk=chunk)
    assert (again.imported, again.skipped) == (0, report.imported + report.skipped)
    assert codes(again) == codes(report)
    assert told(killed.org, *IDS) == told(world.org, *IDS) == as_rehearsed
