//! The page on which a session is paid, as HTML: order, form, test cards.
//!
//! Promises: what a buyer typed is shown again, but not the card's number and security code.

use serde_json::Value;

use super::PageReply;
use super::card_form::{FieldError, ShownFields};
use super::markup::{escape, money, page};
use crate::cards::TEST_CARDS;
use crate::store::{Session, ShippingOption};

/// Saves the newcomer the way to the table below.
const HINT: &str = "<p class=\"hint\" id=\"cc-number-hint\">Try 4242 4242 4242 4242, or \
    <a href=\"#cards\">another test card</a>.</p>\n";

/// What the page says above the form.
pub(super) enum Alert<'a> {
    None,
    /// The last attempt failed.
    Declined(&'a str),
    Errors(&'a [FieldError]),
}

pub(super) fn render(session: &Session, shown: &ShownFields, alert: &Alert<'_>) -> PageReply {
    let errors = match alert {
        Alert::Errors(errors) => *errors,
        _ => &[],
    };
    let text = |pointer: &str| session.params.pointer(pointer).and_then(Value::as_str);
    let total = by_choice(session, |option| {
        let shipping = option.map_or(0, |option| option.amount);
        money(
            session.subtotal().saturating_add(shipping),
            &session.currency,
        )
    });
    let content = format!(
        "<h1>Pay {total}</h1>\n{alert}<div class=\"columns\">\n<aside>{summary}</aside>\n\
         <div><form method=\"post\" novalidate>\n{contact}{shipping}{card}{note}\
         <button class=\"button\">Pay {pay}</button>\n{ideal}</form>\n{back}{cards}</div>\n</div>",
        alert = alert_box(alert),
        summary = summary(session, &total),
        contact = contact(shown, text("/customer_email").is_some(), errors),
        shipping = shipping_choice(session, shown),
        card = card_fields(shown, errors),
        note = text("/custom_text/submit/message")
            .map(|note| format!("<p class=\"fine\">{}</p>\n", escape(note)))
            .unwrap_or_default(),
        pay = total,
        ideal = ideal_button(session),
        back = text("/cancel_url")
            .map(|url| format!(
                "<p class=\"back\"><a href=\"{}\">Back to the shop without paying</a></p>\n",
                escape(url)
            ))
            .unwrap_or_default(),
        cards = test_cards(),
    );
    let status = if matches!(alert, Alert::None) {
        200
    } else {
        422
    };
    let title = match alert {
        Alert::None => "Pay",
        _ => "Not paid yet",
    };
    page(status, title, &content, text("/success_url"))
}

fn alert_box(alert: &Alert<'_>) -> String {
    match alert {
        Alert::None => String::new(),
        Alert::Declined(text) => format!(
            "<div class=\"alert\" role=\"alert\"><h2>You have not paid yet</h2><p>{}</p></div>\n",
            escape(text)
        ),
        Alert::Errors(errors) => {
            let links = errors.iter().map(|FieldError { field, text }| {
                format!("<li><a href=\"#{field}\">{}</a></li>", escape(text))
            });
            format!(
                "<div class=\"alert\" role=\"alert\"><h2>You have not paid yet</h2><ul>{}</ul></div>\n",
                links.collect::<String>()
            )
        }
    }
}

fn summary(session: &Session, total: &str) -> String {
    let currency = &session.currency;
    let lines = session.lines.iter().map(|line| {
        let description = line.params.pointer("/price_data/product_data/description");
        let description = description.and_then(Value::as_str);
        let each = match line.quantity {
            1 => String::new(),
            _ => format!("<small>{} each</small>", money(line.unit_amount, currency)),
        };
        format!(
            "<div><dt>{}{}{}{each}</dt><dd>{}</dd></div>\n",
            if line.quantity == 1 {
                String::new()
            } else {
                format!("{} × ", line.quantity)
            },
            escape(&line.name),
            description
                .map(|text| format!("<small>{}</small>", escape(text)))
                .unwrap_or_default(),
            money(line.amount(), currency)
        )
    });
    let lines: String = lines.collect();
    let shipping = (!session.shipping.is_empty()).then(|| {
        let name = by_choice(session, |option| {
            option
                .map(|option| escape(&option.display_name))
                .unwrap_or_default()
        });
        let amount = by_choice(session, |option| {
            money(option.map_or(0, |option| option.amount), currency)
        });
        format!("<div><dt>{name}</dt><dd>{amount}</dd></div>\n")
    });
    format!(
        "<h2>Your order</h2>\n<dl>\n{lines}{}<div class=\"total\"><dt>Total</dt><dd>{total}</dd></div>\n</dl>",
        shipping.unwrap_or_default()
    )
}

/// HTML that depends on the chosen delivery. With several, the style sheet shows the one whose button is checked, so
/// that sums follow the choice without a script.
fn by_choice(session: &Session, html: impl Fn(Option<&ShippingOption>) -> String) -> String {
    if session.shipping.len() < 2 {
        return html(session.shipping.first());
    }
    let variants = session.shipping.iter().enumerate().map(|(index, option)| {
        format!(
            "<span class=\"by by-{index}\">{}</span>",
            html(Some(option))
        )
    });
    variants.collect()
}

/// A labelled field with its error beside it.
fn field(
    (id, label, autocomplete): (&str, &str, &str),
    value: &str,
    more: &str,
    errors: &[FieldError],
) -> String {
    let error = errors.iter().find(|error| error.field == id);
    let described = match error {
        Some(_) => format!(" aria-invalid=\"true\" aria-describedby=\"{id}-error\""),
        None if id == "cc-number" => " aria-describedby=\"cc-number-hint\"".to_owned(),
        None => String::new(),
    };
    let text = error.map(|error| {
        format!(
            "<p class=\"error\" id=\"{id}-error\">{}</p>",
            escape(error.text)
        )
    });
    format!(
        "<div class=\"field\"><label for=\"{id}\">{label}</label>\
         <input id=\"{id}\" name=\"{id}\" autocomplete=\"{autocomplete}\" value=\"{}\" required{described} {more}>{}</div>\n",
        escape(value),
        text.unwrap_or_default()
    )
}

fn contact(shown: &ShownFields, is_fixed: bool, errors: &[FieldError]) -> String {
    if is_fixed {
        let email = escape(&shown.email);
        return format!("<p class=\"fixed\"><span>E-mail</span> {email}</p>\n");
    }
    let email = ("email", "E-mail, for the receipt", "email");
    field(
        email,
        &shown.email,
        "type=\"email\" inputmode=\"email\"",
        errors,
    )
}

fn shipping_choice(session: &Session, shown: &ShownFields) -> String {
    if session.shipping.len() < 2 {
        return String::new();
    }
    let options = session.shipping.iter().enumerate().map(|(index, option)| {
        let checked = if index == shown.shipping { " checked" } else { "" };
        let total = session.subtotal().saturating_add(option.amount);
        format!(
            "<label class=\"option\"><input type=\"radio\" name=\"shipping\" value=\"{index}\"{checked}>\
             <span>{}<small>Total {}</small></span><b>{}</b></label>\n",
            escape(&option.display_name),
            money(total, &session.currency),
            money(option.amount, &session.currency)
        )
    });
    let options: String = options.collect();
    format!("<fieldset><legend>Delivery</legend>\n{options}</fieldset>\n")
}

fn card_fields(shown: &ShownFields, errors: &[FieldError]) -> String {
    let digits = "inputmode=\"numeric\" spellcheck=\"false\"";
    format!(
        "<fieldset><legend>Card</legend>\n{}{HINT}<div class=\"two\">{}{}</div>\n{}</fieldset>\n",
        field(
            ("cc-number", "Card number", "cc-number"),
            "",
            digits,
            errors
        ),
        field(
            ("cc-exp", "Expiry, MM/YY", "cc-exp"),
            &shown.expiry,
            digits,
            errors
        ),
        field(("cc-csc", "Security code", "cc-csc"), "", digits, errors),
        field(
            ("cc-name", "Name on the card", "cc-name"),
            &shown.name,
            "",
            errors
        ),
    )
}

fn ideal_button(session: &Session) -> &'static str {
    match session.method_types.iter().any(|kind| kind == "ideal") {
        true => {
            "<button class=\"button quiet\" name=\"method\" value=\"ideal\">Pay with iDEAL at a test bank</button>\n"
        }
        false => "",
    }
}

fn test_cards() -> String {
    let shown = TEST_CARDS
        .iter()
        .filter_map(|card| Some((card.number, card.shown_as?)));
    let rows = shown.map(|(number, behaviour)| {
        let number = number.as_bytes().chunks(4).map(String::from_utf8_lossy);
        let number: Vec<_> = number.collect();
        format!(
            "<tr><td>{}</td><td>{behaviour}</td></tr>\n",
            number.join(" ")
        )
    });
    format!(
        "<section class=\"cards\"><h2 id=\"cards\">Test cards</h2>\
         <p>Use any date in the future and any security code. Never enter a real card.</p>\n\
         <table aria-labelledby=\"cards\"><thead><tr><th scope=\"col\">Number</th><th scope=\"col\">What it does</th></tr></thead>\n\
         <tbody>\n{}</tbody></table></section>\n",
        rows.collect::<String>()
    )
}
