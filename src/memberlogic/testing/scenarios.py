"""``given(…).when(…).then(…)``: what is there, what is done, and what comes of it.

The three read as one sentence, for commands and for rules of one's own alike::

    given(ana, ben).when(lambda ana, ben: pay_out(ana, ben)).then(has(ana, points=0), has(ben, points=70))
    given(ana).when(upgrade).then_refused("house.staff_stay_silver", scheme="gold")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, TypeVarTuple

from attrs import frozen

from memberlogic.contracts.model import ContractStatus
from memberlogic.errors import MemberLogicError
from memberlogic.events import Event, Recorded
from memberlogic.testing.someone import Someone
from memberlogic.testing.worlds import World
from memberlogic.wording import line

__all__ = ["Expected", "Given", "Seen", "When", "answers", "given", "happened", "has", "nothing_happened"]

Facts = TypeVarTuple("Facts")
R = TypeVar("R")


@frozen
class Seen:
    """What came of it.

    Attributes:
        answer: what was answered; None where it was refused.
        refusal: what was raised, if anything was.
        events: what was written of it, where something that was given belongs to a world.
    """

    answer: object
    refusal: Exception | None
    events: Sequence[Recorded] | None

    def written(self) -> Sequence[Recorded]:
        """The events, which need a world."""
        assert self.events is not None, "nothing that was given belongs to a world, so nobody can tell what happened"
        return self.events


@frozen
class Expected:
    """Something that has to be so afterwards: a sentence, and what looks. Make your own, and hand it to ``then``."""

    sentence: str
    check: Callable[[Seen], None]

    def __bool__(self) -> bool:
        raise TypeError(f"nobody has looked yet whether {self.sentence}: hand it to then(...)")


class Given(Generic[*Facts]):
    """What is there."""

    def __init__(self, *facts: *Facts) -> None:
        self._facts = facts

    def when(self, act: Callable[[*Facts], R]) -> When[R]:
        """Do something with what is there; what it raises is kept for ``then``."""
        world = _world_of(self._facts)
        before = 0 if world is None else len(world.events())
        answer: R | None = None
        refusal: Exception | None = None
        try:
            answer = act(*self._facts)
        except Exception as error:  # whatever a rule of a host's raises is looked at by then_refused
            refusal = error
        return When(Seen(answer, refusal, None if world is None else world.events()[before:]))


class When(Generic[R]):
    """What was done."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def then(self, *expected: Expected) -> R:
        """It went through and all of this is so; the answer.

        Raises:
            AssertionError: naming what is not so.
            Exception: what was raised, as nothing should have been.
        """
        if self._seen.refusal is not None:
            raise self._seen.refusal
        for each in expected:
            each.check(self._seen)
        answer: Any = self._seen.answer
        return answer  # type: ignore[no-any-return]

    def then_refused(self, by: type[Exception] | str, /, **details: object) -> Exception:
        """It was refused, by this class of errors or under this code and with these details, and nothing was written.

        Raises:
            AssertionError: saying what came instead.
        """
        refusal = self._seen.refusal
        wanted = by if isinstance(by, str) else by.__name__
        assert refusal is not None, f"expected {wanted}, and it went through with {self._seen.answer!r}"
        if isinstance(by, type):
            meant = isinstance(refusal, by)
        else:
            meant = isinstance(refusal, MemberLogicError) and refusal.code == by
        if not meant:
            raise AssertionError(f"expected {wanted}, and it was refused by {_told(refusal)}") from refusal
        said = refusal.details if isinstance(refusal, MemberLogicError) else {}
        different = [
            f"{name} is {said.get(name)!r}, not {value!r}"
            for name, value in details.items()
            if name not in said or said[name] != value
        ]
        assert not different, f"{_told(refusal)}: {'; '.join(different)}"
        assert not self._seen.events, f"it was refused, and yet there was written: {_lines(self._seen.events or ())}"
        return refusal


def given(*facts: *Facts) -> Given[*Facts]:
    """What is there: people, a world, or whatever facts a rule looks at. ``when`` hands them on in the same order."""
    return Given(*facts)


def happened(kind: str | type[Event], /, **fields: object) -> Expected:
    """An event of this type was written, with these fields."""
    type = kind if isinstance(kind, str) else kind.type
    said = "".join(f", {name}={value!r}" for name, value in fields.items())

    def check(seen: Seen) -> None:
        written = seen.written()
        found = [each.event for each in written if each.event.type == type]
        fits = [each for each in found if all(getattr(each, name, _MISSING) == fields[name] for name in fields)]
        assert fits, f"expected {type}{said}, and there was written: {_lines(written)}"

    return Expected(f"{type} happened{said}", check)


def nothing_happened() -> Expected:
    """No event was written."""

    def check(seen: Seen) -> None:
        assert not seen.written(), f"expected nothing, and there was written: {_lines(seen.written())}"

    return Expected("nothing happened", check)


def answers(**fields: object) -> Expected:
    """The answer has these attributes."""

    def check(seen: Seen) -> None:
        _compare("the answer", fields, lambda name: getattr(seen.answer, name, _MISSING))

    return Expected("it answers so", check)


def has(
    who: Someone,
    /,
    *,
    points: int | None = None,
    held: int | None = None,
    pending: int | None = None,
    debt: int | None = None,
    scheme: str | None = None,
    status: ContractStatus | str | None = None,
) -> Expected:
    """Somebody has so many points to spend, held, pending and owed, is in a scheme, and their contract has a status."""
    wanted = {
        "available": points,
        "held": held,
        "pending": pending,
        "debt": debt,
        "scheme": scheme,
        "status": ContractStatus(status) if isinstance(status, str) else status,
    }
    asked = {name: value for name, value in wanted.items() if value is not None}

    def of(name: str) -> object:
        return getattr(who if name in ("scheme", "status") else who.balance, name)

    return Expected(f"{who} has {asked}", lambda _: _compare(str(who), asked, of))


_MISSING = object()


def _compare(whose: str, wanted: dict[str, Any], of: Callable[[str], object]) -> None:
    found = {name: of(name) for name in wanted}
    different = [
        f"{name} is {'not there' if found[name] is _MISSING else repr(found[name])}, not {value!r}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    assert not different, f"{whose}: {'; '.join(different)}"


def _world_of(facts: Sequence[object]) -> World | None:
    worlds = {id(each): each for each in map(_belongs_to, facts) if each is not None}
    assert len(worlds) <= 1, "what is given belongs to one world"
    return next(iter(worlds.values()), None)


def _belongs_to(fact: object) -> World | None:
    if isinstance(fact, World):
        return fact
    return fact.world if isinstance(fact, Someone) else None


def _lines(events: Sequence[Recorded]) -> str:
    return "".join(f"\n  {each.event.type}: {line(each.event)}" for each in events) or "nothing"


def _told(error: Exception) -> str:
    code = f"{error.code}: " if isinstance(error, MemberLogicError) else ""
    return f"{type(error).__name__} ({code}{error})"
