"""The live wire against sockets that do what a network does: told apart, bounded, never a guess."""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import peers
import pytest

from tlswire.errors import TargetError
from tlswire.flow import Endpoint, How, Side, Who
from tlswire.sources import overheard
from tlswire.sources.dialling import resolve
from tlswire.sources.overheard import Packet
from tlswire.sources.wire import Wire
from tlswire.way import MOST_BYTES, Way


class Heard:
    """A sink that keeps everything."""

    done = False

    def __init__(self) -> None:
        self.said: dict[Who, bytes] = {"client": b"", "server": b""}
        self.parts: list[tuple[Who, bytes]] = []
        self.ends: list[tuple[Who, How]] = []

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        self.said[who] += data
        self.parts.append((who, data))

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        raise AssertionError("a live wire loses nothing")

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        self.ends.append((who, how))


def talk(
    where: Endpoint,
    *pieces: tuple[bytes, float],
    enough: Callable[[Heard], bool] = lambda heard: False,
    timeout: float = 1.0,
) -> tuple[Wire, Heard]:
    heard = Heard()
    with Wire(resolve(*where), heard, Way(connect_timeout=timeout, timeout=timeout)) as dialled:
        dialled.send(pieces)
        dialled.listen(lambda: enough(heard))
    return dialled, heard


def test_a_refused_connection_is_a_reset_and_nothing_was_accepted() -> None:
    dialled, heard = talk(Endpoint(peers.LOOPBACK, peers.free_port()), (b"x", 0.0))
    assert heard.ends == [("server", "rst")]
    assert not dialled.connected
    assert dialled.flow.accepted_at is None
    assert heard.said == {"client": b"", "server": b""}


def test_a_reset_after_the_syn_ack_was_no_refusal_of_the_syn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system tells both from one call: a refused SYN as ECONNREFUSED, this as ECONNRESET."""

    def reset(self: socket.socket, where: object) -> None:
        raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    monkeypatch.setattr(socket.socket, "connect", reset)
    dialled, heard = talk(Endpoint(peers.LOOPBACK, 9), (b"x", 0.0))
    assert heard.ends == [("server", "rst")]
    assert dialled.flow.accepted_at is not None


def test_a_connection_that_nobody_answers_times_out() -> None:
    with socket.socket() as full:
        full.bind((peers.LOOPBACK, 0))
        full.listen(0)
        where = Endpoint(peers.LOOPBACK, full.getsockname()[1])
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(where)
        begin = time.monotonic()
        dialled, heard = talk(where, timeout=0.5)
        for filler in fillers:
            filler.close()
    assert heard.ends == [("server", "timeout")]
    assert not dialled.connected
    assert 0.4 < time.monotonic() - begin < 3


def test_a_name_that_does_not_resolve_is_said_in_one_line() -> None:
    with pytest.raises(TargetError, match=r"^no-such-host\.invalid: does not resolve: [^\n]+$"):
        resolve("no-such-host.invalid", 443)


@pytest.mark.parametrize("name", ["", "a" * 300, "a..b", "\0"])
def test_a_name_that_is_none_is_a_target_error(name: str) -> None:
    if name:
        with pytest.raises(TargetError):
            resolve(name, 443)


def test_an_address_without_a_route_is_an_error_of_this_machine() -> None:
    with (
        pytest.raises(TargetError),
        Wire(resolve("255.255.255.255", 9), Heard(), Way(connect_timeout=1, timeout=1)),
    ):
        pass


@pytest.mark.parametrize(
    ("serve", "how"),
    [(peers.silent, "timeout"), (peers.resets, "rst"), (peers.closes, "fin")],
)
def test_how_a_server_ends_it(serve: Callable[[socket.socket], None], how: How) -> None:
    with peers.scripted(serve) as where:
        dialled, heard = talk(where, (b"hello", 0.0), timeout=0.5)
    assert heard.ends == [("server", how)]
    assert dialled.connected
    assert dialled.flow.client.sent == dialled.flow.client.acked == 5
    assert dialled.flow.round_trip is not None


def test_bytes_before_a_reset_are_read() -> None:
    def serve(accepted: socket.socket) -> None:
        accepted.recv(100)
        accepted.sendall(b"last words")
        time.sleep(0.1)
        peers.resets(accepted)

    with peers.scripted(serve) as where:
        _, heard = talk(where, (b"a", 0.0), (b"b", 0.05))
    assert heard.said["server"] == b"last words"
    assert heard.ends == [("server", "rst")]


def test_an_endless_answer_is_read_up_to_the_bound() -> None:
    with peers.scripted(peers.endless(bytes(1 << 16))) as where:
        dialled, heard = talk(where, (b"x", 0.0), timeout=5)
    assert len(heard.said["server"]) == MOST_BYTES
    assert heard.ends == []
    assert any("reading stopped" in note for note in dialled.flow.notes)


def test_a_slow_answer_is_cut_by_the_clock_and_not_by_each_byte() -> None:
    with peers.scripted(peers.dripping(b"slow" * 100, 0.1)) as where:
        begin = time.monotonic()
        _, heard = talk(where, (b"x", 0.0), timeout=0.6)
    assert time.monotonic() - begin < 2
    assert 2 <= len(heard.said["server"]) <= 8
    assert heard.ends == [("server", "timeout")]


def test_enough_stops_the_reading_after_a_lull_without_an_event() -> None:
    with peers.scripted(peers.dripping(b"abc", 0.02)) as where:
        _, heard = talk(where, (b"x", 0.0), enough=lambda h: h.said["server"] == b"a", timeout=5)
    assert heard.said["server"].startswith(b"a")


def test_pieces_arrive_with_their_pauses_and_in_segments_of_their_own() -> None:
    arrivals: list[tuple[bytes, float]] = []

    def serve(accepted: socket.socket) -> None:
        while data := accepted.recv(1 << 16):
            arrivals.append((data, time.monotonic()))

    with peers.scripted(serve) as where:
        dialled, _ = talk(where, (b"one", 0.0), (b"two", 0.2), (b"three", 0.0), timeout=0.3)
    assert b"".join(data for data, _ in arrivals) == b"onetwothree"
    assert arrivals[0][0] == b"one"
    assert arrivals[1][1] - arrivals[0][1] > 0.15
    assert [(s.offset, s.length) for s in dialled.flow.client.segments] == [(0, 3), (3, 3), (6, 5)]


def test_the_second_address_is_tried_when_the_first_refuses() -> None:
    with peers.scripted(peers.closes) as where:
        refused = resolve(peers.LOOPBACK, peers.free_port())
        heard = Heard()
        with Wire(refused + resolve(*where), heard, Way(connect_timeout=2, timeout=2)) as dialled:
            assert dialled.connected
            assert dialled.flow.server.endpoint == where
            assert heard.ends == []


def test_a_refusal_counts_though_another_address_has_no_route() -> None:
    refused = resolve(peers.LOOPBACK, peers.free_port())
    heard = Heard()
    with Wire(refused + resolve("255.255.255.255", 9), heard, Way(connect_timeout=2)):
        assert heard.ends == [("server", "rst")]


def test_ipv6_targets() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on loopback")
    with listening:
        where = Endpoint("::1", listening.getsockname()[1])
        with Wire(resolve(*where), Heard(), Way(connect_timeout=2, timeout=2)) as dialled:
            assert dialled.flow.client.endpoint.address == "::1"
            assert str(dialled.flow.server.endpoint) == f"[::1]:{where.port}"


def test_segments_on_the_wire_are_the_pieces() -> None:
    def serve(accepted: socket.socket) -> None:
        while accepted.recv(1 << 16):
            pass

    sizes = [5, 100, 300, 1, 1, 1, 200, 7]
    with peers.scripted(serve) as where, peers.watched(where) as lengths:
        for _ in range(10):
            with Wire(resolve(*where), Heard(), Way(connect_timeout=1, timeout=1)) as dialled:
                dialled.send([(bytes(size), 0.0) for size in sizes])
    assert lengths == sizes * 10


def test_a_reset_that_a_write_met_is_no_close() -> None:
    """The system tells a reset once: to the second write here, and to a reader a mere end."""
    gone = threading.Event()

    def serve(accepted: socket.socket) -> None:
        accepted.recv(1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        gone.set()

    heard = Heard()
    with (
        peers.scripted(serve) as where,
        Wire(resolve(*where), heard, Way(timeout=1)) as dialled,
    ):
        dialled.send([(b"a", 0.0)])
        assert gone.wait(5)
        time.sleep(0.1)
        dialled.send([(b"b", 0.0)])
        dialled.listen(lambda: False)
    assert heard.ends == [("server", "rst")]
    assert dialled.flow.server.fin_at is None


def test_what_the_servers_packets_show_is_told_where_raw_sockets_are_allowed() -> None:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP).close()
    except OSError:
        pytest.skip("raw sockets are not allowed here")
    ttl = int(Path("/proc/sys/net/ipv4/ip_default_ttl").read_text())
    with peers.scripted(peers.resets) as where:
        dialled, heard = talk(where, (b"x", 0.0))
    side = dialled.flow.server
    assert heard.ends == [("server", "rst")]
    assert side.ttl == ttl
    assert [reset.ttl for reset in side.resets] == [ttl]
    assert side.sack_permitted
    assert side.window_scale is not None


def tcp(sequence: int, flags: int, length: int) -> Packet:
    header = struct.pack("!HHIIBBHHH", 443, 5000, sequence, 0, 0x50, flags, 1000, 0, 0)
    return Packet(0.0, 64, 0, header, length)


@pytest.mark.parametrize(
    ("arrived", "read", "holes"),
    [
        ([(0, 1000), (1000, 500)], 1500, []),
        ([(1000, 500)], 0, [(0, 1000)]),  # the tail without its head: a path's MTU
        ([(0, 1000), (2000, 10)], 1000, [(1000, 1000)]),
        ([(0, 1000), (1000, 1000), (2000, 10)], 1000, []),  # it came, and was not read
        ([], 0, []),
    ],
)
def test_a_hole_is_what_came_neither_early_nor_late(
    arrived: list[tuple[int, int]], read: int, holes: list[tuple[int, int]]
) -> None:
    side = Side(Endpoint("192.0.2.1", 443), sent=read, acked=read)
    began = 0xFFFF_FF00  # so that the numbers wrap
    data = [tcp((began + 1 + place) & 0xFFFF_FFFF, 0x10, size) for place, size in arrived]
    overheard._find_hole(side, [tcp(began, 0x12, 0), *data])
    assert side.holes == holes


def test_a_reset_overtakes_what_was_still_to_be_said() -> None:
    """A box that reads the first segment resets before the second leaves: it was to come."""

    def rebuff(accepted: socket.socket) -> None:
        accepted.recv(9)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with peers.scripted(rebuff) as where:
        dialled, heard = talk(where, (b"first", 0.0), (b"second", 0.4))
    assert heard.said["client"] == b"firstsecond"
    assert heard.ends == [("server", "rst")]
    assert dialled.flow.client.sent == 11


def test_a_close_before_the_rest_leaves_it_unsaid() -> None:
    with peers.scripted(lambda accepted: accepted.recv(9) and None) as where:
        _, heard = talk(where, (b"first", 0.0), (b"second", 0.4))
    assert heard.said["client"] == b"first"
    assert heard.ends == [("server", "fin")]


def test_an_answer_to_the_first_piece_crosses_one_that_follows_in_a_moment() -> None:
    """A client's system writes both at once: it has not heard the answer before the second."""

    def hasty(accepted: socket.socket) -> None:
        accepted.recv(9)
        accepted.sendall(b"no")

    with peers.scripted(hasty) as where:
        _, heard = talk(where, (b"first", 0.0), (b"second", 0.04))
    assert [who for who, _ in heard.parts] == ["client", "client", "server"]
    assert heard.said == {"client": b"firstsecond", "server": b"no"}
    assert heard.ends == [("server", "fin")]
