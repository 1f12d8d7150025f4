"""Settings that add a cipher suite to what a server accepts."""

from __future__ import annotations

from typing import Final

from tlswire.remedies.setting import Setting

#: Up to TLS 1.2.
UP_TO_TLS12: Final = (
    Setting("nginx", "ssl_ciphers DEFAULT:{suites_openssl};"),
    Setting("Apache", "SSLCipherSuite DEFAULT:{suites_openssl}"),
    Setting("HAProxy", "bind :443 ssl crt site.pem ciphers DEFAULT:{suites_openssl}"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE ciphers 'DEFAULT:{suites_f5}'",
        "load_balancer",
    ),
    Setting("NetScaler", "bind ssl vserver VSERVER -cipherName {suite_netscaler}", "load_balancer"),
    Setting("Envoy", "tls_params: {{cipher_suites: [{suites_envoy}]}}", "load_balancer"),
    Setting(
        "OpenSSL", "CipherString = DEFAULT:{suites_openssl}   # openssl.cnf, [system_default_sect]"
    ),
    Setting("Java", "-Djdk.tls.server.cipherSuites={suites_iana}"),
    Setting("IIS/Schannel", "Enable-TlsCipherSuite -Name {suite_iana}   # PowerShell, then reboot"),
    Setting("Go", "tls.Config{{CipherSuites: []uint16{{{suites_go}}}}}"),
)
#: TLS 1.3, whose suites most products list apart.
TLS13: Final = (
    Setting("nginx", "ssl_conf_command Ciphersuites {suites_whole};"),
    Setting("Apache", "SSLCipherSuite TLSv1.3 {suites_whole}"),
    Setting("HAProxy", "bind :443 ssl crt site.pem ciphersuites {suites_whole}"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE ciphers 'DEFAULT:{suites_f5}'",
        "load_balancer",
    ),
    Setting("NetScaler", "bind ssl vserver VSERVER -cipherName {suite_netscaler}", "load_balancer"),
    Setting("OpenSSL", "Ciphersuites = {suites_whole}   # openssl.cnf, [system_default_sect]"),
    Setting("Java", "-Djdk.tls.server.cipherSuites={suites_iana}"),
    Setting("IIS/Schannel", "Enable-TlsCipherSuite -Name {suite_iana}   # PowerShell, then reboot"),
)
