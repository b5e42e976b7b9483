"""ENG-16: from when a message may reach a member."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen

from memberlogic.ids import MemberId
from memberlogic.inputs import an_id, an_instant, optional, to_utc_or_none
from memberlogic.members.residing import Residence, ZoneOf
from memberlogic.organizations.quieting import QuietHours, not_before
from memberlogic.outcomes import Because, Explanation

__all__ = ["AskEarliest", "Earliest", "earliest"]


@frozen(kw_only=True)
class AskEarliest:
    """From when may a message reach this member that is due at an instant; now, if none is named?"""

    member: MemberId = field(validator=an_id)
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class Earliest:
    """From when a message may be sent, by the clocks of which zone, and whose zone that is."""

    member: MemberId
    at: datetime
    not_before: datetime
    zone: ZoneInfo
    zone_of: ZoneOf
    quiet_hours: QuietHours | None

    @property
    def waits(self) -> bool:
        """Whether it falls into quiet hours."""
        return self.not_before > self.at

    def explain(self) -> Explanation:
        """Why it waits or does not."""
        quiet = self.quiet_hours
        said = {} if quiet is None else {"since": f"{quiet.since:%H:%M}", "until": f"{quiet.until:%H:%M}"}
        code = "quiet_hours.none" if quiet is None else "quiet_hours.waits" if self.waits else "quiet_hours.passed"
        summary = f"It waits until {self.not_before.isoformat()}." if self.waits else "It may be sent at once."
        zone = Because("COM-3", f"zone.of_{self.zone_of.value}", {"zone": self.zone.key})
        return Explanation(summary, (Because("ENG-16", code, said), zone))


def earliest(member: MemberId, at: datetime, quiet: QuietHours | None, residence: Residence) -> Earliest:
    """When what is due at an instant may be sent to a member who lives somewhere."""
    return Earliest(
        member=member,
        at=at,
        not_before=not_before(at, quiet, residence.zone),
        zone=residence.zone,
        zone_of=residence.of,
        quiet_hours=quiet,
    )
