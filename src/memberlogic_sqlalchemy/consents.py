"""Consents in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memberlogic.ids import ConsentId, MemberId
from memberlogic.members.consents import Consent, ConsentHistory
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import bindparam, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlConsents"]

_c = tables.consents.c
_OF = Statement(
    select(_c.id, _c.purpose, _c.channel, _c.given, _c.at, _c.source, _c.wording, _c.recorded_at, _c.actor)
    .where(
        _c.organization_id == bindparam("organization", type_=_c.organization_id.type),
        _c.member_id == bindparam("member", type_=_c.member_id.type),
    )
    .order_by(_c.at, _c.recorded_at, _c.id),
    "organization",
    "member",
)
_ADD = inserting(tables.consents)


class SqlConsents:
    """The port ``Consents``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> ConsentHistory:
        """Everything that a member said."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_OF, (self._uow.org, codec.id_in(member))))
        said = (
            Consent(
                id=ConsentId(codec.id_out(id)),
                member=member,
                purpose=purpose,
                channel=channel,
                given=bool(given),
                at=codec.at_out(at),
                source=source,
                wording=wording,
                recorded_at=codec.at_out(recorded_at),
                actor=actor,
            )
            for id, purpose, channel, given, at, source, wording, recorded_at, actor in rows
        )
        return ConsentHistory(member=member, consents=tuple(said))

    def add(self, consent: Consent) -> None:
        """Queue what a member said."""
        codec = self._uow.codec
        row = (
            self._uow.org,
            codec.id_in(consent.id),
            codec.id_in(consent.member),
            consent.purpose,
            consent.channel,
            int(consent.given),
            codec.at_in(consent.at),
            consent.source,
            consent.wording,
            codec.at_in(consent.recorded_at),
            consent.actor,
        )
        self._uow.queue(_ADD, row)
