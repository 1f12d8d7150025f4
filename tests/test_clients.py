"""The library of hellos: whole, told apart by tshark's eyes, each ready to be sent."""

from __future__ import annotations

import subprocess
from pathlib import Path

import peers
import pytest

from tlswire import clients
from tlswire.errors import SelectionError
from tlswire.flight import first_flight
from tlswire.player import twin
from tlswire.variants import open_hello

NAMES = [one.name for one in clients.library()]
#: What the issue of such a library is: old and new, every common stack.
WANTED = {
    *("openssl-3.0", "openssl-1.0.2", "curl", "java-8-style", "java-17", "go-1.27", "python-3.11"),
    *("node-24", "gnutls", "nss", "chromium", "firefox", "safari", "mono", "monitor-haproxy"),
}
#: Hybrid groups, by the number that tshark shows.
X25519MLKEM768 = "4588"
MODERN = {"openssl-4.0", "go-1.27", "node-24", "chromium", "firefox", "safari", "rustls"}
NAMELESS = {"monitor-haproxy", "monitor-openssl-1.0.2"}


def fields(name: str, *wanted: str) -> list[str]:
    command = [peers.need("tshark"), "-r", str(clients.folder() / f"{name}.pcapng")]
    command += ["-Y", "tls.handshake.type == 1", "-T", "fields"]
    command += [word for field in wanted for word in ("-e", field)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.strip("\n").split("\t")


def test_the_common_clients_are_there() -> None:
    assert set(NAMES) >= WANTED
    assert all(one.what and one.program and "{" not in one.program for one in clients.library())


@pytest.mark.parametrize("name", NAMES)
def test_each_is_one_hello_that_can_be_sent_and_played_on(name: str) -> None:
    found, tapes = clients.read(clients.chosen([name]))
    (seen,) = found.seen
    flight = first_flight(seen.transcript, seen.flow, tapes[0])
    assert flight
    assert flight.notes == ()
    hello = open_hello(flight)
    assert hello is not None
    assert flight.data == hello.data
    assert twin.twin(hello).edits
    assert fields(name, "frame.number")[0]


@pytest.mark.parametrize("name", NAMES)
def test_tshark_sees_what_its_row_says(name: str) -> None:
    host, groups = fields(
        name, "tls.handshake.extensions_server_name", "tls.handshake.extensions_key_share_group"
    )
    assert host == ("" if name in NAMELESS else "www.example.com")
    if name in MODERN:
        assert X25519MLKEM768 in groups.split(",")


def test_a_name_stands_for_all_that_begin_with_it() -> None:
    assert [one.name for one in clients.chosen(["java"])] == ["java-17", "java-8-style"]
    assert [one.name for one in clients.chosen(["node-24", "node"])] == ["node-24", "node-20"]
    assert [one.name for one in clients.chosen(["all"])] == NAMES
    with pytest.raises(SelectionError, match="no client is called 'netscape'; there are chrome"):
        clients.chosen(["netscape"])


def test_a_library_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clients, "FOLDERS", (tmp_path / "none",))
    with pytest.raises(Exception, match="were not installed"):
        clients.library()
