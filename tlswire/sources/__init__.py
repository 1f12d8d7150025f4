"""Where bytes come from: captures, link layers, tunnels, IP, TCP, sockets.

Beside the river: knows floor 0 only, and never what the bytes of a stream mean.

A file:
    capture.py      opens a file, stdin or stream; pcap.py, pcapng.py and snoop.py walk it in
                    chunks.py, hexdump.py reads what was written down as text
    compressed.py   peels gzip, bzip2, xz, zstd, lz4 off a file
    merged.py       several captures as one
    middle.py       where the other half of a file begins; halting.py lets reads stop there
    remarks.py      what a pcapng says besides its packets
    watch.py        who watches a long reading
    excerpt.py      the packets of some conversations once more; pcapng_writer.py writes them

An interface:
    tap.py          opened, filtered and read like a capture; packet_ring.py is how Linux does
    pcap_filter.py  the user's filter; bulk_filter.py ends with it what is over, in ebpf.py's words

Packets:
    frame.py        one packet while its layers are peeled off
    link.py         from the link layer to IP
    ip.py           from IP to TCP, UDP or ICMP, through tunnels.py and fragments.py
    icmp.py         which packet an ICMP error quotes
    unwanted.py     which packets need no second look
    datagrams.py    DTLS and QUIC conversations, counted

Conversations:
    tcp.py          the packets of a capture read into them; segment.py is one TCP header
    table.py        which packet belongs to which, by the key of ends.py; keeping.py is the part of
                    it that only keeps
    conversation.py one of them: how it begins and ends; exchange.py: what both sides tell of each
                    other in between; stream.py: one direction, in order
    kept.py         one kept as its packets until it is over; past.py: those that are over
    held.py         keeps what happens until it is known who the client is; sides.py tells
    proxied.py      the number of what a SOCKS proxy carries

Our own connections:
    wire.py         live sockets; dialling.py makes them, pace.py not too many, secured.py in TLS
    overheard.py    what their packets look like; tcp_info.py what the system tells, replies.py what
                    answers a SYN
    record.py       what is kept of them
    roots.py        where trusted roots come from
"""
