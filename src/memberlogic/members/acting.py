"""COM-13: a member who acts for themself reaches their own record, and no other."""

from __future__ import annotations

from memberlogic.actors import Actor
from memberlogic.errors import NotFound
from memberlogic.ids import MemberId

__all__ = ["require_own"]


def require_own(actor: Actor, member: MemberId) -> None:
    """Refuse a member who acts on somebody else's record, after it was loaded (COM-11).

    Raises:
        NotFound: it does not exist for them.
    """
    if actor.member_id is not None and actor.member_id != member:
        raise NotFound(kind="member", id=member)
