"""COM-10: events are immutable facts with a type and a version; old versions are read through upcasters, for ever."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import pytest
from attrs import frozen
from tests.walking import modules

from memberlogic import converting, events
from memberlogic.errors import InvalidInput
from memberlogic.events import Event, event_types, upcasted, upcaster

pytestmark = pytest.mark.rule("COM-10")


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """What a test declares is gone after it."""
    monkeypatch.setattr(events, "_types", dict(events._types))
    monkeypatch.setattr(events, "_upcasters", dict(events._upcasters))


def painted() -> type[Event]:
    @frozen(kw_only=True)
    class DoorPainted(Event):
        type: ClassVar[str] = "door.painted"
        version: ClassVar[int] = 3
        colour: str
        coats: int

    @upcaster("door.painted", 1)
    def from_one(data: dict[str, Any]) -> dict[str, Any]:
        return {"colour": data["color"]}

    @upcaster("door.painted", 2)
    def from_two(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "coats": 1}

    return DoorPainted


@pytest.mark.parametrize(
    ("version", "data"),
    [(1, {"color": "red"}), (2, {"colour": "red"}), (3, {"colour": "red", "coats": 1})],
)
def test_every_old_version_is_read_as_the_present_one(version, data):
    cls = painted()
    found, current = upcasted("door.painted", version, data)
    assert found is cls
    assert converting.from_json(found, {**current, "members": []}) == cls(colour="red", coats=1)


def test_reading_leaves_what_was_stored_as_it_is():
    painted()
    stored = {"color": "red"}
    upcasted("door.painted", 1, stored)
    assert stored == {"color": "red"}


@pytest.mark.parametrize(("type", "version"), [("door.burnt", 1), ("door.painted", 4)])
def test_what_this_version_does_not_know_is_refused(type, version):
    painted()
    with pytest.raises(InvalidInput):
        upcasted(type, version, {})


def test_a_missing_step_is_refused():
    painted()
    del events._upcasters["door.painted", 2]
    with pytest.raises(InvalidInput) as caught:
        upcasted("door.painted", 1, {"color": "red"})
    assert caught.value.path == "version"


def test_a_step_is_declared_once():
    painted()
    with pytest.raises(TypeError, match="already"):
        upcaster("door.painted", 1)(dict)


def known() -> list[type[Event]]:
    modules()
    return [cls for cls in event_types().values() if cls.__module__.startswith("memberlogic.")]


@pytest.mark.parametrize("cls", known(), ids=lambda cls: cls.type)
def test_every_event_is_a_frozen_fact_whose_every_old_version_can_be_read(cls):
    assert cls.__doc__
    assert cls.__setattr__ is not object.__setattr__
    assert all((cls.type, step) in events._upcasters for step in range(1, cls.version))
    kind, _, happened = cls.type.partition(".")
    assert kind
    assert happened


@pytest.mark.parametrize("cls", known(), ids=lambda cls: cls.type)
def test_an_event_has_no_field_for_free_text(cls):
    # A note is referred to by its id (COM-10).
    names = {field.name for field in attrs.fields(cls) if "NoteId" not in str(field.type)}
    assert not names & {"name", "note", "text", "comment", "description", "email", "phone", "message"}
