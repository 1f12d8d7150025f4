"""What a handshake that was played on revealed, in the words of the contract.

What both sides agreed upon, and the server's certificates as a client would judge them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tlswire import codes, findings, staple, trust
from tlswire.certificates import Certificate, read_chain
from tlswire.codes import ExtensionType, Suite
from tlswire.distinguished import distinguished
from tlswire.language import say
from tlswire.result import Agreed, CertificateSeen, Chain, ChainFault
from tlswire.seen import Seen
from tlswire.transcript import Entry, Transcript, version_name
from tlswire.trust import Fault, Judged, Roots

#: Authorities of a CertificateRequest that are named; some servers send hundreds.
MOST_AUTHORITIES = 8


def agreed(seen: Seen) -> Agreed | None:
    """Return what was agreed upon; None before the server chose."""
    transcript = seen.transcript
    answer, suite = transcript.server_hello, transcript.suite
    if answer is None:
        return None
    return Agreed(
        version=version_name(transcript.version) or "?",
        cipher_suite=None if suite is None else findings.suite_name(suite),
        group=_group(transcript, answer),
        signature=_signature(transcript),
        alpn=findings.alpn(transcript),
        resumed=findings.resumed(transcript),
        **_before_tls13(transcript, answer),
        session_tickets=sum(
            e.what == "new_session_ticket" and e.who == "server" for e in transcript.entries
        ),
        client_certificate_asked=_said(transcript, "certificate_request") is not None,
        client_authorities=_authorities(transcript),
        application_data=any(
            e.who == "server" and e.what == "application_data" for e in transcript.entries
        ),
    )


def _before_tls13(transcript: Transcript, answer: Entry) -> dict[str, bool]:
    """Return what TLS 1.3 always has, and earlier versions only where both sides say so."""
    hello = transcript.client_hello
    if transcript.tls13 or hello is None:
        return {}
    offers_scsv = Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV in hello.fields.get("cipher_suites", ())
    secure = answer.has_extension(ExtensionType.renegotiation_info)
    return {
        "extended_master_secret": _both(hello, answer, ExtensionType.extended_master_secret),
        "encrypt_then_mac": _both(hello, answer, ExtensionType.encrypt_then_mac),
        "secure_renegotiation": secure
        and (offers_scsv or hello.has_extension(ExtensionType.renegotiation_info)),
    }


def _both(hello: Entry, answer: Entry, extension: int) -> bool:
    return hello.has_extension(extension) and answer.has_extension(extension)


def _group(transcript: Transcript, answer: Entry) -> str | None:
    share = (answer.extension(ExtensionType.key_share) or {}).get("server_share")
    if share:
        return codes.GROUPS.get(share["group"], f"0x{share['group']:04x}")
    sent = _said(transcript, "server_key_exchange")
    params: dict[str, Any] = (sent.fields.get("params") or {}) if sent is not None else {}
    named = (params.get("parameters") or {}).get("named_curve")
    if named is not None:
        return codes.GROUPS.get(named, f"0x{named:04x}")
    if "dh_p" in params:
        return say("DH of {bits} bits", bits=int.from_bytes(params["dh_p"], "big").bit_length())
    return None


def _signature(transcript: Transcript) -> str | None:
    for what in ("certificate_verify", "server_key_exchange"):
        sent = _said(transcript, what)
        scheme = sent.fields.get("algorithm") if sent is not None else None
        if isinstance(scheme, int):
            return codes.SIGNATURE_SCHEMES.get(scheme, f"0x{scheme:04x}")
    return None


def _authorities(transcript: Transcript) -> tuple[str, ...]:
    asked = _said(transcript, "certificate_request")
    if asked is None:
        return ()
    body = asked.extension(ExtensionType.certificate_authorities) or {}
    names = asked.fields.get("certificate_authorities") or body.get("authorities") or ()
    return tuple(distinguished(der) for der in names[:MOST_AUTHORITIES])


def _said(transcript: Transcript, what: str) -> Entry | None:
    own = (e for e in transcript.entries if e.what == what and e.who == "server")
    return next(own, None)


def encrypted_extensions(seen: Seen) -> tuple[str, ...] | None:
    """Return what the server says in EncryptedExtensions, None where it was not seen."""
    said = _said(seen.transcript, "encrypted_extensions")
    if said is None:
        return None
    types = (each["type"] for each in said.fields.get("extensions", ()))
    return tuple(codes.EXTENSIONS.get(number, f"0x{number:04x}") for number in types)


# -- the chain -----------------------------------------------------------------------------------


def fingerprints(seen: Seen) -> tuple[str, ...]:
    """Return the SHA-256 of each certificate that the server sent, its own first."""
    return tuple(sha256(der).hexdigest() for der in seen.transcript.certificates("server"))


def stapled(seen: Seen) -> bool:
    """Tell whether the server stapled an OCSP response."""
    return (
        staple.of(seen.transcript, read_chain(seen.transcript.certificates("server"))) is not None
    )


def chain(seen: Seen, captured: Seen, roots: Roots) -> Chain | None:
    """Return the server's chain, judged at the time of the capture and now."""
    ders = seen.transcript.certificates("server")
    if not ders:
        return None
    shown = read_chain(ders)
    host = seen.offer.server_name if seen.offer is not None else None
    before = captured.transcript.certificates("server")
    same = ders[0] == before[0] if before else None
    then = seen.flow.started if same is False else captured.flow.started
    judged = trust.judge(shown, roots, host, then, seen.flow.started)
    stapled = staple.of(seen.transcript, shown)
    return Chain(
        certificates=tuple(map(_certificate, shown)),
        trusted=judged.way.trusted,
        roots=judged.roots,
        path=tuple(cert.subject for cert in judged.way.path),
        faults=tuple(_fault(f) for f in (*judged.faults, *_stapling(judged, stapled, seen))),
        staple=None if stapled is None else _told(stapled, seen.flow.started),
        as_captured=same,
    )


def _certificate(cert: Certificate) -> CertificateSeen:
    return CertificateSeen(
        subject=cert.subject,
        issuer=cert.issuer,
        serial=None if cert.serial is None else f"{cert.serial:x}",
        names=cert.names,
        not_before=cert.not_before,
        not_after=cert.not_after,
        key=cert.key,
        bits=cert.bits,
        signature_hash=cert.signature_hash,
        sha256=sha256(cert.der).hexdigest(),
    )


def _fault(fault: Fault) -> ChainFault:
    when = {"then": "then", "now": "now"}.get(fault.when, "always")
    return ChainFault(cause=fault.cause, text=fault.text, when=when)  # type: ignore[arg-type]


def _stapling(judged: Judged, stapled: staple.Staple | None, seen: Seen) -> list[Fault]:
    """Say what is wrong with the staple, or with its absence (RFC 7633)."""
    asked = seen.offer is not None and seen.offer.has(ExtensionType.status_request)
    if stapled is None:
        told = say("it demands a stapled OCSP response, and none came")
        missing = judged.chain[0].must_staple and asked
        return [Fault("ocsp-must-staple", told)] if missing else []
    if stapled.status == "revoked":
        return [Fault("cert-revoked-or-revocation-unreachable", say("the staple says revoked"))]
    if not stapled.holds(seen.flow.started):
        return [
            Fault(
                "ocsp-must-staple",
                say("the staple: {told}", told=_told(stapled, seen.flow.started)),
            )
        ]
    return []


def _told(stapled: staple.Staple, moment: float) -> str:
    told = [stapled.status]
    if not stapled.fits:
        told.append(say("about another certificate"))
    if stapled.signed is False:
        told.append(say("wrongly signed"))
    if stapled.until is not None and moment > stapled.until:
        told.append(say("out of date since {day}", day=trust.day(stapled.until)))
    elif stapled.until is not None:
        told.append(say("until {day}", day=trust.day(stapled.until)))
    return ", ".join(told)
