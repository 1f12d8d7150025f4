"""A survey of real servers, whose own configuration is the oracle; and of odd ones."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from peers import (
    NAME,
    answers,
    closes,
    dripping,
    endless,
    folder,
    free_port,
    gnutls_server,
    identity,
    need,
    nginx_server,
    openssl_server,
    python_server,
    resets,
    running,
    scripted,
    silent,
)

from tlswire.cli import INTERRUPTED, main
from tlswire.cli.survey import command as survey_command
from tlswire.flow import Endpoint
from tlswire.suites import SUITES
from tlswire.survey import Wanted, survey
from tlswire.survey.caller import Limits
from tlswire.surveyed import Survey, SurveyedVersion

SUITES_ONLY = frozenset({"suites"})
OPENSSL = {facts.openssl: facts.name for facts in SUITES.values() if facts.openssl}


def look(at: Endpoint, **wanted: object) -> Survey:
    return survey(str(at), Wanted(**{"name": NAME, **wanted}))  # type: ignore[arg-type]


def version(found: Survey, name: str) -> SurveyedVersion:
    return next(each for each in found.versions if each.version == name)


def configured(words: str, key: str = "RSA") -> list[str]:
    """Ask openssl itself which suites of TLS 1.2 a cipher string leaves for a kind of key."""
    program = need("openssl")
    told = subprocess.run(
        [program, "ciphers", "-s", "-tls1_2", words], capture_output=True, text=True, check=True
    )
    names = [OPENSSL[name] for name in told.stdout.strip().split(":")]
    kinds = {"RSA": ("RSA",), "ECDSA": ("ECDSA",)}[key]
    rows = {facts.name: facts for facts in SUITES.values()}
    return [name for name in names if rows[name].authentication in kinds]


CIPHERS = [
    "ECDHE+AESGCM",
    "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:AES256-SHA:ECDHE-RSA-AES128-SHA256",
    "kRSA+AES:!SHA1",
    "ALL:!aNULL:!PSK:!SRP:!DH:@SECLEVEL=0",
]


@pytest.mark.parametrize("polite", [False, True])
@pytest.mark.parametrize("words", CIPHERS)
def test_suites_and_their_order_are_those_of_the_configuration(words: str, polite: bool) -> None:
    with openssl_server("-tls1_2", "-cipher", words, "-serverpref") as at:
        found = look(at, parts=SUITES_ONLY, polite=polite)
    (taken,) = found.versions
    assert list(taken.suites) == configured(words)
    assert taken.preference == "server"


def test_where_the_client_decides_the_set_is_found() -> None:
    with openssl_server("-tls1_2", "-cipher", "ECDHE+AES") as at:
        taken = version(look(at, parts=SUITES_ONLY), "TLS 1.2")
    assert taken.preference == "client"
    assert set(taken.suites) == set(configured("ECDHE+AES"))


def test_one_suite_has_no_order() -> None:
    with openssl_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256") as at:
        taken = version(look(at, parts=SUITES_ONLY), "TLS 1.2")
    assert (len(taken.suites), taken.preference) == (1, None)


def test_chacha_that_goes_first_for_those_who_want_it_is_a_mixed_order() -> None:
    words = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256"
    options = ("-tls1_2", "-cipher", words, "-serverpref", "-prioritize_chacha")
    with openssl_server(*options) as at:
        taken = version(look(at, parts=SUITES_ONLY), "TLS 1.2")
    assert taken.preference == "mixed"
    assert set(taken.suites) == set(configured(words))


def test_an_ecdsa_key_takes_other_suites() -> None:
    with openssl_server("-tls1_2", "-cipher", "ECDHE+AES", "-serverpref", key="ECDSA") as at:
        taken = version(look(at, parts=SUITES_ONLY), "TLS 1.2")
    assert list(taken.suites) == configured("ECDHE+AES", "ECDSA")


def test_polite_asks_no_more_than_it_must() -> None:
    with openssl_server("-tls1_2", "-cipher", "ECDHE+AES", "-serverpref") as at:
        found = look(at, parts=SUITES_ONLY, polite=True, limits=Limits(parallel=1))
    (taken,) = found.versions
    assert found.connections_used <= len(taken.suites) + 2 + len(found.refused)


def _cut(hello: bytes, most: int) -> bytes:
    """Return a ClientHello in one record with no more than so many suites."""
    begin = 44 + hello[43]  # after record and message headers, version, random and session id
    end = begin + 2 + int.from_bytes(hello[begin : begin + 2], "big")
    suites = hello[begin + 2 : end][: 2 * most]
    body = hello[9:begin] + len(suites).to_bytes(2, "big") + suites + hello[end:]
    message = hello[5:6] + len(body).to_bytes(3, "big") + body
    return hello[:3] + len(message).to_bytes(2, "big") + message


@contextlib.contextmanager
def reading_only(server: Endpoint, most: int) -> Iterator[Endpoint]:
    """Stand before a server, and let it see the first so many suites of a list only."""

    def serve(accepted: socket.socket) -> None:
        hello = accepted.recv(1 << 16)
        while len(hello) < 5 + int.from_bytes(hello[3:5], "big"):
            hello += accepted.recv(1 << 16)
        with socket.create_connection(server, 5) as behind:
            behind.sendall(_cut(hello, most) if hello[0] == 22 else hello)
            accepted.sendall(behind.recv(1 << 16))

    with scripted(serve) as at:
        yield at


@pytest.mark.parametrize("polite", [False, True])
@pytest.mark.parametrize("most", [130, 150, 250])
def test_a_server_that_cuts_long_lists_is_found_out(polite: bool, most: int) -> None:
    words = "AES128-SHA:ARIA256-GCM-SHA384:CAMELLIA128-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
    with (
        openssl_server("-tls1_2", "-cipher", f"{words}:@SECLEVEL=0", "-serverpref") as server,
        reading_only(server, most) as at,
    ):
        found = look(at, parts=SUITES_ONLY, polite=polite)
    (taken,) = found.versions
    assert list(taken.suites) == configured(words)
    if polite and most < 250:
        assert any("does not read a long list to its end" in note for note in taken.notes)


def test_groups_are_those_of_the_configuration_in_its_order() -> None:
    options = ("-groups", "P-384:X25519:P-256", "-serverpref")
    with openssl_server(*options) as at:
        found = look(at, parts=frozenset({"suites", "groups"}))
    for name in ("TLS 1.2", "TLS 1.3"):
        assert version(found, name).groups == ("secp384r1", "x25519", "secp256r1")


def test_signature_schemes_are_those_of_the_configuration() -> None:
    with openssl_server("-tls1_2", "-sigalgs", "RSA+SHA384:RSA-PSS+SHA256") as at:
        taken = version(look(at, parts=frozenset({"suites", "signatures"})), "TLS 1.2")
    assert set(taken.signature_algorithms or ()) == {"rsa_pkcs1_sha384", "rsa_pss_rsae_sha256"}


def test_the_size_of_the_prime_is_told() -> None:
    with gnutls_server("--priority", "NORMAL:-KX-ALL:+DHE-RSA:-VERS-ALL:+VERS-TLS1.2") as at:
        taken = version(look(at, parts=frozenset({"suites", "groups"})), "TLS 1.2")
    assert taken.dh_bits == (2048, 3072, 4096, 6144, 8192)
    assert taken.groups == ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")


def test_versions_are_those_of_the_configuration() -> None:
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.2"
    with gnutls_server("--priority", priority) as at:
        found = look(at, parts=SUITES_ONLY)
    assert [each.version for each in found.versions] == ["TLS 1.2", "TLS 1.0"]
    assert {each.version for each in found.refused} == {"TLS 1.3", "TLS 1.1", "SSL 3.0", "SSL 2.0"}


def test_nginx_with_every_version() -> None:
    options = (
        "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:P-256; "
        "ssl_ciphers 'ALL:!aNULL:!PSK:!SRP:@SECLEVEL=0'; ssl_prefer_server_ciphers on;"
    )
    with nginx_server(options) as at:
        found = look(at, parts=frozenset({"suites", "groups"}))
    assert [v.version for v in found.versions] == ["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"]
    assert version(found, "TLS 1.3").groups == ("x25519", "secp256r1")
    expected = configured("ALL:!aNULL:!PSK:!SRP:!DH:@SECLEVEL=0")
    assert list(version(found, "TLS 1.2").suites) == expected


def test_python_names_what_it_chose_itself() -> None:
    """The standard library's client is the oracle for what is negotiated by default."""
    with python_server() as at:
        found = look(at, parts=SUITES_ONLY)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(at, 5) as plain,
            context.wrap_socket(plain, server_hostname=NAME) as secured,
        ):
            chosen = secured.cipher()
    assert chosen is not None
    assert chosen[0] in version(found, "TLS 1.3").suites


# -- four ways of failing, and worse -----------------------------------------------------

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
QUICK = Limits(timeout=0.6, budget=5)


@pytest.mark.parametrize(
    ("serve", "outcome", "word"),
    [
        (resets, "reset", "reset"),
        (closes, "closed", "closed without a word"),
        (answers(HTTP), "not_tls", "HTTP response 400"),
        (silent, "silent", "nothing answers"),
        (answers(b"\x15\x03\x01\x00\x02\x02\x28"), "refused", "handshake_failure"),
        (answers(b"220 mail.example ESMTP\r\n"), "not_tls", "SMTP banner"),
        (endless(b"\x00garbage\xff" * 1000), "not_tls", "no TLS"),
        (endless(b"\x16\x03\x03\x40\x00" + bytes(0x4000)), "unfinished", "bytes"),
        (endless(b"\x17\x03\x03\x40\x00" + bytes(0x4000)), "unfinished", "no whole message"),
        (answers(b"\x16\x03\x03\x00\x04\x02\xff\xff\xff"), "closed", "after 9 bytes"),
        (dripping(b"\x16\x03\x03\x00\x7a\x02" + bytes(200), 1.0), "unfinished", "1 byte"),
    ],
    ids=[
        *("rst", "fin", "http", "silence", "alert", "smtp"),
        *("endless", "records", "data", "cut", "dripping"),
    ],
)
def test_ways_of_failing_are_told_apart(serve: object, outcome: str, word: str) -> None:
    with scripted(serve) as at:  # type: ignore[arg-type]
        found = look(at, limits=QUICK)
    assert found.outcome == outcome
    assert word in found.summary
    assert found.versions == ()
    assert found.bytes_received < 2_000_000


def test_a_closed_port_is_not_reached() -> None:
    found = look(Endpoint("127.0.0.1", free_port()), limits=QUICK)
    assert found.outcome == "unreached"
    assert "refused" in found.summary


def test_a_name_that_does_not_resolve_is_told() -> None:
    found = survey("does-not-resolve.invalid", Wanted(limits=QUICK))
    assert (found.outcome, found.connections_used) == ("unreached", 0)
    assert "does not resolve" in found.summary


@pytest.mark.parametrize("target", ["", "a b", "host:port", "host:99999", "[::1", "\x1b[31m"])
def test_what_is_no_target_is_told(target: str) -> None:
    assert survey(target, Wanted(limits=QUICK)).outcome == "unreached"


def test_a_server_that_takes_a_half_closed_connection_for_an_abort_is_surveyed() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        time.sleep(0.05)
        hello = accepted.recv(1 << 16, socket.MSG_PEEK)
        accepted.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            if len(accepted.recv(1 << 16, socket.MSG_PEEK)) == len(hello) and _is_closed(accepted):
                return
        accepted.settimeout(5)
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        found = look(at, parts=SUITES_ONLY)
    assert [each.version for each in found.versions] == ["TLS 1.3", "TLS 1.2"]


def _is_closed(accepted: socket.socket) -> bool:
    """TCP_INFO's first byte is the state: 8 is CLOSE_WAIT, the other end has closed (Linux)."""
    return accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 8


def test_a_server_that_closes_at_random_is_surveyed_in_bounded_time() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)
    draw = random.Random(3)

    def serve(accepted: socket.socket) -> None:
        if draw.random() < 0.3:
            return
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(1)

    with scripted(serve) as at:
        found = look(at, limits=Limits(timeout=2, budget=20))
    assert found.outcome in ("surveyed", "closed", "reset")
    assert found.elapsed_ms < 30_000


def test_bad_targets_do_not_keep_the_good_one_back(tmp_path: Path) -> None:
    with (
        openssl_server() as good,
        scripted(silent) as mute,
        scripted(endless(b"\x16\x03\x03\x40\x00" + bytes(0x4000))) as babbler,
        scripted(dripping(b"\x16\x03\x03\x00\x7a\x02" + bytes(200), 1.0)) as slow,
    ):
        listed = tmp_path / "hosts.txt"
        lines = [
            "# ours",
            mute,
            "",
            "no-such-name.invalid",
            "not a host",
            babbler,
            slow,
            f"{good} # !",
        ]
        listed.write_text("\n".join(map(str, lines)))
        words = ["--targets", str(listed), "--only", "suites", "--timeout", "1", "--json"]
        done = CliRunner().invoke(survey_command, words, standalone_mode=False)
    found = json.loads(done.stdout)["surveys"]
    assert [each["outcome"] for each in found] == [
        *("silent", "unreached", "unreached", "unfinished", "unfinished", "surveyed"),
    ]
    assert done.return_value == 1
    assert all(each["summary"] for each in found)
    assert all(each["elapsed_ms"] < 15_000 for each in found)


def test_starttls_and_a_proxy_lead_to_the_server() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        request = accepted.recv(4096)
        if not request.startswith(b"CONNECT mail.example:25 "):
            return
        accepted.sendall(b"HTTP/1.1 200 OK\r\n\r\n220 mail.example ESMTP\r\n")
        accepted.recv(4096)
        accepted.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
        accepted.recv(4096)
        accepted.sendall(b"220 go ahead\r\n")
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        words = ["mail.example:25", "--starttls", "smtp", "--proxy", f"http://{at}"]
        done = CliRunner().invoke(
            survey_command, [*words, "--only", "suites", "--json"], standalone_mode=False
        )
    (found,) = json.loads(done.stdout)["surveys"]
    assert [each["version"] for each in found["versions"]] == ["TLS 1.3", "TLS 1.2"]
    assert (found["preamble"], found["server_name"]) == ("smtp", "mail.example")


def test_a_preamble_that_is_refused_is_told() -> None:
    def serve(accepted: socket.socket) -> None:
        accepted.sendall(b"220 mail.example ESMTP\r\n")
        accepted.recv(4096)
        accepted.sendall(b"250 mail.example\r\n")
        accepted.recv(4096)
        accepted.sendall(b"502 no such command\r\n")

    with scripted(serve) as at:
        found = look(at, preamble="smtp", limits=QUICK)
    assert found.outcome == "not_tls"
    assert "502 no such command" in found.summary


def test_the_text_report_fits_what_was_found() -> None:
    with openssl_server("-serverpref") as at:
        done = CliRunner().invoke(survey_command, [str(at), "--name", NAME], standalone_mode=False)
    assert done.return_value == 0
    for word in ("grade", "TLS_AES_256_GCM_SHA384", "x25519", "Certificates", "Policies", "ANSSI"):
        assert word in done.stdout
    assert len(done.stdout.splitlines()) < 120


def test_where_policies_disagree_is_on_the_screen() -> None:
    """ANSSI recommends ChaCha20, and NIST's list of what may be used does not have it."""
    words = "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256"
    with openssl_server("-tls1_2", "-cipher", words) as at:
        done = CliRunner().invoke(survey_command, [str(at), "--only", "suites"])
    said = " ".join(done.stdout.partition("Where they disagree")[2].split())
    _, chacha, levels = said.partition("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: ")
    assert chacha
    accepted = "recommended by anssi, mozilla-intermediate, mozilla-old"
    assert levels.startswith(f"{accepted}; forbidden by nist-800-52r2")
    assert "GCM" not in said


@pytest.mark.parametrize(
    "words",
    [[], ["a", "--only", "nonsense"], ["a", "--starttls", "nope"], ["a", "--proxy", "ftp://x"]],
)
def test_wrong_use_is_told(words: list[str]) -> None:
    done = CliRunner().invoke(main, ["survey", *words])
    assert done.exit_code == 2


def test_an_ssl2_server_lists_its_kinds_itself() -> None:
    """The hello of draft-hickman-netscape-ssl-00 section 5.6, by hand."""
    kinds = bytes.fromhex("010080 0700c0")
    certificate = b"\x30\x03\x02\x01\x05"
    body = b"\x04\x00\x01\x00\x02" + len(certificate).to_bytes(2) + len(kinds).to_bytes(2)
    body += (16).to_bytes(2) + certificate + kinds + bytes(16)
    reply = (0x8000 | len(body)).to_bytes(2) + body

    def serve(accepted: socket.socket) -> None:
        if accepted.recv(4096)[2:5] == b"\x01\x00\x02":
            accepted.sendall(reply)
        else:
            accepted.sendall(b"\x15\x03\x00\x00\x02\x02\x28")

    with scripted(serve) as at:
        found = look(at, limits=QUICK)
    (taken,) = found.versions
    assert taken.version == "SSL 2.0"
    assert taken.suites == ("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5")
    assert found.grade == "F"


def test_a_name_that_the_server_does_not_have_is_told() -> None:
    with nginx_server("ssl_reject_handshake off; if ($ssl_server_name = x) { return 200; }") as at:
        found = look(at, parts=frozenset({"suites", "certificates"}))
    assert found.notes == ()
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)

    def choose(sock: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int | None:
        known = {NAME: None, None: ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE}
        return known.get(name, ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)

    context.sni_callback = choose  # type: ignore[assignment]

    def serve(accepted: socket.socket) -> None:
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        found = look(at, parts=frozenset({"suites", "certificates"}))
    assert set(found.notes) == {
        "no name: the server refuses with handshake_failure",
        "a name that the server does not have: it refuses with unrecognized_name",
    }


@pytest.mark.parametrize("header", ["v1", "v2"])
def test_a_proxy_header_goes_first(header: str) -> None:
    """HAProxy refuses a connection without one (accept-proxy)."""
    program, own, port = need("haproxy"), identity(), free_port()
    home = folder("haproxy")
    (home / "both.pem").write_text(own.certificate.read_text() + own.key.read_text())
    (home / "haproxy.cfg").write_text(
        "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n"
        f"frontend f\n  bind 127.0.0.1:{port} accept-proxy ssl crt {home / 'both.pem'}\n"
        "  http-request return status 200\n"
    )
    with running([program, "-db", "-f", str(home / "haproxy.cfg")], port) as at:
        without = look(at, parts=SUITES_ONLY, limits=QUICK)
        behind = look(at, parts=SUITES_ONLY, header=f"proxy-{header}")
    assert without.outcome in ("closed", "reset")
    assert [each.version for each in behind.versions] == ["TLS 1.3", "TLS 1.2"]


def test_what_to_try_next_depends_on_the_alert() -> None:
    refusal = b"\x15\x03\x03\x00\x02\x02"
    steps = {}
    for code in (112, 120):  # unrecognized_name, no_application_protocol
        with scripted(answers(refusal + bytes((code,)))) as at:
            steps[code] = look(at, limits=QUICK).next_step or ""
    assert "--name" in steps[112]
    assert "--alpn" in steps[120]


@pytest.mark.parametrize("options", [(), ("-serverpref",)])
def test_groups_of_a_server_with_an_ecdsa_key_only(options: tuple[str, ...]) -> None:
    """Its certificate needs its own curve named, P-256 (RFC 8422 section 5.1)."""
    groups = ("-groups", "P-384:X25519:P-256")
    with openssl_server("-tls1_2", *groups, *options, key="ECDSA") as at:
        taken = version(look(at, parts=frozenset({"suites", "groups"})), "TLS 1.2")
    assert set(taken.groups or ()) == {"secp384r1", "x25519", "secp256r1"}
    if options:
        assert taken.groups == ("secp384r1", "x25519", "secp256r1")


def test_what_an_ecdsa_keys_curve_hides_is_said() -> None:
    groups = ("-groups", "P-256:P-384:X25519", "-serverpref")
    with openssl_server("-tls1_2", *groups, key="ECDSA") as at:
        taken = version(look(at, parts=frozenset({"suites", "groups"})), "TLS 1.2")
    assert taken.groups == ("secp256r1",)
    assert "cannot be told" in " ".join(taken.notes)


def test_ctrl_c_tells_what_was_found_so_far(tmp_path: Path) -> None:
    """The one that is mute keeps the survey waiting; the other had been done."""
    with openssl_server() as good, scripted(silent) as mute:
        words = [str(good), str(mute), "--only", "suites", "--timeout", "60", "--budget", "90"]
        saved = tmp_path / "saved.json"
        with subprocess.Popen(
            [sys.executable, "-m", "tlswire", "survey", *words, "--save", str(saved)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()  # the good one is told as it is done
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=20)
    assert process.returncode == INTERRUPTED
    assert first.startswith(str(good))
    assert f"{mute}\n  Interrupted before the server had answered." in rest
    assert "interrupted, 2 of 2 targets begun" in errors
    assert "Traceback" not in errors
    found = json.loads(saved.read_text())["surveys"]
    assert [each["outcome"] for each in found] == ["surveyed", "unfinished"]


def test_ctrl_c_in_the_middle_of_one_gives_no_grade() -> None:
    """A server that stops answering: what it took before is told, and nothing is judged."""
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)
    calls: list[int] = []

    def serve(accepted: socket.socket) -> None:
        calls.append(1)
        if len(calls) > 9:
            silent(accepted)
            return
        accepted.settimeout(5)
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        begin = [sys.executable, "-m", "tlswire", "survey", str(at), "--polite", "--json"]
        with subprocess.Popen(
            [*begin, "--timeout", "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            deadline = time.monotonic() + 30
            while len(calls) <= 9 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=20)
    assert (process.returncode, b"Traceback" in errors) == (INTERRUPTED, False)
    (found,) = json.loads(told)["surveys"]
    assert found["outcome"] == "surveyed"
    assert (found["grade"], found["policies"]) == (None, [])
    assert all(each["suites"] for each in found["versions"])
    assert any("interrupted" in note for note in found["notes"])


def test_what_was_not_asked_whole_is_not_graded() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        time.sleep(0.15)
        with context.wrap_socket(accepted, server_side=True):
            pass

    with scripted(serve) as at:
        found = look(at, polite=True, limits=Limits(parallel=1, timeout=5, budget=2))
    assert found.outcome == "surveyed"
    assert (found.grade, found.policies) == (None, ())
    assert any("nothing was graded (--budget)" in note for note in found.notes)
