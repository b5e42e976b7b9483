"""The one runner (COM-9, COM-16): it tries a conflict again where the transaction is ours, and only there."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from memberlogic.errors import ConcurrencyConflict, IdempotencyConflict, InvalidInput, RuleViolation
from memberlogic.storing import Command, Header, Replayed
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage


class Contended(MemoryStorage):
    """A store on which the next few attempts meet somebody faster, as they enter or as they leave."""

    def __init__(self, *, joined: bool = False) -> None:
        super().__init__()
        self.owns_transactions = not joined
        self.conflicts = 0
        self.attempts = 0
        self.pauses: list[float] = []
        self.late = False

    @contextmanager
    def work(self, command, clock):
        self.attempts += 1
        lost = self.conflicts > 0
        self.conflicts -= lost
        if lost and not self.late:
            raise ConcurrencyConflict(reason="somebody was faster")
        with super().work(command, clock) as uow:
            yield uow
            if lost:
                raise ConcurrencyConflict(reason="somebody was faster")

    def pause(self, seconds):
        self.pauses.append(seconds)


@pytest.fixture
def store():
    return Contended()


@pytest.mark.rule("COM-16")
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("conflicts", [1, 2, 7, 50])
def test_a_conflict_is_tried_again_and_done_once(store, conflicts, late):
    world = World(store)
    account = world.account()
    store.conflicts, store.attempts, store.late = conflicts, 0, late
    world.org.ledger.credit(account, 5, reason="welcome")
    assert store.attempts == conflicts + 1
    assert world.available(account) == 5
    assert len(store.pauses) == conflicts


@pytest.mark.rule("COM-16")
def test_pauses_grow_differ_and_stay_short(store):
    world = World(store)
    account = world.account()
    store.conflicts = 40
    world.org.ledger.credit(account, 5, reason="welcome")
    assert all(0 < pause <= 0.05 for pause in store.pauses)
    assert store.pauses[0] <= 0.001
    assert max(store.pauses[:3]) < max(store.pauses[10:])
    assert len(set(store.pauses)) > 20


@pytest.mark.rule("COM-16")
def test_it_gives_up_in_the_end_and_says_so(store):
    world = World(store)
    account = world.account()
    store.conflicts = 10_000
    store.pauses.clear()
    with pytest.raises(ConcurrencyConflict):
        world.org.ledger.credit(account, 5, reason="welcome")
    store.conflicts = 0
    assert 2 < sum(store.pauses) < 30
    assert world.available(account) == 0


@pytest.mark.rule("COM-15", "COM-16")
def test_inside_a_hosts_transaction_nothing_is_tried_again():
    store = Contended(joined=True)
    world = World(store)
    account = world.account()
    store.conflicts, store.attempts = 1, 0
    with pytest.raises(ConcurrencyConflict):
        world.org.ledger.credit(account, 5, reason="welcome")
    assert (store.attempts, store.pauses) == (1, [])


@pytest.mark.rule("COM-11")
def test_a_refusal_is_not_tried_again(store):
    world = World(store)
    source, target = world.account(), world.account()
    store.attempts = 0
    with pytest.raises(RuleViolation):
        world.org.ledger.transfer(source=source, target=target, points=1)
    assert store.attempts == 1


@pytest.mark.rule("COM-9")
def test_a_key_that_was_used_answers_without_doing(store):
    world = World(store)
    account = world.account()
    first = world.org.ledger.credit(account, 5, reason="welcome", idempotency_key="k")
    store.conflicts = 3
    assert world.org.ledger.credit(account, 5, reason="welcome", idempotency_key="k") == first
    assert world.available(account) == 5


@pytest.mark.rule("COM-9", "COM-11")
@pytest.mark.parametrize("key", ["", " k", "k ", "x" * 129, "a\nb", 7, b"k"])
def test_a_key_is_a_short_printable_text(store, key):
    world = World(store)
    account = world.account()
    store.attempts = 0
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.credit(account, 5, reason="welcome", idempotency_key=key)
    assert (caught.value.path, store.attempts) == ("idempotency_key", 0)


@pytest.mark.rule("COM-9")
@pytest.mark.parametrize(
    ("changed", "difference"),
    [({"name": "b"}, "command"), ({"actor": "staff:b"}, "actor"), ({"fingerprint": "b"}, "input")],
)
def test_a_header_answers_the_same_command_only(changed, difference):
    same = {"name": "a", "actor": "staff:a", "key": "k", "fingerprint": "a"}
    header = Header(**same, result={"points": 1})
    assert isinstance(header.answer(Command(organization=None, **same)), Replayed)
    with pytest.raises(IdempotencyConflict) as caught:
        header.answer(Command(organization=None, **same | changed))
    assert caught.value.details["difference"] == difference


@pytest.mark.rule("COM-8")
def test_a_query_writes_nothing(store):
    world = World(store)
    account = world.account(credits=[5])
    store.attempts, events = 0, world.events()
    world.org.ledger.balance(account)
    assert (store.attempts, world.events()) == (0, events)
