"""Distinguished names as text: as cryptography writes them; what cannot be read is told in hex."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tlswire.distinguished import LONGEST, distinguished

KINDS = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "UID": NameOID.USER_ID,
    "2.5.4.12": NameOID.TITLE,
    "1.3.6.1.4.1.311.60.2.1.2": NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME,
}
SAID = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
ATTRIBUTES = st.builds(x509.NameAttribute, st.sampled_from(list(KINDS.values())), SAID)
RELATIVE = st.builds(x509.RelativeDistinguishedName, st.lists(ATTRIBUTES, min_size=1, max_size=1))


@given(st.builds(x509.Name, st.lists(RELATIVE, min_size=1, max_size=5)))
def test_a_name_is_told_as_another_library_does(name: x509.Name) -> None:
    assert distinguished(name.public_bytes()) == name.rfc4514_string()


@pytest.mark.parametrize(
    "text",
    [
        "CN=Test CA 1,O=Example\\, Inc.,C=DE",
        "CN=a+OU=b,DC=example,DC=com",
        'CN=\\#x\\ ,O=\\ \\"\\\\\\;\\<\\>',
    ],
)
def test_what_must_be_escaped_is(text: str) -> None:
    assert distinguished(x509.Name.from_rfc4514_string(text).public_bytes()) == text


def test_what_certificates_have_besides_has_a_name_as_well() -> None:
    mail = x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ca@example.com")
    number = x509.NameAttribute(NameOID.SERIAL_NUMBER, "12")
    told = distinguished(x509.Name([mail, number]).public_bytes())
    assert told == "serialNumber=12,emailAddress=ca@example.com"


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_names_that_are_cut_are_told_in_hex(cut: int) -> None:
    der = bytes.fromhex("301f310b3009060355040613024445311030") + b"\xff" * 30
    assert distinguished(der[:cut]) == der[:cut].hex()


@pytest.mark.parametrize("identifier", [b"", b"\x55\x84", b"\x55" + b"\x81" * LONGEST + b"\x01"])
def test_an_identifier_that_is_none_is_told_in_hex(identifier: bytes) -> None:
    der = b"\x06" + bytes((len(identifier),)) + identifier + b"\x0c\x01a"
    for tag in (b"\x30", b"\x31", b"\x30"):
        der = tag + bytes((len(der),)) + der
    assert distinguished(der) == der.hex()


@given(st.binary(max_size=60))
def test_any_bytes_are_told(der: bytes) -> None:
    assert isinstance(distinguished(der), str)
