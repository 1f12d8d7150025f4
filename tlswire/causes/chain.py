"""What is wrong with the server's certificates, as far as their bytes show it.

Judged at the time at which they were sent. Says nothing of what a client trusts.
"""

from __future__ import annotations

from tlswire import trust
from tlswire.causes.case import Case
from tlswire.certificates import Certificate
from tlswire.codes import ExtensionType
from tlswire.trust import day as day


def sent_at(case: Case) -> float:
    """Return when the certificates were sent, in seconds since the epoch."""
    message = case.said("certificate", "server")
    return message.at if message is not None else case.ended_at


def expired(case: Case) -> Certificate | None:
    """Return the first certificate that had expired when it was sent."""
    return next((c for c in case.chain if c.expired_at(sent_at(case))), None)


def early(case: Case) -> Certificate | None:
    """Return the first certificate that was not yet valid when it was sent.

    What only a replay has seen may have been issued after the capture: it is judged at the replay.
    """
    when = sent_at(case)
    if case.revealed is not None and not case.certificates_of("server"):
        when = max([when, *(entry.at for entry in case.revealed.entries)])
    return next((c for c in case.chain if c.early_at(when)), None)


def misnamed(case: Case) -> bool:
    """Tell whether the leaf is not good for the name that the client asked for."""
    leaf, name = leaf_of(case), case.server_name
    return leaf is not None and name is not None and not leaf.trouble and not leaf.covers(name)


def weak(case: Case) -> str | None:
    """Return what of the chain is too weak for clients of today; a root's own hash is nothing."""
    found = (trust.weak(cert, sent_at(case)) for cert in case.chain)
    return next(filter(None, found), None)


def staple_missing(case: Case) -> bool:
    """Tell whether the leaf demands a stapled OCSP response that did not come (RFC 7633)."""
    leaf = leaf_of(case)
    asked = case.offer is not None and case.offer.has(ExtensionType.status_request)
    return bool(leaf and leaf.must_staple and asked and not case.said("certificate_status"))


def leaf_only(case: Case) -> bool:
    """Tell whether nothing but a leaf was sent, and it did not sign itself."""
    return len(case.chain) == 1 and not case.chain[0].self_signed and not case.chain[0].trouble


#: Words in the names of authorities that roots sign, and servers' certificates are signed by.
INTERMEDIATE = (
    *("intermediate", "issuing", "subordinate", "sub ca", "server ca", "secure server"),
    *("policy ca", "policy authority"),  # the middle tier of a private authority of three
    *(" tls ", " ssl ", "=tls ", "=ssl ", "validation"),
)


def is_intermediate(name: str) -> bool:
    """Tell whether an authority says by its name that it is not a root."""
    name = name.lower()
    return "root" not in name and any(word in name for word in INTERMEDIATE)


def points_beyond(case: Case) -> bool:
    """Tell whether a lone leaf's issuer is no root itself, by the leaf or by the client's store.

    The leaf says where its issuer's certificate is, or the issuer calls itself an intermediate, or
    the client trusts another authority of the issuer's organisation.
    """
    if not leaf_only(case):
        return False
    leaf = case.chain[0]
    if leaf.issuer_urls or leaf.revocation_urls or is_intermediate(leaf.issuer):
        return True
    return case.trust is not None and case.trust.kin


def broken_at(case: Case) -> tuple[Certificate, Certificate] | None:
    """Return the first two neighbours of which one did not issue the other (RFC 5246 7.4.2)."""
    for child, parent in zip(case.chain, case.chain[1:], strict=False):
        if child.issuer and parent.subject and child.issuer != parent.subject:
            return child, parent
    return None


def misissued(case: Case) -> tuple[Certificate, str] | None:
    """Return a certificate of the chain that did not issue what it seems to, and why not."""
    return trust.misissued(case.chain)


def flawed(case: Case) -> bool:
    """Tell whether a fault is in plain sight that has nothing to do with trust."""
    faults = (expired(case), early(case), weak(case), misissued(case))
    return any(faults) or misnamed(case) or staple_missing(case)


def top_of(case: Case) -> Certificate | None:
    """Return the last certificate to which the leaf's issuers lead, without strangers behind."""
    top = leaf_of(case)
    for child, parent in zip(case.chain, case.chain[1:], strict=False):
        if child.issuer != parent.subject:
            break
        top = parent
    return top


def leaf_of(case: Case) -> Certificate | None:
    """Return the server's own certificate."""
    return case.chain[0] if case.chain else None
