"""What a store promises of custom parameters (MEM-4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve

from memberlogic.certification.base import Certification
from memberlogic.ids import MemberId
from memberlogic.members.filling import Filling
from memberlogic.members.parameters import Parameter, ParameterKind, ParameterValue, Value
from memberlogic.members.people import Address
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["EXTREMES", "ParametersPromises"]

_OPTIONS = ("ß", "SS", "ss", "x" * 64, "😀")
_WHOLE = ParameterKind.WHOLE_NUMBER
EXTREMES: Sequence[tuple[ParameterKind, Value]] = (
    (ParameterKind.TEXT, "x"),
    (ParameterKind.TEXT, "😀" * 500),
    (ParameterKind.TEXT, "'; -- %s \\ ß"),
    (ParameterKind.NUMBER, Fraction(0)),
    (ParameterKind.NUMBER, Fraction(-1, 10**6)),
    (ParameterKind.NUMBER, Fraction(2**53 - 1, 10**6)),
    (_WHOLE, 0),
    (_WHOLE, 2**53 - 1),
    (_WHOLE, -(2**53) + 1),
    (ParameterKind.DATE, date(1000, 1, 1)),
    (ParameterKind.DATE, date(9998, 12, 31)),
    (ParameterKind.YES_NO, True),
    (ParameterKind.YES_NO, False),
    (ParameterKind.CHOICE, "ß"),
    (ParameterKind.CHOICES, ("😀",)),
    (ParameterKind.CHOICES, _OPTIONS),
    (ParameterKind.PHONE, "+493090182001"),
    (ParameterKind.ADDRESS, Address(lines=["1"], country="DE")),
    (
        ParameterKind.ADDRESS,
        Address(kind="billing", lines=["Å"] * 5, postcode="0 1", city="Malmö", region="Skåne", country="SE"),
    ),
    (ParameterKind.INTEGRATION_ID, "A" * 128),
)
"""Values at the ends of what each kind can be."""


def defined(world: World, *parameters: Parameter) -> None:
    """Write definitions."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.organizations.locked()
        for each in parameters:
            uow.parameters.define(each)
        uow.finish(None)


def filled(world: World, member: MemberId, values: Sequence[ParameterValue], gone: Sequence[str] = ()) -> None:
    """Write values."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.members.locked(member)
        uow.parameters.fill(Filling(member=member, gone=tuple(gone), values=tuple(values)))
        uow.finish(None)


def held(world: World, member: MemberId) -> dict[str, ParameterValue]:
    """What is stored of a member."""
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return {each.key: each for each in uow.parameters.of(member)}


class ParametersPromises(Certification):
    """The port ``Parameters``."""

    def test_definitions_come_back_as_they_were_and_as_they_were_changed(self, world: World) -> None:
        """In their own organization only."""
        one = Parameter(key="one", kind=ParameterKind.CHOICES, required=True, personal=False, options=_OPTIONS)
        two = Parameter(key="two", kind=ParameterKind.DATE, required=False, personal=True)
        defined(world, one, two)
        changed = evolve(one, required=False, personal=True, options=_OPTIONS[:2], retired_at=world.clock.now())
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.parameters.defined() == {"one": one, "two": two}
        defined(world, changed)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.parameters.defined() == {"one": changed, "two": two}
            assert uow.parameters.get("one") == changed
        other = World(world.storage)
        with world.storage.reading(other.organization.id, world.clock) as uow:
            assert uow.parameters.defined() == {}

    def test_values_of_every_kind_come_back_as_they_were(self, world: World) -> None:
        """At the ends of what each can be."""
        ana, ben = world.member(), world.member()
        keys = [f"p{index}" for index in range(len(EXTREMES))]
        for key, (kind, _) in zip(keys, EXTREMES, strict=True):
            options = _OPTIONS if kind.has_options else ()
            defined(world, Parameter(key=key, kind=kind, required=False, personal=True, options=options))
        values = [
            ParameterValue(key=key, kind=kind, value=value) for key, (kind, value) in zip(keys, EXTREMES, strict=True)
        ]
        filled(world, ana, values)
        assert held(world, ana) == {each.key: each for each in values}
        assert [type(each.value) for _, each in sorted(held(world, ana).items())] == [
            type(each.value) for each in sorted(values, key=lambda each: each.key)
        ]
        assert held(world, ben) == {}

    def test_a_value_that_is_replaced_or_cleared_leaves_nothing(self, world: World) -> None:
        """Neither options nor parts of an address, and not those of anybody else."""
        ana, ben = world.member(), world.member()
        where = Parameter(key="where", kind=ParameterKind.ADDRESS, required=False, personal=True)
        which = Parameter(key="which", kind=ParameterKind.CHOICES, required=False, personal=True, options=_OPTIONS)
        defined(world, where, which)
        many = ParameterValue(key="which", kind=which.kind, value=_OPTIONS)
        far = ParameterValue(key="where", kind=where.kind, value=Address(lines=["A 1", "B"], city="B", country="DE"))
        for member in (ana, ben):
            filled(world, member, [many, far])
        few, near = evolve(many, value=_OPTIONS[3:4]), evolve(far, value=Address(lines=["C"], country="DE"))
        filled(world, ana, [few, near], gone=["which", "where"])
        assert held(world, ana) == {"which": few, "where": near}
        filled(world, ana, [], gone=["where"])
        assert held(world, ana) == {"which": few}
        assert held(world, ben) == {"which": many, "where": far}
