"""What events other than purchases came to, in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.ids import AccountId, AwardId, ClubId, EntryId, ExternalId, MemberId
from memberlogic.loyalty.awards import Award
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
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
_OF_ACCOUNT = Statement(
    select(*_COLUMNS)
    .where(
        _w.organization_id == bindparam("organization", type_=_w.organization_id.type),
        _w.account_id == bindparam("account", type_=_w.account_id.type),
        _w.id > bindparam("after", type_=_w.id.type),
    )
    .order_by(_w.id)
    .limit(bindparam("limit")),
    "organization",
    "account",
    "after",
    "limit",
)


@family
def _gifts(count: int) -> Statement:
    """What the rules gave for these events."""
    names, among = one_of(_g.award_id, count)
    core = select(_g.award_id, _g.rule, _g.points).where(
        _g.organization_id == bindparam("organization", type_=_g.organization_id.type), among
    )
    return Statement(core.order_by(_g.award_id, _g.rule), "organization", *names)


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
_FIRST = UUID(int=0)
_EVER = Days(date(1000, 1, 1), date(9999, 1, 1))


class SqlAwards:
    """The port ``Awards``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def known(self, reference: ExternalId) -> Award | None:
        """The award with an id of the host's."""
        (rows,) = self._uow.ask((_KNOWN, (self._uow.org, reference.source, reference.value)))
        return next(iter(self._awards(rows)), None)

    def of_account(self, account: AccountId, *, after: AwardId | None, limit: int) -> Sequence[Award]:
        """The next awards of an account."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(account), codec.id_in(after or _FIRST), limit)
        return self._awards(self._uow.ask((_OF_ACCOUNT, row))[0])

    def _awards(self, rows: Sequence[Any]) -> Sequence[Award]:
        if not rows:
            return []
        ids = padded([row[0] for row in rows])
        given: dict[Any, dict[str, int]] = {}
        for of, rule, points in self._uow.ask((_gifts(len(ids)), (self._uow.org, *ids)))[0]:
            given.setdefault(self._uow.codec.id_out(of), {})[rule] = points
        return [self._award(row, given) for row in rows]

    def _award(self, row: Sequence[Any], given: Mapping[Any, Mapping[str, int]]) -> Award:
        codec = self._uow.codec
        id, account, club, member, event, source, value, at, day, earned_on, recorded_at, *rest = row
        scheme, points, debt, until, available, entry, because = rest
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
            given=dict(given.get(codec.id_out(id), {})),
            points=points,
            settled_debt=debt,
            expires_at=codec.until_out(until),
            available=available,
            entry=None if posted is None else EntryId(posted),
            because=converting.from_json(tuple[Because, ...], converting.loads(because)),
        )

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
