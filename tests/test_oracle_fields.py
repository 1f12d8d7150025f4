"""Field for field against the oracle of the corpus: hellos, alerts, certificates in the clear.

What is compared is what the oracle could see; what it is known to get wrong is listed in
`EXPLAINED`, each with the reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from test_corpus import ORACLES, capture_of, hellos, streams

from tlswire.codes import ExtensionType as E
from tlswire.decode import Seen, scan
from tlswire.offer import server_name
from tlswire.transcript import Entry, alert_of

Facts = dict[str, Any]
#: Part of a capture's name -> why the oracle and we differ there.
EXPLAINED: dict[str, str] = {
    "ssl-v2": "the server answers in SSL 2.0, which is recognised and not followed",
    "openvpn": "TLS inside OpenVPN's own framing is not TLS over TCP",
    "encrypted_sni": "the oracle counts the share inside encrypted_server_name as a key share",
    "tls-esni-fuzzed": "the oracle counts the share inside encrypted_server_name as a key share",
    "encrypted_handshake_cert_false_positive": "ciphertext that looks like a ServerHello",
    "corner-cases": "ciphertext that looks like a ServerHello",
}
#: (Part of a capture's name, field) -> why the two differ in that field only.
DIFFERENT: dict[tuple[str, str], str] = {
    ("http2-with-cookies", "certificates"): "opened by secrets inside the capture, which the "
    "oracle was made without",
    ("DER-incomplete", "certificates"): "its DER lies about a length; we hash the whole list "
    "entry, the oracle what it could parse",
    ("tcp-fastopen-10", "server hellos"): "the oracle loses the server's stream behind data in a "
    "repeated SYN",
    ("KakaoTalk_chat", "server hellos"): "a second SYN-ACK has another sequence number; the "
    "oracle takes the server's flight for retransmissions (frames 46 and 91)",
    ("KakaoTalk_chat", "certificates"): "the same",
    ("arkime_synthetic", "supported_version"): "the extension's body is longer than its form",
    ("arkime_synthetic", "psk_selected"): "the extension's body is longer than its form",
    ("tls_cipher_lens", "ciphers"): "the suites' length is odd; the oracle lists none of them",
    ("tls_cipher_lens", "extensions"): "the hello is broken before its extensions",
    ("tls_invalid_reads", "extensions"): "the hello is broken before its extensions",
    ("tls_missing_ch_frag", "client hellos"): "half of the hello is not in the capture: the "
    "oracle shows none, we show the half and say so",
    ("tls-fragmented-handshake", "certificates"): "a message of 340 kB over hundreds of records, "
    "which the oracle does not put together",
}
#: At least this share of all fields is equal, the explained ones counted as different.
WANTED = 0.995


def body(hello: Entry, number: int) -> Facts:
    return hello.extension(number) or {}


def h16(number: int) -> str:
    return f"0x{number:04x}"


def shares(hello: Entry) -> list[Facts]:
    """The client's key shares; up to draft 22 of TLS 1.3 the extension had another number."""
    found = body(hello, E.key_share) or body(hello, E.key_share_draft)
    listed: list[Facts] = found.get("client_shares", [])
    return listed


CLIENT: dict[str, Callable[[Entry], Any]] = {
    "version": lambda h: h16(h.fields["legacy_version"]),
    "random": lambda h: h.fields["random"].hex(),
    "session_id": lambda h: h.fields["session_id"].hex(),
    "ciphers": lambda h: [h16(n) for n in h.fields["cipher_suites"]],
    "extensions": lambda h: [e["type"] for e in h.fields["extensions"]],
    "supported_versions": lambda h: [
        h16(n) for n in body(h, E.supported_versions).get("versions", ())
    ],
    "groups": lambda h: [h16(n) for n in body(h, E.supported_groups).get("named_group_list", ())],
    "key_share": lambda h: [str(s["group"]) for s in shares(h)],
    "alpn": lambda h: [
        n.decode("utf-8", "backslashreplace")
        for n in body(h, E.application_layer_protocol_negotiation).get("protocol_name_list", ())
    ],
    "sni": server_name,
}
SERVER: dict[str, Callable[[Entry], Any]] = {
    "version": lambda h: h16(h.fields["legacy_version"]),
    "random": lambda h: h.fields["random"].hex(),
    "session_id": lambda h: h.fields["session_id"].hex(),
    "cipher": lambda h: h16(h.fields["cipher_suite"]),
    "hrr": lambda h: h.what == "hello_retry_request",
    "extensions": lambda h: [e["type"] for e in h.fields.get("extensions", ())],
    "supported_version": lambda h: (
        h16(v) if (v := body(h, E.supported_versions).get("selected_version")) else None
    ),
    "psk_selected": lambda h: (
        str(p) if (p := body(h, E.pre_shared_key).get("selected_identity")) is not None else None
    ),
}


class Tally:
    """Counts equal and different fields, and remembers the different ones."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.explained: list[str] = []

    def compare(self, where: str, field: str, ours: Any, theirs: Any) -> None:
        self.counted["fields"] += 1
        if ours != theirs:
            told = any(name in where and about == field for name, about in DIFFERENT)
            row = f"{where} {field}: {str(ours)[:80]} not {str(theirs)[:80]}"
            (self.explained if told else self.wrong).append(row)

    def hello(self, where: str, mine: Entry, other: Facts, table: dict[str, Any]) -> None:
        for field, read in table.items():
            theirs = other.get(field)
            if field in other and not (theirs in ([], None, "") and mine.kind != mine.what):
                try:
                    ours = read(mine)
                except KeyError as missing:
                    ours = f"no {missing}"
                self.compare(where, field, ours, theirs)

    def stream(self, where: str, stream: Facts, seen: Seen | None) -> None:
        ours = hellos(seen) if seen is not None else []
        theirs = stream["client_hellos"]
        self.compare(where, "client hellos", len(ours), len(theirs))
        if len(ours) == len(theirs):
            for mine, other in zip(ours, theirs, strict=True):
                self.hello(where, mine, other, CLIENT)
        answers = [] if seen is None else [e for e in seen.transcript.messages if is_answer(e)]
        theirs = stream["server_hellos"]
        self.compare(where, "server hellos", len(answers), len(theirs))
        if len(answers) == len(theirs):
            for mine, other in zip(answers, theirs, strict=True):
                self.hello(where, mine, other, SERVER)
        if seen is not None:
            self.compare(where, "alerts", alerts(seen), clear(stream["alerts"]))
            self.compare(where, "certificates", chains(seen), digests(stream["certificates"]))


def is_answer(entry: Entry) -> bool:
    return entry.what in ("server_hello", "hello_retry_request")


def alerts(seen: Seen) -> list[tuple[int, int]]:
    told = [alert_of(e) for e in seen.transcript.entries if e.what == "alert" and not e.hidden]
    return [(a.level, a.code) for a in told if a is not None]


def clear(theirs: list[Facts]) -> list[tuple[int, int]]:
    return [(a["level"], a["desc"]) for a in theirs if a.get("desc") is not None]


def chains(seen: Seen) -> list[list[str]]:
    """Chains that are whole: of others the oracle shows nothing."""
    shown = (e for e in seen.transcript.messages if not (e.hidden or e.cut))
    messages = [e for e in shown if e.what == "certificate"]
    return [c for m in messages if (c := [sha256(der).hexdigest() for der in ders(m)])]


def ders(message: Entry) -> list[bytes]:
    listed = message.fields.get("certificate_list", ())
    return [c if isinstance(c, bytes) else c.get("cert_data", b"") for c in listed]


def digests(theirs: list[Facts]) -> list[list[str]]:
    return [[c["sha256"] for c in t["chain"]] for t in theirs if t["chain"]]


def tally(paths: list[Path]) -> Tally:
    found = Tally()
    for path in paths:
        oracle = json.loads(path.read_text())
        if any(name in str(path) for name in EXPLAINED):
            continue
        ours = {s.flow.number: s for s in scan(capture_of(path)).seen}
        for stream in streams(oracle):
            where = f"{path.parent.name}/{path.name.removesuffix('.oracle.json')}"
            found.stream(f"{where} {stream['stream']}", stream, ours.get(stream["stream"]))
    return found


def test_fields_equal_the_oracle() -> None:
    if not ORACLES:
        pytest.skip(f"no corpus below {SHARED}: set TLSWIRE_SHARED")
    found = tally(ORACLES)
    total = found.counted["fields"]
    assert total > 10_000
    assert found.wrong == []
    assert len(found.explained) <= (1 - WANTED) * total


#: The facts that tell what a connection was: at least this share of streams has them all equal.
TELLING = ("client hellos", "ciphers", "sni", "server hellos", "cipher", "alerts")
STREAMS = 0.99


def test_streams_equal_the_oracle_in_what_tells() -> None:
    """Nothing is left out here: what `EXPLAINED` and `DIFFERENT` explain counts as different."""
    if not ORACLES:
        pytest.skip(f"no corpus below {SHARED}: set TLSWIRE_SHARED")
    counted, unlike = 0, []
    for path in ORACLES:
        wanted = list(streams(json.loads(path.read_text())))
        ours = {s.flow.number: s for s in scan(capture_of(path)).seen} if wanted else {}
        for stream in wanted:
            counted += 1
            found = Tally()
            found.stream("", stream, ours.get(stream["stream"]))
            rows = found.wrong + found.explained
            if any(row.startswith(f" {field}:") for row in rows for field in TELLING):
                unlike.append(f"{path.name} {stream['stream']}")
    print(f"{counted - len(unlike)} of {counted} streams are equal")
    assert len(unlike) <= (1 - STREAMS) * counted, unlike


def test_where_tshark_is_silent_it_agrees_when_forced() -> None:
    """Captures that tshark takes for something else, and for TLS when it is told so."""
    compared = 0
    for path in ORACLES:
        oracle = json.loads(path.read_text())
        forced = oracle.get("forced_decode")
        if forced is None or any(streams(oracle)):
            continue
        summary, seen = forced["summary"], scan(capture_of(path)).seen
        entries = [e for s in seen for e in s.transcript.entries]
        chosen = {h16(s.transcript.suite) for s in seen if s.transcript.suite is not None}
        assert sum(e.what == "client_hello" for e in entries) == summary["client_hellos"], path
        assert sum(e.what == "server_hello" for e in entries) == summary["server_hellos"], path
        assert chosen == set(summary["ciphers_chosen"]), path
        compared += 1
    if ORACLES:
        assert compared >= 3
