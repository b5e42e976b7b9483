"""The Hypothesis machine over the ledger, with whatever earns: awards for events with their limits (PTS-4), purchases
with caps (PTS-2), credited afterwards (PTS-3) or imported (PTS-19), on accounts that are open, blocked or closed and
opened anew (PTS-1), with adjustments that wait for a second person (PTS-14); against a model that counts by days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from memberlogic.actors import Actor
from memberlogic.application import Handle
from memberlogic.calendar import CalendarPeriod, Term
from memberlogic.certification.machine import LedgerMachine
from memberlogic.errors import Conflict, IllegalTransition, RuleViolation
from memberlogic.ids import AccountId, AdjustmentId, ExternalId, new_id
from memberlogic.ledger.model import AdjustingPolicy, Maximum
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.loyalty.importing import PurchaseRow
from memberlogic.loyalty.programme import AwardRule, Earning, EarningRule, MostOften, Rate, Redeeming
from memberlogic.loyalty.purchases import PurchaseLine

__all__ = ["EarningMachine"]

_ACCOUNTS = st.integers(0, 2)
_WINDOW, _GRACE = 6, 2
_A_DAY, _A_WEEK, _A_PURCHASE, _ALONE = 60, 150, 50, 25
_EVENTS = {
    "check_in": (5, 1, "day"),
    "referral": (20, 2, "month"),
    "birthday": (30, 1, "ever"),
    "survey": (3, None, "ever"),
}
"""What an event earns, how often at most, and in which period."""


@define(eq=False)
class ModelRequest:
    """An adjustment that somebody asked for, beyond what they may do alone."""

    id: AdjustmentId
    index: int
    points: int
    state: str = "waiting"


class EarningMachine(LedgerMachine):
    """A point for each minor unit, not too many a purchase, day and week."""

    settings: Mapping[str, Any] = {
        "earning": Earning(
            rules=[EarningRule(key="base", gives=Rate(1, 1))],
            awards=[
                AwardRule(key="check_in", event="check_in", points=5, most=MostOften(1, CalendarPeriod.DAY)),
                AwardRule(key="referral", event="referral", points=20, most=MostOften(2, CalendarPeriod.MONTH)),
                AwardRule(key="birthday", event="birthday", points=30, most=MostOften(1)),
                AwardRule(key="survey", event="survey", points=3),
            ],
            excluded_categories={"nothing"},
            most_per_purchase=_A_PURCHASE,
            caps=[Maximum(_A_DAY, CalendarPeriod.DAY), Maximum(_A_WEEK, CalendarPeriod.WEEK)],
            afterwards=Term.of_days(_WINDOW),
        ),
        "redeeming": Redeeming(points=1, value=1),
        "grace": Term.of_days(_GRACE),
        "adjusting": AdjustingPolicy(limit=_ALONE),
    }

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[int, str, date]] = []
        """Which event gave points to whom, and on which day it was."""
        self.earned: list[tuple[int, date, int]] = []
        """What each purchase earned on its day."""
        self.requests: list[ModelRequest] = []
        self.alone: list[tuple[date, int]] = []
        """What Sam adjusted alone on each day, up or down."""

    def reference(self) -> ExternalId:
        """One more id of the host's."""
        self.keys += 1
        return ExternalId("host", str(self.keys))

    def left(self, index: int, amount: int, at: datetime) -> int:
        """What a purchase earns: a point for each minor unit, as far as the purchase, its day and its week go."""
        day = self.day(at)
        monday = day - timedelta(days=day.weekday())
        mine = [(on, points) for who, on, points in self.earned if who == index]
        of_day = sum(points for on, points in mine if on == day)
        of_week = sum(points for on, points in mine if monday <= on < monday + timedelta(days=7))
        return max(0, min(amount, _A_PURCHASE, _A_DAY - of_day, _A_WEEK - of_week))

    def bought(self, index: int, points: int, at: datetime, until: datetime | None = None) -> None:
        """The model's points of a purchase of an instant; ``until`` is until when they live at least."""
        self.earned.append((index, self.day(at), points))
        lot = self.by_policy(points, at)
        if until is not None and lot.expires_at is not None:
            lot.expires_at = max(lot.expires_at, until)
        if points:
            self.lots[index].append(lot)

    def line(self, amount: int) -> dict[str, Any]:
        """One thing that is bought."""
        return {"lines": [PurchaseLine("item", amount)], "currency": "EUR"}

    @rule(index=_ACCOUNTS, amount=st.integers(0, 90), redeem=st.integers(0, 30))
    def buy(self, index: int, amount: int, redeem: int) -> None:
        """Buy, and pay with what points there are."""
        now, points = self.world.clock.now(), min(redeem, self.available(index), amount)
        said = {"account": self.accounts[index], "purchase": self.reference(), **self.line(amount)}
        done = self.world.org.loyalty.record_purchase(**said, redeem=points)
        self.drain(self.spendable(index), points)
        earned = self.left(index, amount - points, now)
        assert done.earned == earned
        self.bought(index, earned, now)

    @rule(index=_ACCOUNTS, amount=st.integers(0, 90), hours=st.integers(0, 300))
    def forget_the_card(self, index: int, amount: int, hours: int) -> None:
        """PTS-3: credited afterwards, once, within the window, for the grace term at least."""
        self.lapsed()
        at, now = self.ago(index, hours), self.world.clock.now()
        said = {"account": self.accounts[index], "purchase": self.reference(), "at": at, **self.line(amount)}
        credit = partial(self.world.org.loyalty.credit_purchase, **said)
        if self.day(now) >= self.day(at) + timedelta(days=_WINDOW):
            with pytest.raises(RuleViolation) as refusal:
                credit()
            assert refusal.value.code == "purchase.credited_too_late"
            return
        earned = self.left(index, amount, at)
        assert credit().earned == earned
        self.bought(index, earned, at, self.midnight(self.day(now) + timedelta(days=_GRACE)))
        with pytest.raises(Conflict):
            credit()

    @rule(
        rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.integers(0, 100)), max_size=5),
        again=st.booleans(),
    )
    def bring_in(self, rows: list[tuple[int, int, int]], again: bool) -> None:
        """PTS-19: purchases come in as a stream, the oldest first; what is in is skipped, what is wrong rejected."""
        self.lapsed()
        nobody = AccountId(new_id())
        accounts = [*self.accounts, nobody]
        told = sorted((self.ago(index % 3, hours), index, amount) for index, amount, hours in rows)
        stream = [
            PurchaseRow(self.reference().value, accounts[index], at, [PurchaseLine("item", amount)], "EUR")
            for at, index, amount in told
        ]
        report = self.world.org.loyalty.import_purchases(stream, source="host", chunk=2)
        earned = 0
        for at, index, amount in told:
            if index < 3:
                points = self.left(index, amount, at)
                self.bought(index, points, at)
                earned += points
        wrong = [number for number, (_, index, _) in enumerate(told, 1) if index == 3]
        assert [each.row for each in report.rejects] == wrong
        assert (report.recorded, report.earned) == (len(told) - len(wrong), earned)
        if again:
            report = self.world.org.loyalty.import_purchases(stream, source="host", chunk=3)
            assert (report.recorded, report.skipped) == (0, len(told) - len(wrong))

    @rule(index=_ACCOUNTS, event=st.sampled_from(sorted(_EVENTS)), hours=st.integers(0, 60))
    def award(self, index: int, event: str, hours: int) -> None:
        """PTS-4: something happened; it earns as often as the club says, by the day on which it was."""
        self.lapsed()
        at, now = self.ago(index, hours), self.world.clock.now()
        points = self.worth(index, event, at)
        award = partial(self.world.org.loyalty.award, event=event, reference=self.reference(), at=at)
        done = award(self.accounts[index])
        assert done.points == points
        assert award(self.accounts[index]) == done
        with pytest.raises(Conflict):
            award(self.accounts[(index + 1) % 3])
        if points:
            self.given.append((index, event, self.day(at)))
            self.arrive(index, self.by_policy(points, now))

    def worth(self, index: int, event: str, at: datetime) -> int:
        """What an event of an instant earns."""
        points, most, per = _EVENTS[event]
        day = self.day(at)
        alike = {"day": "%F", "month": "%Y-%m", "ever": ""}[per]
        mine = [on for who, what, on in self.given if (who, what) == (index, event)]
        times = sum(1 for on in mine if on.strftime(alike) == day.strftime(alike))
        return 0 if most is not None and times >= most else points

    @rule(index=_ACCOUNTS, hours=st.integers(0, 100), before=st.integers(0, 40))
    def block_for_a_while(self, index: int, hours: int, before: int) -> None:
        """PTS-1: nothing moves but expiry; what happens earns nothing, but for a purchase of before."""
        self.lapsed()
        account, loyalty, ledger = self.accounts[index], self.world.org.loyalty, self.world.org.ledger
        blocked = self.world.clock.now()
        loyalty.block_account(account, reason="fraud")
        self.world.wait(hours=hours)
        with pytest.raises(RuleViolation):
            ledger.credit(account, 1, reason="welcome")
        with pytest.raises(RuleViolation):
            ledger.adjust(account, 1, reason="goodwill")
        with pytest.raises(RuleViolation):
            ledger.transfer(source=account, target=self.accounts[(index + 1) % 3], points=1)
        assert loyalty.award(account, event="survey", reference=self.reference()).points == 0
        at = self.ago(index, before)
        points = self.left(index, 10, at) if at < blocked else 0
        done = loyalty.record_purchase(account=account, purchase=self.reference(), at=at, **self.line(10))
        assert done.earned == points
        self.bought(index, points, at)
        loyalty.unblock_account(account)

    @rule(index=_ACCOUNTS)
    def close(self, index: int) -> None:
        """PTS-1: an account that is empty is closed, and another one opened."""
        held = any(hold.state == "open" and hold.account == index for hold in self.holds)
        close = partial(self.world.org.loyalty.close_account, self.accounts[index])
        if self.available(index) or held:
            with pytest.raises(RuleViolation):
                close()
            return
        close()
        self.accounts[index] = self.world.account()
        self.opened[index] = self.world.clock.now()
        self.lots[index] = []
        self.holds = [hold for hold in self.holds if hold.account != index]
        self.requests = [each for each in self.requests if each.index != index]
        self.given = [each for each in self.given if each[0] != index]
        self.earned = [each for each in self.earned if each[0] != index]

    def person(self, name: str) -> Handle:
        """A member of staff who adjusts points."""
        permissions = ("members.adjustments:create", "members.adjustments:update")
        return self.world.acting_as(Actor.staff(name, permissions))

    @rule(index=_ACCOUNTS, points=st.integers(-40, 40).filter(bool))
    def ask_to_adjust(self, index: int, points: int) -> None:
        """PTS-14: Sam adjusts so many points a day alone; what goes beyond them waits."""
        self.lapsed()
        points = points if points > 0 else -self.asked(index, -points)
        today = self.day(self.world.clock.now())
        ask = partial(
            self.person("sam").ledger.adjust,
            self.accounts[index],
            points,
            reason="goodwill",
            reference=self.reference().value,
        )
        if -points > self.available(index):
            with pytest.raises(InsufficientPoints):
                ask()
            return
        done = ask()
        if sum(each for day, each in self.alone if day == today) + abs(points) > _ALONE:
            assert done.state.value == "waiting"
            self.requests.append(ModelRequest(done.adjustment, index, points))
            return
        assert done.state.value == "posted"
        self.alone.append((today, abs(points)))
        self.adjusted(index, points)

    def adjusted(self, index: int, points: int) -> None:
        """What an adjustment does."""
        if points > 0:
            self.arrive(index, self.by_policy(points, self.world.clock.now()))
        else:
            self.take(index, -points)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), yes=st.booleans())
    def answer(self, data: st.DataObject, yes: bool) -> None:
        """A second person says yes or no, once."""
        request = data.draw(st.sampled_from(self.requests))
        kim = self.person("kim").ledger
        answer = partial(kim.approve_adjustment if yes else kim.reject_adjustment, request.id)
        if request.state != "waiting":
            with pytest.raises(IllegalTransition) as late:
                answer()
            assert late.value.code == f"adjustment.already_{request.state}"
            return
        with pytest.raises(RuleViolation):
            self.person("sam").ledger.approve_adjustment(request.id)
        if yes and -request.points > self.available(request.index):
            with pytest.raises(InsufficientPoints):
                answer()
            return
        answer()
        request.state = "posted" if yes else "rejected"
        if yes:
            self.adjusted(request.index, request.points)
