"""Whom a survey trusts: chains made by trustme, shown by a real server, judged by given roots."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner
from peers import NAME, free_port, need, running

from tlswire.cli import main
from tlswire.flow import Endpoint
from tlswire.sources import roots
from tlswire.survey import Wanted, survey
from tlswire.survey.grades import mark
from tlswire.surveyed import Survey

PARTS = frozenset(("suites", "certificates"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def look(
    folder: Path,
    authority: trustme.CA,
    store: trustme.CA | None,
    *,
    names: tuple[str, ...] = (NAME,),
    whole: bool = True,
    ask: str | None = NAME,
) -> Survey:
    """Survey a server that shows a certificate of the authority, as one who trusts the store."""
    issued = authority.issue_cert(*names)
    key, chain = folder / "key.pem", folder / "chain.pem"
    issued.private_key_pem.write_to_path(key)
    blobs = issued.cert_chain_pems if whole else issued.cert_chain_pems[:1]
    chain.write_bytes(b"".join(blob.bytes() for blob in blobs))
    (store or trustme.CA()).cert_pem.write_to_path(folder / "roots.pem")
    at = Endpoint("127.0.0.1", free_port())
    begin = [need("openssl"), "s_server", "-accept", str(at), "-www", "-quiet", "-tls1_3"]
    command = [*begin, "-cert", str(chain), "-cert_chain", str(chain), "-key", str(key)]
    with running(command, at.port):
        bundle = roots.of_file(folder / "roots.pem")
        wanted = Wanted(parts=PARTS, name=ask, no_name=ask is None, roots=bundle)
        return survey(str(at), wanted)


def test_a_chain_to_a_root_that_is_trusted(tmp_path: Path, authority: trustme.CA) -> None:
    found = look(tmp_path, authority, authority)
    assert (found.grade, found.grade_if_trusted) == ("A+", None)
    assert found.trust == f"trusted by {tmp_path / 'roots.pem'}"
    assert [c.trusted for c in found.certificates or ()] == [True]


def test_a_chain_to_an_unknown_root(tmp_path: Path, authority: trustme.CA) -> None:
    found = look(tmp_path, authority, None)
    assert (found.grade, found.grade_if_trusted) == ("T", "A+")
    assert found.trust is not None
    assert found.trust.startswith("not trusted by")
    (shown,) = found.certificates or ()
    assert (shown.trusted, shown.fault_cause) in (
        (False, "cert-untrusted-root"),
        (False, "cert-missing-intermediate"),
    )
    assert "cert-untrusted" in {weakness.id for weakness in found.warnings}
    pci = next(p for p in found.policies if p.policy == "pci-dss-4")
    assert "no trusted certificate" in {j.name for j in pci.judged if j.level == "forbidden"}


def test_an_intermediate_that_is_not_sent(tmp_path: Path, authority: trustme.CA) -> None:
    child = authority.create_child_ca()
    assert look(tmp_path, child, authority).grade == "A+"
    found = look(tmp_path, child, authority, whole=False)
    assert found.grade == "T"
    assert [c.fault_cause for c in found.certificates or ()] == ["cert-missing-intermediate"]


def test_a_certificate_for_another_name(tmp_path: Path, authority: trustme.CA) -> None:
    found = look(tmp_path, authority, authority, names=("other.example",))
    assert (found.grade, found.grade_if_trusted) == ("M", "A+")
    assert "cert-untrusted" not in {weakness.id for weakness in found.warnings}


def test_no_name_asked_no_name_minded(tmp_path: Path, authority: trustme.CA) -> None:
    found = look(tmp_path, authority, authority, names=("other.example",), ask=None)
    assert found.grade == "A+"


def test_trust_that_was_not_judged_is_said(tmp_path: Path) -> None:
    assert mark((), (), asked=False).trust.startswith("not judged: certificates were not asked")
    assert mark((), (), asked=True).trust.startswith("not judged: the server shows no")
    at = Endpoint("127.0.0.1", free_port())
    key = tmp_path / "both.pem"
    issued = trustme.CA().issue_cert(NAME)
    issued.private_key_and_cert_chain_pem.write_to_path(key)
    command = [need("openssl"), "s_server", "-accept", str(at), "-www", "-quiet", "-cert", str(key)]
    with running(command, at.port):
        told = CliRunner().invoke(main, ["survey", str(at), "--only", "suites"])
        wrong = CliRunner().invoke(main, ["survey", str(at), "--ca", str(tmp_path / "none.pem")])
    assert "(trust not judged)" in told.output
    assert wrong.exit_code == 2
