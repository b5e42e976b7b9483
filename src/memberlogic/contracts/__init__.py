"""Membership contracts (CON): rates and what is sold of them, their status on any day, what is paid of them."""

from memberlogic.contracts.model import Contract, ContractStatus

__all__ = ["Contract", "ContractStatus"]
