"""Where bytes come from: captures, link layers, tunnels, IP, TCP, sockets.

Beside the river: knows floor 0 only, and never what the bytes of a stream mean.

    capture.py      opens a file, stdin or stream; pcap.py and pcapng.py walk its packets
    compressed.py   peels gzip, bzip2, xz, zstd, lz4 off a file
    link.py         from the link layer to IP
    ip.py           from IP to TCP, UDP or ICMP, through tunnels.py and fragments.py
    icmp.py         which packet an ICMP error quotes
    tcp.py          the conversations of a capture; conversation.py one of them, stream.py one
                    direction of one, segment.py one TCP header
    sides.py        who the client is when no SYN was captured
    datagrams.py    DTLS and QUIC conversations, counted
"""
