"""tlswire: where a TLS handshake stops, who stopped it, why, and what to change."""

__version__ = "0.1.0"
