"""What is weak or broken in what a server takes, why, and who says so.

A weakness is a row: what it is found in, how grave, its reason and its source. Judges facts that
were found, asks nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from tlswire.language import mark, say
from tlswire.survey.spots import (
    Found,
    certificates,
    choosing,
    feature,
    groups,
    intolerant,
    is_below,
    is_small_block,
    is_static,
    primes,
    schemes,
    small_curve,
    suites,
    untrusted,
    version,
    without,
)
from tlswire.surveyed import (
    Features,
    Severity,
    SurveyedCertificate,
    SurveyedVersion,
    Tolerance,
    Weakness,
)

#: From harmless to ruinous.
SEVERITIES: Final[tuple[Severity, ...]] = ("info", "low", "medium", "high", "critical")
DAY: Final = 86400


class Row(NamedTuple):
    """One weakness; `where` names the things that have it, and none means that it is not there."""

    id: str
    severity: Severity
    text: str
    where: Callable[[Found], Iterable[str]]
    reason: str
    source: str


def weigh(
    versions: Sequence[SurveyedVersion],
    certificates: Sequence[SurveyedCertificate] = (),
    features: Features | None = None,
    tolerance: Sequence[Tolerance] = (),
) -> tuple[Weakness, ...]:
    """Return the weaknesses, the gravest first."""
    found = Found(versions, certificates, features, tolerance, time.time())
    told = [_tell(row, tuple(dict.fromkeys(row.where(found)))) for row in ROWS]
    present = [weakness for weakness in told if weakness.where]
    return tuple(sorted(present, key=lambda w: -SEVERITIES.index(w.severity)))


def _tell(row: Row, where: tuple[str, ...]) -> Weakness:
    return Weakness(
        id=row.id,
        severity=row.severity,
        text=say(row.text),
        where=where,
        reason=say(row.reason),
        source=row.source,
    )


_OLD: Final = ("TLS 1.0", "SSL 3.0")
#: Every weakness that is looked for.
ROWS: Final[tuple[Row, ...]] = (
    Row(
        "ssl2",
        "critical",
        mark("SSL 2.0 is taken"),
        version("SSL 2.0"),
        mark(
            "its handshake is not authenticated, and it breaks other versions of the "
            "same key (DROWN)"
        ),
        "RFC 6176; CVE-2016-0800",
    ),
    Row(
        "ssl3",
        "high",
        mark("SSL 3.0 is taken"),
        version("SSL 3.0"),
        mark("its CBC padding lets plaintext be read (POODLE), and its key exchange is broken"),
        "RFC 7568; CVE-2014-3566",
    ),
    Row(
        "null-encryption",
        "critical",
        mark("suites without encryption"),
        suites(lambda facts: facts.encryption == "NULL"),
        mark("everything is sent in the clear"),
        "RFC 9325 section 4.1",
    ),
    Row(
        "anonymous",
        "critical",
        mark("suites without authentication"),
        suites(lambda facts: facts.authentication == "anon"),
        mark("anybody on the way can be the server"),
        "RFC 5246 appendix F.1.1.1; RFC 9325 section 4.1",
    ),
    Row(
        "export",
        "critical",
        mark("export suites"),
        suites(lambda facts: "EXPORT" in facts.name),
        mark(
            "keys of 40 or 56 bits are searched in minutes, against other clients "
            "too (FREAK, Logjam)"
        ),
        "CVE-2015-0204; CVE-2015-4000; RFC 9325 section 4.1",
    ),
    Row(
        "rc4",
        "high",
        "RC4",
        suites(lambda facts: "RC4" in facts.encryption),
        mark("biases of the key stream reveal plaintext"),
        "RFC 7465",
    ),
    Row(
        "weak-cipher",
        "high",
        mark("ciphers below 112 bits"),
        suites(is_below(112)),
        mark("the key can be searched"),
        "RFC 9325 section 4.1",
    ),
    Row(
        "sweet32",
        "medium",
        mark("blocks of 64 bits (3DES, IDEA)"),
        suites(is_small_block),
        mark("after some gigabytes blocks repeat and reveal plaintext (SWEET32)"),
        "CVE-2016-2183; RFC 9325 section 4.1",
    ),
    Row(
        "dhe-export",
        "critical",
        mark("a Diffie-Hellman prime below 1024 bits"),
        primes(0, 1024),
        mark("discrete logarithms of this size are computed (Logjam)"),
        "CVE-2015-4000",
    ),
    Row(
        "dhe-1024",
        "high",
        mark("a Diffie-Hellman prime below 2048 bits"),
        primes(1024, 2048),
        mark("within reach of a state for primes in common use; newer clients refuse it"),
        "RFC 9325 section 4.1; weakdh.org",
    ),
    Row(
        "small-curve",
        "medium",
        mark("curves below 224 bits"),
        groups(small_curve),
        mark("less than 112 bits of strength"),
        "RFC 8422 section 5.1.1; NIST SP 800-57",
    ),
    Row(
        "no-forward-secrecy",
        "medium",
        mark("suites without forward secrecy"),
        suites(is_static),
        mark("who gets the key later reads what was recorded; RSA decryption invites ROBOT"),
        "RFC 9325 section 4.1",
    ),
    Row(
        "beast",
        "low",
        mark("CBC in TLS 1.0 or SSL 3.0"),
        suites(lambda facts: facts.encryption.endswith("CBC"), _OLD),
        mark("the initialisation vector is known in advance (BEAST)"),
        "CVE-2011-3389",
    ),
    Row(
        "cbc",
        "low",
        mark("CBC with the MAC inside"),
        suites(lambda facts: facts.encryption.endswith("CBC")),
        mark("padding oracles (Lucky Thirteen) where an implementation is not careful"),
        "CVE-2013-0169; RFC 9325 section 4.1",
    ),
    Row(
        "md5",
        "medium",
        mark("MD5 as MAC"),
        suites(lambda facts: facts.mac == "HMAC-MD5"),
        mark("MD5 is broken as a hash; no policy accepts it"),
        "RFC 6151; ANSSI SDE-NT-35 2.2",
    ),
    Row(
        "old-versions",
        "medium",
        mark("TLS 1.0 or TLS 1.1 is taken"),
        version("TLS 1.0", "TLS 1.1"),
        mark("deprecated: without AEAD, signed with SHA-1 and MD5"),
        "RFC 8996",
    ),
    Row(
        "no-tls13",
        "info",
        mark("TLS 1.3 is not taken"),
        without("TLS 1.3"),
        mark("one round trip more, and a handshake that can be read on the way"),
        "RFC 9325 section 3.1.1",
    ),
    Row(
        "sha1-signature",
        "medium",
        mark("signs its key exchange with SHA-1 or MD5"),
        schemes("sha1", "md5"),
        mark("collisions are computed"),
        "RFC 9155",
    ),
    Row(
        "client-order",
        "low",
        mark("the client's order decides, and suites without forward secrecy are among them"),
        choosing,
        mark("a client with an old order gets the weaker suite"),
        "RFC 9325 section 4.2.1",
    ),
    Row(
        "cert-expired",
        "high",
        mark("an expired certificate"),
        certificates(lambda c, now: c.not_after is not None and now > c.not_after),
        mark("clients refuse it"),
        "RFC 5280 section 4.1.2.5",
    ),
    Row(
        "cert-early",
        "high",
        mark("a certificate that is not yet valid"),
        certificates(lambda c, now: c.not_before is not None and now < c.not_before),
        mark("clients refuse it"),
        "RFC 5280 section 4.1.2.5",
    ),
    Row(
        "cert-expires-soon",
        "low",
        mark("a certificate that expires within 14 days"),
        certificates(lambda c, now: c.not_after is not None and now < c.not_after < now + 14 * DAY),
        mark("renew it now"),
        "RFC 5280 section 4.1.2.5",
    ),
    Row(
        "cert-name",
        "medium",
        mark("a certificate that is not for the name asked for"),
        certificates(lambda c, now: c.matches is False and c.for_name is not None),
        mark("clients that check names refuse it"),
        "RFC 9525 section 6",
    ),
    Row(
        "cert-self-signed",
        "medium",
        mark("a self-signed certificate"),
        certificates(lambda c, now: c.self_signed and c.chain_length == 1 and not c.trusted),
        mark("nobody vouches for it: clients refuse it unless it was given to them"),
        "RFC 5280 section 6",
    ),
    Row(
        "cert-untrusted",
        "high",
        mark("a certificate that clients with these roots refuse"),
        untrusted,
        mark("its chain leads to no root that they trust, or does not lead there by itself"),
        "RFC 5280 section 6",
    ),
    Row(
        "cert-sha1",
        "high",
        mark("a certificate signed with SHA-1 or MD5"),
        certificates(lambda c, now: c.signature_hash in ("sha1", "md5") and not c.self_signed),
        mark("a second certificate with the same signature can be computed"),
        "RFC 9155; CA/B Forum baseline requirements 7.1.3.2.1",
    ),
    Row(
        "cert-small-key",
        "high",
        mark("a certificate's RSA key below 2048 bits"),
        certificates(lambda c, now: c.key == "RSA" and 0 < (c.bits or 0) < 2048),
        mark("within reach of a state"),
        "RFC 9325 section 4.5; NIST SP 800-57",
    ),
    Row(
        "compression",
        "high",
        mark("TLS compression"),
        feature(lambda f: bool(set(f.compression or ()) - {"NULL", "null"}), "compression"),
        mark("the length of what is sent reveals secrets (CRIME)"),
        "CVE-2012-4929; RFC 9325 section 3.3",
    ),
    Row(
        "no-secure-renegotiation",
        "high",
        mark("no secure renegotiation"),
        feature(lambda f: f.secure_renegotiation is False, "renegotiation_info"),
        mark(
            "a stranger's words can be put before a client's; OpenSSL 3 clients refuse such servers"
        ),
        "RFC 5746; CVE-2009-3555",
    ),
    Row(
        "client-renegotiation",
        "low",
        mark("renegotiates when the client asks"),
        feature(lambda f: bool(f.client_renegotiation), mark("client-initiated renegotiation")),
        mark("a few clients can keep a server busy"),
        "CVE-2011-1473; RFC 9325 section 3.5",
    ),
    Row(
        "truncated-hmac",
        "medium",
        mark("truncated HMAC"),
        feature(lambda f: bool(f.truncated_hmac), "truncated_hmac"),
        mark("a MAC of 80 bits, and where it stands tells of the plaintext"),
        "RFC 9325 section 4.6",
    ),
    Row(
        "no-ems",
        "low",
        mark("no extended master secret"),
        feature(lambda f: f.extended_master_secret is False, "extended_master_secret"),
        mark("sessions can be spliced together (triple handshake); some clients insist on it"),
        "RFC 7627",
    ),
    Row(
        "no-fallback-scsv",
        "low",
        mark("downgrades are not prevented"),
        feature(lambda f: f.fallback_scsv is False, "TLS_FALLBACK_SCSV"),
        mark("a client that tries an older version again can be pushed to it"),
        "RFC 7507",
    ),
    Row(
        "heartbeat",
        "info",
        mark("the heartbeat extension"),
        feature(lambda f: bool(f.heartbeat), "heartbeat"),
        mark("rarely needed, and once the way to read a server's memory (Heartbleed)"),
        "RFC 6520; CVE-2014-0160",
    ),
    Row(
        "intolerance",
        "medium",
        mark("unusual hellos are not taken"),
        intolerant,
        mark("clients that send them fail here, and cannot say why"),
        "RFC 8446 sections 4.1.2, 4.2 and 5.1; RFC 8701",
    ),
)
