"""Which form a message has: by what was negotiated, else by the structure of its own bytes.

A form is an entry of the grammar (`certificate_12`, `certificate_13`). Several candidates are
told apart by reading them: every form ends where the message ends, so few fit.
Never reads a body beyond its first fields, and never imports construct.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from tlswire.codes import HANDSHAKE_TYPES, Version
from tlswire.grammar.situation import Situation

#: The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3).
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


class Choice(NamedTuple):
    """The forms to try, in this order.

    When not `certain`, bytes that fit none are no trouble, but raw; with `alone` they are raw
    as well when they fit several forms that mean different things.
    """

    forms: tuple[str, ...]
    certain: bool = True
    alone: bool = False


def kind_of(handshake_type: int) -> str:
    """Return the RFC name of a handshake message, `handshake_<n>` for a number unknown."""
    return HANDSHAKE_TYPES.get(handshake_type, f"handshake_{handshake_type}")


def era(version: int | None) -> str | None:
    """Return which generation of TLS a version belongs to: ssl3, 10, 12, 13, or None."""
    if version is None:
        return None
    if (
        version == Version.tls_1_3
        or version == Version.dtls_1_3
        or version >> 8 in (0x7E, 0x7F, 0xFB)
    ):
        return "13"
    if version in (Version.tls_1_2, Version.dtls_1_2):
        return "12"
    return "ssl3" if version == Version.ssl_3_0 else "10"


#: The kinds that have one form, under their own name.
SIMPLE = (
    "client_hello",
    "hello_verify_request",
    "encrypted_extensions",
    "finished",
    "certificate_url",
    "certificate_status",
    "supplemental_data",
    "key_update",
    "compressed_certificate",
    "next_protocol",
    "channel_id",
    "plaintext",
    "alert",
    "change_cipher_spec",
    "heartbeat",
    "ssl2_server_hello",
    "ssl2_error",
)
#: The kinds whose body is empty.
EMPTY = ("hello_request", "end_of_early_data", "server_hello_done")

#: All forms of the kinds whose form is told by their first bytes.
HELLO_FORMS: dict[str, tuple[str, ...]] = {
    "server_hello": ("server_hello", "server_hello_draft", "hello_retry_request"),
    "hello_retry_request": (
        "hello_retry_request",
        "hello_retry_request_draft_19",
        "hello_retry_request_draft_18",
    ),
    "ssl2_client_hello": (
        "ssl2_client_hello",
        "ssl2_client_hello_message",
        "ssl2_client_hello_record2",
        "ssl2_client_hello_record3",
    ),
}

#: form -> the choice that leaves nothing to choose
ONE: dict[str, Choice] = {
    form: Choice((form,))
    for form in (
        *SIMPLE,
        *(form for forms in HELLO_FORMS.values() for form in forms),
        "client_key_exchange_rsa_ssl3",
        "empty",
        "raw",
    )
}
#: The kinds that always have the same form.
FIXED: dict[str, Choice] = {kind: ONE[kind] for kind in SIMPLE} | dict.fromkeys(EMPTY, ONE["empty"])

#: kind -> generation -> forms. Without a version all of them are candidates.
BY_VERSION: dict[str, dict[str, tuple[str, ...]]] = {
    "certificate": {
        "10": ("certificate_12", "certificate_raw_public_key"),
        "12": ("certificate_12", "certificate_raw_public_key"),
        "13": ("certificate_13",),
    },
    "certificate_request": {
        "10": ("certificate_request_10",),
        "12": ("certificate_request_12",),
        "13": ("certificate_request_13",),
    },
    "certificate_verify": {
        "10": ("certificate_verify_10",),
        "12": ("certificate_verify_12",),
        "13": ("certificate_verify_12",),
    },
    "new_session_ticket": {
        "10": ("new_session_ticket_12",),
        "12": ("new_session_ticket_12",),
        "13": ("new_session_ticket_13", "new_session_ticket_draft"),
    },
}

#: Key exchange (the first row that the name begins with) -> forms; {} stands for the generation.
SERVER_KEY_EXCHANGE: dict[str, tuple[str, ...]] = {
    "ECDHE_PSK": ("ecdhe_psk",),
    "DHE_PSK": ("dhe_psk",),
    "RSA_PSK": ("psk",),
    "PSK": ("psk",),
    "ECDH_anon": ("ecdh_anon",),
    "DH_anon": ("dh_anon",),
    "ECDH": ("ecdhe_{}",),
    "DH": ("dhe_{}",),
    "RSA": ("rsa_{}",),
    "SRP": ("srp_{}", "srp_anon"),
    "ECC": ("signature",),
}
CLIENT_KEY_EXCHANGE: dict[str, tuple[str, ...]] = {
    "ECDHE_PSK": ("ecdhe_psk",),
    "DHE_PSK": ("dhe_psk",),
    "RSA_PSK": ("rsa_psk",),
    "PSK": ("psk",),
    "ECDH": ("ecdhe", "implicit"),
    "DH": ("dhe", "implicit"),
    "RSA": ("rsa",),
    "SRP": ("srp",),
}
KEY_EXCHANGE: dict[str, Mapping[str, tuple[str, ...]]] = {
    "server_key_exchange": SERVER_KEY_EXCHANGE,
    "client_key_exchange": CLIENT_KEY_EXCHANGE,
}


@lru_cache(maxsize=256)
def by_version(kind: str, situation: Situation) -> Choice:
    """Choose among the forms of a message whose fields changed with the version."""
    rows, generation = BY_VERSION[kind], era(situation.version)
    if generation is None:
        return Choice(tuple(dict.fromkeys(form for row in rows.values() for form in row)), False)
    return Choice(rows["10" if generation == "ssl3" else generation])


@lru_cache(maxsize=256)
def by_key_exchange(kind: str, situation: Situation) -> Choice:
    """Choose among the forms of a key exchange message."""
    table = KEY_EXCHANGE[kind]
    generation, name = era(situation.version), situation.key_exchange
    eras = ("12", "10") if generation is None else ("12" if generation == "12" else "10",)
    if name is None:
        rows = [form for row in table.values() for form in row]
    else:
        rows = list(next((row for key, row in table.items() if name.startswith(key)), ("raw",)))
    forms = [f"{kind}_{form.format(when)}" for form in rows for when in eras]
    return Choice(tuple(dict.fromkeys(forms)), None not in (generation, name), name is None)


def server_key_exchange(body: bytes, situation: Situation) -> Choice:
    """Choose the form of ServerKeyExchange."""
    return by_key_exchange("server_key_exchange", situation)


def client_key_exchange(body: bytes, situation: Situation) -> Choice:
    """Choose the form of ClientKeyExchange; SSL 3.0 has no length before RSA's ciphertext."""
    choice = by_key_exchange("client_key_exchange", situation)
    if era(situation.version) == "ssl3" and choice.forms == ("client_key_exchange_rsa",):
        return ONE["client_key_exchange_rsa_ssl3"]
    return choice


def server_hello(body: bytes, situation: Situation) -> Choice:
    """Choose the form of ServerHello: its random tells a HelloRetryRequest, its version a draft."""
    if body.startswith(RETRY_RANDOM, 2):
        return ONE["hello_retry_request"]
    if body[:1] == b"\x7f" and int.from_bytes(body[:2], "big") <= Version.tls_1_3_draft_21:
        return ONE["server_hello_draft"]
    return ONE["server_hello"]


def hello_retry_request(body: bytes, situation: Situation) -> Choice:
    """Choose the form of HelloRetryRequest, a message of its own up to draft 21."""
    version = int.from_bytes(body[:2], "big")
    if Version.tls_1_3_draft_19 <= version <= Version.tls_1_3_draft_21:
        return ONE["hello_retry_request_draft_19"]
    if Version.tls_1_3_draft_0 <= version < Version.tls_1_3_draft_19:
        return ONE["hello_retry_request_draft_18"]
    return ONE["hello_retry_request"]


def ssl2_client_hello(body: bytes, situation: Situation) -> Choice:
    """Choose the form of the SSL 2.0 ClientHello: with its record header, its type, or neither."""
    first, fourth = body[:1], body[3:4]
    if first and first[0] & 0x80:
        return ONE["ssl2_client_hello_record2"]
    if first == b"\x01":
        return ONE["ssl2_client_hello_message"]
    if fourth == b"\x01" and (int.from_bytes(body[:2], "big") & 0x3FFF) + 3 == len(body):
        return ONE["ssl2_client_hello_record3"]
    return ONE["ssl2_client_hello"]


#: The kinds whose form depends on more than their name.
CHOICES: dict[str, Callable[[bytes, Situation], Choice]] = {
    "server_hello": server_hello,
    "hello_retry_request": hello_retry_request,
    "server_key_exchange": server_key_exchange,
    "client_key_exchange": client_key_exchange,
    "ssl2_client_hello": ssl2_client_hello,
}

#: Every kind that has a meaning.
KINDS = (*FIXED, *BY_VERSION, *CHOICES)


def choose(kind: str, body: bytes, situation: Situation) -> Choice:
    """Return which forms a body of this kind can have; unknown kinds are raw."""
    if (fixed := FIXED.get(kind)) is not None:
        return fixed
    if (choice := CHOICES.get(kind)) is not None:
        return choice(body, situation)
    return by_version(kind, situation) if kind in BY_VERSION else ONE["raw"]


def forms_of(kind: str) -> tuple[str, ...]:
    """Return all the forms that a kind can have, whatever was negotiated."""
    return HELLO_FORMS.get(kind) or choose(kind, b"", Situation()).forms
