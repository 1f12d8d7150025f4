"""The facade: what `read` and `locate` promise of any bytes."""

from __future__ import annotations

import ssl

import pytest

from tlswire.grammar import Situation, kind_of, locate, read

# A ClientHello written by hand from RFC 8446 section 4.1.2: field by field.
HELLO = bytes.fromhex(
    "0303"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "04 a0a1a2a3"  # session_id
    "0006 1301 c02f 0a0a"  # cipher_suites, the last one GREASE
    "01 00"  # compression_methods
    "0018"  # extensions
    "0000 0008 0006 00 0003 612e62"  # server_name a.b
    "0a0a 0001 ff"  # GREASE
    "002b 0003 02 0304"  # supported_versions
)


def test_client_hello_by_hand() -> None:
    fields, troubles = read("client_hello", HELLO)
    assert troubles == ()
    assert fields == {
        "legacy_version": 0x0303,
        "random": bytes(range(32)),
        "session_id": b"\xa0\xa1\xa2\xa3",
        "cipher_suites": [0x1301, 0xC02F, 0x0A0A],
        "compression_methods": [0],
        "extensions": [
            {
                "type": 0,
                "length": 8,
                "body": {"server_name_list": [{"name_type": 0, "host_name": b"a.b"}]},
                "raw": bytes.fromhex("000600 0003612e62"),
            },
            {"type": 0x0A0A, "length": 1, "body": None, "raw": b"\xff"},
            {"type": 43, "length": 3, "body": {"versions": [0x0304]}, "raw": b"\x02\x03\x04"},
        ],
    }


def test_no_extensions_is_an_empty_list() -> None:
    body = HELLO[: HELLO.index(bytes.fromhex("0018 0000"))]
    fields, troubles = read("client_hello", body)
    assert troubles == ()
    assert fields is not None
    assert fields["extensions"] == []


def test_trailing_byte_is_a_trouble_and_spoils_nothing() -> None:
    fields, troubles = read("client_hello", HELLO + b"\x00")
    assert fields == read("client_hello", HELLO).fields
    assert [(t.path, t.offset) for t in troubles] == [("client_hello", len(HELLO))]


def test_malformed_extension_spoils_only_itself() -> None:
    body = HELLO.replace(bytes.fromhex("0003 612e62"), bytes.fromhex("0004 612e62"))
    fields, troubles = read("client_hello", body)
    assert fields is not None
    assert [e["body"] is None for e in fields["extensions"]] == [True, True, False]
    assert fields["extensions"][0]["raw"] == bytes.fromhex("000600 0004612e62")
    assert len(troubles) == 1
    assert troubles[0].path == "client_hello.extensions[0].body.server_name_list[0].host_name"
    assert body[troubles[0].offset :].startswith(b"a.b")


@pytest.mark.parametrize("length", range(len(HELLO)))
def test_cut_hello_keeps_what_was_read(length: int) -> None:
    fields, troubles = read("client_hello", HELLO[:length])
    if length == HELLO.index(bytes.fromhex("0018 0000")):
        assert troubles == ()
        return
    assert troubles
    assert troubles[0].offset <= length
    whole = read("client_hello", HELLO).fields
    assert whole is not None
    for name, value in (fields or {}).items():
        expected = whole[name][: len(value)] if isinstance(value, list) else whole[name]
        assert value == expected


def test_cut_extensions_keep_those_before_the_cut() -> None:
    fields, _ = read("client_hello", HELLO[:-1])
    assert fields is not None
    assert [extension["type"] for extension in fields["extensions"]] == [0, 0x0A0A]


@pytest.mark.parametrize(
    ("body", "version", "fields"),
    [
        ("000004 000001 aa", None, {"certificate_list": [b"\xaa"]}),
        ("000000", None, {"certificate_list": []}),
        ("00 000000", None, {"certificate_request_context": b"", "certificate_list": []}),
        (
            "00 000006 000001 aa 0000",
            None,
            {
                "certificate_request_context": b"",
                "certificate_list": [{"cert_data": b"\xaa", "extensions": []}],
            },
        ),
        ("ffff", None, {"raw": b"\xff\xff"}),
    ],
)
def test_certificate_without_a_version_is_told_by_structure(
    body: str, version: int | None, fields: dict[str, object]
) -> None:
    reading = read("certificate", bytes.fromhex(body), Situation(version))
    assert reading == (fields, ())


def test_certificate_with_a_version_says_what_is_wrong() -> None:
    _, troubles = read("certificate", b"\xff\xff", Situation(0x0303))
    assert troubles[0].path == "certificate.certificate_list.length"


@pytest.mark.parametrize("header", ["", "01", "802d 01", "002d 00 01"])
def test_ssl2_client_hello_with_any_header(header: str) -> None:
    hello = "0002 0006 0000 0010 010080 0700c0" + "0123456789abcdef" * 2
    body = bytes.fromhex(header + hello)
    if header.startswith("80"):
        body = bytes([0x80, len(body) - 2]) + body[2:]
    elif header.startswith("00"):
        body = bytes([0, len(body) - 3]) + body[2:]
    fields, troubles = read("ssl2_client_hello", body)
    assert troubles == ()
    assert fields is not None
    assert fields["legacy_version"] == 2
    assert fields["cipher_suites"] == [0x010080, 0x0700C0]
    assert fields["random"] == bytes.fromhex("0123456789abcdef" * 2)
    assert (fields["session_id"], fields["extensions"]) == (b"", [])


def test_locate_counts_from_the_start_of_the_body() -> None:
    places = locate("client_hello", HELLO)
    assert places["random"] == (2, 32)
    assert places["cipher_suites.length"] == (39, 2)
    assert places["cipher_suites[1]"] == (43, 2)
    offset, length = places["extensions[0].body.server_name_list[0].host_name"]
    assert HELLO[offset : offset + length] == b"a.b"
    offset, length = places["extensions[2]"]
    assert HELLO[offset : offset + length].hex() == "002b0003020304"


def test_python_ssl_hello_reads_whole() -> None:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="example.com")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    fields, troubles = read("client_hello", outgoing.read()[9:])
    assert troubles == ()
    assert fields is not None
    bodies = {extension["type"]: extension["body"] for extension in fields["extensions"]}
    assert bodies[0]["server_name_list"][0]["host_name"] == b"example.com"
    assert bodies[16] == {"protocol_name_list": [b"h2", b"http/1.1"]}


def test_kind_of() -> None:
    assert kind_of(1) == "client_hello"
    assert kind_of(99) == "handshake_99"


def test_unknown_kind_is_raw() -> None:
    assert read("handshake_99", b"\x01\x02") == ({"raw": b"\x01\x02"}, ())
