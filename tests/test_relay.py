"""The relay between real clients and real servers: nothing changed, everything told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from peers import LOOPBACK, NAME, PATIENCE, free_port, identity, openssl_server

from tlswire import findings
from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.live.fault import Spoiler, parse
from tlswire.live.relay import Relay
from tlswire.live.watch import Patience, Watch
from tlswire.result import Connection
from tlswire.session import Session
from tlswire.sources.dialling import resolve


class Running:
    """A relay in a thread of its own."""

    def __init__(self, target: Endpoint, *faults: str, idle: float = 5.0) -> None:
        self.told: list[Connection] = []
        self.heard = threading.Condition()
        patience = Patience(idle=idle, settle=0.2)
        watch = Watch(self._tell, patience)
        self.relay = Relay(resolve(*target), watch, faults=[parse(text) for text in faults])
        self._listener = socket.create_server((LOOPBACK, 0))
        self.where = Endpoint(*self._listener.getsockname()[:2])
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _tell(self, seen: Any) -> None:
        with self.heard:
            self.told.append(findings.connection(seen))
            self.heard.notify_all()

    def _run(self) -> None:
        async def run() -> None:
            self.loop = asyncio.get_running_loop()
            await self.relay.run(self._listener, self._ready.set)

        asyncio.run(run())

    def wait(self, count: int = 1) -> list[Connection]:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.told) >= count, PATIENCE)
            return self.told

    def __enter__(self) -> Running:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.relay.stop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def server(handle: Callable[[socket.socket], None]) -> Iterator[Endpoint]:
    """Give a server that treats its one client as `handle` does."""
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                with client:
                    client.settimeout(PATIENCE)
                    handle(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Endpoint(LOOPBACK, listener.getsockname()[1])
        thread.join(PATIENCE)


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def dial(where: Endpoint) -> socket.socket:
    return socket.create_connection(where, PATIENCE)


def shake_hands(where: Endpoint, **settings: Any) -> None:
    context = ssl.create_default_context(cafile=identity("RSA").authority)
    for name, value in settings.items():
        setattr(context, name, value)
    with dial(where) as plain, context.wrap_socket(plain, server_hostname=NAME) as secure:
        secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert secure.recv(1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_handshake_completes_through_the_relay(version: ssl.TLSVersion) -> None:
    with openssl_server() as target, Running(target) as relay:
        shake_hands(relay.where, minimum_version=version, maximum_version=version)
        told = relay.wait(1)[-1]
    assert (told.outcome, told.server_name) == ("established", NAME)
    assert told.version == {"TLSv1_2": "TLS 1.2", "TLSv1_3": "TLS 1.3"}[version.name]


def test_a_client_that_trusts_nobody_is_told_as_such() -> None:
    with openssl_server() as target, Running(target) as relay:
        context = ssl.create_default_context()
        with dial(relay.where) as plain, pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname=NAME)
        told = relay.wait()[0]
    assert told.outcome == "failed"
    assert told.ended_by is not None
    assert told.ended_by.alert is not None
    assert (told.ended_by.side, told.ended_by.alert.name) == ("client", "unknown_ca")


def test_every_byte_passes_unchanged_and_a_half_close_too() -> None:
    sent, answer = os.urandom(3_000_000), os.urandom(5_000_000)
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        got.append(read_all(client))
        client.sendall(answer)  # after the client's FIN

    with server(handle) as target, Running(target) as relay, dial(relay.where) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        came_back = read_all(client) == answer
    went_there = got == [sent]
    assert (came_back, went_there) == (True, True)  # never a difference of megabytes, line by line


def test_a_write_stays_a_write() -> None:
    got: list[bytes] = []

    def handle(client: socket.socket) -> None:
        while data := client.recv(1 << 16):
            got.append(data)
            client.sendall(b"+")

    with server(handle) as target, Running(target) as relay, dial(relay.where) as client:
        for size in (1, 5, 700):
            client.sendall(bytes(size))
            client.recv(1)
    assert list(map(len, got)) == [1, 5, 700]


def test_a_reset_by_the_server_resets_the_client() -> None:
    def handle(client: socket.socket) -> None:
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with server(handle) as target, Running(target) as relay, dial(relay.where) as client:
        client.sendall(b"\x16\x03\x01")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_reset_by_the_client_resets_the_server() -> None:
    ended: list[type[BaseException]] = []

    def handle(client: socket.socket) -> None:
        client.recv(10)
        try:
            client.recv(10)
        except OSError as error:
            ended.append(type(error))

    with server(handle) as target, Running(target) as relay:
        client = dial(relay.where)
        client.sendall(b"x")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        relay.wait()
    assert ended == [ConnectionResetError]


def test_a_target_that_refuses_is_told_and_the_client_is_reset() -> None:
    with Running(Endpoint(LOOPBACK, free_port())) as relay:
        with pytest.raises(ConnectionResetError), dial(relay.where) as client:
            client.recv(1)
        told = relay.wait()[0]
    assert (told.stopped_at, told.outcome) == ("TCP_CONNECT", "failed")
    assert told.ended_by is not None
    assert (told.ended_by.side, told.ended_by.how) == ("server", "rst")


def test_a_silent_server_is_told_while_the_connection_stays() -> None:
    release = threading.Event()

    def handle(client: socket.socket) -> None:
        release.wait(PATIENCE)
        client.sendall(read_some(client))

    def read_some(client: socket.socket) -> bytes:
        return client.recv(1 << 16)

    hello = client_hello()
    with server(handle) as target, Running(target, idle=1.2) as relay, dial(relay.where) as client:
        client.sendall(hello)
        told = relay.wait()[0]
        release.set()
        assert client.recv(1 << 16) == hello
    assert (told.stopped_at, told.outcome) == ("SERVER_HELLO", "failed")
    assert told.ended_by is not None
    assert (told.ended_by.side, told.ended_by.how) == ("server", "silence")


def test_what_is_open_at_the_end_is_told() -> None:
    with server(lambda client: read_all(client) and None) as target:
        with Running(target) as relay:
            client = dial(relay.where)
            client.sendall(client_hello())
            while not any(p.flow.client.sent for p in list(relay.relay.passages.values())):
                time.sleep(0.01)
        client.close()
        assert [told.outcome for told in relay.told] == ["incomplete"]


# -- faults ------------------------------------------------------------------------------


def client_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(
            incoming, outgoing, server_hostname=NAME
        ).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(
    "text", ["", "delay", "cut=5", "nobody:cut@1", "cut@no_message", "split=0"]
)
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="is no fault"):
        parse(text)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_fault_at_a_message_is_found_however_the_bytes_come(size: int) -> None:
    hello = client_hello()
    spoiler = Spoiler("client", [parse("client:cut@client_hello+5")], Session())
    passed, end = b"", None
    for start in range(0, len(hello), size):
        for step in spoiler.feed(hello[start : start + size], 0.0):
            passed, end = passed + step.data, step.end or end
    assert (passed, end) == (hello[:5], "cut")
    assert "byte 5 of the client's stream" in spoiler.done[0]


def test_split_keeps_every_byte() -> None:
    hello = client_hello()
    steps = list(Spoiler("client", [parse("split=3")], Session()).feed(hello, 0.0))
    assert b"".join(step.data for step in steps) == hello
    assert {len(step.data) for step in steps[:-1]} == {3}


def test_a_corrupted_byte_is_refused_by_the_client() -> None:
    with openssl_server() as target, Running(target, "server:corrupt@certificate+60") as relay:
        with pytest.raises(ssl.SSLError):
            shake_hands(relay.where, maximum_version=ssl.TLSVersion.TLSv1_2)
        told = relay.wait()[0]
    assert told.ended_by is not None
    assert (told.ended_by.side, told.ended_by.how) == ("client", "alert")


@pytest.mark.parametrize(
    ("fault", "error"),
    [("server:cut@server_hello", ssl.SSLError), ("server:reset@server_hello", OSError)],
)
def test_an_end_at_a_message(fault: str, error: type[Exception]) -> None:
    with openssl_server() as target, Running(target, fault) as relay:
        with pytest.raises(error):
            shake_hands(relay.where)
        told = relay.wait()[0]
    assert (told.outcome, told.stopped_at) == ("failed", "SERVER_HELLO")


def test_one_byte_at_a_time_still_completes() -> None:
    with openssl_server() as target, Running(target, "split=1") as relay:
        shake_hands(relay.where)
        assert relay.wait()[0].outcome == "established"


def test_a_delay_is_only_a_delay() -> None:
    with openssl_server() as target, Running(target, "delay=50ms") as relay:
        shake_hands(relay.where)
        assert relay.wait()[0].outcome == "established"


@pytest.mark.parametrize(("version", "happens"), [("TLSv1_2", True), ("TLSv1_3", False)])
def test_a_fault_that_had_no_occasion_is_said(version: str, happens: bool) -> None:
    fault, number = "server:corrupt@certificate+50", ssl.TLSVersion[version]
    with openssl_server() as target, Running(target, fault) as relay:
        refused = pytest.raises(ssl.SSLError) if happens else contextlib.nullcontext()
        with refused:
            shake_hands(relay.where, minimum_version=number, maximum_version=number)
        relay.wait()
    said = [text for text in relay.relay.notes if text.startswith(f"fault {fault} did not happen")]
    assert bool(said) is not happens
