"""Binary curves: against OpenSSL's own arithmetic, and hostile points; peers in the matrix."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from peers import need

from tlswire import codes
from tlswire.player import binary, shares

NAMES = [codes.GROUPS[group] for group in binary.CURVES]


@pytest.mark.parametrize("group", binary.CURVES, ids=NAMES)
def test_a_secret_is_openssls(group: int, tmp_path: Path) -> None:
    """OpenSSL makes the peer's key and derives the same secret from our point."""
    own = shares.make(group)
    assert own is not None
    key, ours, out = tmp_path / "key", tmp_path / "ours", tmp_path / "out"
    curve = f"ec_paramgen_curve:{codes.GROUPS[group]}"
    openssl(key, "genpkey", "-algorithm", "EC", "-pkeyopt", curve)
    theirs = openssl(out, "pkey", "-in", str(key), "-pubout", "-outform", "DER")
    size = len(own.public)
    ours.write_bytes(theirs[:-size] + own.public)
    derive = ("-derive", "-inkey", str(key), "-peerkey", str(ours), "-peerform", "DER")
    assert own.secret(theirs[-size:]) == openssl(out, "pkeyutl", *derive)


def openssl(out: Path, *words: str) -> bytes:
    """Run openssl, and return what it writes to a file."""
    done = subprocess.run(
        [need("openssl"), *words, "-out", str(out)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"openssl has no such curve: {done.stderr.decode()[:100]}")
    return out.read_bytes()


@pytest.mark.parametrize("spoil", ["short", "long", "form", "off", "infinity"])
def test_what_is_no_point_is_no_share(spoil: str) -> None:
    own = shares.make(codes.Group.sect233k1)
    assert own is not None
    good = own.public
    bad = {
        "short": good[:-1],
        "long": good + b"\0",
        "form": b"\x02" + good[1:],
        "off": good[:-1] + bytes((good[-1] ^ 1,)),
        "infinity": b"\0",
    }[spoil]
    assert shares.agree(own, bad) is None
    assert shares.agree(own, good) is not None
