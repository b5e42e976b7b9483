"""COM-11: errors are typed and stable, and go through JSON both ways."""

from __future__ import annotations

import json
import pickle
import string
from collections.abc import Mapping

import pytest
from tests.walking import modules

from memberlogic import errors
from memberlogic.errors import (
    ConcurrencyConflict,
    Conflict,
    IllegalTransition,
    InvalidInput,
    MemberLogicError,
    NotFound,
    RuleViolation,
    StorageUnavailable,
    catalogue,
)

pytestmark = pytest.mark.rule("COM-11")

FAMILIES = (
    InvalidInput,
    NotFound,
    RuleViolation,
    IllegalTransition,
    errors.PermissionDenied,
    errors.FeatureUnavailable,
    Conflict,
    StorageUnavailable,
)
ELSEWHERE = ("storage.", "extra.")
"""What is wrong with the database or the installation belongs to no family."""


def every() -> Mapping[str, type[MemberLogicError]]:
    """Every error of the core, imported; an adapter has more of its own."""
    modules()
    return {code: cls for code, cls in catalogue().items() if cls.__module__.startswith("memberlogic.")}


def made(cls: type[MemberLogicError]) -> MemberLogicError:
    """An error of a class, its details as its sentence names them."""
    named = {name for _, name, _, _ in string.Formatter().parse(cls.sentence) if name}
    try:
        return cls(**dict.fromkeys(named, "x"))
    except TypeError:
        import inspect

        return cls(**dict.fromkeys(inspect.signature(cls.__init__).parameters.keys() - {"self"}, "x"))


@pytest.mark.parametrize("code", sorted(every()))
def test_every_error_has_a_code_of_its_own_a_rule_and_a_sentence(code):
    cls = every()[code]
    assert cls.code == code
    assert "code" in cls.__dict__
    assert cls.__doc__
    assert cls.sentence[0] in string.ascii_uppercase + "{"
    assert cls.sentence.endswith(".")
    assert cls is MemberLogicError or cls.__subclasses__() or issubclass(cls, FAMILIES) or code.startswith(ELSEWHERE)
    if issubclass(cls, RuleViolation) and cls is not RuleViolation:
        assert cls.rule, "a rule violation names its rule"


@pytest.mark.parametrize("code", sorted(every()))
def test_every_error_goes_through_json_and_pickle_as_itself(code):
    error = made(every()[code])
    for again in (errors.from_json(json.loads(json.dumps(error.to_json()))), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert again.to_json() == error.to_json()
        assert again.message == error.message == str(error)


def test_a_code_is_taken_once():
    with pytest.raises(TypeError, match="both have the code"):
        type("Another", (MemberLogicError,), {"code": "not_found"})


def test_an_unknown_code_is_said():
    with pytest.raises(InvalidInput) as caught:
        errors.from_json({"code": "points.of_no_return", "details": {}})
    assert caught.value.path == "code"


def test_a_message_reads_lists_as_words_and_survives_what_is_missing():
    refusal = IllegalTransition(machine="account", state="closed", action="block", allowed=[])
    assert refusal.message == "The account is closed and cannot block; allowed now: nothing."
    both = IllegalTransition(machine="account", state="open", action="reopen", allowed=["block", "close"])
    assert both.message.endswith("allowed now: block, close.")
    assert NotFound(kind="account", id=1).details == {"kind": "account", "id": "1"}
    assert "-" in type("Gone", (RuleViolation,), {"sentence": "{what} is gone."})().message


def test_details_cannot_be_changed():
    with pytest.raises(TypeError):
        NotFound(kind="account", id=1).details["kind"] = "club"


def test_a_path_grows_from_inside_out():
    inner = InvalidInput(path="amount", expected="a whole number", got="0.5")
    assert inner.under("lines[2]").path == "lines[2].amount"
    assert InvalidInput(path="[3]", expected="x", got="y").under("lines").path == "lines[3]"


@pytest.mark.rule("COM-15")
def test_a_conflict_says_whether_the_transaction_is_lost():
    assert ConcurrencyConflict(reason="deadlock", transaction_lost=True).transaction_lost
    assert not ConcurrencyConflict(reason="busy").transaction_lost
    assert issubclass(ConcurrencyConflict, Conflict)
