"""What the words of the registries mean, in sentences for who has a handshake that fails.

Tables of prose and nothing else: no lookup, no judgement on a capture. Read by the articles. The
alerts have `alert_meanings`.
"""

from __future__ import annotations

from tlswire.codes import ExtensionType, Group, Version
from tlswire.language import mark

#: What IANA's Recommended column says.
RATINGS: dict[str, str] = {
    "Y": mark("recommended by the IETF for general use"),
    "N": mark("not evaluated, or of limited use only; not the same as insecure"),
    "D": mark("discouraged: weak or broken"),
}

#: SuiteFacts.key_exchange.
KEY_EXCHANGES: dict[str, str] = {
    "any": mark("chosen apart from the suite, by supported_groups and key_share (TLS 1.3)"),
    "NULL": mark("none: the state before the handshake, never to be negotiated"),
    "RSA": mark("the client encrypts the secret to the RSA key of the server's certificate"),
    "RSA_EXPORT": mark("RSA with a key of 512 bits or 1024 bits made for export rules; breakable"),
    "DH": mark("Diffie-Hellman with the fixed key in the server's certificate"),
    "DHE": mark("ephemeral Diffie-Hellman over a finite field: a fresh key for every handshake"),
    "DH_anon": mark("ephemeral Diffie-Hellman that nobody signs"),
    "ECDH": mark("elliptic-curve Diffie-Hellman with the fixed key in the server's certificate"),
    "ECDHE": mark("ephemeral elliptic-curve Diffie-Hellman: a fresh key for every handshake"),
    "ECDH_anon": mark("ephemeral elliptic-curve Diffie-Hellman that nobody signs"),
    "PSK": mark("a key that both sides already hold"),
    "DHE_PSK": mark("a key that both sides already hold, with ephemeral Diffie-Hellman"),
    "RSA_PSK": mark(
        "a key that both sides already hold, and a secret encrypted to the server's key"
    ),
    "ECDHE_PSK": mark(
        "a key that both sides already hold, with ephemeral elliptic-curve Diffie-Hellman"
    ),
    "SRP": mark("Secure Remote Password: from a password that the server holds hashed (RFC 5054)"),
    "KRB5": mark("from a Kerberos ticket (RFC 2712)"),
    "ECCPWD": mark("a password-authenticated exchange (RFC 8492)"),
    "ECJPAKE": mark("a password-authenticated exchange, used by Thread devices"),
    "CECPQ1": mark("Google's post-quantum experiment of 2016, X25519 with NewHope"),
    "FORTEZZA_KEA": mark("the key exchange of the Fortezza card (SSL 3.0)"),
    "GOSTR341094": mark("VKO after GOST R 34.10-94, with the key in the server's certificate"),
    "GOSTR341001": mark("VKO after GOST R 34.10-2001, with the key in the server's certificate"),
    "GOSTR341112_256": mark(
        "VKO after GOST R 34.10-2012, with the key in the server's certificate"
    ),
    "ECC": mark(
        "the client encrypts the secret to the SM2 key of the server's encryption certificate"
    ),
    "IBC": mark("the client encrypts the secret to the server's identity (SM9)"),
    "IBSDH": mark("ephemeral exchange between identities (SM9)"),
}

#: SuiteFacts.authentication.
AUTHENTICATIONS: dict[str, str] = {
    "any": mark(
        "chosen apart from the suite, by signature_algorithms and the certificate (TLS 1.3)"
    ),
    "NULL": "none",
    "anon": mark("none: anyone in the middle can answer in the server's name"),
    "RSA": mark("the server's certificate must hold an RSA key"),
    "DSS": mark("the server's certificate must hold a DSA key; no current browser accepts one"),
    "ECDSA": mark("the server's certificate must hold an elliptic-curve key"),
    "PSK": mark("who holds the shared key is genuine; no certificate"),
    "RSA+PSK": mark("the shared key, and a server certificate with an RSA key"),
    "SRP": mark("the password itself; no certificate"),
    "KRB5": mark("the Kerberos ticket; no certificate"),
    "ECCPWD": mark("the password itself; no certificate"),
    "ECJPAKE": mark("the shared passphrase; no certificate"),
    "FORTEZZA": mark("the certificate of a Fortezza card"),
    "GOSTR341094": mark("the server's certificate must hold a GOST R 34.10-94 key"),
    "GOSTR341001": mark("the server's certificate must hold a GOST R 34.10-2001 key"),
    "GOSTR341012": mark("the server's certificate must hold a GOST R 34.10-2012 key"),
    "SM2": mark("the server needs two SM2 certificates, to sign and to encrypt (TLCP)"),
    "SM9": mark("the identity itself is the key (SM9)"),
}

#: What stands in SuiteFacts.encryption, by its first word.
CIPHERS: dict[str, str] = {
    "NULL": mark("no encryption: the data goes in the clear"),
    "AES": "AES",
    "CAMELLIA": "Camellia",
    "ARIA": mark("ARIA, a Korean standard"),
    "SEED": mark("SEED, a Korean standard"),
    "SM4": mark("SM4, a Chinese standard"),
    "SM1": mark("SM1, a Chinese cipher that was never published"),
    "IDEA": mark("IDEA, removed by TLS 1.2"),
    "DES": mark("DES, breakable by trying all keys"),
    "DES40": mark("DES with 40 bits, for export rules; breakable"),
    "3DES": mark("triple DES; its 64-bit blocks leak in long connections (Sweet32)"),
    "RC2": "RC2",
    "RC4": mark("RC4, a stream cipher with known biases, forbidden by RFC 7465"),
    "CHACHA20": mark("ChaCha20, a stream cipher, with Poly1305"),
    "SALSA20": mark("Salsa20, a stream cipher"),
    "ESTREAM": mark("Salsa20 with 12 rounds, a stream cipher"),
    "AEGIS": mark("AEGIS, an authenticated cipher made of AES rounds"),
    "FORTEZZA": mark("Skipjack on a Fortezza card"),
    "GOST28147": mark("GOST 28147-89, a Russian standard"),
    "KUZNYECHIK": mark("Kuznyechik (GOST R 34.12-2015), a Russian standard"),
    "MAGMA": mark("Magma (GOST R 34.12-2015), a Russian standard"),
}

#: What stands behind it.
MODES: dict[str, str] = {
    "CBC": mark(
        "in CBC mode: blocks are chained and padded; the padding has been attacked (Lucky 13)"
    ),
    "GCM": mark("in GCM mode, which encrypts and protects integrity in one step"),
    "CCM": mark("in CCM mode, which encrypts and protects integrity in one step"),
    "CCM-8": mark("in CCM mode with a tag of 8 bytes, made for small devices"),
}

#: Extensions that matter when a handshake fails.
EXTENSION_MEANINGS: dict[int, str] = {
    ExtensionType.server_name: mark("SNI: the host name that the client wants, in the clear"),
    ExtensionType.max_fragment_length: mark("asks for records shorter than 16 KiB"),
    ExtensionType.status_request: mark("asks the server to staple an OCSP response"),
    ExtensionType.supported_groups: mark(
        "the groups for (EC)DHE, most wanted first; no common one, no handshake. "
        "Formerly elliptic_curves"
    ),
    ExtensionType.ec_point_formats: mark("point formats; only uncompressed (0) is left in use"),
    ExtensionType.signature_algorithms: mark(
        "which signatures the client can verify; the server's certificate and "
        "its signature must fit"
    ),
    ExtensionType.heartbeat: mark("keep-alive messages, known for Heartbleed"),
    ExtensionType.application_layer_protocol_negotiation: mark(
        "ALPN: protocols above TLS, such as h2 and http/1.1; a server that "
        "serves none of them sends alert 120"
    ),
    ExtensionType.signed_certificate_timestamp: mark("Certificate Transparency proofs"),
    ExtensionType.padding: mark(
        "zero bytes that make the ClientHello longer, against boxes that fail at "
        "certain lengths (RFC 7685)"
    ),
    ExtensionType.encrypt_then_mac: mark("CBC records are encrypted first, then authenticated"),
    ExtensionType.extended_master_secret: mark(
        "binds the master secret to the whole handshake (RFC 7627); FIPS stacks may insist on it"
    ),
    ExtensionType.compress_certificate: mark("the certificate message may come compressed"),
    ExtensionType.record_size_limit: mark("the longest record that the sender takes"),
    ExtensionType.session_ticket: mark("resumption with state kept by the client (RFC 5077)"),
    ExtensionType.pre_shared_key: mark(
        "TLS 1.3 resumption or external key; always the last extension"
    ),
    ExtensionType.early_data: mark("the client sends 0-RTT data"),
    ExtensionType.supported_versions: mark(
        "the versions that the client allows; where it is present, legacy_version means nothing"
    ),
    ExtensionType.cookie: mark("returns what a HelloRetryRequest gave"),
    ExtensionType.psk_key_exchange_modes: mark("how pre-shared keys may be used"),
    ExtensionType.certificate_authorities: mark("which issuers are acceptable"),
    ExtensionType.post_handshake_auth: mark("the client can authenticate after the handshake"),
    ExtensionType.signature_algorithms_cert: mark("which signatures may stand in certificates"),
    ExtensionType.key_share: mark(
        "public keys for (EC)DHE in TLS 1.3; a server that wants another group "
        "sends HelloRetryRequest"
    ),
    ExtensionType.quic_transport_parameters: mark("parameters of QUIC: this TLS runs inside it"),
    ExtensionType.encrypted_client_hello: mark("ECH: the real ClientHello, encrypted (RFC 9849)"),
    ExtensionType.encrypted_server_name: mark("ESNI, the draft before ECH"),
    ExtensionType.renegotiation_info: mark(
        "secure renegotiation (RFC 5746); OpenSSL 3 refuses servers without it"
    ),
    ExtensionType.next_protocol_negotiation: mark("NPN, the draft before ALPN"),
    ExtensionType.application_settings: mark("ALPS, settings of the protocol above (Chrome)"),
    ExtensionType.application_settings_old: mark("ALPS by its first number (Chrome)"),
    ExtensionType.channel_id: mark("Channel ID, a draft of Google's"),
    ExtensionType.key_share_draft: mark("key_share by its number of early TLS 1.3 drafts"),
}

#: Groups that need more than their name.
GROUP_MEANINGS: dict[int, str] = {
    Group.secp256r1: mark("the NIST curve P-256, which every stack has"),
    Group.secp384r1: mark("the NIST curve P-384"),
    Group.secp521r1: mark("the NIST curve P-521"),
    Group.x25519: mark(
        "Curve25519, the usual first choice; not allowed in FIPS mode by older modules"
    ),
    Group.x448: "Curve448",
    Group.curvesm2: mark("the SM2 curve (RFC 8998)"),
    Group.secp256r1mlkem768: mark("post-quantum hybrid of P-256 and ML-KEM-768"),
    Group.x25519mlkem768: mark(
        "post-quantum hybrid of X25519 and ML-KEM-768; its key share of 1216 "
        "bytes makes the ClientHello longer than one packet"
    ),
    Group.secp384r1mlkem1024: mark("post-quantum hybrid of P-384 and ML-KEM-1024"),
    Group.x25519kyber768draft00: mark(
        "post-quantum hybrid of X25519 and Kyber768, the draft that X25519MLKEM768 replaced"
    ),
}

#: Families of groups by the beginning of their names.
GROUP_FAMILIES: dict[str, str] = {
    "sect": mark("an elliptic curve over a binary field; obsolete"),
    "secp": mark("an elliptic curve over a prime field (SEC 2)"),
    "brainpool": mark("an elliptic curve of the Brainpool set (RFC 5639)"),
    "ffdhe": mark("finite-field Diffie-Hellman with a fixed prime (RFC 7919)"),
    "gc": mark("an elliptic curve for GOST R 34.10-2012 (RFC 9189)"),
    "mlkem": mark("ML-KEM alone (FIPS 203), post-quantum"),
    "arbitrary": mark("curves given by their parameters; never used"),
    "kyber": mark("a draft of ML-KEM (Open Quantum Safe)"),
}

#: Signature schemes by the beginning of their names.
SCHEME_FAMILIES: dict[str, str] = {
    "rsa_pkcs1": mark("RSA with PKCS #1 v1.5 padding; in TLS 1.3 for certificates only"),
    "rsa_pss_rsae": mark("RSA-PSS with an ordinary RSA key (rsaEncryption), required by TLS 1.3"),
    "rsa_pss_pss": mark("RSA-PSS with a key that is marked for PSS only (RSASSA-PSS); rare"),
    "ecdsa": mark("ECDSA; TLS 1.3 ties the curve and the hash together"),
    "ed25519": mark("EdDSA on Curve25519"),
    "ed448": mark("EdDSA on Curve448"),
    "dsa": mark("DSA; gone from TLS 1.3"),
    "mldsa": mark("ML-DSA (FIPS 204), post-quantum"),
    "slhdsa": mark("SLH-DSA (FIPS 205), post-quantum"),
    "gost": mark("GOST R 34.10, a Russian standard"),
    "sm2": mark("SM2 with SM3, a Chinese standard (RFC 8998)"),
    "eccsi": mark("identity-based (RFC 6507)"),
    "iso": mark("identity-based (ISO/IEC 14888-3)"),
}

#: Signalling values, which stand in the list of suites and are none.
SIGNALS: dict[str, str] = {
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV": mark(
        "not a suite: the client can renegotiate securely (RFC 5746), said in the oldest form"
    ),
    "TLS_FALLBACK_SCSV": mark(
        "not a suite: the client tries again with a lower version than it has "
        "(RFC 7507); a server that can do better answers with alert 86"
    ),
}

#: Versions by their number on the wire.
VERSION_MEANINGS: dict[int, str] = {
    Version.ssl_2_0: mark(
        "of 1995, forbidden by RFC 6176; only its ClientHello is still met, from "
        "old clients that want to reach every server"
    ),
    Version.ssl_3_0: mark("of 1996 (RFC 6101), forbidden by RFC 7568 after POODLE"),
    Version.tls_1_0: mark(
        "of 1999 (RFC 2246), deprecated by RFC 8996. As the version of a first "
        "record it means nothing: clients write it there for old servers"
    ),
    Version.tls_1_1: mark("of 2006 (RFC 4346), deprecated by RFC 8996"),
    Version.tls_1_2: mark(
        "of 2008 (RFC 5246). TLS 1.3 writes this number in legacy_version; then "
        "the true one stands in supported_versions"
    ),
    Version.tls_1_3: mark("of 2018 (RFC 8446); on the wire only in supported_versions"),
    Version.tlcp_1_1: mark(
        "the Chinese national protocol (GB/T 38636), close to TLS 1.1, with SM2 "
        "and two certificates"
    ),
    Version.dtls_1_0_openssl: mark("DTLS 1.0 as OpenSSL before 0.9.8f wrote it"),
    Version.dtls_1_0: mark("TLS 1.1 over datagrams (RFC 4347); versions count downwards"),
    Version.dtls_1_2: mark("TLS 1.2 over datagrams (RFC 6347)"),
    Version.dtls_1_3: mark("TLS 1.3 over datagrams (RFC 9147)"),
}

HYBRID = mark("a post-quantum hybrid, or an experiment on the way to one")

GREASE = mark(
    "GREASE (RFC 8701): a value without meaning that clients send so that "
    "servers learn to ignore what they do not know. A server that fails "
    "because of it is broken"
)
