//! The stream that tells open pages to read themselves again.
//!
//! Promises: it ends when the server stops, and costs a page nothing while nothing is sent; a page without it works by
//! reloading.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data};
use futures_util::stream;

use super::answer::ConsoleResult;
use super::request::visitor::Visitor;
use crate::http::AppState;

/// Pages of lists are read again this often. It is also how soon a client that has gone is noticed.
const TICK: Duration = Duration::from_secs(5);
/// A stream is opened anew by the browser after so many ticks, so that it is authorised again.
const TICKS_MAX: u32 = 60;

/// `GET /console/live`
pub(in crate::http) async fn follow(state: Data<AppState>, _: Visitor) -> ConsoleResult {
    let stopping = state.console.stopping.clone();
    let ticks = stream::unfold((0, stopping), |(count, mut stopping)| async move {
        if count == TICKS_MAX {
            return None;
        }
        if count == 0 {
            return Some((Bytes::from_static(b"retry: 2000\n\n"), (1, stopping)));
        }
        tokio::select! {
            _ = stopping.changed() => None,
            () = tokio::time::sleep(TICK) => {
                Some((Bytes::from_static(b"event: tick\ndata: \n\n"), (count + 1, stopping)))
            }
        }
    });
    let stream = futures_util::StreamExt::map(ticks, Ok::<_, std::convert::Infallible>);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .streaming(stream))
}
