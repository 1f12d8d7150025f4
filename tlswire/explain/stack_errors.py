"""Error codes of the OpenSSL family, unpacked: which side objected, to what, and at which message.

Four libraries pack a code in three ways, told apart by the bits. A reason of 1000 and more is an
alert that the peer sent; a lower one is an objection of the library that printed it. Never asks
an installed library: it would read another release's code wrongly.
"""

from __future__ import annotations

import errno
import re
from typing import Final, Literal, NamedTuple

from tlswire.explain.stack_reasons import BORINGSSL, LIBRARIES, OPENSSL
from tlswire.language import mark

Role = Literal["client", "server"]


class StackError(NamedTuple):
    """One unpacked code. `alert` is set when the peer sent it; `name` is that of the reason."""

    code: int | None
    library: str
    part: str
    reason: int | None
    name: str | None
    alert: int | None

    @property
    def text(self) -> str | None:
        """Return the reason in words, as the library prints it."""
        return self.name.lower().replace("_", " ") if self.name else None


class Place(NamedTuple):
    """Where in the handshake a function stands, and on which side: None for both."""

    pattern: str
    role: Role | None
    at: str


ALERT_BASE: Final = 1000
SSL: Final = 20
SYSTEM: Final = 2
#: LibreSSL packs as OpenSSL 1.x, with the handshake's state in the function's place.
LAST_LIBRESSL_STATE: Final = 99
OLD, NEW, LIBRE, BORING = "OpenSSL up to 1.1.1", "OpenSSL 3", "LibreSSL", "BoringSSL"

#: Where a client is that has no answer yet.
WAITING: Final = mark("waiting for the ServerHello")
#: What functions and states are called, in any release; read from the most telling.
PLACES: Final[tuple[Place, ...]] = (
    Place(
        r"GET_SERVER_HELLO|process_server_hello|CR_SRVR_HELLO",
        "client",
        WAITING,
    ),
    Place(
        r"GET_CLIENT_HELLO|process_client_hello|SR_CLNT_HELLO",
        "server",
        mark("reading the ClientHello"),
    ),
    Place(
        r"CHOOSE_CLIENT_VERSION|bytes_to_cipher_list|CHOOSE_SIGALG",
        None,
        mark("choosing from the ClientHello"),
    ),
    Place(
        r"GET_SERVER_CERTIFICATE|process_server_certificate|CR_CERT\b",
        "client",
        mark("judging the server's certificate"),
    ),
    Place(
        r"GET_CLIENT_CERTIFICATE|process_client_certificate|SR_CERT\b",
        "server",
        mark("judging the client's certificate"),
    ),
    Place(
        r"process_ske|GET_KEY_EXCHANGE|process_key_exchange|CR_KEY_EXCH",
        "client",
        mark("reading the ServerKeyExchange"),
    ),
    Place(
        r"process_cke|GET_CLIENT_KEY_EXCHANGE|SR_KEY_EXCH",
        "server",
        mark("reading the ClientKeyExchange"),
    ),
    Place(r"CERT_VERIFY|process_cert_verify", None, mark("verifying a CertificateVerify")),
    Place(r"GET_FINISHED|process_finished", None, mark("verifying a Finished")),
    Place(r"READ_BYTES|GET_RECORD|READ_N\b|ssl3_read", None, mark("reading a record")),
    Place(r"WRITE_BYTES|WRITE_PENDING", None, mark("writing a record")),
    Place(r"\bST_CONNECT|SSL_connect|CONNECT_", "client", mark("inside its handshake")),
    Place(r"\bST_ACCEPT|SSL_accept|ACCEPT_", "server", mark("inside its handshake")),
)
#: The numbers of functions of OpenSSL 1.x, where a line gives the number alone.
FUNCTIONS: Final[dict[int, str]] = {
    118: "SSL23_GET_CLIENT_HELLO",
    119: "SSL23_GET_SERVER_HELLO",
    138: "SSL3_GET_CLIENT_HELLO",
    143: "SSL3_GET_RECORD",
    144: "SSL3_GET_SERVER_CERTIFICATE",
    146: "SSL3_GET_SERVER_HELLO",
    148: "SSL3_READ_BYTES",
    158: "SSL3_WRITE_BYTES",
    161: "ssl_bytes_to_cipher_list",
    367: "tls_process_server_certificate",
    378: "tls_post_process_client_hello",
    419: "tls_process_ske_dhe",
    513: "tls_choose_sigalg",
    607: "ssl_choose_client_version",
}

_HEX = re.compile(
    r"(?:\berror[: ]|^\s*|\b0x|[(\[|])(?:0x)?([0-9a-f]{8})(?![0-9a-f])", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<!\d)(\d{9})(?!\d)")
_PLACES: Final = tuple((re.compile(p.pattern, re.IGNORECASE), p) for p in PLACES)
_WORDS = re.compile(r"[A-Za-z0-9]+")
#: Reasons are looked for by name in a line of so many words; a longer one holds no error.
MOST_WORDS: Final = 120


def unpack_text(text: str) -> StackError | None:
    """Find a code in a line of a log and unpack it; None when there is none."""
    for match in _HEX.finditer(text):
        # OpenSSL 3 gives its BIO library the numbers that BoringSSL gives SSL
        bio = match[1].startswith("10") and text[match.end() :].startswith(":BIO routines")
        if not bio and (error := unpack(int(match[1], 16))):
            return error
    for match in _DECIMAL.finditer(text):
        if error := _of_ssl(int(match[1])):
            return error
    return None


def unpack(code: int) -> StackError | None:
    """Unpack one code; None when it is of no known packing, or of a library that is not here."""
    return _of_ssl(code) or _of_system(code) or _of_other(code)


def _of_ssl(code: int) -> StackError | None:
    """Unpack a code of the part that speaks TLS."""
    if code >> 24 == SSL:
        function = (code >> 12) & 0xFFF
        return _error(code, LIBRE if function <= LAST_LIBRESSL_STATE else OLD, code & 0xFFF)
    if code >> 23 == SSL:
        return _error(code, NEW, code & 0x7FFFFF)
    if 0x10000000 <= code <= 0x10000FFF:
        return _error(code, BORING, code & 0xFFF)
    return None


def _error(code: int, library: str, reason: int) -> StackError:
    known = BORINGSSL.get(reason) if library == BORING else OPENSSL.get((SSL, reason))
    alert = reason - ALERT_BASE if ALERT_BASE <= reason < ALERT_BASE + 256 else None
    return StackError(code, library, LIBRARIES[SSL], reason, known, alert)


def _of_system(code: int) -> StackError | None:
    """Unpack an error of the operating system that a library passes on."""
    new = code & 0x80000000 and code & 0x7FFFFFFF < 256
    number = code & 0xFF if new else code & 0xFFF
    if not (new or code >> 24 == SYSTEM) or number not in errno.errorcode:
        return None
    return StackError(code, NEW if new else OLD, "system", number, errno.errorcode[number], None)


def _of_other(code: int) -> StackError | None:
    """Unpack a code of the parts for keys, files and certificates, where the reason is known."""
    new = code & 0x7FF000 == 0 and (code >> 23, code & 0xFFF) in OPENSSL
    part = code >> 23 if new else code >> 24
    name = OPENSSL.get((part, code & 0xFFF))
    if name is None or part == SSL:
        return None
    return StackError(code, NEW if new else OLD, LIBRARIES[part], code & 0xFFF, name, None)


def find_reason(line: str) -> StackError | None:
    """Find the name of a reason in a line that has no code: the longest that stands in it."""
    words = [word.upper() for word in _WORDS.findall(line)[:MOST_WORDS]]
    for count in range(min(_LONGEST, len(words)), 1, -1):
        for start in range(len(words) - count + 1):
            name = "_".join(words[start : start + count])
            if name in _NAMES:
                return StackError(None, "an OpenSSL-family library", _NAMES[name], None, name, None)
    return None


def place(line: str, error: StackError | None) -> Place | None:
    """Return where in the handshake a line of the family says that it happened."""
    number = (error.code or 0) >> 12 & 0xFFF if error is not None and error.library == OLD else 0
    spelt = f"{line} {FUNCTIONS.get(number, '')}"
    return next((place for pattern, place in _PLACES if pattern.search(spelt)), None)


#: Reasons by name, of the parts in which they tell of a handshake.
_NAMES: Final[dict[str, str]] = {
    **{name: LIBRARIES[part] for (part, _), name in OPENSSL.items() if part in (SSL, 11)},
    **dict.fromkeys(BORINGSSL.values(), LIBRARIES[SSL]),
}
_LONGEST: Final = max(name.count("_") + 1 for name in _NAMES)
