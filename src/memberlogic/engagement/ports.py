"""What engagement asks of storage."""

from __future__ import annotations

from typing import Protocol

from memberlogic.members.ports import MembersWork

__all__ = ["EngagementWork"]


class EngagementWork(MembersWork, Protocol):
    """A unit of work that reaches what engagement needs."""
