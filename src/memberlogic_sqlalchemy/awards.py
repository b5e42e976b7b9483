"""What events other than purchases came to, in tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.ids import AccountId, AwardId, ClubId, EntryId, ExternalId, MemberId
from memberlogic.loyalty.awards import Award
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlAwards"]

_w, _g = tables.awards.c, tables.award_gifts.c
_COLUMNS = tuple(column for column in tables.awards.columns if column.name not in ("organization_id", "command_id"))
_KNOWN = Statement(
    select(*_COLUMNS).where(
        _w.organization_id == bindparam("organization", type_=_w.organization_id.type),
        _w.source == bindparam("source_", type_=_w.source.type),
        _w.external_id == bindparam("external", type_=_w.external_id.type),
    ),
    "organization",
    "source_",
    "external",
)
_GIFTS = Statement(
    select(_g.rule, _g.points)
    .where(
        _g.organization_id == bindparam("organization", type_=_g.organization_id.type),
        _g.award_id == bindparam("award", type_=_g.award_id.type),
    )
    .order_by(_g.rule),
    "organization",
    "award",
)
_TIMES = Statement(
    select(func.count()).where(
        _g.organization_id == bindparam("organization", type_=_g.organization_id.type),
        _g.member_id == bindparam("member", type_=_g.member_id.type),
        _g.club_id == bindparam("club", type_=_g.club_id.type),
        _g.rule == bindparam("rule_", type_=_g.rule.type),
        _g.business_day >= bindparam("start", type_=_g.business_day.type),
        _g.business_day < bindparam("end", type_=_g.business_day.type),
    ),
    "organization",
    "member",
    "club",
    "rule_",
    "start",
    "end",
)
_ADD = inserting(tables.awards)
_ADD_GIFT = inserting(tables.award_gifts)
_EVER = Days(date(1000, 1, 1), date(9999, 1, 1))


class SqlAwards:
    """The port ``Awards``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def known(self, reference: ExternalId) -> Award | None:
        """The award with an id of the host's."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_KNOWN, (self._uow.org, reference.source, reference.value)))
        for row in rows:
            id, account, club, member, event, source, value, at, day, earned_on, recorded_at, *rest = row
            scheme, points, debt, until, available, entry, because = rest
            (gifts,) = self._uow.ask((_GIFTS, (self._uow.org, id)))
            posted = codec.id_or_none_out(entry)
            return Award(
                id=AwardId(codec.id_out(id)),
                account=AccountId(codec.id_out(account)),
                club=ClubId(codec.id_out(club)),
                member=MemberId(codec.id_out(member)),
                event=event,
                external_id=ExternalId(source, value),
                at=codec.at_out(at),
                business_day=codec.day_out(day),
                earned_on=codec.day_out(earned_on),
                recorded_at=codec.at_out(recorded_at),
                scheme=scheme,
                given=dict(tuple(gift) for gift in gifts),
                points=points,
                settled_debt=debt,
                expires_at=codec.until_out(until),
                available=available,
                entry=None if posted is None else EntryId(posted),
                because=converting.from_json(tuple[Because, ...], converting.loads(because)),
            )
        return None

    def times(self, club: ClubId, member: MemberId, rule: str, days: Days | None) -> int:
        """How often a rule gave."""
        codec, span = self._uow.codec, days or _EVER
        who = (self._uow.org, codec.id_in(member), codec.id_in(club), rule)
        ((many,),) = self._uow.ask((_TIMES, (*who, codec.day_in(span.start), codec.day_in(span.end))))[0]
        return int(many)

    def add(self, awards: Sequence[Award]) -> None:
        """Queue new awards."""
        codec, org = self._uow.codec, self._uow.org
        for each in awards:
            id, club, member = codec.id_in(each.id), codec.id_in(each.club), codec.id_in(each.member)
            day = codec.day_in(each.business_day)
            row = (
                org,
                id,
                codec.id_in(each.account),
                club,
                member,
                each.event,
                each.external_id.source,
                each.external_id.value,
                codec.at_in(each.at),
                day,
                codec.day_in(each.earned_on),
                codec.at_in(each.recorded_at),
                each.scheme,
                each.points,
                each.settled_debt,
                codec.until_in(each.expires_at),
                each.available,
                codec.id_or_none_in(each.entry),
                self._uow.explained(each.because),
                codec.id_in(self._uow.command_id),
            )
            self._uow.queue(_ADD, row)
            for rule, points in sorted(each.given.items()):
                self._uow.queue(_ADD_GIFT, (org, id, rule, club, member, day, points))
