"""The command lines and configurations that many scenes share.

Certificates and keys are those of `certificates.py`; every program runs in the maker's folder.
"""

from __future__ import annotations

S_SERVER = (
    "openssl s_server -accept 198.51.100.20:443 -cert ecdsa.pem -key ecdsa.key"
    " -cert_chain known-issuer.pem -rev"
)
S_SERVER_RSA = S_SERVER.replace("ecdsa.", "rsa.")
S_SERVER_STRANGER = S_SERVER.replace("ecdsa.", "stranger.").replace("known-", "unknown-")
S_CLIENT = (
    "openssl s_client -connect www.example.com:443 -servername www.example.com"
    " -CAfile known-root.pem -verify_return_error"
)
CURL = "curl -sv --cacert known-root.pem"
NGINX = "nginx -p . -c nginx.conf -e stderr"
_NGINX_MAIN = """\
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
error_log stderr info;
events {}
"""
MODERN = "ssl_protocols TLSv1.2 TLSv1.3;"
_SITE = 'ssl_certificate ecdsa.pem; ssl_certificate_key ecdsa.key; return 200 "hello\\n";'
PYTHON = {
    "client.py": """\
import socket, ssl
context = ssl.create_default_context(cafile="known-root.pem")
context.maximum_version = ssl.TLSVersion.TLSv1_2
with socket.create_connection(("www.example.com", 443)) as raw:
    context.wrap_socket(raw, server_hostname="www.example.com")
"""
}
#: A hello of two segments; what is sent again is sent until the server would have answered.
LARGE_HELLO = {
    "client.py": """\
import socket, ssl
context = ssl.create_default_context(cafile="known-root.pem")
context.set_alpn_protocols([f"protocol/{number}" for number in range(100)])
with socket.create_connection(("www.example.com", 443)) as raw:
    raw.settimeout(4)
    context.wrap_socket(raw, server_hostname="www.example.com")
"""
}
EXIM = {
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


def nginx(*servers: str) -> dict[str, str]:
    """A configuration with these servers."""
    body = "".join(f"  server {{ {server} {_SITE} }}\n" for server in servers)
    return {"nginx.conf": f"{_NGINX_MAIN}http {{\n  access_log off;\n{body}}}\n"}
