"""ENG-13: what the rooms tell of a member for the placeholders of messages: the parts that the library has by itself.

Contracts and loyalty are told by what they contribute to a profile (MEM-13): a message says what the profile says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from memberlogic.amounts import POINTS
from memberlogic.calendar import Days
from memberlogic.engagement.placeholders import Value
from memberlogic.engagement.ports import EngagementWork, PlaceholderPart
from memberlogic.engagement.templates import Category
from memberlogic.members.ports import ProfileAsked, ProfilePart
from memberlogic.organizations.model import Feature

__all__ = ["placeholder_parts"]

_LIVELY = ("active", "frozen", "pending", "on_hold")
"""Of several contracts a message speaks of the first of these, the newest of equals; else of the last one."""


def placeholder_parts(profile: Sequence[ProfilePart]) -> Sequence[PlaceholderPart]:
    """What fills the placeholders in, from the parts of a profile. What Member Care says it hands over itself."""
    by_name = {each.name: each for each in profile}
    contracts, accounts, wallets = (by_name[name] for name in ("contracts", "accounts", "wallets"))
    return (
        PlaceholderPart(category=Category.MEMBER, permissions=("members.profile:read",), told=_member),
        PlaceholderPart(
            category=Category.CONTRACT, permissions=(contracts.permission,), told=_Contract(contracts).told
        ),
        PlaceholderPart(
            category=Category.LOYALTY,
            permissions=(accounts.permission, wallets.permission),
            told=_Loyalty(accounts, wallets).told,
            feature=Feature.LOYALTY,
        ),
    )


def _member(uow: EngagementWork, asked: ProfileAsked) -> Mapping[str, Value | None]:
    person = uow.people.of(asked.member)
    home = None if person.home_studio is None else uow.studios.get(person.home_studio)
    full = " ".join(each for each in (person.given_name, person.family_name) if each)
    return {
        "member.first_name": person.given_name or person.known_as,
        "member.last_name": person.family_name,
        "member.name": person.known_as or full,
        "member.salutation": person.salutation,
        "member.support_id": uow.members.get(asked.member).support_id,
        "studio.name": None if home is None else home.name or home.code,
        "organization.name": asked.organization.name,
    }


@frozen
class _Contract:
    contracts: ProfilePart

    def told(self, uow: Any, asked: ProfileAsked) -> Mapping[str, Value | None]:
        """Of the contract that a member would ask about."""
        contracts: Any = self.contracts.told(uow, asked)
        if not contracts:
            return {}
        ranked = [_LIVELY.index(each["status"]) if each["status"] in _LIVELY else len(_LIVELY) for each in contracts]
        best = max(range(len(contracts)), key=lambda index: (-ranked[index], contracts[index]["start_on"], index))
        said = contracts[best]
        studio = uow.studios.get(said["studio"])
        over = min((each for each in (said["expires_on"], said["cancelled_to"]) if each), default=None)
        return {
            "contract.rate": next(each for each in uow.rates.all() if str(each.id) == said["rate"]).terms.name,
            "contract.status": said["status"],
            "contract.start_on": said["start_on"],
            "contract.term_ends_on": _last_day(said["term_end"]),
            "contract.last_day": _last_day(over),
            "contract.studio": studio.name or studio.code,
        }


@frozen
class _Loyalty:
    accounts: ProfilePart
    wallets: ProfilePart

    def told(self, uow: Any, asked: ProfileAsked) -> Mapping[str, Value | None]:
        """Of the account that was opened first of those that are open, and its points."""
        accounts: Any = self.accounts.told(uow, asked)
        open_ones = sorted((each for each in accounts if each["state"] != "closed"), key=lambda each: each["opened_at"])
        if not open_ones:
            return {}
        wallets: Any = self.wallets.told(uow, asked)
        mine = (each for each in wallets if (each["account"], each["unit"]) == (open_ones[0]["id"], POINTS))
        wallet = next(mine, None)
        scheme = {"scheme.code": open_ones[0]["scheme"]}
        if wallet is None:
            return scheme
        return scheme | {
            "points.balance": wallet["available"],
            "points.pending": wallet["pending"],
            "points.next_expiring": wallet["next_expiring"],
        }


def _last_day(end: str | None) -> str | None:
    """The last day before an end that is none of it (COM-4)."""
    return None if end is None else Days(date.min, date.fromisoformat(end)).last_day.isoformat()
