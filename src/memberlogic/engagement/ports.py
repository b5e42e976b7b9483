"""What engagement asks of storage, and of the rooms whose figures stand in messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from memberlogic.engagement.placeholders import Value
from memberlogic.engagement.templates import Category, Template
from memberlogic.members.ports import MembersWork, ProfileAsked
from memberlogic.organizations.model import Feature

__all__ = ["EngagementWork", "MessageTemplates", "PlaceholderPart"]


class MessageTemplates(Protocol):
    """Templates of messages, by code, in versions (ENG-13)."""

    def get(self, code: str, version: int | None = None) -> Template:
        """One in its current version, or in an earlier one. Raises ``NotFound``."""
        ...

    def locked(self, code: str) -> Template | None:
        """One in its current version, locked until the unit ends; None if there is none."""
        ...

    def all(self) -> Sequence[Template]:
        """Every one in its current version, retired ones too, in order of their codes."""
        ...

    def keep(self, template: Template) -> None:
        """Queue what became of a locked template, or a new one; a version that is new is kept beside those before it.
        What comes in between is a conflict.
        """
        ...


@frozen(kw_only=True)
class PlaceholderPart:
    """What a room fills in for the placeholders of a category: by which permissions and feature, and their values for a
    member, None where there is nothing. The unit of work is that room's.
    """

    category: Category
    permissions: tuple[str, ...]
    told: Callable[[Any, ProfileAsked], Mapping[str, Value | None]]
    feature: Feature | None = None


class EngagementWork(MembersWork, Protocol):
    """A unit of work that reaches what engagement needs."""

    @property
    def message_templates(self) -> MessageTemplates:
        """Templates of messages."""
        ...
