"""Who issued a certificate, as far as two certificates tell: by name, by key, by what it may issue.

Nothing is trusted, and nothing raised: what cannot be read tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.certificates import Certificate, extension, load


def issuer_is_kin(cert: Certificate, names: Sequence[bytes]) -> bool:
    """Tell whether the issuer is not among these names (DER), but its organization is.

    So it is where a root is named whose intermediate issued the certificate.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        issuer = load(cert.der).issuer
        houses = issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        own, house = issuer.public_bytes(), x509.Name(houses).public_bytes()[2:]
    except Exception:
        return False
    return bool(house) and own not in names and any(house in name for name in names)


def issued(child: Certificate, parent: Certificate) -> bool:
    """Tell whether the parent's name is the child's issuer; no signature is verified."""
    return bool(child.issuer) and child.issuer == parent.subject


def signs(parent: Certificate, child: Certificate) -> bool | None:
    """Tell whether the parent's key made the child's signature; None when that cannot be told.

    A signature of zeros was taken out: a bundle has other names, which nobody signed.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        one, other = (load(c.der) for c in (child, parent))
        if not any(one.signature):
            return None
        one.verify_directly_issued_by(other)
    except InvalidSignature:
        return False
    except Exception:
        return None
    return True


def out_of_bounds(parent: Certificate, leaf: Certificate) -> str | None:
    """Return a name of the leaf that the parent may not issue for (RFC 5280 section 4.2.1.10)."""
    from cryptography import x509

    try:
        limits = extension(load(parent.der), x509.NameConstraints)
    except Exception:
        return None
    if limits is None:
        return None
    allowed, denied = (
        [str(name.value) for name in trees or () if isinstance(name, x509.DNSName)]
        for trees in (limits.permitted_subtrees, limits.excluded_subtrees)
    )
    for name in leaf.dns_names:
        if any(_below(name, tree) for tree in denied):
            return name
        if allowed and not any(_below(name, tree) for tree in allowed):
            return name
    return None


def _below(name: str, tree: str) -> bool:
    own, root = name.lower().rstrip("."), tree.lower().strip(".")
    return not root or own == root or own.endswith("." + root)
