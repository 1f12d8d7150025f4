"""A client's store judges captured chains; OpenSSL's verifier is the oracle."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tlswire import certificates, cli, issuers
from tlswire.certificates import read_chain
from tlswire.trust import Judged, Roots
from tlswire.trust import judge as judge_chain

NOW = time.mktime((2026, 6, 1, 0, 0, 0, 0, 0, 0))
YEAR = datetime.timedelta(days=365)
BEGIN = datetime.datetime(2026, 1, 1)


class Authority(NamedTuple):
    key: Any
    certificate: x509.Certificate


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(
    subject: str, by: Authority | None, *, ca: bool, hosts: tuple[str, ...] = (), end: Any = YEAR
) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = name(subject) if by is None else by.certificate.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + end)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return Authority(key, builder.sign(by.key if by else key, hashes.SHA256()))


def der(authority: Authority) -> bytes:
    return authority.certificate.public_bytes(serialization.Encoding.DER)


def pem(*authorities: Authority) -> bytes:
    return b"".join(a.certificate.public_bytes(serialization.Encoding.PEM) for a in authorities)


ROOT = issue("root", None, ca=True)
NAMESAKE = issue("root", None, ca=True)
MIDDLE = issue("middle", ROOT, ca=True)
LEAF = issue("leaf", MIDDLE, ca=False, hosts=("www.example.com",))
SHORT = issue("short", MIDDLE, ca=False, hosts=("www.example.com",), end=YEAR / 12)
BY_LEAF = issue("below", LEAF, ca=False, hosts=("www.example.com",))
ALONE = issue("alone", None, ca=False, hosts=("www.example.com",))

CASES: dict[str, tuple[tuple[Authority, ...], tuple[Authority, ...], str | None]] = {
    # what the store holds, what was sent, a word of what is wrong
    "whole": ((ROOT,), (LEAF, MIDDLE), None),
    "with its root": ((ROOT,), (LEAF, MIDDLE, ROOT), None),
    "out of order": ((ROOT,), (LEAF, ROOT, MIDDLE), None),
    "the store has the intermediate": ((ROOT, MIDDLE), (LEAF,), None),
    "intermediate missing": ((ROOT,), (LEAF,), "its issuer CN=middle is neither sent nor"),
    "another root": ((ALONE,), (LEAF, MIDDLE), "it leads to CN=root, which is not"),
    "root sent, not known": (
        (ALONE,),
        (LEAF, MIDDLE, ROOT),
        "it leads to CN=root, which is not",
    ),
    "a namesake": ((NAMESAKE,), (LEAF, MIDDLE), "it leads to CN=root, which is not"),
    "expired": ((ROOT,), (SHORT, MIDDLE), "short expired on 2026-01-31"),
    "issued by a leaf": (
        (ROOT,),
        (BY_LEAF, LEAF, MIDDLE),
        "leaf is not the certificate of an authority",
    ),
    "self-signed": ((ROOT,), (ALONE,), "the certificate is self-signed"),
    "self-signed and known": ((ALONE,), (ALONE,), None),
}


def judge(
    held: tuple[Authority, ...], sent: tuple[Authority, ...], host: str = "www.example.com"
) -> Judged:
    roots = Roots("store", [der(a) for a in held])
    return judge_chain(read_chain(tuple(der(a) for a in sent)), roots, host, NOW, NOW)


@pytest.mark.parametrize("case", CASES)
def test_a_chain_is_judged(case: str) -> None:
    held, sent, wrong = CASES[case]
    told = judge(held, sent)
    assert (told.wrong is None) == (wrong is None), told
    assert (wrong or "") in (told.wrong or "")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
@pytest.mark.parametrize("case", CASES)
def test_openssl_judges_alike(case: str, tmp_path: Path) -> None:
    held, sent, wrong = CASES[case]
    (tmp_path / "store").write_bytes(pem(*held))
    (tmp_path / "sent").write_bytes(pem(*sent[1:]) or pem(sent[0]))
    (tmp_path / "leaf").write_bytes(pem(sent[0]))
    words = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-attime", str(int(NOW))]
    words += ["-CAfile", str(tmp_path / "store"), "-untrusted", str(tmp_path / "sent")]
    words += ["-verify_hostname", "www.example.com", str(tmp_path / "leaf")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode == 0) == (wrong is None), done.stderr


def test_the_name_is_judged_last() -> None:
    told = judge((ROOT,), (LEAF, MIDDLE), host="other.example.com")
    assert told.way.trusted
    assert told.wrong == "it is good for www.example.com, not for other.example.com"


def test_hostile_certificates_are_not_believed() -> None:
    told = judge_chain(read_chain((b"\x30\x80junk",) * 99), Roots("s", [der(ROOT)]), None, NOW, NOW)
    assert told.wrong is not None


def decode(*args: str) -> dict[str, Any]:
    told = CliRunner().invoke(cli.main, ["decode", "--json", *args])
    (found,) = json.loads(told.stdout_bytes)["connections"]
    return dict(found)


def test_the_option_proves_or_rules_out(captures: Path, tmp_path: Path) -> None:
    capture = str(captures / "cert-untrusted-root.pcapng")
    assert decode(capture)["trust"] is None
    (tmp_path / "other.pem").write_bytes(pem(ROOT))
    found = decode(capture, "--ca", str(tmp_path / "other.pem"))
    assert not found["trust"]["trusted"]
    first = found["verdict"]["causes"][0]
    assert (first["id"], first["confidence"]) == ("cert-untrusted-root", "proved")
    text = CliRunner().invoke(cli.main, ["decode", capture, "--ca", str(tmp_path / "other.pem")])
    assert "Chain      not trusted by " in text.output
    wrong = CliRunner().invoke(cli.main, ["decode", capture, "--ca", str(tmp_path / "none")])
    assert wrong.exit_code == 2


def test_a_chain_in_which_all_sign_all_is_judged_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, same = ec.generate_private_key(ec.SECP256R1()), name("evil")
    ders = tuple(
        x509.CertificateBuilder()
        .subject_name(same)
        .issuer_name(same)
        .public_key(key.public_key())
        .serial_number(number + 1)
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + YEAR)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
        for number in range(16)
    )
    verified: list[int] = []
    signs = issuers.signs

    def counted(issuer: certificates.Certificate, cert: certificates.Certificate) -> bool | None:
        verified.append(1)
        return signs(issuer, cert)

    monkeypatch.setattr(issuers, "signs", counted)
    judged = judge_chain(read_chain(ders), Roots("nobody", ()), None, NOW, NOW)
    assert not judged.way.trusted
    assert len(verified) <= 16 * 16


def test_a_chain_that_leads_to_a_root_or_to_strangers_is_of_nobodys_kin() -> None:
    assert not judge((ROOT,), (LEAF, MIDDLE)).kin
    assert not judge((), (LEAF, MIDDLE)).kin
