"""Engagement (ENG): what members are sent, and when."""
