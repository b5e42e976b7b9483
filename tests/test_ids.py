"""COM-19: ids are UUIDv7 made by the library; records carry the host's ids beside them."""

from __future__ import annotations

from uuid import UUID

import pytest

from memberlogic import ExternalId
from memberlogic.errors import InvalidInput
from memberlogic.ids import new_id

pytestmark = pytest.mark.rule("COM-19")


def test_ids_are_uuids_of_version_7_and_ascend():
    made = [new_id() for _ in range(5000)]
    assert all(type(id) is UUID and id.version == 7 for id in made)
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    ("source", "value", "path"),
    [
        ("Till", "1", "source"),
        ("", "1", "source"),
        ("till", "", "value"),
        ("till", "x" * 129, "value"),
        (1, "1", "source"),
    ],
)
def test_an_external_id_is_a_code_and_a_key(source, value, path):
    with pytest.raises(InvalidInput) as caught:
        ExternalId(source, value)
    assert caught.value.path == path


def test_external_ids_of_two_sources_differ():
    assert ExternalId("till", "1") != ExternalId("web", "1")
    assert ExternalId("till", "Ä 1").value == "Ä 1"
