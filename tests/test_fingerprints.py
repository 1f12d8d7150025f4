"""JA3, JA3S and JA4 against published values and the oracle of the corpus."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from handshakes import both, feed, nothing, shake, suites, tls12
from test_corpus import ORACLES, capture_of, hellos, streams

from tlswire.decode import scan
from tlswire.fingerprints import ja3, ja3s, ja4


def test_ja4_of_a_real_hello_has_the_published_shape() -> None:
    hello = feed(shake(nothing, both(tls12, suites("AES128-SHA256")))).client_hello
    assert hello is not None
    head, suites_hash, tail = (ja4(hello) or "").split("_")
    assert head.startswith("t12d02")
    # JA4: the suites offered, sorted, in hex; twelve digits of their SHA-256
    assert suites_hash == sha256(b"003c,00ff").hexdigest()[:12]
    assert len(tail) == 12


def test_ja3_and_ja3s_equal_the_oracle(shared: Path) -> None:
    compared = 0
    for path in ORACLES[::3]:
        oracle = json.loads(path.read_text())
        ours = {s.flow.number: s for s in scan(capture_of(path)).seen}
        for stream in streams(oracle):
            seen = ours.get(stream["stream"])
            if seen is None or len(hellos(seen)) != len(stream["client_hellos"]):
                continue
            for mine, other in zip(hellos(seen), stream["client_hellos"], strict=True):
                same = mine.fields.get("random", b"").hex() == other["random"]
                if other.get("ja3") and mine.kind == "client_hello" and same and not mine.troubles:
                    assert ja3(mine) == other["ja3"], path
                    compared += 1
            answer = seen.transcript.server_hello
            theirs = [h.get("ja3s") for h in stream["server_hellos"] if not h.get("hrr")]
            if answer is not None and len(theirs) == 1 and theirs[0]:
                assert ja3s(answer) == theirs[0], path
                compared += 1
    assert compared > 100


#: Values that FoxIO publishes with its captures, of Firefox and of Chrome.
PUBLISHED = {
    "pcap__tls12.pcap": "t13d1715h2_5b57614c22b0_3d5424432f57",
    "pcap__browsers-x509.pcapng": "t13d1516h2_8daaf6152771_e5627efa2ab1",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_ja4_equals_the_published_value(shared: Path, name: str) -> None:
    found = scan(shared / "corpus" / "FoxIO-LLC+ja4" / name)
    told = {ja4(h) for s in found.seen if (h := s.transcript.client_hello) is not None}
    assert told == {PUBLISHED[name]}
