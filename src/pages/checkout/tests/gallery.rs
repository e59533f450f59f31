//! Every page in every situation.

use buywire_checkout::machine::PageSituation;
use buywire_schemas::money::Currency;

use super::super::*;
use super::scenes::{
    METHODS, NOW, SITUATIONS, Stage, TOKEN, hold, listing, placed, problems, totals,
};

/// Every page of a language with its name.
pub(super) fn pages(language: Language) -> Vec<(String, String)> {
    let stage = Stage::new(language);
    let mut pages = forms(&stage);
    pages.extend(reviews(&stage));
    pages.extend(orders(&stage));
    pages.extend(questions(&stage));
    let notices = [
        ("not-found", CheckoutNotice::NotFound),
        ("too-many", CheckoutNotice::TooManyRequests),
        ("unavailable", CheckoutNotice::Unavailable),
    ];
    let notices = notices.map(|(name, notice)| (format!("notice-{name}"), notice.page(language)));
    pages.extend(notices);
    pages
}

fn forms(stage: &Stage) -> Vec<(String, String)> {
    let base = stage.form();
    let typed = BuyInput::read([
        ("option", "prd_XL"),
        ("quantity", "9"),
        ("email", "ada@"),
        ("name", ""),
        ("country", "US"),
        ("line1", ""),
        ("line2", "Floor 3"),
        ("postal_code", "75002-X"),
        ("region", ""),
        ("phone", "0171 23"),
    ]);
    let rules = BuyRules {
        options: &["prd_S", "prd_M"],
        quantity_max: 5,
        address: AddressNeed::Full,
        needs_phone: true,
    };
    let errors = typed.parse(&rules).unwrap_err();
    let in_country = |country| stage.input.clone().with(BuyField::COUNTRY, country);
    let inputs = ["JP", "AE", "BR", "HK", "GB"].map(|country| (country, in_country(country)));
    let many: Vec<_> = (0..30)
        .map(|n| OptionChoice {
            value: n.to_string(),
            name: format!("Midnight blue / {n}"),
            is_available: n % 4 != 3,
        })
        .collect();
    let bare = CheckoutItem::of(&listing(|item| item.images.clear()), "متجر الشمال", None);
    let stopped = BuyProblem::Stopped;
    let mut pages = vec![
        ("first", base),
        (
            "errors",
            BuyForm {
                input: &typed,
                errors: &errors,
                needs_phone: true,
                ..base
            },
        ),
        (
            "digital",
            BuyForm {
                address: AddressNeed::CountryOnly,
                options: &[],
                ..base
            },
        ),
        (
            "donation",
            BuyForm {
                address: AddressNeed::Absent,
                options: &[],
                quantity_max: 1,
                ..base
            },
        ),
        (
            "many-options",
            BuyForm {
                options: &many,
                quantity_max: 50,
                ..base
            },
        ),
        (
            "no-picture",
            BuyForm {
                item: &bare,
                checkout: Some(TOKEN),
                ..base
            },
        ),
        (
            "stopped",
            BuyForm {
                problem: Some(&stopped),
                ..base
            },
        ),
    ];
    pages.extend(
        inputs
            .iter()
            .map(|(country, input)| (*country, BuyForm { input, ..base })),
    );
    let render =
        |(name, form): (&str, BuyForm<'_>)| (format!("form-{name}"), form.render().unwrap());
    pages.into_iter().map(render).collect()
}

fn reviews(stage: &Stage) -> Vec<(String, String)> {
    let base = stage.review();
    let legal = |exception| LegalNotices {
        withdrawal: WithdrawalRight::Except(exception),
        has_guarantee_notice: false,
        durability: None,
        pages: SellerPages::default(),
    };
    let digital = legal(WithdrawalException::Digital);
    let donation = legal(WithdrawalException::Donation);
    let dollars = Totals {
        currency: Currency::parse("USD").unwrap(),
        discount: 300,
        tax_included: false,
        is_vat: false,
        total: 3_655,
        ..totals()
    };
    let nothing = Review {
        deliveries: &[],
        delivery: None,
        address: None,
        ..base
    };
    let mut pages = vec![
        ("plain".to_owned(), base),
        (
            "methods".to_owned(),
            Review {
                methods: &METHODS,
                method: Some("ideal"),
                ..base
            },
        ),
        (
            "dollars".to_owned(),
            Review {
                totals: Some(dollars),
                ..base
            },
        ),
        (
            "digital".to_owned(),
            Review {
                legal: &digital,
                ..nothing
            },
        ),
        (
            "donation".to_owned(),
            Review {
                legal: &donation,
                ..nothing
            },
        ),
    ];
    let problems = problems();
    pages.extend(problems.iter().map(|(name, problem)| {
        let legal = match problem {
            BuyProblem::ConsentMissing => &digital,
            _ => base.legal,
        };
        let totals = base.totals.filter(|_| problem.may_order());
        let review = Review {
            problem: Some(problem),
            legal,
            totals,
            ..base
        };
        (format!("problem-{name}"), review)
    }));
    let render =
        |(name, review): (String, Review<'_>)| (format!("review-{name}"), review.render().unwrap());
    pages.into_iter().map(render).collect()
}

fn orders(stage: &Stage) -> Vec<(String, String)> {
    let confirmed = stage.order(PageSituation::Confirmed);
    let paying = stage.order(PageSituation::PayNow);
    let refused = PlacedOrder {
        cancel: OrderCancel::Refused,
        ..placed()
    };
    let withdrawal = Some(ReceivedWithdrawal {
        received_at: NOW,
        contact: "ada@example.com",
    });
    let forgotten = OrderPage {
        is_forgotten: true,
        email: None,
        address: None,
        ..confirmed
    };
    let mut pages: Vec<_> = SITUATIONS
        .map(|situation| (format!("{situation:?}"), stage.order(situation)))
        .into();
    pages.extend([
        (
            "pay-soon".to_owned(),
            OrderPage {
                hold: Some(hold(14, false)),
                ..paying
            },
        ),
        (
            "pay-scarce".to_owned(),
            OrderPage {
                hold: Some(hold(95, true)),
                ..paying
            },
        ),
        (
            "cancel-refused".to_owned(),
            OrderPage {
                order: Some(refused),
                ..confirmed
            },
        ),
        (
            "withdrawn".to_owned(),
            OrderPage {
                withdrawal,
                ..confirmed
            },
        ),
        ("forgotten".to_owned(), forgotten),
    ]);
    let render =
        |(name, page): (String, OrderPage<'_>)| (format!("order-{name}"), page.render().unwrap());
    pages.into_iter().map(render).collect()
}

fn questions(stage: &Stage) -> Vec<(String, String)> {
    let (links, token, seller) = (stage.links, TOKEN, "Acme Outfitters");
    let statement = WithdrawalStatement {
        name: "Ada Byron".to_owned(),
        order: "BW-20261130-4711".to_owned(),
        contact: "ada@example.com".to_owned(),
    };
    let filled = OrderInput::of(statement.clone());
    let empty = OrderInput::default();
    let title = "Tour T-shirt “North”";
    let page = WithdrawalPage {
        links,
        token,
        seller,
        title,
        input: &filled,
    };
    let wrong = WithdrawalPage {
        input: &empty,
        ..page
    };
    let (amount, currency) = (3_390, Currency::parse("EUR").unwrap());
    let cancel = OrderCancelPage {
        links,
        token,
        seller,
        amount,
        currency,
    };
    let forget = ForgetPage {
        links,
        token,
        seller,
    };
    let pages = [
        ("cancel", cancel.render()),
        ("forget", forget.render()),
        ("withdraw", page.render_form(false)),
        ("withdraw-errors", wrong.render_form(true)),
        ("withdraw-confirm", page.render_question(&statement)),
    ];
    pages
        .map(|(name, html)| (format!("question-{name}"), html.unwrap()))
        .into()
}
