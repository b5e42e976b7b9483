"""Whole histories of a club as data: they can be printed, replayed on any store, and made smaller.

A history is a row of happenings, each a fact in business words and each a sentence. Replaying it does them one after
another in a world; what the club refuses is refused and the story goes on, as in life::

    history = History(Joined("Ana"), Bought("Ana", 240_00), Waited(31), JobsRan())
    print(history.replay(World(MemoryStorage())))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import define, field, frozen

from memberlogic.amounts import Money
from memberlogic.calendar import Term
from memberlogic.contracts.rates import Extends, FreezePolicy, RateTerms, RunsOn
from memberlogic.errors import InvalidInput, MemberLogicError
from memberlogic.ids import RateId
from memberlogic.testing.someone import NothingThere, Someone
from memberlogic.testing.worlds import World

__all__ = [
    "RATES",
    "Bought",
    "BroughtBack",
    "CameIn",
    "Cancelled",
    "Cast",
    "Credited",
    "Froze",
    "Happening",
    "History",
    "JobsRan",
    "Joined",
    "Paid",
    "Sent",
    "Signed",
    "Step",
    "Waited",
]

RATES: Mapping[str, RateTerms] = MappingProxyType(
    {
        "year": RateTerms(
            name="Year",
            term=Term.of_months(12),
            renewal=Extends(Term.of_months(1)),
            initial_fee=Money(50_00, "EUR"),
            freezes=FreezePolicy(allowed=True),
        ),
        "month": RateTerms(name="Month", term=Term.of_months(1), renewal=RunsOn()),
    }
)
"""What can be signed where nothing else is said: a year with an initial fee and freezes, and a month that runs on."""


class Happening:
    """Something that happens. Derive for what happens in a club of your own: say it (``__str__``), and do it."""

    def do(self, cast: Cast) -> object:
        """Make it happen."""
        raise NotImplementedError


@frozen
class Step:
    """What became of a happening: it was refused, there was nothing for it to happen to, or it went through."""

    happening: Happening
    outcome: MemberLogicError | NothingThere | None = None

    def __str__(self) -> str:
        match self.outcome:
            case MemberLogicError() as refusal:
                return f"{self.happening} (Refused: {refusal.code}.)"
            case NothingThere() as nothing:
                return f"{self.happening} (Nothing happens: {nothing}.)"
            case None:
                return str(self.happening)


@define(eq=False)
class Cast:
    """Who is on stage, in which world, and what has happened so far."""

    world: World
    rates: Mapping[str, RateTerms] = RATES
    people: dict[str, Someone] = field(factory=dict)
    steps: list[Step] = field(factory=list)
    _sold: dict[str, RateId] = field(factory=dict)

    def __getitem__(self, name: str) -> Someone:
        """Somebody by name; who has not joined yet joins as a customer."""
        if name not in self.people:
            self.join(name)
        return self.people[name]

    def __iter__(self) -> Iterator[Someone]:
        return iter(self.people.values())

    def __str__(self) -> str:
        """The story so far, a sentence a line."""
        return "\n".join(f"{number}. {step}" for number, step in enumerate(self.steps, 1))

    def join(self, name: str, member_type: str = "customer") -> Someone:
        """Somebody joins, with an account if the world's club takes them; who is there already stays as they are."""
        if name not in self.people:
            self.world.know_types([member_type])
            self.people[name] = self.world.a_member(name, member_type=member_type)
        return self.people[name]

    def rate(self, code: str) -> RateId:
        """A rate, opened when somebody first signs on it."""
        if code not in self._sold:
            self._sold[code] = self.world.org.contracts.open_rate(code=code, terms=self.rates[code]).id
        return self._sold[code]

    @property
    def refusals(self) -> list[MemberLogicError]:
        """What was refused, in order."""
        return [each.outcome for each in self.steps if isinstance(each.outcome, MemberLogicError)]


H = TypeVar("H", bound=Happening)
Doing = Mapping[type[Happening], Callable[[Cast, Any], object]]
AS_THEY_DO: Doing = MappingProxyType({})


@frozen(init=False, repr=False)
class History:
    """What happened, in order. It prints as what makes it again, with each happening as a sentence beside it."""

    happenings: tuple[Happening, ...]

    def __init__(self, *happenings: Happening) -> None:
        self.__attrs_init__(happenings)

    def __iter__(self) -> Iterator[Happening]:
        return iter(self.happenings)

    def __len__(self) -> int:
        return len(self.happenings)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {each}" for number, each in enumerate(self.happenings, 1))

    def __repr__(self) -> str:
        if not self.happenings:
            return "History()"
        return "\n".join(["History(", *(f"    {each!r},  # {each}" for each in self.happenings), ")"])

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """As Hypothesis prints what fails."""
        for number, each in enumerate(repr(self).splitlines()):
            if number:
                printer.break_()
            printer.text(each)

    def replay(
        self,
        world: World,
        *,
        check: Callable[[Cast], object] | None = None,
        doing: Doing = AS_THEY_DO,
        rates: Mapping[str, RateTerms] = RATES,
    ) -> Cast:
        """Let it happen in a world.

        Args:
            check: asked after each happening; raises where something is not as it must be. The story so far is noted
                at what it raises.
            doing: what is done instead, by the class of happening: your own till, your own way to join.
            rates: what can be signed, by code.

        Raises:
            InvalidInput: a refusal of the form of what was said is no part of a story: it is a mistake of the test.
        """
        cast = Cast(world, rates)
        for each in self.happenings:
            try:
                cast.steps.append(_happen(cast, each, doing.get(type(each))))
                if check is not None:
                    check(cast)
            except Exception as error:
                error.add_note(f"This is what happened:\n{cast}" if cast.steps else "Nothing had happened yet.")
                raise
        return cast


def _happen(cast: Cast, happening: Happening, instead: Callable[[Cast, Any], object] | None) -> Step:
    try:
        if instead is None:
            happening.do(cast)
        else:
            instead(cast, happening)
    except InvalidInput:
        raise
    except (MemberLogicError, NothingThere) as outcome:
        return Step(happening, outcome)
    return Step(happening)


@frozen
class Joined(Happening):
    """Somebody joins."""

    who: str
    member_type: str = "customer"

    def do(self, cast: Cast) -> object:
        """Register them and open their account."""
        return cast.join(self.who, self.member_type)

    def __str__(self) -> str:
        return f"{self.who} joins as {self.member_type}."


@frozen
class Bought(Happening):
    """Somebody buys for so many minor units, and pays part of it with points."""

    who: str
    amount: int
    paid_with: int = 0

    def do(self, cast: Cast) -> object:
        """Record the purchase."""
        return cast[self.who].who_bought(self.amount, paid_with=self.paid_with)

    def __str__(self) -> str:
        units, rest = divmod(self.amount, 100)
        points = f" and pays with {_many(self.paid_with, 'point')}" if self.paid_with else ""
        return f"{self.who} buys for {units}.{rest:02}{points}."


@frozen
class BroughtBack(Happening):
    """Somebody returns what they bought last."""

    who: str

    def do(self, cast: Cast) -> object:
        """Record the return."""
        return cast[self.who].who_brought_it_back()

    def __str__(self) -> str:
        return f"{self.who} brings back the latest purchase."


@frozen
class Credited(Happening):
    """Somebody is given points."""

    who: str
    points: int

    def do(self, cast: Cast) -> object:
        """Credit them."""
        return cast[self.who].with_points(self.points)

    def __str__(self) -> str:
        return f"{self.who} is given {_many(self.points, 'point')}."


@frozen
class Sent(Happening):
    """Somebody sends points to somebody."""

    who: str
    to: str
    points: int

    def do(self, cast: Cast) -> object:
        """Transfer them."""
        source, target = cast[self.who].account, cast[self.to].account
        return cast.world.org.ledger.transfer(source=source, target=target, points=self.points)

    def __str__(self) -> str:
        return f"{self.who} sends {self.to} {_many(self.points, 'point')}."


@frozen
class Signed(Happening):
    """Somebody signs a contract."""

    who: str
    rate: str = "year"

    def do(self, cast: Cast) -> object:
        """Draft it."""
        return cast[self.who].who_signed(cast.rate(self.rate))

    def __str__(self) -> str:
        return f"{self.who} signs a contract on the rate {self.rate}."


@frozen
class Paid(Happening):
    """Somebody pays what they owe of the initial fee."""

    who: str

    def do(self, cast: Cast) -> object:
        """Record the payment."""
        return cast[self.who].who_paid()

    def __str__(self) -> str:
        return f"{self.who} pays what is owed."


@frozen
class Froze(Happening):
    """Somebody freezes their contract."""

    who: str
    days: int
    after: int = 0

    def do(self, cast: Cast) -> object:
        """File the freeze."""
        return cast[self.who].who_froze(self.days, after=self.after)

    def __str__(self) -> str:
        begin = f"in {_many(self.after, 'day')}" if self.after else "today"
        return f"{self.who} freezes for {_many(self.days, 'day')}, beginning {begin}."


@frozen
class Cancelled(Happening):
    """Somebody cancels their contract."""

    who: str

    def do(self, cast: Cast) -> object:
        """File the notice."""
        return cast[self.who].who_cancelled()

    def __str__(self) -> str:
        return f"{self.who} cancels."


@frozen
class CameIn(Happening):
    """Somebody stands at the door."""

    who: str

    def do(self, cast: Cast) -> object:
        """Check them in."""
        return cast[self.who].who_came_in()

    def __str__(self) -> str:
        return f"{self.who} comes to the studio."


@frozen
class Waited(Happening):
    """Time passes."""

    days: int

    def do(self, cast: Cast) -> object:
        """Move the clock."""
        cast.world.clock.forward(timedelta(days=self.days))
        return cast.world.clock.now()

    def __str__(self) -> str:
        return f"{_many(self.days, 'day')} {'passes' if self.days == 1 else 'pass'}."


@frozen
class JobsRan(Happening):
    """The periodic jobs run."""

    def do(self, cast: Cast) -> object:
        """Run them."""
        return cast.world.ml.run_jobs()

    def __str__(self) -> str:
        return "The jobs run."


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
