"""Certificate compression (RFC 8879): from CompressedCertificate to the body of Certificate.

Never makes more bytes than the message announces, so that a bomb stays small.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from tlswire.codes import CERTIFICATE_COMPRESSIONS, CertificateCompression
from tlswire.errors import Trouble
from tlswire.language import say

#: A certificate message is not decompressed beyond this, whatever it announces.
LARGEST_CERTIFICATE = 1 << 20
WHERE = "compressed_certificate.compressed_certificate_message"


class Incompressible(Exception):  # noqa: N818
    """The bytes are not what the algorithm makes."""


def decompress(fields: dict[str, Any]) -> bytes | Trouble:
    """Return the body of the Certificate message inside, for `read("certificate", ...)`.

    `fields` are those of a `compressed_certificate`. What cannot be decompressed, or comes out
    longer or shorter than announced (RFC 8879 section 4), is a Trouble.
    """
    number, length = fields["algorithm"], fields["uncompressed_length"]
    name = CERTIFICATE_COMPRESSIONS.get(number, f"algorithm {number}")
    if length > LARGEST_CERTIFICATE:
        what = say("at most {number} bytes", number=LARGEST_CERTIFICATE)
        return Trouble(
            "compressed_certificate.uncompressed_length",
            2,
            what,
            say("{length} announced", length=length),
        )
    if number not in ALGORITHMS:
        return Trouble("compressed_certificate.algorithm", 0, say("a known algorithm"), name)
    try:
        body = ALGORITHMS[number](fields["compressed_certificate_message"], length)
    except Incompressible as error:
        return Trouble(WHERE, 8, say("{name} data", name=name), str(error))
    if len(body) != length:
        found = say("more") if len(body) > length else say("{number} bytes", number=len(body))
        return Trouble(WHERE, 8, say("{length} bytes, as announced", length=length), found)
    return body


def inflate(data: bytes, length: int) -> bytes:
    """Return what zlib makes of the data, at most one byte more than `length`.

    Raises Incompressible.
    """
    try:
        return zlib.decompressobj().decompress(data, length + 1)
    except zlib.error as error:
        raise Incompressible(str(error)) from None


def unbrotli(data: bytes, length: int) -> bytes:
    """Return what brotli makes of the data, `length` bytes or not much more.

    Raises Incompressible.
    """
    import brotli

    try:
        # Only since 1.2 can the output be bounded, and a bomb of 60 bytes makes megabytes.
        body: bytes = brotli.Decompressor().process(data, output_buffer_limit=length + 1)
    except brotli.error as error:
        raise Incompressible(str(error)) from None
    return body


def unzstd(data: bytes, length: int) -> bytes:
    """Return what Zstandard makes of the data, at most one byte more than `length`.

    Raises Incompressible.
    """
    import zstandard

    try:
        reader = zstandard.ZstdDecompressor(max_window_size=1 << 23).stream_reader(data)
        body: bytes = reader.read(length + 1)
    except zstandard.ZstdError as error:
        raise Incompressible(str(error)) from None
    return body


ALGORITHMS: dict[int, Callable[[bytes, int], bytes]] = {
    CertificateCompression.zlib: inflate,
    CertificateCompression.brotli: unbrotli,
    CertificateCompression.zstd: unzstd,
}
