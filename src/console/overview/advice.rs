//! What a cause of failure usually means, and what to do about it, for people.

/// A cause in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    pub title: &'static str,
    pub meaning: &'static str,
    pub help: &'static str,
}

/// The advice for a cause by its stable name.
pub(crate) fn of(cause: &str) -> Advice {
    let (title, meaning, help) = match cause {
        "blocked_address" => (
            "Address not allowed",
            "The host resolves to an address that is not public.",
            "Ask the partner for a public URL, or allow the range and have an operator save the URL.",
        ),
        "dns" => (
            "Host not found",
            "The host has no address, or its name servers do not answer.",
            "Check the URL's host. If it is right, wait: the partner's DNS is down.",
        ),
        "connect" => (
            "Connection refused",
            "Nothing listens at the address, or a firewall drops the connection.",
            "Ask the partner whether the server runs and lets the gateway's address in.",
        ),
        "tls" | "tls_missing_intermediate" => (
            "TLS failed",
            "The receiver's certificate or TLS settings are not acceptable. Often the intermediate certificate is missing.",
            "Ask the partner to send the whole chain, and test it with `openssl s_client`.",
        ),
        "tls_expired" => (
            "Certificate expired",
            "The receiver's certificate has expired, or is not valid yet.",
            "Ask the partner to renew it. If many partners show this, check this machine's clock.",
        ),
        "tls_wrong_host" => (
            "Certificate for another host",
            "The certificate does not name the URL's host.",
            "Correct the host in the URL, or ask the partner for a certificate that names it.",
        ),
        "tls_unknown_ca" => (
            "Certificate of an unknown issuer",
            "The certificate comes from a private authority.",
            "Save the partner's CA with the endpoint, or ask for a public certificate.",
        ),
        "tls_client_certificate" | "tls_client_certificate_refused" => (
            "Client certificate refused",
            "The receiver wants a client certificate, or does not accept ours.",
            "Renew the endpoint's client certificate, and ask the partner which issuers it trusts.",
        ),
        "proxy" | "proxy_credentials" => (
            "Proxy failed",
            "The HTTPS proxy does not answer, or refuses the gateway.",
            "Check the endpoint's proxy and its credentials.",
        ),
        "timeout" => (
            "No answer in time",
            "The receiver accepted the connection and did not answer within the timeout.",
            "Ask the partner to answer first and work later. A longer timeout only hides it.",
        ),
        "io" => (
            "Connection broken",
            "The connection ended before the reply was complete.",
            "Usually a restart or a load balancer of the partner. If it lasts, ask them for their logs.",
        ),
        "bad_reply" | "unreadable_reply" => (
            "Reply not readable",
            "The receiver answered with something that is not HTTP, or not what its dialect prescribes.",
            "Check that the URL is the webhook's, and not a page or another protocol.",
        ),
        "redirect" => (
            "Redirected",
            "The receiver answered with a redirect. They are not followed: the body would go elsewhere.",
            "Save the URL that it redirects to.",
        ),
        "throttled" => (
            "Too many requests",
            "The receiver limits the rate.",
            "Set the endpoint's rate to what the partner allows. Deliveries wait and are not lost.",
        ),
        "unauthorized" => (
            "Not authorised",
            "The receiver refuses the signature or its own credentials.",
            "Compare the secret on both sides. After a rotation, both are valid for a day.",
        ),
        "not_found" => (
            "No such address at the receiver",
            "The path is wrong, or the receiver has removed it.",
            "Correct the URL.",
        ),
        "gone" => (
            "Gone",
            "The receiver says that this address will not come back. The endpoint was disabled.",
            "Save the new URL and enable the endpoint. Its deliveries wait.",
        ),
        "client_error" => (
            "Request refused",
            "The receiver does not accept what was sent.",
            "Read the reply. If its format has changed, adapt the partner's settings, then replay.",
        ),
        "unavailable" => (
            "Temporarily unavailable",
            "The receiver is overloaded or being updated.",
            "Usually nothing: retries follow. Replay what is dead once it is back.",
        ),
        "server_error" => (
            "Error at the receiver",
            "The receiver failed while it worked on the request.",
            "Send the partner a delivery's id and the reply. Replay once it is fixed.",
        ),
        "not_received" => (
            "Not taken over",
            "The receiver answered 2xx, but says in its reply that it did not take the order over.",
            "Read the reply, and clear it up with the partner before you replay.",
        ),
        "unrenderable" => (
            "Cannot be expressed",
            "The partner's dialect cannot express this order.",
            "Correct the partner's settings, then replay.",
        ),
        "expired" => (
            "Open for too long",
            "The delivery was open for 30 days.",
            "Replay it if the partner still wants it.",
        ),
        "no_signing_key" | "configuration" => (
            "Settings incomplete",
            "The endpoint's settings or keys do not allow to send.",
            "Correct the endpoint, then replay.",
        ),
        "unexpected_status" => (
            "Unexpected status",
            "The receiver answered with a status that is neither success nor an error.",
            "Ask the partner to answer 2xx when the order was taken over.",
        ),
        _ => (
            "Failed here",
            "Something failed in the gateway itself.",
            "Look at this gateway's log at that time.",
        ),
    };
    Advice {
        title,
        meaning,
        help,
    }
}
