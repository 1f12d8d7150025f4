"""ServerKeyExchange and ClientKeyExchange, a form per key exchange.

RFC 5246 section 7.4.3 and 7.4.7, RFC 8422 section 5.4 and 5.7, RFC 4279, RFC 5489, RFC 5054,
RFC 2246 for RSA_EXPORT. Which form a message has is told by `forms`, never here.
"""

from __future__ import annotations

from construct import Construct, Struct

from tlswire import codes
from tlswire.grammar.extensions import group, signature_scheme
from tlswire.grammar.words import Body, By, Code, Rest, opaque8, opaque16, u8, u16

# -- parameters --------------------------------------------------------------------------------

dh_params = Struct("dh_p" / opaque16(1), "dh_g" / opaque16(1), "dh_Ys" / opaque16(1))
rsa_params = Struct("rsa_modulus" / opaque16(1), "rsa_exponent" / opaque16(1))
srp_params = Struct(
    "srp_N" / opaque16(1),
    "srp_g" / opaque16(1),
    "srp_s" / opaque8(1),
    "srp_B" / opaque16(1),
)

curve = Struct("a" / opaque8(1), "b" / opaque8(1))
explicit_prime = Struct(
    "prime_p" / opaque8(1),
    "curve" / curve,
    "base" / opaque8(1),
    "order" / opaque8(1),
    "cofactor" / opaque8(1),
)
trinomial = Struct("k" / opaque8(1))
pentanomial = Struct("k1" / opaque8(1), "k2" / opaque8(1), "k3" / opaque8(1))
explicit_char2 = Struct(
    "m" / u16,
    "basis" / u8,
    "polynomial" / By("basis", {1: trinomial, 2: pentanomial}, otherwise=Rest()),
    "curve" / curve,
    "base" / opaque8(1),
    "order" / opaque8(1),
    "cofactor" / opaque8(1),
)
ecdh_params = Struct(
    "curve_type" / Code(u8, codes.EC_CURVE_TYPES),
    "parameters"
    / By(
        "curve_type",
        {
            codes.ECCurveType.explicit_prime: explicit_prime,
            codes.ECCurveType.explicit_char2: explicit_char2,
            codes.ECCurveType.named_curve: Struct("named_curve" / group),
        },
        otherwise=Rest(),
    ),
    "public" / opaque8(1),
)

# -- signatures --------------------------------------------------------------------------------

hint = "psk_identity_hint" / opaque16()
anonymous: tuple[Construct, ...] = ()
signed_10 = ("signature" / opaque16(),)
signed_12 = ("algorithm" / signature_scheme, "signature" / opaque16())

SERVER_KEY_EXCHANGE: dict[str, Construct] = {
    "server_key_exchange_ecdhe_12": Body(Struct("params" / ecdh_params, *signed_12)),
    "server_key_exchange_ecdhe_10": Body(Struct("params" / ecdh_params, *signed_10)),
    "server_key_exchange_ecdh_anon": Body(Struct("params" / ecdh_params, *anonymous)),
    "server_key_exchange_dhe_12": Body(Struct("params" / dh_params, *signed_12)),
    "server_key_exchange_dhe_10": Body(Struct("params" / dh_params, *signed_10)),
    "server_key_exchange_dh_anon": Body(Struct("params" / dh_params, *anonymous)),
    "server_key_exchange_rsa_12": Body(Struct("params" / rsa_params, *signed_12)),
    "server_key_exchange_rsa_10": Body(Struct("params" / rsa_params, *signed_10)),
    "server_key_exchange_srp_12": Body(Struct("params" / srp_params, *signed_12)),
    "server_key_exchange_srp_10": Body(Struct("params" / srp_params, *signed_10)),
    "server_key_exchange_srp_anon": Body(Struct("params" / srp_params, *anonymous)),
    "server_key_exchange_psk": Body(Struct(hint)),
    "server_key_exchange_dhe_psk": Body(Struct(hint, "params" / dh_params)),
    "server_key_exchange_ecdhe_psk": Body(Struct(hint, "params" / ecdh_params)),
    "server_key_exchange_signature": Body(Struct(*signed_10)),  # TLCP (GB/T 38636)
    "server_key_exchange_raw": Body(Struct("raw" / Rest())),
}

identity = "psk_identity" / opaque16()
encrypted_secret = "encrypted_pre_master_secret" / opaque16(1)
dh_public = "dh_Yc" / opaque16(1)
ecdh_public = "ecdh_Yc" / opaque8(1)

CLIENT_KEY_EXCHANGE: dict[str, Construct] = {
    "client_key_exchange_rsa": Body(Struct(encrypted_secret)),
    # SSL 3.0 sends the ciphertext without a length (RFC 6101 section 5.6.7.1).
    "client_key_exchange_rsa_ssl3": Body(Struct("encrypted_pre_master_secret" / Rest(1))),
    "client_key_exchange_dhe": Body(Struct(dh_public)),
    "client_key_exchange_ecdhe": Body(Struct(ecdh_public)),
    "client_key_exchange_implicit": Body(Struct()),  # the key is in the client's certificate
    "client_key_exchange_srp": Body(Struct("srp_A" / opaque16(1))),
    "client_key_exchange_psk": Body(Struct(identity)),
    "client_key_exchange_rsa_psk": Body(Struct(identity, encrypted_secret)),
    "client_key_exchange_dhe_psk": Body(Struct(identity, dh_public)),
    "client_key_exchange_ecdhe_psk": Body(Struct(identity, ecdh_public)),
    "client_key_exchange_raw": Body(Struct("raw" / Rest())),
}
