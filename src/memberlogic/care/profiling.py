"""MEM-13: what Member Care tells in a member's profile."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic import converting
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.errors import JSON
from memberlogic.members.ports import ProfileAsked, ProfilePart
from memberlogic.organizations.model import Tier

__all__ = ["care_profile"]


def care_profile(desk: CareDesk) -> Sequence[ProfilePart]:
    """What Member Care contributes to a profile: the flow that runs, as its query answers it."""

    def active(uow: CareWork, asked: ProfileAsked) -> JSON:
        told: JSON = converting.to_json(desk.active(uow, asked.member))
        return told

    return (ProfilePart("care", "members.care:read", active, tier=Tier.PRO),)
