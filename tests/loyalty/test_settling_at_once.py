"""COM-8, COM-18: wallets and accounts that are settled all at once are left as settling them one by one leaves them."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memberlogic import After, Term, WalletId
from memberlogic.certification.base import conserved
from memberlogic.errors import MemberLogicError
from memberlogic.ids import ExternalId
from memberlogic.ledger.expiring import Expired
from memberlogic.ledger.model import Inactivity, Order
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.programme import AwardRule, Earning, EarningRule, Rate
from memberlogic.loyalty.progression import (
    AnniversaryYear,
    CalendarYear,
    Daily,
    Downgrade,
    Metric,
    Monthly,
    OnAnniversary,
    Pin,
    PinKind,
    Progression,
    Rolling,
    SinceChange,
    Upgrade,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.testing import World
from memberlogic.testing.worlds import NOON
from memberlogic_memory.ledger import MemoryWallets
from memberlogic_sqlalchemy.ledger import SqlWallets

pytestmark = pytest.mark.rule("COM-8", "PTS-12", "COM-18")

_ID = re.compile(r"UUID\('[^']*'\)")
ACCOUNTS = 3
SCHEMES = [
    Scheme(code="basic", name="Basic"),
    Scheme(code="silver", name="Silver", threshold=1),
    Scheme(code="gold", name="Gold", threshold=5),
]


def reviewed(review, **more):
    """A club whose accounts are reviewed, over the points that they earn if nothing else is said."""
    said = {
        "metric": Metric.POINTS_EARNED,
        "window": Rolling(Term.of_days(10)),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
    }
    return {"schemes": SCHEMES, "progression": Progression(review=review, **said | more)}


CLUBS = {
    "plain": {},
    "oldest first": {"order": Order.OLDEST_FIRST},
    "warned": {"warnings": [Term.of_days(3)]},
    "by activity": {"expiry": Inactivity(Term.of_days(8))},
    "daily": reviewed(Daily()),
    "monthly": reviewed(Monthly(20)),
    "by money": reviewed(Monthly(20), metric=Metric.MONEY_SPENT, downgrade=Downgrade.ONE_RANK),
    "by purchases": reviewed(Monthly(20), metric=Metric.PURCHASES, window=CalendarYear()),
    "by visits": reviewed(Monthly(20), metric=Metric.VISITS, upgrade=Upgrade.AT_ONCE),
    "told of falls": reviewed(Monthly(20), warnings=[Term.of_days(5)]),
    "with a stay": reviewed(Monthly(20), minimum_stay=Term.of_days(15)),
    "with a grace": reviewed(Monthly(20), grace=Term.of_days(7)),
    "since the change": reviewed(Monthly(20), window=SinceChange(), minimum_stay=Term.of_days(15)),
    "on anniversaries": reviewed(OnAnniversary(), window=AnniversaryYear()),
}
WHO = st.integers(0, ACCOUNTS - 1)
ACTIONS = st.lists(
    st.tuples(st.just("credit"), WHO, st.sampled_from([1, 2, 2, 5, 30, None]))
    | st.tuples(st.just("buy"), WHO, st.booleans())
    | st.tuples(st.just("bring back"), WHO)
    | st.tuples(st.just("give"), WHO, WHO, st.integers(1, 12))
    | st.tuples(st.just("hold"), WHO, st.integers(1, 6), st.sampled_from([1, 4, 20]))
    | st.tuples(st.just("block"), WHO)
    | st.tuples(st.just("move"), WHO, st.sampled_from(["basic", "silver", "gold"]), st.sampled_from([None, 6, 90]))
    | st.tuples(st.just("award"), WHO)
    | st.tuples(st.just("settle"), st.lists(WHO, min_size=1, unique=True), st.sampled_from([None, None, 0, 2]))
    | st.tuples(st.just("run"), st.sampled_from([None, None, 0, 2]))
    | st.tuples(st.just("wait"), st.sampled_from([0.2, 1, 3, 8, 20])),
    max_size=16,
)
EARNING = Earning(
    awards=[AwardRule(key="visit", event="visit", points=2)],
    rules=[
        EarningRule(key="base", gives=Rate(1, per=100)),
        EarningRule(key="later", gives=Rate(1, per=100), minimum=500, pending=Term.of_days(4)),
    ],
)


class Acted:
    """Actions in a world of their own, the jobs among them, and what that leaves."""

    def __init__(self, storage, club, actions, *, together=True):
        self.together = together
        self.world = World(storage, **({"expiry": After(Term.of_days(9)), "earning": EARNING} | club))
        self.accounts = [self.world.account() for _ in range(ACCOUNTS)]
        self.bought, self.awarded, self.came_to = {}, 0, []
        for who in range(ACCOUNTS):
            self._credit(who, 1 + who)
        for name, *parts in actions:
            with suppress(MemberLogicError):
                getattr(self, "_" + name.replace(" ", "_"))(*parts)

    def _credit(self, who, days):
        expires = days and self.world.clock.now() + timedelta(days=days)
        self.world.org.ledger.credit(self.accounts[who], 3, reason="welcome", expires_at=expires)

    def _buy(self, who, later):
        receipt = ExternalId("till", f"{who}-{len(self.bought)}")
        line = PurchaseLine("tea", 600 if later else 400)
        self.world.org.loyalty.record_purchase(
            account=self.accounts[who], purchase=receipt, lines=[line], currency="EUR"
        )
        self.bought[who] = receipt

    def _bring_back(self, who):
        if who in self.bought:
            receipt = self.bought.pop(who)
            self.world.org.loyalty.return_purchase(purchase=receipt, receipt=ExternalId("desk", receipt.value))

    def _give(self, source, target, points):
        self.world.org.ledger.transfer(source=self.accounts[source], target=self.accounts[target], points=points)

    def _hold(self, who, points, days):
        until = self.world.clock.now() + timedelta(days=days)
        self.world.org.ledger.hold(self.accounts[who], points, until=until)

    def _block(self, who):
        self.world.org.loyalty.block_account(self.accounts[who], reason="misuse")

    def _move(self, who, scheme, days):
        pin = days and Pin(PinKind.FLOOR, self.world.clock.now().date() + timedelta(days=days))
        self.world.org.loyalty.move_scheme(self.accounts[who], scheme, reason="kindness", pin=pin)

    def _award(self, who):
        self.awarded += 1
        self.world.org.loyalty.award(self.accounts[who], event="visit", reference=ExternalId("gate", str(self.awarded)))

    def _wait(self, days):
        self.world.wait(days=days)

    def _settle(self, who, ago):
        wallets = [WalletId(self.accounts[each]) for each in who]
        as_of = None if ago is None else self.world.clock.now() - timedelta(days=ago)
        self.came_to.append(self.world.org.loyalty.settle(wallets, as_of=as_of))

    def _run(self, ago):
        """As the jobs do, in this organization: the reviews together, a page of two after the other, then the rest."""
        now = self.world.clock.now()
        as_of = now if ago is None else now - timedelta(days=ago)
        accounts = changes = 0
        for due in self.world.storage.reviews_due(as_of) if self.together else ():
            if due.organization != self.world.organization.id:
                continue
            after = None
            while page := self.world.org.loyalty.review_together(
                due.club, due=due.at, as_of=as_of, after=after, limit=2
            ):
                accounts, changes, after = accounts + page.accounts, changes + page.changes, page.last
                if after is None:
                    break
        rest = self.world.org.loyalty.settle([WalletId(each) for each in self.accounts], as_of=as_of)
        told = evolve(rest, wallets=0, accounts=rest.accounts + accounts, changes=rest.changes + changes)
        self.came_to.append(told)

    def told(self):
        """Everything that is left, with ids as the numbers of their first appearance."""
        world, left = self.world, []
        for account in self.accounts:
            conserved(world, account)
            with world.storage.reading(world.organization.id, world.clock) as uow:
                left += [uow.accounts.get(account), uow.schemes.changes(account)]
            left += [world.wallet(account), world.entries(account)]
        numbers = {}

        def numbered(told):
            return _ID.sub(lambda found: numbers.setdefault(found.group(), f"#{len(numbers)}"), repr(told))

        said = [numbered(each) for each in left]
        events = [(each.recorded_at, each.effective_at, each.event) for each in world.events()]
        return [*said, *sorted(map(numbered, events))]


@contextmanager
def one_by_one():
    """While nothing is settled all at once."""
    with pytest.MonkeyPatch.context() as patched:
        for port in (MemoryWallets, SqlWallets):
            patched.setattr(port, "expire_due", lambda *_: Expired(frozenset(), 0))
        yield


@settings(max_examples=60)
@given(club=st.sampled_from(sorted(CLUBS)), actions=ACTIONS, days=st.sampled_from([1, 4, 8, 20, 60]))
@example(club="with a grace", actions=[("move", 0, "gold", None), ("wait", 4), ("run", None)], days=4)
@example(club="told of falls", actions=[("buy", 0, False), ("wait", 4), ("run", None)], days=4)
def test_all_at_once_leaves_what_one_by_one_does(storage, club, actions, days):
    jobs = [("wait", days), ("run", None), ("wait", 30), ("run", None)]
    at_once = Acted(storage, CLUBS[club], [*actions, *jobs])
    with one_by_one():
        plain = Acted(storage, CLUBS[club], [*actions, *jobs], together=False)
    assert at_once.came_to == plain.came_to
    assert at_once.told() == plain.told()


def settled_to(world, accounts, at):
    """The schemes of accounts after the jobs have settled them together."""
    world.clock.set(at)
    world.ml.run_jobs()
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return [each.scheme for each in uow.schemes.standing(accounts)]


def test_a_pin_holds_its_own_account_and_no_other(make_world):
    world = make_world(**reviewed(Monthly(20)))
    accounts = [world.account(), world.account(), world.account()]
    pins = [Pin(PinKind.FLOOR, NOON.date() + timedelta(days=90)), None, Pin(PinKind.FIXED, NOON.date() + timedelta(40))]
    for account, pin in zip(accounts, pins, strict=True):
        world.org.loyalty.move_scheme(account, "gold", reason="kindness", pin=pin)
    assert settled_to(world, accounts, NOON + timedelta(days=8)) == ["gold", "basic", "gold"]


def test_a_minimum_stay_holds_its_own_account_and_no_other(make_world):
    club = reviewed(Monthly(20), upgrade=Upgrade.AT_ONCE, window=Rolling(Term.of_days(3)), minimum_stay=Term.of_days(9))
    world = make_world(at=NOON - timedelta(days=13), earning=EARNING, **club)
    accounts = [world.account(), world.account()]
    for number, (account, days) in enumerate(((accounts[1], 9), (accounts[0], 13))):
        world.clock.set(NOON - timedelta(days=13 - days))
        line = PurchaseLine("tea", 400)
        world.org.loyalty.record_purchase(
            account=account, purchase=ExternalId("till", str(number)), lines=[line], currency="EUR"
        )
    assert settled_to(world, accounts, NOON + timedelta(days=5)) == ["silver", "basic"]
