"""Every capture of the project, in the order of the index."""

from __future__ import annotations

from .scene import Expect, Proof, Scene

_OPENSSL = "{openssl}"
_S_SERVER = "openssl s_server -accept 198.51.100.20:443 -cert ecdsa.pem -key ecdsa.key"
_CHAIN = "-cert_chain ecdsa.pem"

SCENES: tuple[Scene, ...] = (
    Scene(
        "cipher-no-overlap",
        "The client offers one suite with DHE, the server takes ECDHE only.",
        client="{openssl} s_client",
        server="{openssl} s_server",
        serve=(
            "openssl s_server -accept 198.51.100.20:443 -cert rsa.pem -key rsa.key"
            " -cipher ECDHE+AESGCM -rev",
        ),
        ask=(
            "openssl s_client -connect partner.example.com:443 -servername partner.example.com"
            " -tls1_2 -cipher DHE-RSA-AES128-SHA@SECLEVEL=0 -CAfile known-root.pem",
        ),
        proof=(
            Proof("tshark", "tls.handshake.type == 1 && tls.handshake.ciphersuite == 0x0033", 1),
            Proof("tshark", "tls.alert_message.level == 2 && tls.alert_message.desc == 40", 1),
            Proof("tshark", "tls.handshake.type == 2", 0),
            Proof("client", "alert handshake failure"),
            Proof("server", "no shared cipher"),
        ),
        expect=(Expect("failed", "SERVER_HELLO", ("server", "alert"), 40, ("cipher-no-overlap",)),),
    ),
)
