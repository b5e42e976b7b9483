"""Contact points that wait to be confirmed, in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memberlogic.errors import NotFound
from memberlogic.ids import ConfirmationId, ContactPointId, MemberId
from memberlogic.members.contact_points import Confirmation
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import bindparam, delete, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlConfirmations"]

_c = tables.confirmations.c
_ORGANIZATION = _c.organization_id == bindparam("organization", type_=_c.organization_id.type)
_GET = Statement(
    select(_c.id, _c.member_id, _c.contact_point_id, _c.expires_at).where(
        _ORGANIZATION, _c.digest == bindparam("digest_", type_=_c.digest.type)
    ),
    "organization",
    "digest_",
)
_ADD = inserting(tables.confirmations)
_REMOVE = Statement(
    delete(tables.confirmations).where(
        _ORGANIZATION, _c.contact_point_id == bindparam("point", type_=_c.contact_point_id.type)
    ),
    "organization",
    "point",
)


class SqlConfirmations:
    """The port ``Confirmations``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, digest: str) -> Confirmation:
        """The one whose token has this digest."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_GET, (self._uow.org, digest)))
        for id, member, point, expires_at in rows:
            return Confirmation(
                id=ConfirmationId(codec.id_out(id)),
                member=MemberId(codec.id_out(member)),
                contact_point=ContactPointId(codec.id_out(point)),
                digest=digest,
                expires_at=codec.at_out(expires_at),
            )
        raise NotFound(kind="confirmation", id="with this token")

    def add(self, confirmation: Confirmation) -> None:
        """Queue a new one."""
        codec = self._uow.codec
        row = (
            self._uow.org,
            codec.id_in(confirmation.contact_point),
            codec.id_in(confirmation.id),
            codec.id_in(confirmation.member),
            confirmation.digest,
            codec.at_in(confirmation.expires_at),
        )
        self._uow.queue(_ADD, row)

    def remove(self, points: Sequence[ContactPointId]) -> None:
        """Queue that these wait no longer."""
        for each in points:
            self._uow.queue(_REMOVE, (self._uow.org, self._uow.codec.id_in(each)))
