"""Every capture of the project, in the order of the index."""

from __future__ import annotations

from . import edits
from .scene import Expect, Proof, Scene

_S_SERVER = (
    "openssl s_server -accept 198.51.100.20:443 -cert ecdsa.pem -key ecdsa.key"
    " -cert_chain known-issuer.pem -rev"
)
_S_SERVER_RSA = _S_SERVER.replace("ecdsa.", "rsa.")
_S_SERVER_STRANGER = _S_SERVER.replace("ecdsa.", "stranger.").replace("known-", "unknown-")
_S_CLIENT = (
    "openssl s_client -connect www.example.com:443 -servername www.example.com"
    " -CAfile known-root.pem -verify_return_error"
)
_CURL = "curl -sv --cacert known-root.pem"
_NGINX = "nginx -p . -c nginx.conf -e stderr"
_NGINX_MAIN = """\
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
error_log stderr info;
events {}
"""
_MODERN = "ssl_protocols TLSv1.2 TLSv1.3;"
_SITE = 'ssl_certificate ecdsa.pem; ssl_certificate_key ecdsa.key; return 200 "hello\\n";'
_PYTHON = {
    "client.py": """\
import socket, ssl
context = ssl.create_default_context(cafile="known-root.pem")
context.maximum_version = ssl.TLSVersion.TLSv1_2
with socket.create_connection(("www.example.com", 443)) as raw:
    context.wrap_socket(raw, server_hostname="www.example.com")
"""
}
_EXIM = {
    "exim.conf": """\
primary_hostname = mail.example.com
spool_directory = /srv/spool
log_file_path = /srv/spool/%slog
local_interfaces = 198.51.100.20
daemon_smtp_ports = 25
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = /srv/ecdsa.pem
tls_privatekey = /srv/ecdsa.key
smtp_banner = mail.example.com ESMTP
keep_environment =
"""
}

_ESTABLISHED = (Expect("established"),)
_UNTELLABLE = (Expect("incomplete"),)


def _alert(code: int) -> Proof:
    return Proof("tshark", f"tls.alert_message.level == 2 && tls.alert_message.desc == {code}", 1)


def _seen(handshake_type: int, frames: int | None = None) -> Proof:
    return Proof("tshark", f"tls.handshake.type == {handshake_type}", frames)


def _nginx(*servers: str) -> dict[str, str]:
    """A configuration with these servers."""
    body = "".join(f"  server {{ {server} {_SITE} }}\n" for server in servers)
    return {"nginx.conf": f"{_NGINX_MAIN}http {{\n  access_log off;\n{body}}}\n"}


AILMENTS = (
    Scene(
        "cipher-no-overlap",
        "The client offers one suite with DHE, the server takes ECDHE only.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(f"{_S_SERVER_RSA} -cipher ECDHE+AESGCM",),
        ask=(
            "openssl s_client -connect partner.example.com:443 -servername partner.example.com"
            " -tls1_2 -cipher DHE-RSA-AES128-SHA@SECLEVEL=0 -CAfile known-root.pem",
        ),
        proof=(
            Proof("tshark", "tls.handshake.type == 1 && tls.handshake.ciphersuite == 0x0033", 1),
            _alert(40),
            _seen(2, 0),
            Proof("client", "alert handshake failure"),
            Proof("server", "no shared cipher"),
        ),
        expect=(Expect("failed", "SERVER_HELLO", ("server", "alert"), 40, ("cipher-no-overlap",)),),
    ),
    Scene(
        "tcp-syn-filtered",
        "A firewall drops every SYN to the port.",
        client="{curl}",
        server="{openssl} s_server behind nftables",
        firewall=("tcp dport 443 drop",),
        serve=(_S_SERVER,),
        ask=(f"{_CURL} --connect-timeout 4 https://partner.example.com/",),
        proof=(
            Proof("tshark", "tcp.flags.syn == 1 && tcp.analysis.retransmission"),
            Proof("tshark", "ip.src == 198.51.100.20", 0),
            Proof("client", "Timeout was reached"),
        ),
        expect=(
            Expect("failed", "TCP_CONNECT", ("network", "silence"), causes=("tcp-syn-filtered",)),
        ),
    ),
    Scene(
        "tcp-syn-rejected",
        "Nothing listens on the port.",
        client="{curl}",
        server="none",
        ask=(f"{_CURL} https://partner.example.com/",),
        proof=(
            Proof("tshark", "tcp.flags.reset == 1 && ip.src == 198.51.100.20", 1),
            Proof("client", "Connection refused"),
        ),
        expect=(Expect("failed", "TCP_CONNECT", ("server", "rst"), causes=("tcp-syn-rejected",)),),
    ),
    Scene(
        "http-to-tls-port",
        "The client speaks plain HTTP to a TLS port.",
        client="{curl}",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(f"listen 443 ssl; {_MODERN}"),
        ask=("curl -sv http://www.example.com:443/",),
        proof=(
            Proof("client", "The plain HTTP request was sent to HTTPS port"),
            Proof("tshark", 'http.response.code == 400 || tcp contains "400 Bad Request"'),
        ),
        expect=(
            Expect("not_tls", "CLIENT_HELLO", ("client", "non_tls"), causes=("http-to-tls-port",)),
        ),
        needs=("nginx", "curl"),
    ),
    Scene(
        "tls-to-http-port",
        "The client sends a ClientHello to a plain HTTP port.",
        client="{curl}",
        server="{nginx}",
        serve=(_NGINX,),
        ports=(8080,),
        files=_nginx("listen 8080;"),
        ask=(f"{_CURL} https://www.example.com:8080/",),
        proof=(
            Proof("client", "wrong version number"),
            Proof("tshark", 'ip.src == 198.51.100.20 && tcp contains "400 Bad Request"', 1),
        ),
        expect=(
            Expect("failed", "SERVER_HELLO", ("server", "non_tls"), causes=("tls-to-http-port",)),
        ),
        needs=("nginx", "curl"),
    ),
    Scene(
        "server-speaks-first",
        "An SSH server listens where TLS is expected, and greets first.",
        client="{curl}",
        server="{dropbear}",
        prepare=("dropbearkey -t ed25519 -f host.key",),
        serve=("dropbear -F -E -m -p 198.51.100.20:443 -r host.key -P dropbear.pid",),
        ask=(f"{_CURL} https://partner.example.com/",),
        proof=(
            Proof("client", "wrong version number"),
            Proof("tshark", 'ip.src == 198.51.100.20 && tcp contains "SSH-2.0-"', 1),
        ),
        expect=(
            Expect(
                "failed", "SERVER_HELLO", ("server", "non_tls"), causes=("server-speaks-first",)
            ),
        ),
        needs=("dropbear", "dropbearkey", "curl"),
    ),
    Scene(
        "version-client-too-old",
        "The client ends at TLS 1.0, the server begins at TLS 1.2.",
        client="{openssl} s_client",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(f"listen 443 ssl; {_MODERN}"),
        ask=(f"{_S_CLIENT} -tls1 -cipher ALL:@SECLEVEL=0",),
        proof=(
            _alert(70),
            _seen(2, 0),
            Proof("client", "alert protocol version"),
            Proof("server", "unsupported protocol"),
        ),
        expect=(
            Expect("failed", "SERVER_HELLO", ("server", "alert"), 70, ("version-client-too-old",)),
        ),
        needs=("nginx",),
    ),
    Scene(
        "version-server-too-old",
        "The server answers with TLS 1.0, which the client refuses.",
        client="{curl}",
        server="{openssl} s_server",
        serve=(f"{_S_SERVER_RSA} -tls1 -cipher ALL:@SECLEVEL=0",),
        ask=(f"{_CURL} --tlsv1.2 --tls-max 1.2 https://www.example.com/",),
        proof=(
            Proof("tshark", "tls.handshake.type == 2 && tls.handshake.version == 0x0301", 1),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.alert_message.desc == 70", 1),
            Proof("client", "unsupported protocol"),
        ),
        expect=(
            Expect(
                "failed",
                "CLIENT_KEY_EXCHANGE",
                ("client", "alert"),
                70,
                ("version-server-too-old",),
            ),
        ),
        note="The server's whole flight is on the wire before the client's alert.",
        needs=("curl",),
    ),
    Scene(
        "sni-unknown",
        "The server has no site of the name that the client asks for.",
        client="{curl}",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(
            f"listen 443 ssl default_server; {_MODERN} ssl_reject_handshake on;",
            "listen 443 ssl; server_name www.example.com;",
        ),
        ask=(f"{_CURL} https://partner.example.com/",),
        proof=(
            Proof("tshark", 'tls.handshake.extensions_server_name == "partner.example.com"', 1),
            _alert(112),
            _seen(2, 0),
            Proof("client", "unrecognized name"),
        ),
        expect=(Expect("failed", "SERVER_HELLO", ("server", "alert"), 112, ("sni-unknown",)),),
        needs=("nginx", "curl"),
    ),
    Scene(
        "alpn-no-overlap",
        "The client speaks HTTP/1.1 only, the server HTTP/2 only.",
        client="{curl}",
        server="{openssl} s_server",
        serve=(f"{_S_SERVER} -alpn h2",),
        ask=(f"{_CURL} --http1.1 https://www.example.com/",),
        proof=(
            Proof("tshark", 'tls.handshake.extensions_alpn_str == "http/1.1"', 1),
            _alert(120),
            _seen(2, 0),
            Proof("client", "no application protocol"),
        ),
        expect=(Expect("failed", "SERVER_HELLO", ("server", "alert"), 120, ("alpn-no-overlap",)),),
        needs=("curl",),
    ),
    Scene(
        "cert-untrusted-root",
        "TLS 1.2: the client does not know the root of the server's chain.",
        client="{python} ssl",
        server="{openssl} s_server",
        serve=(_S_SERVER_STRANGER,),
        files=_PYTHON,
        ask=("python3 client.py",),
        proof=(
            _seen(11, 1),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.alert_message.desc == 48", 1),
            Proof("client", "unable to get local issuer certificate"),
            Proof("server", "alert unknown ca"),
        ),
        expect=(
            Expect(
                "failed",
                "CLIENT_KEY_EXCHANGE",
                ("client", "alert"),
                48,
                ("cert-untrusted-root",),
            ),
        ),
    ),
    Scene(
        "cert-expired",
        "TLS 1.2: the server's certificate has expired.",
        client="{curl}",
        server="{openssl} s_server",
        serve=(_S_SERVER.replace("ecdsa.", "expired."),),
        ask=(f"{_CURL} --tls-max 1.2 https://www.example.com/",),
        proof=(
            _seen(11, 1),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.alert_message.desc == 45", 1),
            Proof("client", "certificate has expired"),
        ),
        expect=(
            Expect("failed", "CLIENT_KEY_EXCHANGE", ("client", "alert"), 45, ("cert-expired",)),
        ),
        needs=("curl",),
    ),
    Scene(
        "cert-untrusted-root-tls13",
        "TLS 1.3: the client does not know the root; its alert is in the clear.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_STRANGER,),
        ask=(_S_CLIENT,),
        proof=(
            Proof("tshark", "tls.handshake.extensions.supported_version == 0x0304", 2),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.alert_message.desc == 48", 1),
            Proof("client", "unable to get local issuer certificate"),
        ),
        expect=(
            Expect("failed", "CLIENT_FINISHED", ("client", "alert"), 48, ("cert-untrusted-root",)),
        ),
        note="OpenSSL's client has not yet changed its keys when it refuses the certificate.",
    ),
    Scene(
        "cert-untrusted-root-tls13-hidden",
        "TLS 1.3: the client does not know the root; its alert is encrypted.",
        client="{gnutls} gnutls-cli",
        server="{openssl} s_server",
        serve=(_S_SERVER_STRANGER,),
        ask=("gnutls-cli --x509cafile known-root.pem -p 443 www.example.com",),
        proof=(
            Proof("tshark", "tls.alert_message.desc", 0),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.record.length == 19", 1),
            Proof("client", "issuer is unknown"),
            Proof("server", "alert bad certificate"),
        ),
        expect=(
            Expect(
                "failed",
                "CLIENT_FINISHED",
                ("client", "encrypted_alert"),
                causes=("cert-untrusted-root",),
            ),
        ),
        note="The wire shows a refusal of the server's flight, not why: 42 by the server's log.",
        needs=("gnutls-cli",),
    ),
    Scene(
        "mtls-missing-cert-tls13",
        "TLS 1.3: the server wants a client certificate, the client has none.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(f"{_S_SERVER} -Verify 1 -verify_return_error -CAfile known-root.pem",),
        ask=(f"{_S_CLIENT} -tls1_3",),
        proof=(
            Proof("tshark", "tls.alert_message.desc", 0),
            Proof("tshark", "ip.src == 192.0.2.10 && tls.record.length == 25", 1),
            Proof("tshark", "ip.src == 198.51.100.20 && tls.record.length == 19", 1),
            Proof("client", "alert certificate required"),
            Proof("server", "peer did not return a certificate"),
        ),
        expect=(
            Expect(
                "failed",
                "APPLICATION_DATA",
                ("server", "encrypted_alert"),
                causes=("mtls-client-sends-empty",),
            ),
        ),
    ),
)

CONTROLS = (
    Scene(
        "ok-tls12-openssl",
        "TLS 1.2, ECDHE, RSA certificate.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_RSA,),
        ask=(f"{_S_CLIENT} -tls1_2",),
        words="hello\n",
        proof=(
            _seen(12, 1),
            Proof("tshark", "tls.record.content_type == 20", 2),
            Proof("client", "olleh"),
        ),
        expect=_ESTABLISHED,
    ),
    Scene(
        "ok-tls13-openssl",
        "TLS 1.3.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER,),
        ask=(_S_CLIENT,),
        words="hello\n",
        proof=(_seen(2, 1), Proof("client", "olleh"), Proof("client", "TLSv1.3")),
        expect=_ESTABLISHED,
    ),
    Scene(
        "ok-curl",
        "HTTP/2 over TLS 1.3.",
        client="{curl}",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(f"listen 443 ssl http2; {_MODERN}"),
        ask=(f"{_CURL} https://www.example.com/",),
        proof=(
            Proof("client", "HTTP/2 200"),
            Proof("client", "TLSv1.3"),
            Proof("client", "SSL certificate verify ok"),
        ),
        expect=_ESTABLISHED,
        needs=("nginx", "curl"),
    ),
    Scene(
        "ok-gnutls",
        "GnuTLS on both sides.",
        client="{gnutls} gnutls-cli",
        server="{gnutls} gnutls-serv",
        serve=("gnutls-serv -p 443 --x509certfile ecdsa.pem --x509keyfile ecdsa.key --echo",),
        ask=("gnutls-cli --x509cafile known-root.pem -p 443 www.example.com",),
        words="hello\n",
        proof=(Proof("client", "The certificate is trusted"), Proof("client", "\nhello")),
        expect=_ESTABLISHED,
        needs=("gnutls-cli", "gnutls-serv"),
    ),
    Scene(
        "ok-java",
        "JSSE on both sides.",
        client="{java} JSSE",
        server="{java} JSSE",
        serve=("java Peer.java server 198.51.100.20 ecdsa.p12",),
        ask=("java Peer.java client www.example.com known-root.pem",),
        patience=20,
        proof=(Proof("client", "established TLSv1.3"), Proof("client", "hello")),
        expect=_ESTABLISHED,
        needs=("java", "javac"),
    ),
    Scene(
        "ok-chromium",
        "A browser's hello of two segments, with GREASE and X25519MLKEM768.",
        client="{chromium}",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(f"listen 443 ssl http2; {_MODERN}"),
        prepare=(
            "mkdir -p .pki/nssdb",
            "certutil -N -d sql:.pki/nssdb --empty-password",
            "certutil -A -d sql:.pki/nssdb -n root -t C,, -i known-root.pem",
        ),
        ask=(
            "chromium --headless --no-sandbox --disable-gpu --user-data-dir=profile"
            " --disable-background-networking --dump-dom https://www.example.com/",
        ),
        patience=40,
        edit=edits.first_connection,
        edit_said="kept: the first connection",
        proof=(
            Proof("client", "hello"),
            Proof("tshark", "tls.handshake.type == 1 && tls.handshake.length > 1460", 1),
            Proof("tshark", "tls.handshake.extensions_key_share_group == 4588", 1),
            _seen(2, 1),
        ),
        expect=_ESTABLISHED,
        needs=("chromium", "certutil", "nginx"),
    ),
    Scene(
        "ok-hello-retry-request",
        "The server asks for a share of another group.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(f"{_S_SERVER} -groups P-384",),
        ask=(_S_CLIENT,),
        words="hello\n",
        proof=(_seen(1, 2), _seen(2, 2), Proof("client", "olleh")),
        expect=_ESTABLISHED,
    ),
    Scene(
        "ok-resumption-tls13",
        "A full handshake, then one that resumes it by a ticket.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER,),
        ask=(f"{_S_CLIENT} -sess_out session.pem", f"{_S_CLIENT} -sess_in session.pem"),
        words="hello\n",
        proof=(
            Proof("tshark", "tls.handshake.type == 2 && tls.handshake.extension.type == 41", 1),
            Proof("client", "Reused, TLSv1.3"),
        ),
        expect=(
            Expect("established", connection=0, resumed=False),
            Expect("established", connection=1, resumed=True),
        ),
    ),
    Scene(
        "ok-starttls-smtp",
        "SMTP in the clear, then STARTTLS.",
        client="{openssl} s_client",
        server="{exim}",
        serve=("exim4 -bdf -C /srv/exim.conf",),
        ports=(25,),
        files=_EXIM,
        ask=(
            "openssl s_client -connect mail.example.com:25 -starttls smtp"
            " -servername mail.example.com -name client.example.com"
            " -CAfile known-root.pem -verify_return_error",
        ),
        words="quit\r\n",
        proof=(
            Proof("tshark", 'ip.src == 192.0.2.10 && tcp contains "STARTTLS"', 1),
            _seen(2, 1),
            Proof("client", "Verify return code: 0 (ok)"),
            Proof("client", "closing connection"),
        ),
        expect=_ESTABLISHED,
        needs=("exim4",),
    ),
    Scene(
        "ok-ipv6",
        "TLS 1.3 over IPv6.",
        client="{curl}",
        server="{nginx}",
        serve=(_NGINX,),
        files=_nginx(f"listen [::]:443 ssl; {_MODERN}"),
        ask=(f"{_CURL} -k https://www6.example.com/",),
        proof=(
            Proof("tshark", "ip", 0),
            _seen(2, 1),
            Proof("client", "TLSv1.3"),
            Proof("client", "200 OK"),
        ),
        expect=_ESTABLISHED,
        needs=("nginx", "curl"),
    ),
    Scene(
        "ok-retransmitted",
        "The ClientHello is lost once and sent again.",
        client="{openssl} s_client",
        server="{openssl} s_server behind nftables",
        serve=(_S_SERVER,),
        firewall=("tcp dport 443 tcp flags & psh == psh numgen inc mod 1000 0 drop",),
        ask=(_S_CLIENT,),
        words="hello\n",
        proof=(Proof("tshark", "tcp.analysis.retransmission"), Proof("client", "olleh")),
        expect=_ESTABLISHED,
    ),
    Scene(
        "ok-reordered",
        "The server's first two segments arrive turned round, and the first of them twice.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_RSA,),
        ask=(f"{_S_CLIENT} -tls1_2",),
        words="hello\n",
        edit=edits.turn_and_repeat,
        edit_said="turned round: the server's first two segments; repeated: the first of them",
        proof=(
            Proof("tshark", "tcp.analysis.out_of_order", 2),
            _seen(11, 1),
            Proof("client", "olleh"),
        ),
        expect=_ESTABLISHED,
        note="What arrived was in order: the packets were moved in the file.",
    ),
    Scene(
        "one-sided",
        "Only the client's packets were captured.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_RSA,),
        ask=(f"{_S_CLIENT} -tls1_2",),
        words="hello\n",
        edit=edits.only_client,
        edit_said="kept: what the client sent",
        proof=(
            Proof("tshark", "ip.src == 198.51.100.20", 0),
            _seen(1, 1),
            Proof("client", "olleh"),
        ),
        expect=_UNTELLABLE,
        note="The handshake was established.",
    ),
    Scene(
        "cut-midway",
        "The capture ends within the server's flight, in the middle of a packet.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_RSA,),
        ask=(f"{_S_CLIENT} -tls1_2",),
        words="hello\n",
        edit=edits.until_second_server_bytes,
        edit_said="kept: up to the server's second segment, less the last 100 bytes of the file",
        cut=100,
        proof=(_seen(11, 1), _seen(12, 0), Proof("client", "olleh")),
        expect=(Expect("incomplete", "SERVER_KEY_EXCHANGE", ("capture", "capture_end")),),
        note="The handshake was established.",
    ),
    Scene(
        "begins-midway",
        "The capture begins after the ServerHello.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(_S_SERVER_RSA,),
        ask=(f"{_S_CLIENT} -tls1_2",),
        words="hello\n",
        edit=edits.after_first_server_bytes,
        edit_said="kept: what came after the server's first segment",
        proof=(
            _seen(1, 0),
            _seen(2, 0),
            Proof("tshark", "tcp.flags.syn == 1", 0),
            Proof("client", "olleh"),
        ),
        expect=_UNTELLABLE,
        note="The handshake was established.",
    ),
)

SCENES = AILMENTS + CONTROLS
