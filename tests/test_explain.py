"""Oracles: RFC facts by hand; `openssl errstr` where installed; the program run as users run it."""

from __future__ import annotations

import errno
import json
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlswire.codes import ALERTS, CIPHER_SUITES, REGISTRIES, VERSIONS, Version
from tlswire.explain import (
    UnknownWordError,
    alert_causes,
    alert_meanings,
    explain,
    meanings,
    stack_errors,
    verify_errors,
)
from tlswire.explain.articles import Explanation, explain_code
from tlswire.explain.objections import OBJECTIONS
from tlswire.explain.stack_reasons import BORINGSSL
from tlswire.explain.stack_reasons import OPENSSL as OPENSSL_NAMES
from tlswire.suites import SUITES

ROOT = Path(__file__).parent.parent
OPENSSL = shutil.which("openssl")


def run(
    *words: str, command: str = "explain", log: str | None = None
) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tlswire", command, *words]
    return subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False, input=log)


def kinds(word: str) -> dict[str, str]:
    return {e.kind: e.name for e in explain(word)}


def part(explanation: Explanation, label: str) -> str | None:
    return next((p.value for p in explanation.parts if p.label == label), None)


@pytest.mark.parametrize(
    "word",
    [
        "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",  # IANA, RFC 3268
        "DHE-RSA-AES128-SHA",  # OpenSSL
        "TLS_DHE_RSA_AES_128_CBC_SHA1",  # GnuTLS
        "tls_dhe_rsa_with_aes_128_cbc_sha",
        "0x0033",
        "0x00,0x33",
        "{0x00, 0x33}",
    ],
)
def test_a_suite_in_every_spelling(word: str) -> None:
    article = explain(word)[0]
    assert article.name == "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"
    assert part(article, "key exchange") == "DHE"
    assert part(article, "authentication") == "RSA"
    assert part(article, "encryption") == "AES-128-CBC"
    assert part(article, "integrity") == "HMAC-SHA1"
    assert "with forward secrecy" in article.summary
    assert article.spellings["OpenSSL"] == "DHE-RSA-AES128-SHA"
    assert article.recommended == "N"


def test_one_name_may_be_two_suites() -> None:
    # OpenSSL gave SSL 2.0's and SSL 3.0's RC4 with MD5 the same name
    assert {e.code for e in explain("RC4-MD5")} == {0x0004, 0x010080}


def test_java_begins_old_names_with_ssl() -> None:
    assert explain("SSL_RSA_WITH_RC4_128_SHA")[0].code == 0x0005


def test_a_number_is_shown_in_every_registry_that_has_it() -> None:
    found = kinds("40")
    assert next(iter(found)) == "alert"
    assert found["alert"] == "handshake_failure"
    assert found["cipher suite"] == "TLS_KRB5_EXPORT_WITH_RC4_40_SHA"
    assert found["named group"] == "GC512C"
    assert kinds("0x28") == found
    assert next(iter(kinds("0x28"))) == "cipher suite"
    having = [registry for registry, table in REGISTRIES.items() if 40 in table]
    assert len(having) == len(found)


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("handshake_failure", "alert", "handshake_failure"),
        ("Handshake Failure", "alert", "handshake_failure"),
        ("SNI", "extension", "server_name"),
        ("ALPN", "extension", "application_layer_protocol_negotiation"),
        ("key_share", "extension", "key_share"),
        ("P-256", "named group", "secp256r1"),
        ("X25519MLKEM768", "named group", "X25519MLKEM768"),
        ("rsa_pss_rsae_sha256", "signature scheme", "rsa_pss_rsae_sha256"),
        ("TLSv1.2", "version", "TLS 1.2"),
        ("brotli", "Certificate Compression", "brotli"),
        ("TLS_FALLBACK_SCSV", "signalling suite value", "TLS_FALLBACK_SCSV"),
        ("0x1A1A", "reserved value", "GREASE"),
        ("grease", "reserved value", "GREASE"),
        ("ECDHE", "key exchange", "ECDHE"),
        ("gcm", "mode of encryption", "GCM"),
        ("Received fatal alert: unrecognized_name", "alert", "unrecognized_name"),
        ("remote error: tls: internal error", "alert", "internal_error"),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] (_ssl.c:1006)", "alert", "unknown_ca"),
        ("sslv3 alert handshake failure while connecting", "alert", "handshake_failure"),
        ("tlsv1 unrecognized name", "alert", "unrecognized_name"),
        ("[SSL: NO_SHARED_CIPHER] (_ssl.c:1006)", "library error", "no shared cipher"),
        ("A fatal alert was received ... The TLS alert code is 40.", "alert", "handshake_failure"),
    ],
)
def test_words_are_known(word: str, kind: str, name: str) -> None:
    assert kinds(word)[kind] == name


def test_everything_with_a_number_has_an_article() -> None:
    for registry, table in REGISTRIES.items():
        for code, name in table.items():
            article = explain_code(registry, code)
            assert article.name == name
            assert article.code == code
            assert article.summary


def test_tables_of_prose_name_all_there_is() -> None:
    assert set(alert_meanings.ALERT_MEANINGS) == set(ALERTS)
    assert {s.key_exchange for s in SUITES.values()} <= set(meanings.KEY_EXCHANGES)
    assert {s.authentication for s in SUITES.values()} <= set(meanings.AUTHENTICATIONS)
    assert set(meanings.SIGNALS) == {CIPHER_SUITES[c] for c in set(CIPHER_SUITES) - set(SUITES)}
    assert set(meanings.VERSION_MEANINGS) <= set(VERSIONS)
    assert Version.tls_1_3 in meanings.VERSION_MEANINGS


# -- codes of the OpenSSL family: values as logs show them ---------------------------------------


@pytest.mark.parametrize(
    ("line", "library", "reason", "alert"),
    [
        (
            "error:14077410:SSL routines:SSL23_GET_SERVER_HELLO:sslv3 alert handshake failure",
            "OpenSSL up to 1.1.1",
            1040,
            40,
        ),
        ("140770FC", "OpenSSL up to 1.1.1", 252, None),
        ("error:0A000410:SSL routines::sslv3 alert handshake failure", "OpenSSL 3", 1040, 40),
        ("0x0A0000C1", "OpenSSL 3", 193, None),
        ("error:1404B42E:SSL routines:ST_CONNECT:tlsv1 alert", "LibreSSL", 1070, 70),
        ("1400410B", "LibreSSL", 267, None),
        ("TLS_error:|268436504:SSL routines:OPENSSL_internal:X", "BoringSSL", 1048, 48),
        ("268435703", "BoringSSL", 247, None),
    ],
)
def test_error_codes_are_unpacked(line: str, library: str, reason: int, alert: int | None) -> None:
    error = stack_errors.unpack_text(line)
    assert error is not None
    assert (error.library, error.reason, error.alert) == (library, reason, alert)
    article = next(e for e in explain(line) if e.kind == "library error")
    assert article.code == error.code
    assert ("the peer sent alert" in article.summary) == (alert is not None)


@pytest.mark.parametrize("line", ["0C000001", "12345", "deadbeef", "000000000"])
def test_numbers_that_are_no_codes_are_left_alone(line: str) -> None:
    assert stack_errors.unpack_text(line) is None


@pytest.mark.parametrize(
    ("line", "part", "name"),
    [
        ("error:0B080074:x509 certificate routines:X509_check_private_key", "X.509", "key values"),
        ("error:05800074:x509 certificate routines::key values mismatch", "X.509", "key values"),
        ("error:0909006C:PEM routines:get_name:no start line", "PEM", "no start line"),
        ("error:0480006C:PEM routines::no start line", "PEM", "no start line"),
        ("error:02001002:system library:fopen:No such file or directory", "system", "enoent"),
        ("error:80000002:system library::No such file or directory", "system", "enoent"),
    ],
)
def test_codes_of_the_other_parts_are_unpacked(line: str, part: str, name: str) -> None:
    error = stack_errors.unpack_text(line)
    assert error is not None
    assert part in error.part
    assert name in (error.text or "")


def test_the_bio_library_of_openssl_is_not_boringssl() -> None:
    line = "error:10000067:BIO routines:BIO_connect:connect error"
    assert stack_errors.unpack_text(line) is None
    boring = stack_errors.unpack_text("error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION")
    assert boring is not None
    assert boring.library == "BoringSSL"


def test_openssl_names_its_reasons_alike() -> None:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    codes = {f"{part << 23 | reason:08X}": name for (part, reason), name in OPENSSL_NAMES.items()}
    run = subprocess.run([OPENSSL, "errstr", *codes], capture_output=True, text=True, check=True)
    said = {line[6:14]: line.rpartition(":")[2] for line in run.stdout.splitlines()}
    known = {code: text for code, text in said.items() if "reason(" not in text}
    assert len(known) > len(codes) * 0.9
    words = {code: set(re.findall(r"[a-z0-9]+", text.lower())) for code, text in known.items()}
    ours = {code: set(re.findall(r"[a-z0-9]+", name.lower())) for code, name in codes.items()}
    unlike = [code for code, said in words.items() if not said & ours[code]]
    assert len(unlike) < len(known) * 0.02, [(codes[c], known[c]) for c in unlike]


def test_the_names_are_those_of_the_generator() -> None:
    if ssl.OPENSSL_VERSION_INFO[0] != 3:
        pytest.skip("the interpreter has another OpenSSL")
    import _ssl

    mine = {key: name for key, name in _ssl.err_codes_to_names.items() if key[1] < 1000}
    assert all(mine.get(key, name) == name for key, name in OPENSSL_NAMES.items())


def test_every_objection_has_a_name_of_a_library_and_causes_with_a_page() -> None:
    from tlswire.causes import CAUSES

    ids = {cause.ID for cause in CAUSES}
    names = set(OPENSSL_NAMES.values()) | set(BORINGSSL.values())
    for name, objection in OBJECTIONS.items():
        assert set(objection.causes) <= ids, name
        assert name in names | {"INTERNAL_ERROR"} | set(errno.errorcode.values()), name
    for causes in alert_causes.CAUSES.values():
        assert set(causes) <= ids
    for error in verify_errors.ERRORS:
        assert set(error.causes) <= ids


@pytest.mark.parametrize(
    ("line", "role", "cause"),
    [
        ("error:14077410:SSL routines:SSL23_GET_SERVER_HELLO:x", "client", "cipher-no-overlap"),
        ("14077410", "client", "cipher-no-overlap"),
        ("error:1417C0C7:SSL routines:tls_process_client_certificate:x", "server", "mtls-client"),
        ("error:1416F086:SSL routines:tls_process_server_certificate:x", "client", "cert-untrust"),
        ("4007:error:1400410B:SSL routines:CONNECT_CR_SRVR_HELLO:x", "client", "tls-to-http-port"),
    ],
)
def test_the_place_tells_who_printed_it(line: str, role: str, cause: str) -> None:
    told = explain(line)[0]
    side = next(part.text for part in told.parts if part.label == "side")
    assert f"printed by a {role}" in side
    assert any(each.startswith(cause) for each in told.causes)
    assert role == "server" or "mtls-client-sends-empty" not in told.causes


# -- what is not known ---------------------------------------------------------------------------


def test_an_unknown_word_names_what_is_near() -> None:
    with pytest.raises(UnknownWordError, match=r"near: .*handshake_failure"):
        explain("handshake_falure")


@given(st.text(max_size=80))
def test_any_text_is_explained_or_unknown(word: str) -> None:
    try:
        said = [e.name for e in explain(word)]
    except UnknownWordError as error:
        said = [str(error)]
    assert all(text.isprintable() for text in said)


def test_every_cause_has_a_page() -> None:
    from tlswire.causes import CAUSES

    for cause in CAUSES:
        article = explain(cause.ID)[0]
        assert article.kind == "cause"
        assert article.summary == (cause.__doc__ or "").splitlines()[0]
        page = article.parts[0].text
        assert "\n" not in page.replace("\n\n", ""), "a paragraph is wrapped by who prints it"
        assert all(remedy.text in [p.text for p in article.parts] for remedy in cause.REMEDIES)


# -- the command ---------------------------------------------------------------------------------


def test_the_command_prints_articles() -> None:
    done = run("DHE-RSA-AES128-SHA", "no_application_protocol")
    assert done.returncode == 0
    assert "TLS_DHE_RSA_WITH_AES_128_CBC_SHA" in done.stdout
    assert "0x0033" in done.stdout
    assert "alert 120" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_words_without_quotes_are_one_when_that_is_known() -> None:
    assert "alert 40" in run("handshake", "failure").stdout


def test_the_command_prints_json() -> None:
    done = run("--json", "0xC02F")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "tlswire-explain/1"
    article = document["explanations"][0]
    assert article["code"] == 0xC02F
    assert article["recommended"] == "Y"
    assert article["spellings"]["OpenSSL"] == "ECDHE-RSA-AES128-GCM-SHA256"


@pytest.mark.parametrize(
    ("words", "log"), [(("0xC02F", "alert 40"), ""), (("--causes",), ""), ((), "tls alert 40\n")]
)
def test_what_json_prints_fits_its_schema(words: tuple[str, ...], log: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    contract = json.loads(run("--explain", command="schema").stdout)
    assert contract["title"] == "tlswire-explain/1"
    told = json.loads(run("--json", *words, log=log).stdout)
    jsonschema.validate(told, contract)
    told["schema"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, contract)


def test_an_unknown_word_is_one_line_and_exit_code_2() -> None:
    done = run("AES128-SHA", "\x1b[31mhandshake_falure")
    assert done.returncode == 2
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr
