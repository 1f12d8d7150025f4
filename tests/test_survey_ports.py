"""Ports of this machine, and of namespaces of our own: what the kernel answers is the oracle."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peers import LOOPBACK, answers, free_port, identity, openssl_server, scripted, silent

from tlswire.cli.reach import parse_ports
from tlswire.reports.reaches import ranges
from tlswire.survey.caller import Limits
from tlswire.survey.ports import reach
from tlswire.surveyed import Port, Reach

QUICK = Limits(parallel=20, rate=1000, timeout=0.5)


def look(*ports: int, host: str = LOOPBACK) -> Reach:
    return asyncio.run(reach(host, ports, QUICK))


def one(*ports: int) -> Port:
    return look(*ports).ports[0]


def test_a_closed_port_is_reset_by_the_host_itself() -> None:
    found = one(free_port())
    assert (found.state, found.how, found.by) == ("closed", "reset", LOOPBACK)
    if os.geteuid() == 0:
        assert found.ttl == 64


def test_a_port_that_speaks_tls() -> None:
    with openssl_server("-tls1_2") as at:
        found = one(at.port)
    assert (found.state, found.speaks, found.preamble) == ("open", "TLS 1.2", None)


def test_a_port_that_speaks_http() -> None:
    with scripted(answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as at:
        found = one(at.port)
    assert (found.state, found.speaks) == ("open", "HTTP response 400")
    assert found.banner == "HTTP/1.1 400 Bad Request"


def test_a_port_that_says_nothing() -> None:
    with scripted(silent) as at:
        found = one(at.port)
    assert found.state == "open"
    assert found.speaks == "no TLS: silent"


def test_a_greeting_that_leads_to_tls() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        accepted.sendall(b"220 mail.example ESMTP\r\n")
        if not accepted.recv(4096).startswith(b"EHLO"):
            return
        accepted.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
        if accepted.recv(4096) == b"STARTTLS\r\n":
            accepted.sendall(b"220 go ahead\r\n")
            with context.wrap_socket(accepted, server_side=True):
                pass

    with scripted(serve) as at:
        found = one(at.port)
    assert (found.speaks, found.preamble) == ("TLS 1.3", "smtp")
    assert found.banner == "220 mail.example ESMTP"


def test_a_host_without_an_address_is_told() -> None:
    found = look(443, host="does-not-resolve.invalid")
    assert (found.address, found.ports) == (None, ())
    assert "does not resolve" in found.notes[0]


@pytest.mark.parametrize(
    ("words", "ports"), [("443", (443,)), ("80,443", (80, 443)), ("1-3,2", (1, 2, 3))]
)
def test_ports_are_read(words: str, ports: tuple[int, ...]) -> None:
    assert parse_ports(words) == ports


@pytest.mark.parametrize("words", ["", "0", "70000", "9-1", "a", "1-", "-1", "1--2"])
def test_what_is_no_port_is_refused(words: str) -> None:
    import click

    with pytest.raises(click.UsageError):
        parse_ports(words)


def test_ranges_are_short() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"


# -- a router that answers in its own name -----------------------------------------------

CLIENT, ROUTER = "tlswire-reach-c", "tlswire-reach-r"
FAR = {"prohibit": "203.0.113.1", "unreachable": "203.0.113.2", "blackhole": "203.0.113.3"}


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    """A client behind a router that prohibits, reports or swallows, by destination."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("namespaces need root and iproute2")
    try:
        for name in (CLIENT, ROUTER):
            _ip("netns", "add", name)
        _ip("link", "add", "vc", "netns", CLIENT, "type", "veth", "peer", "vr", "netns", ROUTER)
        for name, link, address in ((CLIENT, "vc", "192.0.2.2/24"), (ROUTER, "vr", "192.0.2.1/24")):
            _ip("-n", name, "addr", "add", address, "dev", link)
            _ip("-n", name, "link", "set", link, "up")
        _ip("-n", CLIENT, "route", "add", "default", "via", "192.0.2.1")
        for kind, address in FAR.items():
            _ip("-n", ROUTER, "route", "add", kind, f"{address}/32")
        forwarding = ["ip", "netns", "exec", ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1"]
        subprocess.run(forwarding, check=True, capture_output=True)
        yield
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no namespaces here: {error.stderr!r}")
    finally:
        for name in (CLIENT, ROUTER):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def test_who_sent_an_icmp_message_is_told() -> None:
    with namespaces():
        found = {kind: _reach_from_client(address) for kind, address in FAR.items()}
    assert found["prohibit"]["state"] == "filtered"
    assert found["prohibit"]["by"] == "192.0.2.1"
    assert "prohibited" in found["prohibit"]["how"]
    assert found["unreachable"]["state"] == "unreachable"
    assert found["unreachable"]["by"] == "192.0.2.1"
    assert found["unreachable"]["how"] == "ICMP host unreachable"
    assert found["blackhole"]["state"] == "filtered"
    assert found["blackhole"]["by"] is None


def _reach_from_client(address: str) -> dict[str, str]:
    port: dict[str, str] = _reach(address, "443")["ports"][0]
    return port


def _reach(address: str, ports: str) -> dict[str, Any]:
    program = str(Path(sys.executable).with_name("tlswire"))
    command = ["ip", "netns", "exec", CLIENT, program, "reach", address, ports, "--json"]
    done = subprocess.run(
        [*command, "--timeout", "1"], capture_output=True, text=True, timeout=30, check=False
    )
    found: dict[str, Any] = json.loads(done.stdout)["reach"][0]
    return found


def test_a_reset_of_another_hand_is_told_by_its_ttl() -> None:
    """A firewall that rejects with a reset in the host's name stands nearer than the host."""
    if os.geteuid() != 0 or shutil.which("iptables") is None:
        pytest.skip("a firewall of our own needs root and iptables")
    behind = "tlswire-reach-s"
    with namespaces():
        try:
            _ip("netns", "add", behind)
            _ip("link", "add", "vs", "netns", behind, "type", "veth", "peer", "vq", "netns", ROUTER)
            for name, link, address in (
                (behind, "vs", "198.51.100.2/24"),
                (ROUTER, "vq", "198.51.100.1/24"),
            ):
                _ip("-n", name, "addr", "add", address, "dev", link)
                _ip("-n", name, "link", "set", link, "up")
            _ip("-n", behind, "route", "add", "default", "via", "198.51.100.1")
            rule = ["iptables", "-A", "FORWARD", "-p", "tcp", "--dport", "81", "-j", "REJECT"]
            where = ["ip", "netns", "exec", ROUTER]
            subprocess.run(
                [*where, *rule, "--reject-with", "tcp-reset"], check=True, capture_output=True
            )
            done = _reach("198.51.100.2", "80,81")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no firewall here: {error.stderr!r}")
        finally:
            subprocess.run(["ip", "netns", "del", behind], capture_output=True, check=False)
    assert {port["port"]: port["ttl"] for port in done["ports"]} == {80: 63, 81: 64}
    assert "not all are of one hand" in " ".join(done["notes"])
