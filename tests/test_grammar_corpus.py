"""Field for field against tshark: the hellos of the shared captures, read by a small local reader.

The reader knows just enough of pcap, TCP and records to find hellos; what it cannot find is not
compared, and the count of what was compared is asserted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dpkt

from tlswire.grammar import read

LINKS = {
    dpkt.pcap.DLT_EN10MB: dpkt.ethernet.Ethernet,
    dpkt.pcap.DLT_LINUX_SLL: dpkt.sll.SLL,
    dpkt.pcap.DLT_NULL: dpkt.loopback.Loopback,
    dpkt.pcap.DLT_RAW: dpkt.ip.IP,
    101: dpkt.ip.IP,
}


def streams(path: Path) -> Iterator[bytes]:
    """Yield the bytes of each direction, segments put in the order of their numbers."""
    segments: dict[tuple[Any, ...], dict[int, bytes]] = defaultdict(dict)
    with path.open("rb") as file:
        reader = dpkt.pcap.UniversalReader(file)
        link = LINKS.get(reader.datalink())
        for _, data in reader if link else ():
            try:
                packet = link(data)
            except (dpkt.UnpackError, IndexError, ValueError):
                continue
            addresses: tuple[bytes, ...] = ()
            while packet is not None and not isinstance(packet, dpkt.tcp.TCP):
                if isinstance(packet, dpkt.ip.IP | dpkt.ip6.IP6):
                    addresses = (packet.src, packet.dst)
                packet = getattr(packet, "data", None)
            if packet is not None and packet.data:
                key = (*addresses, packet.sport, packet.dport)
                kept = segments[key].get(packet.seq, b"")
                segments[key][packet.seq] = max(kept, packet.data, key=len)
    for parts in segments.values():
        yield joined(parts)


def joined(parts: dict[int, bytes]) -> bytes:
    """Return the bytes from the first segment up to the first hole."""
    stream, first = b"", min(parts)
    for sequence in sorted(parts):
        overlap = first + len(stream) - sequence
        if overlap < 0:
            break
        stream += parts[sequence][overlap:]
    return stream


def hellos(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (type, body) of the hellos in the clear, wherever records begin."""
    for stream in streams(path):
        start = max(0, stream.find(b"\x16\x03"))
        messages = b""
        while stream[start : start + 1] == b"\x16":
            size = int.from_bytes(stream[start + 3 : start + 5], "big")
            messages += stream[start + 5 : start + 5 + size]
            start += 5 + size
        while len(messages) >= 4 and messages[0] in (1, 2, 11, 12, 14, 16):
            size = int.from_bytes(messages[1:4], "big")
            if messages[0] in (1, 2) and len(messages) >= 4 + size:
                yield messages[0], messages[4 : 4 + size]
            messages = messages[4 + size :]


def bodies(fields: dict[str, Any]) -> dict[int, Any]:
    return {e["type"]: e["body"] for e in fields["extensions"] if e["body"]}


def client_facts(fields: dict[str, Any]) -> dict[str, Any]:
    """Return of a ClientHello what the oracle tells, in the oracle's words."""
    body = bodies(fields)
    return {
        "version": f"0x{fields['legacy_version']:04x}",
        "random": fields["random"].hex(),
        "session_id": fields["session_id"].hex(),
        "ciphers": [f"0x{code:04x}" for code in fields["cipher_suites"]],
        "extensions": [extension["type"] for extension in fields["extensions"]],
        "supported_versions": [f"0x{v:04x}" for v in body.get(43, {}).get("versions", [])],
        "groups": [f"0x{v:04x}" for v in body.get(10, {}).get("named_group_list", [])],
        "key_share": [
            str(s["group"]) for s in (body.get(51) or body.get(40, {})).get("client_shares", [])
        ],
        "alpn": [p.decode("latin-1") for p in body.get(16, {}).get("protocol_name_list", [])],
    }


def server_facts(fields: dict[str, Any]) -> dict[str, Any]:
    """Return of a ServerHello what the oracle tells, in the oracle's words."""
    body = bodies(fields)
    version = body.get(43, {}).get("selected_version")
    return {
        "version": f"0x{fields['legacy_version']:04x}",
        "random": fields["random"].hex(),
        "session_id": fields["session_id"].hex(),
        "cipher": f"0x{fields['cipher_suite']:04x}",
        "extensions": [extension["type"] for extension in fields["extensions"]],
        "supported_version": None if version is None else f"0x{version:04x}",
    }


#: Captures made or cut so that a hello in them is not well formed.
MALFORMED = {
    "tests__pcap__arkime_synthetic.pcap",
    "test__afl_data__corner-cases.pcap",
    "test__afl_data__encrypted_handshake_cert_false_positive.pcap",
    "unit_tests__pcaps__tls_cnsa2_psk_short_binder.pcap",
    # OpenVPN's packets, with headers of its own between the fragments
    "tests__traces__openvpn_tcp_nontlsauth.pcap",
    "tests__cfgs__default__pcap__openvpn.pcap",
    "tests__cfgs__default__pcap__openvpn_nohmac_tcp.pcapng",
    "tests__cfgs__default__pcap__tls_cipher_lens.pcap",
    "tests__cfgs__default__pcap__tls_invalid_reads.pcap",
}

Told = dict[str, list[dict[str, Any]]]


def oracle(path: Path, hellos_of: str) -> Told:
    """Return random -> what tshark tells; a hello after a HelloRetryRequest has the same random."""
    told: Told = defaultdict(list)
    for stream in json.loads(path.read_text())["streams"]:
        for hello in stream.get(hellos_of, ()) if stream["transport"] == "tls" else ():
            told[hello.get("random", "")].append(hello)
    return told


def differences(facts: dict[str, Any], told: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what differs from the most similar hello that tshark tells of."""
    esni = 0xFFCE in facts["extensions"]  # tshark counts the share inside of it as one more
    each = [
        {
            name: (value, other[name])
            for name, value in facts.items()
            if other.get(name, value) != value and not (esni and name == "key_share")
        }
        for other in told
    ]
    return min(each, key=len)


def test_hellos_of_the_corpus(shared: Path) -> None:
    compared, wrong, malformed = [0, 0], [], set()
    for path in sorted((shared / "corpus").glob("*/*.oracle.json")):
        capture = path.with_name(path.name.removesuffix(".oracle.json"))
        if not capture.exists() or capture.stat().st_size > 4_000_000:
            continue
        told = oracle(path, "client_hellos"), oracle(path, "server_hellos")
        try:
            found = list(hellos(capture))
        except (ValueError, dpkt.Error):
            continue
        for kind, body in found:
            fields, troubles = read("client_hello" if kind == 1 else "server_hello", body)
            if troubles or fields is None:
                malformed.add(capture.name)
                continue
            facts = client_facts(fields) if kind == 1 else server_facts(fields)
            if facts["random"] in told[kind - 1]:
                compared[kind - 1] += 1
                differ = differences(facts, told[kind - 1][facts["random"]])
                if differ:
                    wrong.append((capture.name, kind, differ))
    assert wrong == []
    assert malformed == MALFORMED
    assert compared[0] > 1000
    assert compared[1] > 800
