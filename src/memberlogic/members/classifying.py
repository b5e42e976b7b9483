"""MEM-1: of which types members are: those that the organization defined, and those that somebody is of already."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memberlogic.members.ports import MembersWork
from memberlogic.organizations.changing import UnknownMemberType
from memberlogic.organizations.model import Organization

__all__ = ["of_nobody_known", "types_of_clubs", "types_of_members"]


def types_of_members(uow: MembersWork, organization: Organization, asked: str) -> Collection[str]:
    """The types of which new members can be, as far as it matters for one that is asked for: nothing is looked up for
    one that is defined or retired.
    """
    retired = organization.retired_member_types
    if asked in organization.member_types or asked in retired:
        return organization.member_types
    return [each for each in _with_those_in_use(uow, organization.member_types, [asked]) if each not in retired]


def types_of_clubs(uow: MembersWork, organization: Organization, asked: Sequence[str]) -> Collection[str]:
    """The types that clubs can take, as far as it matters for those that are asked for; retired ones too, as there are
    members of them.
    """
    known = (*organization.member_types, *organization.retired_member_types)
    return known if set(asked) <= set(known) else _with_those_in_use(uow, known, asked)


def _with_those_in_use(uow: MembersWork, known: Sequence[str], asked: Sequence[str]) -> Sequence[str]:
    """Members were registered before types were defined. All types that somebody is of are only looked for where one is
    asked for that nobody is of, to be named in the refusal.
    """
    missing = [each for each in asked if each not in known]
    in_use = uow.members.in_use(missing)
    if len(in_use) < len(set(missing)):
        in_use = uow.members.types()
    return (*known, *sorted(set(in_use) - set(known)))


def of_nobody_known(asked: Sequence[str], known: Collection[str]) -> UnknownMemberType | None:
    """The refusal of the first type that is not known, if there is one."""
    missing = next((each for each in sorted(asked) if each not in known), None)
    return None if missing is None else UnknownMemberType(asked=missing, known=sorted(known))
