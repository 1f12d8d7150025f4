"""Why a handshake stopped: the catalogue of causes, one a file, whose docstring is its page.

A cause reads a `Case` and nothing else; it opens no file, asks no clock and sends nothing. Order
in the table decides between causes that fit equally well.
"""

from __future__ import annotations

from tlswire.causes import (
    alpn_no_overlap,
    cert_expired,
    cert_untrusted_root,
    cipher_no_overlap,
    http_to_tls_port,
    server_speaks_first,
    sni_unknown,
    tcp_syn_filtered,
    tcp_syn_rejected,
    tls_to_http_port,
    version_client_too_old,
    version_server_too_old,
)
from tlswire.causes.case import Case, CauseModule
from tlswire.causes.diagnosis import judge
from tlswire.errors import SelectionError
from tlswire.result import Verdict

#: Every cause, in the order of the handshake; a test keeps it equal to the folder.
CAUSES: tuple[CauseModule, ...] = (
    # TCP and the way
    tcp_syn_filtered,
    tcp_syn_rejected,
    # not TLS on one side
    http_to_tls_port,
    tls_to_http_port,
    server_speaks_first,
    # negotiation
    version_client_too_old,
    version_server_too_old,
    cipher_no_overlap,
    sni_unknown,
    alpn_no_overlap,
    # the server's certificate
    cert_expired,
    cert_untrusted_root,
)


def diagnose(case: Case) -> Verdict:
    """Say why a connection ended as it did, with evidence and remedies."""
    return judge(case, CAUSES)


def cause(cause_id: str) -> CauseModule:
    """Return the cause of that id. Raises SelectionError when there is none."""
    for known in CAUSES:
        if cause_id == known.ID:
            return known
    near = [known.ID for known in CAUSES if cause_id.lower() in known.ID]
    hint = f"; do you mean {', '.join(near[:5])}?" if cause_id and near else ""
    raise SelectionError(f"no cause is called {cause_id!r}{hint}")


def page(cause_id: str) -> str:
    """Return the page of a cause: its docstring, then its remedies by whom they are for."""
    known = cause(cause_id)
    remedies = [f"- {remedy.who.replace('_', ' ')}: {remedy.text}" for remedy in known.REMEDIES]
    text = (known.__doc__ or "").strip()
    return "\n".join([known.ID, "=" * len(known.ID), "", text, "", "Remedies:", *remedies]) + "\n"
