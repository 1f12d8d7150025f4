"""Our side of a handshake, sans-IO: whose turn it is, and what bytes are said then.

    shares.py       key shares of our own, by group; binary.py has the curves over binary fields
    exchange.py     up to TLS 1.2: from the server's parameters to a pre-master secret
    secrets.py      the secrets of a handshake of our own, as it goes by
    signatures.py   what either side signs, and whether the server's signature is right
    credentials.py  a client's certificate and its key
    request.py      the one record of application data that is said in the end
    twin.py         what must differ when a captured hello is played on
    records.py      how messages leave: framed and sealed
    flight12.py     our second flight up to TLS 1.2
    flight13.py     our second flight in TLS 1.3
    play.py         the next bytes, in the state in which the session is
    stop.py         why our side does not go on

The server's side, for `serve`:

    part.py         what of a captured server's part can be played again, re-keyed
    offered.py      what the client's hello lets it do
    shown.py        what it shows of itself
    parameters.py   its share up to TLS 1.2, signed; responses.py where the client's came first
    server_secrets.py  the secrets of such a handshake
    sessions.py     clients that come back
    server.py       the next messages, in the state in which the session is

Opens no socket and knows no clock. A captured byte is never changed but by a listed edit.
"""
