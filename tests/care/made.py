"""Flows to test with."""

from __future__ import annotations

from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone

WEEK = After(length=1, unit=DelayUnit.WEEKS)
CALL = Milestone(name="Call", action=Action(kind=ActionKind.PHONE_CALL))


def step(name: str, schedule=WEEK) -> Milestone:
    """A phone call, a week later."""
    return Milestone(name=name, schedule=schedule, action=Action(kind=ActionKind.PHONE_CALL))


def a_flow(name: str, *names: str) -> FlowTerms:
    """A flow of phone calls."""
    return FlowTerms(name=name, milestones=[step(each) for each in names])
