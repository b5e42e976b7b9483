"""CARE-9: the home studio on the record follows the newest open contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from memberlogic.events import Event
from memberlogic.ids import MemberId
from memberlogic.members.people import Person
from memberlogic.members.updating import MemberChanged
from memberlogic.outcomes import Outcome

__all__ = ["at_home"]


def at_home(
    people: Mapping[MemberId, Person], whose: Iterable[MemberId], studio: str
) -> Outcome[tuple[Person, ...], Event, None]:
    """These people with another home studio, those who have none or another one."""
    moved = [people[each] for each in whose if people[each].home_studio != studio]
    events = (MemberChanged(members=(each.member,), member=each.member, fields=("home_studio",)) for each in moved)
    return Outcome(tuple(evolve(each, home_studio=studio) for each in moved), tuple(events), None)
