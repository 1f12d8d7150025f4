"""The JSON contract and the Python API as pages, drawn from the types and their docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec

import tlswire
from tlswire.policies import POLICIES, Policy
from tlswire.policies.policy import MISSING, KeySize, Trait
from tlswire.result import Document


def contract() -> str:
    """Return a section for each struct of the JSON document, `Document` first."""
    schema = msgspec.json.schema(Document)
    structs = schema["$defs"]
    named = ["Document", *(name for name in structs if name != "Document")]
    return "\n".join(
        _struct(name, structs[name]) for name in named if "properties" in structs[name]
    )


def _struct(name: str, struct: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| `{field}` | {_kind(shape)} |" for field, shape in struct["properties"].items()
    )
    told = " ".join(_prose(struct.get("description", "")).split())
    return f"### {name}\n\n{told}\n\n| field | is |\n|---|---|\n{rows}\n"


def _kind(shape: dict[str, Any]) -> str:
    """Return what a value may be, in words and links."""
    if "anyOf" in shape:
        return " or ".join(_kind(each) for each in shape["anyOf"])
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in shape:
        return " · ".join(f"`{value}`" for value in shape["enum"])
    if shape.get("type") == "array":
        items = shape.get("items")
        return f"list of {_kind(items)}" if items else "list"
    if shape.get("type") == "object":
        inner = shape.get("additionalProperties")
        return f"object of {_kind(inner)}" if isinstance(inner, dict) and inner else "object"
    return str(shape.get("type", "anything"))


def python() -> str:
    """Return a section for each name of `tlswire.__all__` that is not of the contract."""
    names = filter(_of_api, tlswire.__all__)
    return "\n".join(map(_section, sorted(names, key=_rank)))


def _rank(name: str) -> tuple[int, str]:
    """Return the order of a name: verbs, what they return, errors."""
    found = _found(name)
    return (0 if inspect.isfunction(found) else 2 if issubclass(found, Exception) else 1), name


def _of_api(name: str) -> bool:
    module = getattr(_found(name), "__module__", "")
    return module in ("tlswire.api", "tlswire.errors")


def _found(name: str) -> Any:
    import tlswire.api

    return getattr(tlswire.api, name, None) or getattr(tlswire, name)


def _section(name: str) -> str:
    found = _found(name)
    lines = [f"### tlswire.{name}", ""]
    if inspect.isfunction(found):
        wait = "await " if inspect.iscoroutinefunction(found) else ""
        lines += ["```python", f"{wait}tlswire.{name}{_signature(found)}", "```", ""]
    lines += [_prose(inspect.getdoc(found) or ""), ""]
    if inspect.isclass(found) and found.__module__ == "tlswire.api":
        lines += [*_members(found), ""]
    return "\n".join(lines)


def _signature(function: Any) -> str:
    """Return the signature, one parameter a line where it is long."""
    signature = inspect.signature(function)
    parts = [str(parameter) for parameter in signature.parameters.values()]
    if any(p.kind is p.KEYWORD_ONLY for p in signature.parameters.values()):
        first = next(
            n for n, p in enumerate(signature.parameters.values()) if p.kind is p.KEYWORD_ONLY
        )
        parts.insert(first, "*")
    shown = ",\n    ".join(part.replace("'", "") for part in parts)
    return f"(\n    {shown},\n) -> {str(signature.return_annotation).strip(chr(39))}"


def _members(found: type) -> Iterator[str]:
    yield from ("| member | what it is |", "|---|---|")
    for name, member in inspect.getmembers(found):
        own = not name.startswith("_") and getattr(member, "__doc__", None)
        if own and any(name in vars(c) for c in found.__mro__ if c.__module__ == "tlswire.api"):
            call = "" if isinstance(member, property) else "()"
            yield f"| `.{name}{call}` | {' '.join(_prose(member.__doc__).split())} |"


def _prose(text: str) -> str:
    """Return a docstring as Markdown: indented lines are code already, `names` are as they are."""
    return re.sub(r"(?m)^( {4}\S)", r"\1", text)


def policies() -> str:
    """Return a section for each policy: what it says of each kind of thing, by level."""
    return "\n".join(map(_policy, POLICIES))


def _policy(policy: Policy) -> str:
    lines = [f"### {policy.title}", "", f"`{policy.id}`. {policy.source}.", ""]
    lines += ["| of | level | names | where it says so |", "|---|---|---|---|"]
    for kind, rows in policy.rows.items():
        for row in rows:
            kinds = f"{kind} ({', '.join(row.versions)})" if row.versions else kind
            told = _where(row.reference, row.note)
            lines.append(f"| {kinds} | {row.level} | `{row.names}` | {told} |")
    lines += map(_key, policy.keys)
    for row in policy.hashes:
        told = _where(row.reference, row.note)
        lines.append(f"| certificate signed with | {row.level} | `{row.names}` | {told} |")
    if policy.longest is not None:
        days, where = f"valid for more than {policy.longest.days} days", policy.longest.reference
        lines.append(f"| certificate | {policy.longest.level} | {days} | {where} |")
    for trait in policy.traits:
        lines += _trait(trait)
    for need in policy.required:
        lines.append(f"| {need.kind} | required | one of `{need.names}` | {need.reference} |")
    return "\n".join([*lines, ""])


def _key(key: KeySize) -> str:
    of = "prime of DHE" if key.key == "DH" else "key"
    on = f" on {key.curves.replace(' ', ', ')}" if key.curves else ""
    size = f"from {key.bits} bits" if key.bits else "smaller"
    return f"| {of} | {key.level} | {key.key} {size}{on} | {_where(key.reference, key.note)} |"


def _trait(trait: Trait) -> Iterator[str]:
    told = _where(trait.reference, trait.note)
    if trait.there is not None:
        yield f"| feature | {trait.there} | {trait.name} | {told} |"
    if trait.absent == MISSING:
        yield f"| feature | demanded | {trait.name} | {told} |"
    elif trait.absent is not None:
        yield f"| feature | {trait.absent} | no {trait.name} | {told} |"


def _where(reference: str, note: str | None) -> str:
    return f"{reference}{f'; {note}' if note else ''}"
