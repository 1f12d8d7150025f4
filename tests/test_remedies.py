"""Settings to paste: for whom, spelt how, at what price. OpenSSL, nginx and others say if right."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from test_causes_by_hand import (
    client_hello,
    extension,
    groups,
    record,
    sni,
    u16,
    vector,
    versions,
)

from tlswire.causes import CAUSES
from tlswire.offer import Offer, read_offer
from tlswire.remedies import TOPICS, settings
from tlswire.result import Remedy
from tlswire.session import Session

GCM, CBC, RSA_CBC, RC4, TRIPLE, TLS13 = 0xC02F, 0xC013, 0x002F, 0x0005, 0x000A, 0x1301


def offer(hello: bytes) -> Offer:
    session = Session()
    session.receive("client", record(hello), 0.0, 1)
    entry = session.end(1.0).client_hello
    assert entry is not None
    read = read_offer(entry)
    assert read is not None
    return read


def by_product(remedies: tuple[Remedy, ...]) -> dict[str, str]:
    return {r.product: r.setting for r in remedies if r.product and r.setting}


def warned(remedies: tuple[Remedy, ...]) -> str:
    return " ".join(r.text for r in remedies if r.setting is None)


def test_every_topic_belongs_to_a_cause() -> None:
    assert set(TOPICS) <= {cause.ID for cause in CAUSES}


@pytest.mark.parametrize("cause", TOPICS)
def test_without_an_offer_the_blanks_are_capitals(cause: str) -> None:
    told = settings(cause, None)
    assert told
    assert all("None" not in r.text and "{suite" not in r.text for r in told)


@pytest.mark.parametrize("cause", TOPICS)
def test_every_row_can_be_filled(cause: str) -> None:
    full = client_hello(
        sni("a.test"),
        groups(0x11EC, 29, 23),
        extension(13, vector(2, u16(0x0403, 0x0804))),
        versions(0x0304, 0x0303),
        suites=(TLS13, GCM),
    )
    for remedy in settings(cause, offer(full)):
        assert "{{" not in remedy.text
        assert remedy.text.isprintable()


def test_a_sound_suite_has_no_price() -> None:
    told = settings("cipher-no-overlap", offer(client_hello(suites=(CBC, GCM))))
    assert warned(told) == ""
    assert by_product(told)["nginx"] == "ssl_ciphers DEFAULT:ECDHE-RSA-AES128-GCM-SHA256;"
    assert by_product(told)["F5 BIG-IP"].endswith("'DEFAULT:ECDHE-RSA-AES128-GCM-SHA256'")
    assert len(by_product(told)) == 10


@pytest.mark.parametrize(
    ("suite", "word"), [(CBC, "Lucky"), (RSA_CBC, "forward secrecy"), (TRIPLE, "Sweet32")]
)
def test_a_weak_suite_comes_with_its_price_and_the_better_way_first(suite: int, word: str) -> None:
    told = settings("cipher-no-overlap", offer(client_hello(suites=(RC4, suite))))
    assert told[0].setting is None
    assert word in told[0].text
    assert "update the client" in told[0].text
    assert "RC4" not in " ".join(by_product(told).values())


@pytest.mark.parametrize("suite", [RC4, 0x0003, 0x0009, 0x0001, 0x0018, 0x0034])
def test_a_broken_suite_is_never_recommended(suite: int) -> None:
    told = settings("cipher-no-overlap", offer(client_hello(suites=(suite,))))
    assert by_product(told) == {}
    assert "update the client" in warned(told)


@pytest.mark.parametrize(
    ("version", "setting", "price"),
    [
        (0x0303, "ssl_protocols TLSv1.2 TLSv1.3;", ""),
        (0x0301, "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;", "RFC 8996"),
        (0x0300, None, "update the client"),
    ],
)
def test_versions(version: int, setting: str | None, price: str) -> None:
    told = settings("version-client-too-old", offer(client_hello(version=version)))
    assert by_product(told).get("nginx") == setting
    assert price in warned(told)


def test_a_name_of_the_wire_enters_a_setting_only_as_a_host_name() -> None:
    good = settings("sni-unknown", offer(client_hello(sni("a.test"))))
    evil = settings("sni-unknown", offer(client_hello(sni("a.test; rm -rf /"))))
    assert "a.test" in by_product(good)["nginx"]
    assert "rm -rf" not in " ".join(r.text for r in evil)
    assert "HOST" in by_product(evil)["nginx"]


def test_a_list_that_replaces_another_keeps_the_usual_ones() -> None:
    told = by_product(settings("groups-no-overlap", offer(client_hello(groups(25)))))
    assert told["nginx"] == "ssl_ecdh_curve P-521:X25519:P-256:P-384;"
    iana = by_product(settings("cipher-no-overlap", offer(client_hello(suites=(RSA_CBC,)))))["Java"]
    assert iana.startswith("-Djdk.tls.server.cipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA,")
    assert "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" in iana


def test_the_missing_certificate_is_of_the_kind_that_the_client_takes() -> None:
    ecdsa = client_hello(extension(13, vector(2, u16(0x0403))), suites=(0xC02B,))
    told = by_product(settings("ecdsa-cert-rsa-client", offer(ecdsa)))
    assert "ecdsa.pem" in told["nginx"]


# -- the products themselves ----------------------------------------------------------------


def test_openssl_takes_the_list_and_then_takes_the_client() -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.set_ciphers("AES128-SHA")
    told = by_product(settings("cipher-no-overlap", offer(client_hello(suites=(RSA_CBC,)))))
    listed = told["nginx"].removeprefix("ssl_ciphers ").rstrip(";")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(listed)
    assert "AES128-SHA" in {suite["name"] for suite in context.get_ciphers()}


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
@pytest.mark.parametrize(
    ("cause", "hello"),
    [
        ("cipher-no-overlap", client_hello(suites=(CBC,))),
        ("cipher-no-overlap", client_hello(versions(0x0304), suites=(TLS13,))),
        ("version-client-too-old", client_hello(version=0x0302)),
        ("groups-no-overlap", client_hello(groups(29, 24))),
        ("sigalgs-no-overlap", client_hello(extension(13, vector(2, u16(0x0403, 0x0804))))),
    ],
)
def test_nginx_takes_its_settings(cause: str, hello: bytes, tmp_path: Path) -> None:
    told = [r for r in settings(cause, offer(hello)) if r.product == "nginx" and r.setting]
    told = [r for r in told if "ssl_certificate" not in (r.setting or "")]
    conf = tmp_path / "nginx.conf"
    lines = "\n".join((r.setting or "").partition("   #")[0] for r in told)
    conf.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {lines} }}")
    run = subprocess.run(
        ["nginx", "-t", "-q", "-c", str(conf), "-p", str(tmp_path)], capture_output=True, text=True
    )
    assert told
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
@pytest.mark.parametrize(
    ("cause", "hello"),
    [
        ("cipher-no-overlap", client_hello(suites=(CBC,))),
        ("cipher-no-overlap", client_hello(versions(0x0304), suites=(TLS13,))),
        ("version-client-too-old", client_hello(version=0x0301)),
        ("groups-no-overlap", client_hello(groups(29, 24))),
    ],
)
def test_haproxy_takes_its_settings(cause: str, hello: bytes, tmp_path: Path) -> None:
    line = by_product(settings(cause, offer(hello)))["HAProxy"].replace(":443", "127.0.0.1:4")
    conf = tmp_path / "haproxy.cfg"
    line = line.replace("ssl crt site.pem", f"ssl crt {pem(tmp_path)}")
    times = "timeout client 1s\n timeout connect 1s\n timeout server 1s"
    conf.write_text(f"defaults\n mode http\n {times}\nfrontend f\n {line}\n")
    run = subprocess.run(["haproxy", "-c", "-f", str(conf)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def pem(folder: Path) -> Path:
    """Return a file with a certificate and its key."""
    import trustme

    issued = trustme.CA().issue_cert("a.test")
    path = folder / "site.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_go_knows_the_names(tmp_path: Path) -> None:
    weak = offer(client_hello(groups(29, 23), suites=(GCM, CBC, RSA_CBC, 0xCCA8)))
    rows = [settings(cause, weak) for cause in ("cipher-no-overlap", "groups-no-overlap")]
    lines = [by_product(told)["Go"] for told in rows]
    version = by_product(settings("version-client-too-old", weak))["Go"]
    body = "; ".join(f"_ = {line}" for line in (*lines, version))
    source = f'package main\nimport "crypto/tls"\nfunc main() {{ {body} }}\n'
    (tmp_path / "main.go").write_text(source)
    run = subprocess.run(
        ["go", "vet", "main.go"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",  # no C compiler is asked for
        },
    )
    assert run.returncode == 0, run.stderr
