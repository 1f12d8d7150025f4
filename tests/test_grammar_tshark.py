"""The recorded handshakes field for field against tshark, which reads them from a pcap file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dpkt
import pytest
from test_grammar_messages import SITUATIONS
from vectors.reading import Vector, vectors

from tlswire.grammar import kind_of, read

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

CLEAR = [source for source in SITUATIONS if "tls13" not in source]
LOOPBACK = {"client": bytes([127, 0, 0, 1]), "server": bytes([127, 0, 0, 2])}


def record(vector: Vector) -> bytes:
    """Return the message in a record of its own."""
    data = vector.body
    if vector.content == 22:
        data = bytes([vector.type]) + len(data).to_bytes(3, "big") + data
    return bytes([vector.content]) + b"\x03\x03" + len(data).to_bytes(2, "big") + data


def write_capture(path: Path, messages: list[Vector]) -> None:
    """Write one TCP packet per message, up to the first ChangeCipherSpec."""
    sent = {"client": 1, "server": 1}
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, linktype=101)
        for vector in messages:
            other = "server" if vector.who == "client" else "client"
            ports = {"client": 50000, "server": 443}
            data = record(vector)
            tcp = dpkt.tcp.TCP(
                sport=ports[vector.who],
                dport=ports[other],
                seq=sent[vector.who],
                ack=sent[other],
                flags=dpkt.tcp.TH_ACK | dpkt.tcp.TH_PUSH,
                data=data,
            )
            sent[vector.who] += len(data)
            ip = dpkt.ip.IP(src=LOOPBACK[vector.who], dst=LOOPBACK[other], p=6, data=tcp)
            ip.len = len(ip)
            writer.writepkt(bytes(ip))


#: What tshark calls it -> the kinds it stands in, and where we have it.
FIELDS: dict[str, tuple[set[str], Callable[[dict[str, Any]], list[int] | list[str]]]] = {
    "tls.handshake.ciphersuite": (
        {"client_hello", "server_hello"},
        lambda f: f.get("cipher_suites") or [f["cipher_suite"]],
    ),
    "tls.handshake.random": ({"client_hello", "server_hello"}, lambda f: [f["random"].hex()]),
    "tls.handshake.extension.type": (
        {"client_hello", "server_hello"},
        lambda f: [e["type"] for e in f["extensions"]],
    ),
    "tls.handshake.certificate_length": (
        {"certificate"},
        lambda f: [len(c) for c in f["certificate_list"]],
    ),
    "tls.handshake.server_named_curve": (
        {"server_key_exchange"},
        lambda f: [n for n in [f["params"].get("parameters", {}).get("named_curve")] if n],
    ),
    "tls.handshake.server_point": (
        {"server_key_exchange"},
        lambda f: [f["params"]["public"].hex()] if "public" in f["params"] else [],
    ),
    "tls.handshake.ys": (
        {"server_key_exchange"},
        lambda f: [f["params"]["dh_Ys"].hex()] if "dh_Ys" in f["params"] else [],
    ),
    "tls.handshake.sig": (
        {"server_key_exchange"},
        lambda f: [f["signature"].hex()] if "signature" in f else [],
    ),
    "tls.handshake.cert_type": ({"certificate_request"}, lambda f: f["certificate_types"]),
    "tls.handshake.sig_hash_alg": (
        {"certificate_request"},
        lambda f: f.get("supported_signature_algorithms", []),
    ),
    "tls.handshake.client_point": (
        {"client_key_exchange"},
        lambda f: [f["ecdh_Yc"].hex()] if "ecdh_Yc" in f else [],
    ),
    "tls.handshake.yc": (
        {"client_key_exchange"},
        lambda f: [f["dh_Yc"].hex()] if "dh_Yc" in f else [],
    ),
    "tls.handshake.session_ticket": ({"new_session_ticket"}, lambda f: [f["ticket"].hex()]),
}


def tshark(path: Path) -> list[dict[str, list[str]]]:
    """Return what tshark makes of each packet."""
    command = ["tshark", "-r", str(path), "-T", "fields", "-E", "separator=;"]
    command += ["-d", "tcp.port==443,tls", *(a for name in FIELDS for a in ("-e", name))]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split(";") for line in told.splitlines()]
    return [
        dict(zip(FIELDS, (c.split(",") if c else [] for c in row), strict=True)) for row in rows
    ]


def number(text: str) -> int | str:
    """Return a number as an int, longer hex as it is."""
    short = len(text) <= 6 and text.removeprefix("0x").isalnum()
    return int(text, 0) if short else text.replace(":", "")


@pytest.mark.parametrize("source", CLEAR)
def test_fields_are_those_of_tshark(source: str, tmp_path: Path) -> None:
    messages = vectors(source)
    messages = messages[: next(i for i, v in enumerate(messages) if v.content == 20)]
    write_capture(tmp_path / "handshake.pcap", messages)
    compared = set()
    for vector, told in zip(messages, tshark(tmp_path / "handshake.pcap"), strict=True):
        kind = kind_of(vector.type)
        fields = read(kind, vector.body, SITUATIONS[source]).fields
        assert fields is not None
        for name, (kinds, ours) in FIELDS.items():
            if kind in kinds:
                assert (name, [number(t) for t in told[name]]) == (name, ours(fields))
                compared.add(name)
    assert len(compared) >= 8
