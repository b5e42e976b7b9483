"""What a host calls to define parameters and to set them (MEM-4).
:class:`~memberlogic.members.service.MembersService` is one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memberlogic.actors import Actor
from memberlogic.errors import JSON
from memberlogic.ids import MemberId
from memberlogic.members import defining, filling
from memberlogic.members.acting import require_own
from memberlogic.members.defining import ChangeParameter, DefineParameter, ParameterDefinitions, RetireParameter
from memberlogic.members.filling import ParametersOf, ParametersSet, SetParameters
from memberlogic.members.lifecycle import present
from memberlogic.members.parameters import MemberParameters, Parameter, ParameterKind, Value
from memberlogic.members.ports import MembersWork
from memberlogic.running import Asks, Runner

__all__ = ["ParameterService"]

DEFINE_PARAMETER = Asks("members.define_parameter", "settings.parameters:create", Parameter)
CHANGE_PARAMETER = Asks("members.change_parameter", "settings.parameters:update", Parameter)
RETIRE_PARAMETER = Asks("members.retire_parameter", "settings.parameters:delete", Parameter)
PARAMETER_DEFINITIONS = Asks("members.parameter_definitions", "settings.parameters:read", ParameterDefinitions)
SET_PARAMETERS = Asks("members.set_parameters", "members.parameters:update", ParametersSet)
PARAMETERS = Asks("members.parameters", "members.parameters:read", MemberParameters)


class ParameterService:
    """Custom parameters: what an organization keeps of its members beyond what everybody does."""

    _runner: Runner[MembersWork]

    def define_parameter(
        self,
        key: str,
        kind: ParameterKind,
        *,
        required: bool = False,
        personal: bool = True,
        options: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> Parameter:
        """Define a parameter (MEM-4). A retired one of the same type is brought back.

        Args:
            key: what it is called, as a code, for ever.
            kind: what its values are, for ever.
            required: whether a member whose values are set must have one.
            personal: whether its values are erased when a member is anonymised; so unless said otherwise.
            options: what can be chosen, for the kinds ``CHOICE`` and ``CHOICES`` only: 1 to 100 different texts.

        Raises:
            InvalidInput: naming the field.
            Duplicate: if the key is in use.
            ParameterKindStays: if a retired one has this key and another type.
            ParameterStaysPersonal: if a retired one has this key and is personal, and this is not.
        """
        wanted = DefineParameter(key=key, kind=kind, required=required, personal=personal, options=options)
        return self._runner.run(DEFINE_PARAMETER, wanted, idempotency_key, self.define_parameter_step)

    def define_parameter_step(self, uow: MembersWork, _: Actor, wanted: DefineParameter) -> Parameter:
        """Defining, inside a unit of work; the organization is locked, so that definitions follow one another."""
        uow.organizations.locked()
        outcome = defining.define(wanted, uow.parameters.defined().get(wanted.key))
        uow.parameters.define(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def change_parameter(
        self,
        key: str,
        *,
        required: bool | None = None,
        personal: bool | None = None,
        options: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> Parameter:
        """Change a definition (MEM-4); what is left out stays. The type never changes, and what is personal stays so.
        What members have stays too, and is looked at again when their values are next set.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such parameter.
            ParameterIsRetired: if it takes no more values.
            ParameterStaysPersonal: if it is personal and shall no longer be.
        """
        wanted = ChangeParameter(key=key, required=required, personal=personal, options=options)
        return self._runner.run(CHANGE_PARAMETER, wanted, idempotency_key, self.change_parameter_step)

    def change_parameter_step(self, uow: MembersWork, _: Actor, wanted: ChangeParameter) -> Parameter:
        """Changing, inside a unit of work."""
        uow.organizations.locked()
        outcome = defining.change(wanted, uow.parameters.get(wanted.key))
        uow.parameters.define(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def retire_parameter(self, key: str, *, idempotency_key: str | None = None) -> Parameter:
        """Retire a parameter (MEM-4): it takes no more values, and those that are there stay. Again changes nothing.
        Raises ``NotFound``.
        """
        wanted = RetireParameter(key=key)
        return self._runner.run(RETIRE_PARAMETER, wanted, idempotency_key, self.retire_parameter_step)

    def retire_parameter_step(self, uow: MembersWork, _: Actor, wanted: RetireParameter) -> Parameter:
        """Retiring, inside a unit of work."""
        uow.organizations.locked()
        outcome = defining.retire(uow.parameters.get(wanted.key), uow.now)
        uow.parameters.define(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def parameter_definitions(self) -> ParameterDefinitions:
        """Everything that the organization defined (MEM-4), retired ones among them, in order of the keys."""
        return self._runner.ask(PARAMETER_DEFINITIONS, None, self.parameter_definitions_step)

    def parameter_definitions_step(self, uow: MembersWork, _: Actor, __: None) -> ParameterDefinitions:
        """Listing definitions, inside a unit of work."""
        defined = uow.parameters.defined()
        return ParameterDefinitions(parameters=tuple(defined[key] for key in sorted(defined)))

    def set_parameters(
        self, member: MemberId, values: Mapping[str, Value | JSON], *, idempotency_key: str | None = None
    ) -> ParametersSet:
        """Set what is known of a member (MEM-4), each value by the definition of its key; None clears one, the others
        stay. All of them or none.

        Args:
            values: by key. A number is a ``Fraction``, a whole number or a decimal text (``"1.83"``), never a float; a
                day a ``date`` or ISO 8601; options a list of texts; an address an ``Address`` or its parts by name.

        Raises:
            InvalidInput: with the path of the value (``values.shirt``) that is unknown, retired, of another form, or
                required and missing.
            NotFound: if there is no such member.
        """
        wanted = SetParameters(member=member, values=values)
        return self._runner.run(SET_PARAMETERS, wanted, idempotency_key, self.set_parameters_step)

    def set_parameters_step(self, uow: MembersWork, _: Actor, wanted: SetParameters) -> ParametersSet:
        """Setting, inside a unit of work."""
        member = present(uow.members.locked(wanted.member), "get parameters")
        held = {each.key: each for each in uow.parameters.of(member.id)}
        outcome = filling.fill(wanted, uow.parameters.defined(), held)
        uow.parameters.fill(outcome.facts)
        uow.put(outcome.events)
        return outcome.result

    def parameters(self, member: MemberId, *, retired: bool = False) -> MemberParameters:
        """What is known of a member (MEM-4), and which of it is personal. A member may look at their own.

        Args:
            retired: whether to answer the values of retired parameters too.

        Raises:
            NotFound: if there is no such member.
        """
        wanted = ParametersOf(member=member, retired=retired)
        return self._runner.ask(PARAMETERS, wanted, self.parameters_step)

    def parameters_step(self, uow: MembersWork, actor: Actor, wanted: ParametersOf) -> MemberParameters:
        """Looking at values, inside a unit of work."""
        require_own(actor, uow.members.get(wanted.member).id)
        held, defined = uow.parameters.of(wanted.member), uow.parameters.defined()
        return MemberParameters.of(wanted.member, held, defined, retired=wanted.retired)
