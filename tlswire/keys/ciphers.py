"""What a suite's bulk cipher and MAC need, as tables, and the ciphers themselves.

The names are those of `suites.SuiteFacts`. What is not in the tables, `cryptography` does not do
(ARIA, GOST, Camellia in GCM); such a suite stays closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm, CipherContext

Shape = Literal["aead", "block", "stream"]
TAG = 16
#: The key of single DES, in bytes.
DES = 8


class Bulk(NamedTuple):
    """A bulk cipher: `algorithm` is the class in `cryptography`; all sizes in bytes.

    `iv` is what the key block gives: an AEAD's salt or whole nonce, a block cipher's IV. `material`
    is what an export cipher has instead of a whole key (RFC 2246 section 6.3.1).
    """

    shape: Shape
    algorithm: str
    key: int
    iv: int = 0
    tag: int = TAG
    material: int | None = None


# fmt: off
BULKS: dict[str, Bulk] = {
    "AES-128-GCM": Bulk("aead", "AESGCM", 16, 4),
    "AES-256-GCM": Bulk("aead", "AESGCM", 32, 4),
    "AES-128-CCM": Bulk("aead", "AESCCM", 16, 4),
    "AES-256-CCM": Bulk("aead", "AESCCM", 32, 4),
    "AES-128-CCM-8": Bulk("aead", "AESCCM", 16, 4, tag=8),
    "AES-256-CCM-8": Bulk("aead", "AESCCM", 32, 4, tag=8),
    "CHACHA20-POLY1305": Bulk("aead", "ChaCha20Poly1305", 32, 12),
    "SM4-GCM": Bulk("aead", "SM4", 16, 4),
    "AES-128-CBC": Bulk("block", "AES", 16, 16),
    "AES-256-CBC": Bulk("block", "AES", 32, 16),
    "CAMELLIA-128-CBC": Bulk("block", "Camellia", 16, 16),
    "CAMELLIA-256-CBC": Bulk("block", "Camellia", 32, 16),
    "SEED-CBC": Bulk("block", "SEED", 16, 16),
    "SM4-CBC": Bulk("block", "SM4", 16, 16),
    "IDEA-CBC": Bulk("block", "IDEA", 16, 8),
    "3DES-EDE-CBC": Bulk("block", "TripleDES", 24, 8),
    "DES-CBC": Bulk("block", "TripleDES", DES, 8),
    "DES40-CBC": Bulk("block", "TripleDES", DES, 8, material=5),
    "RC4-128": Bulk("stream", "ARC4", 16),
    "RC4-40": Bulk("stream", "ARC4", 16, material=5),
    "NULL": Bulk("stream", "", 0),
}
#: The MACs of block and stream ciphers: hash and size of the key, which is that of the digest.
MACS: dict[str, tuple[str, int]] = {
    "HMAC-MD5": ("md5", 16),
    "HMAC-SHA1": ("sha1", 20),
    "HMAC-SHA256": ("sha256", 32),
    "HMAC-SHA384": ("sha384", 48),
    "HMAC-SM3": ("sm3", 32),
}
# fmt: on


class Aead(Protocol):
    """An AEAD; `decrypt` raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the ciphertext with its tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext."""


def aead(bulk: Bulk, key: bytes) -> Aead:
    """Return the AEAD of a suite."""
    from cryptography.hazmat.primitives.ciphers import aead as kinds

    if bulk.algorithm == "AESCCM":
        return kinds.AESCCM(key, tag_length=bulk.tag)
    if bulk.algorithm == "ChaCha20Poly1305":
        return kinds.ChaCha20Poly1305(key)
    return kinds.AESGCM(key) if bulk.algorithm == "AESGCM" else _Gcm(bulk.algorithm, key)


class _Gcm:
    """GCM over another block cipher than AES."""

    def __init__(self, algorithm: str, key: bytes) -> None:
        self._algorithm, self._key = algorithm, key

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        cipher = Cipher(_algorithm(self._algorithm, self._key), modes.GCM(nonce))
        context = cipher.encryptor()
        context.authenticate_additional_data(associated_data)
        return context.update(data) + context.finalize() + context.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        mode = modes.GCM(nonce, data[-TAG:])
        context = Cipher(_algorithm(self._algorithm, self._key), mode).decryptor()
        context.authenticate_additional_data(associated_data)
        return context.update(data[:-TAG]) + context.finalize()


def encrypt_cbc(bulk: Bulk, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return whole blocks encrypted in CBC."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    context = Cipher(_algorithm(bulk.algorithm, key), modes.CBC(iv)).encryptor()
    return context.update(data) + context.finalize()


def decrypt_cbc(bulk: Bulk, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return whole blocks decrypted in CBC."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    context = Cipher(_algorithm(bulk.algorithm, key), modes.CBC(iv)).decryptor()
    return context.update(data) + context.finalize()


def rc4(key: bytes) -> CipherContext:
    """Return a running RC4: the same context encrypts and decrypts."""
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(_algorithm("ARC4", key), None).encryptor()


def _algorithm(name: str, key: bytes) -> CipherAlgorithm:
    """Return the algorithm with its key, wherever `cryptography` keeps it by now."""
    from cryptography.hazmat.decrepit.ciphers import algorithms as decrepit
    from cryptography.hazmat.primitives.ciphers import algorithms

    kind = getattr(decrepit, name, None) or getattr(algorithms, name)
    single = name == "TripleDES" and len(key) == DES
    found: CipherAlgorithm = kind(key * 3 if single else key)  # DES is 3DES with equal keys
    return found
