"""CARE-7: each studio activates exactly one configuration at a time; without one it has no Member Care."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from memberlogic.care.configurations import Activation
from memberlogic.events import Event
from memberlogic.ids import CareConfigurationId
from memberlogic.inputs import an_id, code
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "Activate",
    "AtStudio",
    "CareStudioActivated",
    "CareStudioDeactivated",
    "StudioCare",
    "activate",
    "all_told",
    "deactivate",
    "told",
]


@frozen(kw_only=True)
class Activate:
    """Make a configuration the one of a studio."""

    configuration: CareConfigurationId = field(validator=an_id)
    studio: str = field(validator=code("a studio's code"))


@frozen(kw_only=True)
class AtStudio:
    """A studio by its code."""

    studio: str = field(validator=code("a studio's code"))


@frozen(kw_only=True)
class CareStudioActivated(Event):
    """A studio has a configuration from now on; ``replaced`` is the one it had before."""

    type: ClassVar[str] = "care.studio_activated"
    studio: str
    configuration: CareConfigurationId
    replaced: CareConfigurationId | None = None


@frozen(kw_only=True)
class CareStudioDeactivated(Event):
    """A studio has no Member Care any more; runs go on."""

    type: ClassVar[str] = "care.studio_deactivated"
    studio: str
    configuration: CareConfigurationId


@frozen(kw_only=True)
class StudioCare:
    """By which configuration flows are assigned at a studio; None where there is no Member Care. ``since`` is None
    where nothing ever was active.
    """

    studio: str
    configuration: CareConfigurationId | None = None
    since: datetime | None = None

    def explain(self) -> Explanation:
        """What is active, or that nothing is."""
        figures = {"studio": self.studio}
        if self.configuration is None:
            why = Because("CARE-7", "care.studio_without_configuration", figures)
            return Explanation(f"Nothing is assigned at {self.studio}: no configuration is active there.", (why,))
        figures |= {"configuration": str(self.configuration)}
        why = Because("CARE-7", "care.studio_has_configuration", figures)
        return Explanation(f"Flows are assigned at {self.studio} by configuration {self.configuration}.", (why,))


def activate(before: Activation | None, wanted: Activate, now: datetime) -> Outcome[Activation, Event, StudioCare]:
    """The studio with this configuration, in the place of the one it had; having it already changes nothing."""
    if before is not None and before.configuration == wanted.configuration:
        return Outcome(before, (), told(wanted.studio, before))
    replaced = None if before is None else before.configuration
    after = _after(before, wanted.studio, wanted.configuration, now)
    event = CareStudioActivated(studio=wanted.studio, configuration=wanted.configuration, replaced=replaced)
    return Outcome(after, (event,), told(wanted.studio, after))


def deactivate(
    before: Activation | None, wanted: AtStudio, now: datetime
) -> Outcome[Activation | None, Event, StudioCare]:
    """The studio without Member Care; having none already changes nothing."""
    if before is None or before.configuration is None:
        return Outcome(before, (), told(wanted.studio, before))
    after = _after(before, wanted.studio, None, now)
    event = CareStudioDeactivated(studio=wanted.studio, configuration=before.configuration)
    return Outcome(after, (event,), told(wanted.studio, after))


def told(studio: str, said: Activation | None) -> StudioCare:
    """What is active at a studio."""
    if said is None:
        return StudioCare(studio=studio)
    return StudioCare(studio=studio, configuration=said.configuration, since=said.since)


def all_told(studios: Iterable[Studio], said: Iterable[Activation]) -> tuple[StudioCare, ...]:
    """What is active at each studio, in their order."""
    known = {each.studio: each for each in said}
    return tuple(told(each.code, known.get(each.code)) for each in studios)


def _after(
    before: Activation | None, studio: str, configuration: CareConfigurationId | None, now: datetime
) -> Activation:
    version = 0 if before is None else before.version + 1
    return Activation(studio=studio, configuration=configuration, since=now, version=version)
