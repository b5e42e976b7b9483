"""What runs the code in the documentation: Python fences one after the other, and what they print.

A ``text`` fence that follows a Python fence says what that one printed, line for line; ``…`` stands for anything.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser, SkipParser

ROOT = Path(__file__).parent.parent
PRINTED = "__printed__"


def _python(example: Example) -> str | None:
    said = io.StringIO()
    with redirect_stdout(said):
        PythonEvaluator()(example)
    example.namespace[PRINTED] = said.getvalue()
    return None


def _printed(example: Example) -> str | None:
    expected, said = str(example.parsed).strip(), example.namespace.pop(PRINTED, "").strip()
    pattern = ".+".join(re.escape(part) for part in expected.split("…"))
    return None if re.fullmatch(pattern, said) else f"printed:\n{said}\n\nand not:\n{expected}"


SYBIL = Sybil(
    parsers=[CodeBlockParser("python", _python), CodeBlockParser("text", _printed), SkipParser()],
    path=str(ROOT),
    patterns=["README.md", "docs/**/*.md"],
)


def run(page: Path) -> None:
    """Run a page's code from top to bottom in one namespace; an error names the page and its line."""
    document: Document = SYBIL.parse(page)
    document.namespace["__name__"] = "page"
    try:
        for example in document.examples():
            example.evaluate()
    finally:
        for value in document.namespace.values():
            if hasattr(type(value), "dispose"):  # of the class: a proxy of a request that is over says nothing
                value.dispose()
