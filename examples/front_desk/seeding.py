"""A club to try the desk on: a member of every status, with cards 1001 and following. All names are made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from examples.front_desk.desk import CARD, CLERKS, DEMONSTRATION, NORTH

from memberlogic import (
    Actor,
    After,
    CalendarPeriod,
    Downgrade,
    Earning,
    EarningRule,
    Extends,
    ExternalId,
    FixedClock,
    FreezePolicy,
    Handle,
    MemberLogic,
    Metric,
    Money,
    Monthly,
    Notice,
    NoticeMode,
    OnlyServices,
    PassKind,
    Progression,
    PurchaseLine,
    Rate,
    RateTerms,
    Rolling,
    Scheme,
    ServiceTerms,
    Term,
    Upgrade,
    VisitLimit,
)
from memberlogic.application import Work
from memberlogic.calendar import local_day
from memberlogic.care.catalogues import EntryKind
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, DelayUnit, FlowTerms, Milestone, Surface
from memberlogic.care.flows import After as AfterDelay
from memberlogic.ids import CareFlowId, ClubId, ContractId, MemberId, RateId
from memberlogic.storing import Storage

__all__ = ["FIRST_CARD", "PEOPLE", "seed"]

ZONE = ZoneInfo("Europe/Berlin")
FIRST_CARD = 1001

PEOPLE = (
    "Ada Active",
    "Yara Yearly",
    "Petra Pending",
    "Otto Onhold",
    "Fern Frozen",
    "Freda Frozensauna",
    "Finn Freezesoon",
    "Carl Cancelledsoon",
    "Cora Cancelled",
    "Ewa Expired",
    "Pia Prospect",
    "Gus Guest",
    "Uma Usedup",
    "Bo Blocked",
    "Ben Banned",
    "Ari Arrears",
    "Olga Owing",
    "Lim Limited",
    "Sue Southonly",
    "Tom Talk",
    "Lea Left",
    "Max Familyholder",
    "Mia Familymember",
    "Kim Child",
)
"""What each is, their family name says; the card of the first is 1001."""


class _Club:
    """The club while it is made: a clock that is set to the days on which things happened."""

    def __init__(self, storage: Storage[Work], now: datetime) -> None:
        self.now, self.clock = now, FixedClock(now - timedelta(days=400))
        self.ml = MemberLogic(storage, clock=self.clock)
        self.ml.open_organization(name="Northside (a demonstration)", zone=ZONE, id=DEMONSTRATION)
        self.org: Handle = self.ml.organization(DEMONSTRATION, Actor.system())
        self.people: dict[str, MemberId] = {}
        self.contracts: dict[str, ContractId] = {}

    def ago(self, days: int) -> None:
        """Let it be so many days before now."""
        self.clock.set(self.now - timedelta(days=days))

    def day(self, ahead: int) -> date:
        """The day so many days from now on."""
        return local_day(self.now, ZONE) + timedelta(days=ahead)

    def join(self, name: str, rate: RateId, **said: Any) -> ContractId:
        """A contract from the day on at which the clock stands."""
        drafted = self.org.contracts.draft(self.people[name], rate=rate, studio=said.pop("studio", NORTH), **said)
        self.contracts[name] = drafted.contract
        return drafted.contract


def seed(storage: Storage[Work], now: datetime) -> None:
    """Make the club, as it has become until now."""
    club = _Club(storage, now)
    rates = _open(club)
    _register(club)
    flow, points = _care(club), _loyalty(club)
    _contracts(club, rates)
    _recently(club, flow)
    club.ago(0)
    _today(club, rates)
    _shop(club, points)
    club.ago(0)
    club.ml.run_jobs()


def _open(club: _Club) -> Mapping[str, RateId]:
    for code in (NORTH, "south"):
        club.org.settings.open_studio(code=code, name=code.title(), zone=ZONE)
    freezes = FreezePolicy(allowed=True, least_days=7, most_days_a_year=60)
    month, year = Term.of_months(1), Term.of_months(12)
    monthly: dict[str, Any] = {
        "term": month,
        "renewal": Extends(month),
        "notice": Notice(length=month, mode=NoticeMode.FROM_RECEIPT),
        "freezes": freezes,
    }
    weekly = ServiceTerms(limits=[VisitLimit(visits=1, period=CalendarPeriod.WEEK)])
    terms: Mapping[str, dict[str, Any]] = {
        "month": {"name": "Month by month"} | monthly,
        "year": {
            "name": "A year",
            "term": year,
            "renewal": Extends(year),
            "notice": Notice(length=Term.of_months(3)),
            "freezes": freezes,
        },
        "fee": {"name": "Month, with a joining fee", "initial_fee": Money(2900, "EUR")} | monthly,
        "sauna": {"name": "Month, sauna while frozen", "services": ServiceTerms(frozen=OnlyServices(["sauna"]))}
        | monthly,
        "weekly": {"name": "Once a week", "services": weekly} | monthly,
        "south": {"name": "South only", "services": ServiceTerms(studios=["south"])} | monthly,
        "family": {"name": "Family", "most_covered": 4} | monthly,
        "weeks": {"name": "Ten weeks", "term": Term.of_days(70)},
    }
    return {code: club.org.contracts.open_rate(code=code, terms=RateTerms(**said)).id for code, said in terms.items()}


def _register(club: _Club) -> None:
    for number, name in enumerate(PEOPLE):
        given, family = name.split()
        child = name == "Kim Child"
        club.people[name] = club.org.members.register(
            member_type="customer",
            given_name=given,
            family_name=family,
            # The numbers that are kept for films and books.
            phones=[f"+44 20 7946 {number:04}"],
            email=None if child else f"{given}.{family}@example.org".lower(),
            external_ids=[ExternalId(CARD, str(FIRST_CARD + number))],
            birth_date=date(2016 if child else 1970 + number, 1 + number % 12, 1 + number),
            home_studio=NORTH,
            guardian=club.people["Max Familyholder"] if child else None,
            verified=name != "Pia Prospect",
        ).id


def _care(club: _Club) -> CareFlowId:
    care = club.org.care
    for each in CLERKS.values():
        care.save_entry(EntryKind.EMPLOYEE, code=each.id, name=each.name.partition(" (")[0])
    call = Action(kind=ActionKind.PHONE_CALL, employee="amber")
    talk = Action(kind=ActionKind.CONVERSATION, surface=Surface.CHECK_IN_DIALOG)

    def days(length: int) -> AfterDelay:
        return AfterDelay(length=length, unit=DelayUnit.DAYS)

    milestones = [
        Milestone(name="First call", schedule=days(3), action=call),
        Milestone(name="How is it going?", schedule=days(7), action=talk),
        Milestone(name="Call after two months", schedule=days(50), action=call),
    ]
    flow = care.save_flow(FlowTerms(name="Welcome", milestones=milestones, pauses_while_frozen=True)).flow.id
    care.activate(care.create_configuration(ConfigurationTerms(name="Northside", manual=[flow])).id, studio=NORTH)
    return flow


def _loyalty(club: _Club) -> ClubId:
    return club.org.loyalty.open_club(
        name="Regulars",
        zone=ZONE,
        member_types=["customer"],
        schemes=[
            Scheme(code="base", name="Base"),
            Scheme(code="silver", name="Silver", threshold=30_000),
            Scheme(code="gold", name="Gold", threshold=90_000),
        ],
        earning=Earning(rules=[EarningRule(key="base", gives=Rate(1, per=100))]),
        expiry=After(Term.of_days(180)),
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Rolling(Term.of_months(12)),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.TO_REACHED,
            review=Monthly(),
        ),
    ).id


def _contracts(club: _Club, rates: Mapping[str, RateId]) -> None:
    club.ago(200)
    for name, rate in (
        ("Ada Active", "month"),
        ("Yara Yearly", "year"),
        ("Fern Frozen", "month"),
        ("Freda Frozensauna", "sauna"),
        ("Finn Freezesoon", "month"),
        ("Carl Cancelledsoon", "year"),
        ("Cora Cancelled", "month"),
        ("Ewa Expired", "weeks"),
        ("Bo Blocked", "month"),
        ("Ben Banned", "month"),
        ("Ari Arrears", "month"),
        ("Olga Owing", "month"),
        ("Lim Limited", "weekly"),
        ("Tom Talk", "month"),
        ("Sue Southonly", "south"),
    ):
        club.join(name, rates[rate])
    people = club.people
    covered = [people[each] for each in ("Mia Familymember", "Lea Left", "Kim Child")]
    club.join("Max Familyholder", rates["family"], covered=covered)


def _recently(club: _Club, flow: CareFlowId) -> None:
    contracts, care, people = club.org.contracts, club.org.care, club.people
    club.ago(100)
    contracts.cancel(club.contracts["Cora Cancelled"], received_on=club.day(-100), reason="moved")
    club.ago(40)
    contracts.uncover(club.contracts["Max Familyholder"], people["Lea Left"], on=club.day(-35))
    contracts.cancel(
        club.contracts["Carl Cancelledsoon"], received_on=club.day(-40), reason="time", note="Asks for a letter."
    )
    club.ago(30)
    care.assign(people["Ada Active"], flow, studio=NORTH)
    care.assign(people["Fern Frozen"], flow, studio=NORTH)
    club.ago(20)
    contracts.freeze(club.contracts["Fern Frozen"], since=club.day(-14), until=club.day(20), reason="illness")
    contracts.freeze(club.contracts["Freda Frozensauna"], since=club.day(-7), until=club.day(14), reason="holiday")
    care.assign(people["Tom Talk"], flow, studio=NORTH)
    club.ago(15)
    (call,) = [each for run in [care.active(people["Tom Talk"]).run] if run is not None for each in run.open]
    assert call.step is not None, "it is open"
    care.complete(call.step, outcome="reached", note="Likes the morning hours.")
    contracts.freeze(club.contracts["Finn Freezesoon"], since=club.day(10), until=club.day(24), reason="work")
    contracts.issue_pass(people["Uma Usedup"], PassKind.TRIAL, until=club.day(10), visits=1)
    contracts.check_in(people["Uma Usedup"], studio=NORTH)
    club.ago(9)
    club.org.members.block(people["Bo Blocked"], reason="card_shared")
    contracts.suspend_member(people["Ben Banned"], reason="house_ban")
    contracts.suspend_contract(club.contracts["Ari Arrears"], reason="arrears")
    care.assign(people["Yara Yearly"], flow, studio=NORTH)


def _today(club: _Club, rates: Mapping[str, RateId]) -> None:
    contracts, people = club.org.contracts, club.people
    club.join("Petra Pending", rates["month"], start_on=club.day(6))
    club.join("Otto Onhold", rates["fee"])
    contracts.issue_pass(people["Gus Guest"], PassKind.GUEST, host=people["Ada Active"], until=club.day(7))
    contracts.tell_billing(people["Olga Owing"], owed=Money(4990, "EUR"), status="first_reminder")
    contracts.check_in(people["Lim Limited"], studio=NORTH, at=club.now - timedelta(minutes=30))
    for name, often in (("Ada Active", 3), ("Yara Yearly", 5), ("Max Familyholder", 9)):
        for days in range(often, 150, often * 2):
            contracts.check_in(people[name], studio=NORTH, at=club.now - timedelta(days=days))


def _shop(club: _Club, points: ClubId) -> None:
    for name, cents in (("Ada Active", 4_200), ("Yara Yearly", 9_900), ("Olga Owing", 1_500)):
        club.ago(190)
        account = club.org.loyalty.open_account(club=points, member=club.people[name]).id
        for number, days in enumerate((185, 120, 60, 21, 2)):
            club.ago(days)
            club.org.loyalty.record_purchase(
                account=account,
                purchase=ExternalId("till", f"{cents}-{number}"),
                currency="EUR",
                lines=[PurchaseLine("things", cents + 700 * number)],
                studio=NORTH,
            )
