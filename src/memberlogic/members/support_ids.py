"""MEM-3: the support id, by which a member is found over the telephone: ``TQ22-W896-X``.

Eight characters and a check character of Crockford's base32: digits and capital letters without I, L, O and U. The
check is a Reed-Solomon one over the field of 32 elements (each place weighs another power of 2): one wrong character is
always found, and so are two that changed places, wherever they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from uuid import UUID

from memberlogic.errors import ConcurrencyConflict, InvalidInput
from memberlogic.inputs import describe

__all__ = ["candidates", "first_free", "support_id", "support_id_read", "symbols_of"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_HEARD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SYMBOLS, _GROUP = 8, 4
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, which is primitive: the powers of 2 are all 31 weights
_TRIES = 8


def support_id(id: UUID, attempt: int = 0) -> str:
    """The support id that belongs to a member's id: always the same, and none that could be guessed from the one
    before. A further ``attempt`` gives another one, for where it is taken.
    """
    drawn = hashlib.sha256(id.bytes + bytes([attempt])).digest()
    number = int.from_bytes(drawn[:5])
    symbols = "".join(_ALPHABET[number >> (5 * place) & 31] for place in reversed(range(_SYMBOLS)))
    return _grouped(symbols + _ALPHABET[_check(symbols)])


def candidates(id: UUID) -> tuple[str, ...]:
    """The support ids that a member may be given, in order."""
    return tuple(support_id(id, attempt) for attempt in range(_TRIES))


def first_free(id: UUID, taken: Collection[str]) -> str:
    """The first support id for a member that nobody has.

    Raises:
        ConcurrencyConflict: if all are taken: another id has others.
    """
    for each in candidates(id):
        if each not in taken:
            return each
    raise ConcurrencyConflict(reason="every support id for this id is taken")


def support_id_read(said: object, path: str = "support_id") -> str:
    """A support id as it is kept, from what somebody said or typed: small letters, O for 0, I or L for 1, and hyphens
    and spaces left out or elsewhere are understood.

    Raises:
        InvalidInput: if it is none, or mistyped: then its check character is not that of the others.
    """
    symbols = symbols_of(said) if isinstance(said, str) else ""
    if len(symbols) != _SYMBOLS + 1 or any(symbol not in _VALUES for symbol in symbols):
        expected = "a support id of nine letters and digits, such as TQ22-W896-X"
        raise InvalidInput(path=path, expected=expected, got=describe(said))
    if _check(symbols[:-1]) != _VALUES[symbols[-1]]:
        expected = "a support id whose last character fits the others"
        raise InvalidInput(path=path, expected=expected, got="a mistyped one; ask for it again")
    return _grouped(symbols)


def symbols_of(said: str) -> str:
    """What somebody said of a support id, in its own letters and without hyphens and spaces: all of it, or its
    beginning.
    """
    return "".join(said.replace("-", " ").split()).upper().translate(_HEARD)


def _check(symbols: str) -> int:
    """The value of the check character: the sum of the values, each times 2 to the power of its place from the end."""
    sum = 0
    for symbol in symbols:
        sum = _doubled(sum ^ _VALUES[symbol])
    return sum


def _doubled(value: int) -> int:
    return value << 1 ^ (_POLYNOMIAL if value & 16 else 0)


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP))
