"""MEM-11: everything that is held on a member, on every store."""

from __future__ import annotations

import json

import pytest
from tests.members.test_erasing import CLUB, Known, live

from memberlogic import Actor, ExternalId, PurchaseLine
from memberlogic.certification.base import conserved
from memberlogic.errors import NotFound, PermissionDenied
from memberlogic.loyalty import exporting as accounts
from memberlogic.members import exporting
from memberlogic.members.parameters import ParameterKind
from memberlogic_sqlalchemy.tables import metadata

pytestmark = pytest.mark.rule("MEM-11")


@pytest.fixture
def world(make_world):
    """A club in which points are earned and spent."""
    return make_world(**CLUB)


def test_everything_that_is_known_is_in_it(world):
    known = Known(world)
    world.contract(member=known.member)
    document = world.org.members.export(known.member).document
    text = json.dumps(document)
    for word in ("given", "family", "called", "dear", "street", "city", "photo", "interest", "other", "call", "crm",
                 "tag", "shirt", "attic", "note", "message", "card"):  # fmt: skip
        assert known.word(word) in text, word
    for said in (
        known.email,
        "1931-07-03",
        "pt-BR",
        "America/New_York",
        "flyer",
        "web_form",
        "gold",
        "+44 20 7946 0911",
    ):
        assert said in text, said
    assert set(document) == {
        "member", "external_ids", "person", "guardian_of", "contact_points", "consents", "tags", "parameters", "lead",
        "membership", "messages", "events", "contracts", "accounts", "care",
        "notes", "billing", "suspensions", "passes", "visits",
    }  # fmt: skip
    assert [each["status"] for each in document["contracts"]] == ["active"]


@pytest.mark.parametrize("page", [1, 2, 500])
def test_every_entry_purchase_return_award_and_event_is_in_it_once(world, monkeypatch, page):
    monkeypatch.setattr(accounts, "_PAGE", page)
    monkeypatch.setattr(exporting, "_PAGE", page)
    known = Known(world)
    account = known.account
    deeds = ["credit", "buy", "buy", "award", "award", "spend", "hold", "send"]
    live(world, known, deeds)
    bought = ExternalId("till", "back")
    world.org.loyalty.record_purchase(
        account=account, purchase=bought, lines=[PurchaseLine("bread", 1000, 4)], currency="EUR"
    )
    for number in range(2):
        world.org.loyalty.return_purchase(purchase=bought, receipt=ExternalId("till", f"r{number}"), amount=250)
    document = world.org.members.export(known.member).document
    (told,) = document["accounts"]
    (wallet,) = told["wallets"]
    entries = world.entries(account)
    assert [each["id"] for each in wallet["entries"]] == [str(each.id) for each in entries]
    assert sum(each["amount"] for each in wallet["entries"]) == wallet["remaining"] - wallet["debt"]
    assert wallet["remaining"] == world.wallet(account).remaining
    assert len(wallet["holds"]) == 1
    assert len({each["purchase"]["id"] for each in told["purchases"]}) == len(told["purchases"]) == 4
    assert all(each["lines"] for each in told["purchases"])
    assert len({each["id"] for each in told["returns"]}) == len(told["returns"]) == 2
    assert [each["points"] for each in told["awards"]] == [7, 7]
    mine = {str(each.id) for each in world.events() if known.member in each.event.members}
    assert {each["id"] for each in document["events"]} == mine
    assert len(document["events"]) == len(mine)
    conserved(world)


def test_of_others_it_says_only_that_there_are_some(world):
    ana, ben = world.member(), world.member()
    account = world.account(member=ana, credits=[10])
    world.org.loyalty.join_account(account, ben)
    world.contract(member=ana, rate=world.rate(most_covered=1), covered=[ben])
    document = world.org.members.export(ana).document
    (told,) = document["accounts"]
    assert (told["account"]["holders"], told["account"]["own"]) == (2, True)
    (contract,) = document["contracts"]
    assert [each["member"] for each in contract["contract"]["coverage"]] == [str(ana)]
    assert contract["people"] == 2
    assert world.org.members.export(ben).document["accounts"][0]["account"]["own"] is False


def test_no_part_names_other_people_but_those_to_whom_one_is_related(world):
    """Neither as somebody concerned by an event, nor as who acted for an account or contract that is shared."""
    ana, ben, cleo, guardian = (world.member() for _ in range(4))
    account, away = world.account(member=ana, credits=[10]), world.account(member=cleo)
    world.org.loyalty.join_account(account, ben)
    contract = world.contract(member=ana, rate=world.rate(most_covered=2))
    world.org.contracts.cover(contract, ben)
    world.org.contracts.cover(contract, cleo)
    world.org.contracts.change_holder(contract, to=ben)
    world.org.members.update(ana, guardian=guardian)
    bens = world.acting_as(Actor.member(ben))
    bens.ledger.transfer(source=account, target=away, points=4)
    world.org.loyalty.leave_account(account, ben)
    world.org.contracts.uncover(contract, cleo)
    events = world.events()
    document = dict(world.org.members.export(ana).document)
    assert document["person"]["guardian"] == str(guardian)
    assert world.org.members.export(guardian).document["guardian_of"] == [str(ana)]
    del document["person"]
    text = json.dumps(document)
    for other in (ben, cleo, guardian):
        assert str(other) not in text
    assert str(ana) in text
    told = {each["id"]: each for each in document["events"]}
    assert set(told) == {str(each.id) for each in events if ana in each.event.members}, "what happened is all there"
    assert [each["event"]["type"] for each in told.values() if "actor" not in each] == ["points.transferred_out"]
    (moved,) = [each for each in told.values() if each["event"]["type"] == "contract.holder_changed"]
    assert ("before" in moved["event"]["data"], "after" in moved["event"]["data"]) == (True, False)


@pytest.mark.rule("COM-13")
def test_members_export_their_own_and_staff_with_the_permission_anybodys(world):
    ana, ben = world.member(), world.member()
    mine = world.acting_as(Actor.member(ana)).members
    assert mine.export(ana).member == ana
    with pytest.raises(NotFound):
        mine.export(ben)
    with pytest.raises(PermissionDenied):
        world.staff("members:read").members.export(ana)
    assert world.staff("members.export:read").members.export(ana).document == mine.export(ana).document


@pytest.mark.rule("MEM-9")
def test_of_somebody_who_was_anonymised_only_what_stays_is_told(world):
    known = Known(world)
    live(world, known, ["credit", "buy", "contract"])
    before = world.org.members.export(known.member).document
    world.org.members.anonymise(known.member)
    after = world.org.members.export(known.member).document
    text = json.dumps(after)
    assert known.mark not in text
    assert "1931" not in text
    for part in ("contracts", "consents", "membership"):
        assert after[part] == before[part]
    for part in ("wallets", "purchases", "schemes"):
        assert after["accounts"][0][part] == before["accounts"][0][part]


def test_its_lists_have_one_order_on_every_store(world):
    member = world.member()
    for key in ("shirt", "note", "art"):
        world.org.members.define_parameter(key, kind=ParameterKind.TEXT)
    world.org.members.set_parameters(member, {"shirt": "M", "note": "x", "art": "y"})
    world.org.members.add_tags(member, ["zumba", "aqua", "late"])
    document = world.org.members.export(member).document
    assert [each["key"] for each in document["parameters"]] == ["art", "note", "shirt"]
    assert [each["tag"]["text"] for each in document["tags"]] == ["aqua", "late", "zumba"]


def test_it_says_nothing_twice_and_is_not_kept(world):
    member = world.member()
    events = world.events()
    first = world.org.members.export(member)
    assert first == world.org.members.export(member)
    assert "document" not in repr(first)
    assert world.events() == events


PARTS = {
    "account_holders": "accounts",
    "accounts": "accounts",
    "award_gifts": "accounts.awards",
    "awards": "accounts.awards",
    "confirmations": "only the digest of a token, and when it expires",
    "billing": "billing",
    "consents": "consents",
    "notes": "notes",
    "suspensions": "suspensions",
    "visitor_passes": "passes",
    "visits": "visits",
    "care_awaits": "care: what its runs wait for",
    "care_guard": "care: which run is the active one",
    "care_runs": "care",
    "contact_points": "contact_points",
    "contract_members": "contracts",
    "event_members": "events",
    "inquiries": "lead",
    "leads": "lead",
    "member_spans": "membership",
    "member_tags": "tags",
    "outbox": "messages",
    "parameter_values": "parameters",
    "people": "person",
    "search_keys": "made of person, contact points and external ids",
}
"""Every table that names a member, and the part of the export in which it is told, or why it is not."""


def test_every_table_that_names_a_member_is_told():
    naming = {
        table.name.removeprefix("ml_")
        for table in metadata.tables.values()
        if {"member_id", "owner_id", "guardian_id"} & {column.name for column in table.columns}
    }
    assert naming == set(PARTS)
