"""What hello extensions mean: one table, a row per extension, its body per message.

Names and bounds are those of the RFC that defines the extension. An extension without a row, or
without a body for the message it stands in, is kept raw; whether it may stand there is judged
elsewhere. Never looks at another extension or at what was negotiated.
"""

from __future__ import annotations

from typing import NamedTuple

from construct import Construct, Struct

from tlswire import codes
from tlswire.codes import ExtensionType as E
from tlswire.grammar.words import (
    By,
    Code,
    Fixed,
    Framed,
    Rest,
    Several,
    Tagged,
    Vector,
    opaque8,
    opaque16,
    opaque24,
    u8,
    u16,
    u24,
    u32,
    u64,
    varint,
)

#: Extensions that one list may hold where many lists stand in one message (hostile messages).
MOST_ENTRY_EXTENSIONS = 32

# -- words of several RFCs ---------------------------------------------------------------------

version = Code(u16, codes.VERSIONS)
cipher_suite = Code(u16, codes.CIPHER_SUITES)
group = Code(u16, codes.GROUPS)
signature_scheme = Code(u16, codes.SIGNATURE_SCHEMES)
certificate_type = Code(u8, codes.CERTIFICATE_TYPES)
status_type = Code(u8, codes.CERTIFICATE_STATUS_TYPES)

empty = Struct()
whole = Struct("data" / Rest())

# -- RFC 6066: server_name to truncated_hmac ---------------------------------------------------

server_name = Struct(
    "name_type" / Code(u8, codes.NAME_TYPES),
    "host_name" / opaque16(1),
)
server_name_list = Struct("server_name_list" / Vector(u16, server_name, 1))

max_fragment_length = Struct("max_fragment_length" / Code(u8, codes.MAX_FRAGMENT_LENGTHS))

trusted_authority = Struct(
    "identifier_type" / u8,
    "identifier"
    / By(
        "identifier_type",
        {0: empty, 1: Fixed(20), 2: opaque16(1), 3: Fixed(20)},
        otherwise=Rest(),
    ),
)
trusted_authorities = Struct("trusted_authorities_list" / Vector(u16, trusted_authority))

ocsp_status_request = Struct(
    "responder_id_list" / Vector(u16, opaque16(1)),
    "request_extensions" / opaque16(),
)
certificate_status_request = Struct(
    "status_type" / status_type,
    "request"
    / By(
        "status_type",
        {codes.CertificateStatusType.ocsp: ocsp_status_request},
        otherwise=Rest(),
    ),
)
certificate_status = Struct(
    "status_type" / status_type,
    "response"
    / By(
        "status_type",
        {
            codes.CertificateStatusType.ocsp: opaque24(1),
            codes.CertificateStatusType.ocsp_multi: Vector(u24, opaque24(), count=512),
        },
        otherwise=Rest(),
    ),
)

# RFC 6961
certificate_status_request_item = Struct(
    "status_type" / status_type,
    "request"
    / Framed(
        u16,
        By(
            "status_type",
            {
                codes.CertificateStatusType.ocsp: ocsp_status_request,
                codes.CertificateStatusType.ocsp_multi: ocsp_status_request,
            },
            otherwise=Rest(),
        ),
    ),
)
certificate_status_request_list = Struct(
    "certificate_status_req_list" / Vector(u16, certificate_status_request_item, 1)
)

# -- RFC 4681, 5054, 5764, 5878, 6520, 7250, 7301, 7924 ----------------------------------------

user_mapping_type_list = Struct(
    "user_mapping_types" / Vector(u8, Code(u8, codes.USER_MAPPING_TYPES), 1)
)
srp = Struct("srp_I" / opaque8(1))
use_srtp = Struct(
    "srtp_protection_profiles" / Vector(u16, Code(u16, codes.SRTP_PROFILES), 2),
    "srtp_mki" / opaque8(),
)
authorization_formats = Struct(
    "authz_format_list" / Vector(u8, Code(u8, codes.AUTHORIZATION_DATA_FORMATS), 1)
)
heartbeat = Struct("mode" / Code(u8, codes.HEARTBEAT_MODES))
certificate_types = Struct("certificate_types" / Vector(u8, certificate_type, 1))
one_certificate_type = Struct("certificate_type" / certificate_type)
protocol_name_list = Struct("protocol_name_list" / Vector(u16, opaque8(1), 2))
cached_objects = Struct(
    "cached_info"
    / Vector(
        u16,
        Struct("type" / Code(u8, codes.CACHED_INFORMATION_TYPES), "hash_value" / opaque8(1)),
        1,
    )
)
cached_types = Struct(
    "cached_info" / Vector(u16, Struct("type" / Code(u8, codes.CACHED_INFORMATION_TYPES)), 1)
)

# -- RFC 8422, 8446 ----------------------------------------------------------------------------

named_group_list = Struct("named_group_list" / Vector(u16, group, 2))
ec_point_formats = Struct("ec_point_format_list" / Vector(u8, Code(u8, codes.EC_POINT_FORMATS), 1))
signature_scheme_list = Struct("supported_signature_algorithms" / Vector(u16, signature_scheme, 2))

versions = Struct("versions" / Vector(u8, version, 2, 254))
selected_version = Struct("selected_version" / version)

key_share_entry = Struct("group" / group, "key_exchange" / opaque16(1))
client_shares = Struct("client_shares" / Vector(u16, key_share_entry))
server_share = Struct("server_share" / key_share_entry)
selected_group = Struct("selected_group" / group)

psk_identity = Struct("identity" / opaque16(1), "obfuscated_ticket_age" / u32)
offered_psks = Struct(
    "identities" / Vector(u16, psk_identity, 7),
    "binders" / Vector(u16, opaque8(32), 33),
)
selected_identity = Struct("selected_identity" / u16)
psk_modes = Struct("ke_modes" / Vector(u8, Code(u8, codes.PSK_KEY_EXCHANGE_MODES), 1))
max_early_data_size = Struct("max_early_data_size" / u32)
cookie = Struct("cookie" / opaque16(1))
authorities = Struct("authorities" / Vector(u16, opaque16(1), 3))
oid_filter = Struct(
    "certificate_extension_oid" / opaque8(1),
    "certificate_extension_values" / opaque16(),
)
oid_filters = Struct("filters" / Vector(u16, oid_filter))

# -- RFC 5746, 6962, 8449, 8472, 8492, 8672, 8844, 8870, 8879, 9102, 9146, 9149, 9162 ----------

renegotiation_info = Struct("renegotiated_connection" / opaque8())

digitally_signed = Struct(
    "hash" / Code(u8, codes.HASH_ALGORITHMS),
    "signature_algorithm" / Code(u8, codes.SIGNATURE_ALGORITHMS),
    "signature" / opaque16(),
)
signed_certificate_timestamp = Struct(
    "sct_version" / u8,
    "log_id" / Fixed(32),
    "timestamp" / u64,
    "extensions" / opaque16(),
    "signature" / digitally_signed,
)
sct_list = Struct("sct_list" / Vector(u16, Framed(u16, signed_certificate_timestamp, 1), 1))

record_size_limit = Struct("record_size_limit" / u16)
token_binding = Struct(
    "major" / u8,
    "minor" / u8,
    "key_parameters_list" / Vector(u8, u8, 1),
)
pwd_name = Struct("pwd_name" / opaque8(1))
password_salt = Struct("password_salt" / opaque16(1))
pinning_ticket = Struct("ticket" / opaque16())
pinning_proof = Struct("proof" / opaque8(), "ticket" / opaque16(), "lifetime" / u32)
external_id_hash = Struct("binding_hash" / opaque8(0, 32))
external_session_id = Struct("session_id" / opaque8(0, 20))
ekt_ciphers = Struct("supported_ciphers" / Vector(u8, u8, 1))
selected_ekt_cipher = Struct("selected_cipher" / u8)
certificate_compression = Struct(
    "algorithms" / Vector(u8, Code(u16, codes.CERTIFICATE_COMPRESSIONS), 2)
)
dnssec_query = Struct("port_number" / u16)
dnssec_chain = Struct("ext_support_lifetime" / u16, "chain" / Rest())
connection_id = Struct("cid" / opaque8())
ticket_request = Struct("new_session_count" / u8, "resumption_count" / u8)
expected_tickets = Struct("expected_count" / u8)
transparency_info = Struct("trans_item_list" / Vector(u16, opaque16(1), 1))
tls_flags = Struct("flags" / opaque8())

# -- RFC 9345: delegated credentials -----------------------------------------------------------

delegated_credential = Struct(
    "valid_time" / u32,
    "dc_cert_verify_algorithm" / signature_scheme,
    "subject_public_key_info" / opaque24(1),
    "algorithm" / signature_scheme,
    "signature" / opaque16(1),
)

# -- RFC 9000 and 9001: QUIC -------------------------------------------------------------------

transport_parameter = Struct("id" / varint, "value" / Framed(varint, Rest()))
transport_parameters = Struct("parameters" / Several(transport_parameter))

# -- RFC 9849: Encrypted ClientHello -----------------------------------------------------------

hpke_suite = Struct("kdf_id" / Code(u16, codes.KDFS), "aead_id" / Code(u16, codes.AEADS))
ech_outer = Struct(
    "cipher_suite" / hpke_suite,
    "config_id" / u8,
    "enc" / opaque16(),
    "payload" / opaque16(1),
)
ech_client_hello = Struct(
    "type" / Code(u8, codes.ECH_CLIENT_HELLO_TYPES),
    "hello"
    / By(
        "type",
        {codes.EchClientHelloType.outer: ech_outer, codes.EchClientHelloType.inner: empty},
        otherwise=whole,
    ),
)
ech_config_contents = Struct(
    "config_id" / u8,
    "kem_id" / Code(u16, codes.KEMS),
    "public_key" / opaque16(1),
    "cipher_suites" / Vector(u16, hpke_suite, 4),
    "maximum_name_length" / u8,
    "public_name" / opaque8(1),
    "extensions" / Vector(u16, Struct("type" / u16, "data" / opaque16())),
)
ech_config = Struct(
    "version" / u16,
    "contents"
    / Framed(u16, By("version", {E.encrypted_client_hello: ech_config_contents}, otherwise=whole)),
)
ech_retry_configs = Struct("retry_configs" / Vector(u16, ech_config, 4))
ech_confirmation = Struct("confirmation" / Fixed(8))
ech_outer_extensions = Struct("outer_extensions" / Vector(u8, Code(u16, codes.EXTENSIONS), 2))

# -- before the RFCs: NPN, ALPS, Channel ID, drafts --------------------------------------------

next_protocols = Struct("protocols" / Several(opaque8()))
supported_protocols = Struct("supported_protocols" / Vector(u16, opaque8(1), 2))


class Row(NamedTuple):
    """The body of one extension in each message that may carry it; None: not there."""

    CH: Construct | None = None  # ClientHello
    SH: Construct | None = None  # ServerHello
    HRR: Construct | None = None  # HelloRetryRequest
    EE: Construct | None = None  # EncryptedExtensions
    CT: Construct | None = None  # CertificateEntry of Certificate
    CR: Construct | None = None  # CertificateRequest
    NST: Construct | None = None  # NewSessionTicket


ROWS: dict[int, Row] = {
    E.server_name: Row(CH=server_name_list, SH=empty, EE=empty),
    E.max_fragment_length: Row(
        CH=max_fragment_length, SH=max_fragment_length, EE=max_fragment_length
    ),
    E.client_certificate_url: Row(CH=empty, SH=empty),
    E.trusted_ca_keys: Row(CH=trusted_authorities, SH=empty),
    E.truncated_hmac: Row(CH=empty, SH=empty),
    E.status_request: Row(CH=certificate_status_request, SH=empty, CT=certificate_status, CR=empty),
    E.user_mapping: Row(CH=user_mapping_type_list, SH=user_mapping_type_list),
    E.client_authz: Row(CH=authorization_formats, SH=authorization_formats),
    E.server_authz: Row(CH=authorization_formats, SH=authorization_formats),
    E.cert_type: Row(CH=certificate_types, SH=one_certificate_type),
    E.supported_groups: Row(CH=named_group_list, SH=named_group_list, EE=named_group_list),
    E.ec_point_formats: Row(CH=ec_point_formats, SH=ec_point_formats, EE=ec_point_formats),
    E.srp: Row(CH=srp),
    E.signature_algorithms: Row(CH=signature_scheme_list, CR=signature_scheme_list),
    E.use_srtp: Row(CH=use_srtp, SH=use_srtp, EE=use_srtp),
    E.heartbeat: Row(CH=heartbeat, SH=heartbeat, EE=heartbeat),
    E.application_layer_protocol_negotiation: Row(
        CH=protocol_name_list, SH=protocol_name_list, EE=protocol_name_list
    ),
    E.status_request_v2: Row(CH=certificate_status_request_list, SH=empty),
    E.signed_certificate_timestamp: Row(CH=empty, SH=sct_list, EE=sct_list, CT=sct_list, CR=empty),
    E.client_certificate_type: Row(
        CH=certificate_types, SH=one_certificate_type, EE=one_certificate_type
    ),
    E.server_certificate_type: Row(
        CH=certificate_types, SH=one_certificate_type, EE=one_certificate_type
    ),
    E.padding: Row(CH=whole),
    E.encrypt_then_mac: Row(CH=empty, SH=empty),
    E.extended_master_secret: Row(CH=empty, SH=empty),
    E.token_binding: Row(CH=token_binding, SH=token_binding, EE=token_binding),
    E.cached_info: Row(CH=cached_objects, SH=cached_types, EE=cached_types),
    E.compress_certificate: Row(CH=certificate_compression, CR=certificate_compression),
    E.record_size_limit: Row(CH=record_size_limit, SH=record_size_limit, EE=record_size_limit),
    E.pwd_protect: Row(CH=pwd_name),
    E.pwd_clear: Row(CH=pwd_name),
    E.password_salt: Row(CH=password_salt, SH=password_salt, HRR=password_salt),
    E.ticket_pinning: Row(CH=pinning_ticket, EE=pinning_proof),
    E.tls_cert_with_extern_psk: Row(CH=empty, SH=empty),
    E.delegated_credential: Row(
        CH=signature_scheme_list, CT=delegated_credential, CR=signature_scheme_list
    ),
    E.session_ticket: Row(CH=whole, SH=whole),
    E.supported_ekt_ciphers: Row(CH=ekt_ciphers, SH=selected_ekt_cipher, EE=selected_ekt_cipher),
    E.key_share_draft: Row(CH=client_shares, SH=server_share, HRR=selected_group),
    E.pre_shared_key: Row(CH=offered_psks, SH=selected_identity),
    E.early_data: Row(CH=empty, EE=empty, NST=max_early_data_size),
    E.supported_versions: Row(CH=versions, SH=selected_version, HRR=selected_version),
    E.cookie: Row(CH=cookie, HRR=cookie),
    E.psk_key_exchange_modes: Row(CH=psk_modes),
    E.certificate_authorities: Row(CH=authorities, CR=authorities),
    E.oid_filters: Row(CR=oid_filters),
    E.post_handshake_auth: Row(CH=empty),
    E.signature_algorithms_cert: Row(CH=signature_scheme_list, CR=signature_scheme_list),
    E.key_share: Row(CH=client_shares, SH=server_share, HRR=selected_group),
    E.transparency_info: Row(
        CH=empty, SH=transparency_info, EE=transparency_info, CT=transparency_info, CR=empty
    ),
    E.connection_id: Row(CH=connection_id, SH=connection_id),
    E.external_id_hash: Row(CH=external_id_hash, SH=external_id_hash, EE=external_id_hash),
    E.external_session_id: Row(
        CH=external_session_id, SH=external_session_id, EE=external_session_id
    ),
    E.quic_transport_parameters: Row(CH=transport_parameters, EE=transport_parameters),
    E.ticket_request: Row(CH=ticket_request, EE=expected_tickets),
    E.dnssec_chain: Row(CH=dnssec_query, SH=dnssec_chain, CT=dnssec_chain),
    E.rrc: Row(CH=empty, SH=empty),
    E.tls_flags: Row(
        CH=tls_flags,
        SH=tls_flags,
        HRR=tls_flags,
        EE=tls_flags,
        CT=tls_flags,
        CR=tls_flags,
        NST=tls_flags,
    ),
    E.next_protocol_negotiation: Row(CH=empty, SH=next_protocols),
    E.application_settings_old: Row(CH=supported_protocols, EE=whole),
    E.application_settings: Row(CH=supported_protocols, EE=whole),
    E.channel_id_old: Row(CH=empty, SH=empty),
    E.channel_id: Row(CH=empty, SH=empty),
    E.ech_outer_extensions: Row(CH=ech_outer_extensions),
    E.encrypted_client_hello: Row(CH=ech_client_hello, HRR=ech_confirmation, EE=ech_retry_configs),
    E.renegotiation_info: Row(CH=renegotiation_info, SH=renegotiation_info),
    E.quic_transport_parameters_draft: Row(CH=transport_parameters, EE=transport_parameters),
}


def extensions_of(message: str, count: int = 65_535) -> Vector:
    """Return `Extension extensions<0..2^16-1>` of a message, named as the columns of Row are."""
    bodies = {
        number: body for number, row in ROWS.items() if (body := getattr(row, message)) is not None
    }
    return Vector(u16, Tagged(Code(u16, codes.EXTENSIONS), u16, bodies), count=count)
