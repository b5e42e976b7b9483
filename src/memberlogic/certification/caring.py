"""The Hypothesis machine over Member Care (CARE-10, CARE-16): flows are assigned, contracts sold, paid, frozen and
cancelled, actions done, skipped and postponed, members visit and time passes, and some of it is told late. Everything
is done twice: in a store whose jobs run when they will, and in another one whose jobs never run. At every step each
member has one active run at most, and both stores tell the same of every run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from memberlogic.amounts import Money
from memberlogic.application import Work
from memberlogic.calendar import Term, local_day
from memberlogic.care.catalogues import CATEGORY, Catalogues, TemplateEntry
from memberlogic.care.configurations import ConfigurationTerms, RateFlow
from memberlogic.care.flows import (
    Action,
    ActionKind,
    After,
    DelayUnit,
    FlowTerms,
    MessageContent,
    Milestone,
    On,
    Unseen,
)
from memberlogic.care.telling import RunTold
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.errors import MemberLogicError
from memberlogic.ids import CareFlowId, ContractId, MemberId, RateId
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["CaringMachine", "certify_care"]

_MEMBERS = st.integers(0, 1)
_FLOWS = st.integers(0, 3)
_LATE = st.just(0) | st.integers(1, 120)
_FEE = Money(50_00, "EUR")
_STUDIO = "north"
_AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


class _Templates:
    """One template of the host's."""

    def known(self, _: Any, codes: Collection[str]) -> Mapping[str, TemplateEntry]:
        entry = TemplateEntry(code="hello", channels=frozenset({"email"}), categories=frozenset({CATEGORY}))
        return {"hello": entry} if "hello" in codes else {}

    def all(self, uow: Any) -> Sequence[TemplateEntry]:
        return list(self.known(uow, ["hello"]).values())


def _flows() -> Sequence[FlowTerms]:
    """Every kind of schedule and objective, alone and behind one another."""
    call, mail = Action(kind=ActionKind.PHONE_CALL), MessageContent(template="hello", channel="email")

    def after(length: int, unit: DelayUnit = DelayUnit.DAYS) -> After:
        return After(length=length, unit=unit)

    steps: tuple[tuple[Milestone, ...], ...] = (
        (
            Milestone(name="call", schedule=after(3), action=call),
            Milestone(name="mail", schedule=after(20, DelayUnit.HOURS), message=mail),
            Milestone(name="month", schedule=after(1, DelayUnit.MONTHS), action=call, message=mail),
        ),
        (
            Milestone(name="visits", schedule=On(kind="visit.recorded", times=3), action=call),
            Milestone(name="absent", schedule=Unseen(days=4), message=mail),
            Milestone(name="end", schedule=after(2), message=mail),
        ),
        (
            Milestone(name="week", schedule=after(1, DelayUnit.WEEKS), message=mail),
            Milestone(name="plan", schedule=On(kind="training_plan.updated", times=2), action=call),
        ),
        (
            Milestone(name="plans", schedule=On(kind="training_plan.updated", times=3), action=call, message=mail),
            Milestone(name="at once", schedule=after(0), action=call),
            Milestone(name="never", message=mail),
        ),
    )
    return [
        FlowTerms(name=f"Flow {number}", milestones=each, pauses_while_frozen=number == 2)
        for number, each in enumerate(steps)
    ]


class _Side:
    """One of the two stores, and what is what in it."""

    def __init__(self, storage: Storage[Work]) -> None:
        self.world = World(storage, at=_AT)
        self.world.ml.catalogues = Catalogues(templates=_Templates())
        self.again()
        self.world.studio(_STUDIO)
        self.flows: list[CareFlowId] = [self.care.save_flow(each).flow.id for each in _flows()]
        free = self.world.rate(freezes=FreezePolicy(allowed=True), most_covered=1)
        paid = self.world.rate(initial_fee=_FEE, most_covered=1)
        self.rates: list[RateId] = [free, paid]
        terms = ConfigurationTerms(
            name="North",
            default_flow=self.flows[0],
            rate_flows=[RateFlow(paid, self.flows[1])],
            manual=self.flows,
            complete_automatically_after=Term.of_days(6),
        )
        self.care.activate(self.care.create_configuration(terms).id, studio=_STUDIO)
        self.members: list[MemberId] = [self.world.member() for _ in range(2)]
        self.contracts: list[list[ContractId]] = [[], []]

    def again(self) -> None:
        """Open a handle."""
        self.world.org = self.world.acting_as(self.world.org.actor)

    @property
    def care(self) -> Any:
        """Member Care."""
        return self.world.org.care

    def told(self) -> Sequence[Sequence[Any]]:
        """Every run of every member, without what is made by chance."""
        return [[self.plain(each) for each in self.care.runs(member)] for member in self.members]

    def plain(self, run: RunTold) -> Any:
        """A run without ids."""
        milestones = [
            evolve(each, step=None, milestone=None)  # type: ignore[arg-type]
            for each in sorted(run.milestones, key=lambda one: (one.place, one.turn))
        ]
        ids = {"id": None, "member": None, "flow": None, "configuration": None, "contract": None}
        runs = {"superseded_by": run.superseded_by is not None}
        return evolve(run, milestones=tuple(milestones), **ids, **runs)  # type: ignore[arg-type]


@frozen
class _Refused:
    """What was refused, by its code."""

    code: str


class CaringMachine(RuleBasedStateMachine):
    """Two members of one club, in two stores."""

    storage: Storage[Work]
    other: Storage[Work]
    """The store whose jobs never run."""

    @initialize()
    def open(self) -> None:
        """Two clubs that are alike."""
        self.one, self.two = _Side(self.storage), _Side(self.other)

    def both(self, do: Any) -> Any:
        """Do the same on both sides; they answer alike, also by refusing."""
        answers: list[_Refused | None] = []
        for side in (self.one, self.two):
            try:
                do(side)
                answers.append(None)
            except MemberLogicError as refused:
                answers.append(_Refused(refused.code))
        assert answers[0] == answers[1], answers
        return answers[0]

    @rule(member=_MEMBERS, flow=_FLOWS, restart=st.booleans())
    def assign(self, member: int, flow: int, restart: bool) -> None:
        """Staff assign a flow."""
        self.both(
            lambda side: side.care.assign(side.members[member], side.flows[flow], studio=_STUDIO, restart=restart)
        )

    @rule(member=_MEMBERS, rate=st.integers(0, 1), later=st.integers(0, 6), family=st.booleans())
    def draft(self, member: int, rate: int, later: int, family: bool) -> None:
        """A contract is drafted, which may assign a flow: to its holder, and to whoever it covers."""

        def do(side: _Side) -> None:
            start = _today(side) + timedelta(days=later)
            said = {"rate": side.rates[rate], "member": side.members[member], "studio": _STUDIO, "start_on": start}
            if family:
                said["covered"] = [side.members[1 - member]]
            side.contracts[member].append(side.world.contract(**said))

        self.both(do)

    @precondition(lambda self: any(self.one.contracts))
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        """What is owed is paid."""
        self.on_some(data, lambda side, contract: side.world.org.contracts.pay(contract, _FEE))

    @precondition(lambda self: any(self.one.contracts))
    @rule(data=st.data(), since=st.integers(0, 5), length=st.integers(1, 9))
    def freeze(self, data: st.DataObject, since: int, length: int) -> None:
        """A contract is frozen."""

        def do(side: _Side, contract: ContractId) -> None:
            first = _today(side) + timedelta(days=since)
            until = first + timedelta(days=length)
            side.world.org.contracts.freeze(contract, since=first, until=until, reason="travel")

        self.on_some(data, do)

    @precondition(lambda self: any(self.one.contracts))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """A contract is cancelled, at once if the club agrees."""

        def do(side: _Side, contract: ContractId) -> None:
            side.world.org.contracts.cancel(contract, reason="moved", received_on=_today(side))

        self.on_some(data, do)

    def on_some(self, data: st.DataObject, do: Any) -> None:
        """Do something with the same contract on both sides."""
        places = [(m, n) for m, mine in enumerate(self.one.contracts) for n in range(len(mine))]
        member, number = data.draw(st.sampled_from(places))
        self.both(lambda side: do(side, side.contracts[member][number]))

    @rule(member=_MEMBERS, late=_LATE)
    def visit(self, member: int, late: int) -> None:
        """A member comes in, or is not let in; the turnstile may have been offline."""
        self.tick(late)
        self.both(
            lambda side: side.world.org.contracts.check_in(side.members[member], studio=_STUDIO, at=_ago(side, late))
        )

    @rule(member=_MEMBERS, late=_LATE)
    def update_plan(self, member: int, late: int) -> None:
        """The host publishes something, perhaps late."""
        self.tick(late)
        kind = "training_plan.updated"
        self.both(lambda side: side.world.org.members.publish(side.members[member], kind=kind, at=_ago(side, late)))

    @rule(member=_MEMBERS, anew=st.booleans(), before=st.integers(1, 60), later=st.integers(1, 30))
    def update_plan_twice(self, member: int, anew: bool, before: int, later: int) -> None:
        """The host publishes something, and after that what happened before it; where ``anew`` is true, to a member
        for whom a flow runs that waits for it.
        """
        if anew:
            self.draft(member, 0, 0, family=False)
            self.assign(member, 3, restart=True)
        self.wait(before)
        self.update_plan(member, 0)
        self.run_jobs()
        self.wait(later)
        self.update_plan(member, later + before // 2)

    @rule(data=st.data(), how=st.sampled_from(["complete", "skip", "postpone"]), days=st.integers(0, 5))
    def work(self, data: st.DataObject, how: str, days: int) -> None:
        """Staff do an open action, skip it, or postpone it."""
        open_ = [(m, n) for m in (0, 1) for n in range(len(_open(self.one, m)))]
        if not open_:
            return
        member, number = data.draw(st.sampled_from(open_))

        def do(side: _Side) -> None:
            step = _open(side, member)[number].step
            match how:
                case "complete":
                    side.care.complete(step, outcome="reached")
                case "skip":
                    side.care.skip(step, reason="away")
                case _:
                    side.care.postpone(step, to=_today(side) + timedelta(days=days))

        self.both(do)

    @rule(hours=st.integers(1, 90))
    def wait(self, hours: int) -> None:
        """Time passes."""
        for side in (self.one, self.two):
            side.world.wait(hours=hours)

    def tick(self, late: int) -> None:
        """What is told late is told at an instant of its own: nothing says whether jobs ran before or after it in the
        same one.
        """
        for side in (self.one, self.two) if late else ():
            side.world.wait(seconds=1)

    @rule()
    def run_jobs(self) -> None:
        """The jobs run on the one side, and never on the other."""
        assert self.one.world.ml.run_jobs().failures == ()

    @invariant()
    def both_sides_tell_the_same(self) -> None:
        """When and how often jobs run changes no fact."""
        if hasattr(self, "one"):
            assert self.one.told() == self.two.told()

    @invariant()
    def one_run_is_active(self) -> None:
        """Of each member, at most; and that one is said to be."""
        for side in (self.one, self.two) if hasattr(self, "one") else ():
            for member in side.members:
                active = [each.id for each in side.care.runs(member) if each.ended_at is None]
                told = side.care.active(member).run
                assert active == ([] if told is None else [told.id])


def _ago(side: _Side, hours: int) -> datetime:
    return side.world.clock.now() - timedelta(hours=hours)


def _today(side: _Side) -> Any:
    return local_day(side.world.clock.now(), side.world.organization.zone)


def _open(side: _Side, member: int) -> Sequence[Any]:
    told = side.care.active(side.members[member]).run
    return () if told is None else sorted(told.open, key=lambda each: (each.place, each.turn))


def certify_care(make: Any, other: Any, *, examples: int, steps: int) -> None:
    """Run the machine on stores of a kind, against another store."""

    class Machine(CaringMachine):
        def __init__(self) -> None:
            super().__init__()
            self.storage, self.other = make(), other()

    trying = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(Machine, settings=trying)
