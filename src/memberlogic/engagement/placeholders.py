"""The placeholders that templates may use (ENG-13), by category, each with what a sample member would have there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from memberlogic.engagement.templates import Category

__all__ = ["PLACEHOLDERS", "Placeholder", "Value", "category_of", "names_of", "samples"]

Value = str | int
"""What stands in the place of a placeholder. Days are written ``2026-01-31``; the filter ``date`` says how else."""


@frozen
class Placeholder:
    """A name that stands for something of the member to whom a message goes."""

    name: str
    category: Category
    sample: Value


PLACEHOLDERS: tuple[Placeholder, ...] = (
    Placeholder("member.first_name", Category.MEMBER, "Ana"),
    Placeholder("member.last_name", Category.MEMBER, "Sample"),
    Placeholder("member.name", Category.MEMBER, "Ana Sample"),
    Placeholder("member.salutation", Category.MEMBER, "Ms"),
    Placeholder("member.support_id", Category.MEMBER, "TQ22-W896-X"),
    Placeholder("studio.name", Category.MEMBER, "North"),
    Placeholder("organization.name", Category.MEMBER, "Example"),
    Placeholder("contract.rate", Category.CONTRACT, "Year"),
    Placeholder("contract.status", Category.CONTRACT, "active"),
    Placeholder("contract.start_on", Category.CONTRACT, "2026-01-01"),
    Placeholder("contract.term_ends_on", Category.CONTRACT, "2026-12-31"),
    Placeholder("contract.last_day", Category.CONTRACT, "2026-12-31"),
    Placeholder("contract.studio", Category.CONTRACT, "North"),
    Placeholder("points.balance", Category.LOYALTY, 1200),
    Placeholder("points.pending", Category.LOYALTY, 50),
    Placeholder("points.next_expiring", Category.LOYALTY, 300),
    Placeholder("scheme.code", Category.LOYALTY, "gold"),
    Placeholder("care.flow", Category.MEMBER_CARE, "Welcome"),
    Placeholder("care.milestone", Category.MEMBER_CARE, "First call"),
)
"""All of them. What Member Care fills in it hands over itself; the rest is looked up when a message is sent."""

_CATEGORY = {each.name: each.category for each in PLACEHOLDERS}


def category_of(name: str) -> Category | None:
    """The category of a placeholder; None if there is none of that name."""
    return _CATEGORY.get(name)


def names_of(categories: Collection[Category]) -> tuple[str, ...]:
    """The placeholders that templates of these categories may use, in order."""
    return tuple(each.name for each in PLACEHOLDERS if each.category in categories)


def samples(categories: Collection[Category]) -> Mapping[str, Value]:
    """What a sample member has."""
    return {each.name: each.sample for each in PLACEHOLDERS if each.category in categories}
