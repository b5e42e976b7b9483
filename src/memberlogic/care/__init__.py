"""Member Care (CARE): flows of milestones, of which a member has exactly one active."""

from memberlogic.care.flows import Flow, FlowTerms, Milestone
from memberlogic.care.model import Run, RunState

__all__ = ["Flow", "FlowTerms", "Milestone", "Run", "RunState"]
