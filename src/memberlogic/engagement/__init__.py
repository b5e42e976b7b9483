"""Engagement (ENG): what members are sent, in which words, and when."""

from memberlogic.engagement.templates import Category, Template

__all__ = ["Category", "Template"]
