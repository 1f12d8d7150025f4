"""Every handshake message, without its 4-byte header: one page of grammar in RFC words.

RFC 8446 section 4, RFC 5246 section 7.4, and those named beside a message. A message with more
than one form (by version, or in a draft) has a row per form; `forms` tells which one it is.
"""

from __future__ import annotations

from construct import Construct, Struct

from tlswire import codes
from tlswire.grammar import records
from tlswire.grammar.extensions import (
    MOST_ENTRY_EXTENSIONS,
    certificate_status,
    cipher_suite,
    extensions_of,
    signature_scheme,
    version,
)
from tlswire.grammar.key_exchange import CLIENT_KEY_EXCHANGE, SERVER_KEY_EXCHANGE
from tlswire.grammar.words import (
    Body,
    By,
    Code,
    Fixed,
    Framed,
    Missing,
    Rest,
    Tail,
    Vector,
    opaque8,
    opaque16,
    opaque24,
    u8,
    u16,
    u24,
    u32,
)

#: Certificates that one message may hold, beyond which it is not read (hostile messages).
MOST_CERTIFICATES = 512

random = Fixed(32)
session_id = opaque8(0, 32)
compression_method = Code(u8, codes.COMPRESSION_METHODS)

# -- the hellos --------------------------------------------------------------------------------

client_hello = Struct(
    "legacy_version" / version,
    "random" / random,
    "session_id" / session_id,
    "cipher_suites" / Vector(u16, cipher_suite, 2),
    "compression_methods" / Vector(u8, compression_method, 1),
    "extensions" / Tail(extensions_of("CH"), absent=[]),
)


def server_hello(message: str) -> Struct:
    """Return ServerHello, or HelloRetryRequest, which has the same fields."""
    return Struct(
        "legacy_version" / version,
        "random" / random,
        "session_id" / session_id,
        "cipher_suite" / cipher_suite,
        "compression_method" / compression_method,
        "extensions" / Tail(extensions_of(message), absent=[]),
    )


# draft-ietf-tls-tls13-18 to -21: no session, no compression
server_hello_draft = Struct(
    "legacy_version" / version,
    "random" / random,
    "session_id" / Missing(b""),
    "cipher_suite" / cipher_suite,
    "compression_method" / Missing(0),
    "extensions" / extensions_of("SH"),
)
# a message of its own (type 6) up to draft 21; the suite came with draft 19
hello_retry_request_draft_19 = Struct(
    "legacy_version" / version,
    "random" / Missing(b""),
    "session_id" / Missing(b""),
    "cipher_suite" / cipher_suite,
    "compression_method" / Missing(0),
    "extensions" / extensions_of("HRR"),
)
hello_retry_request_draft_18 = Struct(
    "legacy_version" / version,
    "random" / Missing(b""),
    "session_id" / Missing(b""),
    "cipher_suite" / Missing(None),
    "compression_method" / Missing(0),
    "extensions" / extensions_of("HRR"),
)
hello_verify_request = Struct("server_version" / version, "cookie" / opaque8())

# -- certificates ------------------------------------------------------------------------------

certificate_12 = Struct("certificate_list" / Vector(u24, opaque24(1), count=MOST_CERTIFICATES))
# RFC 7250 section 3: one key, no list
certificate_raw_public_key = Struct("subject_public_key_info" / opaque24(1))
certificate_entry = Struct(
    "cert_data" / opaque24(1),
    "extensions" / extensions_of("CT", MOST_ENTRY_EXTENSIONS),
)
certificate_13 = Struct(
    "certificate_request_context" / opaque8(),
    "certificate_list" / Vector(u24, certificate_entry, count=MOST_CERTIFICATES),
)
compressed_certificate = Struct(
    "algorithm" / Code(u16, codes.CERTIFICATE_COMPRESSIONS),
    "uncompressed_length" / u24,
    "compressed_certificate_message" / opaque24(1),
)
# RFC 6066 section 5
url_and_hash = Struct("url" / opaque16(1), "padding" / u8, "sha1_hash" / Fixed(20))
certificate_url = Struct(
    "type" / u8,
    "url_and_hash_list" / Vector(u16, url_and_hash, 1),
)

certificate_types = Vector(u8, Code(u8, codes.CLIENT_CERTIFICATE_TYPES), 1)
certificate_authorities = Vector(u16, opaque16(1))
certificate_request_10 = Struct(
    "certificate_types" / certificate_types,
    "certificate_authorities" / certificate_authorities,
)
certificate_request_12 = Struct(
    "certificate_types" / certificate_types,
    "supported_signature_algorithms" / Vector(u16, signature_scheme, 2),
    "certificate_authorities" / certificate_authorities,
)
certificate_request_13 = Struct(
    "certificate_request_context" / opaque8(),
    "extensions" / extensions_of("CR"),
)
certificate_verify_10 = Struct("signature" / opaque16())
certificate_verify_12 = Struct("algorithm" / signature_scheme, "signature" / opaque16())

# -- tickets and the rest ----------------------------------------------------------------------

new_session_ticket_12 = Struct("ticket_lifetime_hint" / u32, "ticket" / opaque16())
new_session_ticket_13 = Struct(
    "ticket_lifetime" / u32,
    "ticket_age_add" / u32,
    "ticket_nonce" / opaque8(),
    "ticket" / opaque16(1),
    "extensions" / extensions_of("NST"),
)
# drafts 18 to 20 had no nonce
new_session_ticket_draft = Struct(
    "ticket_lifetime" / u32,
    "ticket_age_add" / u32,
    "ticket" / opaque16(1),
    "extensions" / extensions_of("NST"),
)
finished = Struct("verify_data" / Rest(1))
key_update = Struct("request_update" / Code(u8, codes.KEY_UPDATE_REQUESTS))

# RFC 4680 and 4681
user_mapping_data = Struct(
    "user_mapping_version" / Code(u8, codes.USER_MAPPING_TYPES), "data" / opaque16()
)
supplemental_entry = Struct(
    "supp_data_type" / Code(u16, codes.SUPPLEMENTAL_DATA_TYPES),
    "supp_data"
    / Framed(
        u16,
        By(
            "supp_data_type",
            {
                codes.SupplementalDataType.user_mapping_data: Struct(
                    "user_mapping_data_list" / Vector(u16, user_mapping_data, 1)
                )
            },
            otherwise=Rest(),
        ),
    ),
)
supplemental_data = Struct("supp_data" / Vector(u24, supplemental_entry, 1, count=512))

# draft-agl-tls-nextprotoneg-04 and draft-balfanz-tls-channelid-01
next_protocol = Struct("selected_protocol" / opaque8(), "padding" / opaque8())
channel_id_keys = Struct("x" / Fixed(32), "y" / Fixed(32), "r" / Fixed(32), "s" / Fixed(32))
channel_id = Struct(
    "extension_type" / Code(u16, codes.EXTENSIONS), "key" / Framed(u16, channel_id_keys)
)

#: Every form that a body can have. The generator makes one parser of each.
FORMS: dict[str, Construct] = {
    "client_hello": Body(client_hello),
    "server_hello": Body(server_hello("SH")),
    "server_hello_draft": Body(server_hello_draft),
    "hello_retry_request": Body(server_hello("HRR")),
    "hello_retry_request_draft_19": Body(hello_retry_request_draft_19),
    "hello_retry_request_draft_18": Body(hello_retry_request_draft_18),
    "hello_verify_request": Body(hello_verify_request),
    "empty": Body(Struct()),
    "new_session_ticket_12": Body(new_session_ticket_12),
    "new_session_ticket_13": Body(new_session_ticket_13),
    "new_session_ticket_draft": Body(new_session_ticket_draft),
    "encrypted_extensions": Body(Struct("extensions" / extensions_of("EE"))),
    "certificate_12": Body(certificate_12),
    "certificate_13": Body(certificate_13),
    "certificate_raw_public_key": Body(certificate_raw_public_key),
    "certificate_request_10": Body(certificate_request_10),
    "certificate_request_12": Body(certificate_request_12),
    "certificate_request_13": Body(certificate_request_13),
    "certificate_verify_10": Body(certificate_verify_10),
    "certificate_verify_12": Body(certificate_verify_12),
    **SERVER_KEY_EXCHANGE,
    **CLIENT_KEY_EXCHANGE,
    "finished": Body(finished),
    "certificate_url": Body(certificate_url),
    "certificate_status": Body(certificate_status),
    "supplemental_data": Body(supplemental_data),
    "key_update": Body(key_update),
    "compressed_certificate": Body(compressed_certificate),
    "next_protocol": Body(next_protocol),
    "channel_id": Body(channel_id),
    "raw": Body(Struct("raw" / Rest())),
    "plaintext": records.plaintext,
    "alert": records.alert,
    "change_cipher_spec": records.change_cipher_spec,
    "heartbeat": records.heartbeat,
    "ssl2_client_hello": records.ssl2_client_hello,
    "ssl2_client_hello_message": records.ssl2_client_hello_message,
    "ssl2_client_hello_record2": records.ssl2_client_hello_record2,
    "ssl2_client_hello_record3": records.ssl2_client_hello_record3,
    "ssl2_server_hello": records.ssl2_server_hello,
    "ssl2_error": records.ssl2_error,
}
