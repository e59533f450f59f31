//! Publishing and withdrawing a post.

use actix_web::web::{Data, Path};
use buywire_schemas::ids::PostId;
use buywire_schemas::post::Post;

use super::parts::parse;
use super::words::post_state;
use crate::console::confirmation::{ConfirmationPage, Fact};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::posts::PostError;

/// `GET /console/posts/{id}/confirm`: before it is withdrawn.
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let post = find(&state, parse(&id)?).await?;
    page(&ConfirmationPage {
        frame: visitor.frame(&state, Section::Posts),
        title: format!("Withdraw the post of “{}”?", post.card.title),
        effects: vec![
            "Its page does not sell any more, and it leaves the timeline at once.".to_owned(),
            "Payments in progress finish. To stop them too, stop the sale of the post instead."
                .to_owned(),
            "It can be published again.".to_owned(),
        ],
        facts: vec![
            Fact::text("State", post_state(post.state).word),
            Fact::text("Partner", &*post.product.partner),
            Fact::id("Post", post.id),
        ],
        error: None,
        action: format!("{BASE}/posts/{}/withdraw", post.id),
        hidden: vec![("version", post.version.to_string())],
        choices: Vec::new(),
        reason: None,
        button: "Withdraw".to_owned(),
        is_danger: true,
        back: format!("{BASE}/posts"),
    })
}

/// `POST /console/posts/{id}/publish`
pub(in crate::http) async fn publish(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PostId = parse(&id)?;
    if is_stale(&state, id, &form).await? {
        return back("stale");
    }
    match state.posts.publish(visitor.caller.actor(), id).await {
        Ok(_) => back("published"),
        Err(PostError::InvalidState(_)) => back("refused"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// `POST /console/posts/{id}/withdraw`
pub(in crate::http) async fn withdraw(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PostId = parse(&id)?;
    if is_stale(&state, id, &form).await? {
        return back("stale");
    }
    state.posts.withdraw(visitor.caller.actor(), id).await?;
    back("withdrawn")
}

fn back(done: &str) -> ConsoleResult {
    Ok(see_other(&format!("{BASE}/posts?done={done}")))
}

async fn find(state: &AppState, id: PostId) -> Result<Post, ApiError> {
    let post = state.store.post(id).await?;
    post.ok_or_else(|| ApiError::new(Kind::NotFound))
}

/// Whether the post is another than the form was made of.
async fn is_stale(state: &AppState, id: PostId, form: &ConsoleForm) -> Result<bool, ApiError> {
    let post = find(state, id).await?;
    Ok(post.version.to_string() != form.text("version"))
}
