"""Where bytes come from: captures, link layers, tunnels, IP, TCP, sockets.

Beside the river: knows floor 0 only, and never what the bytes of a stream mean.

    capture.py      opens a file, stdin or stream; pcap.py and pcapng.py walk it in chunks.py
    compressed.py   peels gzip, bzip2, xz, zstd, lz4 off a file
    frame.py        one packet while its layers are peeled off
    link.py         from the link layer to IP
    ip.py           from IP to TCP, UDP or ICMP, through tunnels.py and fragments.py
    icmp.py         which packet an ICMP error quotes
    tcp.py          the conversations of a capture, numbered; segment.py is one TCP header
    conversation.py one of them: how it begins and ends; exchange.py: what both sides tell of each
                    other in between; stream.py: one direction, in order
    held.py         keeps what happens until it is known who the client is; sides.py tells
    datagrams.py    DTLS and QUIC conversations, counted
    wire.py         live sockets
"""
