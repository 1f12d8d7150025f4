"""Every version, key exchange and cipher that real servers still do, played to an answer.

Each row's hello is that of a real client. It reaches Finished with a verified server Finished, and
gets an answer in application data. The quick half runs always; `tools/matrix` runs all of it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import mbed
import peers
import pytest
import stacks
from conftest import ROOT
from peers import gnutls_server, nginx_server, openssl_server
from test_replay import replay_one

from tlswire.decode import scan
from tlswire.flow import Endpoint
from tlswire.player.exchange import Psk
from tlswire.replay import Asked, replay
from tlswire.replay.own import Own
from tlswire.result import Replay

FULL = bool(os.environ.get("TLSWIRE_MATRIX"))
TLS10, TLS11, TLS12 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
#: What our side has where a suite needs it.
OWN = Own(psk=Psk(mbed.IDENTITY.encode(), mbed.PSK))
Start = Callable[[], AbstractContextManager[Endpoint]]

#: All that OpenSSL can do up to TLS 1.2; each hello asks for one of it.
ALL = ("-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-no_tls1_3")
ANY_GNUTLS = (
    "NONE:+VERS-ALL:+CIPHER-ALL:+ARCFOUR-128:+3DES-CBC:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC"
    ":+MAC-ALL:+MD5:+KX-ALL:+SIGN-ALL:+SIGN-RSA-SHA1:+COMP-NULL:+GROUP-ALL:%COMPAT"
)
CURVES = "P-224:secp256k1:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1:P-256:P-384:P-521"
#: Binary curves, which clients of OpenSSL 1.0 offer first.
BINARY = (
    *("sect163k1", "sect163r1", "sect163r2", "sect193r1", "sect193r2", "sect233k1", "sect233r1"),
    *("sect239k1", "sect283k1", "sect283r1", "sect409k1", "sect409r1", "sect571k1", "sect571r1"),
)
PSK = "0123456789abcdef"

SERVERS: dict[str, Start] = {
    "openssl": partial(openssl_server, *ALL),
    "openssl-curves": partial(openssl_server, *ALL, "-groups", CURVES),
    "openssl-binary": partial(openssl_server, *ALL, "-groups", ":".join((*BINARY, "P-256"))),
    "openssl-ecdsa": partial(openssl_server, *ALL, key="ECDSA"),
    "openssl-no-etm": partial(openssl_server, *ALL, "-no_etm"),
    "openssl-ed25519": lambda: stacks.openssl_with("Ed25519"),
    "openssl-ed448": lambda: stacks.openssl_with("Ed448"),
    "openssl-any": partial(openssl_server, *ALL[:2]),
    "openssl-1.3": openssl_server,
    "openssl-1.3-ecdsa": partial(openssl_server, key="ECDSA"),
    "openssl-ccm": partial(
        openssl_server, "-ciphersuites", "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"
    ),
    "openssl-p256": partial(openssl_server, "-groups", "P-256"),
    "openssl-p384": partial(openssl_server, "-groups", "P-384"),
    "openssl-p521": partial(openssl_server, "-groups", "P-521"),
    "openssl-x448": partial(openssl_server, "-groups", "X448"),
    "openssl-ffdhe2048": partial(openssl_server, "-groups", "ffdhe2048"),
    "openssl-ffdhe8192": partial(openssl_server, "-groups", "ffdhe8192"),
    "openssl-stateless": partial(openssl_server, "-stateless"),
    "openssl-psk": partial(openssl_server, *ALL, "-psk", PSK, "-psk_identity", "lab"),
    "gnutls": partial(gnutls_server, "--priority", ANY_GNUTLS),
    "nginx": partial(nginx_server, "ssl_protocols TLSv1.2 TLSv1.3;"),
    "haproxy": stacks.haproxy_server,
    "haproxy-1.2": partial(stacks.haproxy_server, "ssl-max-ver TLSv1.2"),
    "nss": stacks.nss_server,
    "nss-1.2": partial(stacks.nss_server, "-V", "tls1.0:tls1.2"),
    "node": stacks.node_server,
    "node-h2": partial(stacks.node_server, h2=True),
    "node-1.2": partial(stacks.node_server, '{"maxVersion":"TLSv1.2"}'),
    "python": stacks.python_server,
    "java": stacks.java_server,
    "java-1.2": partial(stacks.java_server, "TLSv1.2"),
    "go": stacks.go_server,
    "pyopenssl": stacks.pyopenssl_server,
    "wolfssl": stacks.wolfssl_server,
    "botan-1.2": stacks.botan_server,
    **{
        f"mbed-{version}-{key}": partial(mbed.mbed_server, version, key)
        for version in mbed.VERSIONS
        for key in ("RSA", "ECDSA")
    },
    **{
        f"lighttpd-{module}": partial(stacks.lighttpd_server, module)
        for module in ("openssl", "gnutls", "nss", "wolfssl", "mbedtls")
    },
    "tlslite-ssl3": partial(stacks.tlslite_server, (3, 0), ["rc4", "3des", "aes128", "aes256"]),
    "tlslite-1.2": partial(stacks.tlslite_server, (3, 3), ["rc4", "3des", "aes128ccm"]),
}


class Row(NamedTuple):
    """A hello, a server, and what they must agree upon."""

    server: str
    name: str
    hello: Callable[[], bytes]
    version: str
    suite: str = ""  # part of the IANA name
    group: str | None = None
    full: bool = False  # only in the whole matrix
    closed: str = ""  # why our side cannot go on, where it cannot


def _of_openssl() -> Iterator[Row]:
    """TLS 1.0 to 1.2 with every kind of key exchange, cipher and MAC that OpenSSL 3 has."""
    rsa = (
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
        ("CAMELLIA128-SHA", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"),
        ("NULL-SHA", "TLS_RSA_WITH_NULL_SHA"),
        ("NULL-MD5", "TLS_RSA_WITH_NULL_MD5"),
        ("DHE-RSA-AES128-SHA", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
        ("DHE-RSA-CAMELLIA256-SHA", "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"),
        ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        ("ECDHE-RSA-NULL-SHA", "TLS_ECDHE_RSA_WITH_NULL_SHA"),
        ("ADH-AES128-SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
        ("AECDH-AES256-SHA", "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
    )
    newer = (
        ("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
        ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        ("AES128-CCM", "TLS_RSA_WITH_AES_128_CCM"),
        ("AES256-CCM8", "TLS_RSA_WITH_AES_256_CCM_8"),
        ("NULL-SHA256", "TLS_RSA_WITH_NULL_SHA256"),
        ("CAMELLIA256-SHA256", "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256"),
        ("DHE-RSA-AES256-SHA256", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
        ("DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("DHE-RSA-AES256-CCM", "TLS_DHE_RSA_WITH_AES_256_CCM"),
        ("DHE-RSA-CHACHA20-POLY1305", "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("ECDHE-RSA-CAMELLIA128-SHA256", "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"),
    )
    ecdsa = (
        ("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", TLS10),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", TLS12),
        ("ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", TLS12),
    )
    names = {TLS10: "TLS 1.0", TLS11: "TLS 1.1", TLS12: "TLS 1.2"}
    for version, told in names.items():
        for cipher, suite in rsa + (newer if version == TLS12 else ()):
            quick = version != TLS11 and (version == TLS12) == (cipher[0] in "ACDE")
            hello = partial(stacks.python_hello, cipher, version)
            yield Row("openssl", cipher, hello, told, suite, full=not quick)
    for cipher, suite, version in ecdsa:
        hello = partial(stacks.python_hello, cipher, version)
        yield Row("openssl-ecdsa", cipher, hello, names[version], suite)
    for cipher in ("AES128-SHA", "ECDHE-RSA-AES256-SHA384"):
        hello = partial(stacks.python_hello, cipher, TLS12)
        yield Row("openssl-no-etm", cipher, hello, "TLS 1.2")
    for kind in ("ed25519", "ed448"):
        hello = partial(stacks.python_hello, "ECDHE", TLS12)
        yield Row(f"openssl-{kind}", "ECDHE", hello, "TLS 1.2", "ECDHE_ECDSA")
        yield Row(f"openssl-{kind}", "1.3", stacks.python_hello, "TLS 1.3")


def _of_groups() -> Iterator[Row]:
    """Named groups: in TLS 1.2 by curve, in TLS 1.3 by share or by HelloRetryRequest."""
    for curve, group in (
        ("P-256", "secp256r1"),
        ("P-384", "secp384r1"),
        ("P-521", "secp521r1"),
        ("X25519", "x25519"),
        ("X448", "x448"),
        ("brainpoolP256r1", "brainpoolP256r1"),
        ("brainpoolP384r1", "brainpoolP384r1"),
        ("brainpoolP512r1", "brainpoolP512r1"),
        ("secp256k1", "secp256k1"),
        ("P-224", "secp224r1"),
    ):
        hello = partial(
            stacks.openssl_hello,
            *("-tls1_2", "-groups", curve, "-cipher", "ECDHE+AESGCM:@SECLEVEL=0"),
        )
        server = "openssl" if curve.startswith("X") else "openssl-curves"
        yield Row(server, f"group-{curve}", hello, "TLS 1.2", "ECDHE_RSA", group)
    for group in BINARY:
        hello = partial(
            stacks.openssl_hello,
            *("-tls1_2", "-groups", group, "-cipher", "ECDHE+AESGCM:@SECLEVEL=0"),
        )
        full = group not in ("sect233k1", "sect571r1")
        yield Row("openssl-binary", group, hello, "TLS 1.2", "ECDHE_RSA", group, full=full)
    for curve in ("P-256", "P-384", "P-521", "X448", "ffdhe2048", "ffdhe8192"):
        group = {"X448": "x448"}.get(curve, curve.replace("P-", "secp") + "r1" * ("P-" in curve))
        hello = partial(stacks.openssl_hello, "-groups", curve)
        server = f"openssl-{curve.lower().replace('p-', 'p')}"
        yield Row(server, "share", hello, "TLS 1.3", group=group)
        offered = partial(stacks.openssl_hello, "-groups", f"X25519:{curve}")
        yield Row(server, "retry", offered, "TLS 1.3", group=group)
    yield Row("openssl-stateless", "cookie", stacks.openssl_hello, "TLS 1.3")
    for groups, group in (
        ("X25519MLKEM768", "X25519MLKEM768"),
        ("SecP256r1MLKEM768", "SecP256r1MLKEM768"),
        ("SecP384r1MLKEM1024", "SecP384r1MLKEM1024"),
        ("MLKEM768", "MLKEM768"),
    ):
        hello = partial(stacks.pyopenssl_hello, groups)
        yield Row(f"pyopenssl-{groups}", "hybrid", hello, "TLS 1.3", group=group)
    yield Row("pyopenssl", "default", stacks.pyopenssl_hello, "TLS 1.3", group="X25519MLKEM768")


def _of_others() -> Iterator[Row]:
    """Other servers, and other clients' hellos."""
    for cipher, suite in (
        ("3DES-CBC", "3DES_EDE_CBC"),
        ("ARCFOUR-128", "RC4_128"),
        ("CAMELLIA-128-CBC", "CAMELLIA_128_CBC"),
        ("AES-256-CCM", "AES_256_CCM"),
        ("CHACHA20-POLY1305", "CHACHA20_POLY1305"),
    ):
        priority = f"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+{cipher}:+MAC-ALL:+KX-ALL:+SHA1"
        hello = partial(stacks.gnutls_hello, priority)
        yield Row("gnutls", cipher, hello, "TLS 1.2", suite)
    for version in ("TLS1.0", "TLS1.1"):
        hello = partial(stacks.gnutls_hello, f"NORMAL:-VERS-ALL:+VERS-{version}")
        yield Row("gnutls", version, hello, version.replace("TLS", "TLS "))
    yield Row("gnutls", "1.3", partial(stacks.gnutls_hello, "NORMAL"), "TLS 1.3")
    for ciphers, suite in ((["rc4"], "RC4"), (["3des"], "3DES"), (["aes256"], "AES_256_CBC")):
        hello = partial(stacks.tlslite_hello, (3, 0), ciphers)
        yield Row("tlslite-ssl3", ciphers[0], hello, "SSL 3.0", suite)
    for cipher in ("rc4", "3des"):
        hello = partial(stacks.tlslite_hello, (3, 3), [cipher])
        yield Row("tlslite-1.2", cipher, hello, "TLS 1.2", full=True)
    clients: dict[str, Callable[[], bytes]] = {
        "python": stacks.python_hello,
        "openssl": stacks.openssl_hello,
        "curl": stacks.curl_hello,
        "gnutls": partial(stacks.gnutls_hello, "NORMAL"),
        "nss": stacks.nss_hello,
        "node": stacks.node_hello,
        "go": stacks.go_hello,
        "java": stacks.java_hello,
        "pyopenssl": stacks.pyopenssl_hello,
    }
    new = ("openssl-1.3", "openssl-1.3-ecdsa", "nginx", "haproxy", "nss", "node", "python")
    rare = ("java", "java-1.2", "go", "wolfssl", "botan-1.2")
    old = ("haproxy-1.2", "nss-1.2", "node-1.2", "lighttpd-mbedtls")
    light = ("lighttpd-openssl", "lighttpd-gnutls", "lighttpd-nss", "lighttpd-wolfssl")
    for client, hello in clients.items():
        for server in (*new, *old, *rare, *light, "pyopenssl"):
            version = "TLS 1.2" if server.endswith(("1.2", "mbedtls")) else "TLS 1.3"
            if server == "lighttpd-wolfssl" and client in ("gnutls", "go", "java"):
                continue  # as Debian builds it, it hangs up on status_request
            slow = {"java", "wolfssl", "botan", "go"} & {client, server.partition("-")[0]}
            quick = not slow and (client == "python" or server == "openssl-1.3")
            yield Row(server, client, hello, version, full=not quick)
    ccm = partial(stacks.openssl_hello, "-ciphersuites", "TLS_AES_128_CCM_8_SHA256")
    yield Row("openssl-ccm", "ccm-8", ccm, "TLS 1.3", "CCM_8")
    h2 = partial(stacks.python_hello, shape=lambda context: context.set_alpn_protocols(["h2"]))
    yield Row("node-h2", "h2", h2, "TLS 1.3")


def _of_mbed() -> Iterator[Row]:
    """Every suite of Mbed TLS, static ECDH and pre-shared keys among them."""
    for suite in mbed.suites():
        closed = "ARIA" in suite or ("CAMELLIA" in suite and "GCM" in suite)
        for version in mbed.versions(suite):
            yield Row(
                f"mbed-{version}-{mbed.has_key(suite)}",
                suite.removeprefix("TLS-"),
                partial(mbed.mbed_hello, suite, version),
                version,
                suite.replace("-", "_"),
                full=suite not in mbed.QUICK or version == "TLS 1.1",
                closed=f"the records of {suite.replace('-', '_')}" * closed,
            )


ROWS = [row for make in (_of_openssl, _of_groups, _of_others, _of_mbed) for row in make()]
CHOSEN = [row for row in ROWS if FULL or not row.full]


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[str], Endpoint]]:
    """Start each server once for all rows."""
    with peers.each_once(lambda name: _server(name)()) as started:
        yield started


def _server(name: str) -> Start:
    kind, _, groups = name.partition("-")
    if kind == "pyopenssl" and groups:
        return partial(stacks.pyopenssl_server, groups)
    return SERVERS[name]


def done(hello: bytes, where: Endpoint) -> Replay:
    return replay_one(peers.recorded(("client", hello), server=where), experiments=False, own=OWN)


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: f"{row.server}/{row.version}/{row.name}")
def test_it_is_played_to_an_answer(row: Row, start: Callable[[str], Endpoint]) -> None:
    replayed = done(row.hello(), start(row.server))
    tries = [a for a in replayed.attempts if a.variant in ("exact", "twin")]
    assert tries, replayed.verdict.summary
    assert len(tries) <= 2
    found = tries[-1]
    if row.closed:
        assert found.outcome == "incomplete", found
        assert any(row.closed in note for note in replayed.notes), replayed.notes
        return
    assert (found.outcome, found.stopped_at) == ("established", None), found
    assert found.agreed is not None
    assert found.agreed.version == row.version
    assert row.suite in (found.agreed.cipher_suite or "")
    assert row.group in (None, found.agreed.group)
    assert found.agreed.application_data or found.agreed.alpn == "echo/0.1"  # Botan's own
    assert [m.trouble for m in found.messages if m.trouble is not None] == []
    assert found.variant == ("twin" if row.version == "TLS 1.3" else "exact")


@pytest.mark.parametrize(
    "capture", sorted((ROOT / "captures" / "clients").glob("*.pcapng")), ids=lambda path: path.stem
)
def test_every_bundled_client_is_played_to_an_answer(
    capture: Path, start: Callable[[str], Endpoint]
) -> None:
    found = scan(capture)
    chosen = [seen for seen in found.seen if seen.transcript.client_hello is not None][:1]
    where = start("openssl-any")
    (done,) = replay(found, chosen, Asked(target=str(where)), experiments=False)
    last = [a for a in done.attempts if a.variant in ("exact", "twin")][-1]
    assert (last.outcome, last.stopped_at) == ("established", None), done.notes
    assert last.agreed is not None
    assert last.agreed.application_data
