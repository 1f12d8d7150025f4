"""Two hellos by meaning: against OpenSSL's own settings, and changes made by hand."""

from __future__ import annotations

import contextlib
import json
import ssl
from pathlib import Path

import peers
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from test_flight import HELLO, flight_of
from test_variants import client_hello, opened

from tlswire import cli, variants
from tlswire.cli.hellos import split
from tlswire.diff import HelloDiff, compare
from tlswire.errors import SelectionError
from tlswire.seen import Seen


def seen_of(data: bytes) -> Seen:
    return peers.recorded(("client", data)).seen()


def diff(a: bytes, b: bytes) -> HelloDiff:
    return compare(seen_of(a), seen_of(b), ("a", "b"))


def parts(found: HelloDiff) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {d.part: (d.only_a, d.only_b) for d in found.differences}


def old(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")


def h2(context: ssl.SSLContext) -> None:
    context.set_alpn_protocols(["h2"])


def test_two_hellos_of_one_client_offer_the_same() -> None:
    assert diff(client_hello(h2), client_hello(h2)).differences == ()


def test_what_openssl_was_told_is_what_differs() -> None:
    told = parts(diff(client_hello(h2), client_hello(old)))
    assert told["ALPN"] == (("h2",), ())
    assert "TLS 1.3" in told["versions"][0]
    assert "TLS_AES_128_GCM_SHA256" in told["cipher suites"][0]
    assert told["cipher suites"][1] == ()
    assert "key_share" in told["extensions"][0]
    assert "server name" not in told


@pytest.mark.parametrize(
    ("part", "edits"),
    [
        ("cipher suites", lambda h: variants.suites(h, [0xFEFE])),
        ("groups", lambda h: variants.groups(h, [0x11EC])),
        ("server name", lambda h: variants.sni(h, "other.example")),
        ("signature algorithms", lambda h: variants.schemes(h, [0x0904])),
        ("extensions", lambda h: variants.without(h, 23)),
        ("size", lambda h: variants.padded(h, 900)),
        ("records", lambda h: variants.records(h, 100)),
    ],
)
def test_one_change_is_told_where_it_is(part: str, edits: object) -> None:
    flight = flight_of(HELLO)
    changed = variants.apply(flight, edits(opened(flight)))  # type: ignore[operator]
    told = set(parts(diff(HELLO, changed.data)))
    assert part in told
    assert told <= {part, "size"}


def test_another_order_alone_is_told_as_such() -> None:
    at = HELLO.index(b"\x13\x02\x13\x03")
    found = diff(HELLO, HELLO[:at] + b"\x13\x03\x13\x02" + HELLO[at + 4 :])
    ((difference),) = found.differences
    assert difference.part == "cipher suites"
    assert difference.order
    assert difference.matters


def test_hybrids_and_size_are_weighed() -> None:
    flight = flight_of(HELLO)
    bigger = variants.apply(flight, variants.padded(opened(flight), 1800)).data
    found = diff(HELLO, bigger)
    assert any("single TCP segment" in (d.matters or "") for d in found.differences)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), max_size=4))
def test_broken_hellos_are_compared_or_refused(broken: list[tuple[int, int]]) -> None:
    data = bytearray(HELLO)
    for place, value in broken:
        data[place] = value
    with contextlib.suppress(SelectionError):
        assert diff(HELLO, bytes(data)).a == "a"


def test_the_command(tmp_path: Path) -> None:
    a = peers.write_capture(peers.recorded(("client", client_hello(h2))), tmp_path / "a.pcap")
    b = peers.write_capture(peers.recorded(("client", client_hello(old))), tmp_path / "b.pcap")
    run = CliRunner().invoke
    told = run(cli.main, ["diff", str(a), f"{b}#0"])
    assert told.exit_code == 1, told.output
    for due in ("only A: h2", "may matter: a server may insist", "b.pcap#0"):
        assert due in told.output
    assert run(cli.main, ["diff", str(a), str(a)]).exit_code == 0
    shown = json.loads(run(cli.main, ["diff", "--json", str(a), str(b), "-c", "0"]).stdout_bytes)
    assert {d["part"] for d in shown["differences"]} >= {"ALPN", "versions"}
    assert run(cli.main, ["diff", str(a), f"{b}#9"]).exit_code == 2


def test_a_file_whose_name_has_a_number_sign(tmp_path: Path) -> None:
    place = tmp_path / "odd#1"
    assert split(str(place), None) == (str(tmp_path / "odd"), 1)
    place.write_bytes(b"")
    assert split(str(place), None) == (str(place), None)


def test_a_client_of_the_library_is_a_side_like_any_other() -> None:
    run = CliRunner().invoke
    told = run(cli.main, ["diff", "--json", "java-17", "chromium"])
    assert told.exit_code == 1, told.output
    found = json.loads(told.stdout_bytes)
    groups = next(d for d in found["differences"] if d["part"] == "groups")
    assert "X25519MLKEM768" in groups["only_b"]
    assert run(cli.main, ["diff", "java-17", "nobody"]).exit_code == 2
    assert run(cli.main, ["diff", "openssl", "chromium"]).exit_code == 2  # which of them?
