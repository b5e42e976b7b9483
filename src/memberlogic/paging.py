"""COM-20: lists in pages by key, read only as far as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

__all__ = ["going_on", "one_by_one"]

T = TypeVar("T")


def one_by_one(read: Callable[[T | None], Sequence[T]]) -> Iterator[T]:
    """Every item of a list that is read in pages, each further page when it is reached: ``read`` is given the last item
    of the page before. The first page is read at once, so that a refusal is raised where it was asked for.
    """
    return going_on(read, read(None))


def going_on(read: Callable[[T], Sequence[T]], page: Sequence[T]) -> Iterator[T]:
    """Every item from a page on that has been read already."""
    while page:
        yield from page
        page = read(page[-1])
