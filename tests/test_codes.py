"""Oracles: RFC numbers by hand, tshark's tables where tshark is installed, small CSV files."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tlswire import codes

TOOLS = Path(__file__).parent.parent / "tools"
TSHARK = shutil.which("tshark")

#: RFC 8701 section 2.
GREASE = [0x0A0A + 0x1010 * n for n in range(16)]
GREASE8 = [0x0B, 0x2A, 0x49, 0x68, 0x87, 0xA6, 0xC5, 0xE4]


@pytest.fixture(scope="module")
def tool() -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of tools/."""
    sys.path.insert(0, str(TOOLS))
    yield importlib.import_module
    sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def tables(tool: Callable[[str], ModuleType]) -> ModuleType:
    return tool("registry_tables")


@pytest.mark.parametrize(
    ("table", "code", "name"),
    [
        (codes.CONTENT_TYPES, 22, "handshake"),  # RFC 8446 section 5.1
        (codes.HANDSHAKE_TYPES, 24, "key_update"),  # RFC 8446 section 4
        (codes.HANDSHAKE_TYPES, 25, "compressed_certificate"),  # RFC 8879 section 4
        (codes.ALERTS, 40, "handshake_failure"),  # RFC 8446 section 6
        (codes.ALERTS, 86, "inappropriate_fallback"),  # RFC 7507 section 2
        (codes.ALERTS, 120, "no_application_protocol"),  # RFC 7301 section 3.2
        (codes.EXTENSIONS, 16, "application_layer_protocol_negotiation"),  # RFC 7301
        (codes.EXTENSIONS, 51, "key_share"),  # RFC 8446 section 4.2
        (codes.EXTENSIONS, 40, "key_share_draft"),  # until draft-ietf-tls-tls13-23
        (codes.EXTENSIONS, 13172, "next_protocol_negotiation"),
        (codes.EXTENSIONS, 17513, "application_settings_old"),
        (codes.EXTENSIONS, 17613, "application_settings"),
        (codes.EXTENSIONS, 0xFE0D, "encrypted_client_hello"),  # RFC 9849
        (codes.EXTENSIONS, 0xFF01, "renegotiation_info"),  # RFC 5746 section 3.2
        (codes.EXTENSIONS, 0xFFCE, "encrypted_server_name"),  # draft-ietf-tls-esni-02
        (codes.GROUPS, 23, "secp256r1"),  # RFC 8422 section 5.1.1
        (codes.GROUPS, 29, "x25519"),
        (codes.GROUPS, 0x0100, "ffdhe2048"),  # RFC 7919 section 2
        (codes.GROUPS, 0x11EB, "SecP256r1MLKEM768"),
        (codes.GROUPS, 0x11EC, "X25519MLKEM768"),
        (codes.GROUPS, 0x11ED, "SecP384r1MLKEM1024"),
        (codes.GROUPS, 0x6399, "X25519Kyber768Draft00"),
        (codes.SIGNATURE_SCHEMES, 0x0804, "rsa_pss_rsae_sha256"),  # RFC 8446 section 4.2.3
        (codes.SIGNATURE_SCHEMES, 0x0708, "sm2sig_sm3"),  # RFC 8998 section 3.2.1
        (codes.VERSIONS, 0x0002, "SSL 2.0"),
        (codes.VERSIONS, 0x0304, "TLS 1.3"),
        (codes.VERSIONS, 0x7F17, "TLS 1.3 draft 23"),
        (codes.VERSIONS, 0x0101, "TLCP 1.1"),
        (codes.CERTIFICATE_COMPRESSIONS, 2, "brotli"),  # RFC 8879 section 7.3
        (codes.PSK_KEY_EXCHANGE_MODES, 1, "psk_dhe_ke"),  # RFC 8446 section 4.2.9
        (codes.KEMS, 0x0020, "DHKEM(X25519, HKDF-SHA256)"),  # RFC 9180 section 7.1
        (codes.CIPHER_SUITES, 0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA"),  # RFC 5246 section 9
        (codes.CIPHER_SUITES, 0x1301, "TLS_AES_128_GCM_SHA256"),  # RFC 8446 appendix B.4
        (codes.CIPHER_SUITES, 0x5600, "TLS_FALLBACK_SCSV"),  # RFC 7507 section 2
        (codes.CIPHER_SUITES, 0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),  # RFC 5746
        (codes.CIPHER_SUITES, 0xC0AA, "TLS_PSK_DHE_WITH_AES_128_CCM_8"),  # RFC 6655, so spelt
        (codes.CIPHER_SUITES, 0x010080, "SSL_CK_RC4_128_WITH_MD5"),
        (codes.CIPHER_SUITES, 0xE013, "ECC_SM4_CBC_SM3"),  # GB/T 38636-2020
    ],
)
def test_a_number_has_the_name_of_its_rfc(table: dict[int, str], code: int, name: str) -> None:
    assert table[code] == name


def test_grease_is_told() -> None:
    assert [code for code in range(0x10000) if codes.is_grease(code)] == GREASE
    assert [code for code in range(0x100) if codes.is_grease8(code)] == GREASE8


def test_grease_is_no_registered_number() -> None:
    for table in (codes.CIPHER_SUITES, codes.EXTENSIONS, codes.GROUPS, codes.VERSIONS):
        assert not [code for code in table if codes.is_grease(code)]


@pytest.mark.parametrize("name", [n for n in codes.REGISTRIES if n != "CipherSuite"])
def test_class_and_table_hold_the_same_numbers(name: str) -> None:
    numbers = {k: v for k, v in vars(getattr(codes, name)).items() if isinstance(v, int)}
    assert sorted(numbers.values()) == sorted(codes.REGISTRIES[name])
    assert all(word.islower() for word in numbers)


@pytest.mark.parametrize("name", codes.REGISTRIES)
def test_no_name_stands_twice_in_a_registry(name: str) -> None:
    names = list(codes.REGISTRIES[name].values())
    assert len(names) == len(set(names))


def test_suites_needed_by_name_are_named_so() -> None:
    for name, code in vars(codes.Suite).items():
        if isinstance(code, int):
            assert codes.CIPHER_SUITES[code] == name


#: Our table for each of the fields that tshark lists.
TSHARK_SPELLS = {
    "tls.alert_message.desc": codes.ALERTS,
    "tls.handshake.extension.type": codes.EXTENSIONS,
    "tls.handshake.extensions_supported_group": codes.GROUPS,
    "tls.handshake.sig_hash_alg": codes.SIGNATURE_SCHEMES,
    "tls.handshake.ciphersuite": codes.CIPHER_SUITES,
}
#: Where some release of it is of another mind: IANA's name is delegated_credential, drafts are
#: marked in its own way, 512 to 514 were Frodo's before ML-KEM's, Netscape's suites have two names.
TSHARK_DIFFERS = {
    "tls.handshake.extension.type": {34, 40, 46, 53, 17513, 65445},
    "tls.handshake.extensions_supported_group": {512, 513, 514},
    "tls.handshake.ciphersuite": {0x001C, 0x001D, 0xFFE0, 0xFFE1},
}


@pytest.fixture(scope="module")
def tshark_values() -> list[list[str]]:
    if TSHARK is None:
        pytest.skip("tshark is not installed")
    command = [TSHARK, "-G", "values"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in text.splitlines() if line.startswith("V\ttls.")]


@pytest.mark.parametrize("field", TSHARK_SPELLS)
def test_tshark_agrees(tshark_values: list[list[str]], field: str) -> None:
    table = TSHARK_SPELLS[field]
    rows = {int(row[2], 0): row[3] for row in tshark_values if row[1] == field}
    assert rows
    differ = {c for c, name in rows.items() if plain(table.get(c, name)) != plain(name)}
    assert differ <= TSHARK_DIFFERS.get(field, set())


def plain(name: str) -> str:
    """Strip what tshark spells in its own way."""
    return name.lower().replace(" ", "_").replace("_draft", "")


def test_iana_codes_are_read(tables: ModuleType) -> None:
    assert tables.iana_code("23") == 23
    assert tables.iana_code("0xC0,0x2F") == 0xC02F
    assert tables.iana_code("0x0403") == 0x0403
    assert tables.iana_code("0xC0,0x00-0x01") is None
    assert tables.iana_code("62-65279") is None


def test_iana_csv_wins_where_present(tables: ModuleType, tmp_path: Path) -> None:
    # the columns of IANA's tls-parameters-8.csv and tls-parameters-4.csv
    (tmp_path / "tls-parameters-8.csv").write_text(
        "Value,Description,DTLS-OK,Recommended,Reference,Comment\n"
        "0,Reserved,,,[RFC8447],\n"
        "23,secp256r1,Y,Y,[RFC8422],\n"
        "25,secp521r1,Y,D,[RFC8422],\n"
        "61-255,Unassigned,,,,\n"
        "4588,X25519MLKEM768,Y,Y,[RFC9999],\n"
        "4999,x25519again,Y,N,[RFC9999],\n"
        '25497,X25519Kyber768Draft00 (OBSOLETE),Y,N,"[draft-tls-westerbaan]",\n'
        "65024-65279,Reserved for Private Use,,,[RFC8422],\n",
        encoding="utf-8",
    )
    registries = {r.class_name: r for r in tables.read_registries(tmp_path)}
    group = registries["Group"]
    names = {entry.code: entry.name for entry in group.entries}
    assert names[4999] == "x25519again"
    assert names[25497] == "X25519Kyber768Draft00"
    assert 0 not in names
    assert group.recommended[25] == "D"
    assert group.recommended[4588] == "Y"
    assert {e.code: e.identifier for e in group.entries}[23] == "secp256r1"


def test_iana_reserved_remarks_leave_rfc_names(tables: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "tls-parameters-7.csv").write_text(
        "Value,Description,DTLS-OK,Reference,Comment\n"
        "0,hello_request_RESERVED,Y,[RFC8446],\n"
        "1,client_hello,Y,[RFC8446],\n"
        "7,Unassigned,,,\n"
        "99,brand_new_RESERVED,Y,[RFC9999],\n",
        encoding="utf-8",
    )
    registries = {r.class_name: r for r in tables.read_registries(tmp_path)}
    names = {entry.code: entry.name for entry in registries["HandshakeType"].entries}
    assert names[0] == "hello_request"
    assert names[99] == "brand_new"
    assert 7 not in names


def test_the_written_source_is_python_and_equal_to_what_it_was_made_of(
    tool: Callable[[str], ModuleType], tables: ModuleType
) -> None:
    registries = tables.read_registries(None)
    suites = [tables.Suite(0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", "N")]
    scope: dict[str, object] = {}
    exec(
        tool("codes_source").write_codes(
            registries, suites, {"date": "today", "sources": "a test"}
        ),
        scope,
    )
    for registry in registries:
        table = {entry.code: entry.name for entry in registry.entries}
        assert scope[registry.names] == table == codes.REGISTRIES[registry.class_name]


def test_recommended_column() -> None:
    # the registries as of 2023-07, RFC 9847 sections 5 and 7
    assert codes.RECOMMENDED["ExtensionType"][0] == "Y"
    assert codes.RECOMMENDED["ExtensionType"][18] == "N"
    assert codes.RECOMMENDED["ExtensionType"][4] == "D"
    assert codes.RECOMMENDED["Group"][29] == "Y"
    assert codes.RECOMMENDED["Group"][25] == "N"
    assert codes.RECOMMENDED["Group"][19] == "D"
    assert codes.RECOMMENDED["SignatureScheme"][0x0401] == "Y"
    assert codes.RECOMMENDED["SignatureScheme"][0x0201] == "N"
    assert codes.RECOMMENDED["HashAlgorithm"][2] == "D"
    for registry, ratings in codes.RECOMMENDED.items():
        assert set(ratings) <= set(codes.REGISTRIES[registry])
        assert set(ratings.values()) <= {"Y", "N", "D"}


def test_nothing_was_edited_by_hand(
    tool: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptodatahub", reason="pip install cryptodatahub to compare")
    monkeypatch.setattr(sys, "argv", ["make_codes.py", "--check"])
    assert tool("make_codes").main() == 0
