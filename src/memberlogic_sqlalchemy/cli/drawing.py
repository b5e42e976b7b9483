"""Plots as SVG texts for the pages of ``memberlogic report``: no script, no font, no network. Every text is escaped;
colours are classes that the page's style defines for light and dark.

A drawing is 480 units wide, so that its letters stay readable on a phone; each says in ``aria-label`` what it shows,
and the page sets a table with the same figures beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from attrs import frozen
from markupsafe import Markup, escape

__all__ = ["Flow", "Series", "bars", "curve", "flows", "ranks"]

_WIDTH = 480
_LEFT, _RIGHT, _TOP = 54, 8, 10
_PLOT = _WIDTH - _LEFT - _RIGHT


@frozen
class Series:
    """Values by label, drawn in one colour: ``c1`` to ``c6``; above zero upwards, below zero downwards."""

    name: str
    values: Sequence[int]
    colour: str


@frozen
class Flow:
    """So many that went from one place to another."""

    source: str
    target: str
    amount: int
    colour: str


def bars(labels: Sequence[str], series: Sequence[Series], *, label: str, unit: str = "") -> Markup:
    """Stacked bars: what is above zero stands on the axis, what is below hangs from it."""
    ups = [sum(max(0, each.values[at]) for each in series) for at in range(len(labels))]
    downs = [sum(min(0, each.values[at]) for each in series) for at in range(len(labels))]
    scale = _Scale(min([0, *downs]), max([0, *ups]), height=190)
    step = _PLOT / max(1, len(labels))
    parts = [*scale.grid()]
    for at, name in enumerate(labels):
        up = down = 0
        for each in series:
            value = each.values[at]
            start = up if value > 0 else down
            if value:
                parts.append(_bar(scale, at * step, step, start, start + value, each, f"{name}: {value:,} {unit}"))
            up, down = (start + value, down) if value > 0 else (up, start + value)
    parts += _below(labels, step, scale.bottom + 16)
    return _drawing(scale.bottom + 22, parts, label)


def _bar(scale: _Scale, x: float, step: float, start: int, end: int, series: Series, told: str) -> str:
    top, bottom = sorted((scale.y(start), scale.y(end)))
    width = max(1.0, step * 0.72)
    return (
        f'<rect class="f {series.colour}" x="{_LEFT + x + (step - width) / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{max(0.6, bottom - top):.1f}"><title>{escape(series.name)}, {escape(told.strip())}</title></rect>'
    )


def _below(labels: Sequence[str], step: float, y: float) -> list[str]:
    every = max(1, -(-len(labels) * 52 // _PLOT))
    return [
        f'<text class="m" x="{_LEFT + (at + 0.5) * step:.1f}" y="{y:.1f}">{escape(name)}</text>'
        for at, name in enumerate(labels)
        if at % every == 0
    ]


def curve(
    days: Sequence[tuple[date, int]], *, label: str, ahead: Sequence[tuple[date, int]] = (), percent: bool = False
) -> Markup:
    """A curve in steps: each value holds until the next day; what is ahead is dashed. In percent, values are tenths."""
    both = [*days, *ahead]
    if not both:
        return Markup("")
    first, last = both[0][0], max(both[-1][0], both[0][0])
    span = max(1, (last - first).days)
    scale = _Scale(min([0, *(value for _, value in both)]), max([1, *(value for _, value in both)]), height=180)

    def x(day: date) -> float:
        return _LEFT + _PLOT * (day - first).days / span

    parts = [*scale.grid(percent=percent)]
    parts.append(f'<path class="a c1" d="{_stepped(days, x, scale)} V{scale.y(0):.1f} H{x(first):.1f} Z"/>')
    parts.append(f'<path class="l c1" d="{_stepped(days, x, scale)}"/>')
    if ahead:
        parts.append(f'<path class="l c2 d" d="{_stepped([*days[-1:], *ahead], x, scale)}"/>')
    marks = sorted({first, last, *_quarters(first, last)})
    for day in marks if len(marks) > 2 else [first, last]:
        if day in (first, last) or min(x(day) - x(first), x(last) - x(day)) > 112:
            anchor = "s" if day == first else "e" if day == last else "m"
            parts.append(
                f'<text class="{anchor}" x="{x(day):.1f}" y="{scale.bottom + 16:.1f}">'
                f"{day.day} {day:%b} {day:%y}</text>"
            )
    return _drawing(scale.bottom + 22, parts, label)


def _stepped(days: Sequence[tuple[date, int]], at: Callable[[date], float], scale: _Scale) -> str:
    path = [f"M{at(days[0][0]):.1f} {scale.y(days[0][1]):.1f}"]
    path += [f"H{at(day):.1f} V{scale.y(value):.1f}" for day, value in days[1:]]
    return " ".join(path)


def _quarters(first: date, last: date) -> Iterable[date]:
    months = (last.year - first.year) * 12 + last.month - first.month
    every = max(1, -(-months // 4))
    for months_on in range(every, months, every):
        month = first.month - 1 + months_on
        yield date(first.year + month // 12, month % 12 + 1, 1)


def ranks(named: Sequence[tuple[str, int, str]], *, label: str, told: Callable[[int], str] = "{:,}".format) -> Markup:
    """Lying bars, one below the other: name, amount, colour; ``told`` writes an amount."""
    most = max([1, *(amount for _, amount, _ in named)])
    parts = []
    for at, (name, amount, colour) in enumerate(named):
        y = 6 + at * 44
        parts.append(f'<text class="s" x="0" y="{y + 12}">{escape(name)}</text>')
        parts.append(f'<text class="e" x="{_WIDTH}" y="{y + 12}">{escape(told(amount))}</text>')
        parts.append(
            f'<rect class="f {colour}" x="0" y="{y + 18}" width="{max(1.0, _WIDTH * amount / most):.1f}" height="14"/>'
        )
    return _drawing(12 + 44 * len(named), parts, label)


def flows(moves: Sequence[Flow], order: Sequence[str], *, label: str) -> Markup:
    """Who went from where to where: places on both sides in an order, bands between them as wide as their amounts."""
    total = sum(each.amount for each in moves)
    sources = [name for name in order if any(each.source == name for each in moves)]
    targets = [name for name in order if any(each.target == name for each in moves)]
    if not total:
        return Markup("")
    gap, height = 26, 200
    left = _places(sources, {n: sum(e.amount for e in moves if e.source == n) for n in sources}, total, height, gap)
    right = _places(targets, {n: sum(e.amount for e in moves if e.target == n) for n in targets}, total, height, gap)
    parts, out, into = [], {n: left[n][0] for n in sources}, {n: right[n][0] for n in targets}
    inner_left, inner_right = 118, _WIDTH - 118
    middle = (inner_left + inner_right) / 2
    for each in sorted(moves, key=lambda move: (order.index(move.source), order.index(move.target))):
        wide = height * each.amount / total
        a, b = out[each.source], into[each.target]
        out[each.source], into[each.target] = a + wide, b + wide
        parts.append(
            f'<path class="b {each.colour}" d="M{inner_left} {a:.1f} C{middle} {a:.1f} {middle} {b:.1f} {inner_right} '
            f'{b:.1f} V{b + wide:.1f} C{middle} {b + wide:.1f} {middle} {a + wide:.1f} {inner_left} {a + wide:.1f} Z">'
            f"<title>{escape(each.source)} to {escape(each.target)}: {each.amount:,}</title></path>"
        )
    for places, side in ((left, "e"), (right, "s")):
        x = inner_left - 8 if side == "e" else inner_right
        for name, (top, amount) in places.items():
            tall = height * amount / total
            parts.append(f'<rect class="n" x="{x}" y="{top:.1f}" width="8" height="{max(1.0, tall):.1f}"/>')
            at, middle_y = (x - 6 if side == "e" else x + 14), top + tall / 2
            parts.append(f'<text class="{side}" x="{at}" y="{middle_y:.1f}">{escape(name)}</text>')
            parts.append(f'<text class="{side} q" x="{at}" y="{middle_y + 14:.1f}">{amount:,}</text>')
    tall = max(top + height * amount / total for places in (left, right) for top, amount in places.values())
    return _drawing(tall + 24, parts, label)


def _places(
    names: Sequence[str], amounts: dict[str, int], total: int, height: int, gap: int
) -> dict[str, tuple[float, int]]:
    top, found = 12.0, {}
    for name in names:
        found[name] = (top, amounts[name])
        top += height * amounts[name] / total + gap
    return found


class _Scale:
    """From values to heights, with round lines to read them by."""

    def __init__(self, low: int, high: int, height: int) -> None:
        self._step = _round((high - low) / 4)
        self._low = -(-low // -self._step) * -self._step if low < 0 else 0
        self._high = max(-(-high // self._step) * self._step, self._low + self._step)
        self._height = height
        self.bottom = float(_TOP + height)

    def y(self, value: int) -> float:
        """Where a value is."""
        return _TOP + self._height * (self._high - value) / (self._high - self._low)

    def grid(self, *, percent: bool = False) -> Iterable[str]:
        """The lines, each with its value."""
        value = self._low
        while value <= self._high:
            y = self.y(value)
            kind = "z" if value == 0 else "g"
            yield f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            told = f"{value // 10}.{value % 10}%" if percent else _short(value)
            yield f'<text class="e" x="{_LEFT - 5}" y="{y + 4:.1f}">{told}</text>'
            value += self._step


def _round(step: float) -> int:
    """The next 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for each in (1, 2, 5):
            if each * power >= step:
                return each * power
        power *= 10


def _short(value: int) -> str:
    """A round number with few letters: 200k."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    for power, letter in ((10**9, "bn"), (10**6, "m"), (10**3, "k")):
        if size >= power:
            whole, rest = divmod(size * 10 // power, 10)
            return f"{sign}{whole}{f'.{rest}' if rest else ''}{letter}"
    return f"{sign}{size}"


def _drawing(height: float, parts: Iterable[str], label: str) -> Markup:
    return Markup(
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height:.0f}" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
