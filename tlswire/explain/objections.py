"""What an objection of the OpenSSL family means, by its name: the same in all of its members.

A name without a row is shown as it is. The stage is that of the first cause.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.language import mark


class Objection(NamedTuple):
    """What a library of the family objects to, and the causes that make it do so."""

    meaning: str
    causes: tuple[str, ...] = ()


#: By the name that every member of the family prints, in blanks or underscores.
OBJECTIONS: Final[dict[str, Objection]] = {
    # what came was not TLS
    "WRONG_VERSION_NUMBER": Objection(
        mark("the peer did not answer with TLS; or an alert came in a version not expected here"),
        (
            "tls-to-http-port",
            "server-speaks-first",
            "proxy-protocol-unexpected",
            "starttls-expected",
            "explicit-proxy-mismatch",
            "version-server-too-old",
        ),
    ),
    "UNKNOWN_PROTOCOL": Objection(
        mark("the peer did not answer with TLS"),
        ("tls-to-http-port", "server-speaks-first", "starttls-expected"),
    ),
    "WRONG_SSL_VERSION": Objection(
        mark("the peer did not answer with a version of TLS"), ("tls-to-http-port",)
    ),
    "PACKET_LENGTH_TOO_LONG": Objection(
        mark("a record longer than allowed: often bytes that are not TLS"),
        ("tls-to-http-port", "server-speaks-first"),
    ),
    "BAD_RECORD_TYPE": Objection(mark("a record of no known type: not TLS"), ("tls-to-http-port",)),
    "HTTP_REQUEST": Objection(mark("the client spoke plain HTTP"), ("http-to-tls-port",)),
    "HTTPS_PROXY_REQUEST": Objection(
        mark("the client spoke to a proxy (CONNECT), and this is none"),
        ("explicit-proxy-mismatch",),
    ),
    # versions
    "UNSUPPORTED_PROTOCOL": Objection(
        mark("no version in common: the other side's are all disabled here"),
        ("version-client-too-old", "version-server-too-old"),
    ),
    "VERSION_TOO_LOW": Objection(
        mark("the version is below the minimum set here"),
        ("version-client-too-old", "version-server-too-old"),
    ),
    "VERSION_TOO_HIGH": Objection(
        mark("the version is above the maximum set here"), ("version-server-too-old",)
    ),
    "NO_PROTOCOLS_AVAILABLE": Objection(
        mark("no version is enabled here: nothing was sent"),
        ("version-client-too-old", "version-server-too-old"),
    ),
    "NO_SUPPORTED_VERSIONS_ENABLED": Objection(
        mark("no version is enabled here: nothing was sent"), ("version-client-too-old",)
    ),
    "UNKNOWN_SSL_VERSION": Objection(
        mark("a version that does not exist"), ("version-server-too-old",)
    ),
    "INAPPROPRIATE_FALLBACK": Objection(
        mark(
            "the client retried with a lower version, and the server has a higher "
            "one: look for the first failure"
        ),
        ("fallback-scsv",),
    ),
    "TLS13_DOWNGRADE": Objection(
        mark("the ServerHello says that TLS 1.3 was taken away on the way"),
        ("tls13-downgrade-sentinel",),
    ),
    "DOWNGRADE_DETECTED": Objection(
        mark("the ServerHello says that TLS 1.3 was taken away on the way"),
        ("tls13-downgrade-sentinel",),
    ),
    # suites, groups, signatures
    "NO_SHARED_CIPHER": Objection(
        mark("the server found no suite it can use"),
        ("cipher-no-overlap", "ecdsa-cert-rsa-client", "server-no-usable-key", "groups-no-overlap"),
    ),
    "NO_CIPHERS_AVAILABLE": Objection(
        mark("no suite is left for the versions enabled here"), ("suite-version-mismatch",)
    ),
    "NO_CIPHER_MATCH": Objection(
        mark("the cipher string set here names no suite"), ("cipher-no-overlap",)
    ),
    "WRONG_CIPHER_RETURNED": Objection(
        mark("the server chose a suite that was not offered"), ("tls13-middlebox-intolerance",)
    ),
    "UNKNOWN_CIPHER_RETURNED": Objection(
        mark("the server chose a suite that is not known here"), ("tls13-middlebox-intolerance",)
    ),
    "HANDSHAKE_FAILURE_ON_CLIENT_HELLO": Objection(
        mark("alert 40 was the first answer to the ClientHello"),
        (
            "cipher-no-overlap",
            "ecdsa-cert-rsa-client",
            "groups-no-overlap",
            "sigalgs-no-overlap",
            "sni-missing",
        ),
    ),
    "NO_SUITABLE_KEY_SHARE": Objection(mark("no group in common"), ("groups-no-overlap",)),
    "NO_SUITABLE_GROUPS": Objection(mark("no group is enabled here"), ("groups-no-overlap",)),
    "NO_SHARED_GROUPS": Objection(mark("no group in common"), ("groups-no-overlap",)),
    "NO_SHARED_GROUP": Objection(mark("no group in common"), ("groups-no-overlap",)),
    "MISSING_SUPPORTED_GROUPS_EXTENSION": Objection(
        mark("the hello lists no groups"), ("ec-extensions-missing",)
    ),
    "WRONG_CURVE": Objection(
        mark("the peer used a group that was not agreed on"),
        ("key-share-inconsistent", "hrr-broken"),
    ),
    "UNSUPPORTED_ELLIPTIC_CURVE": Objection(
        mark("a group that is not enabled here"), ("groups-no-overlap",)
    ),
    "BAD_KEY_SHARE": Objection(
        mark("the key share does not fit the groups"), ("key-share-inconsistent", "hrr-broken")
    ),
    "MISSING_KEY_SHARE": Objection(
        mark("no key share came"), ("key-share-inconsistent", "hrr-broken")
    ),
    "DUPLICATE_KEY_SHARE": Objection(
        mark("two key shares of one group"), ("key-share-inconsistent",)
    ),
    "NO_CHANGE_FOLLOWING_HRR": Objection(
        mark("the second hello, or the retry, changes nothing"), ("hrr-broken",)
    ),
    "EMPTY_HELLO_RETRY_REQUEST": Objection(mark("a retry that asks for nothing"), ("hrr-broken",)),
    "BAD_ECPOINT": Objection(
        mark("a public key that is no point of the curve"), ("tcp-corruption-or-offload",)
    ),
    "NO_SUITABLE_SIGNATURE_ALGORITHM": Objection(
        mark("no key here can make a signature that the peer accepts"),
        ("sigalgs-no-overlap", "sigalgs-client-cert", "version-client-too-old"),
    ),
    "NO_SHARED_SIGNATURE_ALGORITHMS": Objection(
        mark("no signature algorithm in common"), ("sigalgs-no-overlap",)
    ),
    "NO_COMMON_SIGNATURE_ALGORITHMS": Objection(
        mark("no signature algorithm in common"), ("sigalgs-no-overlap", "sigalgs-client-cert")
    ),
    "MISSING_SIGALGS_EXTENSION": Objection(
        mark("the hello lists no signature algorithms"), ("sigalgs-no-overlap",)
    ),
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": Objection(
        mark(
            "the peer signed with an algorithm of old, SHA-1 most often, as all of "
            "TLS 1.0 and 1.1 do"
        ),
        ("sigalgs-no-overlap", "version-server-too-old"),
    ),
    "WRONG_SIGNATURE_TYPE": Objection(
        mark("the peer signed with an algorithm that was not offered"),
        ("sigalgs-no-overlap", "server-key-mismatch"),
    ),
    "INSUFFICIENT_SECURITY": Objection(
        mark("what was agreed on is weaker than demanded here"), ("cipher-no-overlap",)
    ),
    "DH_KEY_TOO_SMALL": Objection(
        mark("the server's Diffie-Hellman prime is too small"), ("dh-too-small",)
    ),
    "BAD_DH_P_LENGTH": Objection(
        mark("a Diffie-Hellman prime of a size not taken"), ("dh-too-small",)
    ),
    "DH_P_TOO_LONG": Objection(
        mark("a Diffie-Hellman prime larger than taken"), ("dh-too-big-java7",)
    ),
    # names and protocols
    "CALLBACK_FAILED": Objection(
        mark("a callback of the program refused, most often the one for the server name"),
        ("sni-unknown", "alpn-no-overlap"),
    ),
    "CLIENTHELLO_TLSEXT": Objection(
        mark("an extension of the ClientHello was refused, most often the server name"),
        ("sni-unknown",),
    ),
    "SSL3_EXT_INVALID_SERVERNAME": Objection(
        mark("the server name is malformed"), ("sni-bad-form",)
    ),
    "NO_APPLICATION_PROTOCOL": Objection(mark("no ALPN protocol in common"), ("alpn-no-overlap",)),
    # the form of messages
    "INCONSISTENT_EXTMS": Objection(
        mark("extended master secret was used before, and now is not, or the reverse"),
        ("ems-required",),
    ),
    "EMS_STATE_INCONSISTENT": Objection(
        mark("extended master secret was used before, and now is not, or the reverse"),
        ("ems-required",),
    ),
    "RESUMED_EMS_SESSION_WITHOUT_EMS_EXTENSION": Objection(
        mark("a session with extended master secret is resumed without it"), ("ems-required",)
    ),
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": Objection(
        mark("the server lacks secure renegotiation (RFC 5746)"), ("legacy-renegotiation-refused",)
    ),
    "NO_RENEGOTIATION": Objection(
        mark("renegotiation was asked for and refused"), ("renegotiation-for-client-auth",)
    ),
    "RENEGOTIATION_MISMATCH": Objection(
        mark("the renegotiation does not belong to this connection"),
        ("legacy-renegotiation-refused",),
    ),
    "UNEXPECTED_MESSAGE": Objection(
        mark("a message out of order"),
        ("malformed-client-hello", "ch-record-fragmentation-unsupported"),
    ),
    "UNEXPECTED_RECORD": Objection(mark("a record out of order"), ("tls13-middlebox-intolerance",)),
    "CCS_RECEIVED_EARLY": Objection(
        mark("ChangeCipherSpec came too early"), ("tls13-compat-ccs-missing", "ticket-not-shared")
    ),
    "EXCESSIVE_MESSAGE_SIZE": Objection(
        mark("a message larger than taken: a long chain, or a long list of authorities"),
        ("cert-too-large",),
    ),
    "LENGTH_MISMATCH": Objection(mark("lengths that do not add up"), ("malformed-client-hello",)),
    "BAD_EXTENSION": Objection(mark("an extension that is malformed"), ("malformed-client-hello",)),
    "UNSOLICITED_EXTENSION": Objection(
        mark("the peer answered an extension that was not sent"), ("tls13-middlebox-intolerance",)
    ),
    "UNEXPECTED_EXTENSION": Objection(
        mark("the peer answered an extension that was not sent"), ("tls13-middlebox-intolerance",)
    ),
    "ERROR_PARSING_EXTENSION": Objection(
        mark("an extension that is malformed"), ("malformed-client-hello",)
    ),
    "CLIENTHELLO_PARSE_FAILED": Objection(
        mark("a ClientHello that is malformed"), ("malformed-client-hello",)
    ),
    "DECODE_ERROR": Objection(mark("a message that is malformed"), ("malformed-client-hello",)),
    "FRAGMENTED_CLIENT_HELLO": Objection(
        mark("the ClientHello came in several records"), ("ch-record-fragmentation-unsupported",)
    ),
    "ECH_REJECTED": Objection(
        mark("the server did not take the encrypted hello"), ("ech-blocked",)
    ),
    # certificates
    "CERTIFICATE_VERIFY_FAILED": Objection(
        mark("the certificate of the peer did not verify; the words behind say why"),
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "cert-expired",
            "cert-name-mismatch",
            "cert-weak",
            "clock-skew",
            "mtls-cert-rejected",
        ),
    ),
    "EE_KEY_TOO_SMALL": Objection(mark("the key of the certificate is too small"), ("cert-weak",)),
    "CA_KEY_TOO_SMALL": Objection(mark("the key of an authority is too small"), ("cert-weak",)),
    "CA_MD_TOO_WEAK": Objection(
        mark("a certificate is signed with too weak a hash"), ("cert-weak",)
    ),
    "KEY_USAGE_BIT_INCORRECT": Objection(
        mark("the key usage of the certificate forbids this use"), ("cert-key-usage",)
    ),
    "ECC_CERT_NOT_FOR_SIGNING": Objection(
        mark("the key usage of the certificate forbids signing"), ("cert-key-usage",)
    ),
    "WRONG_CERTIFICATE_TYPE": Objection(
        mark("a certificate of a kind that does not fit the suite"),
        ("ecdsa-cert-rsa-client", "cert-type-unsupported"),
    ),
    "UNKNOWN_CERTIFICATE_TYPE": Objection(
        mark("a certificate of a kind not known here"), ("cert-type-unsupported",)
    ),
    "BAD_ECC_CERT": Objection(
        mark("an ECDSA certificate on a curve not taken here"), ("cert-type-unsupported",)
    ),
    "CANNOT_PARSE_LEAF_CERT": Objection(
        mark("a certificate that is malformed"), ("cert-type-unsupported",)
    ),
    "SCT_VERIFICATION_FAILED": Objection(
        mark("no log vouches for the certificate"), ("ct-required",)
    ),
    "NO_VALID_SCTS": Objection(mark("no log vouches for the certificate"), ("ct-required",)),
    "INVALID_STATUS_RESPONSE": Objection(
        mark("the stapled OCSP response is bad"), ("ocsp-must-staple",)
    ),
    "OCSP_CALLBACK_FAILURE": Objection(
        mark("the stapled OCSP response was refused"), ("ocsp-must-staple",)
    ),
    # keys of one's own
    "NO_CERTIFICATE_SET": Objection(
        mark("no certificate is configured here"), ("server-no-usable-key",)
    ),
    "NO_CERTIFICATE_ASSIGNED": Objection(
        mark("no certificate is configured here"), ("server-no-usable-key",)
    ),
    "NO_PRIVATE_KEY_ASSIGNED": Objection(
        mark("no private key is configured here"), ("server-no-usable-key",)
    ),
    "MISSING_RSA_CERTIFICATE": Objection(
        mark("no RSA certificate is configured here"), ("server-no-usable-key",)
    ),
    "KEY_VALUES_MISMATCH": Objection(
        mark("private key and certificate do not belong together"),
        ("server-no-usable-key", "server-key-mismatch"),
    ),
    "CERTIFICATE_AND_PRIVATE_KEY_MISMATCH": Objection(
        mark("private key and certificate do not belong together"),
        ("server-no-usable-key", "server-key-mismatch"),
    ),
    "PRIVATE_KEY_MISMATCH": Objection(
        mark("private key and certificate do not belong together"), ("server-no-usable-key",)
    ),
    "PRIVATE_KEY_OPERATION_FAILED": Objection(
        mark("the key store or the engine could not sign"),
        ("server-no-usable-key", "server-crypto-saturated"),
    ),
    "NO_START_LINE": Objection(
        mark("a file that should hold a PEM certificate or key holds none"),
        ("server-no-usable-key",),
    ),
    "BAD_DECRYPT": Objection(
        mark("a key file could not be opened: a wrong password"), ("server-no-usable-key",)
    ),
    "MAC_VERIFY_FAILURE": Objection(
        mark("a PKCS#12 file could not be opened: a wrong password"), ("server-no-usable-key",)
    ),
    "CERT_CB_ERROR": Objection(
        mark("the program found no certificate for this name"),
        ("sni-unknown", "server-no-usable-key"),
    ),
    # client certificates
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": Objection(
        mark("a client certificate was demanded and none came"), ("mtls-client-sends-empty",)
    ),
    "NO_CERTIFICATES_RETURNED": Objection(
        mark("no certificate came"), ("mtls-client-sends-empty",)
    ),
    "TLS_PEER_DID_NOT_RESPOND_WITH_CERTIFICATE_LIST": Objection(
        mark("a certificate was demanded and none came"), ("mtls-client-sends-empty",)
    ),
    "NO_MATCHING_ISSUER": Objection(
        mark("no certificate here is of an authority that the peer names"),
        ("mtls-client-sends-empty", "mtls-ca-list-truncated"),
    ),
    # keys of the connection
    "BAD_SIGNATURE": Objection(
        mark("the signature over the key exchange does not verify"),
        ("server-key-mismatch", "mtls-client-key-mismatch", "tcp-corruption-or-offload"),
    ),
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": Objection(
        mark("a record failed its integrity check"),
        ("bad-record-mac", "ticket-not-shared", "tcp-corruption-or-offload"),
    ),
    "DECRYPTION_FAILED": Objection(
        mark("a record could not be decrypted"), ("bad-record-mac", "tcp-corruption-or-offload")
    ),
    "BLOCK_CIPHER_PAD_IS_WRONG": Objection(
        mark("a record could not be decrypted"), ("bad-record-mac",)
    ),
    "DIGEST_CHECK_FAILED": Objection(
        mark("the Finished does not verify: the two sides saw another handshake"),
        ("bad-record-mac", "tcp-corruption-or-offload"),
    ),
    "BINDER_DOES_NOT_VERIFY": Objection(
        mark("the pre-shared key, or the ticket, is another one"),
        ("ticket-not-shared", "psk-or-national-profile"),
    ),
    "PSK_IDENTITY_NOT_FOUND": Objection(
        mark("the pre-shared key is not known here"), ("psk-or-national-profile",)
    ),
    "BAD_PSK_IDENTITY": Objection(
        mark("the pre-shared key is not known here"), ("psk-or-national-profile",)
    ),
    "BAD_EARLY_DATA": Objection(
        mark("early data that was not accepted"), ("early-data-replay-refused",)
    ),
    "TOO_MUCH_EARLY_DATA": Objection(
        mark("more early data than accepted"), ("early-data-replay-refused",)
    ),
    "SESSION_ID_CONTEXT_UNINITIALIZED": Objection(
        mark("the server program resumes sessions and has not set a context for them"),
        ("ticket-not-shared",),
    ),
    # the end of the connection
    "UNEXPECTED_EOF_WHILE_READING": Objection(
        mark(
            "the peer closed without an alert, or without close_notify after its "
            "data; a client may do so over a certificate"
        ),
        (
            "server-abrupt-eof",
            "tls-proxy-relay-closes",
            "proxy-protocol-missing",
            "cert-untrusted-root",
            "client-timeout",
            "close-without-notify",
        ),
    ),
    "SSL_HANDSHAKE_FAILURE": Objection(
        mark("the connection broke during the handshake, before the message that was due"),
        ("server-abrupt-eof",),
    ),
    "READ_TIMEOUT_EXPIRED": Objection(mark("no answer in time"), ("server-stall",)),
    "SHUTDOWN_WHILE_IN_INIT": Objection(
        mark("the program left during the handshake"), ("client-timeout",)
    ),
    "INTERNAL_ERROR": Objection(mark("a fault inside the library"), ("server-no-usable-key",)),
    # what the operating system said
    "ECONNREFUSED": Objection(mark("the port is closed, or a box rejects"), ("tcp-syn-rejected",)),
    "EHOSTUNREACH": Objection(
        mark("a router or firewall says that there is no way"), ("tcp-syn-rejected",)
    ),
    "ENETUNREACH": Objection(mark("there is no way to that network"), ("tcp-syn-rejected",)),
    "ETIMEDOUT": Objection(mark("no answer in time"), ("tcp-syn-filtered", "tcp-synack-lost")),
    "ECONNRESET": Objection(
        mark("the connection was reset"),
        ("server-abrupt-eof", "sni-filter-rst-injected", "lb-tcp-accept-no-member"),
    ),
    "EPIPE": Objection(
        mark("the peer had closed already"), ("server-abrupt-eof", "client-timeout")
    ),
    "ENOENT": Objection(
        mark("a file is missing: a certificate, a key or a list of authorities"),
        ("server-no-usable-key",),
    ),
    "EACCES": Objection(
        mark("a file may not be read: a certificate or a key"), ("server-no-usable-key",)
    ),
}
