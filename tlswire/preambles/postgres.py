"""PostgreSQL: SSLRequest, perhaps after a GSSENCRequest (protocol documentation, SSL and GSSAPI).

The server answers with one byte and no frame: S or N; an old one answers with an error message.
"""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Said, Step, escape, exact, text

_SSL_REQUEST = bytes.fromhex("00000008 04d2162f")
_GSSENC_REQUEST = bytes.fromhex("00000008 04d21630")


def _read_refusal(data: bytes, at: int) -> Said | None:
    if data.startswith(b"N", at):
        return Said(at + 1, "N (no TLS here)")
    return read_error(data, at)


def read_error(data: bytes, at: int) -> Said | None:
    """Read an ErrorResponse: `E`, a 32-bit length, then fields by letter, each ending in NUL."""
    if not data.startswith(b"E", at):
        return None
    length = int.from_bytes(data[at + 1 : at + 5])
    if length > 0xFFFF:  # protocol 2.0: a bare string
        end = data.find(b"\0", at)
        return Said(end + 1, "E " + escape(data[at + 1 : end], 110)) if end > 0 else None
    end = at + 1 + length
    if length < 4 or end > len(data):
        return None
    fields = {field[:1]: field[1:] for field in data[at + 5 : end].split(b"\0") if field}
    return Said(end, "E " + escape(fields.get(b"C", b"") + b" " + fields.get(b"M", b""), 110))


DIALECT = Dialect(
    "postgres",
    (
        Exchanges(
            (
                (
                    Step(
                        "client",
                        "GSSENCRequest",
                        exact(_GSSENC_REQUEST, "GSSENCRequest"),
                        telling=ALWAYS,
                    ),
                    Step("server", "answer to GSSENCRequest", text(rb"[NG]")),
                ),
            )
        ),
        Step(
            "client",
            "SSLRequest",
            exact(_SSL_REQUEST, "SSLRequest"),
            says=_SSL_REQUEST,
            telling=ALWAYS,
        ),
        Step("server", "S", exact(b"S", "S (go ahead)"), refuses=_read_refusal),
    ),
)
