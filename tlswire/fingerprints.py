"""JA3, JA3S and JA4 of hellos, as published: short names for a client's or server's shape.

JA3: https://github.com/salesforce/ja3 (MD5 over decimal lists, GREASE left out).
JA4: https://github.com/FoxIO-LLC/ja4 (technical details of JA4).
"""

from __future__ import annotations

from collections.abc import Iterable

from tlswire.codes import ExtensionType, Version, is_grease
from tlswire.transcript import Entry

_JA4_VERSIONS = {
    Version.tls_1_3: "13",
    Version.tls_1_2: "12",
    Version.tls_1_1: "11",
    Version.tls_1_0: "10",
    Version.ssl_3_0: "s3",
    Version.ssl_2_0: "s2",
}


def ja3(hello: Entry) -> str | None:
    """Return the JA3 of a ClientHello, None when it cannot be read or is of SSL 2.0 format."""
    fields = hello.fields
    if "extensions" not in fields or hello.cut or hello.kind != "client_hello":
        return None
    points = hello.extension(ExtensionType.ec_point_formats) or {}
    parts = (
        str(fields["legacy_version"]),
        _dashed(fields["cipher_suites"]),
        _dashed(e["type"] for e in fields["extensions"]),
        _dashed(
            (hello.extension(ExtensionType.supported_groups) or {}).get("named_group_list", ())
        ),
        _dashed(points.get("ec_point_format_list", ())),
    )
    return _digest("md5", ",".join(parts))


def ja3s(hello: Entry) -> str | None:
    """Return the JA3S of a ServerHello."""
    fields = hello.fields
    if "cipher_suite" not in fields or hello.cut:
        return None
    extensions = "-".join(str(e["type"]) for e in fields.get("extensions", ()))
    text = f"{fields['legacy_version']},{fields['cipher_suite']},{extensions}"
    return _digest("md5", text)


def ja4(hello: Entry) -> str | None:
    """Return the JA4 of a ClientHello over TCP."""
    fields = hello.fields
    if "extensions" not in fields or hello.cut or hello.kind != "client_hello":
        return None
    suites = [n for n in fields["cipher_suites"] if not is_grease(n)]
    extensions = [e["type"] for e in fields["extensions"] if not is_grease(e["type"])]
    schemes = hello.extension(ExtensionType.signature_algorithms) or {}
    named = hello.extension(ExtensionType.server_name) is not None
    head = (
        f"t{_version(hello)}{'d' if named else 'i'}"
        f"{min(len(suites), 99):02d}{min(len(extensions), 99):02d}{_alpn(hello)}"
    )
    listed = set(extensions) - {
        ExtensionType.server_name,
        ExtensionType.application_layer_protocol_negotiation,
    }
    tail = ",".join(sorted(f"{n:04x}" for n in extensions if n in listed))
    algorithms = schemes.get("supported_signature_algorithms", ())
    if algorithms:
        tail += "_" + ",".join(f"{n:04x}" for n in algorithms if not is_grease(n))
    return f"{head}_{_short(','.join(sorted(f'{n:04x}' for n in suites)))}_{_short(tail)}"


def _version(hello: Entry) -> str:
    body = hello.extension(ExtensionType.supported_versions) or {}
    offered = [n for n in body.get("versions", ()) if not is_grease(n)]
    return _JA4_VERSIONS.get(max(offered, default=hello.fields["legacy_version"]), "00")


def _alpn(hello: Entry) -> str:
    body = hello.extension(ExtensionType.application_layer_protocol_negotiation) or {}
    first: bytes = next(iter(body.get("protocol_name_list", ())), b"")
    if not first:
        return "00"
    ends = bytes((first[0], first[-1]))
    if all(chr(b).isascii() and chr(b).isalnum() for b in ends):
        return ends.decode()
    text = first.hex()
    return text[0] + text[-1]


def _short(text: str) -> str:
    return _digest("sha256", text)[:12] if text else "000000000000"


def _digest(algorithm: str, text: str) -> str:
    import hashlib  # it loads OpenSSL, which a list has no need of

    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()


def _dashed(numbers: Iterable[int]) -> str:
    return "-".join(str(n) for n in numbers if not is_grease(n))
