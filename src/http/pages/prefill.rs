//! What a permalink says of the purchase, as the parameters of the form that it leads to.
//!
//! A permalink names members of a UCP checkout by their paths, such as `buyer/email`. Promises: what the form does not have
//! is left out, such as codes and attribution; the viewer's parameters keep their names. Must not check a value: the form
//! does, once it is submitted.

use std::borrow::Cow;

use buywire_schemas::post::ViewerDetails;
use url::form_urlencoded::Serializer;

/// Paths and the fields of the form that they fill in. Of two for one field the first that is given counts: the address
/// goes before the context, which is a hint.
const FIELDS: [(&str, &str); 15] = [
    ("buyer/email", "email"),
    ("buyer/full_name", "name"),
    ("buyer/phone_number", "phone"),
    (
        "fulfillment/methods/0/destinations/0/street_address",
        "line1",
    ),
    (
        "fulfillment/methods/0/destinations/0/extended_address",
        "line2",
    ),
    (
        "fulfillment/methods/0/destinations/0/address_locality",
        "city",
    ),
    (
        "fulfillment/methods/0/destinations/0/address_region",
        "region",
    ),
    (
        "fulfillment/methods/0/destinations/0/postal_code",
        "postal_code",
    ),
    ("country", "country"),
    (
        "fulfillment/methods/0/destinations/0/address_country",
        "country",
    ),
    ("context/address_country", "country"),
    ("context/address_region", "region"),
    ("context/postal_code", "postal_code"),
    ("lang", "lang"),
    ("context/language", "lang"),
];
/// They are passed on as they are.
const SAME: [&str; 2] = ["viewer", "platform"];

/// The parameters of the form.
pub(super) struct Prefill(Vec<(&'static str, String)>);

impl Prefill {
    pub(super) fn of(quantity: u32, pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> Self {
        let given = |path: &str| {
            let own = pairs.iter().filter(|(name, _)| name == path);
            own.map(|(_, value)| value.trim())
                .find(|value| !value.is_empty())
        };
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        let same = SAME.map(|name| (name, name));
        for (path, field) in same.into_iter().chain(FIELDS) {
            let is_new = !fields.iter().any(|(one, _)| *one == field);
            if let Some(value) = given(path).filter(|_| is_new) {
                fields.push((field, value.to_owned()));
            }
        }
        let names = ["buyer/first_name", "buyer/last_name"].map(given);
        let names: Vec<_> = names.into_iter().flatten().collect();
        if !names.is_empty() && !fields.iter().any(|(field, _)| *field == "name") {
            fields.push(("name", names.join(" ")));
        }
        // The form begins with one.
        if quantity > 1 {
            fields.push(("quantity", quantity.to_string()));
        }
        Self(fields)
    }

    /// The viewer, as the form will read it.
    pub(super) fn viewer(&self) -> ViewerDetails {
        ViewerDetails::from_parameters(self.0.iter().map(|(name, value)| (name, value)))
    }

    /// The form's address.
    pub(super) fn form(&self, page: &str) -> String {
        match self.0.as_slice() {
            [] => format!("{page}/buy"),
            fields => {
                let mut query = Serializer::new(String::new());
                format!("{page}/buy?{}", query.extend_pairs(fields).finish())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(quantity: u32, query: &str) -> String {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        Prefill::of(quantity, &pairs).form("/b/x")
    }

    #[test]
    fn paths_become_the_fields_of_the_form() {
        for (query, expected) in [
            ("", "/b/x/buy"),
            (
                "utm_source=a&discounts/codes/0=TEN&attribution/utm_source=b&continue_to=/",
                "/b/x/buy",
            ),
            (
                "buyer/email=a%40b.example&buyer/first_name=Ada&buyer/last_name=Byron",
                "/b/x/buy?email=a%40b.example&name=Ada+Byron",
            ),
            (
                "buyer/first_name=Ada&buyer/full_name=Ada%20King",
                "/b/x/buy?name=Ada+King",
            ),
            (
                "context/address_country=DE&context/postal_code=10119&context/language=de-AT&viewer=v&platform=ios",
                "/b/x/buy?viewer=v&platform=ios&country=DE&postal_code=10119&lang=de-AT",
            ),
            (
                "context/address_country=DE&country=FR&lang=fr&context/language=de",
                "/b/x/buy?country=FR&lang=fr",
            ),
        ] {
            assert_eq!(form(1, query), expected, "{query}");
        }
        assert_eq!(form(3, ""), "/b/x/buy?quantity=3");
    }
}
