"""The handshake as a table: what may come when, and what is awaited next.

A state is named by the message it awaits, so "where it stopped" is a look-up. The table judges
both sides alike and knows no role of its own. RFC 5246 section 7.3, RFC 8446 section 2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from tlswire.flow import Who

TCP_CONNECT: Final = "TCP_CONNECT"
PREAMBLE: Final = "PREAMBLE"
CLIENT_HELLO: Final = "CLIENT_HELLO"
SERVER_HELLO: Final = "SERVER_HELLO"
ENCRYPTED_EXTENSIONS: Final = "ENCRYPTED_EXTENSIONS"
CERTIFICATE: Final = "CERTIFICATE"
SERVER_KEY_EXCHANGE: Final = "SERVER_KEY_EXCHANGE"
SERVER_HELLO_DONE: Final = "SERVER_HELLO_DONE"
CLIENT_CERTIFICATE: Final = "CLIENT_CERTIFICATE"
CLIENT_KEY_EXCHANGE: Final = "CLIENT_KEY_EXCHANGE"
CERTIFICATE_VERIFY: Final = "CERTIFICATE_VERIFY"
CLIENT_FINISHED: Final = "CLIENT_FINISHED"
SERVER_FINISHED: Final = "SERVER_FINISHED"
APPLICATION_DATA: Final = "APPLICATION_DATA"

#: Whose turn it is in each state; in APPLICATION_DATA anybody's.
AWAITED: dict[str, Who] = {
    TCP_CONNECT: "server",
    PREAMBLE: "server",
    CLIENT_HELLO: "client",
    SERVER_HELLO: "server",
    ENCRYPTED_EXTENSIONS: "server",
    CERTIFICATE: "server",
    SERVER_KEY_EXCHANGE: "server",
    SERVER_HELLO_DONE: "server",
    CLIENT_CERTIFICATE: "client",
    CLIENT_KEY_EXCHANGE: "client",
    CERTIFICATE_VERIFY: "client",
    CLIENT_FINISHED: "client",
    SERVER_FINISHED: "server",
    APPLICATION_DATA: "server",
}


class Row(NamedTuple):
    """In state `at`, `what` from `who` is legal when the condition holds, and leads `to`."""

    at: str
    who: Who
    what: str
    to: str
    when: str = ""  # a condition of `Conditions`, "" for always, "!x" for not x


class Conditions(NamedTuple):
    """What the table's conditions look at, all known from what has been seen."""

    tls13: bool = False
    ephemeral: bool = False  # the suite has a ServerKeyExchange
    resumed: bool = False
    asked: bool = False  # CertificateRequest seen
    certified: bool = False  # the client's Certificate was not empty

    def hold(self, when: str) -> bool:
        """Tell whether the condition named `when` holds."""
        if when.startswith("!"):
            return not getattr(self, when[1:])
        return not when or bool(getattr(self, when))


# fmt: off
TABLE: tuple[Row, ...] = (
    # -- hellos, all versions
    Row(CLIENT_HELLO, "client", "client_hello", SERVER_HELLO),
    Row(SERVER_HELLO, "server", "hello_request", CLIENT_HELLO),
    Row(CLIENT_HELLO, "server", "hello_request", CLIENT_HELLO),
    Row(SERVER_HELLO, "server", "hello_retry_request", CLIENT_HELLO),
    Row(SERVER_HELLO, "server", "server_hello", ENCRYPTED_EXTENSIONS, "tls13"),
    Row(SERVER_HELLO, "server", "server_hello", CERTIFICATE, "!tls13"),
    Row(SERVER_HELLO, "client", "early_data", SERVER_HELLO),
    Row(CLIENT_HELLO, "client", "early_data", CLIENT_HELLO),
    # -- TLS 1.3: the rest is hidden; the flight is told by its records (RFC 8446 section 2)
    Row(ENCRYPTED_EXTENSIONS, "client", "early_data", ENCRYPTED_EXTENSIONS),
    Row(ENCRYPTED_EXTENSIONS, "server", "encrypted", CLIENT_FINISHED),
    Row(CLIENT_FINISHED, "client", "early_data", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "server", "encrypted", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "encrypted", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "finished", APPLICATION_DATA, "tls13"),
    Row(APPLICATION_DATA, "server", "encrypted", APPLICATION_DATA),
    Row(APPLICATION_DATA, "client", "encrypted", APPLICATION_DATA),
    # -- TLS 1.3 read with keys
    Row(ENCRYPTED_EXTENSIONS, "server", "encrypted_extensions", CERTIFICATE, "tls13"),
    Row(CERTIFICATE, "server", "certificate_request", CERTIFICATE, "tls13"),
    Row(CERTIFICATE, "server", "certificate", CERTIFICATE, "tls13"),
    Row(CERTIFICATE, "server", "compressed_certificate", CERTIFICATE, "tls13"),
    Row(CERTIFICATE, "server", "certificate_verify", CERTIFICATE, "tls13"),
    Row(CERTIFICATE, "server", "finished", CLIENT_FINISHED, "tls13"),
    Row(CERTIFICATE, "client", "early_data", CERTIFICATE, "tls13"),
    Row(CLIENT_FINISHED, "server", "new_session_ticket", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "server", "application_data", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "end_of_early_data", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "encrypted_extensions", CLIENT_FINISHED, "tls13"),  # ALPS
    Row(CLIENT_FINISHED, "client", "certificate", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "compressed_certificate", CLIENT_FINISHED, "tls13"),
    Row(CLIENT_FINISHED, "client", "certificate_verify", CLIENT_FINISHED, "tls13"),
    # -- up to TLS 1.2: the server's flight
    Row(CERTIFICATE, "server", "certificate", SERVER_KEY_EXCHANGE, "ephemeral"),
    Row(CERTIFICATE, "server", "certificate", SERVER_HELLO_DONE, "!ephemeral"),
    Row(CERTIFICATE, "server", "server_key_exchange", SERVER_HELLO_DONE),
    Row(CERTIFICATE, "server", "supplemental_data", CERTIFICATE),
    Row(CERTIFICATE, "server", "certificate_request", SERVER_HELLO_DONE),
    Row(CERTIFICATE, "server", "server_hello_done", CLIENT_KEY_EXCHANGE),
    Row(SERVER_KEY_EXCHANGE, "server", "certificate_status", SERVER_KEY_EXCHANGE),
    Row(SERVER_KEY_EXCHANGE, "server", "server_key_exchange", SERVER_HELLO_DONE),
    Row(SERVER_HELLO_DONE, "server", "certificate_status", SERVER_HELLO_DONE),
    Row(SERVER_HELLO_DONE, "server", "server_key_exchange", SERVER_HELLO_DONE),
    Row(SERVER_HELLO_DONE, "server", "certificate_request", SERVER_HELLO_DONE),
    Row(SERVER_HELLO_DONE, "server", "server_hello_done", CLIENT_CERTIFICATE, "asked"),
    Row(SERVER_HELLO_DONE, "server", "server_hello_done", CLIENT_KEY_EXCHANGE, "!asked"),
    # -- up to TLS 1.2: the client's flight
    Row(CLIENT_CERTIFICATE, "client", "supplemental_data", CLIENT_CERTIFICATE),
    Row(CLIENT_CERTIFICATE, "client", "certificate", CLIENT_KEY_EXCHANGE),
    Row(CLIENT_CERTIFICATE, "client", "client_key_exchange", CLIENT_FINISHED),
    Row(CLIENT_KEY_EXCHANGE, "client", "certificate_url", CLIENT_KEY_EXCHANGE),
    Row(CLIENT_KEY_EXCHANGE, "client", "client_key_exchange", CERTIFICATE_VERIFY, "certified"),
    Row(CLIENT_KEY_EXCHANGE, "client", "client_key_exchange", CLIENT_FINISHED, "!certified"),
    Row(CERTIFICATE_VERIFY, "client", "certificate_verify", CLIENT_FINISHED),
    Row(CERTIFICATE_VERIFY, "client", "change_cipher_spec", CLIENT_FINISHED),
    Row(CLIENT_FINISHED, "client", "change_cipher_spec", CLIENT_FINISHED),
    Row(CLIENT_FINISHED, "client", "next_protocol", CLIENT_FINISHED),  # NPN, draft-agl-tls-…-04
    Row(SERVER_HELLO, "client", "change_cipher_spec", SERVER_HELLO),  # 0-RTT, RFC 8446 D.4
    Row(CLIENT_FINISHED, "client", "finished", SERVER_FINISHED, "!resumed"),
    Row(CLIENT_FINISHED, "client", "finished", APPLICATION_DATA, "resumed"),
    # -- up to TLS 1.2: the server's end, and the abbreviated handshake (RFC 5246 figure 2)
    Row(CERTIFICATE, "server", "new_session_ticket", SERVER_FINISHED),
    Row(CERTIFICATE, "server", "change_cipher_spec", SERVER_FINISHED),
    Row(SERVER_FINISHED, "server", "new_session_ticket", SERVER_FINISHED),
    Row(SERVER_FINISHED, "server", "change_cipher_spec", SERVER_FINISHED),
    Row(SERVER_FINISHED, "client", "application_data", SERVER_FINISHED),  # false start, RFC 7918
    Row(SERVER_FINISHED, "client", "encrypted", SERVER_FINISHED),
    Row(SERVER_FINISHED, "server", "finished", APPLICATION_DATA, "!resumed"),
    Row(SERVER_FINISHED, "server", "finished", CLIENT_FINISHED, "resumed"),
    Row(APPLICATION_DATA, "client", "application_data", APPLICATION_DATA),
    Row(APPLICATION_DATA, "server", "application_data", APPLICATION_DATA),
)
# fmt: on

#: The dummy ChangeCipherSpec of TLS 1.3 and heartbeats change nothing wherever they stand.
ANYWHERE = frozenset({"heartbeat", "alert"})

_ROWS: dict[tuple[str, Who, str], list[Row]] = {}
_ELSEWHERE: dict[tuple[Who, str], list[Row]] = {}
for _row in TABLE:
    _ROWS.setdefault((_row.at, _row.who, _row.what), []).append(_row)
    _ELSEWHERE.setdefault((_row.who, _row.what), []).append(_row)


@lru_cache(maxsize=1024)
def step(at: str, who: Who, what: str, conditions: Conditions) -> str | None:
    """Return the state that follows, or None when `what` from `who` is not legal here."""
    if what in ANYWHERE or (what == "change_cipher_spec" and conditions.tls13):
        return at
    for row in _ROWS.get((at, who, what), ()):
        if conditions.hold(row.when):
            return row.to
    return None


def resume(who: Who, what: str, conditions: Conditions) -> str | None:
    """Return the state that follows `what` wherever it is legal: for a capture begun midway."""
    for row in _ELSEWHERE.get((who, what), ()):
        if conditions.hold(row.when):
            return row.to
    return None
