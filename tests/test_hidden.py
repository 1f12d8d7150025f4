"""Sizes of protected records, as measured on real stacks and counted from the RFC."""

from __future__ import annotations

import pytest

from tlswire import hidden
from tlswire.codes import Suite

AES128, AES256 = Suite.TLS_AES_128_GCM_SHA256, Suite.TLS_AES_256_GCM_SHA384
CCM_8 = 0x1305  # TLS_AES_128_CCM_8_SHA256: a tag of 8 bytes (RFC 6655)


@pytest.mark.parametrize(
    ("suite", "length"), [(AES128, 19), (AES256, 19), (AES128, 35), (CCM_8, 11)]
)
def test_alerts(suite: int, length: int) -> None:
    assert hidden.is_alert(suite, length)
    assert not hidden.is_finished(suite, length)


@pytest.mark.parametrize(("suite", "length"), [(AES128, 53), (AES256, 69), (CCM_8, 45)])
def test_finished(suite: int, length: int) -> None:
    assert hidden.is_finished(suite, length)
    assert hidden.is_finished(suite, length + 16)
    assert hidden.may_hold_finished(suite, length + 10)
    assert not hidden.may_hold_finished(suite, length - 1)
    assert not hidden.is_alert(suite, length)


def test_empty_certificate_and_end_of_early_data() -> None:
    assert hidden.is_empty_certificate(AES128, 25)
    assert hidden.is_end_of_early_data(AES128, 21)
    assert not hidden.is_alert(AES128, 25)


@pytest.mark.parametrize(
    ("suite", "length"), [(AES128, 25), (AES256, 41), (AES128, 61), (AES256, 77)]
)
def test_no_certificate_alone_padded_or_joined_with_the_finished(suite: int, length: int) -> None:
    """OpenSSL sends it alone, Java pads it, BoringSSL joins it with its Finished."""
    assert hidden.is_empty_certificate(suite, length)
    assert not hidden.is_empty_certificate(suite, length + 1)


def test_an_unknown_suite_is_taken_for_one_of_the_usual_tag() -> None:
    assert hidden.is_alert(None, 19)


@pytest.mark.parametrize(
    ("lengths", "bits"),
    [
        ((23, 900, 153, 69), 1024),
        ((23, 900, 169, 85), 1024),  # padded, as Java does
        ((23, 900, 217, 69), 1536),
        ((23, 900, 281, 69), None),  # 2048 bits
        ((23, 900, 97, 69), None),  # ECDSA on P-256
        ((23, 153, 281, 69), None),
        ((153,), None),
    ],
)
def test_a_weak_key_by_the_size_of_its_signature(
    lengths: tuple[int, ...], bits: int | None
) -> None:
    """RFC 8446 section 4.4.3: a scheme, a length and the signature, behind four bytes of header."""
    assert hidden.weak_key(AES256, lengths) == bits
