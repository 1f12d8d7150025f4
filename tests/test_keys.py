"""Secrets to keys against published vectors; records sealed and opened; key logs of all sorts."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from typing import cast

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from tlswire.codes import ContentType, Version
from tlswire.errors import CaptureError
from tlswire.flow import Who
from tlswire.keys.agreement import Agreed, supported
from tlswire.keys.epochs import MOST_LOST, Epochs
from tlswire.keys.keylog import KeyLog
from tlswire.keys.prf import p_hash
from tlswire.keys.protection import Protection, Protection13, protect
from tlswire.keys.schedule import Schedule, Traffic, expand_label
from tlswire.records import Record
from tlswire.suites import SUITES

# -- derivation ----------------------------------------------------------------------------


def test_p_sha256_as_published_with_tls_1_2() -> None:
    secret = bytes.fromhex("9bbe436ba940f017b17652849a71db35")
    seed = bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    assert p_hash("sha256", secret, b"test label" + seed, 100) == bytes.fromhex(
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e"
        "14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5"
        "a72e5a5110fff70187347b66"
    )


#: RFC 8448 section 3, "Simple 1-RTT Handshake".
SHARED_SECRET = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"
HELLOS = "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"


def test_the_ladder_of_rfc_8448() -> None:
    schedule = Schedule("sha256")
    assert schedule.secret.hex() == (
        "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
    )
    schedule.descend(bytes.fromhex(SHARED_SECRET))
    assert schedule.secret.hex() == (
        "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
    )
    server = expand_label("sha256", schedule.secret, b"s hs traffic", bytes.fromhex(HELLOS), 32)
    assert server.hex() == "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
    schedule.descend()
    assert schedule.secret.hex() == (
        "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"
    )


def test_the_traffic_keys_of_rfc_8448() -> None:
    secret = "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
    traffic = Traffic("sha256", bytes.fromhex(secret))
    assert traffic.key(16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert traffic.iv().hex() == "5d313eb2671276ee13000b30"


# -- records -------------------------------------------------------------------------------


def agreements() -> list[Agreed]:
    """Every suite that can be opened, in every version up to TLS 1.2, with its variations."""
    found = []
    for version, facts in product((0x0300, 0x0301, 0x0302, 0x0303), SUITES.values()):
        if facts.minimum_version <= version and supported(facts, version, tls13=False):
            plain = Agreed(version, facts, bytes(32), bytes(range(32)))
            found += [plain, plain._replace(encrypt_then_mac=True)]
            if version > Version.ssl_3_0:
                found.append(plain._replace(truncated_hmac=True))
    return found


def pair(agreed: Agreed, who: Who = "client") -> tuple[Protection, Protection]:
    return protect(agreed, b"m" * 48, who), protect(agreed, b"m" * 48, who)


def pair13(secret: bytes = b"t" * 32) -> tuple[Protection13, Protection13]:
    facts, traffic = SUITES[0x1301], Traffic("sha256", secret)
    return Protection13(facts, traffic, 0x0304), Protection13(facts, traffic, 0x0304)


def record(fragment: bytes, version: int = 0x0303, kind: int = ContentType.handshake) -> Record:
    return Record(kind, version, 0, fragment, len(fragment))


def test_what_is_sealed_opens_in_order_and_only_once() -> None:
    for agreed in agreements():
        seal, open_ = pair(agreed)
        for content in (b"", b"x", b"y" * 15, b"z" * 500):
            sealed = seal.seal(ContentType.handshake, agreed.version, content)
            plain = open_.open(record(sealed, agreed.version))
            assert plain is not None, agreed
            assert plain[:2] == (ContentType.handshake, content)
        assert open_.open(record(sealed, agreed.version)) is None


def test_a_changed_byte_closes_the_record() -> None:
    for agreed in agreements():
        seal, open_ = pair(agreed)
        sealed = bytearray(seal.seal(ContentType.handshake, agreed.version, b"finished"))
        sealed[-1 if agreed.facts.mac == "AEAD" else 0] ^= 1
        assert open_.open(record(bytes(sealed), agreed.version)) is None


def test_tls_1_3_hides_the_type_and_the_padding() -> None:
    seal, open_ = pair13()
    sealed = seal.seal(ContentType.alert, 0x0303, b"\x02\x28" + b"")
    plain = open_.open(record(sealed, kind=ContentType.application_data))
    assert plain is not None
    assert plain[:2] == (ContentType.alert, b"\x02\x28")
    padded = seal.seal(0, 0x0303, b"text" + bytes((ContentType.handshake,)) + bytes(20))
    plain = open_.open(record(padded, kind=ContentType.application_data))
    assert plain is not None
    assert plain[:2] == (ContentType.handshake, b"text")


@given(st.binary(max_size=200), st.sampled_from(agreements()))
def test_no_bytes_are_too_strange(fragment: bytes, agreed: Agreed) -> None:
    assert protect(agreed, b"m" * 48, "server").open(record(fragment, agreed.version)) is None


def test_after_a_gap_the_number_is_found_again() -> None:
    seal, open_ = pair13()
    epochs = Epochs([open_], tls13=True)
    sealed = [seal.seal(ContentType.alert, 0x0303, b"\x02\x28") for _ in range(MOST_LOST + 3)]
    told = [record(each, kind=ContentType.application_data) for each in sealed]
    assert epochs.open(told[0]) is not None
    assert epochs.open(told[5]) is None
    epochs.unsure = True
    assert epochs.open(told[5]) is not None
    assert epochs.open(told[6]) is not None


def test_an_epoch_ends_when_the_next_keys_open() -> None:
    first, opening = pair13()
    second, following = pair13(b"l" * 32)
    epochs = Epochs([opening, following], tls13=True)
    for keys in (first, second, second, second.updated(), second.updated().updated()):
        fragment = keys.seal(ContentType.handshake, 0x0303, b"message")
        plain = epochs.open(record(fragment, kind=ContentType.application_data))
        assert plain is not None
        assert plain.payload == b"message"


# -- key logs ------------------------------------------------------------------------------

RANDOM, MASTER = "ab" * 32, "cd" * 48


def test_a_key_log_is_read_and_junk_is_counted() -> None:
    log = KeyLog()
    assert not log
    log.read(
        f"# comment\r\n\nCLIENT_RANDOM {RANDOM} {MASTER}\r\n"
        f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.upper()} {MASTER}\n"
        f"EXPORTER_SECRET {RANDOM} {MASTER}\nnonsense\nCLIENT_RANDOM abc {MASTER}\n"
        f"RSA 0102030405060708 {MASTER}\nRSA Session-ID:1234 Master-Key:{MASTER}\n"
    )
    assert log
    assert log.junk == 2
    assert set(log.find(bytes.fromhex(RANDOM))) == {"CLIENT_RANDOM", "CLIENT_TRAFFIC_SECRET_0"}
    assert log.find_pre_master(bytes(range(1, 200))) == bytes.fromhex(MASTER)
    assert log.find_session(bytes.fromhex("1234")) == bytes.fromhex(MASTER)
    assert not log.knows(bytes(32))


def test_blocks_that_come_later_are_read_when_asked() -> None:
    blocks: list[bytes] = []
    log = KeyLog(blocks)
    assert not log
    blocks.append(f"CLIENT_RANDOM {RANDOM} {MASTER}\n".encode())
    assert log.knows(bytes.fromhex(RANDOM))


@given(st.binary(max_size=300))
def test_no_key_log_is_too_strange(text: bytes) -> None:
    KeyLog().read(text)


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None
) -> bytes:
    lock = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return cast(bytes, key.private_bytes(serialization.Encoding.PEM, form, lock))


def test_only_open_rsa_keys_are_taken() -> None:
    log, key = KeyLog(), rsa.generate_private_key(65537, 2048)
    for refused in (
        b"",
        b"text",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(key, b"secret"),
    ):
        with pytest.raises(CaptureError):
            log.add_rsa_key(refused, "server.key")
    log.add_rsa_key(pem(key))
    assert log


# -- cost ----------------------------------------------------------------------------------


def test_without_secrets_no_keys_are_imported() -> None:
    code = "import sys, tlswire.decode; print(*sys.modules)"
    run = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert not [name for name in run.stdout.split() if name.startswith(("tlswire.keys", "crypto"))]
