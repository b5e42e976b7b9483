"""A course as a timeline, from top to bottom: SVG as text. Nothing is fetched and no script runs; its colours follow
what the reader prefers, light or dark; its letters stay readable on a phone. Every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import Enum
from html import escape
from textwrap import wrap

from attrs import frozen

__all__ = ["Line", "Mark", "drawn"]

_WIDTH, _AXIS, _TEXT, _ROW, _LETTERS = 360, 96, 116, 20, 30
_STYLE = (
    ".ml{font:14px system-ui,sans-serif;--i:#1b1f24;--m:#59636e;--b:#fff;--a:#0b6bcb;--d:#1a7f37;--p:#b35900}"
    "@media(prefers-color-scheme:dark){.ml{--i:#e6edf3;--m:#9aa5b1;--b:#14181d;--a:#6cb2ff;--d:#56d364;--p:#f0a35e}}"
    ".ml .g{fill:var(--b)}.ml text{fill:var(--i)}.ml .h{font-weight:600;font-size:16px}.ml .q{fill:var(--m)}"
    ".ml .n{fill:var(--m);font-size:11px}.ml .l{stroke:var(--m);stroke-width:2}"
    ".ml .s{stroke:var(--p);stroke-width:2;stroke-dasharray:3 5}.ml .full{fill:var(--a)}"
    ".ml .open{fill:var(--b);stroke:var(--a);stroke-width:2}.ml .done{fill:none;stroke:var(--d);stroke-width:2.5}"
    ".ml .pause{fill:var(--p)}.ml .end{fill:var(--i)}.ml .back{fill:var(--b)}"
)


class Mark(Enum):
    """What stands on the line."""

    FULL = "full"
    OPEN = "open"
    DONE = "done"
    PAUSE = "pause"
    END = "end"


@frozen(kw_only=True)
class Line:
    """One thing that happens: the day, if it is the first of it; the how-manieth since the start; whether time stands
    still from it on.
    """

    day: date | None
    number: int
    text: str
    mark: Mark
    still: bool


def drawn(title: str, lines: Sequence[Line], notes: Sequence[str]) -> str:
    """The lines below one another, with what is waited for in the end."""
    parts: list[str] = []
    y = 66
    for at, line in enumerate(lines):
        words = wrap(line.text, _LETTERS) or [""]
        height = _ROW * len(words) + (20 if _ends_day(lines, at) else 2)
        if at + 1 < len(lines):
            parts.append(f'<path class="{"s" if line.still else "l"}" d="M{_AXIS} {y}V{y + height}"/>')
        parts += _row(line, words, y, _new_year(lines, at))
        y += height
    y += 8
    for note in notes:
        for text in wrap(note, 46):
            parts.append(f'<text class="q" x="16" y="{y}">{escape(text)}</text>')
            y += _ROW
    head = [
        f'<rect class="g" width="{_WIDTH}" height="{y}"/>',
        *(f'<text class="h" x="16" y="{28 + 18 * at}">{escape(text)}</text>' for at, text in enumerate(_title(title))),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ml" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" '
        f'height="{y}" style="max-width:100%;height:auto" role="img" aria-label="{escape(f"Course of {title}")}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{''.join([*head, *parts])}</svg>"
    )


def _title(title: str) -> Sequence[str]:
    first, *rest = wrap(title, 38) or [""]
    return [first] if not rest else [f"{first} …"]


def _ends_day(lines: Sequence[Line], at: int) -> bool:
    return at + 1 == len(lines) or lines[at + 1].day is not None


def _new_year(lines: Sequence[Line], at: int) -> bool:
    """Whether the year has to be said: with the first day, and with the first of another year."""
    before = next((each.day for each in reversed(lines[:at]) if each.day is not None), None)
    day = lines[at].day
    return day is not None and (before is None or before.year != day.year)


def _row(line: Line, words: Sequence[str], y: int, new_year: bool) -> Iterator[str]:
    if line.day is not None:
        year = f"{line.day.year}, " if new_year else ""
        yield f'<text x="80" y="{y + 1}" text-anchor="end">{line.day.day} {line.day:%b}</text>'
        yield f'<text class="n" x="80" y="{y + 15}" text-anchor="end">{year}day {line.number}</text>'
    yield from _mark(line.mark, y - 4)
    for at, text in enumerate(words):
        yield f'<text x="{_TEXT}" y="{y + 1 + _ROW * at}">{escape(text)}</text>'


def _mark(mark: Mark, y: int) -> Iterator[str]:
    match mark:
        case Mark.FULL | Mark.OPEN:
            yield f'<circle class="{mark.value}" cx="{_AXIS}" cy="{y}" r="6"/>'
        case Mark.DONE:
            yield f'<circle class="back" cx="{_AXIS}" cy="{y}" r="8"/>'
            yield f'<path class="done" d="M{_AXIS - 5} {y}l4 4l7 -8"/>'
        case Mark.PAUSE:
            yield f'<circle class="back" cx="{_AXIS}" cy="{y}" r="8"/>'
            yield f'<path class="pause" d="M{_AXIS - 5} {y - 6}h4v12h-4zM{_AXIS + 1} {y - 6}h4v12h-4z"/>'
        case Mark.END:
            yield f'<rect class="end" x="{_AXIS - 6}" y="{y - 6}" width="12" height="12" rx="2"/>'
