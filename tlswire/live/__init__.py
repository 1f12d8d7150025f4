"""Handshakes as they happen: seen on an interface, passed through a relay, answered from a capture.

What decides when a handshake is over is the same everywhere, and so is what is counted.

    watch.py     the handshakes in progress; each is told once, as it ends
    tally.py     what was told, counted
    listen.py    packets of an interface -> conversations -> watch; recording.py keeps them
    alike.py     a connection told by its likeness to one that was worked out; sight.py says when
                 two have one verdict, noise.py the same of random bytes
    station.py   a place that clients come to, until it is stopped
    relay.py     a pass-through TCP relay; leg.py a connection of it, fault.py what it can be asked
                 to do wrong
    metrics.py   the counts for Prometheus
    stage.py     a captured server played to real clients: script.py is what it did, actor.py who
                 says what when

Terminates no TLS and keeps no connection's bytes longer than its handshake takes.
"""
