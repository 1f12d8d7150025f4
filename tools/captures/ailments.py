"""Handshakes that fail, each for one known reason."""

from __future__ import annotations

from .programs import (
    CURL,
    LARGE_HELLO,
    MODERN,
    NGINX,
    PYTHON,
    S_CLIENT,
    S_SERVER,
    S_SERVER_RSA,
    S_SERVER_STRANGER,
    nginx,
)
from .scene import Expect, Proof, Scene, fatal, handshake

AILMENTS = (
    Scene(
        "cipher-no-overlap",
        "The client offers one suite with DHE, the server takes ECDHE only.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(f"{S_SERVER_RSA} -cipher ECDHE+AESGCM",),
        ask=(
            "openssl s_client -connect partner.example.com:443 -servername partner.example.com"
            " -tls1_2 -cipher DHE-RSA-AES128-SHA@SECLEVEL=0 -CAfile known-root.pem",
        ),
        proof=(
            Proof("tshark", "tls.handshake.type == 1 && tls.handshake.ciphersuite == 0x0033", 1),
            fatal(40),
            handshake(2, 0),
            Proof("client", "alert handshake failure"),
            Proof("server", "no shared cipher"),
        ),
        expect=(Expect("failed", "SERVER_HELLO", ("server", "alert"), 40, ("cipher-no-overlap",)),),
    ),
    Scene(
        "suite-list-intolerance",
        "A box before the server resets hellos with 128 cipher suites or more.",
        client="{openssl} s_client",
        server="{openssl} s_server behind nftables",
        # the length of cipher_suites: 32 bytes of TCP header, 5 of the record's, 39 of the hello
        firewall=("tcp dport 443 @th,256,8 0x16 @th,608,16 >= 256 reject with tcp reset",),
        serve=(S_SERVER,),
        ask=(
            "openssl s_client -connect partner.example.com:443 -servername partner.example.com"
            " -tls1_2 -psk 1a2b -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0 -CAfile known-root.pem",
        ),
        proof=(
            Proof("tshark", "tls.handshake.cipher_suites_length >= 256", 1),
            Proof("tshark", "tcp.flags.reset == 1 && ip.src == 198.51.100.20", 1),
            handshake(2, 0),
        ),
        expect=(
            Expect("failed", "SERVER_HELLO", ("server", "rst"), causes=("suite-list-intolerance",)),
        ),
    ),
    Scene(
        "mtu-blackhole-client-hello",
        "The path drops packets of more than 1300 bytes; the hello has two segments.",
        client="{python} ssl",
        server="{openssl} s_server behind nftables",
        firewall=("tcp dport 443 ip length > 1300 drop",),
        serve=(S_SERVER,),
        files=LARGE_HELLO,
        ask=("python3 client.py",),
        proof=(
            Proof(
                "tshark", "ip.src == 192.0.2.10 && tcp.len > 1300 && tcp.analysis.retransmission"
            ),
            Proof("tshark", "ip.src == 198.51.100.20 && tcp.options.sack_le", 1),
            Proof("tshark", "ip.src == 198.51.100.20 && tcp.len > 0", 0),
            Proof("client", "timed out"),
        ),
        expect=(
            Expect(
                "failed",
                "SERVER_HELLO",
                ("network", "silence"),
                causes=("mtu-blackhole-client-hello",),
            ),
        ),
    ),
    Scene(
        "tcp-syn-filtered",
        "A firewall drops every SYN to the port.",
        client="{curl}",
        server="{openssl} s_server behind nftables",
        firewall=("tcp dport 443 drop",),
        serve=(S_SERVER,),
        ask=(f"{CURL} --connect-timeout 4 https://partner.example.com/",),
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
        ask=(f"{CURL} https://partner.example.com/",),
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
        serve=(NGINX,),
        files=nginx(f"listen 443 ssl; {MODERN}"),
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
        serve=(NGINX,),
        ports=(8080,),
        files=nginx("listen 8080;"),
        ask=(f"{CURL} https://www.example.com:8080/",),
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
        ask=(f"{CURL} https://partner.example.com/",),
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
        serve=(NGINX,),
        files=nginx(f"listen 443 ssl; {MODERN}"),
        ask=(f"{S_CLIENT} -tls1 -cipher ALL:@SECLEVEL=0",),
        proof=(
            fatal(70),
            handshake(2, 0),
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
        serve=(f"{S_SERVER_RSA} -tls1 -cipher ALL:@SECLEVEL=0",),
        ask=(f"{CURL} --tlsv1.2 --tls-max 1.2 https://www.example.com/",),
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
        serve=(NGINX,),
        files=nginx(
            f"listen 443 ssl default_server; {MODERN} ssl_reject_handshake on;",
            "listen 443 ssl; server_name www.example.com;",
        ),
        ask=(f"{CURL} https://partner.example.com/",),
        proof=(
            Proof("tshark", 'tls.handshake.extensions_server_name == "partner.example.com"', 1),
            fatal(112),
            handshake(2, 0),
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
        serve=(f"{S_SERVER} -alpn h2",),
        ask=(f"{CURL} --http1.1 https://www.example.com/",),
        proof=(
            Proof("tshark", 'tls.handshake.extensions_alpn_str == "http/1.1"', 1),
            fatal(120),
            handshake(2, 0),
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
        serve=(S_SERVER_STRANGER,),
        files=PYTHON,
        ask=("python3 client.py",),
        proof=(
            handshake(11, 1),
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
        serve=(S_SERVER.replace("ecdsa.", "expired."),),
        ask=(f"{CURL} --tls-max 1.2 https://www.example.com/",),
        proof=(
            handshake(11, 1),
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
        serve=(S_SERVER_STRANGER,),
        ask=(S_CLIENT,),
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
        serve=(S_SERVER_STRANGER,),
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
        serve=(f"{S_SERVER} -Verify 1 -verify_return_error -CAfile known-root.pem",),
        ask=(f"{S_CLIENT} -tls1_3",),
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
