"""ENG-13: the language of templates: Liquid, by python-liquid (the extra ``memberlogic[messages]``), without what could
run for ever, read something else or grow beyond bounds.

There are conditions (``if``, ``unless``, ``case``), ``assign``, ``capture``, ``echo`` and comments, and filters that
make a text no longer than what they are given. There are no loops and no ranges, as every placeholder is one value; no
includes; no clock. So rendering costs no more than the length of the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NoReturn

from attrs import frozen

from memberlogic.engagement.placeholders import Value
from memberlogic.errors import ExtraMissing

__all__ = ["Found", "Malformed", "found_in", "rendered"]

_TAGS = frozenset({"content", "output", "illegal", "if", "unless", "case", "assign", "capture", "comment", "echo", "#"})
_FILTERS = (
    "append", "capitalize", "default", "downcase", "escape", "lstrip", "minus", "plus", "prepend", "rstrip", "size",
    "strip", "truncate", "truncatewords", "upcase",
)  # fmt: skip
_DEEPEST = 10
_LONGEST_OUTPUT = 100_000
_MOST_ASSIGNED = 65_536
_LONGEST_BLANK = 200
_BLANK = re.compile(rf"\s{{{_LONGEST_BLANK + 1}}}")
_DIRECTIVE = re.compile(r"%([dmyY])")
_LONGEST_SAID = 120


class Malformed(Exception):
    """A template cannot be read or rendered: what is wrong, and where, if that is known (counted from 1)."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem, line, column


@frozen
class Found:
    """A placeholder in a template, and where it stands (counted from 1)."""

    name: str
    line: int
    column: int


def found_in(source: str, *, html: bool = False) -> tuple[Found, ...]:
    """Every placeholder that a template uses, in the order in which they stand.

    Raises:
        Malformed: if it is not well-formed, or uses what there is not.
        ExtraMissing: without the extra.
    """
    environment = _environment(html)
    from liquid.builtin.expressions.primitive import RangeLiteral
    from liquid.context import RenderContext

    blank = _BLANK.search(source)
    if blank is not None:
        raise Malformed(f"more than {_LONGEST_BLANK} blanks in a row", *_place(source, blank.start()))
    try:
        template = environment.from_string(source)
        _refuse_ranges(template, RenderContext(template), RangeLiteral, source)
        said = template.analyze(include_partials=False)
    except Malformed:
        raise
    except Exception as error:
        _complain(error, source)
    for name, spans in said.filters.items():
        if name not in environment.filters:
            raise Malformed(f"unknown filter '{_plain(name)}'", *_place(source, spans[0].index))
    uses = sorted((each.span.index, str(each)) for variables in said.globals.values() for each in variables)
    return tuple(Found(_plain(name), *_place(source, index)) for index, name in uses)


def rendered(source: str, values: Mapping[str, Value], *, html: bool = False) -> str:
    """What a template says with values in the place of its placeholders; nothing stands where there is no value.

    Raises:
        Malformed: if it cannot be rendered, or what it says is too long.
        ExtraMissing: without the extra.
    """
    nested: dict[str, dict[str, Value]] = {}
    for name, value in values.items():
        room, _, field = name.partition(".")
        nested.setdefault(room, {})[field] = value
    environment = _environment(html)
    try:
        said: str = environment.from_string(source).render(nested)
    except Exception as error:
        _complain(error, source)
    return str(said)


@cache
def _environment(html: bool) -> Any:
    try:
        from liquid import Environment
    except ImportError:
        raise ExtraMissing(extra="messages") from None

    class Bounded(Environment):
        block_nesting_limit = _DEEPEST
        context_depth_limit = 2 * _DEEPEST
        loop_iteration_limit = 1
        local_namespace_limit = _MOST_ASSIGNED
        output_stream_limit = _LONGEST_OUTPUT

    made = Bounded(autoescape=html)
    made.tags = {name: tag for name, tag in made.tags.items() if name in _TAGS}
    made.filters = {name: made.filters[name] for name in _FILTERS} | {"date": _date}
    return made


def _date(value: object, form: object = "%Y-%m-%d") -> object:
    """A day in another way to write it: ``%d``, ``%m``, ``%Y`` and ``%y``. What is no day stays as it is."""
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return value
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "Y": f"{day.year:04}", "y": f"{day.year % 100:02}"}
    return _DIRECTIVE.sub(lambda found: parts[found[1]], str(form))


def _refuse_ranges(template: Any, context: Any, kind: Any, source: str) -> None:
    """A range may be as long as its numbers say, and is looked through in a comparison."""
    for each in _expressions(template.nodes, context):
        if isinstance(each, kind):
            raise Malformed("there are no ranges", *_place(source, each.token.start_index))


def _expressions(nodes: Iterable[Any], context: Any) -> Iterator[Any]:
    for node in nodes:
        yield from _within(node.expressions())
        yield from _expressions(node.children(context, include_partials=False), context)


def _within(expressions: Iterable[Any]) -> Iterator[Any]:
    for each in expressions:
        yield each
        yield from _within(each.children())


def _complain(error: Exception, source: str) -> NoReturn:
    """What the library says of a template, without its drawing of the place."""
    token = getattr(error, "token", None)
    index = -1 if token is None else token.start_index
    message = getattr(error, "message", None)
    said = _plain(str(message)) if message else "it cannot be read"
    place = _place(source, index) if 0 <= index < len(source) else ()
    raise Malformed(said, *place) from None


def _place(source: str, index: int) -> tuple[int, int]:
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def _plain(said: str) -> str:
    return "".join(each if each.isprintable() else " " for each in said)[:_LONGEST_SAID]
