"""COM-17: the other notifiers, and relaying again and again."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from tests.notifiers.outboxes import message, queue

from memberlogic.application import CannotRelay
from memberlogic.errors import ConcurrencyConflict, InvalidInput, StorageUnavailable
from memberlogic.notifiers import CallingNotifier, ChannelUnknown, LoggingNotifier, NotifierByChannel
from memberlogic.relaying import RelayRun
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("COM-17")


@pytest.fixture
def world():
    return World(MemoryStorage())


def test_a_function_is_called_and_what_it_raises_is_tried_again(world):
    seen = []

    def call(given):
        seen.append(given)
        if len(seen) == 1:
            raise ConnectionError("not today")

    said = message(world)
    queue(world, said)
    assert world.ml.relay(CallingNotifier(call)).retried == 1
    world.wait(minutes=1)
    assert world.ml.relay(CallingNotifier(call)).sent == 1
    assert [each.id for each in seen] == [said.id] * 2
    with pytest.raises(InvalidInput):
        CallingNotifier("print")


def test_the_log_says_who_and_what_by_ids_and_not_what_is_said(world, caplog):
    member = world.member()
    said = message(world, member=member, channel="sms", figures={"body": "Dear Ana"})
    queue(world, said)
    with caplog.at_level(logging.INFO, "memberlogic.notifiers"):
        world.ml.relay(LoggingNotifier())
    (line,) = [each.getMessage() for each in caplog.records if each.name == "memberlogic.notifiers"]
    assert line == f"message {said.id} of kind test over sms for member {member}"
    own = logging.getLogger("club")
    with caplog.at_level(logging.WARNING, "club"):
        LoggingNotifier(own, level=logging.WARNING).send(message(world))
    assert caplog.records[-1].getMessage().endswith("over no channel for member nobody")


def test_each_channel_has_its_notifier(world):
    mail, text, rest = RecordingNotifier(), RecordingNotifier(), RecordingNotifier()
    both = NotifierByChannel({"email": mail, "sms": text})
    said = [message(world, channel=each) for each in ("email", "sms", "push", None)]
    for each in said[:2]:
        both.send(each)
    for each in said[2:]:
        with pytest.raises(ChannelUnknown) as refused:
            both.send(each)
        assert refused.value.details == {"channel": each.channel, "known": ["email", "sms"]}
    for each in said:
        NotifierByChannel({"email": mail}, otherwise=rest).send(each)
    assert (mail.sent, text.sent, rest.sent) == ([said[0], said[0]], [said[1]], said[1:])
    with pytest.raises(InvalidInput):
        NotifierByChannel([mail])


def test_it_relays_until_it_is_stopped(world):
    notifier, told, pauses = RecordingNotifier(), [], []
    said = [message(world) for _ in range(3)]

    def stopped(seconds):
        pauses.append(seconds)
        world.wait(seconds=seconds)
        if len(pauses) < 3:
            queue(world, said[len(pauses)])
        return len(pauses) == 4

    queue(world, said[0])
    world.ml.keep_relaying(notifier, stopped=stopped, every=timedelta(seconds=7), told=told.append)
    assert notifier.sent == said
    assert told == [RelayRun(sent=1)] * 3 + [RelayRun()]
    assert pauses == [7.0] * 4


@pytest.mark.parametrize("problem", [StorageUnavailable(problem="gone"), ConcurrencyConflict(reason="busy")])
def test_a_store_that_is_away_for_a_while_does_not_end_it(world, monkeypatch, problem):
    notifier, told = RecordingNotifier(), []
    queue(world, message(world))
    outbox = world.storage.outbox
    turns = iter([problem, None])

    class Away:
        def claim(self, now, limit):
            if (raised := next(turns, None)) is not None:
                raise raised
            return outbox.claim(now, limit)

        settle = outbox.settle

    monkeypatch.setattr(type(world.storage), "outbox", Away())
    world.ml.keep_relaying(notifier, stopped=lambda _: len(told) == 2, told=told.append)
    assert told == [problem, RelayRun(sent=1)]


def test_an_event_of_a_thread_stops_it(world):
    stop = threading.Event()
    relaying = threading.Thread(
        target=world.ml.keep_relaying, args=[RecordingNotifier()], kwargs={"stopped": stop.wait}
    )
    relaying.start()
    stop.set()
    relaying.join(timeout=30)
    assert not relaying.is_alive()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"every": 30}, "every"),
        ({"every": timedelta(0)}, "every"),
        ({"every": timedelta(days=2)}, "every"),
        ({"stopped": True}, "stopped"),
        ({"told": "me"}, "told"),
    ],
)
def test_how_it_is_to_relay_is_looked_at(world, wrong, field):
    with pytest.raises(InvalidInput) as refused:
        world.ml.keep_relaying(RecordingNotifier(), **({"stopped": lambda _: True} | wrong))
    assert refused.value.details["path"] == field


def test_in_a_hosts_transaction_it_does_not_begin(world, monkeypatch):
    monkeypatch.setattr(type(world.storage), "outbox", None)
    with pytest.raises(CannotRelay):
        world.ml.keep_relaying(RecordingNotifier(), stopped=lambda _: False)
