"""Every extension in every message that may carry it: bytes written by hand from its RFC.

A row is an extension, the messages it stands in, the bytes of its body with a blank between the
fields, and what they say. The last test proves that no row of the grammar's table is left out.
"""

from __future__ import annotations

from typing import Any

import pytest

from tlswire import codes
from tlswire.codes import ExtensionType as E
from tlswire.grammar import read, show
from tlswire.grammar.extensions import ROWS

SCT = "00" + "11" * 32 + "0000018bcfe56800" + "0000" + "04 03" + "0002 abcd"
TOLD_SCT = {
    "sct_version": 0,
    "log_id": b"\x11" * 32,
    "timestamp": 0x18BCFE56800,
    "extensions": b"",
    "signature": {"hash": 4, "signature_algorithm": 3, "signature": b"\xab\xcd"},
}
OCSP = {"responder_id_list": [], "request_extensions": b""}
ECH_CONFIG = "07 0020 0003 aabbcc 0004 0001 0001 40 01 78 0000"
TOLD_ECH_CONFIG = {
    "config_id": 7,
    "kem_id": 0x20,
    "public_key": b"\xaa\xbb\xcc",
    "cipher_suites": [{"kdf_id": 1, "aead_id": 1}],
    "maximum_name_length": 64,
    "public_name": b"x",
    "extensions": [],
}
DC = "00093a80 0403 000002 3000 0804 0003 010203"
TOLD_DC = {
    "valid_time": 604800,
    "dc_cert_verify_algorithm": 0x0403,
    "subject_public_key_info": b"\x30\x00",
    "algorithm": 0x0804,
    "signature": b"\x01\x02\x03",
}
ALPN = {"protocol_name_list": [b"h2"]}
SCHEMES = {"supported_signature_algorithms": [0x0403, 0x0804]}
FLAGS = ("CH", "SH", "HRR", "EE", "CT", "CR", "NST")

BODIES: list[tuple[int, str, str, dict[str, Any]]] = [
    (
        E.server_name,
        "CH",
        "0008 00 0005 612e636f6d",
        {"server_name_list": [{"name_type": 0, "host_name": b"a.com"}]},
    ),
    (E.max_fragment_length, "CH SH EE", "02", {"max_fragment_length": 2}),
    (
        E.trusted_ca_keys,
        "CH",
        "001a 00 01" + "22" * 20 + "02 0001 30",
        {
            "trusted_authorities_list": [
                {"identifier_type": 0, "identifier": {}},
                {"identifier_type": 1, "identifier": b"\x22" * 20},
                {"identifier_type": 2, "identifier": b"\x30"},
            ]
        },
    ),
    (E.status_request, "CH", "01 0000 0000", {"status_type": 1, "request": OCSP}),
    (E.status_request, "CT", "01 000003 300a00", {"status_type": 1, "response": b"\x30\x0a\x00"}),
    (E.user_mapping, "CH SH", "01 40", {"user_mapping_types": [64]}),
    (E.client_authz, "CH SH", "02 00 01", {"authz_format_list": [0, 1]}),
    (E.server_authz, "CH SH", "01 03", {"authz_format_list": [3]}),
    (E.cert_type, "CH", "02 01 00", {"certificate_types": [1, 0]}),
    (E.cert_type, "SH", "01", {"certificate_type": 1}),
    (E.supported_groups, "CH SH EE", "0004 11ec 001d", {"named_group_list": [4588, 29]}),
    (E.ec_point_formats, "CH SH EE", "02 00 01", {"ec_point_format_list": [0, 1]}),
    (E.srp, "CH", "05 616c696365", {"srp_I": b"alice"}),
    (E.signature_algorithms, "CH CR", "0004 0403 0804", SCHEMES),
    (E.signature_algorithms_cert, "CH CR", "0004 0403 0804", SCHEMES),
    (
        E.use_srtp,
        "CH SH EE",
        "0002 0007 01 ff",
        {"srtp_protection_profiles": [7], "srtp_mki": b"\xff"},
    ),
    (E.heartbeat, "CH SH EE", "01", {"mode": 1}),
    (E.application_layer_protocol_negotiation, "CH SH EE", "0003 02 6832", ALPN),
    (
        E.status_request_v2,
        "CH",
        "0007 02 0004 0000 0000",
        {"certificate_status_req_list": [{"status_type": 2, "request": OCSP}]},
    ),
    (
        E.signed_certificate_timestamp,
        "SH EE CT",
        "0033 0031" + SCT,
        {"sct_list": [TOLD_SCT]},
    ),
    (E.client_certificate_type, "CH", "02 02 00", {"certificate_types": [2, 0]}),
    (E.client_certificate_type, "SH EE", "02", {"certificate_type": 2}),
    (E.server_certificate_type, "CH", "01 02", {"certificate_types": [2]}),
    (E.server_certificate_type, "SH EE", "02", {"certificate_type": 2}),
    (E.padding, "CH", "0000", {"data": b"\x00\x00"}),
    (
        E.token_binding,
        "CH SH EE",
        "01 00 02 02 01",
        {"major": 1, "minor": 0, "key_parameters_list": [2, 1]},
    ),
    (
        E.cached_info,
        "CH",
        "0004 01 02 abcd",
        {"cached_info": [{"type": 1, "hash_value": b"\xab\xcd"}]},
    ),
    (E.cached_info, "SH EE", "0001 01", {"cached_info": [{"type": 1}]}),
    (E.compress_certificate, "CH CR", "04 0002 0001", {"algorithms": [2, 1]}),
    (E.record_size_limit, "CH SH EE", "4001", {"record_size_limit": 16385}),
    (E.pwd_protect, "CH", "01 61", {"pwd_name": b"a"}),
    (E.pwd_clear, "CH", "01 61", {"pwd_name": b"a"}),
    (E.password_salt, "CH SH HRR", "0002 abcd", {"password_salt": b"\xab\xcd"}),
    (E.ticket_pinning, "CH", "0001 aa", {"ticket": b"\xaa"}),
    (
        E.ticket_pinning,
        "EE",
        "01 bb 0001 aa 00000e10",
        {"proof": b"\xbb", "ticket": b"\xaa", "lifetime": 3600},
    ),
    (E.delegated_credential, "CH CR", "0004 0403 0804", SCHEMES),
    (E.delegated_credential, "CT", DC, TOLD_DC),
    (E.session_ticket, "CH SH", "abcd", {"data": b"\xab\xcd"}),
    (E.supported_ekt_ciphers, "CH", "02 00 01", {"supported_ciphers": [0, 1]}),
    (E.supported_ekt_ciphers, "SH EE", "01", {"selected_cipher": 1}),
    *(
        row
        for share in (E.key_share, E.key_share_draft)
        for row in (
            (
                share,
                "CH",
                "000c 0a0a 0001 00 001d 0003 010203",
                {
                    "client_shares": [
                        {"group": 0x0A0A, "key_exchange": b"\x00"},
                        {"group": 29, "key_exchange": b"\x01\x02\x03"},
                    ]
                },
            ),
            (
                share,
                "SH",
                "001d 0002 0102",
                {"server_share": {"group": 29, "key_exchange": b"\x01\x02"}},
            ),
            (share, "HRR", "0017", {"selected_group": 23}),
        )
    ),
    (
        E.pre_shared_key,
        "CH",
        "0008 0002 abcd 00000102 0021 20" + "33" * 32,
        {
            "identities": [{"identity": b"\xab\xcd", "obfuscated_ticket_age": 258}],
            "binders": [b"\x33" * 32],
        },
    ),
    (E.pre_shared_key, "SH", "0000", {"selected_identity": 0}),
    (E.early_data, "NST", "00004000", {"max_early_data_size": 16384}),
    (E.supported_versions, "CH", "06 2a2a 0304 0303", {"versions": [0x2A2A, 0x0304, 0x0303]}),
    (E.supported_versions, "SH HRR", "0304", {"selected_version": 0x0304}),
    (E.cookie, "CH HRR", "0002 abcd", {"cookie": b"\xab\xcd"}),
    (E.psk_key_exchange_modes, "CH", "01 01", {"ke_modes": [1]}),
    (E.certificate_authorities, "CH CR", "0004 0002 3000", {"authorities": [b"\x30\x00"]}),
    (
        E.oid_filters,
        "CR",
        "0006 02 551d 0001 05",
        {
            "filters": [
                {
                    "certificate_extension_oid": b"\x55\x1d",
                    "certificate_extension_values": b"\x05",
                }
            ]
        },
    ),
    (E.transparency_info, "SH EE CT", "0003 0001 aa", {"trans_item_list": [b"\xaa"]}),
    (E.connection_id, "CH SH", "02 abcd", {"cid": b"\xab\xcd"}),
    (E.external_id_hash, "CH SH EE", "01 aa", {"binding_hash": b"\xaa"}),
    (E.external_session_id, "CH SH EE", "01 aa", {"session_id": b"\xaa"}),
    *(
        (
            number,
            "CH EE",
            "01 02 6710 0f 00",
            {"parameters": [{"id": 1, "value": b"\x67\x10"}, {"id": 15, "value": b""}]},
        )
        for number in (E.quic_transport_parameters, E.quic_transport_parameters_draft)
    ),
    (E.ticket_request, "CH", "02 01", {"new_session_count": 2, "resumption_count": 1}),
    (E.ticket_request, "EE", "02", {"expected_count": 2}),
    (E.dnssec_chain, "CH", "01bb", {"port_number": 443}),
    (E.dnssec_chain, "SH CT", "0001 abcd", {"ext_support_lifetime": 1, "chain": b"\xab\xcd"}),
    (E.tls_flags, " ".join(FLAGS), "01 80", {"flags": b"\x80"}),
    (E.next_protocol_negotiation, "SH", "02 6832 01 78", {"protocols": [b"h2", b"x"]}),
    *(
        row
        for number in (E.application_settings, E.application_settings_old)
        for row in (
            (number, "CH", "0003 02 6832", {"supported_protocols": [b"h2"]}),
            (number, "EE", "abcd", {"data": b"\xab\xcd"}),
        )
    ),
    (E.ech_outer_extensions, "CH", "04 000a 0033", {"outer_extensions": [10, 51]}),
    (
        E.encrypted_client_hello,
        "CH",
        "00 0001 0003 2a 0002 abcd 0003 010203",
        {
            "type": 0,
            "hello": {
                "cipher_suite": {"kdf_id": 1, "aead_id": 3},
                "config_id": 42,
                "enc": b"\xab\xcd",
                "payload": b"\x01\x02\x03",
            },
        },
    ),
    (E.encrypted_client_hello, "CH", "01", {"type": 1, "hello": {}}),
    (E.encrypted_client_hello, "HRR", "0102030405060708", {"confirmation": bytes(range(1, 9))}),
    (
        E.encrypted_client_hello,
        "EE",
        "001e fe0d 0013" + ECH_CONFIG + "0a0a 0003 010203",
        {
            "retry_configs": [
                {"version": 0xFE0D, "contents": TOLD_ECH_CONFIG},
                {"version": 0x0A0A, "contents": {"data": b"\x01\x02\x03"}},
            ]
        },
    ),
    (E.renegotiation_info, "CH SH", "02 abcd", {"renegotiated_connection": b"\xab\xcd"}),
]

#: The extensions whose body is empty, per message.
EMPTY = {
    "CH": "client_certificate_url truncated_hmac signed_certificate_timestamp encrypt_then_mac"
    " extended_master_secret tls_cert_with_extern_psk early_data post_handshake_auth"
    " transparency_info rrc next_protocol_negotiation channel_id channel_id_old",
    "SH": "server_name client_certificate_url trusted_ca_keys truncated_hmac status_request"
    " status_request_v2 encrypt_then_mac extended_master_secret tls_cert_with_extern_psk rrc"
    " channel_id channel_id_old",
    "EE": "server_name early_data",
    "CR": "status_request signed_certificate_timestamp transparency_info",
}

#: message -> kind, bytes before the extensions, bytes behind them
AROUND = {
    "CH": ("client_hello", "0303" + "00" * 32 + "00 0002 1301 01 00"),
    "SH": ("server_hello", "0303" + "00" * 32 + "00 1301 00"),
    "HRR": ("hello_retry_request", "0303" + "00" * 32 + "00 1301 00"),
    "EE": ("encrypted_extensions", ""),
    "CT": ("certificate", "00 {} 000001 30"),
    "CR": ("certificate_request", "00"),
    "NST": ("new_session_ticket", "00000e10 00000000 00 0001 aa"),
}

CASES = [
    (message, number, body, told)
    for number, messages, body, told in BODIES
    for message in messages.split()
] + [
    (message, getattr(E, name), "", {})
    for message, names in EMPTY.items()
    for name in names.split()
]


def message_with(message: str, number: int, body: bytes) -> tuple[str, bytes]:
    """Return the kind and a message that carries this one extension."""
    kind, before = AROUND[message]
    extension = number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
    block = len(extension).to_bytes(2, "big") + extension
    size = (4 + len(block)).to_bytes(3, "big").hex()
    return kind, bytes.fromhex(before.format(size)) + block


def extension_of(fields: dict[str, Any]) -> dict[str, Any]:
    entries = fields.get("certificate_list", [fields])
    found: dict[str, Any] = entries[0]["extensions"][0]
    return found


def name_of(value: object) -> str | None:
    return codes.EXTENSIONS.get(value) if isinstance(value, int) else None


@pytest.mark.parametrize(("message", "number", "body", "told"), CASES, ids=name_of)
def test_body(message: str, number: int, body: str, told: dict[str, Any]) -> None:
    data = bytes.fromhex(body)
    kind, whole = message_with(message, number, data)
    fields, troubles = read(kind, whole)
    assert fields is not None
    assert extension_of(fields) == {
        "type": number,
        "length": len(data),
        "body": told,
        "raw": data,
    }
    assert troubles == ()
    shown = extension_of(show(kind, fields))
    assert shown["type"] == {"code": number, "name": codes.EXTENSIONS[number]}
    assert "raw" not in shown


@pytest.mark.parametrize(("message", "number", "body", "told"), CASES, ids=name_of)
def test_a_byte_more_or_less_is_noted_or_another_value(
    message: str, number: int, body: str, told: dict[str, Any]
) -> None:
    data = bytes.fromhex(body)
    for changed in (data + b"\x00", data[:-1]) if data else (b"\x00",):
        kind, whole = message_with(message, number, changed)
        fields, troubles = read(kind, whole)
        assert fields is not None
        extension = extension_of(fields)
        assert extension["raw"] == changed
        assert (extension["body"] is None) == bool(troubles)
        assert extension["body"] != told


def test_no_row_is_left_out() -> None:
    covered = {(message, number) for message, number, _, _ in CASES}
    rows = {
        (message, number)
        for number, row in ROWS.items()
        for message, body in row._asdict().items()
        if body is not None
    }
    assert rows == covered


def test_names_in_json() -> None:
    kind, whole = message_with("CH", E.key_share, bytes.fromhex("000a 6399 0001 00 001d 0001 01"))
    fields = read(kind, whole).fields
    assert fields is not None
    shown = extension_of(show(kind, fields))["body"]["client_shares"]
    assert [share["group"]["name"] for share in shown] == [codes.GROUPS.get(0x6399), "x25519"]
    assert [share["key_exchange"] for share in shown] == ["00", "01"]


def test_unknown_extension_is_raw_in_json() -> None:
    kind, whole = message_with("CH", 0x9999, b"\xab")
    fields = read(kind, whole).fields
    assert fields is not None
    assert extension_of(show(kind, fields)) == {
        "type": {"code": 0x9999, "name": None},
        "length": 1,
        "body": None,
        "raw": "ab",
    }
