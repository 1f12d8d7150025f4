"""Error codes of the OpenSSL family, unpacked: which side objected, and to what.

Three libraries pack a code in three ways, told apart by the first byte. A reason of 1000 and more
is an alert that the peer sent; a lower one is an objection of the library that printed it. Never
asks an installed library: it would read another release's code wrongly.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class StackError(NamedTuple):
    """One unpacked code. `alert` is set when the peer sent it; `where` is the 1.x function."""

    code: int
    library: str
    reason: int
    text: str | None
    alert: int | None
    where: str | None
    causes: tuple[str, ...]


class Packing(NamedTuple):
    """How a family of releases packs a code: bounds, and where the reason stands."""

    first: int
    last: int
    library: str
    reason: int
    function: int


#: By range of codes; only the SSL library's part of each family.
PACKINGS: tuple[Packing, ...] = (
    Packing(0x14000000, 0x14FFFFFF, "OpenSSL up to 1.1.1", 0xFFF, 0xFFF000),
    Packing(0x0A000000, 0x0A7FFFFF, "OpenSSL 3", 0x7FFFFF, 0),
    Packing(0x10000000, 0x10000FFF, "BoringSSL", 0xFFF, 0),
)
#: LibreSSL packs as OpenSSL 1.x, with the handshake's state in the function's place.
LAST_LIBRESSL_STATE = 99
ALERT_BASE = 1000

#: Functions of OpenSSL 1.x that show up in logs.
FUNCTIONS: dict[int, str] = {
    118: "SSL23_GET_CLIENT_HELLO: reading the ClientHello",
    119: "SSL23_GET_SERVER_HELLO: waiting for the ServerHello",
    138: "SSL3_GET_CLIENT_HELLO: reading the ClientHello",
    143: "SSL3_GET_RECORD: reading a record",
    144: "SSL3_GET_SERVER_CERTIFICATE: judging the server's certificate",
    148: "SSL3_READ_BYTES: reading a record",
    158: "SSL3_WRITE_BYTES: writing a record",
    161: "ssl_bytes_to_cipher_list: reading the offered suites",
    367: "tls_process_server_certificate: judging the server's certificate",
    378: "tls_post_process_client_hello: choosing a suite",
    419: "tls_process_ske_dhe: reading the server's Diffie-Hellman key",
    513: "tls_choose_sigalg: choosing a signature algorithm",
    607: "ssl_choose_client_version: choosing the version",
}


class Reason(NamedTuple):
    """What a reason below 1000 means; the same number in every OpenSSL release."""

    text: str
    causes: tuple[str, ...]


REASONS: dict[int, Reason] = {
    101: Reason("no suitable key share", ("groups-no-overlap",)),
    104: Reason("inconsistent extended master secret", ("ems-required",)),
    108: Reason("bad key share", ("key-share-inconsistent", "hrr-broken")),
    118: Reason("no suitable signature algorithm", ("sigalgs-no-overlap",)),
    123: Reason("bad signature", ("server-key-mismatch",)),
    134: Reason(
        "certificate verify failed",
        ("cert-untrusted-root", "cert-missing-intermediate", "cert-expired", "cert-name-mismatch"),
    ),
    152: Reason("excessive message size", ("cert-too-large",)),
    155: Reason("https proxy request", ("explicit-proxy-mismatch",)),
    156: Reason("http request: the client spoke plain HTTP", ("http-to-tls-port",)),
    193: Reason(
        "no shared cipher", ("cipher-no-overlap", "ecdsa-cert-rsa-client", "server-no-usable-key")
    ),
    199: Reason("peer did not return a certificate", ("mtls-client-sends-empty",)),
    229: Reason("ssl handshake failure", ("server-abrupt-eof",)),
    234: Reason("callback failed, often the one for SNI", ("sni-unknown",)),
    235: Reason("no application protocol", ("alpn-no-overlap",)),
    252: Reason(
        "unknown protocol: the peer did not answer with TLS",
        ("tls-to-http-port", "server-speaks-first", "starttls-expected"),
    ),
    258: Reason("unsupported protocol", ("version-client-too-old", "version-server-too-old")),
    267: Reason(
        "wrong version number: the peer did not answer with TLS",
        ("tls-to-http-port", "server-speaks-first", "proxy-protocol-unexpected"),
    ),
    281: Reason("decryption failed or bad record mac", ("bad-record-mac", "ticket-not-shared")),
    294: Reason("unexpected eof while reading", ("server-abrupt-eof", "close-without-notify")),
    333: Reason("legacy signature algorithm disallowed", ("sigalgs-no-overlap",)),
    338: Reason("unsafe legacy renegotiation disabled", ("legacy-renegotiation-refused",)),
    373: Reason("inappropriate fallback", ("fallback-scsv",)),
    394: Reason("dh key too small", ("dh-too-small",)),
    396: Reason("version too low", ("version-client-too-old", "version-server-too-old")),
    398: Reason("certificate digest too weak", ("cert-weak",)),
    399: Reason("certificate key too small", ("cert-weak",)),
}

#: BoringSSL numbers its reasons in its own way.
BORINGSSL_REASONS: dict[int, Reason] = {
    125: Reason("certificate verify failed", REASONS[134].causes),
    154: Reason("handshake failure on client hello: alert 40 was the first answer", ()),
    156: Reason("http request: the client spoke plain HTTP", ("http-to-tls-port",)),
    240: Reason("unsupported protocol", REASONS[258].causes),
    247: Reason("wrong version number: the peer did not answer with TLS", REASONS[267].causes),
    253: Reason("no common signature algorithms", ("sigalgs-no-overlap",)),
}

_CODE = re.compile(r"(?:\berror:|^)(?:0x)?([0-9a-f]{8})(?![0-9a-f])", re.IGNORECASE)
_DECIMAL = re.compile(r"(?<!\d)(2684\d{5})(?!\d)")


def unpack_text(text: str) -> StackError | None:
    """Find a code in a line of a log and unpack it; None when there is none."""
    if match := _DECIMAL.search(text):
        return unpack(int(match[1]))
    if match := _CODE.search(text.strip()):
        return unpack(int(match[1], 16))
    return None


def unpack(code: int) -> StackError | None:
    """Unpack one code; None when it is of no known packing."""
    for packing in PACKINGS:
        if packing.first <= code <= packing.last:
            return _unpack_as(packing, code)
    return None


def _unpack_as(packing: Packing, code: int) -> StackError:
    """Unpack a code of a known family."""
    reason = code & packing.reason
    function = (code & packing.function) >> 12
    library = packing.library
    if packing.function and function <= LAST_LIBRESSL_STATE:
        library, function = "LibreSSL", 0
    alert = reason - ALERT_BASE if ALERT_BASE <= reason < ALERT_BASE + 256 else None
    table = BORINGSSL_REASONS if library == "BoringSSL" else REASONS
    known = table.get(reason)
    text, causes = known if known is not None else (None, ())
    return StackError(code, library, reason, text, alert, FUNCTIONS.get(function), causes)
