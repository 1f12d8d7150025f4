"""Experiments against real servers: alike refusals told apart, each with its smallest fix."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import faults
import peers
import pytest
from faults import GREASE, Heard
from peers import Client, Recording
from test_flight import HELLO, flight_of
from test_replay import hello_for, replay_one

from tlswire import causes, proof, vain, variants
from tlswire.codes import ExtensionType
from tlswire.experiments import EXPERIMENTS, MOST
from tlswire.flow import Endpoint
from tlswire.replay import perform
from tlswire.result import Cause, Replay, Verdict

Server = Callable[[], AbstractContextManager[Endpoint]]

ALERT_40 = b"\x15\x03\x03\x00\x02\x02\x28"
GNUTLS_12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2"


def curves(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ecdh_curve("secp384r1")


def gcm(context: ssl.SSLContext) -> None:
    only12(context)
    context.set_ciphers("ECDHE+AESGCM")


def only12(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


JAVA = """
import java.io.*; import java.security.*; import javax.net.ssl.*;

class Serve {
  public static void main(String[] args) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new FileInputStream(args[0]), "secret".toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    SSLServerSocket listening = (SSLServerSocket) context.getServerSocketFactory()
        .createServerSocket(Integer.parseInt(args[1]), 9,
            java.net.InetAddress.getByName("127.0.0.1"));
    listening.setEnabledProtocols(new String[] {"TLSv1.2"});
    if (!args[2].isEmpty()) listening.setEnabledCipherSuites(args[2].split(","));
    while (true) {
      SSLSocket accepted = (SSLSocket) listening.accept();
      new Thread(() -> {
        try { accepted.startHandshake(); accepted.close(); } catch (IOException refused) {
          try { accepted.close(); } catch (IOException gone) { }
        }
      }).start();
    }
  }
}
"""


@contextlib.contextmanager
def java_server(suites: str = "", key: str = "RSA", *properties: str) -> Iterator[Endpoint]:
    home, own, port = peers.folder("java-server"), peers.identity(key), peers.free_port()
    (home / "Serve.java").write_text(JAVA)
    peers._run(
        *(peers.need("openssl"), "pkcs12", "-export", "-passout", "pass:secret"),
        *("-in", str(own.certificate), "-inkey", str(own.key), "-out", str(home / "key.p12")),
    )
    command = [peers.need("java"), *properties, str(home / "Serve.java")]
    with peers.running([*command, str(home / "key.p12"), str(port), suites], port) as where:
        yield where


GO = """
package main

import ("crypto/tls"; "log"; "os")

func main() {
	pair, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil { log.Fatal(err) }
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12}
	if os.Args[4] != "" { config.CurvePreferences = []tls.CurveID{tls.CurveP384} }
	for _, suite := range tls.CipherSuites() {
		if suite.Name == os.Args[5] { config.CipherSuites = []uint16{suite.ID} }
	}
	listening, err := tls.Listen("tcp", os.Args[3], config)
	if err != nil { log.Fatal(err) }
	for {
		accepted, err := listening.Accept()
		if err != nil { log.Fatal(err) }
		go func() { accepted.(*tls.Conn).Handshake(); accepted.Close() }()
	}
}
"""


@cache
def go_program() -> Path:
    home = peers.folder("go-server")
    (home / "main.go").write_text(GO)
    (home / "go.mod").write_text("module serve\n\ngo 1.18\n")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    command = [peers.need("go"), "build", "-o", "serve", "."]
    subprocess.run(command, cwd=home, env=environment, check=True, timeout=120)
    return home / "serve"


@contextlib.contextmanager
def go_server(curve: str = "", suite: str = "", key: str = "RSA") -> Iterator[Endpoint]:
    own, port = peers.identity(key), peers.free_port()
    command = [str(go_program()), str(own.certificate), str(own.key)]
    with peers.running([*command, f"{peers.LOOPBACK}:{port}", curve, suite], port) as where:
        yield where


HAPROXY = """
global
  ssl-default-bind-options ssl-max-ver TLSv1.2
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend it
  bind {address} ssl crt {pem} {options}
  http-request return status 200
"""


@contextlib.contextmanager
def haproxy_server(options: str = "", key: str = "RSA") -> Iterator[Endpoint]:
    home, own, port = peers.folder("haproxy"), peers.identity(key), peers.free_port()
    (home / "pair.pem").write_text(own.certificate.read_text() + own.key.read_text())
    text = HAPROXY.format(
        address=f"{peers.LOOPBACK}:{port}", pem=home / "pair.pem", options=options
    )
    (home / "it.cfg").write_text(text)
    with peers.running([peers.need("haproxy"), "-db", "-f", str(home / "it.cfg")], port) as where:
        yield where


def gnutls(priority: str = "", key: str = "RSA") -> Server:
    return lambda: peers.gnutls_server("--priority", GNUTLS_12 + priority, key=key)


# -- four refusals that look alike -------------------------------------------------------

CLIENTS: dict[str, Callable[[], Client]] = {
    "cipher-no-overlap": lambda: peers.openssl_client(
        "-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384:@SECLEVEL=0"
    ),
    "ecdsa-cert-rsa-client": lambda: peers.openssl_client(
        "-tls1_2", "-cipher", "ECDHE+aRSA", "-sigalgs", "RSA+SHA256"
    ),
    "sigalgs-no-overlap": lambda: peers.openssl_client(
        "-tls1_2", "-cipher", "ECDHE+aRSA+AESGCM", "-sigalgs", "rsa_pss_pss_sha256"
    ),
    "groups-no-overlap": lambda: peers.openssl_client(
        "-tls1_2", "-cipher", "ECDHE+AESGCM", "-groups", "X448"
    ),
}
GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
GNUTLS_GCM = ":-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM"
SERVERS: dict[tuple[str, str], Server] = {
    ("openssl", "cipher-no-overlap"): lambda: peers.openssl_server(
        "-no_tls1_3", "-cipher", "ECDHE+AESGCM"
    ),
    ("openssl", "ecdsa-cert-rsa-client"): lambda: peers.openssl_server("-no_tls1_3", key="ECDSA"),
    ("openssl", "sigalgs-no-overlap"): lambda: peers.openssl_server("-no_tls1_3"),
    ("openssl", "groups-no-overlap"): lambda: peers.openssl_server(
        "-no_tls1_3", "-cipher", "ECDHE+AESGCM", "-groups", "P-384"
    ),
    ("gnutls", "cipher-no-overlap"): gnutls(GNUTLS_GCM),
    ("gnutls", "ecdsa-cert-rsa-client"): gnutls(key="ECDSA"),
    ("gnutls", "sigalgs-no-overlap"): gnutls(GNUTLS_GCM),
    ("gnutls", "groups-no-overlap"): gnutls(f"{GNUTLS_GCM}:-GROUP-ALL:+GROUP-SECP384R1"),
    ("nginx", "cipher-no-overlap"): lambda: peers.nginx_server(
        "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM;"
    ),
    ("nginx", "ecdsa-cert-rsa-client"): lambda: peers.nginx_server(
        "ssl_protocols TLSv1.2;", key="ECDSA"
    ),
    ("nginx", "sigalgs-no-overlap"): lambda: peers.nginx_server("ssl_protocols TLSv1.2;"),
    ("nginx", "groups-no-overlap"): lambda: peers.nginx_server(
        "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; ssl_ecdh_curve secp384r1;"
    ),
    ("python", "cipher-no-overlap"): lambda: peers.python_server(gcm),
    ("python", "ecdsa-cert-rsa-client"): lambda: peers.python_server(only12, key="ECDSA"),
    ("python", "sigalgs-no-overlap"): lambda: peers.python_server(only12),
    ("python", "groups-no-overlap"): lambda: peers.python_server(curves),
    ("haproxy", "cipher-no-overlap"): lambda: haproxy_server("ciphers ECDHE+AESGCM"),
    ("haproxy", "ecdsa-cert-rsa-client"): lambda: haproxy_server(key="ECDSA"),
    ("haproxy", "sigalgs-no-overlap"): haproxy_server,
    ("haproxy", "groups-no-overlap"): lambda: haproxy_server(
        "ciphers ECDHE+AESGCM curves secp384r1"
    ),
    ("go", "cipher-no-overlap"): lambda: go_server(suite=GCM),
    ("go", "ecdsa-cert-rsa-client"): lambda: go_server(key="ECDSA"),
    ("go", "sigalgs-no-overlap"): go_server,
    ("go", "groups-no-overlap"): lambda: go_server(curve="P-384", suite=GCM),
    ("java", "cipher-no-overlap"): lambda: java_server(GCM),
    ("java", "ecdsa-cert-rsa-client"): lambda: java_server(key="ECDSA"),
    ("java", "sigalgs-no-overlap"): java_server,
    ("java", "groups-no-overlap"): lambda: java_server(
        GCM, "RSA", "-Djdk.tls.namedGroups=secp384r1"
    ),
}
#: The word that the smallest fix of each must name.
FIXES = {
    "cipher-no-overlap": "GCM",
    "ecdsa-cert-rsa-client": "ECDHE_ECDSA",
    "sigalgs-no-overlap": "rsa_p",
    "groups-no-overlap": "secp384r1",
}


@pytest.mark.parametrize(("server", "cause"), SERVERS, ids=[" ".join(each) for each in SERVERS])
def test_four_equal_refusals_are_told_apart(server: str, cause: str) -> None:
    with SERVERS[server, cause]() as where:
        done = replay_one(peers.overheard(CLIENTS[cause](), where))
    assert done.attempts[0].outcome == "failed"
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [(cause, "proved")]
    fix = done.verdict.causes[0].remedies[0]
    assert fix.who == "client"
    assert fix.text.startswith("Enable ")
    assert FIXES[cause] in fix.text
    *before, control, again = done.attempts
    assert control.variant == "exact"
    assert again.edits in [attempt.edits for attempt in before]
    assert len(done.attempts) <= MOST + 4


def test_a_hello_that_lacks_what_tls13_requires_lacks_no_suite() -> None:
    """A suite to add would bring its extensions along, and pass for their sake."""
    flight = flight_of(HELLO)
    for extension in (
        ExtensionType.supported_groups,
        ExtensionType.signature_algorithms,
        ExtensionType.key_share,
    ):
        hello = variants.open_hello(flight)
        assert hello is not None
        flight = variants.apply(flight, variants.without(hello, extension))
    with peers.openssl_server("-tls1_3") as where:
        done = replay_one(peers.recorded(("client", flight.data), server=where))
    assert proved(done) == [("ec-extensions-missing", "extension")]


def test_a_server_of_tls13_alone_that_says_handshake_failure() -> None:
    """As rustls does: to older hellos 40, to one of TLS 1.2 protocol_version."""
    client = peers.openssl_client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    with peers.openssl_server("-tls1_3") as server:

        def refuses(parts: list[bytes]) -> bytes | None:
            version = b"".join(parts)[9:11]
            return ALERT_40 if version < b"\x03\x03" else None

        with behind(server, refuses) as where:
            done = replay_one(peers.overheard(client, where))
    assert proved(done) == [("version-client-too-old", "version")]
    assert any("TLS 1.3" in e.why for a in done.attempts if a.ended_by is None for e in a.edits)


def test_what_was_tried_in_vain_is_said_and_bounded() -> None:
    with peers.scripted(peers.answers(ALERT_40)) as where:
        done = replay_one(peers.recorded(("client", HELLO), server=where))
    assert done.attempts[0].outcome == "failed"
    assert 3 <= len(done.attempts) <= MOST + 4
    assert all(c.confidence != "proved" for c in done.verdict.causes)
    assert any("one at a time" in note for note in done.notes)


# -- planted faults ----------------------------------------------------------------------


def behind(
    server: Endpoint, refuses: Callable[[list[bytes]], bytes | None]
) -> AbstractContextManager[Endpoint]:
    """A box before a server: it reads a hello, and refuses with bytes, or passes it on."""

    def serve(accepted: socket.socket) -> None:
        parts = hear(accepted)
        refusal = refuses(parts)
        if refusal is not None:
            accepted.sendall(refusal)
            return
        with socket.create_connection(server) as onward:
            onward.sendall(b"".join(parts))
            onward.settimeout(0.4)
            with contextlib.suppress(TimeoutError):
                while answer := onward.recv(1 << 16):
                    accepted.sendall(answer)

    return peers.scripted(serve)


def hear(accepted: socket.socket) -> list[bytes]:
    """Read what comes until a lull, as the reads brought it."""
    parts = [accepted.recv(1 << 16)]
    accepted.settimeout(0.35)
    with contextlib.suppress(TimeoutError):
        while part := accepted.recv(1 << 16):
            parts.append(part)
    return parts


def replay_behind(
    data: bytes | tuple[bytes, ...], refuses: Callable[[list[bytes]], bytes | None]
) -> Replay:
    parts = data if isinstance(data, tuple) else (data,)
    with peers.openssl_server() as server, behind(server, refuses) as where:
        recording = peers.recorded(*(("client", part) for part in parts), server=where)
        return replay_one(apart(recording))


def apart(recording: Recording) -> Recording:
    """Put 200 ms between the parts, so that a network keeps them apart."""
    recording.marks = [
        (who, data, 1000 + n / 5) for n, (who, data, _) in enumerate(recording.marks)
    ]
    return recording


def proved(done: Replay) -> list[tuple[str, str]]:
    passed = dict.fromkeys(a.variant for a in done.attempts if a.ended_by is None)
    return [(c.id, v) for c in done.verdict.causes if c.confidence == "proved" for v in passed]


def test_a_name_that_a_filter_resets() -> None:
    """The box leaves without a word whenever it sees the name, as a server may: none is proved."""
    done = replay_behind(HELLO, lambda parts: b"" if peers.NAME.encode() in parts[0] else None)
    assert not proved(done)
    likely = {cause.id for cause in done.verdict.causes if cause.confidence == "likely"}
    assert likely == {"sni-unknown", "sni-filter-rst-injected"}
    assert any(a.variant == "sni" and a.outcome != "failed" for a in done.attempts)


def test_a_tiny_first_segment() -> None:
    done = replay_behind(
        (HELLO[:5], HELLO[5:]), lambda parts: ALERT_40 if len(parts[0]) < 8 else None
    )
    assert proved(done) == [("ch-first-segment-tiny", "segments")]
    edits = next(a.edits for a in done.attempts if a.variant == "segments")
    assert [(e.offset, e.old, e.new) for e in edits] == [(5, "", ""), (64, "", "")]


def test_a_server_that_reads_once() -> None:
    done = replay_behind(
        (HELLO[:100], HELLO[100:]), lambda parts: b"" if len(parts[0]) < len(HELLO) else None
    )
    assert proved(done) == [("pq-client-hello-too-big", "segments")]


def test_records_that_a_server_does_not_join() -> None:
    cut = HELLO[:3] + b"\x00\x40" + HELLO[5:69] + HELLO[:3]
    cut += (len(HELLO) - 69).to_bytes(2, "big") + HELLO[69:]
    done = replay_behind(cut, lambda parts: ALERT_40 if parts[0][3:5] == b"\x00\x40" else None)
    assert proved(done) == [("ch-record-fragmentation-unsupported", "records")]


def test_a_size_taken_for_ssl_2() -> None:
    short = hello_for("a.example", "ECDHE+AESGCM", highest=ssl.TLSVersion.TLSv1_3)
    size = int.from_bytes(short[3:5], "big")
    if not 256 <= size < 512:
        short = pad_out(short, 300)
    done = replay_behind(
        short, lambda parts: b"" if 256 <= int.from_bytes(parts[0][3:5], "big") < 512 else None
    )
    assert ("ch-length-256-511", "padding") in proved(done)
    assert {cause for cause, _ in proved(done)} == {"ch-length-256-511"}


@pytest.mark.parametrize("code", [10, 47, 50, 80])
def test_a_size_that_a_parser_stumbles_over(code: int) -> None:
    """What is refused with an alert is tried as what gets no word."""
    short = hello_for("a.example", "ECDHE+AESGCM", highest=ssl.TLSVersion.TLSv1_3)
    if not 256 <= int.from_bytes(short[3:5], "big") < 512:
        short = pad_out(short, 300)
    said = b"\x15\x03\x03\x00\x02\x02" + bytes([code])
    done = replay_behind(
        short, lambda parts: said if 256 <= int.from_bytes(parts[0][3:5], "big") < 512 else None
    )
    assert {cause for cause, _ in proved(done)} == {"ch-length-256-511"}


def pad_out(hello: bytes, size: int) -> bytes:
    from test_flight import flight_of
    from test_variants import opened

    from tlswire import variants

    flight = flight_of(hello)
    return variants.apply(flight, variants.padded(opened(flight), size)).data


def test_a_proxy_header_is_missing() -> None:
    with peers.nginx_server() as server:

        def serve(accepted: socket.socket) -> None:
            start = accepted.recv(15, socket.MSG_WAITALL)
            if start == b"PROXY UNKNOWN\r\n":
                with socket.create_connection(server) as onward:
                    onward.sendall(accepted.recv(1 << 16))
                    onward.settimeout(0.4)
                    with contextlib.suppress(TimeoutError):
                        while answer := onward.recv(1 << 16):
                            accepted.sendall(answer)

        with peers.scripted(serve) as where:
            done = replay_one(peers.recorded(("client", HELLO), server=where))
    assert ("proxy-protocol-missing", "preamble") in proved(done)


def test_tables_name_causes_and_variants_of_the_contract() -> None:
    known = {module.ID for module in causes.CAUSES}
    assert {row.cause for row in EXPERIMENTS} <= known
    contract = (
        "version sni suites groups signature_algorithms alpn extension padding segments records "
        "mss preamble no-ticket wait cleartext"
    )
    assert {row.variant for row in EXPERIMENTS} <= set(contract.split())
    assert all(row.told and not row.told.endswith(".") for row in EXPERIMENTS)


def test_a_plain_capture_is_proved_by_the_command(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tlswire import cli

    with SERVERS["openssl", "groups-no-overlap"]() as where:
        recording = peers.overheard(CLIENTS["groups-no-overlap"](), where)
        path = peers.write_capture(recording, tmp_path / "one.pcap")
        told = CliRunner().invoke(cli.main, ["replay", str(path), "--json"])
    assert told.exit_code == 1, told.output
    (done,) = json.loads(told.stdout_bytes)["replays"]
    assert done["verdict"]["causes"][0]["confidence"] == "proved"


def test_the_order_of_extensions_is_not_taken_for_one_of_them() -> None:
    """Without the name the hello passes; with the name at another place too."""

    from test_narrow import CHROME, to

    with peers.openssl_server() as server, faults.box(server, (sni_late, faults.alert)) as where:
        done = perform(to(where, CHROME), EXPERIMENTS)
    assert not [c for c in done.verdict.causes if c.confidence == "proved"]
    assert any("the order of extensions" in note for note in done.notes)
    assert "tlswire narrow" in (done.verdict.next_step or "")


def sni_late(heard: Heard) -> bool:
    types = [number for number in heard.types if number not in GREASE]
    return 0 in types[1:]


def test_what_no_experiment_tries_is_still_told_to_be_in_the_hello() -> None:

    from test_narrow import CURL, to

    fault = faults.has_extension(22)
    with peers.openssl_server() as server, faults.box(server, (fault, faults.close)) as where:
        done = perform(to(where, CURL), EXPERIMENTS)
    told = [e.text for cause in done.verdict.causes for e in cause.evidence]
    assert not [c for c in done.verdict.causes if c.confidence == "proved"]
    assert not [text for text in told if "left as well" in text]  # more changes would have passed
    assert any("only what a handshake needs" in note for note in done.notes)
    assert "tlswire narrow" in (done.verdict.next_step or "")


# -- what passes for another reason ------------------------------------------------------


def test_a_share_without_its_group_is_proved_by_listing_the_group() -> None:
    from test_causes_by_hand import client_hello, extension, groups, record, u16, vector, versions

    share = extension(51, vector(2, u16(29) + vector(2, b"\x09" + bytes(31))))
    schemes = extension(13, bytes.fromhex("0006080404030401"))
    offer = client_hello(versions(0x0304), groups(24), share, schemes, suites=(0x1301,))
    with peers.openssl_server() as where:
        done = replay_one(peers.recorded(("client", record(offer)), server=where))
    (cause,) = done.verdict.causes
    assert (cause.id, cause.confidence) == ("key-share-inconsistent", "proved")


def test_a_server_of_old_versions_alone_is_no_intolerance() -> None:
    """It goes on when TLS 1.2 is offered without a list, in a version that was not offered."""
    from test_causes import hello

    modern = hello(minimum_version=ssl.TLSVersion.TLSv1_2, ciphers="ALL:@SECLEVEL=0")
    with peers.openssl_server("-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as where:
        done = replay_one(peers.recorded(("client", modern), server=where))
    (cause,) = done.verdict.causes
    assert (cause.id, cause.confidence) == ("version-server-too-old", "proved")


def test_a_hello_in_two_segments_proves_no_name_where_the_name_made_no_difference() -> None:
    from test_narrow import CURL, to

    def offers_tls13_at_once(heard: Heard) -> bool:
        return len(heard.reads) == 1 and 0x0304 in heard.listed(43)

    with (
        peers.openssl_server() as server,
        faults.box(server, (offers_tls13_at_once, faults.reset)) as where,
    ):
        done = perform(to(where, CURL), EXPERIMENTS)
    assert done.verdict.causes[0].id == "version-intolerance"
    assert "sni-filter-rst-injected" not in {c.id for c in done.verdict.causes}


def test_a_refusal_from_elsewhere_than_the_server_is_laid_to_a_box_first() -> None:
    """The TTL of its alert is not that of the server's SYN-ACK: the server is not proved."""
    row = next(row for row in EXPERIMENTS if row.cause == "sni-unknown")
    seen = peers.recorded(("client", HELLO), ("server", b"\x15\x03\x03\0\2\2\x50")).seen()
    assert proof.of_whom(row, seen) is row
    seen.flow.server.odd_ttl = 123
    told = proof.of_whom(row, seen)
    assert (told.cause, told.besides) == ("sni-filter-rst-injected", ("sni-unknown",))


def test_what_is_proved_is_not_weighed_against_what_was_tried_in_vain() -> None:
    """The twin read `no_application_protocol` where the exact hello's refusal is hidden."""
    found = Cause(id="alpn-no-overlap", confidence="proved", evidence=(), remedies=())
    verdict = Verdict(summary="refused", causes=(found,))
    seen = peers.recorded(("client", HELLO), ("server", b"\x15\x03\x03\0\2\2\x28")).seen()
    weighed = vain.weigh_refusals(verdict, seen, EXPERIMENTS[:9], nothing_helps=True)
    assert weighed == verdict


def test_a_server_that_ends_itself_on_a_large_hello_is_told_so_first() -> None:
    """The hello of a browser fills two segments; nobody is there to ask whether that was why."""
    from test_narrow import CHROME, to

    with socket.create_server((peers.LOOPBACK, 0)) as listening:

        def once() -> None:
            accepted, _ = listening.accept()
            accepted.recv(1 << 16)
            listening.close()
            faults.reset(accepted)
            accepted.close()

        threading.Thread(target=once, daemon=True).start()
        where = Endpoint(peers.LOOPBACK, int(listening.getsockname()[1]))
        done = perform(to(where, CHROME), EXPERIMENTS)
    first = done.verdict.causes[0]
    assert (first.id, first.confidence) == ("server-abrupt-eof", "likely")
    assert "seems to have ended itself" in first.evidence[-1].text
