"""MEM-3, COM-20: finding members."""

from __future__ import annotations

from attrs import field, frozen

from memberlogic.members.support_ids import support_id_read

__all__ = ["BySupportId"]


@frozen(kw_only=True)
class BySupportId:
    """Look a member up by the support id, as it was said."""

    support_id: str = field(converter=support_id_read)
