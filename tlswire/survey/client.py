"""A captured client as the shape of questions: its name, its protocols, its extensions in order."""

from __future__ import annotations

from typing import Final

from tlswire.codes import ExtensionType, is_grease
from tlswire.seen import Seen
from tlswire.survey.question import Shape

_E = ExtensionType
#: What belongs to one connection only, or to an offer that is not the client's own here.
NOT_KEPT: Final = frozenset(
    (_E.pre_shared_key, _E.early_data, _E.cookie, _E.padding, _E.encrypted_client_hello)
)


def shape_of(client: Seen) -> Shape:
    """Return the shape of a client's hello; the usual one where it has no extensions."""
    hello, offer = client.transcript.client_hello, client.offer
    if hello is None or offer is None:
        return Shape()
    kept = tuple(
        (extension["type"], bytes(extension["raw"]))
        for extension in hello.fields.get("extensions", ())
        if extension["type"] not in NOT_KEPT and not is_grease(extension["type"])
    )
    shape = Shape(name=offer.server_name, alpn=offer.alpn or ())
    return shape._replace(extensions=kept) if kept else shape
