"""Keys: key log, PRF, key schedule, record protection. The only user of ciphers.

`keylog` reads secrets, `prf` (up to TLS 1.2) and `schedule` (TLS 1.3) turn them into keys,
`protection` seals and opens records with them, `opener` does all that for one connection as it
goes by. Nothing here is imported when there are no secrets, and `cryptography` only when a
record is to be opened. Never raises on what the wire or a key log says.
"""
