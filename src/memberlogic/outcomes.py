"""What a decision returns, and how it explains itself (COM-7, COM-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, NoReturn, TypeVar

from attrs import field, frozen

from memberlogic.errors import JSON

__all__ = ["Because", "Explanation", "Figures", "Outcome"]

F = TypeVar("F")
E = TypeVar("E")
R = TypeVar("R")


@frozen
class Outcome(Generic[F, E, R]):
    """The new facts, what happened, in order, and what the caller is told. Nothing has been written yet."""

    facts: F
    events: tuple[E, ...]
    result: R


class Figures(dict[str, JSON]):
    """Figures by name, which cannot be changed; JSON, pickle and copy take them as the dictionary that they are."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("figures are read-only")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[Figures], tuple[dict[str, JSON]]]:
        return Figures, (dict(self),)


@frozen
class Because:
    """One reason: the rule that spoke, a stable code for translation, and the figures it compared."""

    rule: str
    code: str
    figures: Mapping[str, JSON] = field(factory=dict, converter=Figures, hash=False)

    def text(self) -> str:
        """The reason as one line; ``points.kept_expiry (PTS-11): slices 2, points 300``."""
        figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.figures.items())
        return f"{self.code} ({self.rule})" + (f": {figures}" if figures else "")


@frozen
class Explanation:
    """Why an answer is what it is, as data (``reasons``) and as text."""

    summary: str
    reasons: tuple[Because, ...] = ()

    def text(self) -> str:
        """The summary, then one line a reason."""
        return "\n".join([self.summary, *(f"  - {reason.text()}" for reason in self.reasons)])

    def __str__(self) -> str:
        return self.text()
