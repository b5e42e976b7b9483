"""Consents, as they are kept (MEM-5): codes and instants, never words. They are appended and never changed.

Not personal beyond the member's id: they stay when a member is anonymised, as the proof of what was sent and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import field, frozen

from memberlogic.ids import ConsentId, MemberId

__all__ = ["Consent", "ConsentHistory", "Consents"]


@frozen(kw_only=True)
class Consent:
    """What a member said once: yes or no to one purpose, over one channel."""

    id: ConsentId
    member: MemberId
    purpose: str
    """What for: ``marketing``, ``loyalty_terms``."""
    channel: str | None
    """Over which way: ``email``, ``sms``; None where the purpose has no channel."""
    given: bool
    """True if it was given, False if it was withdrawn or refused."""
    at: datetime
    """When the member said so."""
    source: str
    """Where: ``web_form``, ``paper``, ``phone``."""
    wording: str | None
    """The version of the words that the member agreed to; None for a withdrawal without any."""
    recorded_at: datetime
    actor: str

    @property
    def about(self) -> tuple[str, str]:
        """Purpose and channel: what a later consent replaces."""
        return self.purpose, self.channel or ""


def _latest(consents: Iterable[Consent], at: datetime) -> Mapping[tuple[str, str], Consent]:
    return {each.about: each for each in consents if each.at <= at}


@frozen(kw_only=True)
class ConsentHistory:
    """Everything that a member said, by when they said it; at the same instant by when it was recorded."""

    member: MemberId
    consents: tuple[Consent, ...]

    def as_of(self, at: datetime) -> Consents:
        """What holds at an instant: of each purpose and channel what was said last, up to that instant (inclusive)."""
        latest = _latest(self.consents, at)
        return Consents(member=self.member, at=at, consents=tuple(latest[about] for about in sorted(latest)))


@frozen(kw_only=True)
class Consents:
    """What holds at an instant, one for each purpose and channel of which a member ever said anything."""

    member: MemberId
    at: datetime
    consents: tuple[Consent, ...] = field(default=())

    def of(self, purpose: str, channel: str | None = None) -> Consent | None:
        """What the member said last of a purpose and channel; None if nothing."""
        return next((each for each in self.consents if each.about == (purpose, channel or "")), None)

    def allows(self, purpose: str, channel: str | None = None) -> bool:
        """Whether the member agreed to this purpose over this channel, and did not withdraw it since."""
        said = self.of(purpose, channel)
        return said is not None and said.given
