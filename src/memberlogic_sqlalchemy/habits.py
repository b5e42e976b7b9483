"""Where members go and what they buy, from tables."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from memberlogic.ids import MemberId
from memberlogic.members.favourites import Habit, Use
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement
from sqlalchemy import and_, bindparam, func, literal_column, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlHabits"]

_h, _p, _pl = tables.account_holders.c, tables.purchases.c, tables.purchase_lines.c
_r, _rl = tables.returns.c, tables.return_lines.c
_THEIRS = tables.account_holders.join(
    tables.purchases, and_(_p.organization_id == _h.organization_id, _p.account_id == _h.account_id)
)
_SOLD = _THEIRS.join(tables.purchase_lines, and_(_pl.organization_id == _p.organization_id, _pl.purchase_id == _p.id))
_BACK = _SOLD.join(tables.returns, and_(_r.organization_id == _p.organization_id, _r.purchase_id == _p.id)).join(
    tables.return_lines,
    and_(
        _rl.organization_id == _r.organization_id,
        _rl.return_id == _r.id,
        _rl.position == _pl.position,
    ),
)


def _left(core: Any) -> Statement:
    """Over a member's purchases since a day of which something is left."""
    return Statement(
        core.where(
            _h.organization_id == bindparam("organization", type_=_h.organization_id.type),
            _h.member_id == bindparam("member", type_=_h.member_id.type),
            _p.business_day >= bindparam("since", type_=_p.business_day.type),
            _p.returned == literal_column("0"),
        ),
        "organization",
        "member",
        "since",
    )


_STUDIOS = _left(
    select(_p.studio, func.count(), func.max(_p.at))
    .select_from(_THEIRS)
    .where(_p.studio.is_not(None))
    .group_by(_p.studio)
)
_ITEMS = _left(select(_pl.item, func.sum(_pl.quantity), func.max(_p.at)).select_from(_SOLD).group_by(_pl.item))
_RETURNED = _left(select(_pl.item, func.sum(_rl.quantity)).select_from(_BACK).group_by(_pl.item))

_v = tables.visits.c
_VISITED = Statement(
    select(_v.studio, func.count(), func.max(_v.at))
    .where(
        _v.organization_id == bindparam("organization", type_=_v.organization_id.type),
        _v.member_id == bindparam("member", type_=_v.member_id.type),
        _v.business_day >= bindparam("since", type_=_v.business_day.type),
        _v.allowed == literal_column("1"),
        _v.undone_at.is_(None),
    )
    .group_by(_v.studio),
    "organization",
    "member",
    "since",
)


class SqlHabits:
    """The port ``Habits``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def bought(self, member: MemberId, since: date) -> Habit:
        """What purchases come to, in one trip."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(member), codec.day_in(since))
        studios, items, returned = self._uow.ask((_STUDIOS, row), (_ITEMS, row), (_RETURNED, row))
        back = {item: int(quantity) for item, quantity in returned}
        return Habit(
            studios=tuple(self._use(code, times, latest) for code, times, latest in studios),
            items=tuple(
                self._use(item, int(sold) - back.get(item, 0), latest)
                for item, sold, latest in items
                if sold > back.get(item, 0)
            ),
        )

    def visited(self, member: MemberId, since: date) -> Habit:
        """How often they were let in."""
        codec = self._uow.codec
        (studios,) = self._uow.ask((_VISITED, (self._uow.org, codec.id_in(member), codec.day_in(since))))
        return Habit(studios=tuple(self._use(code, times, latest) for code, times, latest in studios))

    def _use(self, code: str, times: Any, latest: Any) -> Use:
        return Use(code=code, times=int(times), latest=self._uow.codec.at_out(latest))
