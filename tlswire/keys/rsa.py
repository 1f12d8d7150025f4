"""The pre-master secret out of a static RSA key exchange, with the server's private key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PRE_MASTER_SECRET = 48


def decrypt_pre_master(
    keys: Sequence[RSAPrivateKey], encrypted: bytes, offered: int
) -> bytes | None:
    """Return the pre-master secret that one of the keys opens; None when none does.

    It begins with the version that the client `offered` (RFC 5246 section 7.4.7.1), which also
    tells a wrong key, since libraries answer bad padding with random bytes.
    """
    for key in keys:
        secret = _decrypt(key, encrypted)
        if len(secret) == PRE_MASTER_SECRET and secret[:2] == offered.to_bytes(2, "big"):
            return secret
    return None


def _decrypt(key: RSAPrivateKey, encrypted: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    if len(encrypted) != (key.key_size + 7) // 8:
        return b""
    try:
        return key.decrypt(encrypted, PKCS1v15())
    except ValueError:
        return b""
