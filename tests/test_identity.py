"""A client certificate: read from files, shown where a server asks, and the verdict on it."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, partial
from pathlib import Path

import peers
import pytest
import stacks
import trustme
from click.testing import CliRunner
from peers import folder, gnutls_server, nginx_server, openssl_server
from test_replay import replay_one

from tlswire import cli
from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.player.credentials import PasswordError, load
from tlswire.replay.own import Own
from tlswire.result import Replay

Start = Callable[[], AbstractContextManager[Endpoint]]


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def trusted() -> Path:
    path = folder("clients") / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return path


@cache
def certificate(kind: str = "RSA", *, known: bool = True) -> bytes:
    """Return a client's certificate, chain and key in one PEM."""
    issuer = authority() if known else trustme.CA()
    issued = issuer.issue_cert("client@example.com", key_type=trustme.KeyType[kind])
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    return chain + issued.private_key_pem.bytes()


def own(kind: str = "RSA", *, known: bool = True) -> Own:
    return Own(load(certificate(kind, known=known)))


ASKING: dict[str, Start] = {
    "openssl": lambda: openssl_server(
        *("-Verify", "1", "-verify_return_error", "-CAfile", str(trusted()))
    ),
    "gnutls": lambda: gnutls_server(
        *("--x509cafile", str(trusted()), "--require-client-cert", "--verify-client-cert")
    ),
    "nginx": lambda: nginx_server(
        f"ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on; ssl_client_certificate {trusted()};"
    ),
    "haproxy": lambda: stacks.haproxy_server(f"verify required ca-file {trusted()}"),
    "node": lambda: stacks.node_server(
        '{"requestCert":true,"rejectUnauthorized":true,"ca":'
        f"{__import__('json').dumps(trusted().read_text())}}}"
    ),
}
HELLOS = {
    "1.2": partial(stacks.python_hello, "", ssl.TLSVersion.TLSv1_2),
    "1.3": stacks.python_hello,
}


def shown(start: Start, version: str, given: Own) -> Replay:
    with start() as where:
        recording = peers.recorded(("client", HELLOS[version]()), server=where)
        return replay_one(recording, own=given)


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("version", HELLOS)
@pytest.mark.parametrize("server", ASKING)
def test_a_certificate_that_is_known_is_taken(server: str, version: str, kind: str) -> None:
    done = shown(ASKING[server], version, own(kind))
    found = next(a for a in done.attempts if a.variant == "client-certificate")
    assert (found.outcome, found.stopped_at) == ("established", None)
    assert found.agreed is not None
    assert found.agreed.client_certificate_asked
    assert found.agreed.application_data
    said = [m.type for m in found.messages if m.sender == "client"]
    assert "certificate_verify" in said


@pytest.mark.parametrize("version", HELLOS)
@pytest.mark.parametrize("server", ["openssl", "gnutls", "haproxy"])
def test_what_a_certificate_cures_is_proved(server: str, version: str) -> None:
    """Without it the server refuses, with it the handshake completes, without it refuses again."""
    client = peers.openssl_client(*(("-tls1_2",) if version == "1.2" else ()))
    with ASKING[server]() as where:
        recording = peers.overheard(client, where)
        done = replay_one(recording, own=own())
    base = "exact" if version == "1.2" else "twin"
    tried = [(a.variant, a.outcome) for a in done.attempts if a.outcome != "incomplete"]
    without, with_it = (base, "failed"), ("client-certificate", "established")
    assert tried[:3] == [without, with_it, without]
    assert tried[3:] in ([], [with_it])  # and once more
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [
        ("mtls-client-sends-empty", "proved")
    ]


@pytest.mark.parametrize("version", HELLOS)
def test_a_client_that_completed_with_its_certificate_did_not_lack_one(version: str) -> None:
    """The replay fails for the want of it, and says so; the captured client is not blamed."""
    pem = folder("clients") / "shown.pem"
    pem.write_bytes(certificate())
    shows = ("-cert", str(pem), "-key", str(pem), *(("-tls1_2",) if version == "1.2" else ()))
    with ASKING["openssl"]() as where:
        done = replay_one(peers.overheard(peers.openssl_client(*shows), where))
    assert done.verdict.causes == ()
    assert "which had no certificate to show (--cert and --key give one)" in done.verdict.summary


@pytest.mark.parametrize("version", HELLOS)
@pytest.mark.parametrize("server", ["openssl", "gnutls"])
def test_a_certificate_that_is_not_known_is_refused_and_told(server: str, version: str) -> None:
    done = shown(ASKING[server], version, own(known=False))
    found = next(a for a in done.attempts if a.variant == "client-certificate")
    assert found.outcome == "failed"
    assert found.ended_by is not None
    assert found.ended_by.side == "server"
    assert found.ended_by.alert is not None
    assert done.verdict.causes[0].id == "mtls-cert-rejected"


def test_a_server_that_does_not_ask_is_shown_nothing() -> None:
    done = shown(openssl_server, "1.3", own())
    assert [a.variant for a in done.attempts] == ["exact", "twin"]
    assert any("asks for no client certificate" in note for note in done.notes)


def test_a_certificate_of_an_older_tls_is_signed_as_it_was() -> None:
    """TLS 1.0 signs MD5 and SHA-1 one after the other."""
    weak = ("-cipher", "ALL:@SECLEVEL=0", "-Verify", "1", "-CAfile", str(trusted()))
    hello = stacks.python_hello("AES128-SHA", ssl.TLSVersion.TLSv1)
    with openssl_server(*weak, "-no_tls1_3") as where:
        done = replay_one(peers.recorded(("client", hello), server=where), own=own())
    found = next(a for a in done.attempts if a.variant == "client-certificate")
    assert found.outcome == "established"
    assert found.agreed is not None
    assert found.agreed.version == "TLS 1.0"


# -- files -------------------------------------------------------------------------------


@cache
def encrypted(form: str) -> bytes:
    """Return the certificate with its key under the password `geheim`, made by openssl."""
    home = folder("secret")
    plain = home / "plain.pem"
    plain.write_bytes(certificate())
    openssl = peers.need("openssl")
    if form == "pkcs12":
        command = [openssl, "pkcs12", "-export", "-in", str(plain), "-passout", "pass:geheim"]
        return subprocess.run(command, capture_output=True, check=True).stdout
    command = [openssl, "pkey", "-in", str(plain), "-aes256", "-passout", "pass:geheim"]
    key = subprocess.run(command, capture_output=True, check=True).stdout
    return certificate().partition(b"-----BEGIN RSA PRIVATE")[0] + key


@pytest.mark.parametrize("form", ["pem", "pkcs12"])
def test_a_password_opens_and_a_wrong_one_does_not(form: str) -> None:
    found = load(encrypted(form), password=b"geheim")
    assert found.leaf.key == "RSA"
    for wrong in (b"falsch", None):
        with pytest.raises(PasswordError) as refused:
            load(encrypted(form), password=wrong)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("cert", "key"),
    [
        (b"", None),
        (b"\x30\x82nonsense", None),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None),
        (b"-----BEGIN NOTHING-----", None),
    ],
)
def test_what_is_no_certificate_is_told(cert: bytes, key: bytes | None) -> None:
    with pytest.raises(SelectionError):
        load(cert, key)


def test_a_key_of_another_certificate_is_told() -> None:
    chain = certificate().partition(b"-----BEGIN RSA PRIVATE")[0]
    with pytest.raises(SelectionError, match="does not belong"):
        load(chain, certificate(known=False))
    with pytest.raises(SelectionError, match="no private key"):
        load(chain)


def test_the_command_takes_a_password_from_the_environment(tmp_path: Path) -> None:
    cert = tmp_path / "client.p12"
    cert.write_bytes(encrypted("pkcs12"))
    with ASKING["openssl"]() as where:
        capture = peers.write_capture(
            peers.overheard(peers.openssl_client(), where), tmp_path / "one.pcap"
        )
        args = ["replay", str(capture), "--cert", str(cert)]
        told = CliRunner().invoke(cli.main, args, env={"TLSWIRE_KEY_PASSWORD": "geheim"})
        wrong = CliRunner().invoke(cli.main, args, env={"TLSWIRE_KEY_PASSWORD": "falsch"})
    assert "client-certificate" in told.output, told.output
    assert "proved     mtls-client-sends-empty" in told.output
    assert wrong.exit_code == 2
    assert "geheim" not in told.output + wrong.output


@pytest.mark.parametrize(
    "args",
    [("--key", "x"), ("--cert", "no-such-file"), ("--ca", "no-such-file"), ("--psk", "no-such")],
)
def test_wrong_use_is_2(captures: Path, args: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli.main, ["replay", str(captures / "cert-expired.pcapng"), *args])
    assert told.exit_code == 2
    assert "Traceback" not in told.output
