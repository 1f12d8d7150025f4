"""An old reader of the JSON still understands it: fields may come, none may go or change its kind.

`vectors/schema-1.json` is the schema as it was published; `python tests/test_schema_stays.py`
writes it anew, before a release, with what has come since. What was there is never taken away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tlswire.reports import json as report

PUBLISHED = Path(__file__).parent / "vectors" / "schema-1.json"


def kinds(schema: dict[str, Any]) -> set[str]:
    """Return what a value may be: JSON types, names of structs, literals."""
    if "anyOf" in schema:
        return set().union(*map(kinds, schema["anyOf"]))
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    if "enum" in schema:
        return {f"={value}" for value in schema["enum"]}
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return {"array of " + " ".join(sorted(kinds(items)))} if items else {"array"}
    return {str(schema.get("type", "any"))}


def fields(schema: dict[str, Any]) -> dict[str, set[str]]:
    """Return `Struct.field` -> what it may be."""
    return {
        f"{name}.{field}": kinds(shape)
        for name, struct in schema["$defs"].items()
        for field, shape in struct.get("properties", {}).items()
    }


def test_nothing_that_was_published_is_gone() -> None:
    then, now = fields(json.loads(PUBLISHED.read_bytes())), fields(json.loads(report.schema()))
    gone = sorted(set(then) - set(now))
    assert gone == []
    lost = {name: then[name] - now[name] for name in then if not then[name] & now[name]}
    assert lost == {}


if __name__ == "__main__":
    PUBLISHED.write_bytes(report.schema())
