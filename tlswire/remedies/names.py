"""Settings for names: server_name at server and client, and ALPN."""

from __future__ import annotations

from typing import Final

from tlswire.language import mark
from tlswire.remedies.setting import Setting

VIRTUAL_HOSTS: Final = (
    Setting("nginx", "server {{ listen 443 ssl; server_name {name}; ssl_certificate ...; }}"),
    Setting("Apache", "<VirtualHost *:443> ServerName {name} ... (or ServerAlias {name})"),
    Setting("HAProxy", "crt-list: site.pem {name}   # with strict-sni every name needs a row"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE server-name {name}   # then bind it to the "
        "virtual server",
        "load_balancer",
    ),
    Setting(
        "NetScaler",
        "set ssl vserver VSERVER -sniEnable ENABLED; bind ssl vserver VSERVER -certkeyName CERT "
        "-SNICert   # a certificate for {name}",
        "load_balancer",
    ),
    Setting("Envoy", 'filter_chain_match: {{server_names: ["{name}"]}}', "load_balancer"),
    Setting("Java", 'SNIHostName.createSNIMatcher("{name}") among SSLParameters.setSNIMatchers'),
    Setting(
        "IIS",
        "New-WebBinding -Name SITE -Protocol https -Port 443 -HostHeader {name} -SslFlags 1",
    ),
    Setting("Go", 'GetCertificate: return a certificate for hello.ServerName == "{name}"'),
)
DEFAULT_HOST: Final = (
    Setting("nginx", "server {{ listen 443 ssl default_server; ssl_certificate ...; }}"),
    Setting("Apache", "SSLStrictSNIVHostCheck off   # and the first virtual host answers"),
    Setting("HAProxy", "bind :443 ssl crt default.pem   # without strict-sni"),
    Setting(
        "F5 BIG-IP", "tmsh modify ltm profile client-ssl PROFILE sni-default true", "load_balancer"
    ),
    Setting("Envoy", "a filter chain without server_names", "load_balancer"),
)
OF_CLIENTS: Final = (
    Setting(mark("nginx to upstream"), "proxy_ssl_server_name on; proxy_ssl_name HOST;", "client"),
    Setting(
        mark("Apache to backend"),
        "ProxyPreserveHost on   # the name sent is that of the request",
        "client",
    ),
    Setting(
        mark("HAProxy to server"),
        "server s1 10.0.0.1:443 ssl sni str(HOST) check-sni HOST",
        "client",
    ),
    Setting(
        mark("F5 BIG-IP to pool"),
        "tmsh modify ltm profile server-ssl PROFILE server-name HOST",
        "client",
    ),
    Setting(
        mark("NetScaler to service"),
        "set ssl service SERVICE -commonName HOST -SNIEnable ENABLED",
        "client",
    ),
    Setting(mark("Envoy to upstream"), "UpstreamTlsContext: {{sni: HOST}}", "client"),
    Setting(
        "OpenSSL",
        "openssl s_client -servername HOST; SSL_set_tlsext_host_name(ssl, HOST)",
        "client",
    ),
    Setting("curl", "curl --connect-to or --resolve HOST:443:ADDRESS https://HOST/", "client"),
    Setting(
        "Java",
        "SSLParameters.setServerNames; connect by name, jsse.enableSNIExtension=true",
        "client",
    ),
    Setting("Go", "tls.Config{{ServerName: HOST}}", "client"),
)
APPLICATION_PROTOCOLS: Final = (
    Setting("nginx", "http2 on;   # from 1.25.1; before: listen 443 ssl http2;"),
    Setting("Apache", "Protocols h2 http/1.1"),
    Setting("HAProxy", "bind :443 ssl crt site.pem alpn h2,http/1.1"),
    Setting(
        "F5 BIG-IP",
        "an http2 profile on the virtual server, with client-side ALPN",
        "load_balancer",
    ),
    Setting("NetScaler", "set ns httpProfile PROFILE -http2 ENABLED", "load_balancer"),
    Setting("Envoy", 'common_tls_context: {{alpn_protocols: ["h2", "http/1.1"]}}', "load_balancer"),
    Setting("Java", 'SSLParameters.setApplicationProtocols(new String[]{{"h2", "http/1.1"}})'),
    Setting("Go", 'tls.Config{{NextProtos: []string{{"h2", "http/1.1"}}}}'),
    Setting("curl", "curl --no-alpn, or --http1.1", "client"),
)
