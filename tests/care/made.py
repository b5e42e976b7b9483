"""Flows to test with."""

from __future__ import annotations

from memberlogic.care.catalogues import TemplateEntry
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone

WEEK = After(length=1, unit=DelayUnit.WEEKS)
CALL = Milestone(name="Call", action=Action(kind=ActionKind.PHONE_CALL))


def step(name: str, schedule=WEEK) -> Milestone:
    """A phone call, a week later."""
    return Milestone(name=name, schedule=schedule, action=Action(kind=ActionKind.PHONE_CALL))


def a_flow(name: str, *names: str) -> FlowTerms:
    """A flow of phone calls."""
    return FlowTerms(name=name, milestones=[step(each) for each in names])


class HostTemplates:
    """Templates of a host's."""

    def __init__(self, *templates: TemplateEntry) -> None:
        self._templates = {each.code: each for each in templates}

    def known(self, _, codes):
        """Those of the codes that are there."""
        return {code: self._templates[code] for code in codes if code in self._templates}

    def all(self, _):
        """Those in use."""
        return [self._templates[code] for code in sorted(self._templates) if self._templates[code].in_use]
