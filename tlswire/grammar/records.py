"""What records mean, and the small protocols beside the handshake: one page of grammar.

RFC 8446 sections 5.1 and 6, RFC 5246 section 7.1, RFC 6520, and for SSL 2.0 the appendix E.2 of
RFC 5246 and draft-hickman-netscape-ssl-00. Never cuts a stream into records: that is `records`
one floor up.
"""

from __future__ import annotations

from construct import Struct

from tlswire import codes
from tlswire.grammar.extensions import version
from tlswire.grammar.words import (
    Body,
    Code,
    Counted,
    Missing,
    Rest,
    Several,
    opaque16,
    u8,
    u16,
    u24,
)

plaintext = Body(
    Struct(
        "type" / Code(u8, codes.CONTENT_TYPES),
        "legacy_record_version" / version,
        "fragment" / opaque16(),
    )
)

alert = Body(
    Struct(
        "level" / Code(u8, codes.ALERT_LEVELS),
        "description" / Code(u8, codes.ALERTS),
    )
)

change_cipher_spec = Body(Struct("type" / u8))

heartbeat = Body(
    Struct(
        "type" / Code(u8, codes.HEARTBEAT_MESSAGE_TYPES),
        "payload" / opaque16(),
        "padding" / Rest(16),
    )
)

# -- SSL 2.0: the lengths stand first, the data after them -------------------------------------

ssl2_cipher_kinds = Several(Code(u24, codes.CIPHER_SUITES))

ssl2_hello_fields = (
    "legacy_version" / version,
    "cipher_suites_length" / u16,
    "session_id_length" / u16,
    "random_length" / u16,
    "cipher_suites" / Counted("cipher_suites_length", ssl2_cipher_kinds),
    "session_id" / Counted("session_id_length", Rest()),
    "random" / Counted("random_length", Rest()),
    "compression_methods" / Missing([]),
    "extensions" / Missing([]),
)
ssl2_message_type = "message_type" / Code(u8, codes.SSL2_MESSAGE_TYPES)

#: The ClientHello from its version on, from its message type on, and with either record header.
ssl2_client_hello = Body(Struct(*ssl2_hello_fields))
ssl2_client_hello_message = Body(Struct(ssl2_message_type, *ssl2_hello_fields))
ssl2_client_hello_record2 = Body(
    Struct("record_length" / u16, ssl2_message_type, *ssl2_hello_fields)
)
ssl2_client_hello_record3 = Body(
    Struct(
        "record_length" / u16,
        "padding_length" / u8,
        ssl2_message_type,
        *ssl2_hello_fields,
        "padding" / Counted("padding_length", Rest()),
    )
)

ssl2_server_hello = Body(
    Struct(
        ssl2_message_type,
        "session_id_hit" / u8,
        "certificate_type" / u8,
        "legacy_version" / version,
        "certificate_length" / u16,
        "cipher_suites_length" / u16,
        "connection_id_length" / u16,
        "certificate" / Counted("certificate_length", Rest()),
        "cipher_suites" / Counted("cipher_suites_length", ssl2_cipher_kinds),
        "connection_id" / Counted("connection_id_length", Rest()),
    )
)
ssl2_error = Body(Struct(ssl2_message_type, "error_code" / u16))
