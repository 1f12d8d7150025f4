"""Settings that let a server speak a version of TLS."""

from __future__ import annotations

from typing import Final

from tlswire.remedies.setting import Setting

#: `version` is the one that the client needs; `versions` are it and those above it.
VERSIONS: Final = (
    Setting("nginx", "ssl_protocols {versions};"),
    Setting("Apache", "SSLProtocol {versions}"),
    Setting("HAProxy", "bind :443 ssl crt site.pem ssl-min-ver {version_haproxy}"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE options {{ dont-insert-empty-fragments }}   "
        "# without no-{version_f5}",
        "load_balancer",
    ),
    Setting("NetScaler", "set ssl vserver VSERVER -{version_netscaler} ENABLED", "load_balancer"),
    Setting(
        "Envoy",
        "tls_params: {{tls_minimum_protocol_version: {version_envoy}}}",
        "load_balancer",
    ),
    Setting("OpenSSL", "MinProtocol = {version}   # openssl.cnf, [system_default_sect]"),
    Setting(
        "Java",
        "remove {version_java} from jdk.tls.disabledAlgorithms in conf/security/java.security; "
        "SSLParameters.setProtocols",
    ),
    Setting(
        "IIS/Schannel",
        r"reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols"
        r'\"{version_schannel}"\Server /v Enabled /t REG_DWORD /d 1   # then reboot',
    ),
    Setting("Go", "tls.Config{{MinVersion: {version_go}}}"),
)
#: What OpenSSL 3 wants besides, for versions whose handshake is signed with SHA-1.
OLD_SIGNATURES: Final = (
    Setting("OpenSSL 3", "CipherString = DEFAULT@SECLEVEL=0   # TLS 1.0 and 1.1 sign with SHA-1"),
    Setting("nginx, OpenSSL 3", "ssl_ciphers DEFAULT@SECLEVEL=0;"),
)
#: How a client is brought to offer more.
OF_CLIENTS: Final = (
    Setting("Java 7", "-Dhttps.protocols=TLSv1.2 -Djdk.tls.client.protocols=TLSv1.2", "client"),
    Setting(
        ".NET Framework",
        r"reg add HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319 /v SchUseStrongCrypto "
        "/t REG_DWORD /d 1   # and under Wow6432Node",
        "client",
    ),
    Setting(
        "Windows 7, 2008 R2, 2012",
        r"KB3140245, then reg add HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
        r'\"Internet Settings"\WinHttp /v DefaultSecureProtocols /t REG_DWORD /d 0xA00',
        "client",
    ),
    Setting(
        "OpenSSL 3", "MinProtocol and MaxProtocol in openssl.cnf, [system_default_sect]", "client"
    ),
    Setting(
        "F5 BIG-IP", "server-ssl profile: no option no-tlsv1.2, no option no-tlsv1.3", "client"
    ),
)
