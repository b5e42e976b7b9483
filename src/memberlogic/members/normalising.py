"""MEM-2: what makes two ways to write an e-mail address or a phone number the same."""

from __future__ import annotations

import re
import unicodedata
from importlib.util import find_spec
from typing import Protocol

__all__ = ["ContactNormaliser", "NormalisedContacts", "PlainContacts", "default_normaliser"]

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
_SEPARATORS = re.compile(r"[\s().\-/]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST = 254


class ContactNormaliser(Protocol):
    """Makes the keys by which contact points are compared. Equal keys are one mailbox or one line; a key never depends
    on the time, the network or the machine.
    """

    @property
    def mark(self) -> str:
        """Its name and version, a code; another mark for every change that makes other keys."""
        ...

    def email(self, written: str) -> str | None:
        """The key of an e-mail address; None if it is none. At most 254 characters."""
        ...

    def phone(self, written: str, region: str | None) -> str | None:
        """The key of a phone number: E.164, ``+442079460958``. One without its country is of the ``region``. None if it
        is none, or its country is not known.
        """
        ...


class PlainContacts:
    """Without any library: e-mail addresses trimmed and compared without regard to case, phone numbers with their
    country code (``+44 20 7946 0958``) and nothing but their digits compared.
    """

    mark = "plain-1"

    def email(self, written: str) -> str | None:
        """The key of an e-mail address."""
        key = unicodedata.normalize("NFC", written.strip()).casefold()
        return key if len(key) <= _LONGEST and _EMAIL.fullmatch(key) else None

    def phone(self, written: str, region: str | None) -> str | None:  # noqa: ARG002 - it does not know countries
        """The key of a phone number."""
        digits = _SEPARATORS.sub("", written)
        digits = f"+{digits[2:]}" if digits.startswith("00") else digits
        return digits if _E164.fullmatch(digits) else None


class NormalisedContacts:
    """By ``email-validator`` (syntax and internationalised domains; nothing is looked up) and ``phonenumbers`` (every
    country's way to write its numbers): the extra ``memberlogic[contacts]``.
    """

    mark = "contacts-1"

    def email(self, written: str) -> str | None:
        """The key of an e-mail address."""
        from email_validator import EmailNotValidError, validate_email

        try:
            found = validate_email(written.strip(), check_deliverability=False)
        except EmailNotValidError:
            return None
        key = str(found.normalized).casefold()
        return key if len(key) <= _LONGEST else None

    def phone(self, written: str, region: str | None) -> str | None:
        """The key of a phone number. Whether its length can be is asked, not whether the line exists: new ranges are
        given out faster than libraries learn of them.
        """
        import phonenumbers

        said = written.strip()
        if region is None and said.startswith("00"):
            said = f"+{said[2:]}"
        try:
            found = phonenumbers.parse(said, region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(found):
            return None
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def default_normaliser() -> ContactNormaliser:
    """With the libraries of ``memberlogic[contacts]`` where they are installed, else without."""
    there = all(find_spec(name) is not None for name in ("email_validator", "phonenumbers"))
    return NormalisedContacts() if there else PlainContacts()
