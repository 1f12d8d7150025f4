"""Settings that add a named group or a signature scheme to what a server accepts."""

from __future__ import annotations

from typing import Final

from tlswire.language import mark
from tlswire.remedies.setting import Setting

GROUPS: Final = (
    Setting("nginx", "ssl_ecdh_curve {groups};"),
    Setting("Apache", "SSLOpenSSLConfCmd Groups {groups}"),
    Setting("HAProxy", "bind :443 ssl crt site.pem curves {groups}"),
    Setting(
        "F5 BIG-IP",
        "tmsh create ltm cipher rule RULE dh-groups {groups_f5}   # in the profile's cipher group",
        "load_balancer",
    ),
    Setting(
        "NetScaler", "bind ssl vserver VSERVER -eccCurveName {group_netscaler}", "load_balancer"
    ),
    Setting("Envoy", "tls_params: {{ecdh_curves: [{groups_envoy}]}}", "load_balancer"),
    Setting("OpenSSL", "Groups = {groups}   # openssl.cnf, [system_default_sect]"),
    Setting("Java", "-Djdk.tls.namedGroups={groups_java}"),
    Setting(
        "IIS/Schannel", "Enable-TlsEccCurve -Name {group_schannel}   # PowerShell, then reboot"
    ),
    Setting("Go", "tls.Config{{CurvePreferences: []tls.CurveID{{{groups_go}}}}}"),
)
#: A hybrid group left out, at the client that offers it.
WITHOUT_HYBRIDS: Final = (
    Setting("Go", "GODEBUG=tlsmlkem=0", "client"),
    Setting(
        "Chrome, Edge",
        "policy PostQuantumKeyAgreementEnabled=false   # where the release still has it",
        "client",
    ),
    Setting("Firefox", "about:config security.tls.enable_kyber=false", "client"),
    Setting(
        "OpenSSL 3.5",
        "Groups = X25519:P-256:P-384   # openssl.cnf, [system_default_sect]",
        "client",
    ),
    Setting("curl", "--curves X25519:P-256:P-384", "client"),
    Setting("Node 24", "tls.DEFAULT_ECDH_CURVE = 'X25519:P-256:P-384'", "client"),
    Setting(
        mark("nginx to upstream"), "proxy_ssl_conf_command Groups X25519:P-256:P-384;", "client"
    ),
)
SCHEMES: Final = (
    Setting("OpenSSL", "SignatureAlgorithms = {schemes}   # openssl.cnf, [system_default_sect]"),
    Setting("nginx", "ssl_conf_command SignatureAlgorithms {schemes};"),
    Setting("Apache", "SSLOpenSSLConfCmd SignatureAlgorithms {schemes}"),
    Setting("HAProxy", "bind :443 ssl crt site.pem sigalgs {schemes}   # from 2.8 on"),
    Setting("Java", "-Djdk.tls.server.SignatureSchemes={schemes_iana}"),
)
#: A second certificate, of the other kind of key, beside the first.
TWO_CERTIFICATES: Final = (
    Setting(
        "nginx",
        "ssl_certificate {missing_key}.pem; ssl_certificate_key {missing_key}.key;   # beside the "
        "present pair",
    ),
    Setting("Apache", "SSLCertificateFile {missing_key}.pem   # a second time, with its key"),
    Setting("HAProxy", "crt site.pem   # with site.pem.rsa and site.pem.ecdsa beside each other"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE cert-key-chain add {{ {missing_key} {{ cert "
        "{missing_key}.crt key {missing_key}.key }} }}",
        "load_balancer",
    ),
    Setting(
        "NetScaler",
        "bind ssl vserver VSERVER -certkeyName {missing_key}   # a second",
        "load_balancer",
    ),
    Setting("Envoy", "tls_certificates: a second entry, {missing_key}", "load_balancer"),
    Setting("Java", "keytool -importkeystore the {missing_key} key under an alias of its own"),
    Setting(
        "Go", "tls.Config{{Certificates: both pairs; the first that the client can use is sent}}"
    ),
)
