"""Replays against real servers: what the original client met, the replay meets as well."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain, repeat
from pathlib import Path

import peers
import pytest
import stacks
from conftest import ROOT
from peers import Client, Recording, Who
from test_flight import HELLO, SSL2, in_records
from test_variants import ask_openssl

from tlswire import variants
from tlswire.codes import Alert, ExtensionType
from tlswire.comparison import by_choice, same_end
from tlswire.decode import Scan, scan
from tlswire.ending import Ending
from tlswire.errors import SelectionError
from tlswire.flight import Flight, Piece
from tlswire.flow import Endpoint
from tlswire.replay import (
    Asked,
    conclusive,
    failed,
    group,
    parse_target,
    plan,
    replay,
    send,
    unreached,
)
from tlswire.result import Replay
from tlswire.seen import Seen
from tlswire.session import Session
from tlswire.sources.dialling import resolve
from tlswire.transcript import Transcript, alert_of, chosen_version
from tlswire.way import Way

SOON = Way(connect_timeout=2, timeout=2)


def replay_one(recording: Recording, target: Endpoint | None = None, **options: object) -> Replay:
    seen = recording.seen()
    where = str(target) if target is not None else None
    done = replay(
        Scan("-"),
        [seen],
        Asked(target=where),
        SOON,
        tapes={0: recording.tape()},
        **options,  # type: ignore[arg-type]
    )
    assert len(done) == 1
    return done[0]


def answer(transcript: Transcript) -> tuple[object, ...]:
    """Return what a server chose: version, suite, extensions; or the alert it sent."""
    hello = next((e for e in transcript.entries if e.is_hello and e.who == "server"), None)
    if hello is not None:
        extensions = sorted(e["type"] for e in hello.fields["extensions"])
        return hello.what, chosen_version(hello), hello.fields["cipher_suite"], extensions
    return tuple(a for e in transcript.entries if e.who == "server" and (a := alert_of(e)))


def resend(recording: Recording, where: Endpoint) -> Seen:
    planned = plan(Scan("-"), [recording.seen()], Asked(str(where)), tapes={0: recording.tape()})[0]
    return send(planned.flight, resolve(*where), Way())


# -- the original client and its replay meet the same ------------------------------------

CLIENTS: dict[str, Callable[[], Client]] = {
    "openssl": peers.openssl_client,
    "openssl-1.2": lambda: peers.openssl_client("-tls1_2"),
    "openssl-rsa": lambda: peers.openssl_client("-tls1_2", "-cipher", "AES128-SHA"),
    "openssl-1.0": lambda: peers.openssl_client("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
    "curl": peers.curl,
    "gnutls": peers.gnutls_client,
    "python": peers.python_client,
    "java": peers.java_client,
    "java-1.2": lambda: peers.java_client("TLSv1.2"),
}
SERVERS = {
    "openssl": peers.openssl_server,
    "openssl-1.2": lambda: peers.openssl_server("-no_tls1_3"),
    "openssl-gcm": lambda: peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM"),
    "openssl-retry": lambda: peers.openssl_server("-groups", "secp521r1"),
    "openssl-asks": lambda: peers.openssl_server("-Verify", "1"),
    "openssl-ecdsa": lambda: peers.openssl_server(key="ECDSA"),
    "gnutls": peers.gnutls_server,
    "nginx": peers.nginx_server,
    "nginx-1.3": lambda: peers.nginx_server("ssl_protocols TLSv1.3;"),
    "python": peers.python_server,
}


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[str], Endpoint]]:
    """Start a server of `SERVERS` once for all tests, and give its endpoint."""
    with peers.each_once(lambda name: SERVERS[name]()) as started:
        yield started


JAVAS = {("java", "openssl"), ("java", "nginx"), ("java-1.2", "openssl-gcm")}
#: Java takes seconds to start: it meets few.
MEETINGS = [
    (client, server)
    for client in CLIENTS
    for server in SERVERS
    if not client.startswith("java") or (client, server) in JAVAS
]


@pytest.mark.parametrize(("client", "server"), MEETINGS)
def test_a_replay_meets_what_the_client_met(
    client: str, server: str, start: Callable[[str], Endpoint]
) -> None:
    where = start(server)
    original = peers.overheard(CLIENTS[client](), where)
    replayed = resend(original, where)
    captured = original.seen()
    assert answer(replayed.transcript) == answer(captured.transcript)
    assert answer(replayed.transcript) != ()
    sent = replayed.transcript.client_hello
    assert sent is not None
    assert sent.body == captured.transcript.client_hello.body  # type: ignore[union-attr]
    if captured.ending.outcome == "established":
        assert by_choice(replayed.ending)


def test_up_to_tls12_the_exact_hello_is_played_to_the_last_message() -> None:
    with peers.openssl_server("-no_tls1_3") as where:
        done = replay_one(peers.overheard(peers.openssl_client(), where))
    (exact,) = done.attempts
    assert (exact.outcome, exact.stopped_at, exact.ended_by) == ("established", None, None)
    assert exact.edits == ()
    assert exact.history.startswith("CsxknGIFtifDd")  # with an answer to the request
    assert done.reproduced is True
    assert done.first_difference is None
    assert done.verdict.causes == ()
    assert not failed(done)
    assert conclusive(done)


@pytest.mark.parametrize(
    ("options", "stopped_at"),
    [((), "CLIENT_FINISHED"), (("-groups", "secp521r1"), "CLIENT_HELLO")],
)
def test_in_tls13_the_exact_hello_stops_and_its_twin_goes_on(
    options: tuple[str, ...], stopped_at: str
) -> None:
    with peers.openssl_server(*options) as where:
        done = replay_one(peers.overheard(peers.openssl_client(), where))
    exact, twin = done.attempts
    assert (exact.outcome, exact.stopped_at, exact.ended_by) == ("incomplete", stopped_at, None)
    assert (twin.variant, twin.outcome, twin.stopped_at) == ("twin", "established", None)
    assert re.search("FDt*d", twin.history)  # with an answer to the request
    assert done.reproduced is True
    assert done.first_difference is None


def corrupting(server: Endpoint, kind: int) -> Callable[[socket.socket], None]:
    """Pass everything on, and flip a bit in the server's first record that may be protected."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def spoil(source: socket.socket, sink: socket.socket) -> None:
        changed, records = False, source.makefile("rb")
        while head := records.read(5):
            body = bytearray(records.read(int.from_bytes(head[3:], "big")))
            changed = changed or head[0] == 20
            if changed and head[0] == kind:
                body[-1] ^= 1
            sink.sendall(head + body)

    def serve(accepted: socket.socket) -> None:
        with socket.create_connection(server) as onward:
            threading.Thread(target=pump, args=(accepted, onward), daemon=True).start()
            spoil(onward, accepted)

    return serve


@pytest.mark.parametrize(
    ("version", "kind", "where"),
    [("-tls1_2", 22, "SERVER_FINISHED"), ("-tls1_3", 23, "ENCRYPTED_EXTENSIONS")],
)
def test_what_our_own_keys_do_not_open_was_changed_on_the_way(
    version: str, kind: int, where: str
) -> None:
    with peers.openssl_server(version) as server:
        hello = stacks.python_hello()
        with peers.scripted(corrupting(server, kind)) as box:
            done = replay_one(peers.recorded(("client", hello)), box, experiments=False)
    last = done.attempts[-1]
    assert (last.outcome, last.stopped_at) == ("failed", where)
    assert last.ended_by is not None
    assert last.ended_by.side == "client"
    assert last.ended_by.alert is not None
    assert last.ended_by.alert.name == "bad_record_mac"
    assert done.verdict.causes[0].id == "bad-record-mac"


def test_a_session_of_another_is_not_resumed_by_the_exact_hello(tmp_path: Path) -> None:
    """The captured client's ticket is accepted, its keys are not ours: the twin does without."""
    session = tmp_path / "session.pem"
    with peers.openssl_server("-no_tls1_3") as where:
        peers.openssl_client("-sess_out", str(session))(where)
        done = replay_one(peers.overheard(peers.openssl_client("-sess_in", str(session)), where))
    exact, ticketless, twin = done.attempts
    assert (exact.variant, exact.outcome, exact.stopped_at) == (
        "exact",
        "incomplete",
        "CLIENT_FINISHED",
    )
    assert (ticketless.variant, ticketless.outcome) == ("no-ticket", "established")
    assert (twin.variant, twin.outcome) == ("twin", "established")
    assert any("ticket" in edit.why for edit in twin.edits)
    assert any("resumes a session" in note for note in done.notes)


def test_a_capture_read_with_keys_is_compared_by_what_a_replay_can_see(tmp_path: Path) -> None:
    keys = tmp_path / "keys.log"
    with peers.openssl_server() as where:
        recording = peers.overheard(peers.openssl_client("-keylogfile", str(keys)), where)
        found = scan(peers.write_capture(recording, tmp_path / "one.pcap"), keylog=keys)
        done = replay(found, found.seen, way=SOON)
    opened = [e.what for e in found.seen[0].transcript.entries if e.protected]
    assert "encrypted_extensions" in opened
    assert done[0].first_difference is None
    assert done[0].reproduced is True


# -- failures and proof ------------------------------------------------------------------

OLD_CLIENT = ("-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0")


def test_no_common_suite_is_proved_by_adding_one() -> None:
    with peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM") as where:
        done = replay_one(peers.overheard(peers.openssl_client(*OLD_CLIENT), where))
    assert [a.variant for a in done.attempts] == [*("exact", "suites", "suites", "exact", "suites")]
    assert [a.outcome for a in done.attempts] == [
        *("failed", "incomplete", "failed", "failed", "incomplete")
    ]
    assert len({attempt.ended_by for attempt in done.attempts if attempt.ended_by}) == 1
    assert done.attempts[0].ended_by.alert.code == Alert.handshake_failure  # type: ignore[union-attr]
    assert any(edit.new == "c02f" for edit in done.attempts[1].edits)
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [("cipher-no-overlap", "proved")]
    assert len(done.verdict.causes[0].evidence) == 5
    assert done.verdict.causes[0].remedies
    assert done.reproduced is True
    assert failed(done)


STRICT: dict[str, Callable[[], AbstractContextManager[Endpoint]]] = {
    "gnutls": lambda: peers.gnutls_server(
        "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM"
    ),
    "nginx": lambda: peers.nginx_server("ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM;"),
    "python": lambda: peers.python_server(lambda context: context.set_ciphers("ECDHE+CHACHA20")),
}


@pytest.mark.parametrize("server", STRICT)
def test_the_proof_holds_with_other_stacks(server: str) -> None:
    with STRICT[server]() as where:
        done = replay_one(peers.overheard(peers.openssl_client(*OLD_CLIENT), where))
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [("cipher-no-overlap", "proved")]
    tried = [a for a in done.attempts if a.variant == "suites"]
    assert tried[-1].stopped_at in ("CLIENT_KEY_EXCHANGE", "CLIENT_CERTIFICATE")
    assert len(tried) == (4 if server == "python" else 3)  # one suite, then several; control; again


def test_without_experiments_nothing_is_proved() -> None:
    with peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM") as where:
        recording = peers.overheard(peers.openssl_client(*OLD_CLIENT), where)
        done = replay_one(recording, experiments=False)
    assert [a.variant for a in done.attempts] == ["exact"]
    assert all(c.confidence != "proved" for c in done.verdict.causes)
    assert done.verdict.next_step


def test_a_certificate_of_the_other_kind_is_told_apart() -> None:
    client = peers.openssl_client("-tls1_2", "-cipher", "ECDHE+aRSA", "-sigalgs", "RSA+SHA256")
    with peers.openssl_server("-no_tls1_3", key="ECDSA") as where:
        done = replay_one(peers.overheard(client, where))
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [
        ("ecdsa-cert-rsa-client", "proved")
    ]


def test_a_lacking_extension_is_not_taken_for_no_common_suite() -> None:
    """An ECDHE client without supported_groups, and a server that insists on it."""
    bare = hello_for("a.example", "ECDHE-RSA-AES256-GCM-SHA384", highest=ssl.TLSVersion.TLSv1_2)
    flight = Flight((Piece(bare),))
    hello = variants.open_hello(flight)
    assert hello is not None
    edits = variants.without(hello, ExtensionType.supported_groups)
    data = variants.apply(flight, edits).data

    def insist(accepted: socket.socket) -> None:
        asked = accepted.recv(1 << 16)
        lacking = b"\x00\x0a\x00" not in asked
        answer = ask_openssl(asked, lambda context: None)[1]
        accepted.sendall(b"\x15\x03\x03\x00\x02\x02\x28" if lacking else answer)

    with peers.scripted(insist) as where:
        done = replay_one(peers.recorded(("client", data), server=where))
    assert done.attempts[0].outcome == "failed"
    proved = [c.id for c in done.verdict.causes if c.confidence == "proved"]
    assert proved == ["ec-extensions-missing"]


def test_no_common_group_is_not_taken_for_no_common_suite() -> None:
    client = peers.openssl_client("-tls1_2", "-cipher", "ECDHE+AESGCM", "-groups", "X448")
    with peers.openssl_server("-no_tls1_3", "-groups", "P-256") as where:
        done = replay_one(peers.overheard(client, where))
    assert done.attempts[0].outcome == "failed"
    assert all(c.id != "cipher-no-overlap" or c.confidence != "proved" for c in done.verdict.causes)


def test_a_failure_that_was_repaired_is_not_reproduced() -> None:
    with peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM") as where:
        recording = peers.overheard(peers.openssl_client(*OLD_CLIENT), where)
    with peers.openssl_server("-no_tls1_3", "-cipher", "ALL:@SECLEVEL=0") as where:
        done = replay_one(recording, where)
    assert done.reproduced is False
    assert done.first_difference is not None
    assert done.first_difference.captured.startswith("alert handshake_failure")
    assert done.first_difference.replayed.startswith("server_hello TLS 1.2")
    assert "In the capture it was otherwise" in done.verdict.summary
    assert "two servers may well differ" in done.verdict.summary


def test_another_answer_of_the_same_server_may_be_a_matter_of_place() -> None:
    alert: tuple[Who, bytes] = ("server", b"\x15\x03\x03\x00\x02\x02\x28")
    with peers.openssl_server() as where:
        done = replay_one(peers.recorded(("client", HELLO), alert, server=where))
    assert done.reproduced is False
    assert "pool" in done.verdict.summary
    assert done.verdict.next_step


def test_a_capture_that_ends_with_the_hello_is_not_compared() -> None:
    with peers.openssl_server() as where:
        done = replay_one(peers.recorded(("client", HELLO), server=where))
    assert (done.reproduced, done.first_difference) == (None, None)
    assert "capture" not in done.verdict.summary


def test_what_lies_beyond_a_replay_is_not_judged() -> None:
    with peers.openssl_server("-no_tls1_3") as where:
        refusing = peers.curl("--cacert", str(peers.identity("ECDSA").authority), "--no-insecure")
        recording = peers.overheard(refusing, where)
        done = replay_one(recording)
    assert recording.seen().ending.side == "client"
    assert done.reproduced is None
    assert done.first_difference is None
    assert "In the capture: The client refused" in done.verdict.summary
    assert done.attempts[-1].outcome == "established"
    assert (done.outcome, done.stopped_at) == ("failed", "CLIENT_KEY_EXCHANGE")
    assert done.ended_by is not None
    assert done.ended_by.side == "client"


def test_a_client_that_hangs_up_on_a_hidden_chain_wants_trust_where_ours_does() -> None:
    """In TLS 1.3 the refusal is hidden; what the replay saw leads to no root, and has no flaw."""
    with peers.openssl_server() as where:
        recording = peers.overheard(peers.python_client(), where)
        encrypted = [n for n, mark in enumerate(recording.marks) if mark[0] == "client"]
        del recording.marks[encrypted[1] :]
        recording.ends[:] = [("client", recording.marks[-1][2] + 0.01)]
        done = replay_one(recording)
    assert recording.seen().ending.side == "client"
    first = done.verdict.causes[0]
    assert (first.id, first.confidence) == ("cert-untrusted-root", "likely")
    assert any("by this system" in each.text for each in first.evidence)


def test_a_client_does_not_refuse_a_certificate_that_was_changed_since() -> None:
    refusing = peers.curl("--cacert", str(peers.identity("ECDSA").authority), "--no-insecure")
    with peers.openssl_server("-no_tls1_3") as where:
        recording = peers.overheard(refusing, where)
    with peers.openssl_server("-no_tls1_3", key="ECDSA") as where:
        done = replay_one(recording, where)
    assert recording.seen().ending.side == "client"
    assert (done.outcome, done.stopped_at, done.ended_by) == ("established", None, None)
    assert done.verdict.causes == ()


def test_a_client_refuses_the_same_certificate_whatever_else_has_changed() -> None:
    refusing = peers.curl("--cacert", str(peers.identity("ECDSA").authority), "--no-insecure")
    with peers.openssl_server("-no_tls1_3") as where:
        recording = peers.overheard(refusing, where)
    with peers.openssl_server() as where:
        done = replay_one(recording, where)
    assert done.reproduced is False
    assert done.attempts[-1].outcome == "established"
    assert (done.outcome, done.stopped_at) == ("failed", "CLIENT_KEY_EXCHANGE")
    assert done.verdict.causes[0].id.startswith("cert-")


def test_a_reset_at_once_is_the_same_whether_it_came_before_or_after_our_first_word() -> None:
    after, before = (
        Ending("failed", at, "server", "rst") for at in ("SERVER_HELLO", "CLIENT_HELLO")
    )
    assert same_end(after, before)
    assert not same_end(after, before._replace(how="fin"))
    assert not same_end(after, before._replace(side="network"))


def test_a_second_hello_of_our_own_may_pass_where_the_captured_one_was_refused() -> None:
    with peers.openssl_server("-groups", "secp521r1") as where:
        recording = peers.overheard(peers.openssl_client(), where)
        second = [n for n, (who, _, _) in enumerate(recording.marks) if who == "client"][1]
        at = recording.marks[second][2]
        refusal: tuple[Who, bytes, float] = ("server", b"\x15\x03\x03\x00\x02\x02\x2f", at)
        recording.marks = [*recording.marks[: second + 1], refusal]
        done = replay_one(recording)
    assert recording.seen().ending.outcome == "failed"
    assert done.attempts[1].outcome == "established"
    assert done.reproduced is False
    assert done.first_difference is not None
    assert done.first_difference.captured == "alert illegal_parameter(47)"


def test_a_server_that_changes_its_mind_proves_nothing() -> None:
    refusal = b"\x15\x03\x03\x00\x02\x02"
    forty = refusal + b"\x28"
    answers = chain([forty, None, forty], repeat(refusal + b"\x50"))
    with peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM") as behind:
        original = peers.overheard(peers.openssl_client(*OLD_CLIENT), behind)

        def serve(accepted: socket.socket) -> None:
            said, hello = next(answers), accepted.recv(1 << 16)
            if said is not None:
                accepted.sendall(said)
                return
            with socket.create_connection(behind) as onward:
                onward.sendall(hello)
                accepted.sendall(onward.recv(1 << 16))
                time.sleep(0.3)

        with peers.scripted(serve) as where:
            done = replay_one(original, where)
    assert [a.variant for a in done.attempts] == [*("exact", "suites", "suites", "exact", "suites")]
    assert all(c.confidence != "proved" for c in done.verdict.causes)
    assert any("nothing is proved" in note for note in done.notes)


# -- ill-behaved servers -----------------------------------------------------------------

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
ALERTS = b"\x15\x03\x01\x00\x02\x01\x70" * 5000
ODD: dict[str, tuple[Callable[[socket.socket], None], str, str, str]] = {
    "silent": (peers.silent, "failed", "server", "silence"),
    "reset": (peers.resets, "failed", "server", "rst"),
    "fin": (peers.closes, "failed", "server", "fin"),
    "http": (peers.answers(HTTP), "failed", "server", "non_tls"),
    "garbage": (peers.answers(bytes(range(200, 256)) * 9), "failed", "server", "non_tls"),
    "endless-garbage": (peers.endless(b"\xff" * 65536), "failed", "server", "non_tls"),
    "endless-alerts": (peers.endless(ALERTS), "incomplete", "capture", "capture_end"),
    "one-byte-a-second": (
        peers.dripping(b"\x16\x03\x03\x00\x40" + bytes(64), 1.0),
        "failed",
        "server",
        "silence",
    ),
    "alert-and-silence": (
        lambda s: (peers.answers(b"\x15\x03\x03\x00\x02\x02\x28")(s), time.sleep(5))[0],
        "failed",
        "server",
        "alert",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_ill_behaved_server_is_told_and_bounded(name: str) -> None:
    serve, outcome, side, how = ODD[name]
    begin = time.monotonic()
    with peers.scripted(serve) as where:
        done = replay_one(peers.recorded(("client", HELLO), server=where), experiments=False)
    exact = done.attempts[0]
    assert exact.ended_by is not None
    assert (exact.outcome, exact.stopped_at) == (outcome, "SERVER_HELLO")
    assert (exact.ended_by.side, exact.ended_by.how) == (side, how)
    assert time.monotonic() - begin < 6
    assert not unreached(done)


def test_a_refused_connection_is_unreached() -> None:
    recording = peers.recorded(
        ("client", HELLO), server=Endpoint(peers.LOOPBACK, peers.free_port())
    )
    done = replay_one(recording)
    exact = done.attempts[0]
    assert exact.ended_by is not None
    assert (exact.stopped_at, exact.ended_by.side, exact.ended_by.how) == (
        "TCP_CONNECT",
        "server",
        "rst",
    )
    assert unreached(done)


def test_a_dead_target_is_called_once() -> None:
    where = Endpoint(peers.LOOPBACK, peers.free_port())
    recordings = [peers.recorded(("client", hello_for(name)), server=where) for name in "abc"]
    chosen = [recording.seen(number) for number, recording in enumerate(recordings)]
    tapes = {number: recording.tape() for number, recording in enumerate(recordings)}
    done = replay(Scan("-"), chosen, way=SOON, tapes=tapes)
    assert [d.connections for d in done] == [(0,), (1,), (2,)]
    assert all(map(unreached, done))
    assert [any("not called again" in n for n in d.notes) for d in done] == [False, True, True]


def test_a_name_that_does_not_resolve_spoils_no_other_target() -> None:
    done = replay_one(peers.recorded(("client", HELLO)), Endpoint("no-such-host.invalid", 443))
    assert unreached(done)
    assert "does not resolve" in done.verdict.summary
    assert "\n" not in done.verdict.summary


def test_a_hello_that_is_cut_is_not_sent() -> None:
    asked: list[bytes] = []
    with peers.scripted(lambda s: asked.append(s.recv(1))) as where:
        done = replay_one(peers.recorded(("client", HELLO[:-1]), server=where))
    assert done.attempts == ()
    assert asked == []
    assert "cannot be replayed" in done.verdict.summary
    assert not unreached(done)


def starttls(server: Endpoint) -> Recording:
    return peers.recorded(
        ("server", b"220 mail.example ESMTP\r\n"),
        ("client", b"EHLO c\r\n"),
        ("server", b"250-mail.example\r\n250 STARTTLS\r\n"),
        ("client", b"STARTTLS\r\n"),
        ("server", b"220 go ahead\r\n"),
        ("client", HELLO),
        server=server,
    )


def test_the_preamble_of_the_capture_is_spoken_anew_before_the_hello() -> None:
    got = bytearray()

    def serve(accepted: socket.socket) -> None:
        for answer in (b"220 other.example ESMTP\r\n", b"250 STARTTLS\r\n", b"220 go\r\n", b""):
            accepted.sendall(answer)
            got.extend(accepted.recv(1 << 16))

    with peers.scripted(serve) as where:
        done = replay_one(starttls(where), experiments=False)
    assert bytes(got) == b"EHLO c\r\nSTARTTLS\r\n" + HELLO
    assert done.attempts[0].stopped_at == "SERVER_HELLO"


def test_lmtp_stays_lmtp() -> None:
    recording = peers.recorded(
        ("server", b"220 mail.example LMTP\r\n"),
        ("client", b"LHLO c\r\n"),
        ("server", b"250 STARTTLS\r\n"),
        ("client", b"STARTTLS\r\n"),
        ("server", b"220 go ahead\r\n"),
        ("client", HELLO),
    )
    (planned,) = plan(Scan("-"), [recording.seen()], tapes={0: recording.tape()})
    assert [(stage.protocol, stage.target.name) for stage in planned.way.stages] == [("lmtp", "c")]


def test_none_begins_with_tls_at_once() -> None:
    with peers.openssl_server() as where:
        planned = starttls(Endpoint(peers.LOOPBACK, 25))
        asked = Asked(target=str(where), starttls="none")
        done = replay(Scan("-"), [planned.seen()], asked, SOON, tapes={0: planned.tape()})
    assert done[0].attempts[0].history == "Csid"


def test_an_ssl2_hello_is_sent_as_captured() -> None:
    got: list[bytes] = []
    with peers.scripted(lambda s: got.append(s.recv(1 << 16))) as where:
        done = replay_one(peers.recorded(("client", SSL2), server=where), experiments=False)
    assert got == [SSL2]
    assert done.attempts[0].stopped_at == "SERVER_HELLO"


def test_never_more_than_the_first_flight_is_sent() -> None:
    got = bytearray()

    def serve(accepted: socket.socket) -> None:
        while data := accepted.recv(1 << 16):
            got.extend(data)

    more = HELLO + b"\x14\x03\x03\x00\x01\x01" + b"\x17\x03\x03\x00\x05early"
    with peers.scripted(serve) as where:
        replay_one(peers.recorded(("client", more), server=where), experiments=False)
        time.sleep(0.1)
    assert bytes(got) == HELLO


# -- one core ----------------------------------------------------------------------------


def outline(transcript: Transcript) -> list[tuple[object, ...]]:
    return [
        (e.what, e.who, e.state, e.offset, e.length, e.spans, e.fields) for e in transcript.entries
    ]


@pytest.mark.parametrize("server", ["openssl", "openssl-1.2", "openssl-retry", "gnutls", "nginx"])
@pytest.mark.parametrize("size", [1 << 20, 1])
def test_a_replay_fed_back_gives_the_same_transcript(server: str, size: int) -> None:
    heard: list[tuple[str, bytes]] = []

    class Taped(Session):
        def receive(self, who: peers.Who, data: bytes, at: float, frame: int = 0) -> None:
            heard.append((who, data))
            super().receive(who, data, at, frame)

    with SERVERS[server]() as where, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tlswire.replay.attempts.Session", Taped)
        recording = peers.recorded(("client", in_records(HELLO, 200)), server=where)
        live = resend(recording, where).transcript
    again = Session()
    for who, data in heard:
        for place in range(0, len(data), size):
            again.receive(who, data[place : place + size], 5.0)  # type: ignore[arg-type]
    fresh = again.end(5.0)
    assert fresh.history == live.history
    assert outline(fresh) == outline(live)
    assert (fresh.state, fresh.version, fresh.suite) == (live.state, live.version, live.suite)


# -- plans -------------------------------------------------------------------------------


def test_a_plan_tells_target_bytes_and_segments_and_sends_nothing() -> None:
    asked: list[bytes] = []
    with peers.scripted(lambda s: asked.append(s.recv(1))) as where:
        recording = peers.recorded(("client", HELLO[:99]), ("client", HELLO[99:]), server=where)
        planned = plan(Scan("-"), [recording.seen()], tapes={0: recording.tape()})
        time.sleep(0.05)
    assert asked == []
    assert planned[0].target == where
    assert [piece.data for piece in planned[0].flight.pieces] == [HELLO[:99], HELLO[99:]]


def hello_for(
    name: str,
    ciphers: str = "ECDHE+AESGCM",
    highest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
) -> bytes:
    context = ssl.create_default_context()
    context.maximum_version = highest
    context.set_ciphers(ciphers)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_equal_offers_to_one_server_are_one_replay() -> None:
    seen = [
        peers.recorded(
            ("client", hello_for(name, ciphers)), server=Endpoint("192.0.2.1", port)
        ).seen(number)
        for number, (name, ciphers, port) in enumerate(
            [
                ("a.example", "ECDHE+AESGCM", 443),
                ("a.example", "ECDHE+AESGCM", 443),
                ("b.example", "ECDHE+AESGCM", 443),
                ("a.example", "ECDHE+CHACHA20", 443),
                ("a.example", "ECDHE+AESGCM", 8443),
                ("a.example", "ECDHE+AESGCM", 443),
            ]
        )
    ]
    assert [[s.flow.number for s in members] for members in group(seen)] == [
        [0, 1, 5],
        [2],
        [3],
        [4],
    ]


def test_a_group_is_counted_and_replayed_once() -> None:
    asked: list[bytes] = []

    def serve(accepted: socket.socket) -> None:
        asked.append(accepted.recv(1 << 16))
        accepted.sendall(b"\x15\x03\x03\x00\x02\x02\x50")

    with peers.scripted(serve) as where:
        recordings = [peers.recorded(("client", hello_for("a.example")), server=where)] * 40
        chosen = [recording.seen(number) for number, recording in enumerate(recordings)]
        tapes = {number: recording.tape() for number, recording in enumerate(recordings)}
        done = replay(Scan("-"), chosen, way=SOON, tapes=tapes, experiments=False)
    assert len(done) == len(asked) == 1
    assert done[0].connections == tuple(range(40))
    assert any("40 connections" in note for note in done[0].notes)


def test_the_bytes_come_from_the_capture_itself(tmp_path: Path) -> None:
    with peers.openssl_server() as where:
        recording = peers.overheard(peers.openssl_client(), where)
        found = scan(peers.write_capture(recording, tmp_path / "one.pcap"))
        planned = plan(found, found.seen)
        done = replay(found, found.seen, way=SOON)
    assert planned[0].flight.data == recording.stream("client")[: len(planned[0].flight.data)]
    assert planned[0].target == where
    assert done[0].reproduced is True


@pytest.mark.parametrize(
    "capture", sorted((ROOT / "captures").glob("*.pcapng")), ids=lambda p: p.stem
)
def test_the_flight_is_the_stream_that_tshark_follows(capture: Path) -> None:
    tshark = peers.need("tshark")
    found = scan(capture)
    for each in plan(found, [s for s in found.seen if s.transcript.client_hello]):
        number = each.chosen.flow.number
        query = ("-q", "-z", f"follow,tcp,raw,{number}")
        shown = subprocess.run(
            [tshark, "-r", str(capture), *query], capture_output=True, text=True, check=False
        ).stdout
        lines = [line for line in shown.splitlines() if re.fullmatch(r"[0-9a-f]+", line)]
        stream = bytes.fromhex("".join(lines))
        before = each.chosen.transcript.cleartext.get("client", b"")
        assert each.flight.data
        assert stream.startswith(before + each.flight.data)


def test_a_capture_from_standard_input_cannot_be_read_twice() -> None:
    seen = peers.recorded(("client", HELLO)).seen()
    with pytest.raises(SelectionError, match="twice"):
        plan(Scan("-"), [seen])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h.example", ("h.example", 443)),
        ("h.example:8443", ("h.example", 8443)),
        ("192.0.2.1:1", ("192.0.2.1", 1)),
        ("[2001:db8::1]:99", ("2001:db8::1", 99)),
        ("[2001:db8::1]", ("2001:db8::1", 443)),
        ("2001:db8::1", ("2001:db8::1", 443)),
    ],
)
def test_targets(text: str, expected: tuple[str, int]) -> None:
    assert parse_target(text, Endpoint("192.0.2.9", 443)) == expected


@pytest.mark.parametrize("text", ["", ":443", "h:0", "h:65536", "h:x", "[::1]:x", "[]:1"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(SelectionError, match="no target"):
        parse_target(text, Endpoint("192.0.2.9", 443))


# -- what a client certificate that the replay has not can and cannot prove -----------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_refused_certificate_is_not_taken_for_a_missing_one(version: str) -> None:
    own, other = peers.identity(), peers.identity("ECDSA")
    strict = ("-Verify", "1", "-verify_return_error", "-CAfile", str(other.authority))
    client = peers.openssl_client(version, "-cert", str(own.certificate), "-key", str(own.key))
    with peers.openssl_server(*strict) as server:
        recording = peers.overheard(client, server)
        assert recording.seen().failed
        done = replay_one(recording, server)
    assert "asked for one" in done.verdict.summary
    assert "--cert" in done.verdict.summary
    assert done.verdict.causes[0].id == "mtls-cert-rejected"
    assert not [c for c in done.verdict.causes if c.confidence == "proved" and "empty" in c.id]
