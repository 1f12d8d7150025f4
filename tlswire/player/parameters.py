"""The server's parameters of a key exchange up to TLS 1.2: a share of our own, signed by us.

The group is the captured server's where the client offers it. RFC 5246 section 7.4.3 for DHE,
RFC 8422 section 5.4 for ECDHE. Frames nothing and sends nothing.
"""

from __future__ import annotations

from tlswire.codes import ECCurveType, Group, Version
from tlswire.language import say
from tlswire.player import offered, shares, signatures
from tlswire.player.credentials import Credentials
from tlswire.player.part import Part
from tlswire.player.server_secrets import ServerSecrets
from tlswire.player.shares import Finite
from tlswire.player.stop import Stop
from tlswire.transcript import Entry


def signed(
    part: Part,
    secrets: ServerSecrets,
    credentials: Credentials,
    hello: Entry,
    kind: str,
    notes: list[str],
) -> bytes:
    """Return the body of a ServerKeyExchange; its share goes into `secrets`.

    `kind` is "DHE" or "ECDHE". Raises Stop where the share cannot be made here.
    """
    params = _finite(part, secrets) if kind == "DHE" else _elliptic(part, secrets, hello, notes)
    agreed = secrets.agreed
    assert agreed is not None
    content = agreed.client_random + agreed.server_random + params
    if agreed.version < Version.tls_1_2:
        signature = signatures.sign_10(credentials.key, content)
        return params + len(signature).to_bytes(2, "big") + signature
    return params + offered.sign(credentials, hello, content, tls13=False)


def _elliptic(part: Part, secrets: ServerSecrets, hello: Entry, notes: list[str]) -> bytes:
    named = part.params.get("parameters", {}).get("named_curve")
    group = offered.group_for(hello, named, notes) or Group.x25519
    secrets.own = shares.make(group)
    if secrets.own is None:
        raise Stop(say("a share of the captured server's curve cannot be made here"))
    public = secrets.own.public
    head = bytes((ECCurveType.named_curve,)) + group.to_bytes(2, "big")
    return head + bytes((len(public),)) + public


def _finite(part: Part, secrets: ServerSecrets) -> bytes:
    params = part.params
    if "dh_p" not in params:
        raise Stop(say("the captured server's Diffie-Hellman parameters were not seen"))
    modulus, generator = params["dh_p"], params["dh_g"]
    own = Finite(int.from_bytes(modulus, "big"), int.from_bytes(generator, "big"))
    secrets.own = own
    return b"".join(len(v).to_bytes(2, "big") + v for v in (modulus, generator, own.public))
