"""The outbox in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from memberlogic import converting
from memberlogic.ids import MemberId, OrganizationId
from memberlogic.notifying import Claimed, Delivery, Message, Posted, next_try
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Wire
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, or_, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.statements import Row
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["ADD_MESSAGE", "SqlMessages", "SqlOutbox", "message_row"]

_FIRST = (datetime(1000, 1, 1, tzinfo=UTC), UUID(int=0))
_o = tables.outbox.c
_one = (
    _o.organization_id == bindparam("organization", type_=_o.organization_id.type),
    _o.id == bindparam("id_", type_=_o.id.type),
)
ADD_MESSAGE = inserting(tables.outbox)
_DUE = Statement(
    select(
        _o.organization_id,
        _o.id,
        _o.kind,
        _o.member_id,
        _o.service,
        _o.figures,
        _o.not_before,
        _o.attempts,
        _o.purpose,
        _o.channel,
    )
    .where(
        _o.state == bindparam("state_", type_=_o.state.type),
        _o.not_before <= bindparam("now", type_=_o.not_before.type),
    )
    .order_by(_o.not_before, _o.organization_id, _o.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True),
    "state_",
    "now",
    "limit",
)
_CLAIM = Statement(
    update(tables.outbox)
    .values(
        attempts=bindparam("new_attempts", type_=_o.attempts.type),
        not_before=bindparam("new_not_before", type_=_o.not_before.type),
    )
    .where(*_one),
    "new_attempts",
    "new_not_before",
    "organization",
    "id_",
)
_settled = update(tables.outbox).values(
    state=bindparam("new_state", type_=_o.state.type),
    problem=bindparam("new_problem", type_=_o.problem.type),
    settled_at=bindparam("new_settled_at", type_=_o.settled_at.type),
)
_waits = _o.state == bindparam("state_", type_=_o.state.type)
_SENT = Statement(_settled.where(*_one), "new_state", "new_problem", "new_settled_at", "organization", "id_")
_SETTLE = Statement(
    _settled.where(*_one, _waits), "new_state", "new_problem", "new_settled_at", "organization", "id_", "state_"
)
_wait_until = update(tables.outbox).values(not_before=bindparam("new_not_before", type_=_o.not_before.type))
_POSTPONE = Statement(_wait_until.where(*_one, _waits), "new_not_before", "organization", "id_", "state_")
_PUT_BACK = Statement(
    _wait_until.values(attempts=bindparam("new_attempts", type_=_o.attempts.type)).where(*_one, _waits),
    "new_attempts",
    "new_not_before",
    "organization",
    "id_",
    "state_",
)
_of_member = (
    _o.organization_id == bindparam("organization", type_=_o.organization_id.type),
    _o.member_id == bindparam("member", type_=_o.member_id.type),
)
_posted = select(
    _o.id,
    _o.kind,
    _o.member_id,
    _o.service,
    _o.figures,
    _o.not_before,
    _o.purpose,
    _o.channel,
    _o.state,
    _o.problem,
    _o.settled_at,
)
_OF = Statement(_posted.where(*_of_member).order_by(_o.id), "organization", "member")
_last = bindparam("last", type_=_o.not_before.type)
_UNSENT = Statement(
    _posted.where(
        _waits,
        _o.not_before >= _last,
        _o.organization_id == bindparam("organization", type_=_o.organization_id.type),
        or_(_o.not_before > _last, _o.id > bindparam("after", type_=_o.id.type)),
    )
    .order_by(_o.not_before, _o.id)
    .limit(bindparam("limit")),
    "state_",
    "last",
    "organization",
    "after",
    "limit",
)
_RETRY = Statement(
    _settled.values(
        attempts=bindparam("new_attempts", type_=_o.attempts.type),
        not_before=bindparam("new_not_before", type_=_o.not_before.type),
    ).where(*_one),
    "new_state",
    "new_problem",
    "new_settled_at",
    "new_attempts",
    "new_not_before",
    "organization",
    "id_",
)


@family
def _held(count: int) -> Statement:
    names, among = one_of(_o.id, count)
    mine = _o.organization_id == bindparam("organization", type_=_o.organization_id.type)
    return Statement(_posted.where(mine, among).order_by(_o.id).with_for_update(), "organization", *names)


_HUSH = Statement(
    update(tables.outbox).values(figures=bindparam("new_figures", type_=_o.figures.type)).where(*_of_member),
    "new_figures",
    "organization",
    "member",
)
_CANCEL = Statement(
    _settled.where(*_of_member, _waits),
    "new_state",
    "new_problem",
    "new_settled_at",
    "organization",
    "member",
    "state_",
)


def message_row(codec: Codec, organization: Any, message: Message) -> Row:
    """A new message as a row of the table."""
    return (
        organization,
        codec.id_in(message.id),
        message.kind,
        codec.id_or_none_in(message.member),
        int(message.service),
        converting.dumps(dict(message.figures)),
        codec.at_in(message.not_before),
        0,
        Delivery.QUEUED.value,
        None,
        message.purpose,
        message.channel,
        None,
    )


class _Wired(Protocol):
    def __call__(self) -> AbstractContextManager[Wire]: ...


class SqlOutbox:
    """The port ``Outbox``, in transactions of its own."""

    def __init__(self, wired: _Wired) -> None:
        self._wired = wired

    def claim(self, now: datetime, limit: int) -> Sequence[Claimed]:
        """Claim what is due, passing over what another relay is claiming."""
        with self._wired() as wire:
            codec = wire.codec
            row = (Delivery.QUEUED.value, codec.at_in(now), limit)
            (rows,) = wire.ask(wire.begin_work(), [(_DUE, row)])
            claimed = [self._claimed(codec, each) for each in rows]
            claims = [
                (
                    each.attempts,
                    codec.at_in(next_try(now, each.attempts)),
                    codec.id_in(each.organization),
                    codec.id_in(each.message.id),
                )
                for each in claimed
            ]
            wire.write((), [(_CLAIM, claims)] if claims else [], commit=True)
        return claimed

    def settle(self, claimed: Claimed, delivery: Delivery, reason: str | None, at: datetime) -> None:
        """Write down what became of a message."""
        with self._wired() as wire:
            codec = wire.codec
            settled_at = None if delivery is Delivery.QUEUED else codec.at_in(at)
            one = (codec.id_in(claimed.organization), codec.id_in(claimed.message.id))
            row = (delivery.value, reason, settled_at, *one)
            sent = delivery is Delivery.SENT
            write = (_SENT, [row]) if sent else (_SETTLE, [(*row, Delivery.QUEUED.value)])
            wire.write(wire.begin_work(), [write], commit=True)

    def postpone(self, claimed: Claimed, not_before: datetime) -> None:
        """Put a claimed message back."""
        with self._wired() as wire:
            codec = wire.codec
            one = (codec.id_in(claimed.organization), codec.id_in(claimed.message.id))
            row = (claimed.attempts - 1, codec.at_in(not_before), *one, Delivery.QUEUED.value)
            wire.write(wire.begin_work(), [(_PUT_BACK, [row])], commit=True)

    @staticmethod
    def _claimed(codec: Codec, row: Sequence[Any]) -> Claimed:
        organization, id, kind, member, service, figures, not_before, attempts, purpose, channel = row
        message = _message(codec, id, kind, member, service, figures, not_before, purpose, channel)
        return Claimed(organization=OrganizationId(codec.id_out(organization)), message=message, attempts=attempts + 1)


def _posted_of(codec: Codec, row: Sequence[Any]) -> Posted:
    id, kind, member, service, figures, not_before, purpose, channel, state, problem, settled_at = row
    return Posted(
        message=_message(codec, id, kind, member, service, figures, not_before, purpose, channel),
        delivery=Delivery(state),
        reason=problem,
        settled_at=None if settled_at is None else codec.at_out(settled_at),
    )


def _message(
    codec: Codec,
    id: Any,
    kind: str,
    member: Any,
    service: int,
    figures: str,
    not_before: Any,
    purpose: str | None,
    channel: str | None,
) -> Message:
    of = codec.id_or_none_out(member)
    return Message(
        id=codec.id_out(id),
        kind=kind,
        member=None if of is None else MemberId(of),
        service=bool(service),
        figures=converting.loads(figures),
        not_before=codec.at_out(not_before),
        purpose=purpose,
        channel=channel,
    )


class SqlMessages:
    """The port ``Messages``, inside a unit of work."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[Posted]:
        """A member's."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        return [_posted_of(self._uow.codec, row) for row in rows]

    def unsent(self, *, after: tuple[datetime, UUID] | None = None, limit: int = 500) -> Sequence[Posted]:
        """The next that were set aside."""
        codec = self._uow.codec
        last, id = after or _FIRST
        row = (Delivery.SET_ASIDE.value, codec.at_in(last), self._uow.org, codec.id_in(id), limit)
        (rows,) = self._uow.ask((_UNSENT, row))
        return [_posted_of(codec, row) for row in rows]

    def held(self, ids: Sequence[UUID]) -> Mapping[UUID, Posted]:
        """Those of these that there are, locked."""
        codec = self._uow.codec
        asked = padded([codec.id_in(id) for id in sorted(set(ids))])
        (rows,) = self._uow.lock((_held(len(asked)), (self._uow.org, *asked)))
        found = [_posted_of(codec, row) for row in rows]
        return {each.message.id: each for each in found}

    def retry(self, ids: Sequence[UUID]) -> None:
        """Queue that these wait again."""
        codec, org = self._uow.codec, self._uow.org
        waits = (Delivery.QUEUED.value, None, None, 0, codec.at_in(self._uow.now), org)
        self._uow.queue_all(_RETRY, [(*waits, codec.id_in(id)) for id in sorted(ids)])

    def withdraw(self, ids: Sequence[UUID], reason: str) -> None:
        """Queue that what waits of them is not sent."""
        codec, org = self._uow.codec, self._uow.org
        now = codec.at_in(self._uow.now)
        withheld = (Delivery.WITHHELD.value, reason, now, org)
        rows = [(*withheld, codec.id_in(id), Delivery.QUEUED.value) for id in sorted(ids)]
        self._uow.queue_all(_SETTLE, rows)

    def postpone(self, ids: Sequence[UUID], not_before: datetime) -> None:
        """Queue that what waits of them waits until an instant."""
        codec, org = self._uow.codec, self._uow.org
        at = codec.at_in(not_before)
        self._uow.queue_all(_POSTPONE, [(at, org, codec.id_in(id), Delivery.QUEUED.value) for id in sorted(ids)])

    def cancel(self, member: MemberId, reason: str) -> None:
        """Queue that nothing is sent, and nothing said."""
        id = self._uow.codec.id_in(member)
        self._uow.queue(_HUSH, (converting.dumps({}), self._uow.org, id))
        now = self._uow.codec.at_in(self._uow.now)
        row = (Delivery.WITHHELD.value, reason, now, self._uow.org, id, Delivery.QUEUED.value)
        self._uow.queue(_CANCEL, row)
