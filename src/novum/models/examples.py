"""An example of a JSON value that fits a schema, to be shown to whoever is to write one."""

from collections.abc import Mapping
from typing import Any

WIDE = 100  # between two bounds, from which their middle is no likely value
DEEPEST = 8  # levels of an example; a schema may refer to itself
Schema = Mapping[str, Any]


def example(schema: Schema) -> Any:
    """A value that fits: every field is there, strings say what belongs in their place.

    It knows what `msgspec` and providers use of JSON schema: references, `enum`, `const`, `anyOf` and
    its kin, types, bounds and lengths; patterns are not looked at.
    """
    return _example(schema, schema.get("$defs", {}), "", DEEPEST)


def _example(schema: Schema, named: Schema, field: str, depth: int) -> Any:
    if "$ref" in schema:
        found = named.get(str(schema["$ref"]).rpartition("/")[2], {}) if depth > -DEEPEST else {}
        return _example(found, named, field, depth - 1)
    for key in ("const", "default"):
        if key in schema and (schema[key] not in (None, "", [], {}) or key == "const"):
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _example(_fullest(schema[key]), named, field, depth)
    return _of_type(_type_of(schema), schema, named, field, depth)


def _fullest(choices: list[Schema]) -> Schema:
    """The first choice that is not null."""
    return next((one for one in choices if one.get("type") != "null"), choices[0])


def _type_of(schema: Schema) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return next((k for k in kind if k != "null"), "null") if isinstance(kind, list) else kind


def _of_type(kind: str, schema: Schema, named: Schema, field: str, depth: int) -> Any:
    if kind == "object":
        return _object(schema, named, depth)
    if kind == "array":
        return _array(schema, named, field, depth)
    if kind in ("number", "integer"):
        return _number(schema, whole=kind == "integer")
    return {"boolean": True, "null": None}.get(kind, _string(schema, field))


def _object(schema: Schema, named: Schema, depth: int) -> dict[str, Any]:
    required = schema.get("required", ())
    fields = schema.get("properties", {})
    shown = {name: value for name, value in fields.items() if depth > 0 or name in required}
    made = {name: _example(value, named, name, depth - 1) for name, value in shown.items()}
    others = schema.get("additionalProperties")
    if not fields and isinstance(others, Mapping) and others and depth > 0:
        made["name"] = _example(others, named, "value", depth - 1)
    return made


def _array(schema: Schema, named: Schema, field: str, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [_example(item, named, field, depth - 1) for item in schema["prefixItems"]]
    count = max(int(schema.get("minItems", 0)), 1 if depth > 0 and schema.get("maxItems", 1) else 0)
    if not count or depth < -DEEPEST:  # a schema without an end has no value either
        return []
    items = schema.get("items")
    one = _example(items if isinstance(items, Mapping) else {}, named, field, depth - 1)
    return [one] * count


def _number(schema: Schema, *, whole: bool) -> float | int:
    """The middle of two bounds that are near each other, else a number a little beyond one of them."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        middle = (low + high) / 2 if high - low <= WIDE else low + WIDE / 10
        return round(middle) if whole else middle
    value = low + 1 if low is not None else 1 if high is None else high - 1
    return round(value) if whole else value


def _string(schema: Schema, field: str) -> str:
    text = f"({field.replace('_', ' ')})" if field else "(text)"
    shortest, longest = int(schema.get("minLength", 0)), schema.get("maxLength")
    return text.ljust(shortest, ".")[:longest]
