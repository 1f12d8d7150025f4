"""Handshakes of real stacks, read with their own key logs: every suite, and every odd turn."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from handshakes import (
    Tune,
    Wire,
    both,
    certificate,
    client_certificate,
    demand_certificate,
    feed,
    introduce,
    nothing,
    shake,
    tls12,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import (
    NAME,
    Recording,
    free_port,
    gnutls_client,
    gnutls_server,
    identity,
    need,
    openssl_client,
    openssl_server,
    recording_proxy,
    running,
)
from test_session import outline

from tlswire.codes import ContentType
from tlswire.flow import Endpoint
from tlswire.keys.keylog import KeyLog
from tlswire.keys.protection import Protection
from tlswire.session import Session
from tlswire.transcript import Transcript


def logged(path: Path) -> Tune:
    return lambda context: setattr(context, "keylog_filename", str(path))


def read(wire: Wire, log: KeyLog, size: int | None = None) -> Transcript:
    return feed(wire, size, Session(secrets=log))


def keylog(path: Path) -> KeyLog:
    log = KeyLog()
    log.read(path.read_bytes())
    return log


def whats(transcript: Transcript, who: str) -> list[str]:
    return [e.what for e in transcript.entries if e.who == who]


def check(transcript: Transcript) -> None:
    assert transcript.verified == {"client", "server"}
    assert not transcript.notes
    assert not any(entry.troubles or entry.guess for entry in transcript.entries)
    assert transcript.state == "APPLICATION_DATA"


# -- OpenSSL with itself, in memory --------------------------------------------------------


def only(version: ssl.TLSVersion, suites: str) -> Tune:
    def tune(context: ssl.SSLContext) -> None:
        context.set_ciphers(f"{suites}:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version

    return tune


TLS10, TLS11, TLS12 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
SUITES = [
    (TLS12, "ECDHE-RSA-AES128-GCM-SHA256"),
    (TLS12, "ECDHE-RSA-AES256-GCM-SHA384"),
    (TLS12, "ECDHE-RSA-CHACHA20-POLY1305"),
    (TLS12, "AES128-CCM"),
    (TLS12, "AES256-CCM8"),
    (TLS12, "ECDHE-RSA-AES256-SHA384"),
    (TLS12, "ECDHE-RSA-CAMELLIA128-SHA256"),
    (TLS12, "CAMELLIA256-SHA256"),
    (TLS12, "AES128-SHA"),
    (TLS12, "NULL-SHA256"),
    (TLS11, "AES256-SHA"),
    (TLS11, "ECDHE-RSA-NULL-SHA"),
    (TLS10, "CAMELLIA128-SHA"),
    (TLS10, "ECDHE-RSA-AES128-SHA"),
    (TLS10, "NULL-MD5"),
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("version", "suite"), SUITES, ids=lambda x: getattr(x, "name", x))
def test_every_suite_of_openssl(version: ssl.TLSVersion, suite: str, tmp_path: Path) -> None:
    tune = only(version, suite)
    wire = shake(both(tune, logged(tmp_path / "log")), tune)
    transcript = read(wire, keylog(tmp_path / "log"))
    check(transcript)
    assert not any(entry.hidden for entry in transcript.entries)


SCENES: dict[str, tuple[Tune, Tune, bool]] = {
    "tls13": (nothing, nothing, True),
    "tls12": (nothing, tls12, True),
    "untrusted": (nothing, nothing, False),
    "no-client-certificate": (demand_certificate, nothing, True),
    "client-certificate": (demand_certificate, client_certificate().configure_cert, True),
}


@pytest.mark.parametrize("name", SCENES)
def test_bytes_in_any_pieces_give_the_same_transcript(name: str, tmp_path: Path) -> None:
    server, client, trust = SCENES[name]
    wire = shake(both(server, logged(tmp_path / "log")), client, trust=trust)
    log = keylog(tmp_path / "log")
    whole, single, sevens = (read(wire, log, size) for size in (None, 1, 7))
    assert outline(whole) == outline(single) == outline(sevens)
    assert any(entry.protected for entry in whole.entries)


@pytest.mark.parametrize("name", SCENES)
def test_wrong_keys_are_as_none_and_are_said(name: str, tmp_path: Path) -> None:
    server, client, trust = SCENES[name]
    wire = shake(both(server, logged(tmp_path / "log")), client, trust=trust)
    lines = (tmp_path / "log").read_text().splitlines()
    wrong = KeyLog()
    wrong.read("\n".join(line[:-4] + "0000" for line in lines))
    bare, told = feed(wire), read(wire, wrong)
    assert outline(bare) == outline(told)
    assert told.notes
    assert not bare.notes


def test_one_side_s_secrets_open_that_side_only(tmp_path: Path) -> None:
    wire = shake(logged(tmp_path / "log"))
    lines = (tmp_path / "log").read_text().splitlines()
    half = KeyLog()
    half.read("\n".join(line for line in lines if line.startswith("SERVER")))
    transcript = read(wire, half)
    assert transcript.verified == {"server"}
    assert "certificate_verify" in whats(transcript, "server")
    assert transcript.state == "APPLICATION_DATA"
    assert "client's" in transcript.notes[0]


def test_a_finished_that_was_tampered_with_is_noted(tmp_path: Path) -> None:
    wire = shake(logged(tmp_path / "log"))
    who, hello = wire[0]
    changed = bytearray(hello)
    changed[44] ^= 1  # of the session id, on which nothing else depends
    transcript = read([(who, bytes(changed)), *wire[1:]], keylog(tmp_path / "log"))
    wrong = [e for e in transcript.entries if e.troubles]
    assert {e.what for e in wrong} == {"finished"}
    assert wrong[0].troubles[0].path == "finished.verify_data"
    assert not transcript.verified


def test_the_alert_and_its_wire_form(tmp_path: Path) -> None:
    wire = shake(logged(tmp_path / "log"), trust=False)
    transcript = read(wire, keylog(tmp_path / "log"))
    alert = next(e for e in transcript.entries if e.what == "alert")
    assert (alert.fields["description"], alert.state) == (48, "CLIENT_FINISHED")
    sent = b"".join(data for who, data in wire if who == "client")
    (offset, length), *_ = alert.spans
    assert sent[offset] in (21, 23)
    assert alert.offset == offset
    assert length >= 7


def test_a_static_rsa_key_opens_what_needs_no_log() -> None:
    tune = only(TLS12, "AES128-SHA256")
    log = KeyLog()
    log.add_rsa_key(certificate().private_key_pem.bytes())
    check(read(shake(tune, tune), log))


@given(st.data())
@settings(max_examples=60)
def test_nothing_that_is_said_is_too_strange(data: st.DataObject) -> None:
    wire, log = spoiled()[data.draw(st.integers(0, 1))]
    changed = [(who, bytearray(piece)) for who, piece in wire]
    for _ in range(data.draw(st.integers(1, 3))):
        _, piece = data.draw(st.sampled_from(changed))
        start = data.draw(st.integers(0, max(0, len(piece) - 1)))
        piece[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    transcript = read([(who, bytes(piece)) for who, piece in changed], log)
    assert all(entry.troubles is not None for entry in transcript.entries)


@cache
def spoiled() -> list[tuple[Wire, KeyLog]]:
    folder = Path(mkdtemp(prefix="tlswire-keys-"))
    found = []
    for number, client in enumerate((nothing, tls12)):
        path = folder / str(number)
        found.append((shake(logged(path), client), keylog(path)))
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "suite"),
    [(ssl.TLSVersion.TLSv1_3, "ALL"), *SUITES],
    ids=lambda x: getattr(x, "name", x),
)
def test_what_we_seal_openssl_opens(version: ssl.TLSVersion, suite: str, tmp_path: Path) -> None:
    tune = only(version, suite)
    server, wire = introduce(both(tune, logged(tmp_path / "log")), tune)
    client = protection(wire, keylog(tmp_path / "log"))
    told = version.value if version.value < 0x0304 else 0x0303
    for text in (b"one", b"two" * 100):
        fragment = client.seal(ContentType.application_data, told, text)
        header = bytes((ContentType.application_data,)) + told.to_bytes(2, "big")
        server.reads.write(header + len(fragment).to_bytes(2, "big") + fragment)
        assert server.peer.read(1000) == text


def protection(wire: Wire, log: KeyLog) -> Protection:
    """Return the client's keys as they stand after its Finished."""
    session = Session(secrets=log)
    feed(wire, None, session)
    assert session._opener is not None
    in_use: Protection = session._opener._epochs["client"]._ahead[-1]
    return in_use


# -- programs ------------------------------------------------------------------------------


def play(recording: Recording, log: KeyLog) -> Transcript:
    session = Session(secrets=log)
    for who, data, at in recording.marks:
        session.receive(who, data, at)
    return session.end(recording.marks[-1][2])


def talk(at: Endpoint, *options: str, say: tuple[bytes, ...] = ()) -> None:
    """Let `openssl s_client` connect, say one thing after the other, and leave."""
    command = (need("openssl"), "s_client", "-connect", str(at), "-servername", NAME, *options)
    client = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert client.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        for line in say:
            time.sleep(0.3)
            client.stdin.write(line)
            client.stdin.flush()
        time.sleep(0.3)
        client.stdin.close()
    client.wait(10)


@contextlib.contextmanager
def plain_server(*options: str) -> Iterator[Endpoint]:
    """`openssl s_server` that answers nothing by itself, so that early data may come."""
    port, own = free_port(), identity("RSA")
    command = (need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-quiet")
    files = ("-cert", str(own.certificate), "-key", str(own.key))
    with running((*command, *files, *options), port) as at:
        yield at


def test_key_updates(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with plain_server() as server, recording_proxy(server) as (proxy, kept):
        talk(proxy, "-keylogfile", str(log), say=(b"K\n", b"k\n", b"text\n"))
    transcript = play(kept[0], keylog(log))
    check(transcript)
    assert whats(transcript, "client").count("key_update") == 2
    assert "key_update" in whats(transcript, "server")
    assert whats(transcript, "server")[-1] in ("alert", "application_data")


def test_a_hello_retry_request(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with openssl_server("-groups", "P-384") as server, recording_proxy(server) as (proxy, kept):
        talk(proxy, "-keylogfile", str(log), "-groups", "X25519:P-384")
    transcript = play(kept[0], keylog(log))
    check(transcript)
    assert "hello_retry_request" in whats(transcript, "server")


def test_a_renegotiation(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = plain_server("-tls1_2", "-client_renegotiation")
    with server as at, recording_proxy(at) as (proxy, kept):
        talk(proxy, "-keylogfile", str(log), say=(b"R\n", b"text\n"))
    transcript = play(kept[0], keylog(log))
    check(transcript)
    assert whats(transcript, "client").count("client_hello") == 2
    assert whats(transcript, "server").count("finished") == 2


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("known", [True, False], ids=["early-secret", "no-early-secret"])
def test_early_data(accepts: bool, known: bool, tmp_path: Path) -> None:
    early, ticket = tmp_path / "early", tmp_path / "ticket"
    early.write_bytes(b"GET / HTTP/1.0\r\n\r\n")
    options = ("-early_data", "-no_anti_replay") if accepts else ("-max_early_data", "1000")
    with plain_server(*options) as server, recording_proxy(server) as (proxy, kept):
        talk(proxy, "-sess_out", str(ticket), say=(b"text\n",))
        log = ("-keylogfile", str(tmp_path / "log"))
        talk(proxy, "-sess_in", str(ticket), "-early_data", str(early), *log)
    lines = (tmp_path / "log").read_text().splitlines()
    chosen = KeyLog()
    chosen.read("\n".join(line for line in lines if known or "EARLY" not in line))
    transcript = play(kept[1], chosen)
    assert "early_data" in whats(transcript, "client")
    assert "finished" in whats(transcript, "client")
    assert transcript.state == "APPLICATION_DATA"
    assert not any(entry.troubles for entry in transcript.entries)
    if known or not accepts:
        assert transcript.verified == {"client", "server"}
    assert ("end_of_early_data" in whats(transcript, "client")) == (accepts and known)


def test_a_resumed_session_with_an_rsa_key_alone(tmp_path: Path) -> None:
    ticket, options = str(tmp_path / "ticket"), ("-tls1_2", "-cipher", "AES128-SHA")
    log = KeyLog()
    log.add_rsa_key(identity("RSA").key.read_bytes())
    with openssl_server(*options) as server, recording_proxy(server) as (proxy, kept):
        talk(proxy, *options, "-sess_out", ticket, say=(b"text\n",))
        talk(proxy, *options, "-sess_in", ticket)
    for recording in kept:
        check(play(recording, log))
    assert "certificate" not in whats(play(kept[1], log), "server")


def test_an_extended_master_secret_and_encrypt_then_mac_by_gnutls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:+CAMELLIA-256-CBC"
    with gnutls_server() as server, recording_proxy(server) as (proxy, kept):
        gnutls_client("--priority", priority)(proxy)
    check(play(kept[0], keylog(log)))


def test_a_static_rsa_key_in_a_file() -> None:
    log = KeyLog()
    log.add_rsa_key(identity("RSA").key.read_bytes())
    server = openssl_server("-tls1_2", "-cipher", "AES256-SHA")
    with server as at, recording_proxy(at) as (proxy, kept):
        openssl_client("-tls1_2")(proxy)
    check(play(kept[0], log))
