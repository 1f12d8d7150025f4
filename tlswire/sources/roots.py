"""Where trusted root certificates come from: the system, certifi, or a file that the user names.

Reads files and gives DER; knows nothing of what a certificate says.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Final, NamedTuple

from tlswire.errors import SelectionError
from tlswire.language import reason, say

#: Where systems keep their bundle, besides the place that OpenSSL was built with.
BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Bundle(NamedTuple):
    """Trusted certificates in DER, and whose they are."""

    name: str
    ders: tuple[bytes, ...]


def of_file(path: Path) -> Bundle:
    """Return the certificates of a PEM file, or the one of a DER file. Raises SelectionError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SelectionError(say("{path}: {error}", path=path, error=reason(error))) from None
    if data[:1] == b"\x30":
        return Bundle(str(path), (data,))
    ders = _from_pem(data.decode("latin-1"))
    if not ders:
        raise SelectionError(say("{path}: no certificate in PEM or DER", path=path))
    return Bundle(str(path), ders)


def of_system() -> Bundle:
    """Return what this system trusts, else what certifi does; empty when neither is there."""
    if sys.platform == "win32":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return Bundle(say("this system"), tuple(context.get_ca_certs(binary_form=True)))
    for place in (ssl.get_default_verify_paths().cafile, *BUNDLES):
        if place and Path(place).is_file():
            return Bundle(say("this system"), of_file(Path(place)).ders)
    return _of_certifi()


def _of_certifi() -> Bundle:
    try:
        import certifi
    except ImportError:
        return Bundle("nobody", ())
    return Bundle("certifi", of_file(Path(certifi.where())).ders)


def _from_pem(text: str) -> tuple[bytes, ...]:
    found = []
    for part in text.split(_BEGIN)[1:]:
        body, end, _ = part.partition(_END)
        if end:
            try:
                found.append(ssl.PEM_cert_to_DER_cert(_BEGIN + body + _END))
            except ValueError:
                continue
    return tuple(found)
