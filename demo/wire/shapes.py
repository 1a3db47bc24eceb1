"""Checks of values against the shapes of a service model, compiled once per shape: a check costs microseconds."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from botocore.model import Shape

from demo.wire.errors import AwsError, ModelMismatch, invalid
from demo.wire.scalars import scalar

__all__ = ["check_input", "check_output"]

Check: TypeAlias = Callable[[Any, str], Any]


def check_output(shape: Shape | None, value: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Check a response and turn it into what JSON can carry: wire names, epoch seconds, base64.

    Raises:
        ModelMismatch: a member is unknown, missing, mistyped or outside its enum.
    """
    if shape is None:
        return {}
    checked: dict[str, Any] = _output(shape)(value, where)
    return checked


def check_input(shape: Shape | None, value: Any) -> dict[str, Any]:
    """Check a request as AWS does.

    Raises:
        AwsError: ``ValidationException`` for a missing, unknown or out-of-range member, ``SerializationException`` for
            a wrong type.
    """
    if not isinstance(value, dict):
        raise AwsError("SerializationException", "Start of structure or map found where not expected.")
    if shape is None:
        return value
    checked: dict[str, Any] = _input(shape)(value, "")
    return checked


def _key(shape: Shape) -> tuple[int, str]:
    return id(shape._shape_resolver), shape.name  # noqa: SLF001 - one resolver stands for one service


_OUTPUT: dict[tuple[int, str], Check] = {}
_INPUT: dict[tuple[int, str], Check] = {}


def _output(shape: Shape) -> Check:
    key = _key(shape)
    if key not in _OUTPUT:
        # Set before it is built: shapes may hold themselves.
        _OUTPUT[key] = lambda value, where: _OUTPUT[key](value, where)  # noqa: PLW0108 - bound late
        _OUTPUT[key] = _build_output(shape)
    return _OUTPUT[key]


def _build_output(shape: Shape) -> Check:
    kind = shape.type_name
    if kind == "structure":
        return _structure_output(shape)
    if kind == "list":
        member = _output(shape.member)

        def check_list(value: Any, where: str) -> Any:
            if not isinstance(value, list | tuple):
                raise ModelMismatch(f"{where}: a list is expected, not {type(value).__name__}")
            return [member(item, where) for item in value]

        return check_list
    if kind == "map":
        inner = _output(shape.value)

        def check_map(value: Any, where: str) -> Any:
            if not isinstance(value, Mapping):
                raise ModelMismatch(f"{where}: a map is expected, not {type(value).__name__}")
            return {str(name): inner(item, f"{where}.{name}") for name, item in value.items()}

        return check_map
    return scalar(kind, frozenset(getattr(shape, "enum", ()) or ()))


def _structure_output(shape: Shape) -> Check:
    members = {
        name: (member.serialization.get("name", name), _output(member)) for name, member in shape.members.items()
    }
    required = tuple(shape.required_members)

    def check_structure(value: Any, where: str) -> Any:
        if not isinstance(value, Mapping):
            raise ModelMismatch(f"{where}: a structure is expected, not {type(value).__name__}")
        out = {}
        for name, item in value.items():
            if item is None:
                continue
            try:
                wire, check = members[name]
            except KeyError:
                raise ModelMismatch(f"{where}.{name}: AWS has no such member") from None
            out[wire] = check(item, f"{where}.{name}")
        for name in required:
            if value.get(name) is None:
                raise ModelMismatch(f"{where}.{name}: required and absent")
        return out

    return check_structure


def _input(shape: Shape) -> Check:
    key = _key(shape)
    if key not in _INPUT:
        _INPUT[key] = lambda value, where: _INPUT[key](value, where)  # noqa: PLW0108 - bound late
        _INPUT[key] = _build_input(shape)
    return _INPUT[key]


def _build_input(shape: Shape) -> Check:
    kind = shape.type_name
    if kind == "structure":
        return _structure_input(shape)
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if kind == "list":
        member = _input(shape.member)

        def check_list(value: Any, where: str) -> Any:
            if not isinstance(value, list):
                raise AwsError("SerializationException", "Unexpected field type")
            _limits(len(value), low, high, where, value, "length")
            return [member(item, f"{where}.{n}.member") for n, item in enumerate(value, 1)]

        return check_list
    if kind == "map":
        inner = _input(shape.value)

        def check_map(value: Any, where: str) -> Any:
            if not isinstance(value, dict):
                raise AwsError("SerializationException", "Unexpected field type")
            return {name: inner(item, f"{where}.{name}.member") for name, item in value.items()}

        return check_map
    return _scalar_input(shape, kind, low, high)


def _structure_input(shape: Shape) -> Check:
    members = {member.serialization.get("name", name): (name, _input(member)) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check_structure(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise AwsError("SerializationException", "Unexpected field type")
        prefix = f"{where}." if where else ""
        out = {}
        for wire, item in value.items():
            if item is None:
                continue
            if wire not in members:
                raise invalid(f"Unknown parameter '{prefix}{wire}' for {shape.name}")
            name, check = members[wire]
            out[name] = check(item, f"{prefix}{wire}")
        for name in required:
            if name not in out:
                raise invalid(
                    f"1 validation error detected: Value null at '{prefix}{name}' failed to satisfy constraint: "
                    "Member must not be null"
                )
        return out

    return check_structure


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:  # Java's dialect has a few constructs that Python lacks
        return None


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
}


def _scalar_input(shape: Shape, kind: str, low: Any, high: Any) -> Check:
    types = _TYPES[kind]
    enum = tuple(getattr(shape, "enum", ()) or ())
    pattern = _pattern(shape.metadata["pattern"]) if "pattern" in shape.metadata else None

    def check_scalar(given: Any, where: str) -> Any:
        value: Any = given
        if not isinstance(given, types) or (isinstance(value, bool) and kind != "boolean"):
            raise AwsError(
                "SerializationException", f"{type(value).__name__} can not be converted to {kind} at {where}"
            )
        if kind in {"string", "character"}:
            if enum and value not in enum:
                listed = ", ".join(enum)
                raise _constraint(value, where, f"Member must satisfy enum value set: [{listed}]")
            _limits(len(value), low, high, where, value, "length")
            if pattern is not None and pattern.fullmatch(value) is None:
                wanted = shape.metadata["pattern"]
                raise _constraint(value, where, f"Member must satisfy regular expression pattern: {wanted}")
        elif kind in {"integer", "long", "float", "double"}:
            _limits(value, low, high, where, value, "value")
        return value

    return check_scalar


def _limits(size: float, low: Any, high: Any, where: str, value: Any, what: str) -> None:
    if low is not None and size < low:
        raise _constraint(value, where, f"Member must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        raise _constraint(value, where, f"Member must have {what} less than or equal to {high}")


def _constraint(value: Any, where: str, constraint: str) -> AwsError:
    return invalid(
        f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: {constraint}"
    )
