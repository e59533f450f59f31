//! What is submitted: every error at once, every country's addresses, and no card number kept.

use buywire_checkout::address::{AddressField, AddressFormat, country_names};
use proptest::prelude::*;

use super::super::*;
use super::scenes::{Stage, paris};

const RULES: BuyRules<'_> = BuyRules {
    options: &["prd_S", "prd_M"],
    quantity_max: 5,
    address: AddressNeed::Full,
    needs_phone: true,
};

fn full() -> Vec<(&'static str, &'static str)> {
    vec![
        ("option", "prd_M"),
        ("quantity", " 2 "),
        ("email", "\u{a0}jörg+x@bücher.example\u{200b}"),
        ("name", " Ada  Byron "),
        ("country", "FR"),
        ("line1", "12 rue de la Paix"),
        ("postal_code", "75002"),
        ("city", "Paris"),
        ("phone", "0033 1 99 00 12 34"),
        ("unrelated", "x"),
    ]
}

fn with(name: &'static str, value: &str) -> BuyInput {
    let pairs = full()
        .into_iter()
        .map(|(one, old)| (one, if one == name { value } else { old }));
    BuyInput::read(pairs)
}

/// The fields with an error, and what is said of each in English.
fn refused(input: &BuyInput, rules: &BuyRules<'_>) -> Vec<(&'static str, String)> {
    let errors = input.parse(rules).unwrap_err();
    let describe = |error: &FieldError| (error.field.name(), error.sentence(Language::English));
    errors.iter().map(describe).collect()
}

#[test]
fn a_complete_form_is_parsed() {
    let input = BuyInput::read(full());
    let details = input.parse(&RULES).unwrap();
    assert_eq!(details.option, "prd_M");
    assert_eq!(details.quantity, 2);
    assert_eq!(details.email, "jörg+x@bücher.example");
    assert_eq!(details.name, "Ada Byron");
    assert_eq!(details.phone.as_deref(), Some("+33199001234"));
    assert_eq!(details.country.as_deref(), Some("FR"));
    assert_eq!(details.address.as_ref().unwrap().city, "Paris");
    // What was accepted can be shown again, and is accepted again.
    assert_eq!(BuyInput::of(&details).parse(&RULES).unwrap(), details);
}

#[test]
fn every_error_comes_at_once_in_the_order_of_the_form() {
    let input = BuyInput::read([("country", "FR"), ("quantity", "0"), ("option", "prd_XL")]);
    let fields: Vec<_> = refused(&input, &RULES)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        fields,
        [
            "option",
            "quantity",
            "email",
            "name",
            "line1",
            "postal_code",
            "city",
            "phone"
        ]
    );
    let empty = BuyInput::default();
    let fields: Vec<_> = refused(&empty, &RULES)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["option", "email", "name", "country", "phone"]);
}

#[test]
fn a_quantity_is_a_number_in_its_range() {
    for typed in [
        "0",
        "6",
        "-1",
        "1.5",
        "two",
        "99999999999999999999",
        "1e3",
        "٢",
    ] {
        let refused = refused(&with("quantity", typed), &RULES);
        assert_eq!(
            refused,
            [("quantity", "Enter a quantity from 1 to 5.".to_owned())],
            "{typed}"
        );
    }
    assert_eq!(with("quantity", "").parse(&RULES).unwrap().quantity, 1);
}

#[test]
fn one_option_need_not_be_chosen_and_a_sold_out_one_cannot_be() {
    let rules = BuyRules {
        options: &["prd_M"],
        ..RULES
    };
    assert_eq!(with("option", "").parse(&rules).unwrap().option, "prd_M");
    assert_eq!(refused(&with("option", "prd_XL"), &rules)[0].0, "option");
    assert_eq!(refused(&with("option", ""), &RULES)[0].0, "option");
}

#[test]
fn an_email_is_checked_gently() {
    for typed in [
        "ada@example.com",
        "ADA+x@sub.example.co",
        "用户@例子.example",
    ] {
        assert_eq!(with("email", typed).parse(&RULES).unwrap().email, typed);
    }
    for typed in [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "a@b@c.de",
    ] {
        let (field, sentence) = refused(&with("email", typed), &RULES).remove(0);
        assert_eq!(field, "email");
        assert!(sentence.contains("name@example.com"), "{sentence}");
    }
    let long = format!("{}@example.com", "a".repeat(250));
    assert!(refused(&with("email", &long), &RULES)[0].1.contains("254"));
}

#[test]
fn a_phone_number_needs_its_country() {
    for (typed, parsed) in [
        ("+33 1 99 00 12 34", "+33199001234"),
        ("0044 (0)20 7946 0958", "+442079460958"),
    ] {
        assert_eq!(
            with("phone", typed).parse(&RULES).unwrap().phone.as_deref(),
            Some(parsed)
        );
    }
    for typed in ["01 99 00 12 34", "+33 x", "12"] {
        assert_eq!(
            refused(&with("phone", typed), &RULES)[0].0,
            "phone",
            "{typed}"
        );
    }
    let rules = BuyRules {
        needs_phone: false,
        ..RULES
    };
    assert_eq!(with("phone", "x").parse(&rules).unwrap().phone, None);
}

#[test]
fn a_card_number_is_refused_in_every_field_and_never_shown_again() {
    let stage = Stage::new(Language::English);
    for card in [
        "4242424242424242",
        "4000 0027 6000 3184",
        "3782-822463-10005",
        "５５５５５５５５５５５５４４４４",
    ] {
        for (name, _) in full().into_iter().filter(|(name, _)| *name != "unrelated") {
            let input = with(name, card);
            let errors = input.parse(&RULES).unwrap_err();
            assert!(
                errors.iter().any(|error| error.field.name() == name),
                "{name}"
            );
            let form = BuyForm {
                input: &input,
                errors: &errors,
                needs_phone: true,
                ..stage.form()
            };
            let page = form.render().unwrap();
            assert!(!page.contains(card), "{name}: {card}");
            let is_text = !["option", "quantity", "country"].contains(&name);
            assert_eq!(page.contains("Remove the card number."), is_text, "{name}");
        }
    }
    let statement = OrderInput::read([
        ("name", "4242424242424242"),
        ("order", "1"),
        ("contact", "a@b.co"),
    ]);
    assert_eq!(statement.statement(), None);
}

#[test]
fn digital_items_need_a_country_and_donations_none() {
    let digital = BuyRules {
        address: AddressNeed::CountryOnly,
        needs_phone: false,
        ..RULES
    };
    let details = BuyInput::read(full()).parse(&digital).unwrap();
    assert_eq!(
        (details.country.as_deref(), details.address),
        (Some("FR"), None)
    );
    assert_eq!(refused(&with("country", "XX"), &digital)[0].0, "country");
    let donation = BuyRules {
        address: AddressNeed::Absent,
        ..digital
    };
    assert_eq!(
        with("country", "XX").parse(&donation).unwrap().country,
        None
    );
    for (typed, part) in [("", "full name"), ("\u{200b}", "full name")] {
        assert!(refused(&with("name", typed), &donation)[0].1.contains(part));
    }
    let long = "a".repeat(201);
    assert!(
        refused(&with("name", &long), &donation)[0]
            .1
            .contains("200")
    );
}

#[test]
fn an_address_of_every_country_is_parsed_and_shown_again() {
    for (country, name) in country_names(Language::English) {
        let format = AddressFormat::of(country).unwrap();
        let region = format
            .regions()
            .first()
            .map_or("Exampleshire", |region| region.name);
        let typed = |field| match field {
            AddressField::Name => "Ada Byron",
            AddressField::Line1 => "Example Street 1",
            AddressField::City => "Exampleton",
            AddressField::Region => region,
            AddressField::PostalCode => format.postal_code_example().unwrap_or_default(),
            _ => "",
        };
        let fields = format
            .fields()
            .iter()
            .map(|form| (form.field.name(), typed(form.field)));
        let own = [
            ("option", "prd_M"),
            ("email", "a@b.co"),
            ("country", country),
            ("phone", "+12"),
        ];
        let details = BuyInput::read(own.into_iter().chain(fields)).parse(&RULES);
        let details = details.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let again = BuyInput::of(&details).parse(&RULES).unwrap();
        assert_eq!(again.address, details.address, "{name}");
        // And every field that it needs is named when it is empty.
        let empty = BuyInput::read(own);
        let errors = empty.parse(&RULES).unwrap_err();
        for form in format.fields().iter().filter(|form| form.is_required) {
            let is_named = errors
                .iter()
                .any(|error| error.field == BuyField::Address(form.field));
            assert!(is_named, "{name}: {:?}", form.field);
        }
    }
}

#[test]
fn the_other_forms_are_read() {
    let pay = PayInput::read([
        ("checkout", " t "),
        ("quote", "q"),
        ("delivery", ""),
        ("consent", "yes"),
        ("lang", "de"),
    ]);
    assert_eq!(pay.checkout.as_deref(), Some("t"));
    assert_eq!(
        (pay.delivery, pay.has_consent, pay.language),
        (None, true, Some(Language::German))
    );
    let update = BuyInput::read([
        ("action", "delivery"),
        ("delivery", "express"),
        ("checkout", "t"),
    ]);
    assert_eq!(
        (update.action, update.delivery.as_deref()),
        (BuyAction::UpdateDelivery, Some("express"))
    );
    // The first button of a form is the one that a key presses.
    assert_eq!(
        BuyInput::read([("action", "?")]).action,
        BuyAction::Continue
    );
    let statement = OrderInput::read([
        ("name", " Ada  Byron"),
        ("order", "BW-1"),
        ("contact", "ada@example.com"),
        ("confirm", "yes"),
    ]);
    assert!(statement.is_confirmed);
    assert_eq!(statement.statement().unwrap().name, "Ada Byron");
    let wrong = OrderInput::read([("name", "Ada"), ("order", "BW-1"), ("contact", "ada")]);
    assert_eq!(wrong.statement(), None);
}

proptest! {
    /// Whatever is typed: no panic, no markup, no second error for one field, and details that fit.
    #[test]
    fn anything_may_be_typed(
        texts in proptest::collection::vec("\\PC{0,40}|[0-9 -]{0,24}|<[a-z\"'>]{0,9}", 11),
        country in proptest::sample::select(vec!["FR", "US", "JP", "AE", "BR", "??", ""]),
    ) {
        let names = ["option", "quantity", "email", "phone", "name", "line1", "line2", "city", "region", "postal_code", "sorting_code"];
        let pairs = names.into_iter().zip(texts.iter().map(String::as_str)).chain([("country", country)]);
        let input = BuyInput::read(pairs);
        let errors = input.parse(&RULES).err().unwrap_or_default();
        let stage = Stage::new(Language::Dutch);
        let form = BuyForm { input: &input, errors: &errors, needs_phone: true, ..stage.form() };
        let page = form.render().unwrap();
        let mut fields: Vec<_> = errors.iter().map(|error| error.field.name()).collect();
        fields.sort_unstable();
        fields.dedup();
        prop_assert_eq!(fields.len(), errors.len());
        prop_assert!(page.len() <= 50_000);
        let plain = BuyForm { errors: &errors, needs_phone: true, ..stage.form() }.render().unwrap();
        let in_country = input.shown(BuyField::COUNTRY) == "FR";
        if in_country {
            prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
        }
    }
}

#[test]
fn details_are_prefilled() {
    let details = BuyDetails {
        option: "prd_S".to_owned(),
        quantity: 3,
        email: "ada@example.com".to_owned(),
        name: "Ada Byron".to_owned(),
        phone: None,
        country: Some("FR".to_owned()),
        address: Some(paris()),
    };
    let input = BuyInput::of(&details);
    let stage = Stage::new(Language::English);
    let page = BuyForm {
        input: &input,
        ..stage.form()
    }
    .render()
    .unwrap();
    assert!(page.contains("value=\"12 rue de la Paix\"") && page.contains("value=\"75002\""));
    assert!(page.contains("<details open>") && page.contains("value=\"Bâtiment B\""));
    assert!(
        page.contains("value=\"prd_S\" id=\"option\" checked")
            && page.contains("<option value=\"3\" selected>")
    );
}
