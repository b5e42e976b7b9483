"""What a store promises inside a transaction of the host's (COM-15)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import pytest

from memberlogic.application import MemberLogic, Work
from memberlogic.certification.base import Certification, conserved
from memberlogic.errors import RuleViolation
from memberlogic.storing import Storage
from memberlogic.testing.worlds import World

__all__ = ["Host", "JoiningPromises"]


class Host(Protocol):
    """How the suite plays the host; an adapter that declares JOINING gives one."""

    def transaction(self, *, commit: bool) -> AbstractContextManager[Storage[Work]]:
        """A transaction of the host's, and a store that joined it; committed or rolled back at the end."""
        ...

    def remember(self, storage: Storage[Work], note: str) -> None:
        """Write something of the host's own in that transaction."""
        ...

    def notes(self) -> list[str]:
        """What the host has written and committed."""
        ...


class JoiningPromises(Certification):
    """The host's transaction stays the host's."""

    @pytest.fixture
    def host(self) -> Iterator[Host]:
        """The host."""
        raise NotImplementedError("override the fixture `host`")

    def test_the_hosts_commit_keeps_both(self, world: World, host: Host) -> None:
        """Its rows and ours are one transaction."""
        source, target = world.account(credits=[10]), world.account()
        with host.transaction(commit=True) as storage:
            host.remember(storage, "kept")
            joined = MemberLogic(storage, clock=world.clock).organization(world.organization.id, world.org.actor)
            joined.ledger.transfer(source=source, target=target, points=4)
            assert joined.ledger.balance(target).available == 4
        assert host.notes() == ["kept"]
        assert (world.available(source), world.available(target)) == (6, 4)
        conserved(world, source, target)

    def test_the_hosts_rollback_leaves_nothing(self, world: World, host: Host) -> None:
        """Neither of its rows nor of ours; and the key is free again."""
        account = world.account()
        for commit in (False, True):
            with host.transaction(commit=commit) as storage:
                host.remember(storage, "gone" if not commit else "kept")
                joined = MemberLogic(storage, clock=world.clock).organization(world.organization.id, world.org.actor)
                joined.ledger.credit(account, 5, reason="welcome", idempotency_key="k")
            assert world.available(account) == (5 if commit else 0)
        assert host.notes() == ["kept"]

    def test_a_refusal_leaves_the_transaction_usable(self, world: World, host: Host) -> None:
        """What the host did before and does after is kept, what was refused is not."""
        source, target = world.account(credits=[10]), world.account()
        with host.transaction(commit=True) as storage:
            host.remember(storage, "before")
            joined = MemberLogic(storage, clock=world.clock).organization(world.organization.id, world.org.actor)
            joined.ledger.transfer(source=source, target=target, points=1)
            with pytest.raises(RuleViolation):
                joined.ledger.transfer(source=source, target=target, points=100)
            host.remember(storage, "after")
            joined.ledger.transfer(source=source, target=target, points=2)
        assert host.notes() == ["before", "after"]
        assert (world.available(source), world.available(target)) == (7, 3)
        conserved(world, source, target)
