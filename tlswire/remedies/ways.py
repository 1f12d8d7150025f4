"""Settings for the way: segment sizes, PROXY headers, and what is kept between handshakes."""

from __future__ import annotations

from typing import Final

from tlswire.language import mark
from tlswire.remedies.setting import Setting

SEGMENT_SIZES: Final = (
    Setting(
        mark("Linux router"),
        "iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS "
        "--clamp-mss-to-pmtu",
        "network",
    ),
    Setting(
        "nftables",
        "nft add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu",
        "network",
    ),
    Setting("Cisco IOS", "ip tcp adjust-mss 1360   # on the tunnel's interface", "network"),
    Setting("Cisco ASA", "sysopt connection tcpmss 1360", "firewall"),
    Setting("PAN-OS", "interface: Adjust TCP MSS; permit icmp type 3 code 4", "firewall"),
    Setting(
        "FortiOS",
        "set tcp-mss-sender 1360, set tcp-mss-receiver 1360   # in the policy",
        "firewall",
    ),
    Setting("F5 BIG-IP", "tmsh modify ltm profile tcp PROFILE mss-override 1360", "load_balancer"),
    Setting("NetScaler", "set ns tcpProfile PROFILE -mss 1360", "load_balancer"),
    Setting(mark("Linux host"), "ip route change default via GATEWAY advmss 1360", "client"),
)
PROXY_EXPECTED: Final = (
    Setting("nginx", "listen 443 ssl proxy_protocol;   # or without, where clients come directly"),
    Setting("Apache", "RemoteIPProxyProtocol On   # or Off"),
    Setting("HAProxy", "bind :443 accept-proxy ssl ...   # or without accept-proxy"),
    Setting(
        mark("HAProxy to server"),
        "server s1 10.0.0.1:443 send-proxy-v2 check-send-proxy   # or without",
        "load_balancer",
    ),
    Setting("nginx stream", "proxy_protocol on;   # or off", "load_balancer"),
    Setting("Envoy", "envoy.filters.listener.proxy_protocol, before tls_inspector   # or without"),
    Setting(
        "AWS NLB",
        "target group attribute proxy_protocol_v2.enabled=true   # or false",
        "load_balancer",
    ),
    Setting(
        "F5 BIG-IP",
        "iRule on SERVER_CONNECTED that sends the header   # or without",
        "load_balancer",
    ),
    Setting("Traefik", "entryPoints.websecure.proxyProtocol.trustedIPs", "load_balancer"),
)
TICKETS: Final = (
    Setting(
        "nginx",
        "ssl_session_ticket_key shared.key;   # the same file on all; or ssl_session_tickets off;",
    ),
    Setting("Apache", "SSLSessionTicketKeyFile shared.key   # or SSLSessionTickets off"),
    Setting(
        "HAProxy", "bind :443 ssl crt site.pem tls-ticket-keys shared.keys   # or no-tls-tickets"
    ),
    Setting(
        "Envoy",
        "session_ticket_keys: the same on all   # or disable_stateless_session_resumption",
        "load_balancer",
    ),
    Setting(
        "F5 BIG-IP",
        "client-ssl profile: session-ticket disabled, or source-address persistence",
        "load_balancer",
    ),
    Setting("Go", "tls.Config.SetSessionTicketKeys(shared)"),
)
DIFFIE_HELLMAN: Final = (
    Setting("nginx", "ssl_dhparam dh2048.pem;   # or leave kDHE out: ssl_ciphers DEFAULT:!kDHE;"),
    Setting(
        "Apache",
        "SSLCipherSuite DEFAULT:!kDHE   # or 2048-bit DH PARAMETERS in the certificate file",
    ),
    Setting("HAProxy", "tune.ssl.default-dh-param 2048"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE ciphers 'DEFAULT:!DHE'",
        "load_balancer",
    ),
    Setting("Java", "-Djdk.tls.ephemeralDHKeySize=2048"),
    Setting(
        "IIS/Schannel",
        r"reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
        r"\KeyExchangeAlgorithms\Diffie-Hellman /v ServerMinKeyBitLength /t REG_DWORD /d 2048",
    ),
    Setting("OpenSSL", "SSL_CTX_set_dh_auto(ctx, 1)   # or a suite with ECDHE"),
)
SECURE_RENEGOTIATION: Final = (
    Setting("NetScaler", "set ssl parameter -denySSLReneg NONSECURE", "load_balancer"),
    Setting(
        "F5 BIG-IP",
        "client-ssl profile: secure-renegotiation require, on a release after 10.2.3",
        "load_balancer",
    ),
    Setting(
        mark("OpenSSL servers"),
        "upgrade to OpenSSL 0.9.8m or later: it sends renegotiation_info by itself",
    ),
    Setting(
        mark("Java server"), "-Dsun.security.ssl.allowUnsafeRenegotiation=false on 6u22 or later"
    ),
    Setting(
        mark("OpenSSL 3, stop-gap"),
        "Options = UnsafeLegacyServerConnect   # price: prefix injection, CVE-2009-3555",
        "client",
    ),
)
EXTENDED_MASTER_SECRET: Final = (
    Setting("OpenSSL", "1.1.0 or later; not Options = -ExtendedMasterSecret"),
    Setting("Java", "-Djdk.tls.useExtendedMasterSecret=true   # 8u161 or later"),
    Setting("IIS/Schannel", "the update of KB3081320; DisableServerExtendedMasterSecret 0"),
    Setting("Go", "1.21 or later"),
)
