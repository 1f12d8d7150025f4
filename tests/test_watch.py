"""When a handshake is over on a live wire: soon after it is decided, or when waiting is no use."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress

import pytest
from peers import NAME, identity

from tlswire.flow import Endpoint, Flow, Side, Who
from tlswire.live.watch import Patience, Watch
from tlswire.seen import Seen

PATIENCE = Patience(idle=30.0, whole=300.0, settle=1.0)


class Wire:
    """A client and a server in memory; what they say goes into the watch."""

    def __init__(self, told: list[Seen], root: bool = True) -> None:
        own = identity("RSA")
        self.watch = Watch(told.append, PATIENCE)
        client, server = Side(Endpoint("192.0.2.1", 1)), Side(Endpoint("192.0.2.2", 443))
        self.flow = Flow(0, client, server, "syn", 0.0, 0, 0.0, 0, saw_syn=True, accepted_at=0.0)
        client.packets = server.packets = 1
        self.session = self.watch.open(self.flow)
        ours = ssl.create_default_context(cafile=own.authority if root else None)
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(own.certificate, own.key)
        self._bios = {who: (ssl.MemoryBIO(), ssl.MemoryBIO()) for who in ("client", "server")}
        self.client = ours.wrap_bio(*self._bios["client"], server_hostname=NAME)
        self.server = theirs.wrap_bio(*self._bios["server"], server_side=True)

    def shake_hands(self, at: float) -> None:
        for _ in range(4):
            for who, end in (("client", self.client), ("server", self.server)):
                with suppress(ssl.SSLError):
                    end.do_handshake()
                self.carry(who, at)

    def carry(self, who: Who, at: float) -> None:
        data = self._bios[who][1].read()
        other = "server" if who == "client" else "client"
        self._bios[other][0].write(data)
        if data:
            self.say(who, data, at)

    def say(self, who: Who, data: bytes, at: float) -> None:
        side = self.flow.side(who)
        side.sent += len(data)
        side.acked = side.sent
        side.packets += 1
        self.flow.last_at = at
        self.session.receive(who, data, at)

    def settled(self, at: float) -> bool:
        return self.watch.settled(at) == [self.flow]


def test_an_established_connection_is_told_while_it_goes_on() -> None:
    told: list[Seen] = []
    wire = Wire(told)
    wire.shake_hands(at=1.0)
    assert not wire.settled(1.5)
    assert wire.settled(2.0)
    wire.watch.close(wire.flow, 2.0)
    assert [seen.ending.outcome for seen in told] == ["established"]
    assert not wire.watch.settled(100.0)


def test_a_refusal_is_told_although_nobody_closes() -> None:
    told: list[Seen] = []
    wire = Wire(told, root=False)
    wire.shake_hands(at=1.0)
    assert wire.settled(2.1)
    wire.watch.close(wire.flow, 2.1)
    assert told[0].ending.outcome == "failed"
    assert told[0].verdict is not None
    assert told[0].verdict.causes


def drip(hello: bytes) -> Iterator[tuple[float, bytes]]:
    for number in range(len(hello)):
        yield float(number), hello[number : number + 1]


def test_a_dripping_hello_is_not_waited_for_without_end() -> None:
    wire = Wire([])
    with suppress(ssl.SSLWantReadError):
        wire.client.do_handshake()
    hello = wire._bios["client"][1].read()
    assert len(hello) > 320
    for at, byte in drip(hello[:320]):
        wire.say("client", byte, at)
        assert wire.settled(at) == (at >= PATIENCE.whole)


def test_silence_is_told_once_it_has_lasted() -> None:
    told: list[Seen] = []
    wire = Wire(told)
    with suppress(ssl.SSLWantReadError):
        wire.client.do_handshake()
    wire.carry("client", 1.0)
    assert not wire.settled(30.9)
    assert wire.settled(31.0)
    wire.watch.close(wire.flow, 31.0)
    ending = told[0].ending
    assert (ending.stopped_at, ending.side, ending.how) == ("SERVER_HELLO", "server", "silence")


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_told_is_told_once(times: int) -> None:
    told: list[Seen] = []
    wire = Wire(told)
    for _ in range(times):
        wire.watch.close(wire.flow, 1.0)
    assert len(told) == 1
