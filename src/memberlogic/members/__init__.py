"""Members: as much of a person's record as a loyalty account needs: id, member type, account state."""

from memberlogic.members.inquiries import InquiryKind
from memberlogic.members.model import Member, MemberState
from memberlogic.members.parameters import ParameterKind

__all__ = ["InquiryKind", "Member", "MemberState", "ParameterKind"]
