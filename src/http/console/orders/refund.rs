//! A refund of an order: typed, reviewed, recorded. The rules are the API's.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::RefundId;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{BodyError, FieldError};
use buywire_schemas::refund::{Refund, RefundOutcome, RefundRequest, refunded};
use buywire_schemas::text::Slug;
use serde_json::json;

use super::body::OrderBody;
use super::money::money;
use crate::ambient;
use crate::console::frame::Section;
use crate::console::orders::order::Fact;
use crate::console::orders::refund::{LineChoice, PartnerChoice, RefundFields, RefundPage, Review};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::orders::order_key;
use crate::http::orders::timeline::{Timeline, read};
use crate::http::problem::{ApiError, Kind};
use crate::orders::{Accepted, OrderError};

/// What was typed, as name and value: the lines have names of their own.
type Typed = Vec<(String, String)>;

/// `GET /console/orders/{id}/refund`: the form or, once it can be used, the question.
pub(in crate::http) async fn form(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<Typed>,
) -> ConsoleResult {
    let refundable = Refundable::read(&state, &id).await?;
    let typed = query.into_inner();
    let (mut errors, mut review) = (Vec::new(), None);
    if value(&typed, "step") == "review" {
        match refundable.request(&typed) {
            Ok(body) => match refundable.check(&body, value(&typed, "partner")) {
                Ok(()) => review = Some(refundable.review(&typed)),
                Err(faults) => errors = faults,
            },
            Err(fault) => errors.push(fault.to_owned()),
        }
    }
    page(&RefundPage {
        frame: visitor.frame(&state, Section::Orders),
        id: refundable.timeline.id.to_string(),
        platform_id: refundable.timeline.order_id.clone(),
        currency: refundable.order.currency().code(),
        fields: refundable.fields(&typed),
        partners: refundable.partners(&typed),
        lines: refundable.lines(&typed),
        errors,
        review,
    })
}

/// `POST /console/orders/{id}/refund`
pub(in crate::http) async fn refund(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let refundable = Refundable::read(&state, &id).await?;
    let id = refundable.timeline.id.to_string();
    let back = |done| Ok(see_other(&format!("{BASE}/orders/{id}?done={done}")));
    let typed = form.pairs();
    let Ok(body) = refundable.request(typed) else {
        return back("changed");
    };
    let is_repeated = refundable
        .refunds
        .iter()
        .any(|stored| stored.refund_id == value(typed, "refund_id"));
    let shown: Option<i64> = value(typed, "refunded").parse().ok();
    if !is_repeated && shown != Some(refundable.refunded(value(typed, "partner"))) {
        return back("changed");
    }
    let key = order_key(&id)?;
    let orders = &state.orders;
    let changed = orders.refund(visitor.caller.actor(), &key, body.as_bytes());
    match changed.await {
        Ok(Accepted::Created(_) | Accepted::Replayed(_)) => back("refunded"),
        Err(OrderError::Conflict(_)) => back("conflict"),
        Err(OrderError::Refused(_)) => back("changed"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// An order whose refund is being typed.
struct Refundable {
    timeline: Timeline,
    order: Order,
    body: OrderBody,
    refunds: Vec<Refund>,
}

impl Refundable {
    async fn read(state: &AppState, id: &str) -> Result<Self, ApiError> {
        let timeline = read(state, id).await?;
        let unreadable = |_| ApiError::new(Kind::Internal);
        let refunds = timeline.refunds.iter();
        let refunds = refunds.map(|raw| serde_json::from_str(raw.get()));
        Ok(Self {
            order: Order::from_stored(timeline.order.get()).map_err(unreadable)?,
            body: OrderBody::parse(timeline.order.get())?,
            refunds: refunds.collect::<Result<_, _>>().map_err(unreadable)?,
            timeline,
        })
    }

    /// What a partner has refunded so far.
    fn refunded(&self, partner: &str) -> i64 {
        Slug::parse(partner).map_or(0, |slug| refunded(&self.refunds, &slug))
    }

    /// What a partner can still refund.
    fn left(&self, partner: &Slug) -> i64 {
        let total = self.order.share(partner).total;
        total.saturating_sub(refunded(&self.refunds, partner))
    }

    fn amount(&self, typed: &[(String, String)]) -> Option<i64> {
        let amount = value(typed, "amount").replace(',', "");
        self.order.currency().parse_minor(&amount)
    }

    /// The API's request body.
    fn request(&self, typed: &[(String, String)]) -> Result<String, &'static str> {
        let amount = self
            .amount(typed)
            .ok_or("Type the amount as a number, such as 12.50.")?;
        let mut lines = Vec::new();
        for number in 1..=self.body.lines.len() {
            let text = value(typed, &format!("line{number}"));
            if text.is_empty() || text == "0" {
                continue;
            }
            let quantity: i64 = text
                .parse()
                .map_err(|_| "Type the units that come back as whole numbers.")?;
            lines.push(json!({"line": number, "quantity": quantity}));
        }
        let reason = value(typed, "reason");
        let mut body = json!({
            "refund_id": value(typed, "refund_id"),
            "partner": value(typed, "partner"),
            "amount": amount,
            "lines": lines,
        });
        if !reason.is_empty()
            && let Some(members) = body.as_object_mut()
        {
            members.insert("reason".to_owned(), reason.into());
        }
        Ok(body.to_string())
    }

    /// Whether the API would accept it now.
    fn check(&self, body: &str, partner: &str) -> Result<(), Vec<String>> {
        let left = Slug::parse(partner).map_or(0, |slug| self.left(&slug));
        let left = money(self.order.currency(), left);
        let explained = |refused| faults(&refused, &left);
        let request = RefundRequest::parse(body.as_bytes()).map_err(explained)?;
        let outcome = request.evaluate(&self.order, &self.refunds, ambient::now());
        match outcome.map_err(explained)? {
            RefundOutcome::Created(_) => Ok(()),
            RefundOutcome::Replayed => Err(vec!["This refund is recorded already.".to_owned()]),
            RefundOutcome::Conflict => Err(vec![
                "Another refund of this order has this id. Choose another id.".to_owned(),
            ]),
        }
    }

    fn review(&self, typed: &[(String, String)]) -> Review {
        let partner = value(typed, "partner");
        let amount = self.amount(typed).unwrap_or_default();
        let amount = money(self.order.currency(), amount);
        let left = Slug::parse(partner).map_or(0, |slug| self.left(&slug));
        let returned = self.lines(typed).into_iter();
        let returned: Vec<_> = returned
            .filter(|line| !matches!(line.returned.as_str(), "" | "0"))
            .map(|line| format!("{} × {}", line.returned, line.title))
            .collect();
        let fact = |name, value: String| Fact { name, value };
        let mut facts = vec![fact("Refund id", value(typed, "refund_id").to_owned())];
        if !returned.is_empty() {
            facts.push(fact("Comes back", returned.join(", ")));
        }
        if !value(typed, "reason").is_empty() {
            facts.push(fact("Reason", value(typed, "reason").to_owned()));
        }
        let kept = typed.iter().filter(|(name, _)| name != "step");
        let mut hidden: Vec<_> = kept.cloned().collect();
        hidden.push(("refunded".to_owned(), self.refunded(partner).to_string()));
        let pairs = typed.iter().filter(|(name, _)| name != "step");
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        Review {
            effects: vec![
                format!("order.refunded is sent to {partner}."),
                format!(
                    "Of {partner}'s share, {} can be refunded now.",
                    money(self.order.currency(), left)
                ),
                "No money moves here: send it back at the processor, or on the page of its payment."
                    .to_owned(),
                "It cannot be undone.".to_owned(),
            ],
            facts,
            hidden,
            button: format!("Refund {amount}"),
            back: link(&format!("{BASE}/orders/{}/refund", self.timeline.id), pairs),
        }
    }

    fn fields(&self, typed: &[(String, String)]) -> RefundFields {
        let text = |name| value(typed, name).to_owned();
        let partners = self.order.partners();
        let left = partners.first().map(|slug| self.left(slug));
        RefundFields {
            refund_id: match value(typed, "refund_id") {
                "" => RefundId::generate().to_string(),
                id => id.to_owned(),
            },
            amount: match (value(typed, "amount"), left) {
                ("", Some(left)) if typed.is_empty() && partners.len() == 1 => {
                    self.order.currency().decimal(left.max(0))
                }
                (amount, _) => amount.to_owned(),
            },
            reason: text("reason"),
        }
    }

    fn partners(&self, typed: &[(String, String)]) -> Vec<PartnerChoice> {
        let partners = self.order.partners().into_iter();
        partners
            .map(|slug| PartnerChoice {
                text: format!(
                    "{slug}: {} left to refund",
                    money(self.order.currency(), self.left(slug).max(0))
                ),
                is_current: value(typed, "partner") == slug.as_str(),
                partner: slug.to_string(),
            })
            .collect()
    }

    fn lines(&self, typed: &[(String, String)]) -> Vec<LineChoice> {
        let lines = self.body.lines.iter().enumerate();
        lines
            .map(|(at, line)| LineChoice {
                number: at + 1,
                title: line.title.clone(),
                partner: line.partner.clone(),
                quantity: line.quantity,
                returned: value(typed, &format!("line{}", at + 1)).to_owned(),
            })
            .collect()
    }
}

fn value<'t>(typed: &'t [(String, String)], name: &str) -> &'t str {
    let found = typed.iter().find(|(field, _)| field == name);
    found.map_or("", |(_, text)| text.trim())
}

/// The API's faults as sentences: the field, then what to do. `left` is what the partner can still refund.
fn faults(refused: &BodyError, left: &str) -> Vec<String> {
    let BodyError::Invalid(faults) = refused else {
        return vec!["The form cannot be read.".to_owned()];
    };
    let sentence = |fault: &FieldError| {
        let field = match fault.pointer.split('/').nth(1).unwrap_or_default() {
            "refund_id" => "The refund id",
            "partner" => "The partner",
            "amount" => "The amount",
            "reason" => "The reason",
            _ => "A line",
        };
        match fault.code {
            "refund_exceeds_total" => {
                format!("{field} must be at most {left}: its share less what it has refunded.")
            }
            _ => format!("{field} {}.", fault.detail),
        }
    };
    faults.iter().map(sentence).collect()
}
