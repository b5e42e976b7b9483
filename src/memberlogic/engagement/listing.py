"""ENG-13: which templates there are to pick from."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from memberlogic.engagement.templates import Category, Template
from memberlogic.inputs import code, instance, optional, whole

__all__ = ["OfVersion", "Templates", "listed"]


@frozen(kw_only=True)
class OfVersion:
    """A template as it is now, or as it was in a version."""

    code: str = field(validator=code("a template's code"))
    version: int | None = field(default=None, validator=optional(whole(least=1)))


@frozen(kw_only=True)
class Templates:
    """The templates of a category, for a channel; all, where none are named."""

    category: Category | None = field(default=None, validator=optional(instance(Category, "a Category")))
    channel: str | None = field(default=None, validator=optional(code("a channel")))
    retired: bool = field(default=False, validator=instance(bool, "true or false"))


def listed(templates: Iterable[Template], wanted: Templates) -> tuple[Template, ...]:
    """Those that fit, in their order."""
    return tuple(
        each
        for each in templates
        if (each.in_use or wanted.retired)
        and wanted.category in (None, *each.categories)
        and wanted.channel in (None, each.channel)
    )
