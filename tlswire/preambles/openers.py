"""What cleartext this is, told from its first bytes: a table, the first row that fits wins.

For telling the user what a side sent where TLS was expected. Never names TLS itself, never
raises; a name that comes from here is our own word with at most a number from the wire.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.flow import Who
from tlswire.preambles.step import OPENVPN, compiled

_SEEN: Final = 4096  # bytes looked at


class Opener(NamedTuple):
    """`name` may mention the pattern's group `code`; `who` is None when either side may say it."""

    name: str
    who: Who | None
    pattern: bytes


_HTTP_METHOD = rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|REPORT)"
_BER_LENGTH = rb"(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)"
_LDAP = rb"\x30" + _BER_LENGTH + rb"\x02[\x01-\x04].{1,4}?"

_SOCKS5_NEXT = rb"(?:(?!.)|\x05[\x00-\x08]\x00[\x01\x03\x04]|\x01.)"

OPENERS: Final = (
    Opener("PROXY protocol v1 header", "client", rb"PROXY[ ](?:TCP4|TCP6|UNKNOWN)"),
    Opener("PROXY protocol v2 header", "client", rb"\r\n\r\n\x00\r\nQUIT\n"),
    Opener("HTTP/2 preface", "client", rb"PRI[ ]\*[ ]HTTP/2\.0\r\n"),
    Opener("RTSP request", "client", rb"[A-Z_]{3,16}[ ][^\r\n]{1,2048}[ ]RTSP/\d"),
    Opener("SIP request", "client", rb"[A-Z]{3,16}[ ][^\r\n]{1,2048}[ ]SIP/\d"),
    Opener("HTTP CONNECT request", "client", rb"CONNECT[ ][^\r\n]+HTTP/1"),
    Opener("HTTP request", "client", _HTTP_METHOD + rb"[ ][^\r\n]*"),
    Opener("HTTP request", "client", rb"[A-Z]{3,24}[ ][^\r\n]{1,2048}[ ]HTTP/\d"),
    Opener("HTTP response {code}", "server", rb"HTTP/\d(?:\.\d)?[ ](?P<code>\d{3})"),
    Opener("HTTP response", "server", rb"HTTP/\d"),
    Opener("RTSP response {code}", "server", rb"RTSP/\d\.\d[ ](?P<code>\d{3})"),
    Opener("SIP response {code}", "server", rb"SIP/\d\.\d[ ](?P<code>\d{3})"),
    Opener(
        "HTTP/2 frames",
        "server",
        rb"\x00\x00(?:[\x00\x06\x0c\x12\x18\x1e\x24\x2a\x30])\x04\x00\x00\x00\x00\x00",
    ),
    Opener("SSH banner", None, rb"SSH-\d\.\d+-"),
    Opener("VNC banner", None, rb"RFB[ ]\d{3}\.\d{3}\n"),
    Opener("rsync banner", None, rb"@RSYNCD:"),
    Opener("SMTP banner", "server", rb"220[ -][^\n]*(?i:SMTP)"),
    Opener("FTP banner", "server", rb"220[ -][^\n]*(?i:FTP)"),
    Opener("SMTP or FTP banner", "server", rb"220(?:[ -]|\r?\n)"),
    Opener("NNTP banner", "server", rb"20[01][ ][^\n]*"),
    Opener("SMTP or FTP reply {code}", "server", rb"(?P<code>[245]\d\d)(?:[ -][^\n]*)?\r?\n"),
    Opener("ManageSieve greeting", "server", rb"\"IMPLEMENTATION\"[ ]"),
    Opener("IMAP greeting", "server", rb"\*[ ](?i:OK|PREAUTH)\b"),
    Opener("IMAP error", "server", rb"\*[ ](?i:BYE|BAD|NO)\b"),
    Opener("Redis error", "server", rb"-(?:ERR[ ](?:unknown|wrong|Protocol)|NOAUTH|DENIED)"),
    Opener("Redis reply", "server", rb"\+(?:PONG|OK)\r\n(?!.)"),
    Opener("POP3 banner", "server", rb"\+OK\b"),
    Opener("POP3 error", "server", rb"-ERR\b"),
    Opener("Redis command", "client", rb"\*\d+\r\n\$\d+\r\n"),
    Opener("Memcached error", "server", rb"(?:ERROR|CLIENT_ERROR[^\r\n]*)\r\n"),
    Opener("XMPP stream", None, rb"\s*(?:<\?xml[^>]*>\s*)?<(?:\w+:)?stream[\s:]"),
    Opener(
        "HTML without a status line", "server", rb"(?i)\s*<(?:!doctype[ ]html|html|head|body)\b"
    ),
    Opener("XML", None, rb"\s*<\?xml\b"),
    Opener("X.509 PEM", None, rb"-----BEGIN[ ](?:TRUSTED[ ]|X509[ ])?CERTIFICATE-----"),
    Opener("PEM", None, rb"-----BEGIN[ ]"),
    Opener("IRC server message", "server", rb":[^ \r\n]+[ ](?:NOTICE|\d{3}|ERROR)[ ]"),
    Opener("IRC server message", "server", rb"(?:NOTICE[ ]|ERROR[ ]:)"),
    Opener("IRC command", "client", rb"(?:CAP[ ]LS|NICK[ ]|USER[ ]\S+[ ]\S+[ ]\S+[ ]:)"),
    Opener("SMTP command", "client", rb"(?i:EHLO|HELO|LHLO)[ \r\n]"),
    Opener("STARTTLS command", "client", rb"(?i:STARTTLS|STLS|AUTH[ ](?:TLS|SSL))\s*\n"),
    Opener("IMAP command", "client", rb"(?i)\S{1,32}[ ](?:CAPABILITY|STARTTLS|LOGIN[ ]|ID[ ])"),
    Opener("FTP or POP3 command", "client", rb"(?:USER|PASS|CAPA|FEAT)(?:[ ][^\r\n]*)?\r\n"),
    Opener(
        "LDAP notice of disconnection", "server", _LDAP + rb"\x78.*?1\.3\.6\.1\.4\.1\.1466\.20036"
    ),
    Opener("LDAP message", "client", _LDAP + rb"[\x42\x4a\x60\x63\x66\x68\x6c\x6e\x77]"),
    Opener("LDAP message", "server", _LDAP + rb"[\x61\x64\x65\x67\x69\x6b\x6d\x6f\x73\x78\x79]"),
    Opener("MySQL greeting", "server", rb"...\x00\x0a\d+\.[^\x00]{1,80}\x00"),
    Opener("MySQL error packet", "server", rb"...[\x00-\x03]\xff[\x00-\xff][\x03-\x0f][ #-~]"),
    Opener("PostgreSQL SSLRequest", "client", rb"\x00\x00\x00\x08\x04\xd2\x16\x2f"),
    Opener("PostgreSQL GSSENCRequest", "client", rb"\x00\x00\x00\x08\x04\xd2\x16\x30"),
    Opener(
        "PostgreSQL startup message", "client", rb"\x00\x00..\x00\x03\x00[\x00-\x02][a-z_]+\x00"
    ),
    Opener("PostgreSQL error", "server", rb"E\x00\x00..S(?:FATAL|ERROR|PANIC)\x00"),
    Opener("PostgreSQL error", "server", rb"E(?:FATAL|ERROR|unsupported)[^\x00]*\x00"),
    Opener(
        "PostgreSQL authentication request", "server", rb"R\x00\x00\x00.\x00\x00\x00[\x00-\x0c]"
    ),
    Opener("RDP connection request", "client", rb"\x03\x00\x00.[\x06-\xfe]\xe0\x00\x00"),
    Opener("RDP connection confirm", "server", rb"\x03\x00\x00.[\x06-\xfe]\xd0"),
    Opener("TDS prelogin", "client", rb"\x12[\x00\x01]..\x00\x00[\x00-\x02]\x00\x00\x00.\x00"),
    Opener("TDS response", "server", rb"\x04\x01..\x00[\x00-\xff][\x00-\x02]\x00"),
    Opener("SOCKS5 greeting", "client", rb"\x05(?:\x01.|\x02..|\x03...|\x04....)" + _SOCKS5_NEXT),
    Opener("SOCKS5 reply", "server", rb"\x05[\x00-\x09\xff]" + _SOCKS5_NEXT),
    Opener("SOCKS4 request", "client", rb"\x04[\x01\x02]......[^\x00]*\x00"),
    Opener("SOCKS4 reply", "server", rb"\x00[\x5a-\x5d].{6}(?:(?!.)|\x16\x03)"),
    Opener("AMQP header", None, rb"AMQP[\x00-\x03]"),
    Opener("MQTT CONNECT", "client", rb"\x10.{1,4}?\x00(?:\x04MQTT|\x06MQIsdp)"),
    Opener("MQTT CONNACK", "server", rb"\x20\x02[\x00\x01][\x00-\x05](?!.)"),
    Opener("Java RMI", "client", rb"JRMI\x00[\x01\x02]"),
    Opener("T3 (WebLogic)", None, rb"(?:t3s?[ ]\d+\.|HELO:\d+\.)"),
    Opener("CORBA GIOP", None, rb"GIOP\x01[\x00-\x03]"),
    Opener("NATS greeting", "server", rb"INFO[ ]\{"),
    Opener("SMB", None, rb"\x00\x00..[\xff\xfe]SMB"),
    Opener("DCE/RPC", None, rb"\x05\x00[\x00-\x13][\x00-\x7f]\x10\x00\x00\x00"),
    Opener("Kerberos", None, rb"\x00\x00..[\x6a-\x6d\x7e][\x30\x81\x82]"),
    Opener("BGP", None, rb"\xff{16}..[\x01-\x05]"),
    Opener("BitTorrent", None, rb"\x13BitTorrent[ ]protocol"),
    Opener("Android debug bridge", None, rb"CNXN\x00|CNXN\x01\x00\x00\x01"),
    Opener("OpenVPN over TCP", None, OPENVPN),
    Opener("Oracle TNS", None, rb"\x00.\x00\x00[\x01\x02\x04\x05\x0b]\x00\x00\x00"),
    Opener("telnet negotiation", None, rb"\xff[\xfb-\xfe][\x00-\x31\xff]"),
    Opener("JSON", None, rb"\s*\{\s*\"[^\"\n]*\"\s*:"),
    Opener("plain text", None, rb"(?>(?:[\t\r\n\x20-\x7e]|[\xc3-\xdf][\x80-\xbf]){4,})(?!.)"),
)


def name_bytes(data: bytes, sender: Who) -> str | None:
    """Say what cleartext a side sent, or None for binary that is none of the known."""
    seen = data[:_SEEN]
    for opener in OPENERS:
        if opener.who in (None, sender):
            found = compiled(b"(?s)" + opener.pattern).match(seen)
            if found:
                return opener.name.format_map(_decoded(found.groupdict()))
    return None


def _decoded(groups: dict[str, bytes]) -> dict[str, str]:
    return {name: value.decode("ascii", "replace") for name, value in groups.items() if value}
