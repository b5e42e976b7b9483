"""Whole histories of a club."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
    passes and the jobs run, or do not. Whoever something happens to has joined before, and signed, where it needs that.

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
    types = {name: draw(st.sampled_from(member_types)) for name in people}
    signed = draw(st.sampled_from(sorted(rates))) if rates else ""
    told: list[Happening] = []
    for each in draw(st.lists(st.one_of(drawn), max_size=most)):
        told += [earlier for earlier in _before(each, types, signed) if not _has(told, earlier)]
        told.append(each)
    return History(*told)


def _before(happening: Happening, types: Mapping[str, str], rate: str) -> list[Happening]:
    """What has to have happened before, so that it can."""
    names = (str(getattr(happening, each, "")) for each in ("who", "to"))
    joining: list[Happening] = [Joined(name, types[name]) for name in names if name in types]
    match happening:
        case BroughtBack(who=who):
            return [*joining, Bought(who, 100)]
        case Paid(who=who) | Cancelled(who=who):
            return [*joining, Signed(who, rate)]
        case Froze(who=who):
            return [*joining, Signed(who, rate), Paid(who)]
        case Sent(who=who, points=points):
            return [*joining, Credited(who, points)]
        case _:
            return joining


def _has(told: Sequence[Happening], wanted: Happening) -> bool:
    """Whether something of a kind has happened to somebody."""
    who = getattr(wanted, "who", None)
    return any(type(each) is type(wanted) and getattr(each, "who", None) == who for each in told)
