"""The table of all causes, and their pages. Order decides between causes that fit equally well."""

from __future__ import annotations

from tlswire.causes import (
    alpn_no_overlap,
    app_id_policy_drop,
    bad_record_mac,
    cert_default_vhost,
    cert_expired,
    cert_key_usage,
    cert_missing_intermediate,
    cert_name_mismatch,
    cert_revoked_or_revocation_unreachable,
    cert_too_large,
    cert_type_unsupported,
    cert_untrusted_root,
    cert_weak,
    cert_wrong_intermediate_or_order,
    ch_first_segment_tiny,
    ch_length_256_511,
    ch_record_fragmentation_unsupported,
    cipher_no_overlap,
    client_timeout,
    clock_skew,
    dh_too_big_java7,
    dh_too_small,
    ec_extensions_missing,
    ecdsa_cert_rsa_client,
    ems_required,
    explicit_proxy_mismatch,
    fallback_scsv,
    groups_no_overlap,
    hrr_broken,
    http_to_tls_port,
    idle_timeout_before_handshake,
    ids_reset_both_sides,
    key_share_inconsistent,
    lb_tcp_accept_no_member,
    legacy_renegotiation_refused,
    malformed_client_hello,
    mtls_cert_rejected,
    mtls_client_key_mismatch,
    mtls_client_sends_empty,
    mtu_blackhole_client_hello,
    mtu_blackhole_server_flight,
    ocsp_must_staple,
    pq_client_hello_too_big,
    pq_group_refused,
    proxy_protocol_missing,
    proxy_protocol_unexpected,
    psk_or_national_profile,
    server_abrupt_eof,
    server_handshake_timeout,
    server_key_mismatch,
    server_no_usable_key,
    server_speaks_first,
    server_stall,
    sigalgs_no_overlap,
    sni_bad_form,
    sni_filter_drop,
    sni_filter_rst_injected,
    sni_missing,
    sni_unknown,
    ssl_inspection_untrusted_ca,
    sslv2_compat_hello,
    starttls_expected,
    suite_version_mismatch,
    tcp_accept_queue_full,
    tcp_asymmetric_routing,
    tcp_corruption_or_offload,
    tcp_syn_filtered,
    tcp_syn_rejected,
    tcp_synack_lost,
    ticket_not_shared,
    tls13_downgrade_sentinel,
    tls_to_http_port,
    version_client_too_old,
    version_intolerance,
    version_server_too_old,
    wrong_host_or_dnat,
)
from tlswire.causes.case import CauseModule
from tlswire.errors import SelectionError

#: Every cause, in the order of the handshake; a test keeps it equal to the folder.
CAUSES: tuple[CauseModule, ...] = (
    # TCP and the way
    tcp_syn_filtered,
    tcp_syn_rejected,
    tcp_synack_lost,
    tcp_asymmetric_routing,
    tcp_accept_queue_full,
    idle_timeout_before_handshake,
    mtu_blackhole_client_hello,
    mtu_blackhole_server_flight,
    sni_filter_rst_injected,
    sni_filter_drop,
    ids_reset_both_sides,
    app_id_policy_drop,
    lb_tcp_accept_no_member,
    tcp_corruption_or_offload,
    # not TLS on one side
    http_to_tls_port,
    tls_to_http_port,
    server_speaks_first,
    starttls_expected,
    explicit_proxy_mismatch,
    proxy_protocol_missing,
    proxy_protocol_unexpected,
    wrong_host_or_dnat,
    # the ClientHello refused
    version_client_too_old,
    version_server_too_old,
    version_intolerance,
    fallback_scsv,
    sslv2_compat_hello,
    cipher_no_overlap,
    suite_version_mismatch,
    groups_no_overlap,
    key_share_inconsistent,
    ec_extensions_missing,
    hrr_broken,
    sigalgs_no_overlap,
    ecdsa_cert_rsa_client,
    sni_missing,
    sni_unknown,
    sni_bad_form,
    alpn_no_overlap,
    psk_or_national_profile,
    ems_required,
    malformed_client_hello,
    ch_record_fragmentation_unsupported,
    ch_first_segment_tiny,
    ch_length_256_511,
    pq_client_hello_too_big,
    pq_group_refused,
    server_no_usable_key,
    server_abrupt_eof,
    server_stall,
    client_timeout,
    server_handshake_timeout,
    # the ServerHello refused
    legacy_renegotiation_refused,
    tls13_downgrade_sentinel,
    dh_too_small,
    dh_too_big_java7,
    # the server's certificate
    cert_expired,
    cert_untrusted_root,
    cert_missing_intermediate,
    cert_wrong_intermediate_or_order,
    ssl_inspection_untrusted_ca,
    cert_name_mismatch,
    cert_default_vhost,
    cert_weak,
    cert_key_usage,
    cert_type_unsupported,
    cert_too_large,
    clock_skew,
    cert_revoked_or_revocation_unreachable,
    ocsp_must_staple,
    # the client's certificate
    mtls_client_sends_empty,
    mtls_cert_rejected,
    mtls_client_key_mismatch,
    # keys and sessions
    server_key_mismatch,
    bad_record_mac,
    ticket_not_shared,
)


def cause(cause_id: str) -> CauseModule:
    """Return the cause of that id. Raises SelectionError when there is none."""
    for known in CAUSES:
        if cause_id == known.ID:
            return known
    near = [known.ID for known in CAUSES if cause_id.lower() in known.ID]
    hint = f"; do you mean {', '.join(near[:5])}?" if cause_id and near else ""
    raise SelectionError(f"no cause is called {cause_id!r}{hint}")


def page(cause_id: str) -> str:
    """Return the page of a cause: its docstring, then its remedies by whom they are for."""
    known = cause(cause_id)
    remedies = [f"- {remedy.who.replace('_', ' ')}: {remedy.text}" for remedy in known.REMEDIES]
    text = (known.__doc__ or "").strip()
    return "\n".join([known.ID, "=" * len(known.ID), "", text, "", "Remedies:", *remedies]) + "\n"
