"""State machines as static SVG, drawn when the pages are built: nothing is fetched when they are read."""

from __future__ import annotations

from html import escape

from memberlogic.lifecycle import Lifecycle

_STEP, _TALL, _WIDE, _CHAR = 78, 34, 150, 7


def drawn(machine: Lifecycle) -> str:
    """States below one another in the table's order; arrows down run on the right, arrows up on the left."""
    states = list(machine.table)
    place = {state: index for index, state in enumerate(states)}
    arrows: dict[tuple[int, int], list[str]] = {}
    for before, action, after in machine.rows():
        arrows.setdefault((place[before], place[after]), []).append(action)
    finals = set(machine.finals())
    sides = {True: [0], False: [0]}
    for (start, end), actions in arrows.items():
        sides[end >= start].append(_bulge(start, end) + _CHAR * len(", ".join(actions)) + 16)
    left = max(sides[False])
    width, height = left + _WIDE + max(sides[True]), _STEP * len(states) - (_STEP - _TALL) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'style="max-width:100%;height:auto" '
        f'role="img" aria-label="States: {escape(machine.machine)}" font-family="sans-serif" font-size="13" '
        'fill="none" stroke="currentColor">',
        f"<title>{escape(machine.machine)}</title>",
    ]
    for (start, end), actions in arrows.items():
        parts += _arrow(start, end, ", ".join(actions), left)
    for state in states:
        top = _top(place[state])
        parts.append(f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_TALL}" rx="8"/>')
        if state in finals:
            parts.append(f'<rect x="{left + 3}" y="{top + 3}" width="{_WIDE - 6}" height="{_TALL - 6}" rx="6"/>')
        if state is machine.initial:
            parts.append(f'<circle cx="{left + 12}" cy="{top + _TALL // 2}" r="4" fill="currentColor"/>')
        parts.append(_text(left + _WIDE // 2, top + _TALL // 2 + 4, state.name, "middle"))
    return "".join([*parts, "</svg>"])


def _top(index: int) -> int:
    return 10 + _STEP * index


def _bulge(start: int, end: int) -> int:
    return 26 + 34 * max(abs(end - start) - 1, 0)


def _arrow(start: int, end: int, said: str, left: int) -> list[str]:
    down = end >= start
    edge, out = (left + _WIDE, _bulge(start, end)) if down else (left, -_bulge(start, end))
    # What leaves a state leaves below what arrives in it; a loop turns on the spot.
    begin = _top(start) + _TALL * (3 if down else 1) // 4
    finish = _top(end) + _TALL * (1 if down or start == end else 3) // 4
    tip = 7 if down else -7
    path = f"M{edge} {begin}C{edge + out * 4 // 3} {begin} {edge + out * 4 // 3} {finish} {edge} {finish}"
    head = f"M{edge + tip} {finish - 4}L{edge} {finish}L{edge + tip} {finish + 4}"
    # What goes past a state is named above its middle, where the state's own loop is named.
    passing = start != end and (end - start) % 2 == 0
    middle = (begin + finish) // 2 + (-12 if passing else 4)
    return [
        f'<path d="{path}"/><path d="{head}"/>',
        _text(edge + out + (4 if down else -4), middle, said, "start" if down else "end"),
    ]


def _text(x: int, y: int, said: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor" stroke="none">{escape(said)}</text>'
