"""What to type on firewalls, balancers and hosts: to find the rule, state, limit or member.

Nothing here weakens TLS; what takes an inspection or a state check away says so.
"""

from __future__ import annotations

from typing import Final

from tlswire.language import mark
from tlswire.remedies.setting import Setting

#: Which rule, filter or signature ended the connection.
RULES: Final = (
    Setting(
        "PAN-OS",
        "Monitor > Logs > Traffic, URL Filtering, Threat: session end reason; show session all "
        "filter destination SERVER",
        "firewall",
    ),
    Setting(
        "FortiOS",
        "diagnose debug flow filter addr SERVER; diagnose debug flow trace start 20; "
        "diagnose debug enable",
        "firewall",
    ),
    Setting("Check Point", "fw ctl zdebug + drop | grep SERVER", "firewall"),
    Setting(
        "Cisco ASA",
        "packet-tracer input inside tcp CLIENT 50000 SERVER 443; show asp drop",
        "firewall",
    ),
    Setting("Cisco Firepower", "system support firewall-engine-debug", "firewall"),
    Setting("nftables", "meta nftrace set 1 in a rule, then nft monitor trace", "firewall"),
    Setting("iptables", "iptables -L -v -n -x: whose counters grow with each attempt", "firewall"),
)
#: State of connections that only one direction passes, or that was lost.
STATE: Final = (
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm virtual VIRTUAL source-address-translation {{ type automap }}",
        "load_balancer",
    ),
    Setting(
        "Cisco ASA",
        "set connection advanced-options tcp-state-bypass   # price: no state check for this flow",
        "firewall",
    ),
    Setting(
        "PAN-OS",
        "set deviceconfig setting tcp asymmetric-path bypass   # price: no state check",
        "firewall",
    ),
    Setting(
        "FortiOS",
        "config system settings; set asymroute enable   # price: no inspection of such flows",
        "firewall",
    ),
    Setting("Linux", "sysctl -w net.ipv4.conf.all.rp_filter=2", "network"),
    Setting(mark("Linux NAT"), "sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1", "network"),
    Setting("iptables", "iptables -I FORWARD -m conntrack --ctstate INVALID -j DROP", "network"),
)
IDLE_TIMES: Final = (
    Setting(
        "Azure Load Balancer",
        "az network lb rule update --idle-timeout 30 --enable-tcp-reset true ...   # default 4 min",
        "load_balancer",
    ),
    Setting(
        "AWS NLB",
        "listener attribute tcp.idle_timeout.seconds=3600   # default 350",
        "load_balancer",
    ),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile tcp PROFILE idle-timeout 1800 reset-on-timeout enabled",
        "load_balancer",
    ),
    Setting("HAProxy", "timeout client 1h, timeout server 1h, option clitcpka", "load_balancer"),
    Setting(mark("Linux client"), "sysctl -w net.ipv4.tcp_keepalive_time=200", "client"),
)
#: Which member is down, differs, or was never asked.
MEMBERS: Final = (
    Setting(
        "F5 BIG-IP",
        "tmsh show ltm pool POOL members; tmsh modify sys db tm.rstcause.log value enable",
        "load_balancer",
    ),
    Setting(
        "HAProxy",
        "echo 'show stat; show errors' | socat stdio /run/haproxy/admin.sock",
        "load_balancer",
    ),
    Setting("NetScaler", "show service; stat lb vserver VSERVER; show lb vserver", "load_balancer"),
    Setting(
        "nginx", "error_log /var/log/nginx/error.log info;   # no live upstreams", "load_balancer"
    ),
    Setting("Envoy", "curl localhost:9901/clusters", "load_balancer"),
    Setting("AWS", "aws elbv2 describe-target-health --target-group-arn ARN", "load_balancer"),
)
LIMITS: Final = (
    Setting("HAProxy", "global: maxconn, maxsslconn, maxsslrate; show info", "load_balancer"),
    Setting(
        "F5 BIG-IP",
        "tmsh show ltm profile client-ssl PROFILE; the licence's SSL TPS",
        "load_balancer",
    ),
    Setting("nginx", "worker_connections, worker_rlimit_nofile, limit_conn", "load_balancer"),
    Setting("PAN-OS", "show session info; show running resource-monitor", "firewall"),
    Setting("FortiOS", "diagnose sys session stat; get system performance status", "firewall"),
    Setting("Linux", "conntrack -S; sysctl net.netfilter.nf_conntrack_max", "firewall"),
)
HANDSHAKE_TIMES: Final = (
    Setting("nginx", "client_header_timeout 60s;"),
    Setting("Apache", "RequestReadTimeout handshake=30 header=20-40"),
    Setting("HAProxy", "timeout client 30s   # also ends the handshake"),
    Setting(
        "F5 BIG-IP",
        "tmsh modify ltm profile client-ssl PROFILE handshake-timeout 30",
        "load_balancer",
    ),
    Setting(mark("Go server"), "http.Server{{ReadHeaderTimeout: 30 * time.Second}}"),
    Setting(mark("Go client"), "http.Transport{{TLSHandshakeTimeout: 30 * time.Second}}", "client"),
    Setting("curl", "curl --connect-timeout 30", "client"),
    Setting("Java", "SSLSocket.setSoTimeout(30000)", "client"),
)
BACKLOG: Final = (
    Setting("Linux", "nstat -az TcpExtListenOverflows; ss -ltn; sysctl -w net.core.somaxconn=4096"),
    Setting("nginx", "listen 443 ssl backlog=4096;"),
    Setting("HAProxy", "bind :443 backlog 4096"),
    Setting("Java", 'Tomcat: acceptCount="4096"'),
)
#: How inspection leaves a server alone.
EXEMPTIONS: Final = (
    Setting(
        "PAN-OS",
        "Device > Certificate Management > SSL Decryption Exclusion: HOST, or a No Decrypt rule",
        "firewall",
    ),
    Setting(
        "FortiOS",
        "config firewall ssl-ssh-profile; edit PROFILE; config ssl-exempt   # an address for HOST",
        "firewall",
    ),
    Setting("Check Point", "HTTPS Inspection policy: a rule with Bypass for HOST", "firewall"),
    Setting("Squid", "acl spliced ssl::server_name HOST; ssl_bump splice spliced", "firewall"),
    Setting("Zscaler", "SSL Inspection policy: Do Not Inspect for HOST", "firewall"),
    Setting("mitmproxy", "mitmdump --ignore-hosts '^HOST:443$'", "firewall"),
)
#: What a server shows, and how it takes a new certificate up.
RENEWAL: Final = (
    Setting(
        mark("any server"),
        "openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -noout "
        "-dates -ext subjectAltName",
    ),
    Setting("Let's Encrypt", "certbot renew; nginx -s reload   # or apachectl graceful"),
    Setting("HAProxy", "replace site.pem, then systemctl reload haproxy"),
    Setting(
        "F5 BIG-IP",
        "tmsh install sys crypto cert CERT from-local-file /var/tmp/site.crt",
        "load_balancer",
    ),
    Setting(
        "NetScaler", "update ssl certKey CERTKEY -cert site.crt -key site.key", "load_balancer"
    ),
    Setting(
        "IIS", "Get-ChildItem Cert:\\LocalMachine\\My; New-WebBinding or netsh http update sslcert"
    ),
    Setting("Java", "keytool -importkeystore -srckeystore site.p12 -destkeystore KEYSTORE"),
)
#: Whether a server has a certificate and the key that belongs to it.
KEYS: Final = (
    Setting(
        mark("any server"),
        "openssl x509 -in site.crt -noout -pubkey | sha256sum; openssl pkey -in site.key -pubout | "
        "sha256sum   # must be equal",
    ),
    Setting("nginx", "nginx -T | grep -n ssl_certificate; nginx -t && nginx -s reload"),
    Setting("Apache", "apachectl -t -D DUMP_VHOSTS; apachectl configtest && apachectl graceful"),
    Setting("HAProxy", "haproxy -c -f /etc/haproxy/haproxy.cfg; systemctl reload haproxy"),
    Setting(
        "F5 BIG-IP", "tmsh list ltm profile client-ssl PROFILE cert-key-chain", "load_balancer"
    ),
    Setting(
        "NetScaler",
        "show ssl vserver VSERVER; bind ssl vserver VSERVER -certkeyName CERTKEY",
        "load_balancer",
    ),
    Setting("IIS", "netsh http show sslcert; certutil -store My   # each with its private key"),
    Setting("Java", "keytool -list -v -keystore KEYSTORE   # a PrivateKeyEntry of the right alias"),
)
CLOCKS: Final = (
    Setting("Linux", "chronyc makestep; timedatectl", "client"),
    Setting("Windows", "w32tm /resync", "client"),
    Setting("F5 BIG-IP", "tmsh modify sys ntp servers add {{ pool.ntp.org }}", "load_balancer"),
    Setting("NetScaler", "add ntp server pool.ntp.org; enable ntp sync", "load_balancer"),
    Setting("PAN-OS", "show clock; set deviceconfig system ntp-servers ...", "firewall"),
)
REVOCATION: Final = (
    Setting("Windows", "certutil -verify -urlfetch site.cer; netsh winhttp show proxy", "client"),
    Setting(
        mark("any client"),
        "openssl x509 -in site.pem -noout -ocsp_uri; curl that address",
        "client",
    ),
    Setting(
        mark("curl with Schannel"),
        "curl --ssl-revoke-best-effort   # price: a blocked check passes",
        "client",
    ),
    Setting("Java", "-Dcom.sun.security.enableCRLDP=true, -Dhttp.proxyHost=PROXY", "client"),
)
