"""A client against a server: what is predicted must be what a real server does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from peers import NAME, openssl_server

from tlswire.cli.rehearse import command as rehearse_command
from tlswire.cli.replay import command as replay_command
from tlswire.cli.survey import command as survey_command
from tlswire.codes import Group, SignatureScheme, Version
from tlswire.decode import scan
from tlswire.errors import SelectionError
from tlswire.offer import Offer
from tlswire.survey import Wanted, survey
from tlswire.survey.meeting import meet
from tlswire.survey.rehearsal import rehearse
from tlswire.survey.sides import of_survey, read_side

CAPTURES = ROOT / "captures"
REFUSED = str(CAPTURES / "cipher-no-overlap.pcapng")
OLD = str(CAPTURES / "version-client-too-old.pcapng")


def offer(**changed: object) -> Offer:
    usual = Offer(
        legacy_version=Version.tls_1_2,
        versions=(Version.tls_1_3, Version.tls_1_2),
        suites=(0x1301, 0xC02F, 0x009C),
        groups=(Group.x25519, Group.secp256r1),
        key_shares=(Group.x25519,),
        signature_algorithms=(SignatureScheme.rsa_pss_rsae_sha256,),
        alpn=None,
        server_name=NAME,
        extensions=(),
        session_id=b"",
        grease=False,
        size=200,
    )
    return usual._replace(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "changed", "expected"),
    [
        ((), {}, ("TLS 1.3", "TLS_AES_128_GCM_SHA256")),
        (("-tls1_2",), {}, ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
        (("-tls1_2", "-cipher", "AES128-SHA"), {}, "no suite in common"),
        (("-tls1_2", "-cipher", "ECDHE", "-groups", "P-384"), {}, "no group in common"),
        (
            ("-tls1_2", "-cipher", "ECDHE"),
            {"signature_algorithms": (SignatureScheme.ecdsa_sha1,)},
            "no signature algorithm in common",
        ),
        (("-tls1_3",), {"versions": (Version.tls_1_1,)}, "no version in common"),
    ],
)
def test_what_is_predicted(
    options: tuple[str, ...], changed: dict[str, object], expected: tuple[str, str] | str
) -> None:
    with openssl_server(*options) as at:
        found = survey(
            str(at), Wanted(name=NAME, parts=frozenset({"suites", "groups", "signatures"}))
        )
    met = meet(offer(**changed), of_survey(found))
    if isinstance(expected, tuple):
        assert met.would_pass
        assert (met.version, met.suite) == expected
        assert met.group == "x25519"
        assert met.additions == ()
    else:
        assert not met.would_pass
        assert expected in met.summary
        assert {each.who for each in met.additions} == {"client", "server"}


def test_additions_are_ranked_by_the_policies() -> None:
    side = read_side("AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA:AES256-SHA")
    met = meet(offer(versions=(Version.tls_1_2,), suites=(0x0005,)), side)
    client = [each.name for each in met.additions if each.who == "client"]
    assert client[0] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert client.index("TLS_RSA_WITH_AES_128_CBC_SHA") > 0
    assert met.additions[0].levels["anssi"] == "recommended"


@pytest.mark.parametrize("words", ["no such:::policy!!", "missing.json", "/nowhere/x"])
def test_what_is_no_side_is_refused(words: str) -> None:
    with pytest.raises(SelectionError):
        read_side(words)


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    for text in ("", "{", '{"surveys": 3}', '{"capture": null}'):
        path.write_text(text)
        with pytest.raises(SelectionError):
            read_side(str(path))


# -- from, save, against -----------------------------------------------------------------


def test_a_saved_survey_predicts_what_the_server_does(tmp_path: Path) -> None:
    saved = tmp_path / "server.json"
    with openssl_server("-tls1_2", "-cipher", "ECDHE+AESGCM", "-serverpref") as at:
        target = str(at)
        words = [target, "--from", REFUSED, "--only", "suites,groups", "--save", str(saved)]
        surveyed = CliRunner().invoke(survey_command, [*words, "--json"], standalone_mode=False)
        replayed = CliRunner().invoke(
            replay_command, [REFUSED, "--target", target, "--no-experiments"], standalone_mode=False
        )
    predicted = CliRunner().invoke(
        replay_command, [REFUSED, "--against", str(saved), "--json"], standalone_mode=False
    )
    assert (surveyed.return_value, replayed.return_value, predicted.return_value) == (0, 1, 1)
    document = json.loads(predicted.stdout)
    (met,) = document["meetings"]
    assert met == json.loads(surveyed.stdout)["surveys"][0]["meetings"][0]
    assert not met["would_pass"]
    assert "no suite in common" in met["summary"]


def test_the_captured_clients_name_is_asked_for() -> None:
    with openssl_server() as at:
        words = [str(at), "--from", REFUSED, "--only", "suites", "--json"]
        done = CliRunner().invoke(survey_command, words, standalone_mode=False)
    assert json.loads(done.stdout)["surveys"][0]["server_name"] == "partner.example.com"


# -- rehearsals --------------------------------------------------------------------------


def test_a_stricter_policy_locks_old_clients_out() -> None:
    names = ["ok-curl", "ok-java", "cipher-no-overlap", "version-client-too-old"]
    captures = [(name, scan(str(CAPTURES / f"{name}.pcapng")).seen) for name in names]
    done = rehearse(captures, read_side("mozilla-modern"))
    out = {c: g.why for g in done.groups if not g.would_pass for c in g.connections}
    assert set(out) >= {"cipher-no-overlap#0", "version-client-too-old#0"}
    assert out["version-client-too-old#0"] == "no version in common"
    assert done.locked_out == sum(g.count for g in done.groups if not g.would_pass)
    passing = {c for g in done.groups if g.would_pass for c in g.connections}
    assert "ok-curl#0" in passing


def test_the_command_says_who_and_why() -> None:
    done = CliRunner().invoke(
        rehearse_command, [REFUSED, OLD, "--policy", "mozilla-intermediate"], standalone_mode=False
    )
    assert done.return_value == 1
    assert "2 would be locked out" in done.stdout
    assert "no version in common" in done.stdout
    assert "partner.example.com" in done.stdout
    assert "t10d" in done.stdout  # its JA4


def test_a_generous_policy_locks_nobody_out() -> None:
    words = [str(CAPTURES / "ok-curl.pcapng"), "--policy", "ALL", "--json"]
    done = CliRunner().invoke(rehearse_command, words, standalone_mode=False)
    assert done.return_value == 0
    assert json.loads(done.stdout)["rehearsal"]["locked_out"] == 0
