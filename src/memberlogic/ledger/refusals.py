"""Refusals that several rules of the ledger share; what only one rule says stands in its file."""

from __future__ import annotations

from memberlogic.errors import RuleViolation

__all__ = [
    "AccountNotOpen",
    "EveryHolderBlocked",
    "HolderAnonymised",
    "HolderBlocked",
    "HolderUnverified",
    "InsufficientPoints",
    "WalletFull",
    "WalletInDebt",
]


class InsufficientPoints(RuleViolation):
    """More was asked for than is available."""

    code = "points.insufficient"
    rule = "PTS-8"
    sentence = "{asked} {unit} were asked for, and {available} are available."


class AccountNotOpen(RuleViolation):
    """A blocked or closed account does not move."""

    code = "account.not_open"
    rule = "PTS-1"
    sentence = "The account {account} is {state}; only an open account can do this."


class HolderBlocked(RuleViolation):
    """A blocked holder cannot act on a joint account; the others can."""

    code = "account.holder_blocked"
    rule = "PTS-1"
    sentence = "The member {member} is blocked and cannot act on the account {account}."


class HolderAnonymised(RuleViolation):
    """There is nobody who could act."""

    code = "account.holder_anonymised"
    rule = "MEM-9"
    sentence = "The member {member} was anonymised and cannot act on the account {account}."


class EveryHolderBlocked(RuleViolation):
    """Nobody who holds the account may take part."""

    code = "account.every_holder_blocked"
    rule = "PTS-1"
    sentence = "Every member who holds the account {account} is blocked."


class HolderUnverified(RuleViolation):
    """Members earn before they are verified, but do not spend or transfer, unless the organization lets them."""

    code = "account.holder_unverified"
    rule = "PTS-1"
    sentence = "No verified member acts on the account {account}; verify the member first."


class WalletFull(RuleViolation):
    """A wallet holds at most 2**53 - 1, which every reader of JSON and every store keeps exactly."""

    code = "points.wallet_full"
    rule = "COM-6"
    sentence = "The account {account} cannot take {asked} {unit} more: a wallet holds at most {most}."


class WalletInDebt(RuleViolation):
    """What comes in settles the debt first; until then nothing goes out."""

    code = "points.in_debt"
    rule = "PTS-11"
    sentence = "The account {account} owes {debt} {unit}; they are settled by the next credits."
