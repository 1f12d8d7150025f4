"""Every handshake message in every form, and the small protocols: bytes by hand from the RFCs,
and whole handshakes of OpenSSL judged by what its own programs and `cryptography` know of them.
"""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from vectors.reading import vectors

from tlswire.grammar import Situation, kind_of, read, show
from tlswire.grammar.forms import KINDS
from tlswire.grammar.window import MOST_TROUBLES

RANDOM = bytes(range(32))
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
TLS10, TLS12, TLS13, SSL3 = 0x0301, 0x0303, 0x0304, 0x0300
DH = {"dh_p": b"\xfb", "dh_g": b"\x02", "dh_Ys": b"\x07"}
DH_HEX = "0001 fb 0001 02 0001 07"
ECDH = {"curve_type": 3, "parameters": {"named_curve": 29}, "public": b"\x04\x05"}
ECDH_HEX = "03 001d 02 0405"
SIGNED = {"algorithm": 0x0804, "signature": b"\xab\xcd"}
SRP = {"srp_N": b"\xfb", "srp_g": b"\x02", "srp_s": b"\x01", "srp_B": b"\x07"}

MESSAGES: list[tuple[str, int | None, str | None, str, dict[str, Any]]] = [
    ("hello_request", TLS12, None, "", {}),
    ("server_hello_done", TLS12, None, "", {}),
    ("end_of_early_data", TLS13, None, "", {}),
    (
        "server_hello",
        None,
        None,
        "0303" + RANDOM.hex() + "01 aa c02f 00",
        {
            "legacy_version": TLS12,
            "random": RANDOM,
            "session_id": b"\xaa",
            "cipher_suite": 0xC02F,
            "compression_method": 0,
            "extensions": [],
        },
    ),
    (
        "hello_retry_request",
        None,
        None,
        "0303" + RETRY.hex() + "00 1301 00 0006 0033 0002 0018",
        {
            "legacy_version": TLS12,
            "random": RETRY,
            "session_id": b"",
            "cipher_suite": 0x1301,
            "compression_method": 0,
            "extensions": [
                {"type": 51, "length": 2, "body": {"selected_group": 24}, "raw": b"\x00\x18"}
            ],
        },
    ),
    (
        "server_hello",  # draft 18: no session, no compression
        None,
        None,
        "7f12" + RANDOM.hex() + "1301 0000",
        {
            "legacy_version": 0x7F12,
            "random": RANDOM,
            "session_id": b"",
            "cipher_suite": 0x1301,
            "compression_method": 0,
            "extensions": [],
        },
    ),
    (
        "hello_retry_request",  # draft 19
        None,
        None,
        "7f13 1301 0000",
        {
            "legacy_version": 0x7F13,
            "random": b"",
            "session_id": b"",
            "cipher_suite": 0x1301,
            "compression_method": 0,
            "extensions": [],
        },
    ),
    (
        "hello_retry_request",  # draft 18
        None,
        None,
        "7f12 0000",
        {
            "legacy_version": 0x7F12,
            "random": b"",
            "session_id": b"",
            "cipher_suite": None,
            "compression_method": 0,
            "extensions": [],
        },
    ),
    (
        "hello_verify_request",
        None,
        None,
        "feff 02 abcd",
        {"server_version": 0xFEFF, "cookie": b"\xab\xcd"},
    ),
    (
        "new_session_ticket",
        TLS12,
        None,
        "00000e10 0002 abcd",
        {"ticket_lifetime_hint": 3600, "ticket": b"\xab\xcd"},
    ),
    (
        "new_session_ticket",
        TLS13,
        None,
        "00000e10 01020304 01 00 0002 abcd 0000",
        {
            "ticket_lifetime": 3600,
            "ticket_age_add": 0x01020304,
            "ticket_nonce": b"\x00",
            "ticket": b"\xab\xcd",
            "extensions": [],
        },
    ),
    ("encrypted_extensions", TLS13, None, "0000", {"extensions": []}),
    ("certificate", TLS12, None, "000004 000001 30", {"certificate_list": [b"\x30"]}),
    (
        "certificate",  # RFC 7250
        TLS12,
        None,
        "000003 301f06",
        {"subject_public_key_info": b"\x30\x1f\x06"},
    ),
    (
        "certificate",
        TLS13,
        None,
        "01 aa 000006 000001 30 0000",
        {
            "certificate_request_context": b"\xaa",
            "certificate_list": [{"cert_data": b"\x30", "extensions": []}],
        },
    ),
    (
        "certificate_request",
        TLS10,
        None,
        "02 01 40 0004 0002 3000",
        {"certificate_types": [1, 64], "certificate_authorities": [b"\x30\x00"]},
    ),
    (
        "certificate_request",
        TLS12,
        None,
        "01 01 0002 0401 0000",
        {
            "certificate_types": [1],
            "supported_signature_algorithms": [0x0401],
            "certificate_authorities": [],
        },
    ),
    (
        "certificate_request",
        TLS13,
        None,
        "00 0000",
        {"certificate_request_context": b"", "extensions": []},
    ),
    ("certificate_verify", TLS10, None, "0002 abcd", {"signature": b"\xab\xcd"}),
    ("certificate_verify", TLS12, None, "0804 0002 abcd", SIGNED),
    ("certificate_verify", TLS13, None, "0804 0002 abcd", SIGNED),
    (
        "server_key_exchange",
        TLS12,
        "ECDHE_RSA",
        ECDH_HEX + "0804 0002 abcd",
        {"params": ECDH, **SIGNED},
    ),
    (
        "server_key_exchange",
        TLS10,
        "ECDHE",
        ECDH_HEX + "0002 abcd",
        {"params": ECDH, "signature": b"\xab\xcd"},
    ),
    ("server_key_exchange", TLS12, "ECDH_anon", ECDH_HEX, {"params": ECDH}),
    (
        "server_key_exchange",  # explicit_prime
        TLS12,
        "ECDHE",
        "01 01 fb 01 0a 01 0b 01 04 01 05 01 01 02 0405 0804 0002 abcd",
        {
            "params": {
                "curve_type": 1,
                "parameters": {
                    "prime_p": b"\xfb",
                    "curve": {"a": b"\x0a", "b": b"\x0b"},
                    "base": b"\x04",
                    "order": b"\x05",
                    "cofactor": b"\x01",
                },
                "public": b"\x04\x05",
            },
            **SIGNED,
        },
    ),
    (
        "server_key_exchange",  # explicit_char2 with a trinomial
        TLS12,
        "ECDH_anon",
        "02 00a3 01 01 07 01 0a 01 0b 01 04 01 05 01 02 02 0405",
        {
            "params": {
                "curve_type": 2,
                "parameters": {
                    "m": 163,
                    "basis": 1,
                    "polynomial": {"k": b"\x07"},
                    "curve": {"a": b"\x0a", "b": b"\x0b"},
                    "base": b"\x04",
                    "order": b"\x05",
                    "cofactor": b"\x02",
                },
                "public": b"\x04\x05",
            }
        },
    ),
    ("server_key_exchange", TLS12, "DHE", DH_HEX + "0804 0002 abcd", {"params": DH, **SIGNED}),
    (
        "server_key_exchange",
        TLS10,
        "DHE_DSS",
        DH_HEX + "0002 abcd",
        {"params": DH, "signature": b"\xab\xcd"},
    ),
    ("server_key_exchange", TLS12, "DH_anon", DH_HEX, {"params": DH}),
    (
        "server_key_exchange",
        TLS10,
        "RSA_EXPORT",
        "0002 fbfb 0001 03 0002 abcd",
        {
            "params": {"rsa_modulus": b"\xfb\xfb", "rsa_exponent": b"\x03"},
            "signature": b"\xab\xcd",
        },
    ),
    ("server_key_exchange", TLS12, "PSK", "0001 68", {"psk_identity_hint": b"h"}),
    ("server_key_exchange", TLS12, "RSA_PSK", "0000", {"psk_identity_hint": b""}),
    (
        "server_key_exchange",
        TLS12,
        "DHE_PSK",
        "0000" + DH_HEX,
        {"psk_identity_hint": b"", "params": DH},
    ),
    (
        "server_key_exchange",
        TLS12,
        "ECDHE_PSK",
        "0001 68" + ECDH_HEX,
        {"psk_identity_hint": b"h", "params": ECDH},
    ),
    ("server_key_exchange", TLS12, "SRP_SHA", "0001 fb 0001 02 01 01 0001 07", {"params": SRP}),
    (
        "server_key_exchange",
        TLS12,
        "SRP_SHA_RSA",
        "0001 fb 0001 02 01 01 0001 07 0804 0002 abcd",
        {"params": SRP, **SIGNED},
    ),
    ("server_key_exchange", 0x0101, "ECC", "0002 abcd", {"signature": b"\xab\xcd"}),
    ("server_key_exchange", TLS12, "GOSTR341112_256", "abcd", {"raw": b"\xab\xcd"}),
    ("client_key_exchange", TLS12, "RSA", "0001 aa", {"encrypted_pre_master_secret": b"\xaa"}),
    ("client_key_exchange", SSL3, "RSA", "aabb", {"encrypted_pre_master_secret": b"\xaa\xbb"}),
    ("client_key_exchange", TLS12, "DHE_RSA", "0001 07", {"dh_Yc": b"\x07"}),
    ("client_key_exchange", TLS12, "DH_RSA", "", {}),
    ("client_key_exchange", TLS12, "ECDHE_ECDSA", "02 0405", {"ecdh_Yc": b"\x04\x05"}),
    ("client_key_exchange", TLS12, "PSK", "0001 69", {"psk_identity": b"i"}),
    (
        "client_key_exchange",
        TLS12,
        "RSA_PSK",
        "0001 69 0001 aa",
        {"psk_identity": b"i", "encrypted_pre_master_secret": b"\xaa"},
    ),
    (
        "client_key_exchange",
        TLS12,
        "DHE_PSK",
        "0001 69 0001 07",
        {"psk_identity": b"i", "dh_Yc": b"\x07"},
    ),
    (
        "client_key_exchange",
        TLS12,
        "ECDHE_PSK",
        "0001 69 01 07",
        {"psk_identity": b"i", "ecdh_Yc": b"\x07"},
    ),
    ("client_key_exchange", TLS12, "SRP_SHA", "0001 07", {"srp_A": b"\x07"}),
    ("client_key_exchange", TLS12, "GOSTR341001", "3000", {"raw": b"\x30\x00"}),
    ("finished", TLS12, None, "00" * 12, {"verify_data": bytes(12)}),
    (
        "certificate_url",
        TLS12,
        None,
        "00 0018 0001 75 01" + "44" * 20,
        {
            "type": 0,
            "url_and_hash_list": [{"url": b"u", "padding": 1, "sha1_hash": b"\x44" * 20}],
        },
    ),
    (
        "certificate_status",
        TLS12,
        None,
        "01 000002 3000",
        {"status_type": 1, "response": b"\x30\x00"},
    ),
    (
        "certificate_status",  # RFC 6961
        TLS12,
        None,
        "02 000008 000002 3000 000000",
        {"status_type": 2, "response": [b"\x30\x00", b""]},
    ),
    (
        "supplemental_data",
        TLS12,
        None,
        "000010 0000 0006 0004 40 0001 aa 0001 0002 abcd",
        {
            "supp_data": [
                {
                    "supp_data_type": 0,
                    "supp_data": {
                        "user_mapping_data_list": [{"user_mapping_version": 64, "data": b"\xaa"}]
                    },
                },
                {"supp_data_type": 1, "supp_data": b"\xab\xcd"},
            ]
        },
    ),
    ("key_update", TLS13, None, "01", {"request_update": 1}),
    (
        "compressed_certificate",
        TLS13,
        None,
        "0002 000100 000002 abcd",
        {
            "algorithm": 2,
            "uncompressed_length": 256,
            "compressed_certificate_message": b"\xab\xcd",
        },
    ),
    (
        "next_protocol",
        TLS12,
        None,
        "02 6832 02 0000",
        {"selected_protocol": b"h2", "padding": b"\x00\x00"},
    ),
    (
        "channel_id",
        TLS12,
        None,
        "7550 0080" + "01" * 32 + "02" * 32 + "03" * 32 + "04" * 32,
        {
            "extension_type": 30032,
            "key": {"x": b"\x01" * 32, "y": b"\x02" * 32, "r": b"\x03" * 32, "s": b"\x04" * 32},
        },
    ),
    ("message_hash", TLS13, None, "abcd", {"raw": b"\xab\xcd"}),
    ("alert", None, None, "02 28", {"level": 2, "description": 40}),
    ("change_cipher_spec", None, None, "01", {"type": 1}),
    (
        "heartbeat",
        None,
        None,
        "01 0002 abcd" + "00" * 16,
        {"type": 1, "payload": b"\xab\xcd", "padding": bytes(16)},
    ),
    (
        "plaintext",
        None,
        None,
        "16 0301 0002 abcd",
        {"type": 22, "legacy_record_version": 0x0301, "fragment": b"\xab\xcd"},
    ),
    (
        "ssl2_server_hello",
        None,
        None,
        "04 00 01 0002 0002 0003 0001 3000 010080 aa",
        {
            "message_type": 4,
            "session_id_hit": 0,
            "certificate_type": 1,
            "legacy_version": 2,
            "certificate_length": 2,
            "cipher_suites_length": 3,
            "connection_id_length": 1,
            "certificate": b"\x30\x00",
            "cipher_suites": [0x010080],
            "connection_id": b"\xaa",
        },
    ),
    ("ssl2_error", None, None, "00 0001", {"message_type": 0, "error_code": 1}),
]


@pytest.mark.parametrize(("kind", "version", "exchange", "body", "told"), MESSAGES)
def test_message(
    kind: str, version: int | None, exchange: str | None, body: str, told: dict[str, Any]
) -> None:
    data = bytes.fromhex(body)
    assert read(kind, data, Situation(version, exchange)) == (told, ())


@pytest.mark.parametrize(("kind", "version", "exchange", "body", "told"), MESSAGES)
def test_message_cut_or_lengthened(
    kind: str, version: int | None, exchange: str | None, body: str, told: dict[str, Any]
) -> None:
    data, situation = bytes.fromhex(body), Situation(version, exchange)
    for changed in [data[:size] for size in range(len(data))] + [data + b"\x00"]:
        fields, troubles = read(kind, changed, situation)
        assert fields != told or troubles
        if fields is not None:
            show(kind, fields, situation)


def test_every_kind_is_told_here_or_in_the_facade_s_tests() -> None:
    elsewhere = {"client_hello", "ssl2_client_hello"}
    assert set(KINDS) - {kind for kind, *_ in MESSAGES} == elsewhere


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (ECDH_HEX + "0804 0002 abcd", {"params": ECDH, **SIGNED}),
        (ECDH_HEX + "0002 abcd", {"params": ECDH, "signature": b"\xab\xcd"}),
        (DH_HEX + "0804 0002 abcd", {"params": DH, **SIGNED}),
        ("abcdef", {"raw": b"\xab\xcd\xef"}),
    ],
)
def test_key_exchange_told_by_structure(body: str, told: dict[str, Any]) -> None:
    """Nothing negotiated is known; what fits no form, or several, is raw without a trouble."""
    assert read("server_key_exchange", bytes.fromhex(body)) == (told, ())


def test_client_key_exchange_that_fits_several_forms_is_raw() -> None:
    assert read("client_key_exchange", b"\x00\x01\x07") == ({"raw": b"\x00\x01\x07"}, ())


# -- whole handshakes of OpenSSL ---------------------------------------------------------------

SITUATIONS = {
    "handshake-tls13": Situation(TLS13),
    "handshake-tls13-retry-client-certificate": Situation(TLS13),
    "handshake-tls12-ecdhe": Situation(TLS12, "ECDHE_RSA"),
    "handshake-tls12-dhe": Situation(TLS12, "DHE_RSA"),
    "handshake-tls12-rsa": Situation(TLS12, "RSA"),
    "handshake-tls12-ecdh-anon": Situation(TLS12, "ECDH_anon"),
    "handshake-tls10-ecdhe": Situation(TLS10, "ECDHE_RSA"),
    "handshake-tls11-dhe": Situation(0x0302, "DHE_RSA"),
}


def messages(source: str) -> dict[str, dict[str, Any]]:
    """Return the server's and client's messages of a recorded handshake, first of each kind."""
    told: dict[str, dict[str, Any]] = {}
    for vector in vectors(source):
        if vector.content == 22:
            kind = kind_of(vector.type)
            fields, troubles = read(kind, vector.body, SITUATIONS[source])
            assert (troubles, fields is None) == ((), False)
            told.setdefault(f"{vector.who} {kind}", fields or {})
    return told


@pytest.mark.parametrize("source", SITUATIONS)
def test_handshake_reads_whole(source: str) -> None:
    told = messages(source)
    names = [name.split()[1] for name in told]
    assert names[:2] == ["client_hello", "server_hello"]
    assert "finished" in names
    for fields in (told[name] for name in told if name.endswith(" certificate")):
        chain = [c if isinstance(c, bytes) else c["cert_data"] for c in fields["certificate_list"]]
        subjects = [x509.load_der_x509_certificate(c) for c in chain]
        assert len(subjects) == 3
        assert subjects[0].issuer == subjects[1].subject
        assert subjects[1].issuer == subjects[2].subject


@pytest.mark.parametrize("source", SITUATIONS)
def test_reading_without_a_situation_says_nothing_wrong(source: str) -> None:
    for vector in vectors(source):
        if vector.content == 22:
            known = read(kind_of(vector.type), vector.body, SITUATIONS[source])
            blind = read(kind_of(vector.type), vector.body)
            assert blind == known or blind == ({"raw": vector.body}, ())


def test_key_exchange_of_openssl() -> None:
    ecdhe = messages("handshake-tls12-ecdhe")
    assert ecdhe["server server_key_exchange"]["params"]["parameters"] == {"named_curve": 29}
    assert len(ecdhe["server server_key_exchange"]["params"]["public"]) == 32
    assert len(ecdhe["server server_key_exchange"]["signature"]) == 256
    dhe = messages("handshake-tls12-dhe")["server server_key_exchange"]
    assert dhe["params"]["dh_g"] == b"\x02"
    assert dhe["params"]["dh_p"].hex().startswith("ffffffffffffffffadf85458a2bb4a9a")
    assert len(messages("handshake-tls11-dhe")["server server_key_exchange"]["signature"]) == 256
    assert messages("handshake-tls12-ecdh-anon")["server server_key_exchange"].keys() == {"params"}


def test_retry_of_openssl() -> None:
    found = [v for v in vectors("handshake-tls13-retry-client-certificate") if v.type in (1, 2)]
    assert [v.type for v in found] == [1, 2, 1, 2]
    retry = read("server_hello", found[1].body).fields or {}
    shares = {e["type"]: e["body"] for e in retry["extensions"]}
    assert shares[51] == {"selected_group": 25}
    final = read("server_hello", found[3].body).fields or {}
    share = {e["type"]: e["body"] for e in final["extensions"]}[51]["server_share"]
    assert share["group"] == 25
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP521R1(), share["key_exchange"])


# -- hostile ones ------------------------------------------------------------------------------

LARGE = 1 << 24
HELLO = b"\x03\x03" + bytes(32) + b"\x00\x00\x02\x13\x01\x01\x00"


def block(extension: bytes) -> bytes:
    return b"\xff\xfc" + (extension * 0x3FFF)[:0xFFFC]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("client_hello", HELLO + block(b"\x0a\x0a\x00\x00")),  # 16,383 extensions
        ("client_hello", HELLO + block(b"\x00\x2b\x00\x00")),  # each of them malformed
        ("client_hello", HELLO + block(b"\x00\x00\x00\x00") + bytes(LARGE)),
        ("certificate", b"\xff\xff\xff" + bytes(LARGE - 1)),  # five million empty certificates
        ("certificate", b"\x00\xff\xff\xff" + bytes(LARGE - 1)),
        (
            "certificate",
            b"\x00\xff\xff\xff" + (b"\x00\x00\x010" + block(b"\x0a\x0a\x00\x00")) * 255,
        ),
        ("certificate_status", b"\x02\xff\xff\xff" + bytes(LARGE - 1)),
        ("supplemental_data", b"\xff\xff\xff" + bytes(LARGE - 1)),
        ("server_key_exchange", bytes(LARGE)),
        ("client_key_exchange", b"\xff" * LARGE),
        ("encrypted_extensions", block(b"\x00\x10\x00\x00")),
        ("handshake_99", bytes(LARGE)),
    ],
)
def test_hostile_messages_are_bounded(kind: str, body: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    fields, troubles = read(kind, body)
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # KiB
    assert fields is not None or troubles
    assert len(troubles) <= MOST_TROUBLES
