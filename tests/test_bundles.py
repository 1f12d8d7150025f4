"""Bundles: nobody is named in them, the verdict stays, and what was changed is found."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from tlswire import bundles, cli, decode, findings
from tlswire.anonymous import Pseudonyms, anonymise, der, texts
from tlswire.anonymous.names import PLAIN
from tlswire.errors import CaptureError
from tlswire.result import Connection
from tlswire.seen import explain
from tlswire.sources.capture import open_capture

CAPTURES = sorted((ROOT / "captures").glob("*.pcapng"))
KEY = bytes(32)


def made(path: Path) -> bytes:
    """Return the packets of the first connection of a capture, anonymous."""
    found, out = decode.scan(path), io.BytesIO()
    packets = open_capture(path).packets()
    anonymise(packets, found.seen, found.listed(all_tcp=True)[:1], out, Pseudonyms(KEY))
    return out.getvalue()


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_the_verdict_stays_and_nobody_is_named(path: Path) -> None:
    found = decode.scan(path)
    (seen,) = found.listed(all_tcp=True)[:1]
    before = findings.connection(next(explain([seen])))
    data = made(path)
    (after,) = bundles.read(data).connections
    assert bundles.alike(after) == bundles.alike(before)
    assert (after.ja3, after.ja4, after.version) == (before.ja3, before.ja4, before.version)
    names = [before.server_name, *(m.fields and _common_name(m.fields) for m in before.messages)]
    for name in filter(None, names):
        for label in name.split("."):
            if len(label) > 3 and label.encode() not in PLAIN:
                assert label.encode() not in data
    assert after.client.startswith(("192.0.2.", "[2001:db8:"))
    assert after.server.startswith(("198.51.100.", "[2001:db8:"))


def test_signatures_of_other_names_are_taken_out() -> None:
    from cryptography import x509

    (before,) = decode.decode(ROOT / "captures" / "cert-expired.pcapng").connections
    (after,) = bundles.read(made(ROOT / "captures" / "cert-expired.pcapng")).connections
    ders = [_certificates(seen) for seen in (before, after)]
    for old, new in zip(*ders, strict=True):
        one, other = x509.load_der_x509_certificate(old), x509.load_der_x509_certificate(new)
        assert any(one.signature)
        assert other.signature == bytes(len(one.signature))
        assert one.public_key() == other.public_key()


def _certificates(seen: Connection) -> list[bytes]:
    (message,) = (m for m in seen.messages if m.type == "certificate")
    assert message.fields is not None
    return [bytes.fromhex(each) for each in message.fields["certificate_list"]]


def _common_name(fields: dict[str, object]) -> str | None:
    from tlswire.certificates import read

    for each in fields.get("certificate_list") or ():  # type: ignore[attr-defined]
        der = each.get("cert_data") if isinstance(each, dict) else each
        return read(bytes.fromhex(str(der))).subject.removeprefix("CN=")
    return None


def test_tshark_finds_every_checksum_right(tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    out = tmp_path / "x.pcapng"
    out.write_bytes(b"".join(map(made, CAPTURES)))  # sections of one file
    wrong = "ip.checksum.status == 0 || tcp.checksum.status == 0 || icmp.checksum.status == 0"
    options = [w for name in ("ip", "tcp") for w in ("-o", f"{name}.check_checksum:TRUE")]
    read = ["tshark", "-r", str(out), *options]
    told = subprocess.run(
        [*read, "-Y", f"{wrong} || _ws.malformed"], capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == ""
    every = subprocess.run(read, capture_output=True, text=True, timeout=60, check=True)
    assert len(every.stdout.splitlines()) > 10 * len(CAPTURES) / 2


def test_what_follows_the_handshake_is_cut(captures: Path) -> None:
    path = captures / "ok-tls12-openssl.pcapng"
    (before,) = decode.decode(path).connections
    (after,) = bundles.read(made(path)).connections
    assert [m.type for m in after.messages] == [m.type for m in before.messages]
    whole = sum(p.length for p in open_capture(path))
    kept = open_capture(io.BytesIO(made(path)))
    assert sum(len(p.data) for p in kept) < whole


@given(st.text(max_size=40).map(str.encode))
def test_a_pseudonym_has_the_form_of_the_name(name: bytes) -> None:
    other = Pseudonyms(KEY).text(name)
    assert len(other) == len(name)
    assert Pseudonyms(KEY).text(name) == other
    for old, new in zip(name, other, strict=True):
        assert (old in b"0123456789") == (new in b"0123456789")
        assert (old in b".-_*@/: ") == (new in b".-_*@/: ")


def test_one_name_is_the_same_everywhere() -> None:
    names = Pseudonyms(KEY)
    whole = names.text(b"api.partner.example.com")
    assert names.text(b"*.partner.example.com") == b"*" + whole[3:]
    assert names.text(b"https://api.partner.example.com/").startswith(b"https://" + whole)
    assert names.text(b"10.1.200.3") != b"10.1.200.3"
    assert [len(p) for p in names.text(b"10.1.200.3").split(b".")] == [2, 1, 3, 1]


@pytest.mark.parametrize(
    ("told", "gone", "stays"),
    [
        (
            b"CONNECT a.corp.example:443 HTTP/1.1\r\nHost: a.corp.example:443\r\n"
            b"Proxy-Authorization: Basic c2VjcmV0OnNlY3JldA==\r\n\r\n",
            (b"corp.example", b"c2VjcmV0"),
            (b"CONNECT ", b" HTTP/1.1\r\nHost: ", b"Proxy-Authorization: xxx"),
        ),
        (
            b"GET /private?token=abc HTTP/1.1\r\nHost: h.example\r\nCookie: id=7\r\n\r\nbody",
            (b"private", b"abc", b"id=7"),
            (b"GET /", b" HTTP/1.1\r\n", b"Cookie: "),
        ),
        (
            b"220-mx1.hoster.example ESMTP Exim 4.93\r\nEHLO laptop-of-jane\r\n",
            (b"hoster", b"laptop"),
            (b"220-", b" ESMTP Exim 4.93\r\nEHLO "),
        ),
        (b"\x03\x00\x00\x2a&\xe0Cookie: mstshash=jdoe\r\n", (b"jdoe",), (b"mstshash=xxxx",)),
        (b"\x05\x02\x00\x02\x01\x04jane\x06secret\x05\x01", (b"jane", b"secret"), (b"\x05\x01",)),
        (b"\x04\x01\x01\xbb\x0a\x00\x00\x01jane\x00", (b"jane",), (b"\x04\x01\x01\xbb",)),
    ],
)
def test_cleartext_loses_who_and_keeps_what(
    told: bytes, gone: tuple[bytes, ...], stays: tuple[bytes, ...]
) -> None:
    masked = texts.mask(told, Pseudonyms(KEY))
    assert len(masked) == len(told)
    assert not any(word in masked for word in gone), masked
    assert all(word in masked for word in stays), masked


@given(st.binary(max_size=200))
def test_any_bytes_can_be_walked_as_der_and_masked_as_text(data: bytes) -> None:
    signed = der.signature(data)
    assert signed is None or 0 < signed[0] < sum(signed) <= len(data)
    for at, size, _ in der.texts(data):
        assert 0 <= at <= at + size <= len(data)
    assert len(texts.mask(data, Pseudonyms(KEY))) == len(data)


def test_corpus_verdicts_stay(shared: Path) -> None:
    """Captures from the wild; where a SYN carries data that is sent again, one may differ."""
    seen = changed = 0
    for path in sorted((shared / "corpus").glob("*/*.pcap*"))[::30]:
        if path.stat().st_size > 200_000 or path.suffix not in (".pcap", ".pcapng"):
            continue
        try:
            found = decode.scan(path)
        except CaptureError:
            continue
        for one in found.listed()[:2]:
            before, out = findings.connection(next(explain([one]))), io.BytesIO()
            anonymise(open_capture(path).packets(), found.seen, [one], out, Pseudonyms(KEY))
            (after,) = bundles.read(out.getvalue()).connections
            seen += 1
            changed += bundles.alike(before) != bundles.alike(after)
            if before.server_name and "." in before.server_name:
                assert before.server_name.encode() not in out.getvalue(), path
    if not seen:
        pytest.skip("no shared corpus")
    assert changed <= 1 + seen // 50


# -- the command -----------------------------------------------------------------------


def run(*args: str) -> tuple[int, str]:
    told = CliRunner().invoke(cli.main, list(args))
    return told.exit_code, told.output


@pytest.fixture
def bundle(tmp_path: Path, captures: Path) -> Path:
    path = tmp_path / "ticket.zip"
    code, told = run("bundle", str(captures / "cert-expired.pcapng"), "-o", str(path))
    assert code == 0, told
    assert "Not replaced:" in told
    return path


def test_a_bundle_holds_what_is_needed_and_verifies(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert set(files) == {
        *("capture.pcapng", "result.json", "report.html", "report.md"),
        *("manifest.json", "README.txt"),
    }
    for name, data in files.items():
        assert b"partner.example" not in data, name
        assert b"44630" not in data or name != "README.txt"
    told = json.loads(files["manifest.json"])
    assert told["command"] == "tlswire decode capture.pcapng"
    assert told["verdict_kept"] is True
    assert run("verify", str(bundle)) == (0, run("verify", str(bundle))[1])
    assert "the same again" in run("verify", str(bundle))[1]


def rewritten(bundle: Path, **changed: bytes) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files |= {name.replace("_", "."): data for name, data in changed.items()}
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return bundle


def test_what_was_changed_is_found(bundle: Path, captures: Path) -> None:
    other = (captures / "ok-curl.pcapng").read_bytes()
    code, told = run("verify", str(rewritten(bundle, capture_pcapng=other)))
    assert code == 1
    assert "BAD  capture.pcapng" in told
    assert "BAD  verdict" in told
    code, told = run("verify", str(rewritten(bundle, evil_sh=b"x")))
    assert "was not there when it was made" in told


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    code, told = run("verify", str(path))
    assert code == 2
    assert told.count("\n") == 1


def test_a_bomb_is_not_unpacked(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "LARGEST", 1000)
    code, told = run("verify", str(bundle))
    assert code == 2
    assert "too large" in told


def test_which_connection_must_be_clear(captures: Path) -> None:
    code, told = run("bundle", str(captures / "ok-curl.pcapng"))
    assert code == 2
    assert "say which connection with -c N" in told
