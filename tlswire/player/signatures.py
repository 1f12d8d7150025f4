"""What either side signs in a handshake, and how we sign.

RFC 8446 section 4.4.3, RFC 5246 sections 7.4.3 and 7.4.8, and before TLS 1.2 the hashes that were
not named (RFC 4346 section 7.4.3). Judges nothing: a signature is right, wrong, or not to be told.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from tlswire import certificates
from tlswire.certificates import Certificate
from tlswire.codes import SIGNATURE_SCHEMES, SignatureScheme, Version
from tlswire.flow import Who
from tlswire.keys.schedule import digest
from tlswire.language import say
from tlswire.player.stop import Stop

_CONTEXT: Final[dict[Who, bytes]] = {
    "client": b"TLS 1.3, client CertificateVerify",
    "server": b"TLS 1.3, server CertificateVerify",
}
#: What a client signs with in TLS 1.2 where its hello named no scheme (RFC 5246 7.4.1.4.1).
_BY_CURVE: Final = {
    "secp256r1": SignatureScheme.ecdsa_secp256r1_sha256,
    "secp384r1": SignatureScheme.ecdsa_secp384r1_sha384,
    "secp521r1": SignatureScheme.ecdsa_secp521r1_sha512,
}


def signed_13(who: Who, hash_name: str, heard: bytes) -> bytes:
    """Return what a CertificateVerify of TLS 1.3 signs, after the messages heard."""
    return b" " * 64 + _CONTEXT[who] + b"\0" + digest(hash_name, heard)


def right(leaf: Certificate, version: int, fields: dict[str, Any], signed: bytes) -> bool | None:
    """Tell whether a ServerKeyExchange, or CertificateVerify, was signed by the leaf's key.

    None where that cannot be told: no signature, or a scheme that is not known here.
    """
    signature, scheme = fields.get("signature"), fields.get("algorithm")
    if not isinstance(signature, bytes):
        return None
    if isinstance(scheme, int):
        return certificates.verifies(leaf, scheme, signature, signed)
    return _right_10(leaf, signature, signed) if version < Version.tls_1_2 else None


def _right_10(leaf: Certificate, signature: bytes, signed: bytes) -> bool | None:
    """RSA signs MD5 and SHA-1 one after the other, ECDSA and DSA SHA-1."""
    if leaf.key != "RSA":
        scheme = {"EC": SignatureScheme.ecdsa_sha1}.get(leaf.key or "")
        return None if scheme is None else certificates.verifies(leaf, scheme, signature, signed)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    try:
        key: Any = certificates.load(leaf.der).public_key()
        found = key.recover_data_from_signature(signature, PKCS1v15(), None)
    except InvalidSignature:
        return False
    except Exception:
        return None
    return bool(found == md5_sha1(signed))


def md5_sha1(data: bytes) -> bytes:
    """Return both digests, as they are signed before TLS 1.2 (RFC 4346 section 7.4.3)."""
    parts = (hashlib.new(name, data, usedforsecurity=False) for name in ("md5", "sha1"))
    return b"".join(part.digest() for part in parts)


# -- our own -------------------------------------------------------------------------------------


def choose(key: Any, wanted: tuple[int, ...], *, tls13: bool) -> int:
    """Return the first wanted scheme that the key can sign with; raises Stop."""
    for scheme in wanted:
        if _fits(key, SIGNATURE_SCHEMES.get(scheme, ""), tls13=tls13):
            return scheme
    raise Stop(say("the client key can sign with none of the schemes that the server accepts"))


def _fits(key: Any, scheme: str, *, tls13: bool) -> bool:
    """Tell whether a key and a scheme belong together (RFC 8446 section 4.2.3)."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        room = key.key_size // 8 >= 2 * _digest_size(scheme) + 2
        return (scheme.startswith("rsa_pss_rsae") and room) or (
            scheme.startswith("rsa_pkcs1") and "legacy" not in scheme and not tls13
        )
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if tls13:
            return SIGNATURE_SCHEMES.get(_BY_CURVE.get(key.curve.name, -1)) == scheme
        return scheme.startswith("ecdsa_") and "brainpool" not in scheme
    return scheme in ("ed25519", "ed448") and scheme in type(key).__name__.lower()


def _digest_size(scheme: str) -> int:
    name = scheme.rpartition("_")[2]
    return hashlib.new(name).digest_size if name in hashlib.algorithms_available else 0


def sign(key: Any, scheme: int, data: bytes) -> bytes:
    """Sign by a scheme that `choose` returned."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    name = SIGNATURE_SCHEMES[scheme]
    if name in ("ed25519", "ed448"):
        return bytes(key.sign(data))
    algorithm: Any = getattr(hashes, name.rpartition("_")[2].upper())()
    if name.startswith("ecdsa"):
        return bytes(key.sign(data, ec.ECDSA(algorithm)))
    if name.startswith("rsa_pss"):
        pad = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        return bytes(key.sign(data, pad, algorithm))
    return bytes(key.sign(data, padding.PKCS1v15(), algorithm))


def sign_10(key: Any, data: bytes) -> bytes:
    """Sign as before TLS 1.2, where no scheme is named.

    Raises Stop for a key that had no scheme then.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    if isinstance(key, rsa.RSAPrivateKey):
        return bytes(key.sign(md5_sha1(data), padding.PKCS1v15(), utils.NoDigestInfo()))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return bytes(key.sign(data, ec.ECDSA(hashes.SHA1())))
    raise Stop(say("the client key cannot sign in this version of TLS"))
