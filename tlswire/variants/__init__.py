"""What may be changed in a captured hello, each change a list of in-place edits.

One function a variant; it returns (), or None, when there is nothing to change. Nothing here
sends, and nothing judges what a change proves.

    hello.py       a hello opened: its fields, and where each one stands
    edits.py       from the change of a field to every byte that it touches
    lists.py       suites, groups, signature schemes
    shares.py      key shares
    repair.py      what breaks a rule, put right
    extensions.py  name, version, protocols, tickets, padding
    sending.py     segments, records, headers before it, nothing at all
    shape.py       a hello taken apart, mixed with another, and put together again
    listings.py    the extensions that are lists, member by member
"""

from __future__ import annotations

from tlswire.variants.edits import BINDING, Edit, apply
from tlswire.variants.extensions import (
    added,
    alpn,
    elliptic_extensions,
    extended_master_secret,
    newer,
    older,
    padded,
    renegotiation_info,
    sni,
    ticketless,
    tls12,
    unlisted_versions,
    version,
    without,
)
from tlswire.variants.hello import Hello, open_hello
from tlswire.variants.lists import (
    essential,
    fallback,
    grease,
    groups,
    hybrids,
    required_by_tls13,
    schemes,
    schemes_for_tls13,
    suites,
    tls13,
    without_groups,
    without_suites,
)
from tlswire.variants.repair import in_a_record, once
from tlswire.variants.sending import (
    LEAST_MSS,
    PROXY_V1,
    PROXY_V2,
    SMALL_MSS,
    Sending,
    apart,
    behind,
    cleartext,
    edited,
    line,
    nothing,
    one_record,
    one_segment,
    records,
    records_at,
    recut,
    segments,
    small_segments,
)
from tlswire.variants.shares import lacking, listing_shares, other_shares, stray, with_shares

__all__ = [
    "BINDING",
    "LEAST_MSS",
    "PROXY_V1",
    "PROXY_V2",
    "SMALL_MSS",
    "Edit",
    "Hello",
    "Sending",
    "added",
    "alpn",
    "apart",
    "apply",
    "behind",
    "cleartext",
    "edited",
    "elliptic_extensions",
    "essential",
    "extended_master_secret",
    "fallback",
    "grease",
    "groups",
    "hybrids",
    "in_a_record",
    "lacking",
    "line",
    "listing_shares",
    "newer",
    "nothing",
    "older",
    "once",
    "one_record",
    "one_segment",
    "open_hello",
    "other_shares",
    "padded",
    "records",
    "records_at",
    "recut",
    "renegotiation_info",
    "required_by_tls13",
    "schemes",
    "schemes_for_tls13",
    "segments",
    "small_segments",
    "sni",
    "stray",
    "suites",
    "ticketless",
    "tls12",
    "tls13",
    "unlisted_versions",
    "version",
    "with_shares",
    "without",
    "without_groups",
    "without_suites",
]
