//! What a cause of failure usually means, and what to do about it, for people.

/// A cause in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    pub title: &'static str,
    pub meaning: &'static str,
    pub help: &'static str,
}

/// Causes with the same advice, by their stable names.
type Entry = (&'static [&'static str], Advice);

/// The advice for a cause by its stable name.
pub(crate) fn of(cause: &str) -> Advice {
    let found = ADVICE.iter().find(|(causes, _)| causes.contains(&cause));
    found.map_or(INTERNAL, |(_, advice)| *advice)
}

const fn advice(title: &'static str, meaning: &'static str, help: &'static str) -> Advice {
    Advice {
        title,
        meaning,
        help,
    }
}

/// A bug of ours, or a cause without a line in the table.
const INTERNAL: Advice = advice(
    "Internal error",
    "Something failed in the gateway itself.",
    "Look at this gateway's log at that time.",
);

const ADVICE: [Entry; 25] = [
    (
        &["blocked_address"],
        advice(
            "Address not allowed",
            "The host resolves to an address that is not public.",
            "Ask the partner for a public URL, or allow the range and have an operator save the URL.",
        ),
    ),
    (
        &["dns"],
        advice(
            "Host not found",
            "The host has no address, or its name servers do not answer.",
            "Check the URL's host. If it is right, wait: the partner's DNS is down.",
        ),
    ),
    (
        &["connect"],
        advice(
            "Connection refused",
            "Nothing listens at the address, or a firewall drops the connection.",
            "Ask the partner whether the server runs and lets the gateway's address in.",
        ),
    ),
    (
        &["tls", "tls_missing_intermediate"],
        advice(
            "TLS failed",
            "The receiver's certificate or TLS settings are not acceptable. Often the intermediate certificate is missing.",
            "Ask the partner to send the whole chain, and test it with `openssl s_client`.",
        ),
    ),
    (
        &["tls_expired"],
        advice(
            "Certificate expired",
            "The receiver's certificate has expired, or is not valid yet.",
            "Ask the partner to renew it. If many partners show this, check this machine's clock.",
        ),
    ),
    (
        &["tls_wrong_host"],
        advice(
            "Certificate for another host",
            "The certificate does not name the URL's host.",
            "Correct the host in the URL, or ask the partner for a certificate that names it.",
        ),
    ),
    (
        &["tls_unknown_ca"],
        advice(
            "Certificate of an unknown issuer",
            "The certificate comes from a private authority.",
            "Save the partner's CA with the endpoint, or ask for a public certificate.",
        ),
    ),
    (
        &["tls_client_certificate", "tls_client_certificate_refused"],
        advice(
            "Client certificate refused",
            "The receiver requires a client certificate, or does not accept this one.",
            "Renew the endpoint's client certificate, and ask the partner which issuers it trusts.",
        ),
    ),
    (
        &["proxy", "proxy_credentials"],
        advice(
            "Proxy failed",
            "The HTTPS proxy does not answer, or refuses the gateway.",
            "Check the endpoint's proxy and its credentials.",
        ),
    ),
    (
        &["timeout"],
        advice(
            "Timed out",
            "The receiver accepted the connection and did not answer within the timeout.",
            "Ask the partner to answer first and process afterwards. A longer timeout only hides the cause.",
        ),
    ),
    (
        &["io"],
        advice(
            "Connection lost",
            "The connection ended before the reply was complete.",
            "Usually a restart or a load balancer of the partner. If it continues, ask the partner for its logs.",
        ),
    ),
    (
        &["bad_reply", "unreadable_reply"],
        advice(
            "Reply not readable",
            "The receiver answered with something that is not HTTP, or not what its dialect prescribes.",
            "Check that the URL is the webhook's, and not a page or another protocol.",
        ),
    ),
    (
        &["redirect"],
        advice(
            "Redirected",
            "The receiver answered with a redirect. They are not followed: the body would go elsewhere.",
            "Save the URL that it redirects to.",
        ),
    ),
    (
        &["throttled"],
        advice(
            "Too many requests",
            "The receiver limits the rate.",
            "Set the endpoint's rate to what the partner allows. Deliveries wait and are not lost.",
        ),
    ),
    (
        &["unauthorized"],
        advice(
            "Unauthorized",
            "The receiver refuses the signature or its own credentials.",
            "Compare the signing secret on both sides. After a rotation, the old one is valid for a day more.",
        ),
    ),
    (
        &["not_found"],
        advice(
            "Not found",
            "The path is wrong, or the receiver has removed it.",
            "Correct the URL's path.",
        ),
    ),
    (
        &["gone"],
        advice(
            "Gone",
            "The receiver says that this address will not come back. The endpoint was disabled.",
            "Save the new URL and enable the endpoint. Its deliveries wait.",
        ),
    ),
    (
        &["client_error"],
        advice(
            "Request refused",
            "The receiver does not accept what was sent.",
            "Read the reply. If its format has changed, adapt the partner's settings, then replay.",
        ),
    ),
    (
        &["unavailable"],
        advice(
            "Temporarily unavailable",
            "The receiver is overloaded or being updated.",
            "Usually nothing: retries follow. Replay what is dead once it is back.",
        ),
    ),
    (
        &["server_error"],
        advice(
            "Error at the receiver",
            "The receiver failed while it worked on the request.",
            "Send the partner a delivery's id and the reply. Replay once it is fixed.",
        ),
    ),
    (
        &["not_received"],
        advice(
            "Rejected in the reply",
            "The receiver answered 2xx, but its reply says that it did not accept the order.",
            "Read the reply, and clear it up with the partner before you replay.",
        ),
    ),
    (
        &["unrenderable"],
        advice(
            "Cannot be expressed",
            "The partner's dialect cannot express this order.",
            "Correct the partner's settings, then replay.",
        ),
    ),
    (
        &["expired"],
        advice(
            "Expired",
            "The delivery was open for 30 days.",
            "Replay it if the partner still needs it.",
        ),
    ),
    (
        &["no_signing_key", "configuration"],
        advice(
            "Endpoint cannot be used",
            "The endpoint's settings or keys are incomplete.",
            "Correct the endpoint, then replay.",
        ),
    ),
    (
        &["unexpected_status"],
        advice(
            "Unexpected status",
            "The receiver answered with a status that is neither success nor an error.",
            "Ask the partner to answer 2xx once it has accepted the order.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::failures::Cause;

    #[test]
    fn every_cause_has_advice_of_its_own_table() {
        for cause in Cause::ALL
            .into_iter()
            .filter(|cause| *cause != Cause::Internal)
        {
            assert_ne!(of(cause.as_str()), INTERNAL, "{cause:?}");
        }
    }

    #[test]
    fn no_line_is_for_a_cause_that_does_not_exist() {
        for cause in ADVICE.iter().flat_map(|(causes, _)| *causes) {
            assert!(Cause::parse(cause).is_some(), "{cause}");
        }
    }
}
