"""Our side of a handshake: keys, twins, second hellos, what is refused and what is declined."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import peers
import pytest
import stacks
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import NAME, identity, openssl_server
from test_flight import SSL2
from test_replay import replay_one
from test_variants import ask_openssl

from tlswire import cli, variants
from tlswire.codes import ExtensionType, Group
from tlswire.decode import scan
from tlswire.flight import Flight, Piece
from tlswire.flow import Endpoint
from tlswire.player import shares, twin
from tlswire.player.exchange import Offered, Psk, exchange
from tlswire.player.request import HTTP_2, OTHER_PORTS, request
from tlswire.player.stop import Stop
from tlswire.replay import Asked, replay
from tlswire.replay.own import Own
from tlswire.result import Replay

# -- key shares --------------------------------------------------------------------------


def test_the_moduli_of_finite_fields_are_those_of_the_rfc() -> None:
    from tlslite.mathtls import FFDHE_PARAMETERS

    for name, (_, modulus) in FFDHE_PARAMETERS.items():
        group = getattr(Group, name.split()[-1], None)
        if group is not None:
            assert shares.modulus(group) == modulus


GROUPS = [
    *(Group.x25519, Group.x448, Group.secp256r1, Group.secp384r1, Group.secp521r1),
    *(Group.brainpoolp256r1, Group.secp256k1, Group.ffdhe2048, Group.ffdhe3072),
]


@pytest.mark.parametrize("group", GROUPS)
def test_two_shares_of_a_group_agree(group: int) -> None:
    one, other = shares.make(group), shares.make(group)
    assert one is not None
    assert other is not None
    assert one.public != other.public
    secret = shares.agree(one, other.public)
    assert secret
    assert secret == shares.agree(other, one.public)


@pytest.mark.parametrize("group", [Group.ffdhe2048, Group.ffdhe4096, Group.ffdhe8192])
def test_a_library_without_finite_fields_is_not_missed(
    group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_library = shares.make(group)

    def gone(*_: int) -> int:
        raise ImportError("cryptography.hazmat.primitives.asymmetric.dh")

    monkeypatch.setattr(shares, "_power_of_library", gone)
    by_python = shares.make(group)
    assert by_library is not None
    assert by_python is not None
    secret = shares.agree(by_python, by_library.public)
    monkeypatch.undo()
    assert secret == shares.agree(by_library, by_python.public) is not None


@pytest.mark.parametrize("group", [*GROUPS, Group.x25519mlkem768, Group.mlkem768])
@given(peer=st.binary(max_size=80))
@settings(max_examples=20)
def test_a_hostile_share_is_none_of_the_group(group: int, peer: bytes) -> None:
    own = shares.make(group)
    assert own is not None
    secret = shares.agree(own, peer)
    assert secret is None or isinstance(secret, bytes)


@pytest.mark.parametrize("peer", [b"\0", b"\1", b""])
def test_a_share_that_gives_the_secret_away_is_refused(peer: bytes) -> None:
    own = shares.make(Group.ffdhe2048)
    assert own is not None
    assert shares.agree(own, peer) is None


@pytest.mark.parametrize(
    "group", [0x0A0A, 0xFFFF, Group.x25519kyber768draft00, Group.gc256a, Group.curvesm2]
)
def test_what_cannot_be_made_is_none(group: int) -> None:
    assert shares.make(group) is None


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("SRP", {}),
        ("PSK", {}),
        ("DHE", {}),
        ("DHE", {"dh_p": b"\2", "dh_g": b"\2", "dh_Ys": b"\2"}),
        ("DHE", {"dh_p": bytes(4000), "dh_g": b"\2", "dh_Ys": b"\2"}),
        ("ECDHE", {"curve_type": 1}),
        ("ECDHE", {"curve_type": 3, "parameters": {"named_curve": 0xFFFF}, "public": b""}),
        ("ECDHE", {"curve_type": 3, "parameters": {"named_curve": 23}, "public": b"\4\1\2"}),
        ("RSA", {}),
        ("ECDH", {}),
        ("RSA_EXPORT", {"rsa_modulus": b"\1", "rsa_exponent": b"\3"}),
    ],
)
def test_an_exchange_that_cannot_be_made_says_why(kind: str, params: dict[str, object]) -> None:
    with pytest.raises(Stop) as stopped:
        exchange(kind, Offered(0x0303, 0x0303, params))
    assert str(stopped.value)


# -- the twin ----------------------------------------------------------------------------


def opened(hello: bytes) -> variants.Hello:
    found = variants.open_hello(Flight((Piece(hello),)))
    assert found is not None
    return found


def test_a_twin_differs_in_what_must_differ_and_in_nothing_else() -> None:
    hello = stacks.pyopenssl_hello()
    made = twin.twin(opened(hello))
    changed = variants.apply(Flight((Piece(hello),)), made.edits).data
    assert len(changed) == len(hello)
    before, after = opened(hello), opened(changed)
    assert set(made.shares) == {Group.x25519mlkem768, Group.x25519}
    for name in ("random", "session_id"):
        assert before.fields[name] != after.fields[name]
        assert len(before.fields[name]) == len(after.fields[name])
    assert [e["type"] for e in before.fields["extensions"]] == [
        e["type"] for e in after.fields["extensions"]
    ]
    kept = [e for e in before.fields["extensions"] if e["type"] != ExtensionType.key_share]
    assert kept == [e for e in after.fields["extensions"] if e["type"] != ExtensionType.key_share]
    assert all(edit.why and edit.old != edit.new for edit in made.edits)


def with_shares(*entries: tuple[int, bytes]) -> bytes:
    """Return a real hello with other key shares put in."""
    hello = stacks.python_hello()
    found = opened(hello)
    draft = variants.edits.Draft(found)
    body = b"".join(g.to_bytes(2, "big") + len(k).to_bytes(2, "big") + k for g, k in entries)
    at = found.index(ExtensionType.key_share)
    draft.replace(f"extensions[{at}].body.client_shares", body, "other shares")
    return variants.apply(Flight((Piece(hello),)), draft.edits()).data


def test_a_share_that_cannot_be_ours_stays_and_is_told() -> None:
    kyber, grease = bytes(range(200)), b"\0"
    hello = with_shares(
        (0x0A0A, grease), (Group.x25519kyber768draft00, kyber), (Group.x25519, bytes(32))
    )
    made = twin.twin(opened(hello))
    changed = opened(variants.apply(Flight((Piece(hello),)), made.edits).data)
    body = changed.fields["extensions"][changed.index(ExtensionType.key_share) or 0]["body"]
    found = {share["group"]: share["key_exchange"] for share in body["client_shares"]}
    assert found[0x0A0A] == grease
    assert found[Group.x25519kyber768draft00] == kyber
    assert found[Group.x25519] != bytes(32)
    (note,) = made.notes
    assert "Kyber768" in note


def test_a_share_of_a_wrong_length_stays() -> None:
    made = twin.twin(opened(with_shares((Group.x25519, bytes(31)))))
    assert made.shares == {}
    assert made.notes


def test_a_twin_of_a_hello_in_many_records_is_taken_by_openssl() -> None:
    from test_flight import in_records

    hello = in_records(stacks.python_hello(), 50)
    made = twin.twin(opened(hello))
    changed = variants.apply(Flight((Piece(hello),)), made.edits).data
    answer = ask_openssl(changed, lambda context: None)[1]
    assert answer[:1] == b"\x16"


def test_sessions_and_early_data_are_left_out_as_listed_edits(tmp_path: Path) -> None:
    """A hello of TLS 1.3 with a key of before and early data: both go, and the twin completes."""
    session, early = tmp_path / "session.pem", tmp_path / "early.txt"
    early.write_text("GET / HTTP/1.0\r\n\r\n")
    port, own = peers.free_port(), identity()
    command = [peers.need("openssl"), "s_server", "-accept", f"{peers.LOOPBACK}:{port}", "-quiet"]
    command += ["-cert", str(own.certificate), "-key", str(own.key)]
    command += ["-early_data", "-no_anti_replay"]
    with peers.running(command, port) as where:
        first = [peers.need("openssl"), "s_client", "-connect", str(where), "-ign_eof"]
        with contextlib.suppress(subprocess.TimeoutExpired):  # the ticket comes at once
            subprocess.run([*first, "-sess_out", str(session)], capture_output=True, timeout=0.7)
        options = ("-sess_in", str(session), "-early_data", str(early))
        done = replay_one(peers.overheard(peers.openssl_client(*options), where))
    exact = done.attempts[0]
    second = next(a for a in done.attempts if a.variant == "twin")
    assert exact.agreed is not None
    assert exact.agreed.resumed
    assert second.outcome == "established"
    assert second.agreed is not None
    assert second.agreed.resumed is False
    whys = " ".join(edit.why for edit in second.edits)
    assert "pre_shared_key" in whys
    assert "early_data" in whys
    assert any("resumes a session" in note for note in done.notes)


# -- refusals, oddities, courtesies ------------------------------------------------------


def test_only_handshake_and_one_record_are_sent() -> None:
    """What goes out after the hello, by content type, as the server's side of a proxy sees it."""
    with openssl_server("-no_tls1_3") as server, peers.recording_proxy(server) as (where, kept):
        hello = stacks.python_hello()
        replay_one(peers.recorded(("client", hello), server=where))
    sent = kept[0].stream("client")
    kinds = []
    while sent:
        kinds.append(sent[0])
        sent = sent[5 + int.from_bytes(sent[3:5], "big") :]
    assert kinds == [22, 22, 20, 22, 23]


def test_no_more_round_trips_than_the_client() -> None:
    """Turns of the conversation: those of a client, and the request with its answer."""
    with openssl_server("-no_tls1_3") as server, peers.recording_proxy(server) as (where, kept):
        replay_one(peers.recorded(("client", stacks.python_hello()), server=where))
    turns = [who for who, _, _ in kept[0].marks]
    changes = [who for at, who in enumerate(turns) if at == 0 or turns[at - 1] != who]
    assert changes == ["client", "server"] * 3


def test_a_wrong_signature_is_told() -> None:
    """A server's certificate is exchanged for another in the middle: its proof does not fit."""
    other = identity("RSA").certificate.read_bytes()
    der = ssl.PEM_cert_to_DER_cert(
        other.decode().split("-----END")[0] + "-----END CERTIFICATE-----"
    )
    pem, _ = stacks.own_identity("RSA-1024")
    shown = ssl.PEM_cert_to_DER_cert(pem.read_text())
    assert der != shown
    with stacks.openssl_with("RSA-1024", "-no_tls1_3", "-cipher", "DHE:@SECLEVEL=0") as server:
        done = _with_certificate(server, shown, der)
    assert any("does not fit its certificate" in note for note in done.notes)


def _with_certificate(server: object, shown: bytes, other: bytes) -> Replay:
    def serve(accepted: socket.socket) -> None:
        hello = accepted.recv(1 << 16)
        with socket.create_connection(server) as onward:  # type: ignore[call-overload]
            onward.sendall(hello)
            onward.settimeout(0.5)
            flight = b""
            try:
                while b"\x0e\x00\x00\x00" not in flight:
                    flight += onward.recv(1 << 16)
            except OSError:
                pass
        accepted.sendall(_exchanged(flight, shown, other))
        accepted.recv(1 << 16)

    with peers.scripted(serve) as where:
        hello = stacks.python_hello("DHE", ssl.TLSVersion.TLSv1_2)
        return replay_one(peers.recorded(("client", hello), server=where))


def _exchanged(flight: bytes, shown: bytes, other: bytes) -> bytes:
    """Return a flight of single-message records with another certificate in it."""
    out = b""
    while flight:
        size = int.from_bytes(flight[3:5], "big")
        payload, flight = flight[5 : 5 + size], flight[5 + size :]
        if shown in payload:
            entry = len(other).to_bytes(3, "big") + other
            body = len(entry).to_bytes(3, "big") + entry
            payload = b"\x0b" + len(body).to_bytes(3, "big") + body
        out += b"\x16\x03\x03" + len(payload).to_bytes(2, "big") + payload
    return out


@pytest.mark.parametrize(("version", "told"), [(b"\x03\x01", "TLS 1.0"), (b"\x03\x03", "TLS 1.2")])
def test_a_hello_in_the_format_of_ssl2_is_played_on(version: bytes, told: str) -> None:
    """RFC 5246 appendix E.2: its hash leaves the record's header out, its challenge is padded."""
    hello = SSL2[:3] + version + SSL2[5:]
    with openssl_server("-cipher", "ALL:@SECLEVEL=0", "-no_tls1_3") as where:
        done = replay_one(peers.recorded(("client", hello), server=where))
    (exact,) = done.attempts
    assert exact.outcome == "established"
    assert exact.agreed is not None
    assert exact.agreed.version == told
    assert exact.agreed.application_data


@pytest.mark.parametrize(
    ("protocol", "port", "preamble", "begins"),
    [
        (None, 443, False, b"GET / HTTP/1.1\r\nHost: h.example\r\n"),
        (None, 8443, False, b"GET / HTTP/1.1\r\nHost: h.example:8443\r\n"),
        (b"http/1.1", 993, False, b"GET / "),
        (b"h2", 443, False, HTTP_2),
        (None, 993, False, b""),
        (None, 443, True, b""),
        (b"imap", 443, False, b""),
        (b"postgresql", 5432, True, b""),
    ],
)
def test_what_is_asked_for_harms_nobody(
    protocol: bytes | None, port: int, preamble: bool, begins: bytes
) -> None:
    said = request(protocol, "h.example", port, preamble=preamble)
    assert said.startswith(begins)
    assert bool(said) == bool(begins)


@given(st.text())
def test_a_hostile_name_adds_no_line(name: str) -> None:
    said = request(None, name, 443, preamble=False)
    assert said.count(b"\r\n") == 6
    assert said.endswith(b"\r\n\r\n")


def test_ports_of_other_protocols_are_known() -> None:
    assert {465, 636, 853, 993, 995, 5432, 8883} <= OTHER_PORTS


def test_a_pre_shared_key_is_used_under_the_captured_name(tmp_path: Path) -> None:
    key = "00112233445566778899"
    options = ("-psk", key, "-cipher", "PSK-AES128-CBC-SHA", "-tls1_2")
    with openssl_server(*options, "-psk_identity", "lab") as where:
        recording = peers.overheard(peers.openssl_client(*options, "-psk_identity", "lab"), where)
        without = replay_one(recording, experiments=False)
        wrong = replay_one(recording, experiments=False, own=Own(psk=Psk(b"", b"no")))
        right = replay_one(recording, experiments=False, own=Own(psk=Psk(b"", bytes.fromhex(key))))
    assert any("pre-shared key" in note for note in without.notes)
    assert without.attempts[0].outcome == "incomplete"
    assert wrong.attempts[0].outcome == "failed"
    assert right.attempts[0].outcome == "established"


# -- hostile servers ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def flights() -> dict[str, tuple[bytes, bytes]]:
    """Return real server flights to a fixed hello: TLS 1.2 and 1.3."""
    found = {}
    for name, version in (("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3)):
        hello = stacks.python_hello(version=version)
        found[name] = (hello, ask_openssl(hello, lambda context: None)[1])
    return found


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@given(data=st.data())
@settings(max_examples=30)
def test_a_flight_with_noise_never_breaks_the_player(
    version: str, data: st.DataObject, flights: dict[str, tuple[bytes, bytes]]
) -> None:
    from tlswire.player.play import Means, Player
    from tlswire.player.secrets import Secrets
    from tlswire.session import Session

    hello, flight = flights[version]
    noisy = bytearray(flight)
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(noisy) - 1))
        noisy[at] = data.draw(st.integers(0, 255))
    secrets = Secrets()
    session = Session(secrets=secrets)
    player = Player(session, secrets, hello, Means(host=NAME))
    session.receive("client", hello, 1.0)
    session.receive("server", bytes(noisy[: data.draw(st.integers(0, len(noisy)))]), 1.0)
    said = player.next()
    assert said == b"" or said[0] in (20, 22)
    for piece in (said, player.next()):
        session.receive("client", piece, 1.1)
    session.end(2.0)


# -- what a server asks for after the handshake ------------------------------------------


@contextlib.contextmanager
def commanded(*options: str) -> Iterator[tuple[Endpoint, Callable[[str], None]]]:
    """Run an OpenSSL server that does what it is told by a letter: r, K, c."""
    port, own = peers.free_port(), identity()
    command = [peers.need("openssl"), "s_server", "-accept", f"{peers.LOOPBACK}:{port}"]
    command += ["-cert", str(own.certificate), "-key", str(own.key), *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None

    def say(letter: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{letter}\n".encode())
        process.stdin.flush()

    try:
        peers._await_listening(process, port)
        yield Endpoint(peers.LOOPBACK, port), say
    finally:
        process.kill()
        process.wait(peers.PATIENCE)


def told_later(hello: bytes, letter: str, *options: str, own: Own | None = None) -> Replay:
    with commanded(*options) as (where, say):
        teller = threading.Timer(0.5, lambda: say(letter))
        teller.start()
        done = replay_one(peers.recorded(("client", hello), server=where), own=own)
        teller.cancel()
    return done


def test_a_renegotiation_is_declined() -> None:
    hello = stacks.python_hello("ECDHE+AESGCM", ssl.TLSVersion.TLSv1_2)
    done = told_later(hello, "r", "-no_tls1_3", "-legacy_renegotiation")
    (exact,) = done.attempts
    assert exact.outcome == "established"
    assert any("renegotiate" in note for note in done.notes)
    assert "hL" in exact.history  # a warning, and no second handshake
    assert exact.history.count("C") == 1


def test_new_keys_are_followed() -> None:
    """The server's KeyUpdate asks for ours; what it says then is read."""
    done = told_later(stacks.python_hello(), "K")
    second = done.attempts[-1]
    assert (second.variant, second.outcome) == ("twin", "established")
    assert "pP" in second.history


def test_a_certificate_may_be_asked_for_late() -> None:
    """Post-handshake authentication (RFC 8446 section 4.6.2)."""
    from test_identity import own as identified

    hello = stacks.openssl_hello("-enable_pha")
    for mine in (None, identified()):
        done = told_later(hello, "c", own=mine)
        second = next(a for a in done.attempts if a.variant == "twin")
        assert second.outcome == "established"
        assert "rXF" in second.history
        assert any("after the handshake" in note for note in done.notes)


KEY_13 = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("groups", [(), ("-groups", "P-384")])
def test_a_key_of_tls13_is_offered_anew(groups: tuple[str, ...]) -> None:
    """With the key that the hello offers its binder is made anew, after a retry as well."""
    suite = ("-psk", KEY_13, "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256")
    with openssl_server(*suite, *groups) as where:
        recording = peers.overheard(peers.openssl_client("-psk", KEY_13, "-tls1_3"), where)
        without = replay_one(recording)
        own = Own(psk=Psk(b"", bytes.fromhex(KEY_13)))
        given = replay_one(recording, own=own)
    for done, resumed in ((without, False), (given, True)):
        second = next(a for a in done.attempts if a.variant == "twin")
        assert second.outcome == "established"
        assert second.agreed is not None
        assert second.agreed.resumed is resumed
    whys = [edit.why for edit in given.attempts[-1].edits]
    assert any("binder" in why for why in whys)


def test_what_a_library_refuses_is_a_reason_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no such cipher in this build")

    monkeypatch.setattr("tlswire.player.flight12.protect", refuse)
    with openssl_server("-no_tls1_3") as where:
        hello = stacks.python_hello(version=ssl.TLSVersion.TLSv1_2)
        done = replay_one(peers.recorded(("client", hello), server=where), experiments=False)
    (exact,) = done.attempts
    assert (exact.outcome, exact.stopped_at) == ("incomplete", "CLIENT_KEY_EXCHANGE")
    assert any("no such cipher" in note for note in done.notes)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_talks_without_end_is_left(version: ssl.TLSVersion) -> None:
    hello = stacks.python_hello(version=version)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity().certificate, identity().key)

    def serve(accepted: socket.socket) -> None:
        with context.wrap_socket(accepted, server_side=True) as secured:
            while True:
                secured.send(b"x" * 4096)

    begin = time.monotonic()
    with peers.scripted(serve) as where:
        done = replay_one(peers.recorded(("client", hello), server=where), experiments=False)
    assert done.attempts[-1].outcome == "established"
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(("version", "highest"), [((3, 3), "-tls1_2"), ((3, 4), "-tls1_3")])
def test_a_key_that_is_not_the_certificates_is_named(
    version: tuple[int, int], highest: str
) -> None:
    """TLS 1.3 hides certificate and signature: the twin sees that they do not fit."""
    trustme = pytest.importorskip("trustme")
    other = peers.folder("other") / "other.key"
    issued = trustme.CA().issue_cert(NAME, key_type=trustme.KeyType.RSA)
    issued.private_key_pem.write_to_path(other)
    with stacks.tlslite_server(version, ["aes128gcm"], other) as where:
        done = replay_one(peers.overheard(peers.openssl_client(highest), where))
    assert any("does not fit its certificate" in note for note in done.notes)
    found = {cause.id: cause for cause in done.verdict.causes}
    assert "server-key-mismatch" in found
    said = " ".join(e.text for e in found["server-key-mismatch"].evidence)
    assert "does not verify" in said


def test_a_protocol_is_named_where_the_server_lists_its_own() -> None:
    """NPN: the message stands between ChangeCipherSpec and Finished, and is in its hash."""
    options = ("-nextprotoneg", "spdy/3,http/1.1", "-no_tls1_3")
    with openssl_server(*options) as where:
        recording = peers.overheard(
            peers.openssl_client("-tls1_2", "-nextprotoneg", "http/1.1"), where
        )
        done = replay_one(recording, experiments=False)
    (exact,) = done.attempts
    assert exact.outcome == "established"
    said = [m for m in exact.messages if m.type == "next_protocol"]
    assert [m.fields and m.fields["selected_protocol"] for m in said] == [b"http/1.1".hex()]
    assert [m.trouble for m in exact.messages if m.trouble] == []


def test_settings_are_sent_where_the_server_sent_its_own() -> None:
    """ALPS: BoringSSL's servers await the client's EncryptedExtensions before its Finished."""
    from tlswire.player.flight13 import _settings
    from tlswire.transcript import Entry, Transcript

    for number in (0x44CD, 0x4469):
        extension = number.to_bytes(2, "big") + b"\x00\x02hi"
        body = len(extension).to_bytes(2, "big") + extension
        entry = Entry("encrypted_extensions", "server", 0.0, 0, "ENCRYPTED_EXTENSIONS", body=body)
        (own,) = _settings(Transcript(entries=[entry]))
        assert own == b"\x08\x00\x00\x06\x00\x04" + number.to_bytes(2, "big") + b"\x00\x00"
    assert _settings(Transcript()) == ()


@pytest.mark.parametrize(
    ("options", "due"),
    [
        (("-no_tls1_3",), ("Client Key Exchange", "Finished", "GET / HTTP/1.1")),
        ((), ("Encrypted Extensions", "Certificate Verify", "Finished", "GET / HTTP/1.1")),
    ],
)
def test_tshark_reads_what_we_played(
    options: tuple[str, ...], due: tuple[str, ...], tmp_path: Path
) -> None:
    """Packets and secrets as written: another implementation decrypts what our side sealed."""
    tshark, written, keys = peers.need("tshark"), tmp_path / "out.pcapng", tmp_path / "keys.log"
    with openssl_server(*options) as where:
        recording = peers.recorded(("client", stacks.python_hello()), server=where)
        capture = peers.write_capture(recording, tmp_path / "in.pcap")
        args = ["replay", str(capture), "--all", "--no-experiments"]
        files = ["--write", str(written), "--keylog", str(keys)]
        told = CliRunner().invoke(cli.main, [*args, *files])
    assert told.exit_code == 0, told.output
    ports = ("-d", f"tcp.port=={where.port},tls", "-o", f"tls.keylog_file:{keys}")
    shown = subprocess.run(
        [tshark, "-r", str(written), *ports, "-Y", "tls || http", "-V"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for words in due:
        assert words in shown


def test_a_suite_that_cannot_be_written_is_named() -> None:
    """ARIA: `cryptography` has none. The replay stops by choice, and says for what."""
    suite = "ECDHE-ARIA128-GCM-SHA256"
    with openssl_server("-no_tls1_3", "-cipher", suite) as where:
        hello = stacks.openssl_hello("-tls1_2", "-cipher", suite)
        done = replay_one(peers.recorded(("client", hello), server=where), experiments=False)
    (exact,) = done.attempts
    assert (exact.outcome, exact.ended_by) == ("incomplete", None)
    assert any("TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256" in note for note in done.notes)


@pytest.mark.parametrize("client", ["firefox", "chrome"])
def test_a_compressed_certificate_is_read_and_its_proof_verified(client: str) -> None:
    """RFC 8879, as browsers ask for it: the chain is judged, the signature over it fits."""
    found = scan(ROOT / "captures" / "clients" / f"{client}.pcapng")
    chosen = [seen for seen in found.seen if seen.transcript.client_hello is not None][:1]
    with stacks.tlslite_server((3, 4), ["aes128gcm", "aes256gcm"]) as where:
        (done,) = replay(found, chosen, Asked(target=str(where)), experiments=False)
    second = next(a for a in done.attempts if a.variant == "twin")
    assert second.outcome == "established"
    assert "compressed_certificate" in [m.type for m in second.messages]
    assert second.chain is not None
    assert len(second.chain.certificates) == 1
    assert not any("signature" in note for note in done.notes)
    assert second.agreed is not None
    assert second.agreed.alpn == "http/1.1"
    assert second.agreed.application_data
