"""Chains judged as a client would: OpenSSL's own verification is the oracle."""

from __future__ import annotations

import re
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import peers
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st
from peers import NAME, folder

from tlswire import revealed, staple, trust
from tlswire.certificates import Certificate, read, read_chain
from tlswire.errors import SelectionError
from tlswire.sources import roots

NOW = time.time()
DAY = 86400.0


class Made:
    """A certificate with its key, issued by another or by itself."""

    def __init__(self, name: str, issuer: Made | None = None, **how: Any) -> None:
        self.key = how.get("key") or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signer, by = (issuer.key, issuer.name) if issuer else (self.key, self.name)
        now = datetime.now(UTC)
        days = how.get("days", (-10, 10))
        builder = (
            x509.CertificateBuilder(by, self.name, self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(how.get("ca", True), None), critical=True)
        )
        for extension in how.get("extensions", ()):
            builder = builder.add_extension(extension, critical=False)
        self.cert = builder.sign(signer, how.get("hash", hashes.SHA256()))
        self.der = self.cert.public_bytes(serialization.Encoding.DER)

    @property
    def facts(self) -> Certificate:
        return read(self.der)


def leaf(issuer: Made, name: str = NAME, **how: Any) -> Made:
    named = x509.SubjectAlternativeName([x509.DNSName(name)])
    extensions = [named, *how.pop("extensions", ())]
    return Made(name, issuer, ca=False, extensions=extensions, **how)


@cache
def root() -> Made:
    return Made("Root")


@cache
def middle() -> Made:
    return Made("Intermediate", root())


def judge(*chain: Made, host: str = NAME, then: float = NOW) -> trust.Judged:
    trusted = trust.Roots("the test", [root().der])
    return trust.judge([made.facts for made in chain], trusted, host, then, NOW)


def openssl_agrees(chain: tuple[Made, ...], *options: str) -> bool:
    """Ask OpenSSL whether a client that trusts the root takes the chain."""
    home = folder("verify")
    pem = serialization.Encoding.PEM
    (home / "root.pem").write_bytes(root().cert.public_bytes(pem))
    (home / "leaf.pem").write_bytes(chain[0].cert.public_bytes(pem))
    (home / "rest.pem").write_bytes(b"".join(m.cert.public_bytes(pem) for m in chain[1:]))
    command = [peers.need("openssl"), "verify", "-CAfile", str(home / "root.pem")]
    command += ["-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-verify_hostname", NAME]
    if len(chain) > 1:
        command += ["-untrusted", str(home / "rest.pem")]
    return subprocess.run([*command, *options, str(home / "leaf.pem")], check=False).returncode == 0


SERVER = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
CLIENT = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH])
CASES: dict[str, tuple[tuple[Made, ...], str | None]] = {
    "whole": ((leaf(middle()), middle()), None),
    "with its root": ((leaf(middle()), middle(), root()), None),
    "by the root": ((leaf(root()),), None),
    "no intermediate": ((leaf(middle()),), "cert-missing-intermediate"),
    "another root": ((leaf(Made("Other")),), "cert-missing-intermediate"),
    "expired": ((leaf(middle(), days=(-20, -1)), middle()), "cert-expired"),
    "early": ((leaf(middle(), days=(1, 20)), middle()), "clock-skew"),
    "other name": ((leaf(middle(), "other.example"), middle()), "cert-name-mismatch"),
    "for clients": ((leaf(middle(), extensions=[CLIENT]), middle()), "cert-key-usage"),
    "for servers": ((leaf(middle(), extensions=[SERVER]), middle()), None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_is_that_of_openssl(name: str) -> None:
    chain, cause = CASES[name]
    judged = judge(*chain)
    assert [fault.cause for fault in judged.faults] == ([cause] if cause else [])
    assert openssl_agrees(chain) == (cause is None)


def test_a_self_signed_certificate_is_called_so() -> None:
    alone = Made(NAME, extensions=[x509.SubjectAlternativeName([x509.DNSName(NAME)])])
    judged = judge(alone)
    assert [f.cause for f in judged.faults] == ["cert-untrusted-root"]
    assert not openssl_agrees((alone,))
    trusted = trust.judge([alone.facts], trust.Roots("it", [alone.der]), NAME, NOW, NOW)
    assert trusted.way.trusted
    assert trusted.faults == ()


def test_the_order_is_judged_and_the_way_found_all_the_same() -> None:
    upper = Made("Upper", root())
    lower = Made("Lower", upper)
    judged = judge(leaf(lower), upper, lower)
    assert judged.way.trusted
    assert [f.cause for f in judged.faults] == ["cert-wrong-intermediate-or-order"]


def test_a_stranger_in_the_chain_is_named() -> None:
    judged = judge(leaf(middle()), middle(), Made("Stranger"))
    assert judged.way.trusted
    (fault,) = judged.faults
    assert fault.cause == "cert-wrong-intermediate-or-order"
    assert "Stranger" in fault.text


def test_a_forged_signature_is_no_way() -> None:
    forger = Made("Root")  # the name of the root, and another key
    judged = judge(leaf(forger))
    assert not judged.way.trusted
    assert not openssl_agrees((leaf(forger),))


def test_two_certificates_that_sign_each_other_end() -> None:
    one, other = Made("A"), Made("B")
    judged = judge(Made("A", other), Made("B", one))
    assert not judged.way.trusted


def test_the_missing_issuer_is_named_with_where_it_is_offered() -> None:
    access = x509.AccessDescription(
        x509.oid.AuthorityInformationAccessOID.CA_ISSUERS,
        x509.UniformResourceIdentifier("http://ca.example/i.crt"),
    )
    told = leaf(middle(), extensions=[x509.AuthorityInformationAccess([access])])
    (fault,) = judge(told).faults
    assert "CN=Intermediate" in fault.text
    assert "http://ca.example/i.crt" in fault.text


@pytest.mark.parametrize(
    ("days", "then", "when"),
    [
        ((-20, -1), NOW - 10 * DAY, "now"),
        ((-20, -1), NOW - 0.1 * DAY, "always"),
        ((-5, 20), NOW - 10 * DAY, "then"),
    ],
)
def test_times_are_judged_then_and_now(days: tuple[int, int], then: float, when: str) -> None:
    base = Made("Old root", days=(-900, 900))
    chain = [leaf(base, days=days).facts]
    judged = trust.judge(chain, trust.Roots("it", [base.der]), NAME, then, NOW)
    assert [fault.when for fault in judged.faults] == [when]


def test_weak_keys_and_signatures_are_named() -> None:
    small = rsa.generate_private_key(65537, 1024)
    assert [f.cause for f in judge(leaf(root(), key=small)).faults] == ["cert-weak"]
    assert trust.weak(read(leaf(root()).der), NOW) is None


# -- roots -------------------------------------------------------------------------------


def test_roots_come_from_pem_and_der(tmp_path: Path) -> None:
    pem, der = tmp_path / "roots.pem", tmp_path / "root.der"
    both = [made.cert.public_bytes(serialization.Encoding.PEM) for made in (root(), middle())]
    pem.write_bytes(b"# a comment\n" + b"\n".join(both))
    der.write_bytes(root().der)
    assert roots.of_file(pem).ders == (root().der, middle().der)
    assert roots.of_file(der).ders == (root().der,)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(SelectionError, match="no certificate"):
        roots.of_file(empty)


def test_this_system_trusts_somebody() -> None:
    assert len(roots.of_system().ders) > 10


# -- staples -----------------------------------------------------------------------------


def response(status: Any, days: tuple[int, int] = (-1, 1), signer: Made | None = None) -> bytes:
    now, subject = datetime.now(UTC), stapled()
    by = signer or root()
    revoked = now if status == ocsp.OCSPCertStatus.REVOKED else None
    return (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=subject.cert,
            issuer=root().cert,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=now + timedelta(days=days[0]),
            next_update=now + timedelta(days=days[1]),
            revocation_time=revoked,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, by.cert)
        .sign(by.key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


@cache
def stapled() -> Made:
    return leaf(root())


CHAIN = (stapled().facts, root().facts)
GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED


def test_staples_are_read() -> None:
    good = staple.read(response(GOOD), CHAIN)
    assert (good.status, good.signed, good.holds(NOW)) == ("good", True, True)
    late = staple.read(response(GOOD, (-3, -1)), CHAIN)
    assert (late.status, late.holds(NOW)) == ("good", False)
    assert staple.read(response(REVOKED), CHAIN).status == "revoked"
    forged = staple.read(response(GOOD, signer=Made("Root")), CHAIN)
    assert (forged.signed, forged.holds(NOW)) == (False, False)
    other = staple.read(response(GOOD), (leaf(root()).facts, root().facts))
    assert not other.fits


@given(st.binary(max_size=60))
def test_a_hostile_staple_is_not_readable(data: bytes) -> None:
    assert staple.read(data, CHAIN).status != "good"


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_staple_with_noise_never_breaks(place: int, value: int) -> None:
    noisy = bytearray(response(GOOD))
    noisy[place % len(noisy)] = value
    staple.read(bytes(noisy), CHAIN)


def test_a_hostile_chain_is_judged() -> None:
    judged = trust.judge(read_chain((b"", b"\x30\x03abc")), trust.Roots("it", []), NAME, NOW, NOW)
    assert not judged.way.trusted


def test_every_fault_names_a_cause_of_the_catalogue() -> None:
    from tlswire.causes import CAUSES

    known = {cause.ID for cause in CAUSES}
    written = "".join(Path(module.__file__ or "").read_text() for module in (trust, revealed))
    named = set(re.findall(r'"((?:cert|clock|ocsp)-[a-z-]+)"', written))
    assert len(named) >= 9
    assert named <= known


# -- what has the issuer's name and did not issue -------------------------------------------------


def limited(*trees: str, excluded: bool = False) -> Made:
    """Return an intermediate that may issue for some names alone (RFC 5280 section 4.2.1.10)."""
    names = [x509.DNSName(tree) for tree in trees]
    limits = x509.NameConstraints(None, names) if excluded else x509.NameConstraints(names, None)
    return Made("Limited", root(), extensions=(limits,))


def of_another_key() -> tuple[Made, ...]:
    """A leaf of an intermediate, sent with an older one of the same name."""
    return leaf(Made("Renewed", root())), Made("Renewed", root())


def of_no_authority() -> tuple[Made, ...]:
    helper = Made("Helper", root(), ca=False)
    return leaf(helper), helper


def of_limits(*trees: str, excluded: bool = False) -> tuple[Made, ...]:
    own = limited(*trees, excluded=excluded)
    return leaf(own), own


HOUSE = NAME.partition(".")[2]


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        (of_another_key(), "the key of this Renewed did not sign"),
        (of_no_authority(), "Helper is not the certificate of an authority"),
        (of_limits("elsewhere.test"), f"Limited may not issue for {NAME}"),
        (of_limits(HOUSE, excluded=True), f"Limited may not issue for {NAME}"),
    ],
)
def test_what_has_the_issuers_name_and_did_not_issue(chain: tuple[Made, ...], told: str) -> None:
    assert not openssl_agrees(chain)
    found = judge(*chain)
    assert told in (found.wrong or "") + " ".join(fault.text for fault in found.faults)
    assert "cert-missing-intermediate" not in [fault.cause for fault in found.faults]
    assert trust.misissued([made.facts for made in chain]) is not None


@pytest.mark.parametrize(
    "chain",
    [
        of_limits(HOUSE),
        of_limits(NAME),
        of_limits("elsewhere.test", excluded=True),
        (leaf(middle()), middle()),
        (leaf(middle()), middle(), root()),
    ],
)
def test_a_chain_that_holds_is_not_misissued(chain: tuple[Made, ...]) -> None:
    assert openssl_agrees(chain)
    assert trust.misissued([made.facts for made in chain]) is None


def test_another_of_the_same_name_does_no_harm() -> None:
    sent = leaf(middle()), Made("Intermediate", root()), middle()
    assert trust.misissued([made.facts for made in sent]) is None


@cache
def spelt_out() -> bytes:
    """Return a certificate of a key whose curve is not named; OpenSSL makes it."""
    home, openssl = folder("explicit"), peers.need("openssl")
    make = "ecparam -name prime256v1 -genkey -noout -param_enc explicit -out"
    subprocess.run([openssl, *make.split(), str(home / "key.pem")], check=True, capture_output=True)
    sign = "req -x509 -subj /CN=a.test -days 9 -outform DER -key"
    command = [openssl, *sign.split(), str(home / "key.pem")]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_key_whose_curve_is_spelt_out() -> None:
    """RFC 5480 section 2.1.1 forbids it in certificates."""
    der = spelt_out()
    assert (read(der).key, read(der).curve) == ("EC", "explicit")
    assert leaf(root()).facts.curve == "secp256r1"
