"""What an adapter must provide: storage, a unit of work, versions, idempotency.

An adapter gives a :class:`Storage`. Each attempt of a command is one unit of work: what is read is locked in the
documented order (members, then accounts; ids ascending), writes are queued, and leaving the unit cleanly writes
everything with its header and commits; leaving it by an exception leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from attrs import frozen

from memberlogic.amounts import Unit
from memberlogic.clock import Clock
from memberlogic.errors import IdempotencyConflict
from memberlogic.events import Event, OfItself
from memberlogic.ids import AccountId, CareRunId, ClubId, ContractId, OrganizationId
from memberlogic.inputs import require_instant
from memberlogic.notifying import Message

__all__ = [
    "Capability",
    "CareDue",
    "Command",
    "ContractDue",
    "Due",
    "Header",
    "Present",
    "Replayed",
    "ReviewsDue",
    "Signpost",
    "Storage",
    "UnitOfWork",
]


class Capability(Enum):
    """What an adapter may or may not be able to do; what it declares is certified, what it does not is not there."""

    DURABLE = "durable"
    """What was committed is there when the store is opened again."""

    JOINING = "joining"
    """A command can live inside a transaction of the host's (COM-15)."""

    CONCURRENT = "concurrent"
    """Several connections or processes may write at once."""


@frozen(kw_only=True)
class Command:
    """One command as the store sees it."""

    organization: OrganizationId
    name: str
    actor: str
    key: str | None = None
    fingerprint: str | None = None


@frozen(kw_only=True)
class Header:
    """What a command leaves behind, written last, together with its effects (COM-9)."""

    name: str
    actor: str
    key: str | None
    fingerprint: str | None
    result: Any

    def answer(self, command: Command) -> Replayed:
        """This header's result, to be answered again.

        Raises:
            IdempotencyConflict: if the key belongs to another command, actor or input.
        """
        for mine, theirs, difference in (
            (self.name, command.name, "command"),
            (self.actor, command.actor, "actor"),
            (self.fingerprint, command.fingerprint, "input"),
        ):
            if mine != theirs:
                raise IdempotencyConflict(difference=difference)
        return Replayed(self.result)


class Replayed(Exception):
    """Raised by a unit of work whose key has been used for the same command; only the runner sees it."""

    def __init__(self, result: Any) -> None:
        super().__init__("this command was done before")
        self.result = result


class Signpost(Exception):
    """Raised by a unit of work that was asked for records which were merged into others (MEM-17): which lead where.
    Only the runner sees it, and asks again for those others.
    """

    def __init__(self, kind: str, leads: Mapping[UUID, UUID]) -> None:
        super().__init__(f"this {kind} was merged into another")
        self.kind = kind
        self.leads = leads


class Present:
    """The one instant of a unit of work: read from the clock after the first lock, never before the last effective
    instant of what was locked (COM-8).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now: datetime | None = None

    def not_before(self, effective_at: datetime) -> None:
        """A lock was taken on something whose last effective instant is this."""
        if self.now < effective_at:
            self._now = effective_at

    @property
    def now(self) -> datetime:
        """The instant; fixed by its first reading."""
        if self._now is None:
            self._now = require_instant(self._clock.now(), "clock.now()")
        return self._now


@frozen
class Due:
    """Something that may change by itself, to be settled by the jobs."""

    organization: OrganizationId
    account: AccountId
    unit: Unit | None
    """The account's wallet of this unit; None for a review of the account itself (SCH-6)."""
    at: datetime

    def order(self) -> tuple[datetime, OrganizationId, AccountId, str]:
        """Where it stands on the agenda: the longest due first; at the same instant wallets before reviews."""
        return (self.at, self.organization, self.account, self.unit or "~")


@frozen
class ReviewsDue:
    """Reviews of a club's accounts that fell due at one instant, to be held together where they can be (SCH-6)."""

    organization: OrganizationId
    club: ClubId
    at: datetime

    def order(self) -> tuple[datetime, OrganizationId, ClubId]:
        """Where they stand on the agenda: the longest due first."""
        return (self.at, self.organization, self.club)


@frozen
class ContractDue:
    """A contract that has something to announce, to be settled by the jobs (CON-16)."""

    organization: OrganizationId
    contract: ContractId
    at: datetime

    def order(self) -> tuple[datetime, OrganizationId, ContractId]:
        """Where it stands on the agenda: the longest due first."""
        return (self.at, self.organization, self.contract)


@frozen
class CareDue:
    """A run of Member Care in which something comes about of itself, to be settled by the jobs (CARE-16)."""

    organization: OrganizationId
    run: CareRunId
    at: datetime

    def order(self) -> tuple[datetime, OrganizationId, CareRunId]:
        """Where it stands on the agenda: the longest due first."""
        return (self.at, self.organization, self.run)


class UnitOfWork(Protocol):
    """One attempt at a command, or one query."""

    @property
    def now(self) -> datetime:
        """The instant at which the command decides; taken after the first lock."""
        ...

    def put(
        self,
        events: Sequence[Event | OfItself],
        messages: Sequence[Message] = (),
        *,
        effective_at: datetime | None = None,
    ) -> None:
        """Queue what happened and what is to be sent; ``effective_at`` is now unless it took effect earlier. What fell
        due of itself carries its own instant, and the system is its actor.
        """
        ...

    def finish(self, result: Any) -> None:
        """Queue the header, with the result as JSON values. Nothing may be queued after it."""
        ...


W_co = TypeVar("W_co", bound=UnitOfWork, covariant=True)


class Storage(Protocol[W_co]):
    """What an adapter is."""

    @property
    def owns_transactions(self) -> bool:
        """Whether a conflict may be tried again by the library: it may not inside a host's transaction."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this store promises beyond the ports."""
        ...

    def work(self, command: Command, clock: Clock) -> AbstractContextManager[W_co]:
        """ONE attempt. Entering sends nothing. The first read takes its locks, then looks up the command's key and
        raises what :meth:`Header.answer` says if it was used; a record that was merged into another raises a
        :class:`Signpost` after that. A clean exit writes everything, then commits unless joined; any exception leaves
        nothing behind.

        Raises:
            ConcurrencyConflict: if facts changed since they were read, or a lock could not be had in time.
        """
        ...

    def reading(self, organization: OrganizationId, clock: Clock) -> AbstractContextManager[W_co]:
        """A consistent look without write locks; nothing is saved."""
        ...

    def due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[Due]:
        """What may change by itself by ``before`` (inclusive), over all organizations but those ``without``, the
        longest due first; at most ``limit``. What it costs grows with what is due, not with what there is (COM-18).
        """
        ...

    def reviews_due(self, before: datetime, without: Collection[OrganizationId] = ()) -> Sequence[ReviewsDue]:
        """When reviews of more than one account of which clubs fell due together by ``before`` (inclusive), over all
        organizations but those ``without``, the longest due first. What it costs grows with what is due (COM-18).
        """
        ...

    def contracts_due(
        self,
        before: datetime,
        limit: int,
        without: Collection[OrganizationId] = (),
        aside: Collection[ContractId] = (),
    ) -> Sequence[ContractDue]:
        """Contracts whose next change is by ``before`` (inclusive), over all organizations but those ``without``, and
        but those set ``aside``, the longest due first; at most ``limit``. What it costs grows with what is due, not
        with what there is (COM-18).
        """
        ...

    def care_due(self, before: datetime, limit: int, without: Collection[OrganizationId] = ()) -> Sequence[CareDue]:
        """Runs of Member Care whose next change is by ``before`` (inclusive), over all organizations but those
        ``without``, the longest due first; at most ``limit``. What it costs grows with what is due (COM-18).
        """
        ...

    def care_listening(self, without: Collection[OrganizationId] = ()) -> Sequence[OrganizationId]:
        """The organizations in which some run ever waited for an event, but those ``without``, by their ids."""
        ...

    def rehearsing(self) -> AbstractContextManager[Storage[W_co]]:
        """A store in which everything is as it is here, and in which whatever is done is undone at the end: its
        commands see one another, nobody else sees any of them, and nothing is left. It does not own its transactions,
        as all of it is one.

        Raises:
            ConcurrencyConflict: if a lock could not be had in time.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt, without blocking what must not be blocked."""
        ...
