"""What the words of the registries mean, in sentences for who has a handshake that fails.

Tables of prose and nothing else: no lookup, no judgement on a capture. Read by the articles.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import Alert, ExtensionType, Group, Version

#: What IANA's Recommended column says.
RATINGS: dict[str, str] = {
    "Y": "recommended by the IETF for general use",
    "N": "not evaluated, or of limited use only; not the same as insecure",
    "D": "discouraged: weak or broken",
}

#: SuiteFacts.key_exchange.
KEY_EXCHANGES: dict[str, str] = {
    "any": "chosen apart from the suite, by supported_groups and key_share (TLS 1.3)",
    "NULL": "none: the state before the handshake, never to be negotiated",
    "RSA": "the client encrypts the secret to the RSA key of the server's certificate",
    "RSA_EXPORT": "RSA with a key of 512 bits or 1024 bits made for export rules; breakable",
    "DH": "Diffie-Hellman with the fixed key in the server's certificate",
    "DHE": "ephemeral Diffie-Hellman over a finite field: a fresh key for every handshake",
    "DH_anon": "ephemeral Diffie-Hellman that nobody signs",
    "ECDH": "elliptic-curve Diffie-Hellman with the fixed key in the server's certificate",
    "ECDHE": "ephemeral elliptic-curve Diffie-Hellman: a fresh key for every handshake",
    "ECDH_anon": "ephemeral elliptic-curve Diffie-Hellman that nobody signs",
    "PSK": "a key that both sides already hold",
    "DHE_PSK": "a key that both sides already hold, with ephemeral Diffie-Hellman",
    "RSA_PSK": "a key that both sides already hold, and a secret encrypted to the server's key",
    "ECDHE_PSK": "a key that both sides already hold, with ephemeral elliptic-curve Diffie-Hellman",
    "SRP": "Secure Remote Password: from a password that the server holds hashed (RFC 5054)",
    "KRB5": "from a Kerberos ticket (RFC 2712)",
    "ECCPWD": "a password-authenticated exchange (RFC 8492)",
    "ECJPAKE": "a password-authenticated exchange, used by Thread devices",
    "CECPQ1": "Google's post-quantum experiment of 2016, X25519 with NewHope",
    "FORTEZZA_KEA": "the key exchange of the Fortezza card (SSL 3.0)",
    "GOSTR341094": "VKO after GOST R 34.10-94, with the key in the server's certificate",
    "GOSTR341001": "VKO after GOST R 34.10-2001, with the key in the server's certificate",
    "GOSTR341112_256": "VKO after GOST R 34.10-2012, with the key in the server's certificate",
    "ECC": "the client encrypts the secret to the SM2 key of the server's encryption certificate",
    "IBC": "the client encrypts the secret to the server's identity (SM9)",
    "IBSDH": "ephemeral exchange between identities (SM9)",
}

#: SuiteFacts.authentication.
AUTHENTICATIONS: dict[str, str] = {
    "any": "chosen apart from the suite, by signature_algorithms and the certificate (TLS 1.3)",
    "NULL": "none",
    "anon": "none: anyone in the middle can answer in the server's name",
    "RSA": "the server's certificate must hold an RSA key",
    "DSS": "the server's certificate must hold a DSA key; no current browser accepts one",
    "ECDSA": "the server's certificate must hold an elliptic-curve key",
    "PSK": "who holds the shared key is genuine; no certificate",
    "RSA+PSK": "the shared key, and a server certificate with an RSA key",
    "SRP": "the password itself; no certificate",
    "KRB5": "the Kerberos ticket; no certificate",
    "ECCPWD": "the password itself; no certificate",
    "ECJPAKE": "the shared passphrase; no certificate",
    "FORTEZZA": "the certificate of a Fortezza card",
    "GOSTR341094": "the server's certificate must hold a GOST R 34.10-94 key",
    "GOSTR341001": "the server's certificate must hold a GOST R 34.10-2001 key",
    "GOSTR341012": "the server's certificate must hold a GOST R 34.10-2012 key",
    "SM2": "the server needs two SM2 certificates, to sign and to encrypt (TLCP)",
    "SM9": "the identity itself is the key (SM9)",
}

#: What stands in SuiteFacts.encryption, by its first word.
CIPHERS: dict[str, str] = {
    "NULL": "no encryption: the data goes in the clear",
    "AES": "AES",
    "CAMELLIA": "Camellia",
    "ARIA": "ARIA, a Korean standard",
    "SEED": "SEED, a Korean standard",
    "SM4": "SM4, a Chinese standard",
    "SM1": "SM1, a Chinese cipher that was never published",
    "IDEA": "IDEA, removed by TLS 1.2",
    "DES": "DES, breakable by trying all keys",
    "DES40": "DES with 40 bits, for export rules; breakable",
    "3DES": "triple DES; its 64-bit blocks leak in long connections (Sweet32)",
    "RC2": "RC2",
    "RC4": "RC4, a stream cipher with known biases, forbidden by RFC 7465",
    "CHACHA20": "ChaCha20, a stream cipher, with Poly1305",
    "SALSA20": "Salsa20, a stream cipher",
    "ESTREAM": "Salsa20 with 12 rounds, a stream cipher",
    "AEGIS": "AEGIS, an authenticated cipher made of AES rounds",
    "FORTEZZA": "Skipjack on a Fortezza card",
    "GOST28147": "GOST 28147-89, a Russian standard",
    "KUZNYECHIK": "Kuznyechik (GOST R 34.12-2015), a Russian standard",
    "MAGMA": "Magma (GOST R 34.12-2015), a Russian standard",
}

#: What stands behind it.
MODES: dict[str, str] = {
    "CBC": "in CBC mode: blocks are chained and padded; the padding has been attacked (Lucky 13)",
    "GCM": "in GCM mode, which encrypts and protects integrity in one step",
    "CCM": "in CCM mode, which encrypts and protects integrity in one step",
    "CCM-8": "in CCM mode with a tag of 8 bytes, made for small devices",
}


class AlertMeaning(NamedTuple):
    """What an alert says, and who usually sends it when."""

    meaning: str
    sender: str


#: Alerts, in the readings that captures and logs support.
ALERT_MEANINGS: dict[int, AlertMeaning] = {
    Alert.close_notify: AlertMeaning(
        "the sender will send no more: a clean close",
        "either side at the end; inside a handshake it is a peer that gives up without saying why",
    ),
    Alert.end_of_early_data: AlertMeaning(
        "the end of 0-RTT data, in drafts of TLS 1.3", "the client"
    ),
    Alert.unexpected_message: AlertMeaning(
        "a message came that is not legal at this point",
        "whoever received it: wrong order, a surprise HelloRequest or ChangeCipherSpec, "
        "or a parser that fell out of step",
    ),
    Alert.bad_record_mac: AlertMeaning(
        "a record failed its integrity check",
        "the receiver: corruption on the way, keys that differ, "
        "a session ticket of another pool member",
    ),
    Alert.decryption_failed: AlertMeaning("a record could not be decrypted", "old stacks only"),
    Alert.record_overflow: AlertMeaning(
        "a record is longer than allowed",
        "the receiver: also what bytes that are not TLS look like when read as a length",
    ),
    Alert.decompression_failure: AlertMeaning("a record did not decompress", "old stacks only"),
    Alert.handshake_failure: AlertMeaning(
        "no acceptable set of parameters: the catch-all",
        "mostly the server, right after ClientHello: no common suite, group or signature "
        "algorithm, or no certificate that fits; in TLS 1.2 also a missing client certificate. "
        "The bytes are the same for all of them: only the offer, or a replay, tells which",
    ),
    Alert.no_certificate: AlertMeaning(
        "the client has no certificate", "a client, in SSL 3.0 only"
    ),
    Alert.bad_certificate: AlertMeaning(
        "something about the peer's certificate is wrong",
        "whoever checks it; GnuTLS, Go and Java choose it for any certificate problem",
    ),
    Alert.unsupported_certificate: AlertMeaning(
        "the certificate's kind cannot be used: key type, key usage or size", "whoever checks it"
    ),
    Alert.certificate_revoked: AlertMeaning("the certificate was revoked", "whoever checks it"),
    Alert.certificate_expired: AlertMeaning(
        "the certificate is past its end, or not valid yet",
        "whoever checks it; look at that side's clock too",
    ),
    Alert.certificate_unknown: AlertMeaning(
        "some other trouble made the certificate unacceptable",
        "whoever checks it: the catch-all of Java, Chrome and Schannel",
    ),
    Alert.illegal_parameter: AlertMeaning(
        "a field has a value that is out of range or at odds with another",
        "the receiver of a malformed or inconsistent hello; an inspecting firewall that refuses "
        "a post-quantum group; a client that finds the downgrade sentinel",
    ),
    Alert.unknown_ca: AlertMeaning(
        "no trusted issuer was found for the certificate",
        "whoever checks it: the root is not trusted there, or the chain lacks an intermediate",
    ),
    Alert.access_denied: AlertMeaning(
        "the certificate is valid, but policy refuses it", "a server, or a device between"
    ),
    Alert.decode_error: AlertMeaning(
        "a message could not be parsed",
        "the receiver; OpenSSL also sends it after the peer has closed: then it is not the cause",
    ),
    Alert.decrypt_error: AlertMeaning(
        "a signature or a Finished did not verify",
        "the receiver: wrong key, wrong algorithm, or a handshake altered on the way",
    ),
    Alert.too_many_cids_requested: AlertMeaning(
        "too many connection ids were asked for", "DTLS 1.3 only"
    ),
    Alert.export_restriction: AlertMeaning("export rules were not kept", "old stacks only"),
    Alert.protocol_version: AlertMeaning(
        "the versions that both sides allow do not meet",
        "mostly the server; a client when the server chose what it does not allow",
    ),
    Alert.insufficient_security: AlertMeaning(
        "the server demands stronger parameters than the client offers", "a server"
    ),
    Alert.internal_error: AlertMeaning(
        "a failure of the sender's own",
        "mostly a server: no certificate for the name in SNI, key store or HSM trouble, a bug",
    ),
    Alert.inappropriate_fallback: AlertMeaning(
        "the client tried again with a lower version although the server can do better",
        "a server that sees TLS_FALLBACK_SCSV (RFC 7507): "
        "look for what broke the client's first try",
    ),
    Alert.user_canceled: AlertMeaning("the user gave up", "the client, as a warning"),
    Alert.no_renegotiation: AlertMeaning(
        "renegotiation is refused", "the side that was asked, as a warning"
    ),
    Alert.missing_extension: AlertMeaning(
        "an extension that must be there is not", "a TLS 1.3 stack"
    ),
    Alert.unsupported_extension: AlertMeaning(
        "the server answered with an extension that was not offered", "a client"
    ),
    Alert.certificate_unobtainable: AlertMeaning(
        "a certificate could not be fetched from its URL", "a server (RFC 6066)"
    ),
    Alert.unrecognized_name: AlertMeaning(
        "the server does not know the name in SNI",
        "a server; as a warning it means no more than that, but some old clients stop at it",
    ),
    Alert.bad_certificate_status_response: AlertMeaning(
        "the stapled OCSP response is missing or bad", "a client"
    ),
    Alert.bad_certificate_hash_value: AlertMeaning(
        "the hash of a fetched certificate does not match", "a server (RFC 6066)"
    ),
    Alert.unknown_psk_identity: AlertMeaning(
        "the server does not know the pre-shared key's identity", "a server"
    ),
    Alert.certificate_required: AlertMeaning(
        "the client sent no certificate, and one is needed",
        "a TLS 1.3 server, always encrypted, and after the client believes to be connected",
    ),
    Alert.unsupported_site2site: AlertMeaning("no site-to-site tunnel here", "a TLCP gateway"),
    Alert.no_area: AlertMeaning("no protected area", "a TLCP gateway"),
    Alert.unsupported_areatype: AlertMeaning(
        "a kind of protected area not served", "a TLCP gateway"
    ),
    Alert.bad_ibcparam: AlertMeaning("bad parameters of identity-based keys", "a TLCP peer"),
    Alert.unsupported_ibcparam: AlertMeaning(
        "parameters of identity-based keys not served", "a TLCP peer"
    ),
    Alert.identity_need: AlertMeaning("the peer's identity is missing", "a TLCP peer"),
    Alert.general_error: AlertMeaning("an error that no other alert fits", "either side"),
    Alert.no_application_protocol: AlertMeaning(
        "none of the protocols offered in ALPN is served", "a server (RFC 7301)"
    ),
    Alert.ech_required: AlertMeaning(
        "the server did not accept Encrypted ClientHello", "a client (RFC 9849)"
    ),
}

#: Extensions that matter when a handshake fails.
EXTENSION_MEANINGS: dict[int, str] = {
    ExtensionType.server_name: "SNI: the host name that the client wants, in the clear",
    ExtensionType.max_fragment_length: "asks for records shorter than 16 KiB",
    ExtensionType.status_request: "asks the server to staple an OCSP response",
    ExtensionType.supported_groups: "the groups for (EC)DHE, most wanted first; "
    "no common one, no handshake. Formerly elliptic_curves",
    ExtensionType.ec_point_formats: "point formats; only uncompressed (0) is left in use",
    ExtensionType.signature_algorithms: "which signatures the client can verify; "
    "the server's certificate and its signature must fit",
    ExtensionType.heartbeat: "keep-alive messages, known for Heartbleed",
    ExtensionType.application_layer_protocol_negotiation: "ALPN: protocols above TLS, such as h2 "
    "and http/1.1; a server that serves none of them sends alert 120",
    ExtensionType.signed_certificate_timestamp: "Certificate Transparency proofs",
    ExtensionType.padding: "zero bytes that make the ClientHello longer, against boxes that "
    "fail at certain lengths (RFC 7685)",
    ExtensionType.encrypt_then_mac: "CBC records are encrypted first, then authenticated",
    ExtensionType.extended_master_secret: "binds the master secret to the whole handshake "
    "(RFC 7627); FIPS stacks may insist on it",
    ExtensionType.compress_certificate: "the certificate message may come compressed",
    ExtensionType.record_size_limit: "the longest record that the sender takes",
    ExtensionType.session_ticket: "resumption with state kept by the client (RFC 5077)",
    ExtensionType.pre_shared_key: "TLS 1.3 resumption or external key; always the last extension",
    ExtensionType.early_data: "the client sends 0-RTT data",
    ExtensionType.supported_versions: "the versions that the client allows; where it is present, "
    "legacy_version means nothing",
    ExtensionType.cookie: "returns what a HelloRetryRequest gave",
    ExtensionType.psk_key_exchange_modes: "how pre-shared keys may be used",
    ExtensionType.certificate_authorities: "which issuers are acceptable",
    ExtensionType.post_handshake_auth: "the client can authenticate after the handshake",
    ExtensionType.signature_algorithms_cert: "which signatures may stand in certificates",
    ExtensionType.key_share: "public keys for (EC)DHE in TLS 1.3; "
    "a server that wants another group sends HelloRetryRequest",
    ExtensionType.quic_transport_parameters: "parameters of QUIC: this TLS runs inside it",
    ExtensionType.encrypted_client_hello: "ECH: the real ClientHello, encrypted (RFC 9849)",
    ExtensionType.encrypted_server_name: "ESNI, the draft before ECH",
    ExtensionType.renegotiation_info: "secure renegotiation (RFC 5746); OpenSSL 3 refuses servers "
    "without it",
    ExtensionType.next_protocol_negotiation: "NPN, the draft before ALPN",
    ExtensionType.application_settings: "ALPS, settings of the protocol above (Chrome)",
    ExtensionType.application_settings_old: "ALPS by its first number (Chrome)",
    ExtensionType.channel_id: "Channel ID, a draft of Google's",
    ExtensionType.key_share_draft: "key_share by its number of early TLS 1.3 drafts",
}

#: Groups that need more than their name.
GROUP_MEANINGS: dict[int, str] = {
    Group.secp256r1: "the NIST curve P-256, which every stack has",
    Group.secp384r1: "the NIST curve P-384",
    Group.secp521r1: "the NIST curve P-521",
    Group.x25519: "Curve25519, the usual first choice; not allowed in FIPS mode by older modules",
    Group.x448: "Curve448",
    Group.curvesm2: "the SM2 curve (RFC 8998)",
    Group.secp256r1mlkem768: "post-quantum hybrid of P-256 and ML-KEM-768",
    Group.x25519mlkem768: "post-quantum hybrid of X25519 and ML-KEM-768; its key share of 1216 "
    "bytes makes the ClientHello longer than one packet",
    Group.secp384r1mlkem1024: "post-quantum hybrid of P-384 and ML-KEM-1024",
    Group.x25519kyber768draft00: "post-quantum hybrid of X25519 and Kyber768, the draft that "
    "X25519MLKEM768 replaced",
}

#: Families of groups by the beginning of their names.
GROUP_FAMILIES: dict[str, str] = {
    "sect": "an elliptic curve over a binary field; obsolete",
    "secp": "an elliptic curve over a prime field (SEC 2)",
    "brainpool": "an elliptic curve of the Brainpool set (RFC 5639)",
    "ffdhe": "finite-field Diffie-Hellman with a fixed prime (RFC 7919)",
    "gc": "an elliptic curve for GOST R 34.10-2012 (RFC 9189)",
    "mlkem": "ML-KEM alone (FIPS 203), post-quantum",
    "arbitrary": "curves given by their parameters; never used",
    "kyber": "a draft of ML-KEM (Open Quantum Safe)",
}

#: Signature schemes by the beginning of their names.
SCHEME_FAMILIES: dict[str, str] = {
    "rsa_pkcs1": "RSA with PKCS #1 v1.5 padding; in TLS 1.3 for certificates only",
    "rsa_pss_rsae": "RSA-PSS with an ordinary RSA key (rsaEncryption), required by TLS 1.3",
    "rsa_pss_pss": "RSA-PSS with a key that is marked for PSS only (RSASSA-PSS); rare",
    "ecdsa": "ECDSA; TLS 1.3 ties the curve and the hash together",
    "ed25519": "EdDSA on Curve25519",
    "ed448": "EdDSA on Curve448",
    "dsa": "DSA; gone from TLS 1.3",
    "mldsa": "ML-DSA (FIPS 204), post-quantum",
    "slhdsa": "SLH-DSA (FIPS 205), post-quantum",
    "gost": "GOST R 34.10, a Russian standard",
    "sm2": "SM2 with SM3, a Chinese standard (RFC 8998)",
    "eccsi": "identity-based (RFC 6507)",
    "iso": "identity-based (ISO/IEC 14888-3)",
}

#: Signalling values, which stand in the list of suites and are none.
SIGNALS: dict[str, str] = {
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV": "not a suite: the client can renegotiate securely "
    "(RFC 5746), said in the oldest form",
    "TLS_FALLBACK_SCSV": "not a suite: the client tries again with a lower version than it has "
    "(RFC 7507); a server that can do better answers with alert 86",
}

#: Versions by their number on the wire.
VERSION_MEANINGS: dict[int, str] = {
    Version.ssl_2_0: "of 1995, forbidden by RFC 6176; only its ClientHello is still met, "
    "from old clients that want to reach every server",
    Version.ssl_3_0: "of 1996 (RFC 6101), forbidden by RFC 7568 after POODLE",
    Version.tls_1_0: "of 1999 (RFC 2246), deprecated by RFC 8996. As the version of a first "
    "record it means nothing: clients write it there for old servers",
    Version.tls_1_1: "of 2006 (RFC 4346), deprecated by RFC 8996",
    Version.tls_1_2: "of 2008 (RFC 5246). TLS 1.3 writes this number in legacy_version; "
    "then the true one stands in supported_versions",
    Version.tls_1_3: "of 2018 (RFC 8446); on the wire only in supported_versions",
    Version.tlcp_1_1: "the Chinese national protocol (GB/T 38636), close to TLS 1.1, with SM2 and "
    "two certificates",
    Version.dtls_1_0_openssl: "DTLS 1.0 as OpenSSL before 0.9.8f wrote it",
    Version.dtls_1_0: "TLS 1.1 over datagrams (RFC 4347); versions count downwards",
    Version.dtls_1_2: "TLS 1.2 over datagrams (RFC 6347)",
    Version.dtls_1_3: "TLS 1.3 over datagrams (RFC 9147)",
}

HYBRID = "a post-quantum hybrid, or an experiment on the way to one"

GREASE = (
    "GREASE (RFC 8701): a value without meaning that clients send so that servers learn to "
    "ignore what they do not know. A server that fails because of it is broken"
)
