"""Errors as programs print them: lines by hand, and the ids that the tables name."""

from __future__ import annotations

import re

import pytest

from tlswire.causes import CAUSES
from tlswire.explain import explain
from tlswire.explain.phrases import FAMILIES


def test_every_phrase_compiles_and_names_causes_that_have_a_page() -> None:
    known = {cause.ID for cause in CAUSES}
    for phrases in FAMILIES.values():
        for phrase in phrases:
            re.compile(phrase.pattern)
            assert set(phrase.causes) <= known, phrase


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("AH01996: SSL handshake failed: HTTP spoken on HTTPS port", "http-to-tls-port"),
        ("peer closed connection in SSL handshake", "server-abrupt-eof"),
        ("Too many SSL connections", "lb-limits"),
        ("PKIX path building failed", "cert-untrusted-root"),
        ("Schannel event 36885", "mtls-ca-list-truncated"),
        ("tls: first record does not look like a TLS handshake", "tls-to-http-port"),
        ("curl: (60) SSL certificate problem", "cert-untrusted-root"),
        ("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "cipher-no-overlap"),
        ("session end reason: policy-deny", "app-id-policy-drop"),
    ],
)
def test_a_line_is_known(line: str, cause: str) -> None:
    assert cause in {each for e in explain(line) for each in e.causes}
