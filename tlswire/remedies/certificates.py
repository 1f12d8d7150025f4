"""Settings for certificates: the server's chain, the client's trust, and client certificates."""

from __future__ import annotations

from typing import Final

from tlswire.language import mark
from tlswire.remedies.setting import Setting

CHAIN: Final = (
    Setting("nginx", "ssl_certificate fullchain.pem;   # leaf first, then intermediates, no root"),
    Setting(
        "Apache", "SSLCertificateFile fullchain.pem   # from 2.4.8; before: SSLCertificateChainFile"
    ),
    Setting("HAProxy", "cat leaf.pem intermediates.pem leaf.key > site.pem; crt site.pem"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE cert-key-chain modify {{ DEFAULT {{ chain "
        "intermediate.crt }} }}",
        "load_balancer",
    ),
    Setting("NetScaler", "link ssl certKey LEAF INTERMEDIATE", "load_balancer"),
    Setting(
        "Envoy", "tls_certificates: certificate_chain: {{filename: fullchain.pem}}", "load_balancer"
    ),
    Setting("OpenSSL", "SSL_CTX_use_certificate_chain_file(ctx, fullchain.pem)"),
    Setting(
        "Java", "keytool -importcert -alias LEAF -file fullchain.p7b   # onto the key's own alias"
    ),
    Setting(
        "IIS/Schannel", "certutil -addstore CA intermediate.cer   # then rebind the certificate"
    ),
    Setting("Go", 'tls.LoadX509KeyPair("fullchain.pem", "leaf.key")'),
)
TRUST: Final = (
    Setting(
        "Debian, Ubuntu",
        "cp ca.crt /usr/local/share/ca-certificates/; update-ca-certificates",
        "client",
    ),
    Setting("Red Hat", "cp ca.crt /etc/pki/ca-trust/source/anchors/; update-ca-trust", "client"),
    Setting("Windows", "certutil -addstore Root ca.crt", "client"),
    Setting(
        "Java",
        "keytool -importcert -cacerts -storepass changeit -alias CA -file ca.crt   # this JVM only",
        "client",
    ),
    Setting("Python", "SSL_CERT_FILE=ca-bundle.pem; requests: REQUESTS_CA_BUNDLE", "client"),
    Setting("Node", "NODE_EXTRA_CA_CERTS=ca.pem", "client"),
    Setting("curl, OpenSSL", "curl --cacert ca.pem; SSL_CERT_FILE=ca.pem", "client"),
    Setting("Go", "SSL_CERT_FILE=ca.pem; tls.Config{{RootCAs: pool}}", "client"),
    Setting(mark("nginx to upstream"), "proxy_ssl_trusted_certificate ca.pem;", "client"),
    Setting(
        mark("HAProxy to server"),
        "server s1 10.0.0.1:443 ssl verify required ca-file ca.pem",
        "client",
    ),
    Setting(
        mark("F5 BIG-IP to pool"),
        "tmsh modify ltm profile server-ssl PROFILE ca-file ca.crt",
        "client",
    ),
)
#: Whom a server trusts to sign clients.
OF_CLIENTS: Final = (
    Setting("nginx", "ssl_client_certificate ca.pem; ssl_verify_client on; ssl_verify_depth 2;"),
    Setting("Apache", "SSLCACertificateFile ca.pem, SSLVerifyClient require, SSLVerifyDepth 2"),
    Setting("HAProxy", "bind :443 ssl crt site.pem ca-file ca.pem verify required"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE peer-cert-mode require ca-file ca.crt "
        "client-cert-ca ca.crt",
        "load_balancer",
    ),
    Setting(
        "NetScaler",
        "set ssl vserver VSERVER -clientAuth ENABLED -clientCert Mandatory; bind ssl vserver "
        "VSERVER -certkeyName CA -CA",
        "load_balancer",
    ),
    Setting(
        "Envoy",
        "require_client_certificate: true; validation_context: {{trusted_ca: {{filename: "
        "ca.pem}}}}",
        "load_balancer",
    ),
    Setting("OpenSSL", "SSL_CTX_load_verify_locations, SSL_CTX_set_client_CA_list"),
    Setting(
        "Java", "-Djavax.net.ssl.trustStore=clients.p12; Tomcat: certificateVerification=required"
    ),
    Setting(
        "IIS/Schannel",
        "certutil -addstore ClientAuthIssuer ca.crt; netsh http ... clientcertnegotiation=enable",
    ),
    Setting("Go", "tls.Config{{ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}}"),
)
#: How a client is given its certificate.
AT_CLIENTS: Final = (
    Setting("curl", "curl --cert client-with-chain.pem --key client.key", "client"),
    Setting(
        "OpenSSL",
        "openssl s_client -cert client.pem -key client.key -cert_chain chain.pem",
        "client",
    ),
    Setting(
        "Java", "-Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStorePassword=...", "client"
    ),
    Setting("Python", "context.load_cert_chain('client-with-chain.pem', 'client.key')", "client"),
    Setting(
        mark("nginx to upstream"),
        "proxy_ssl_certificate client-with-chain.pem; proxy_ssl_certificate_key client.key;",
        "client",
    ),
    Setting(
        mark("HAProxy to server"),
        "server s1 10.0.0.1:443 ssl crt client-with-key.pem ca-file ca.pem",
        "client",
    ),
    Setting(
        mark("F5 BIG-IP to pool"),
        "tmsh modify ltm profile server-ssl PROFILE cert client.crt key client.key chain ca.crt",
        "client",
    ),
    Setting(mark("Envoy to upstream"), "UpstreamTlsContext: tls_certificates", "client"),
    Setting("Go", "tls.Config{{Certificates: []tls.Certificate{{pair}}}}", "client"),
)
STAPLING: Final = (
    Setting("nginx", "ssl_stapling on; ssl_stapling_verify on; resolver 127.0.0.1;"),
    Setting("Apache", "SSLUseStapling on, SSLStaplingCache shmcb:/run/stapling(32768)"),
    Setting("HAProxy", "site.pem.ocsp beside site.pem, renewed by ocsp-update on (2.8)"),
    Setting(
        "F5 BIG-IP",
        "client-ssl profile: ocsp-stapling enabled, and an OCSP validator at the certificate",
        "load_balancer",
    ),
    Setting("NetScaler", "set ssl vserver VSERVER -ocspStapling ENABLED", "load_balancer"),
    Setting("Java", "-Djdk.tls.server.enableStatusRequestExtension=true"),
)
