"""MEM-11: what Member Care holds of a member, for an access request."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from memberlogic import converting
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.errors import JSON
from memberlogic.ids import MemberId

__all__ = ["CareOfMember"]


@frozen
class CareOfMember:
    """What Member Care contributes to an export. What staff noted is among the notes of the member."""

    desk: CareDesk

    def export(self, uow: CareWork, member: MemberId) -> Mapping[str, JSON]:
        """Every run, as it is now, the latest first: which milestones were reached, and what came of them."""
        return {"care": [converting.to_json(each) for each in self.desk.history(uow, member)]}
