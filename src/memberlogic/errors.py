"""Every refusal, typed and stable (COM-11).

A refusal is a class. Its ``code`` never changes, its ``details`` are ids, amounts and allowed actions, and its
message is made from both, so that the same error can be logged, sent as JSON, translated and read aloud. No error
carries personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    JSON: TypeAlias = "str | int | bool | None | Sequence[JSON] | Mapping[str, JSON]"
else:
    # A recursive alias cannot be resolved outside its module, where the converter looks at fields of this type.
    JSON = Any

__all__ = [
    "ConcurrencyConflict",
    "Conflict",
    "Duplicate",
    "ExtraMissing",
    "FeatureUnavailable",
    "IdempotencyConflict",
    "IllegalTransition",
    "InvalidInput",
    "MemberLogicError",
    "NotFound",
    "PermissionDenied",
    "RuleViolation",
    "StorageUnavailable",
    "catalogue",
]

_catalogue: dict[str, type[MemberLogicError]] = {}


class MemberLogicError(Exception):
    """What every error of this library is.

    Attributes:
        code: a name that never changes, for programs and translations.
        rule: the rule that refused, as an id of the rule book; None where no single rule did.
        sentence: the message's form; its placeholders are keys of ``details``.
        open_ended: the form where a detail is None, such as the day on which something ends that has no end.
        details: what the message speaks of, as JSON values.
    """

    code: ClassVar[str] = "memberlogic.error"
    rule: ClassVar[str | None] = None
    sentence: ClassVar[str] = "The command was refused."
    open_ended: ClassVar[str | None] = None
    details: Mapping[str, JSON]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in cls.__dict__:
            known = _catalogue.setdefault(cls.code, cls)
            if known is not cls and known.__qualname__ != cls.__qualname__:
                raise TypeError(f"{cls.__qualname__} and {known.__qualname__} both have the code {cls.code!r}")

    def __init__(self, **details: JSON) -> None:
        self.details = MappingProxyType(details)
        form = self.sentence if self.open_ended is None or None not in details.values() else self.open_ended
        super().__init__(form.format_map(_Readable(details)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), dict(self.details)))

    @property
    def message(self) -> str:
        """What was asked, what is, and what would be allowed, in one or two sentences."""
        return str(self)

    def to_json(self) -> dict[str, JSON]:
        """The error as JSON values; :func:`from_json` reads it back as the same class."""
        return {"code": self.code, "rule": self.rule, "message": self.message, "details": dict(self.details)}


class _Readable(dict[str, JSON]):
    """Renders lists in a message as words, and a missing key as a dash instead of a second error."""

    def __missing__(self, key: str) -> str:
        return "-"

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(str(item) for item in value) if value else "nothing"
        return value


def _rebuild(cls: type[MemberLogicError], details: dict[str, JSON]) -> MemberLogicError:
    return cls(**details)


def from_json(data: Mapping[str, Any]) -> MemberLogicError:
    """Read back what :meth:`MemberLogicError.to_json` wrote.

    Raises:
        InvalidInput: if the code is none of this version's, or the details are not those of the code.
    """
    code = data.get("code") if isinstance(data, Mapping) else None
    cls = _catalogue.get(code) if isinstance(code, str) else None
    if cls is None:
        raise InvalidInput(path="code", expected="the code of an error of this version", got="another value")
    try:
        return cls(**data["details"])
    except (TypeError, KeyError):
        raise InvalidInput(path="details", expected=f"the details of {code}", got="something else") from None


def catalogue() -> Mapping[str, type[MemberLogicError]]:
    """Every error that has been imported, by code."""
    return MappingProxyType(_catalogue)


class InvalidInput(MemberLogicError):
    """The form of the input is wrong; nothing was loaded, nothing changed.

    ``path`` names the field as in ``lines[2].amount``.
    """

    code = "input.invalid"
    rule = "COM-11"
    sentence = "{path}: expected {expected}, got {got}."

    def __init__(self, *, path: str, expected: str, got: str) -> None:
        super().__init__(path=path, expected=expected, got=got)

    @property
    def path(self) -> str:
        """Which field is meant."""
        return str(self.details["path"])

    def under(self, prefix: str) -> InvalidInput:
        """The same complaint, seen from the object that contains the field."""
        path = self.path if self.path.startswith("[") else f".{self.path}"
        return InvalidInput(
            path=f"{prefix}{path}", expected=str(self.details["expected"]), got=str(self.details["got"])
        )


class NotFound(MemberLogicError):
    """No such record in this organization; one of another organization is answered alike (COM-1)."""

    code = "not_found"
    rule = "COM-1"
    sentence = "There is no {kind} {id} here."

    def __init__(self, *, kind: str, id: object) -> None:
        super().__init__(kind=kind, id=str(id))


class RuleViolation(MemberLogicError):
    """A rule of the business forbids it now; subclasses say which."""

    code = "rule.violated"


class IllegalTransition(MemberLogicError):
    """A state does not allow an action."""

    code = "state.illegal_transition"
    rule = "COM-11"
    sentence = "The {machine} is {state} and cannot {action}; allowed now: {allowed}."

    def __init__(self, *, machine: str, state: str, action: str, allowed: Sequence[str]) -> None:
        super().__init__(machine=machine, state=state, action=action, allowed=list(allowed))


class PermissionDenied(MemberLogicError):
    """The actor lacks the permission that the command or query names (COM-13)."""

    code = "permission.denied"
    rule = "COM-13"
    sentence = "This needs the permission {permission}, which the actor does not have."

    def __init__(self, *, permission: str) -> None:
        super().__init__(permission=permission)


class FeatureUnavailable(MemberLogicError):
    """The organization's tier or switches leave this out (COM-14)."""

    code = "feature.unavailable"
    rule = "COM-14"
    sentence = "This organization does not have the feature {feature}."

    def __init__(self, *, feature: str) -> None:
        super().__init__(feature=feature)


class ExtraMissing(MemberLogicError):
    """A library is needed that only an extra of this distribution installs."""

    code = "extra.missing"
    sentence = "This needs the extra memberlogic[{extra}], which is not installed."

    def __init__(self, *, extra: str) -> None:
        super().__init__(extra=extra)


WAITED = "it held its locks for too long"


class Conflict(MemberLogicError):
    """Something else got there first."""

    code = "conflict"


class ConcurrencyConflict(Conflict):
    """Another command changed the same records (COM-16); the command left nothing behind and may be sent again.

    ``transaction_lost`` says that the database threw the host's whole transaction away (COM-15): then the host starts
    again from the top, not only this command.
    """

    code = "conflict.concurrency"
    rule = "COM-16"
    sentence = "Another command was changing the same records ({reason}); try again."

    def __init__(self, *, reason: str, transaction_lost: bool = False) -> None:
        super().__init__(reason=reason, transaction_lost=transaction_lost)

    @property
    def waited(self) -> bool:
        """Whether the store had waited for its lock as long as it does; trying again at once would only wait again."""
        return self.details["reason"] == WAITED

    @property
    def transaction_lost(self) -> bool:
        """Whether the host has to begin its transaction again."""
        return bool(self.details["transaction_lost"])


class IdempotencyConflict(Conflict):
    """The key was used before, for something else (COM-9)."""

    code = "conflict.idempotency"
    rule = "COM-9"
    sentence = "The idempotency key was used before with another {difference}; take a new key for a new command."

    def __init__(self, *, difference: str) -> None:
        super().__init__(difference=difference)


class Duplicate(Conflict):
    """A record with this natural key is there already."""

    code = "conflict.duplicate"
    rule = "COM-11"
    sentence = "There is a {kind} with this {field} already."

    def __init__(self, *, kind: str, field: str) -> None:
        super().__init__(kind=kind, field=field)


class StorageUnavailable(MemberLogicError):
    """The store could not be reached or answered in a way that cannot be retried; nothing of the command remains,
    unless the connection was lost around the commit, which a repeat with the same idempotency key settles.
    """

    code = "storage.unavailable"
    sentence = "The store did not answer: {problem}."

    def __init__(self, *, problem: str) -> None:
        super().__init__(problem=problem)
