"""PTS-2, PTS-3: what a purchase earns.

points = round once( sum over lines ( sum of the rates on the line x product of the multipliers matching it ) + sum of
the fixed bonuses ), in exact fractions; then the caps. Lines that match the same rules are reckoned together: the
formula is linear in what is left to pay of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from math import gcd, lcm
from operator import itemgetter
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.amounts import Rounding, rounded, spread
from memberlogic.calendar import Days, local_day
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import (
    Basis,
    Earning,
    EarningRule,
    Fixed,
    Hours,
    LineCondition,
    LineField,
    Multiplier,
    Rate,
    StoredValue,
)
from memberlogic.loyalty.purchases import PurchaseLine
from memberlogic.loyalty.withholding import Shares, shares
from memberlogic.outcomes import Because

__all__ = ["Earned", "Occasion", "Programme", "capped", "capped_days", "left_to_earn", "programme_of"]


@frozen(kw_only=True)
class Occasion:
    """When and where a purchase took place, and how much it came to before payment."""

    day: date
    """The club's business day."""
    local: datetime
    """The instant in the studio's own time."""
    studio: str | None
    total: int

    @classmethod
    def of(cls, club: Club, at: datetime, studio: str | None, total: int) -> Occasion:
        """COM-3: points count the club's days; weekdays and hours are the studio's."""
        zones = {each.code: each.zone for each in club.earning.studios}
        zone: ZoneInfo = zones.get(studio or "", club.zone)
        return cls(day=local_day(at, club.zone), local=at.astimezone(zone), studio=studio, total=total)


@frozen(kw_only=True)
class Earned:
    """What lines earn before caps: points, rounded once, what could earn at all, and which rule gave what."""

    points: int
    eligible: int
    because: tuple[Because, ...]
    shares: Shares = field(factory=dict)
    """What the rules of each term gave (PTS-5); nothing where none holds anything back."""


def _in_hours(hours: Hours, local: datetime) -> bool:
    time = local.time()
    if hours.over_midnight:
        return time >= hours.start or time < hours.end
    return hours.start <= time < hours.end


def _weekday(rule: EarningRule, local: datetime) -> int:
    """The weekday a rule looks at: of hours that run over midnight, the one on which they began."""
    early = rule.hours is not None and rule.hours.over_midnight and local.time() < rule.hours.end
    return (local.isoweekday() + 5) % 7 + 1 if early else local.isoweekday()


def in_force(rule: EarningRule, occasion: Occasion, offers: Mapping[str, Days]) -> bool:
    """Whether a rule counts at all for a purchase: its days, offer, studios, weekdays, hours and minimum."""
    return (
        occasion.total >= rule.minimum
        and (rule.days is None or occasion.day in rule.days)
        and (rule.offer is None or occasion.day in offers[rule.offer])
        and (not rule.studios or occasion.studio in rule.studios)
        and (not rule.weekdays or _weekday(rule, occasion.local) in rule.weekdays)
        and (rule.hours is None or _in_hours(rule.hours, occasion.local))
    )


def _unrestricted(rule: EarningRule) -> bool:
    return not (rule.minimum or rule.days or rule.offer or rule.studios or rule.weekdays or rule.hours)


def _holds(condition: LineCondition, line: PurchaseLine) -> bool:
    match condition.by:
        case LineField.ITEM:
            found = line.item in condition.one_of
        case LineField.BRAND:
            found = line.brand in condition.one_of
        case LineField.CATEGORY:
            found = not condition.one_of.isdisjoint(line.categories)
        case _:  # pragma: no cover
            assert_never(condition.by)
    return found is not condition.exclude


@frozen(eq=False)
class _Formula:
    """What the rules that match a line come to, in whole numbers over one denominator."""

    indices: tuple[int, ...]
    money: int
    """Of each minor unit that is left of the line."""
    quantity: int
    """Of each piece."""
    over: int
    fixed: tuple[tuple[int, int], ...]
    """The bonuses among the rules: which, and how many points."""

    @classmethod
    def of(cls, indices: tuple[int, ...], rules: Sequence[EarningRule]) -> _Formula:
        """Rates add up, multipliers multiply their sum."""
        money, quantity, factor = Fraction(0), Fraction(0), Fraction(1)
        fixed = []
        for index in indices:
            match rules[index].gives:
                case Rate(points=points, per=per, basis=Basis.MONEY):
                    money += Fraction(points, per)
                case Rate(points=points, per=per):
                    quantity += Fraction(points, per)
                case Multiplier(factor=by):
                    factor *= by
                case Fixed(points=points):
                    fixed.append((index, points))
        money, quantity = money * factor, quantity * factor
        over = lcm(money.denominator, quantity.denominator)
        return cls(indices, int(money * over), int(quantity * over), over, tuple(fixed))


class _Matching:
    """Which of some rules match a line. Lines alike in what the rules look at are looked at once."""

    _MOST_KNOWN = 100_000

    def __init__(self, rules: Sequence[EarningRule], earning: Earning) -> None:
        self.rules = tuple(rules)
        self.holds_back = any(rule.pending is not None for rule in self.rules)
        self._earning = earning
        fields = {condition.by for rule in rules for condition in rule.lines}
        self._alike = _alike(LineField.ITEM in fields, LineField.BRAND in fields)
        self._known: dict[Any, _Formula | None] = {}
        self._formulas: dict[tuple[int, ...], _Formula] = {}

    def groups(self, lines: Sequence[PurchaseLine], left: Sequence[int]) -> tuple[dict[_Formula, list[int]], list[int]]:
        """Lines (their positions) by the formula that the rules make of them, as far as anything of them may earn, and
        the lines that earn nothing whatever a rule says.
        """
        groups: dict[_Formula, list[int]] = {}
        out: list[int] = []
        for position, formula in enumerate(self._formulas_of(lines)):
            if formula is None:
                out.append(position)
            elif left[position]:
                if formula in groups:
                    groups[formula].append(position)
                else:
                    groups[formula] = [position]
        return groups, out

    def _formulas_of(self, lines: Sequence[PurchaseLine]) -> list[_Formula | None]:
        """What the rules make of each line."""
        known, alike = self._known, self._alike
        try:
            return list(map(known.__getitem__, map(alike, lines)))
        except KeyError:
            if len(known) + len(lines) > self._MOST_KNOWN:
                known.clear()
            found = {alike(line): line for line in lines}
            known.update((key, self._look(line)) for key, line in found.items() if key not in known)
        return [known[alike(line)] for line in lines]

    def _look(self, line: PurchaseLine) -> _Formula | None:
        """What the rules make of a line; None if it earns nothing whatever a rule says (PTS-3)."""
        if line.stored_value and self._earning.stored_value is StoredValue.SPENT:
            return None
        if not self._earning.excluded_categories.isdisjoint(line.categories):
            return None
        indices = tuple(
            index for index, rule in enumerate(self.rules) if all(_holds(each, line) for each in rule.lines)
        )
        formula = self._formulas.get(indices)
        if formula is None:
            formula = self._formulas[indices] = _Formula.of(indices, self.rules)
        return formula


def _alike(by_item: bool, by_brand: bool) -> Callable[[PurchaseLine], Any]:
    if by_item:
        return itemgetter(0, 4, 5, 6)
    return itemgetter(4, 5, 6) if by_brand else itemgetter(4, 6)


class Programme:
    """The earning rules for the accounts of one scheme: the scheme's own beat the club's of the same key (PTS-2)."""

    def __init__(self, club: Club, scheme: str) -> None:
        self._earning = club.earning
        self._offers = {offer.code: offer.days for offer in club.earning.offers}
        own = next((each.earning for each in club.schemes if each.code == scheme), ())
        self._clubs = tuple(rule for rule in club.earning.rules if not rule.schemes or scheme in rule.schemes)
        self._own = tuple(own)
        self._matching: dict[tuple[str, ...], _Matching] = {}
        always = all(map(_unrestricted, (*self._clubs, *self._own)))
        self._standing = self._among(self._clubs, self._own) if always else None

    def earn(self, occasion: Callable[[], Occasion], lines: Sequence[PurchaseLine], left: Sequence[int]) -> Earned:
        """What lines earn, of what is ``left`` of each to earn on.

        A rule that is not in force for this purchase gives nothing and beats nothing.
        """
        matching = self._standing or self._in_force(occasion())
        groups, out = matching.groups(lines, left)
        rules = matching.rules
        eligible, exact, over = 0, 0, 1
        gave: dict[int, tuple[Any, int, list[int]]] = {}
        matched: list[tuple[tuple[int, ...], int, Any]] = []
        for formula, positions in groups.items():
            money = sum([left[position] for position in positions])
            eligible += money
            counted = _pieces(lines, left, positions) if formula.quantity else 0
            part = formula.money * money + formula.quantity * counted
            exact, over = _sum(exact, over, part, formula.over)
            if matching.holds_back:
                matched.append((formula.indices, money, counted))
            for index, bonus in formula.fixed:
                if index not in gave:
                    exact += bonus * over
            for index in formula.indices:
                before = gave.get(index)
                share, of = _share(rules[index], money, lines, left, positions)
                if before is None:
                    gave[index] = (share, of, positions)
                elif isinstance(rules[index].gives, Rate):
                    gave[index] = (*_sum(before[0], before[1], share, of), before[2] + positions)
                else:
                    gave[index] = (share, of, before[2] + positions)
        points = _rounded(exact, over, self._earning.rounding)
        because = _because(rules, gave, out)
        if exact != points * over:
            because.append(_rounding(exact, over, points, self._earning))
        if not matched:
            return Earned(points=points, eligible=eligible, because=tuple(because))
        return Earned(points=points, eligible=eligible, because=tuple(because), shares=shares(rules, matched))

    def groups(
        self, occasion: Occasion, lines: Sequence[PurchaseLine], left: Sequence[int]
    ) -> Mapping[_Formula, list[int]]:
        """Lines (their positions) by the formula that the rules make of them, as far as anything of them may earn."""
        matching = self._standing or self._in_force(occasion)
        return matching.groups(lines, left)[0]

    def _in_force(self, occasion: Occasion) -> _Matching:
        clubs = tuple(rule for rule in self._clubs if in_force(rule, occasion, self._offers))
        own = tuple(rule for rule in self._own if in_force(rule, occasion, self._offers))
        key = (*(rule.key for rule in clubs), "", *(rule.key for rule in own))
        known = self._matching.get(key)
        if known is None:
            known = self._matching[key] = self._among(clubs, own)
        return known

    def _among(self, clubs: Sequence[EarningRule], own: Sequence[EarningRule]) -> _Matching:
        """The rules that count: the scheme's own, and the club's that none of them beats."""
        beaten = {rule.key for rule in own}
        return _Matching([*(rule for rule in clubs if rule.key not in beaten), *own], self._earning)


def _sum(exact: Any, over: int, part: Any, of: int) -> tuple[Any, int]:
    """Two fractions added, over one denominator."""
    if over == of:
        return exact + part, over
    common = lcm(over, of)
    return exact * (common // over) + part * (common // of), common


def _pieces(lines: Sequence[PurchaseLine], left: Sequence[int], positions: Sequence[int]) -> Fraction:
    """Quantity x eligible / amount, over lines (PTS-3)."""
    return sum((Fraction(lines[at].quantity * left[at], lines[at].paid) for at in positions), Fraction(0))


def _share(
    rule: EarningRule, money: int, lines: Sequence[PurchaseLine], left: Sequence[int], positions: Sequence[int]
) -> tuple[Any, int]:
    """What a rule gives on lines, for the explanation: points, or a multiplier's factor; a fraction in two parts."""
    match rule.gives:
        case Rate(points=points, per=per, basis=basis):
            if basis is Basis.MONEY:
                return points * money, per
            return _pieces(lines, left, positions) * points, per
        case Multiplier(factor=factor):
            return factor.numerator, factor.denominator
        case Fixed(points=points):
            return points, 1
        case _:  # pragma: no cover
            assert_never(rule.gives)


def _text(part: Any, over: int) -> str:
    """A fraction in lowest terms, as a text."""
    if type(part) is not int:
        return str(part / over)
    common = gcd(part, over)
    return str(part // over) if common == over else f"{part // common}/{over // common}"


def _because(
    rules: Sequence[EarningRule],
    shares: Mapping[int, tuple[Any, int, list[int]]],
    out: Sequence[int],
) -> list[Because]:
    """Which rule gave what on which lines (counted from 0), in the order of the rules."""
    why = []
    for index in sorted(shares):
        share, over, positions = shares[index]
        rule = rules[index]
        code = _CODES[type(rule.gives)]
        why.append(Because("PTS-2", code, {"rule": rule.key, "gave": _text(share, over), "lines": sorted(positions)}))
    if out:
        why.append(Because("PTS-3", "earning.excluded", {"lines": list(out)}))
    return why


def _rounding(exact: Any, over: int, points: int, earning: Earning) -> Because:
    figures = {"exact": _text(exact, over), "rounding": earning.rounding.value, "to": points}
    return Because("PTS-2", "earning.rounded", figures)


def _rounded(exact: Any, over: int, rounding: Rounding) -> int:
    """What is ``exact`` / ``over``, rounded once; floored without a detour where both are whole."""
    if rounding is Rounding.FLOOR and type(exact) is int:
        return exact // over
    return rounded(Fraction(exact) / over, rounding)


_CODES: Mapping[type, str] = {Rate: "earning.rate", Multiplier: "earning.multiplier", Fixed: "earning.fixed"}


def left_to_earn(lines: Sequence[PurchaseLine], redeemed_value: int, stored_value: int, earning: Earning) -> list[int]:
    """What is left of each line to earn on: what points paid is taken off all lines in proportion, so that it adds up
    (PTS-3); so is what stored value paid, where buying it earned.
    """
    left = [line[1] - line[3] for line in lines]
    if redeemed_value:
        left = _less(left, redeemed_value)
    if stored_value and earning.stored_value is StoredValue.BOUGHT:
        left = _less(left, stored_value)
    return left


def _less(amounts: Sequence[int], value: int) -> list[int]:
    return [amount - part for amount, part in zip(amounts, spread(value, amounts), strict=True)]


def capped_days(club: Club, day: date) -> Days | None:
    """The days that the club's caps look at for a purchase of a business day; None without such caps."""
    spans = [cap.per.containing(day) for cap in club.earning.caps]
    if not spans:
        return None
    return Days(min(span.start for span in spans), max(span.end for span in spans))


def capped(club: Club, day: date, points: int, earned: Mapping[date, int]) -> tuple[int, tuple[Because, ...]]:
    """The points that the club's caps leave, and what each took; ``earned`` is what the account's purchases earned on
    each business day. A return frees nothing (PTS-2).
    """
    why: list[Because] = []
    most = club.earning.most_per_purchase
    if most is not None and points > most:
        why.append(Because("PTS-2", "earning.capped", {"per": "purchase", "maximum": most, "asked": points}))
        points = most
    for cap in club.earning.caps:
        span = cap.per.containing(day)
        left = max(0, cap.points - sum(each for on, each in earned.items() if on in span))
        if points > left:
            figures = {"per": cap.per.value, "maximum": cap.points, "left": left, "asked": points}
            why.append(Because("PTS-2", "earning.capped", figures))
            points = left
    return points, tuple(why)


def programme_of(club: Club, scheme: str) -> Programme:
    """The club's rules for a scheme; made once for each club and scheme."""
    known = club.programmes.get(scheme)
    if known is None:
        known = club.programmes[scheme] = Programme(club, scheme)
    made: Programme = known
    return made
