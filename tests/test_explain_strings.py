"""Errors as the world prints them: the strings of the shared list, and the forms they take in logs.

The oracle is the list's: for each string the causes that its sources name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT, SHARED

from tlswire.explain import find, tallies
from tlswire.explain.index import TITLES, index
from tlswire.explain.log_lines import READERS

LIST = SHARED / "causes.md"
#: Rows that are a note or an order, not a string with causes of its own.
NOTES = ("precedence", "by code")

listed = pytest.mark.skipif(not LIST.exists(), reason=f"no list at {LIST}")


@cache
def rows() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple(_rows()) if LIST.exists() else ()


def _rows() -> Iterator[tuple[str, frozenset[str]]]:
    text = LIST.read_text()
    ids = {int(n): name for n, name in re.findall(r"^\*\*(\d+)\. `([a-z0-9-]+)`", text, re.M)}
    part = text[text.index("## B. Log") : text.index("## C. Policies")]
    for line in part.splitlines():
        cells = [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line.strip("| "))]
        if not line.startswith("| ") or len(cells) < 3 or cells[0] == "string":
            continue
        if any(note in line for note in NOTES):
            continue
        numbers = re.findall(r"\d+", re.sub(r"\(.*?\)", "", cells[2]))
        causes = frozenset(ids[int(n)] for n in numbers if int(n) in ids)
        lead = cells[0].partition("`")[0].strip()
        for string in re.findall(r"`([^`]+)`", cells[0]) or [cells[0]]:
            whole = f"{lead} {string}".strip()
            yield whole if "`" in cells[0] and find(whole) else string, causes


def named(line: str) -> set[str]:
    return {cause for explanation in find(line) for cause in explanation.causes}


@listed
def test_the_list_is_read() -> None:
    assert len(rows()) > 200


@listed
def test_every_string_of_the_list_is_known() -> None:
    unknown = [line for line, _ in rows() if not find(line)]
    assert unknown == []


@listed
def test_a_log_with_every_string_of_the_list_passes_none_over() -> None:
    known = [line for line, _ in rows() if any(tuple(read(line)) for _, read in READERS)]
    passed_over = [line for line in known if not tallies.tally([line]).told]
    assert passed_over == []


@listed
def test_every_string_names_a_cause_of_its_row() -> None:
    wrong = [(line, causes) for line, causes in rows() if causes and not named(line) & causes]
    # a row of several strings has the causes of all, and an end without fault has none
    assert [line for line, _ in wrong if "TCP FINs" not in line] == []


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        # other programs around the same words, other releases, other numbers of lines
        ("ssl.SSLError: [SSL: NO_SHARED_CIPHER] no shared cipher (_ssl.c:1129)", "cipher-no"),
        (
            "140735:error:1417A0C1:SSL routines:tls_post_process_client_hello:x:s.c:2258",
            "cipher-no",
        ),
        ("write EPROTO 0:error:0A00010B:SSL routines:x:../deps/ssl3_record.c:332:", "tls-to-http"),
        (
            "curl: (35) error:0A000152:SSL routines::unsafe legacy renegotiation disabled",
            "legacy-r",
        ),
        ("curl: (60) SSL: no alternative certificate subject name matches target", "cert-name"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer (_ssl.c:997)", "cert-unt"),
        ("requests...: certificate verify failed: certificate has expired (_ssl.c:1)", "cert-exp"),
        ("Verify return code: 21 (unable to verify the first certificate)", "cert-missing"),
        ("verify error:num=19:self-signed certificate in certificate chain", "cert-untrusted"),
        ("TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED", "cert-"),
        (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet",
            "cert-e",
        ),
        ("remote error: tls: unknown certificate authority", "cert-untrusted-root"),
        ("remote error: tls: bad certificate", "mtls-cert-rejected"),
        (
            "http: TLS handshake error from 10.0.0.7:51234: tls: no cipher suite supported "
            "by both client and server",
            "cipher-no-overlap",
        ),
        ("http: TLS handshake error from 10.0.0.7:51234: EOF", "client-timeout"),
        (
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure",
            "cipher-no",
        ),
        ("sun.security.validator.ValidatorException: PKIX path building failed: x", "cert-untr"),
        ("*** Received alert [40]: Handshake failed", "cipher-no-overlap"),
        (
            "TLS client: In state hello received SERVER ALERT: Fatal - Handshake Failure",
            "cipher-no",
        ),
        ("received fatal alert: HandshakeFailure", "cipher-no-overlap"),
        (
            "A fatal alert was received from the remote endpoint. The TLS protocol "
            "defined fatal alert code is 70.",
            "version-client-too-old",
        ),
        ("* TLSv1.2 (IN), TLS alert, handshake failure (552):", "cipher-no-overlap"),
        ("SSL3 alert read:fatal:unknown CA", "cert-untrusted-root"),
        ("SSL alert number 112", "sni-unknown"),
        ("Error code: SSL_ERROR_UNKNOWN_CA_ALERT", "cert-untrusted-root"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "cert-untrusted-root"),
        (
            "System.Security.Authentication.AuthenticationException: The remote certificate is "
            "invalid because of errors in the certificate chain: PartialChain",
            "cert-missing-intermediate",
        ),
        ("SSPI handshake failed with error code 0x80090331", "cipher-no-overlap"),
        ("postfix/smtpd[88]: SSL_accept error from mx.example[192.0.2.1]: -1", "version-client"),
        ("%ASA-4-106023: Deny tcp src outside:192.0.2.1/5 dst inside:192.0.2.2/443", "tcp-syn-f"),
        ("dial tcp 192.0.2.1:443: connect: connection refused", "tcp-syn-rejected"),
        ("err=Error: read ECONNRESET at TLSWrap.onStreamRead", "server-abrupt-eof"),
    ],
)
def test_a_line_of_a_log_names_the_cause(line: str, cause: str) -> None:
    assert any(each.startswith(cause) for each in named(line)), named(line)


@pytest.mark.parametrize("number", [36870, 36874, 12175, 10054, 106023, 48013])
@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("{}", True),
        ("Event ID: {}", True),
        ("<EventID>{}</EventID>", True),
        ("GET /item/{} 200", False),
        ("client 192.0.2.7:{} took 0.{} s", False),
    ],
)
def test_the_number_of_an_event_stands_alone_or_is_called_one(
    number: int, line: str, known: bool
) -> None:
    assert bool(find(line.format(number, number))) == known


@pytest.mark.parametrize("prefix", ["0A0", "140", "1417"])
@pytest.mark.parametrize(("reason", "cause"), [("0C1", "cipher-no-overlap"), ("410", "groups-no")])
def test_the_function_in_a_code_does_not_matter(prefix: str, reason: str, cause: str) -> None:
    code = prefix + "0" * (5 - len(prefix)) + reason
    assert any(
        each.startswith(cause) for each in named(f"x: error:{code}:lib(20)::reason({reason})")
    )


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1 200",
        "Accepted publickey for root from 10.0.0.1 port 22",
        "",
        "worker started",
    ],
)
def test_other_lines_tell_nothing(line: str) -> None:
    assert find(line) == ()


def test_each_answer_has_side_stage_and_next() -> None:
    for line in ("error:0A0000C1:SSL routines::x", "SSL alert number 40", "ERR_CERT_DATE_INVALID"):
        labels = {part.label for part in find(line)[0].parts}
        assert {"side", "stage", "next"} <= labels, line


# -- a log ----------------------------------------------------------------------------------

LOG = """\
2026/11/27 10:00:01 [info] 12#12: *45 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL \
routines::no shared cipher) while SSL handshaking, client: 192.0.2.3, server: 0.0.0.0:443
2026/11/27 10:00:02 [notice] 12#12: signal process started
2026/11/27 10:00:02 [info] 12#12: *46 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL \
routines::no shared cipher) while SSL handshaking, client: 192.0.2.4, server: 0.0.0.0:443
2026/11/27 10:00:03 [info] 12#12: *47 peer closed connection in SSL handshake
"""


def test_a_log_is_counted() -> None:
    counted = tallies.tally(LOG.splitlines())
    assert (counted.lines, counted.understood) == (4, 3)
    assert [told.count for told in counted.told] == [2, 1]
    assert counted.told[0].first_line == 1
    assert "192.0.2.3" in counted.told[0].example
    assert "cipher-no-overlap" in counted.told[0].explanation.causes


def test_a_long_log_keeps_one_example_of_a_kind() -> None:
    lines = (f"{n}: error:0A0000C1:SSL routines::no shared cipher" for n in range(20_000))
    counted = tallies.tally(lines)
    assert [told.count for told in counted.told] == [20_000]


@pytest.mark.parametrize(("log", "code"), [(LOG, 0), ("nothing here\n", 2), ("", 2), ("\xff\0", 2)])
def test_a_log_on_standard_input(log: str, code: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tlswire", "explain"],
        input=log.encode("latin-1"),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == code
    assert b"Traceback" not in run.stderr
    assert (b"2 x  no shared cipher" in run.stdout) == (code == 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("peer", "closed", "connection", "in", "SSL", "handshake"), "nginx"),
        (("handshake", "failure"), "alert 40"),
        (("ECDHE", "40"), "key exchange"),
    ],
)
def test_words_without_quotes(words: tuple[str, ...], told: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tlswire", "explain", *words], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert told in run.stdout


def test_the_name_of_a_file_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.write_text(LOG)
    command = [sys.executable, "-m", "tlswire", "explain", str(path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert "2 x  no shared cipher" in run.stdout
    missing = subprocess.run([*command[:-1], "no-such.log"], capture_output=True, text=True)
    assert missing.returncode == 2


# -- the list of causes ---------------------------------------------------------------------


def test_every_cause_stands_once_in_the_list() -> None:
    from tlswire.causes import CAUSES

    told = [line.id for chapter in index() for line in chapter.causes]
    assert sorted(told) == sorted(cause.ID for cause in CAUSES)
    assert [chapter.stage for chapter in index()] == list(TITLES)
    assert all(len(line.summary) < 120 for chapter in index() for line in chapter.causes)


def test_the_page_of_the_documentation_is_up_to_date() -> None:
    command = [sys.executable, "tools/make_causes_page.py", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


@listed
def test_every_cause_of_the_list_has_a_page() -> None:
    from tlswire.causes import CAUSES

    ids = set(re.findall(r"^\*\*\d+\. `([a-z0-9-]+)`", LIST.read_text(), re.M))
    assert ids <= {cause.ID for cause in CAUSES}
