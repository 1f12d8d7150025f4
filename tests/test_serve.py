"""A captured server played to real clients: they finish, or fail as the captured one did."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID
from handshakes import shake
from peers import LOOPBACK, NAME, PATIENCE, identity, need, recorded

from tlswire import decode, findings
from tlswire.cli.serve import _staple, compare
from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.live.actor import Actor, Rekeyed, Repeater
from tlswire.live.script import read_script, write_script
from tlswire.live.stage import Stage
from tlswire.live.watch import Watch
from tlswire.player.credentials import load
from tlswire.player.part import Part, read_part
from tlswire.player.responses import respond
from tlswire.player.sessions import MOST, Agreed, Sessions
from tlswire.player.shares import agree, make
from tlswire.result import Connection
from tlswire.seen import Seen
from tlswire.transcript import Transcript

CLIENT_HELLO = shake()[0][1]


class Playing:
    """A stage in a thread of its own, for one connection of a capture."""

    def __init__(
        self, path: Path, key: str | None = None, number: int = 0, staple: bytes | None = None
    ) -> None:
        seen = next(s for s in decode.scan(path).seen if s.flow.number == number)
        self.seen = seen
        self.captured = findings.connection(next(decode.explain([seen])))
        script, known = read_script(str(path), seen), Sessions()

        def cast() -> Actor:
            if key is None:
                return Repeater(script)
            own, part = identity(key), read_part(seen.transcript)
            assert part is not None
            credentials = load(own.certificate.read_bytes(), own.key.read_bytes())
            return Rekeyed(script, part, credentials, known=known, staple=staple)

        self.told: list[Connection] = []
        self.saw: list[Seen] = []
        self._heard = threading.Condition()
        self._stage = Stage(cast, Watch(self._tell))
        self._listener = socket.create_server((LOOPBACK, 0))
        self.where = Endpoint(*self._listener.getsockname()[:2])
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _tell(self, seen: Seen) -> None:
        with self._heard:
            self.saw.append(seen)
            self.told.append(findings.connection(seen))
            self._heard.notify_all()

    def _run(self) -> None:
        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            await self._stage.run(self._listener, self._ready.set)

        asyncio.run(run())

    def wait(self, count: int = 1) -> Connection:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.told) >= count, PATIENCE)
            return self.told[count - 1]

    def __enter__(self) -> Playing:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stage.stop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def ends(connection: Connection) -> tuple[object, ...]:
    return connection.outcome, connection.stopped_at, connection.ended_by


def ask(where: Endpoint, root: Path | None = None, **settings: Any) -> bytes:
    context = ssl.create_default_context(cafile=root)
    for name, value in settings.items():
        setattr(context, name, value)
    with socket.create_connection(where, PATIENCE) as plain:
        plain.settimeout(PATIENCE)
        with context.wrap_socket(plain, server_hostname=NAME) as secure:
            secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return b"".join(iter(lambda: secure.recv(1 << 16), b""))


_12 = {"maximum_version": ssl.TLSVersion.TLSv1_2}


# -- whole handshakes --------------------------------------------------------------------

WHOLE = [
    ("ok-tls13-openssl", "RSA", {}),
    ("ok-tls13-openssl", "ECDSA", {}),
    ("ok-hello-retry-request", "RSA", {}),
    ("ok-tls12-openssl", "RSA", _12),
    ("ok-tls12-openssl", "RSA", {}),
    ("ok-java", "RSA", {}),
]


@pytest.mark.parametrize(("name", "key", "settings"), WHOLE)
def test_a_client_that_trusts_our_certificate_completes(
    name: str, key: str, settings: dict[str, Any], captures: Path
) -> None:
    with Playing(captures / f"{name}.pcapng", key) as playing:
        page = ask(playing.where, identity(key).authority, **settings)
        told = playing.wait()
    assert b"tlswire, playing a captured server" in page
    assert told.outcome == "established"
    assert (told.version, told.cipher_suite) == (
        playing.captured.version,
        playing.captured.cipher_suite,
    )


@pytest.mark.parametrize("name", ["ok-tls13-openssl", "ok-tls12-openssl"])
@pytest.mark.parametrize("client", ["openssl", "gnutls-cli", "curl"])
def test_other_clients_complete_as_well(name: str, client: str, captures: Path) -> None:
    program, root = need(client), identity("RSA").authority
    with Playing(captures / f"{name}.pcapng", "RSA") as playing:
        port = playing.where.port
        commands = {
            "openssl": f"s_client -connect {LOOPBACK}:{port} -servername {NAME} -CAfile {root} "
            "-verify_return_error -ign_eof",
            "gnutls-cli": f"--x509cafile {root} --verify-hostname {NAME} -p {port} {LOOPBACK}",
            "curl": f"-sS --cacert {root} --resolve {NAME}:{port}:{LOOPBACK} https://{NAME}:{port}/",
        }
        done = subprocess.run(
            [program, *commands[client].split()],
            input=b"GET / HTTP/1.0\r\n\r\n",
            capture_output=True,
            timeout=30,
            check=False,
        )
        told = playing.wait()
    assert b"tlswire, playing a captured server" in done.stdout, done.stderr
    assert told.outcome == "established"


def test_a_client_that_does_not_trust_us_refuses_us(captures: Path) -> None:
    with Playing(captures / "ok-tls12-openssl.pcapng", "RSA") as playing:
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(playing.where)
        told = playing.wait()
    assert told.ended_by is not None
    assert told.ended_by.alert is not None
    assert told.ended_by.alert.name == "unknown_ca"


def changed(monkeypatch: pytest.MonkeyPatch, **choice: Any) -> None:
    """Let the captured server have chosen otherwise."""
    plain = read_part

    def chosen(transcript: Transcript) -> Part | None:
        part = plain(transcript)
        return part and part._replace(**choice)

    monkeypatch.setitem(globals(), "read_part", chosen)


def test_a_client_without_the_captured_group_is_answered_with_its_own(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, group=0x0201)
    with Playing(captures / "ok-tls13-openssl.pcapng", "RSA") as playing:
        assert b"tlswire" in ask(playing.where, identity("RSA").authority)
        playing.wait()
    assert any("MLKEM768" in note for note in playing.saw[0].flow.notes)


@pytest.mark.parametrize(
    ("name", "choice", "settings", "alert"),
    [
        ("ok-tls12-openssl", {"suite": 0x0005}, {}, "HANDSHAKE_FAILURE"),
        ("ok-tls13-openssl", {}, _12, "PROTOCOL_VERSION"),
        ("ok-tls12-openssl", {}, {"minimum_version": ssl.TLSVersion.TLSv1_3}, "PROTOCOL_VERSION"),
    ],
)
def test_nothing_is_chosen_that_a_client_did_not_offer(
    name: str,
    choice: dict[str, Any],
    settings: dict[str, Any],
    alert: str,
    captures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed(monkeypatch, **choice)
    with Playing(captures / f"{name}.pcapng", "RSA") as playing:
        with pytest.raises(ssl.SSLError, match=alert):
            ask(playing.where, identity("RSA").authority, **settings)
        playing.wait()
    assert any("does not offer" in note for note in playing.saw[0].flow.notes)


# -- clients that come back --------------------------------------------------------------


def come(
    where: Endpoint, context: ssl.SSLContext, before: ssl.SSLSession | None = None
) -> tuple[bool, ssl.SSLSession | None]:
    """Ask for a page; return whether a session of before was taken up, and the one for later."""
    with socket.create_connection(where, PATIENCE) as plain:
        plain.settimeout(PATIENCE)
        with context.wrap_socket(plain, server_hostname=NAME, session=before) as secure:
            secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"tlswire" in b"".join(iter(lambda: secure.recv(1 << 16), b""))
            return bool(secure.session_reused), secure.session


def trusting(**settings: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=identity("RSA").authority)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


@pytest.mark.parametrize(
    "name",
    ["ok-tls12-openssl", "ok-tls13-openssl", "ok-resumption-tls13", "ok-hello-retry-request"],
)
def test_a_client_that_comes_back_is_resumed(name: str, captures: Path) -> None:
    context = trusting()
    with Playing(captures / f"{name}.pcapng", "RSA") as playing:
        first, session = come(playing.where, context)
        again, _ = come(playing.where, context, session)
        told = playing.wait(2)
    assert (first, again) == (False, True)
    assert (told.outcome, told.resumed) == ("established", True)


def test_a_session_is_known_by_its_id_where_there_is_no_ticket(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, tickets=0, session_id=bytes(32))
    context = trusting(maximum_version=ssl.TLSVersion.TLSv1_2)
    with Playing(captures / "ok-tls12-openssl.pcapng", "RSA") as playing:
        _, session = come(playing.where, context)
        assert session is not None
        assert session.id
        assert come(playing.where, context, session)[0]
        playing.wait(2)


def test_a_server_that_gave_nothing_to_come_back_with_takes_none_back(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, tickets=0, session_id=b"")
    for name in ("ok-tls12-openssl", "ok-tls13-openssl"):
        context = trusting()
        with Playing(captures / f"{name}.pcapng", "RSA") as playing:
            _, session = come(playing.where, context)
            assert not come(playing.where, context, session)[0]
            playing.wait(2)


def test_a_session_of_another_play_is_not_known(captures: Path) -> None:
    context = trusting()
    for _ in range(2):
        session = None
        with Playing(captures / "ok-tls13-openssl.pcapng", "RSA") as playing:
            taken, session = come(playing.where, context, session)
        assert not taken


def test_sessions_are_bounded() -> None:
    sessions = Sessions()
    names = [sessions.keep(Agreed(b"secret", 0x0303, 0xC02F)) for _ in range(MOST + 1)]
    assert len(set(names)) == MOST + 1
    assert names[0] not in sessions._agreed
    assert names[-1] in sessions._agreed


def test_a_client_that_asks_is_given_the_staple(captures: Path) -> None:
    program, root = need("openssl"), identity("RSA").authority
    own = identity("RSA")
    response = vouched(own.certificate.read_bytes())
    for name in ("ok-tls12-openssl", "ok-tls13-openssl"):
        with Playing(captures / f"{name}.pcapng", "RSA", staple=response) as playing:
            command = (
                f"s_client -connect {LOOPBACK}:{playing.where.port} -servername {NAME} -status"
            )
            done = subprocess.run(
                [program, *command.split(), "-CAfile", str(root)],
                input=b"",
                capture_output=True,
                timeout=30,
                check=False,
            )
            playing.wait()
        assert b"OCSP Response Status: successful" in done.stdout


def vouched(pem: bytes) -> bytes:
    """An OCSP response that says good of a certificate; its signer is made up."""
    certificate = x509.load_pem_x509_certificate(pem)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "responder")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    signer = (x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)).sign(
        key, hashes.SHA256()
    )
    good = ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        certificate, signer, hashes.SHA1(), good, now, now + day, None, None
    )
    made = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def test_a_staple_must_be_one_and_ours(captures: Path, tmp_path: Path) -> None:
    own, other = identity("RSA"), identity("ECDSA")
    credentials = load(own.certificate.read_bytes(), own.key.read_bytes())
    path = tmp_path / "staple"
    for content, words in (
        (b"nothing", "is no OCSP response"),
        (vouched(other.certificate.read_bytes()), "another certificate"),
    ):
        path.write_bytes(content)
        with pytest.raises(SelectionError, match=words):
            _staple(str(path), credentials)
    path.write_bytes(vouched(own.certificate.read_bytes()))
    assert _staple(str(path), credentials) == path.read_bytes()
    with pytest.raises(SelectionError, match="give both"):
        _staple(str(path), None)


# -- failures as captured ----------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "RSA"])
@pytest.mark.parametrize("name", ["cipher-no-overlap", "sni-unknown", "version-client-too-old"])
def test_a_refusal_is_the_captured_one(name: str, key: str | None, captures: Path) -> None:
    path = captures / f"{name}.pcapng"
    if key is not None and read_part(decode.scan(path).seen[0].transcript) is None:
        key = None  # there is no ServerHello to play on
    with Playing(path, key) as playing:
        with pytest.raises(ssl.SSLError, match=r"(?i)alert|name"):
            ask(playing.where)
        told = playing.wait()
    assert ends(told) == ends(playing.captured)


def test_a_missing_client_certificate_is_refused_as_captured(captures: Path) -> None:
    with Playing(captures / "mtls-missing-cert-tls13.pcapng", "RSA") as playing:
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            ask(playing.where, identity("RSA").authority)
        told = playing.wait()
    assert told.outcome == "failed"
    assert told.stopped_at == playing.captured.stopped_at
    assert told.ended_by is not None
    assert told.ended_by.side == "server"


def test_a_hidden_alert_is_as_captured_whatever_it_says(captures: Path) -> None:
    with Playing(captures / "mtls-missing-cert-tls13.pcapng", "RSA") as playing:
        with pytest.raises(ssl.SSLError):
            ask(playing.where, identity("RSA").authority)
        playing.wait()
    assert compare(playing.seen, playing.saw[0]).endswith(": as in the capture")


def test_a_client_that_may_refuse_an_unasked_answer_is_told_so(captures: Path) -> None:
    with Playing(captures / "ok-tls12-openssl.pcapng") as playing:
        with pytest.raises(ssl.SSLError):
            ask(playing.where, identity("RSA").authority, options=ssl.OP_ALL | ssl.OP_NO_TICKET)
        playing.wait()
    assert any("session_ticket" in note for note in playing.saw[0].flow.notes)


@pytest.mark.parametrize(("how", "turns"), [("silence", 0), ("alert", 1)])
def test_what_a_server_said_when_its_client_had_left_is_not_played(how: str, turns: int) -> None:
    alert = bytes.fromhex("15 0303 0002 0228")
    seen = recorded(("client", CLIENT_HELLO), ("server", alert)).seen()
    seen.flow.client.fin_at = seen.flow.server.segments[0].at - 0.0001
    seen.ending = seen.ending._replace(side="server", how=how)  # type: ignore[arg-type]
    assert len(write_script(seen, alert).turns) == turns


def test_a_greeting_in_the_clear_is_said_first(captures: Path) -> None:
    with (
        Playing(captures / "server-speaks-first.pcapng") as playing,
        socket.create_connection(playing.where, PATIENCE) as plain,
    ):
        greeting = plain.recv(1 << 16)
    script = read_script(str(captures / "server-speaks-first.pcapng"), _first(captures))
    assert greeting == script.turns[0].pieces[0].data
    assert not greeting.startswith(b"\x16\x03")


def _first(captures: Path) -> Any:
    return decode.scan(captures / "server-speaks-first.pcapng").seen[0]


def test_the_captured_certificate_is_judged_by_the_client_itself(captures: Path) -> None:
    with Playing(captures / "cert-expired.pcapng") as playing:
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(playing.where, **_12)
        told = playing.wait()
    assert told.stopped_at == playing.captured.stopped_at
    assert told.ended_by is not None
    assert (told.ended_by.side, told.ended_by.how) == ("client", "alert")


def test_segments_are_those_of_the_capture(captures: Path) -> None:
    path = captures / "cert-expired.pcapng"
    seen = decode.scan(path).seen[0]
    script = read_script(str(path), seen)
    said = b"".join(piece.data for turn in script.turns for piece in turn.pieces)
    lengths = [len(piece.data) for piece in script.turns[0].pieces]
    assert len(said) == seen.flow.server.sent
    assert lengths == [s.length for s in seen.flow.server.segments[: len(lengths)]]


def test_garbage_ends_nothing_but_its_own_connection(captures: Path) -> None:
    with Playing(captures / "ok-tls13-openssl.pcapng", "RSA") as playing:
        for garbage in (b"\x16\x03\x01\xff\xff" + bytes(70_000), b"GET / HTTP/1.0\r\n\r\n", b"\0"):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(playing.where, PATIENCE) as plain,
            ):
                plain.sendall(garbage)
        assert b"tlswire" in ask(playing.where, identity("RSA").authority)


# -- shares ------------------------------------------------------------------------------

GROUPS = [0x001D, 0x0017, 0x0018, 0x0100, 0x11EC, 0x11EB, 0x11ED, 0x0201]


@pytest.mark.parametrize("group", GROUPS)
def test_both_sides_of_a_share_agree(group: int) -> None:
    own = make(group)
    if own is None:
        pytest.skip("this library does not have the group")
    answer = respond(group, own.public)
    assert answer is not None
    assert agree(own, answer.public) == answer.secret


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_no_share_is_answered_with_none(group: int) -> None:
    assert respond(group, b"\1") is None
