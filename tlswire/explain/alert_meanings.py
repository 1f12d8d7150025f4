"""What each alert means and who sends it, in sentences for who has a handshake that fails.

A table of prose and nothing else: what an alert leaves possible is in `alert_causes`.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import Alert
from tlswire.language import mark


class AlertMeaning(NamedTuple):
    """What an alert says, and who usually sends it when."""

    meaning: str
    sender: str


#: Alerts, in the readings that captures and logs support.
ALERT_MEANINGS: dict[int, AlertMeaning] = {
    Alert.close_notify: AlertMeaning(
        mark("the sender will send no more: a clean close"),
        mark(
            "either side at the end; inside a handshake it is a peer that gives up "
            "without saying why"
        ),
    ),
    Alert.end_of_early_data: AlertMeaning(
        mark("the end of 0-RTT data, in drafts of TLS 1.3"), mark("the client")
    ),
    Alert.unexpected_message: AlertMeaning(
        mark("a message came that is not legal at this point"),
        mark(
            "whoever received it: wrong order, a surprise HelloRequest or "
            "ChangeCipherSpec, or a parser that fell out of step"
        ),
    ),
    Alert.bad_record_mac: AlertMeaning(
        mark("a record failed its integrity check"),
        mark(
            "the receiver: corruption on the way, keys that differ, a session ticket "
            "of another pool member"
        ),
    ),
    Alert.decryption_failed: AlertMeaning(
        mark("a record could not be decrypted"), mark("old stacks only")
    ),
    Alert.record_overflow: AlertMeaning(
        mark("a record is longer than allowed"),
        mark("the receiver: also what bytes that are not TLS look like when read as a length"),
    ),
    Alert.decompression_failure: AlertMeaning(
        mark("a record did not decompress"), mark("old stacks only")
    ),
    Alert.handshake_failure: AlertMeaning(
        mark("no acceptable set of parameters: the catch-all"),
        mark(
            "mostly the server, right after ClientHello: no common suite, group or "
            "signature algorithm, or no certificate that fits; in TLS 1.2 also a "
            "missing client certificate. The bytes are the same for all of them: "
            "only the offer, or a replay, tells which"
        ),
    ),
    Alert.no_certificate: AlertMeaning(
        mark("the client has no certificate"), mark("a client, in SSL 3.0 only")
    ),
    Alert.bad_certificate: AlertMeaning(
        mark("something about the peer's certificate is wrong"),
        mark("whoever checks it; GnuTLS, Go and Java choose it for any certificate problem"),
    ),
    Alert.unsupported_certificate: AlertMeaning(
        mark("the certificate's kind cannot be used: key type, key usage or size"),
        mark("whoever checks it"),
    ),
    Alert.certificate_revoked: AlertMeaning(
        mark("the certificate was revoked"), mark("whoever checks it")
    ),
    Alert.certificate_expired: AlertMeaning(
        mark("the certificate is past its end, or not valid yet"),
        mark("whoever checks it; look at that side's clock too"),
    ),
    Alert.certificate_unknown: AlertMeaning(
        mark("some other trouble made the certificate unacceptable"),
        mark("whoever checks it: the catch-all of Java, Chrome and Schannel"),
    ),
    Alert.illegal_parameter: AlertMeaning(
        mark("a field has a value that is out of range or at odds with another"),
        mark(
            "the receiver of a malformed or inconsistent hello; an inspecting "
            "firewall that refuses a post-quantum group; a client that finds the "
            "downgrade sentinel"
        ),
    ),
    Alert.unknown_ca: AlertMeaning(
        mark("no trusted issuer was found for the certificate"),
        mark(
            "whoever checks it: the root is not trusted there, or the chain lacks an intermediate"
        ),
    ),
    Alert.access_denied: AlertMeaning(
        mark("the certificate is valid, but policy refuses it"),
        mark("a server, or a device between"),
    ),
    Alert.decode_error: AlertMeaning(
        mark("a message could not be parsed"),
        mark(
            "the receiver; OpenSSL also sends it after the peer has closed: then it "
            "is not the cause"
        ),
    ),
    Alert.decrypt_error: AlertMeaning(
        mark("a signature or a Finished did not verify"),
        mark("the receiver: wrong key, wrong algorithm, or a handshake altered on the way"),
    ),
    Alert.too_many_cids_requested: AlertMeaning(
        mark("too many connection ids were asked for"), mark("DTLS 1.3 only")
    ),
    Alert.export_restriction: AlertMeaning(
        mark("export rules were not kept"), mark("old stacks only")
    ),
    Alert.protocol_version: AlertMeaning(
        mark("the versions that both sides allow do not meet"),
        mark("mostly the server; a client when the server chose what it does not allow"),
    ),
    Alert.insufficient_security: AlertMeaning(
        mark("the server demands stronger parameters than the client offers"), mark("a server")
    ),
    Alert.internal_error: AlertMeaning(
        mark("a failure of the sender's own"),
        mark(
            "mostly a server: no certificate for the name in SNI, key store or HSM trouble, a bug"
        ),
    ),
    Alert.inappropriate_fallback: AlertMeaning(
        mark("the client tried again with a lower version although the server can do better"),
        mark(
            "a server that sees TLS_FALLBACK_SCSV (RFC 7507): look for what broke "
            "the client's first try"
        ),
    ),
    Alert.user_canceled: AlertMeaning(mark("the user gave up"), mark("the client, as a warning")),
    Alert.no_renegotiation: AlertMeaning(
        mark("renegotiation is refused"), mark("the side that was asked, as a warning")
    ),
    Alert.missing_extension: AlertMeaning(
        mark("an extension that must be there is not"), mark("a TLS 1.3 stack")
    ),
    Alert.unsupported_extension: AlertMeaning(
        mark("the server answered with an extension that was not offered"), mark("a client")
    ),
    Alert.certificate_unobtainable: AlertMeaning(
        mark("a certificate could not be fetched from its URL"), mark("a server (RFC 6066)")
    ),
    Alert.unrecognized_name: AlertMeaning(
        mark("the server does not know the name in SNI"),
        mark("a server; as a warning it means no more than that, but some old clients stop at it"),
    ),
    Alert.bad_certificate_status_response: AlertMeaning(
        mark("the stapled OCSP response is missing or bad"), mark("a client")
    ),
    Alert.bad_certificate_hash_value: AlertMeaning(
        mark("the hash of a fetched certificate does not match"), mark("a server (RFC 6066)")
    ),
    Alert.unknown_psk_identity: AlertMeaning(
        mark("the server does not know the pre-shared key's identity"), mark("a server")
    ),
    Alert.certificate_required: AlertMeaning(
        mark("the client sent no certificate, and one is needed"),
        mark("a TLS 1.3 server, always encrypted, and after the client believes to be connected"),
    ),
    Alert.unsupported_site2site: AlertMeaning(
        mark("no site-to-site tunnel here"), mark("a TLCP gateway")
    ),
    Alert.no_area: AlertMeaning(mark("no protected area"), mark("a TLCP gateway")),
    Alert.unsupported_areatype: AlertMeaning(
        mark("a kind of protected area not served"), mark("a TLCP gateway")
    ),
    Alert.bad_ibcparam: AlertMeaning(
        mark("bad parameters of identity-based keys"), mark("a TLCP peer")
    ),
    Alert.unsupported_ibcparam: AlertMeaning(
        mark("parameters of identity-based keys not served"), mark("a TLCP peer")
    ),
    Alert.identity_need: AlertMeaning(mark("the peer's identity is missing"), mark("a TLCP peer")),
    Alert.general_error: AlertMeaning(
        mark("an error that no other alert fits"), mark("either side")
    ),
    Alert.no_application_protocol: AlertMeaning(
        mark("none of the protocols offered in ALPN is served"), mark("a server (RFC 7301)")
    ),
    Alert.ech_required: AlertMeaning(
        mark("the server did not accept Encrypted ClientHello"), mark("a client (RFC 9849)")
    ),
}
