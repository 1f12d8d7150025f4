"""Features, certificates and unusual hellos: what a real server was told to do is the oracle."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from peers import (
    NAME,
    gnutls_server,
    identity,
    nginx_server,
    openssl_server,
    python_server,
    scripted,
)

from tlswire.flow import Endpoint
from tlswire.survey import Wanted, survey
from tlswire.survey.caller import Limits
from tlswire.surveyed import Features, Survey

ONLY_12 = ("-tls1_2",)


def look(at: Endpoint, *parts: str, **wanted: object) -> Survey:
    asked = frozenset({"suites", *parts})
    return survey(str(at), Wanted(**{"name": NAME, "parts": asked, **wanted}))  # type: ignore[arg-type]


def features(at: Endpoint) -> Features:
    found = look(at, "features").features
    assert found is not None
    return found


def test_openssl_as_it_comes() -> None:
    with openssl_server() as at:
        found = features(at)
    assert found.secure_renegotiation
    assert found.extended_master_secret
    assert found.encrypt_then_mac
    assert found.truncated_hmac is False
    assert found.fallback_scsv
    assert found.session_ticket
    assert found.psk_resumption
    assert found.early_data == 0
    assert found.compression == ()
    assert found.alpn == ()
    assert found.heartbeat is False
    assert found.ech is False
    assert found.client_certificate is not None
    assert not found.client_certificate.asked


def test_a_short_mac_is_found_out() -> None:
    """A ServerHello by hand (RFC 5246 section 7.4.1.3) that takes truncated_hmac (RFC 6066)."""
    suite = bytes.fromhex("002f")

    def serve(accepted: socket.socket) -> None:
        hello = accepted.recv(1 << 16)
        while len(hello) < 5 + int.from_bytes(hello[3:5], "big"):
            hello += accepted.recv(1 << 16)
        begin = 44 + hello[43]
        offered = hello[begin + 2 : begin + 2 + int.from_bytes(hello[begin : begin + 2], "big")]
        wants_new = bytes.fromhex("002b") + b"\0" in hello and b"\x03\x04" in hello
        if suite not in [offered[i : i + 2] for i in range(0, len(offered), 2)] or wants_new:
            accepted.sendall(bytes.fromhex("15 0303 0002 0228"))
            return
        extensions = bytes.fromhex("0004 0000") if bytes.fromhex("00040000") in hello else b""
        body = b"\x03\x03" + bytes(range(32)) + b"\0" + suite + b"\0"
        body += len(extensions).to_bytes(2, "big") + extensions
        message = b"\x02" + len(body).to_bytes(3, "big") + body
        accepted.sendall(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message)

    with scripted(serve) as at:
        found = look(at, "features", limits=Limits(timeout=1))
    assert found.features is not None
    assert found.features.truncated_hmac is True
    assert found.features.encrypt_then_mac is False
    assert "truncated-hmac" in {weakness.id for weakness in found.warnings}


def test_tickets_that_are_off() -> None:
    with openssl_server("-no_ticket", *ONLY_12) as at:
        found = features(at)
    assert found.session_ticket is False
    assert found.session_id is True


def test_a_session_cache_that_is_off() -> None:
    with openssl_server("-no_cache", *ONLY_12) as at:
        assert features(at).session_id is False


@pytest.mark.parametrize(("option", "expected"), [((), False), (("-client_renegotiation",), True)])
def test_renegotiation_by_the_client(option: tuple[str, ...], expected: bool) -> None:
    with openssl_server(*ONLY_12, *option) as at:
        assert features(at).client_renegotiation is expected


def test_early_data_is_told_with_its_size() -> None:
    with nginx_server("ssl_protocols TLSv1.3; ssl_early_data on;") as at:
        found = features(at)
    assert found.early_data == 16384
    assert found.psk_resumption


def test_no_extended_master_secret_and_no_encrypt_then_mac() -> None:
    priority = "NORMAL:%NO_SESSION_HASH:%NO_ETM:-VERS-ALL:+VERS-TLS1.2"
    with gnutls_server("--priority", priority) as at:
        found = features(at)
    assert found.extended_master_secret is False
    assert found.encrypt_then_mac is False


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize(
    ("option", "asked", "required"),
    [((), False, False), ("-verify", True, False), ("-Verify", True, True)],
)
def test_client_certificates(
    version: str, option: str | tuple[str, ...], asked: bool, required: bool
) -> None:
    options = (option, "2", "-CAfile", str(identity().authority)) if option else ()
    with openssl_server(version, *options) as at:  # type: ignore[arg-type]
        found = features(at).client_certificate
    assert found is not None
    assert (found.asked, found.required) == (asked, required)
    assert bool(found.authorities) == asked
    assert all("=" in name for name in found.authorities)


def test_application_protocols_in_the_servers_order() -> None:
    def shape(context: ssl.SSLContext) -> None:
        context.set_alpn_protocols(["http/1.1", "imap", "h2"])

    with python_server(shape) as at:
        assert features(at).alpn == ("http/1.1", "imap", "h2")


def test_record_size_limit_of_gnutls() -> None:
    with gnutls_server("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3") as at:
        assert features(at).record_size_limit == 16385  # one more for the content type (RFC 8449 4)


# -- certificates ------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_both_kinds_of_certificate_are_found(version: str) -> None:
    other = identity("ECDSA")
    options = ("-dcert", str(other.certificate), "-dkey", str(other.key))
    with openssl_server(version, *options) as at:
        shown = look(at, "certificates").certificates
    assert shown is not None
    assert {each.key for each in shown} == {"RSA", "EC"}
    assert all(each.matches for each in shown)


def test_a_certificate_by_name(tmp_path: Path) -> None:
    other = identity("ECDSA")
    options = ("-servername", NAME, "-cert2", str(other.certificate), "-key2", str(other.key))
    with openssl_server("-tls1_3", *options) as at:
        shown = look(at, "certificates").certificates
    assert shown is not None
    assert {(each.for_name, each.key) for each in shown} >= {(NAME, "EC"), (None, "RSA")}


def test_a_certificate_is_judged() -> None:
    with openssl_server() as at:
        found = look(at, "certificates", name="other.example")
    shown = found.certificates
    assert shown is not None
    assert [each.matches for each in shown] == [False]
    assert "cert-name" in {weakness.id for weakness in found.warnings}
    judged = {
        p.policy: [j.level for j in p.judged if j.kind == "certificate"] for p in found.policies
    }
    assert judged["anssi"] == ["accepted"]
    assert judged["bsi-tr-02102-2"] == ["forbidden"]


# -- unusual hellos ----------------------------------------------------------------------


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_sound_server_takes_every_unusual_hello(version: str) -> None:
    with nginx_server(f"ssl_protocols {version};") as at:
        found = look(at, "tolerance").tolerance
    assert found
    assert {each.test: each.result for each in found if each.result != "ok"} == {}


def test_a_server_that_reads_one_segment_only_is_found_out() -> None:
    """It takes what comes in one read: a hello cut in two, or larger than a read, is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        first = accepted.recv(4096, socket.MSG_PEEK)
        if len(first) < 5 or len(first) < 5 + int.from_bytes(first[3:5], "big"):
            accepted.sendall(b"\x15\x03\x01\x00\x02\x02\x32")  # decode_error
            while accepted.recv(4096):
                pass
            return
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        found = look(at, "tolerance", limits=Limits(timeout=2))
    results = {each.test: each.result for each in found.tolerance or ()}
    assert results["big"] == "refuses with decode_error"
    assert results["one byte first"] == "refuses with decode_error"
    assert results["grease"] == "ok"
    assert "intolerance" in {weakness.id for weakness in found.warnings}


def test_a_server_that_refuses_unknown_names_is_not_blamed_for_a_long_one() -> None:
    """It refuses a short one alike: not the length is in its way."""
    own = identity()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)

    def choose(_: ssl.SSLObject, name: str, __: ssl.SSLContext) -> int | None:
        return None if name == NAME else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = choose

    def serve(accepted: socket.socket) -> None:
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        found = look(at, "tolerance", limits=Limits(timeout=2))
    assert found.tolerance
    assert {each.test for each in found.tolerance if each.result != "ok"} == set()
    assert "long name" not in {each.test for each in found.tolerance}
    assert "intolerance" not in {weakness.id for weakness in found.warnings}
