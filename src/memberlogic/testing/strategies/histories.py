"""Whole histories of a club."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import evolve, has
from hypothesis import strategies as st

from memberlogic.contracts.rates import RateTerms
from memberlogic.testing.histories import (
    RATES,
    Bought,
    BroughtBack,
    CameIn,
    Cancelled,
    Credited,
    Froze,
    Happening,
    History,
    JobsRan,
    Joined,
    Paid,
    Sent,
    Signed,
    Waited,
)
from memberlogic.testing.strategies.basics import evenly

__all__ = ["happenings", "histories"]

NAMES = ("Ana", "Ben", "Cem")


def happenings(
    *,
    people: Sequence[str] = NAMES,
    rates: Collection[str] = tuple(RATES),
    most_days: int = 400,
    most_money: int = 500_00,
    most_points: int = 500,
) -> Mapping[type[Happening], st.SearchStrategy[Happening]]:
    """A strategy for each kind of thing that happens to some people, but for joining."""
    if len(people) < 2:
        raise ValueError("a history is of two people or more")
    who = st.sampled_from(people)
    others = {name: st.sampled_from([each for each in people if each != name]) for name in people}
    points = evenly(1, most_points)
    return {
        Bought: st.builds(Bought, who, evenly(0, most_money), st.one_of(st.just(0), st.just(0), points)),
        BroughtBack: st.builds(BroughtBack, who),
        Credited: st.builds(Credited, who, points),
        Sent: who.flatmap(lambda name: st.builds(Sent, st.just(name), others[name], points)),
        Signed: st.builds(Signed, who, st.sampled_from(sorted(rates))),
        Paid: st.builds(Paid, who),
        Froze: st.builds(Froze, who, st.integers(1, 60), st.integers(0, 30)),
        Cancelled: st.builds(Cancelled, who),
        CameIn: st.builds(CameIn, who),
        Waited: st.builds(Waited, evenly(1, most_days)),
        JobsRan: st.just(JobsRan()),
    }


@st.composite
def histories(
    draw: st.DrawFn,
    *,
    of: Collection[type[Happening]] | None = None,
    beside: st.SearchStrategy[Happening] | None = None,
    people: Sequence[str] = NAMES,
    member_types: Sequence[str] = ("customer",),
    rates: Mapping[str, RateTerms] = RATES,
    most: int = 12,
    most_days: int = 400,
    most_money: int = 500_00,
    most_points: int = 500,
) -> History:
    """Histories of a club: people join, buy, return, redeem, send points, sign, pay, freeze, cancel and come in; time
    passes and the jobs run, or do not. What has to come before is there: people have joined, and signed what they pay.

    Args:
        of: these kinds of happenings only.
        beside: happenings of your own, drawn beside them.
        member_types: as what people join; the first is the simplest.
        most: how many happenings at most, joining aside.
        most_days: how long one waits at once; ``most_money``, in minor units, and ``most_points`` likewise.
    """
    known = happenings(
        people=people, rates=tuple(rates), most_days=most_days, most_money=most_money, most_points=most_points
    )
    drawn = [known[kind] for kind in (known if of is None else of)] + ([] if beside is None else [beside])
    types = [draw(st.sampled_from(member_types)) for _ in people]
    signed = draw(st.sampled_from(sorted(rates))) if rates else ""
    joining = st.sampled_from(people).map(Joined)
    told: list[Happening] = []
    for each in _named_in_order(draw(st.lists(st.one_of(*drawn, joining), max_size=most)), people):
        told += [earlier for earlier in _before(each, signed) if not _has(told, earlier)]
        if isinstance(each, Joined) and _mentions(told, each.who):
            continue
        if isinstance(each, Waited) and told and isinstance(told[-1], Waited):
            told[-1] = Waited(told[-1].days + each.days)
        else:
            told.append(each)
    as_what = dict(zip(people, types, strict=True))
    told = [evolve(each, member_type=as_what[each.who]) if isinstance(each, Joined) else each for each in told]
    # Whoever is not said to join later is there from the beginning.
    late = {each.who for each in told if isinstance(each, Joined)}
    there = [Joined(name, as_what[name]) for name in people if name not in late and _mentions(told, name)]
    return History(*there, *told)


def _named_in_order(happenings: Sequence[Happening], people: Sequence[str]) -> list[Happening]:
    """The same with the first name for whoever comes first: so it does not matter who of them was drawn."""
    said = [name for each in happenings for name in _roles(each).values() if name in people]
    names = dict(zip(dict.fromkeys(said), people, strict=False))
    return [_renamed(each, names) for each in happenings]


def _renamed(happening: Any, names: Mapping[str, str]) -> Happening:
    new = {role: names[name] for role, name in _roles(happening).items() if name in names}
    renamed: Happening = evolve(happening, **new) if new and has(type(happening)) else happening
    return renamed


def _roles(happening: Happening) -> Mapping[str, str]:
    """Who is part of it."""
    return {role: getattr(happening, role) for role in ("who", "to") if hasattr(happening, role)}


def _before(happening: Happening, rate: str) -> list[Happening]:
    """What has to have happened before, so that it can."""
    match happening:
        case BroughtBack(who=who):
            return [Bought(who, 100)]
        case Paid(who=who) | Cancelled(who=who):
            return [Signed(who, rate)]
        case Froze(who=who):
            return [Signed(who, rate), Paid(who)]
        case Sent(who=who, points=points):
            return [Credited(who, points)]
        case _:
            return []


def _mentions(told: Sequence[Happening], name: str) -> bool:
    """Whether somebody is part of a story."""
    return any(name in _roles(each).values() for each in told)


def _has(told: Sequence[Happening], wanted: Happening) -> bool:
    """Whether something of a kind has happened to somebody."""
    who = _roles(wanted)["who"]
    return any(type(each) is type(wanted) and _roles(each)["who"] == who for each in told)
