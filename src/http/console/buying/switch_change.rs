//! Stopping and resuming a sale by its kill switch.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use buywire_checkout::switches::SwitchScope;
use serde::Deserialize;
use serde_json::json;

use super::scope::title;
use crate::console::confirmation::{ConfirmationPage, Fact, RadioChoice, ReasonField};
use crate::console::format::counted;
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::checkouts::switches::{REASON_CHARS_MAX, parse};
use crate::http::console::answer::{ConsoleResult, page_with, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};

/// Payments in progress that are looked at before a sale is stopped.
const PAYING_MAX: i64 = 200;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ConfirmQuery {
    /// A scope as it is spelled, or its kind and name.
    #[serde(default)]
    scope: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    enabled: String,
}

/// What was typed into the form.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    voids: bool,
    error: Option<String>,
}

/// `GET /console/stock/switches/confirm`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<ConfirmQuery>,
) -> ConsoleResult {
    let scope = query.scope()?;
    let enables = query.enabled == "true";
    let is_enabled = is_enabled(&state, &scope).await?;
    if enables == is_enabled {
        return Ok(see_other(&format!("{BASE}/stock/switches?done=stale")));
    }
    confirmation(&state, &visitor, &scope, enables, Typed::default()).await
}

/// `POST /console/stock/switches/set`
pub(in crate::http) async fn set(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
) -> ConsoleResult {
    let scope = parse_scope(form.text("scope"))?;
    let enables = form.text("enabled") == "true";
    let is_enabled = is_enabled(&state, &scope).await?;
    if enables == is_enabled {
        return Ok(see_other(&format!("{BASE}/stock/switches?done=stale")));
    }
    let payments = match form.text("payments") {
        "void" => "void",
        _ => "finish",
    };
    let reason = form.text("reason");
    let body = json!({"enabled": enables, "reason": reason, "payments": payments}).to_string();
    let change = match parse(scope.clone(), body.as_bytes()) {
        Ok(change) => change,
        Err(refused) => {
            let problem = ApiError::refused(Kind::BodyInvalid, refused).problem();
            let fault = problem.errors.first().map(|fault| fault.detail.clone());
            let typed = Typed {
                reason: reason.to_owned(),
                voids: payments == "void",
                error: fault.map(|fault| format!("The reason {fault}.")),
            };
            return confirmation(&state, &visitor, &scope, enables, typed).await;
        }
    };
    let actor = visitor.caller.actor();
    state.checkouts.set_switch(actor, change).await?;
    let done = if enables { "resumed" } else { "stopped" };
    let list = match scope {
        SwitchScope::Post(_) => "/posts",
        _ => "/stock/switches",
    };
    Ok(see_other(&format!("{BASE}{list}?done={done}")))
}

async fn confirmation(
    state: &AppState,
    visitor: &Visitor,
    scope: &SwitchScope,
    enables: bool,
    typed: Typed,
) -> ConsoleResult {
    let facts = facts(state, scope).await?;
    let subject = subject(scope, &facts);
    let paying = match enables {
        true => (0, false),
        false => state.checkouts.count_paying(scope, PAYING_MAX).await?,
    };
    let status = match typed.error {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let template = ConfirmationPage {
        frame: visitor.frame(state, Section::Stock),
        title: match enables {
            true => format!("Resume the sale of {subject}?"),
            false => format!("Stop the sale of {subject}?"),
        },
        effects: effects(enables, paying),
        facts,
        error: typed.error,
        action: format!("{BASE}/stock/switches/set"),
        hidden: vec![
            ("scope", scope.to_string()),
            ("enabled", enables.to_string()),
        ],
        choices: if enables {
            Vec::new()
        } else {
            choices(typed.voids)
        },
        reason: Some(ReasonField {
            label: "Reason",
            value: typed.reason,
            chars_max: REASON_CHARS_MAX,
        }),
        button: match enables {
            true => "Resume the sale".to_owned(),
            false => "Stop the sale".to_owned(),
        },
        is_danger: !enables,
        back: match scope {
            SwitchScope::Post(_) => format!("{BASE}/posts"),
            _ => format!("{BASE}/stock/switches"),
        },
    };
    page_with(status, &template)
}

fn effects(enables: bool, (paying, may_be_more): (usize, bool)) -> Vec<String> {
    if enables {
        return vec![
            "It can be bought again at once here, and within two seconds on every other node, as far as no other \
             switch is off."
                .to_owned(),
        ];
    }
    let count = counted(
        i64::try_from(paying).unwrap_or(i64::MAX),
        "payment is in progress",
        "payments are in progress",
    );
    vec![
        "Nobody can begin to buy it: on pages, by agents, by permalinks. Posts stay visible."
            .to_owned(),
        "It counts at once here, and within two seconds on every other node.".to_owned(),
        match (paying, may_be_more) {
            (0, false) => "No payment is in progress.".to_owned(),
            (_, true) => format!("At least {count}."),
            (_, false) => format!("{count}."),
        },
    ]
}

fn choices(voids: bool) -> Vec<RadioChoice> {
    let choice = |value, text, is_checked| RadioChoice {
        name: "payments",
        value,
        text,
        is_checked,
    };
    vec![
        choice("finish", "Let them finish: they become orders", !voids),
        choice(
            "void",
            "Void them: what is paid all the same is given back",
            voids,
        ),
    ]
}

/// What the scope names, so that nobody stops another sale by mistake.
async fn facts(state: &AppState, scope: &SwitchScope) -> Result<Vec<Fact>, ApiError> {
    let mut facts = Vec::new();
    match scope {
        SwitchScope::Post(id) => {
            let post = state.store.post(*id).await?;
            let post = post.ok_or_else(|| ApiError::new(Kind::NotFound))?;
            facts.push(Fact::text("Product", post.card.title));
            facts.push(Fact::text("Partner", post.product.partner));
        }
        SwitchScope::Partner(slug) | SwitchScope::Item(slug, _) => {
            let partner = state.store.partner(slug.as_str()).await?;
            let partner = partner.ok_or_else(|| ApiError::new(Kind::NotFound))?;
            facts.push(Fact::text("Partner", partner.name));
        }
        SwitchScope::All | SwitchScope::Processor(_) | SwitchScope::Channel(_) => {}
    }
    facts.push(Fact::id("Switch", scope));
    Ok(facts)
}

fn subject(scope: &SwitchScope, facts: &[Fact]) -> String {
    match (scope, facts.first()) {
        (SwitchScope::Post(_), Some(product)) => format!("the post of “{}”", product.value),
        _ => {
            let title = title(scope);
            let mut letters = title.chars();
            let first = letters.next().map(|first| first.to_lowercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    }
}

/// What was never set is enabled.
async fn is_enabled(state: &AppState, scope: &SwitchScope) -> Result<bool, ApiError> {
    let spelled = scope.to_string();
    let switches = state.store.switches().await?;
    let found = switches.into_iter().find(|switch| switch.scope == spelled);
    Ok(found.is_none_or(|switch| switch.enabled))
}

fn parse_scope(text: &str) -> Result<SwitchScope, ApiError> {
    text.parse().map_err(|_| {
        ApiError::with_detail(
            Kind::QueryInvalid,
            "There is no such switch. A post's name is its id (pst_…), an item's is partner:item, a partner's is the one \
             in its URLs, a processor is stripe, manual or sandbox, and a channel is page, acp or ucp.",
        )
    })
}

impl ConfirmQuery {
    fn scope(&self) -> Result<SwitchScope, ApiError> {
        match (self.scope.trim(), self.kind.as_str(), self.name.trim()) {
            ("", "all", _) => Ok(SwitchScope::All),
            ("", kind, name) => parse_scope(&format!("{kind}:{name}")),
            (scope, ..) => parse_scope(scope),
        }
    }
}
