//! Who is signed in, for the handlers of pages.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::console::Frame;
use crate::console::frame::{Flash, MENU, MenuEntry, Section};
use crate::http::AppState;
use crate::http::access::auth::{Access, Caller, authorize};
use crate::http::console::answer::ConsoleError;
use crate::http::console::links::BASE;
use crate::http::problem::{ApiError, Kind};
use crate::store::sessions::SessionEntry;

/// Who may read each page: what the menu shows. Made from the table of routes.
pub(in crate::http) struct PageAccess(pub(in crate::http) BTreeMap<&'static str, Access>);

/// A caller with a session.
#[derive(Clone)]
pub(in crate::http) struct Visitor {
    pub(in crate::http::console) caller: Caller,
    pub(in crate::http::console) session: SessionEntry,
    /// What every form sends back.
    pub(in crate::http::console) form_token: String,
    /// The request's own path and query.
    pub(in crate::http::console) url: String,
    /// The sections that it may see.
    pub(in crate::http::console) menu: Vec<Vec<MenuEntry>>,
    /// Who may read each page.
    pub(in crate::http::console) pages: Data<PageAccess>,
}

impl Visitor {
    /// The frame of a page in this section.
    pub(in crate::http::console) fn frame(&self, state: &AppState, section: Section) -> Frame {
        let label = self.caller.actor().label.clone();
        let mut frame = Frame::new(BASE, &state.console.name, label, self.form_token.clone());
        frame.section = section;
        frame.menu.clone_from(&self.menu);
        frame
    }

    /// The request's path without its query.
    pub(in crate::http::console) fn path(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    /// The same for a page that is read again while it is open.
    pub(in crate::http::console) fn live_frame(&self, state: &AppState, section: Section) -> Frame {
        Frame {
            live: Some(self.url.clone()),
            ..self.frame(state, section)
        }
    }

    /// The address of a page, if there is such a page and this caller may open it.
    pub(in crate::http::console) fn page_href(
        &self,
        pattern: &str,
        slug: &str,
        id: &str,
    ) -> Option<String> {
        let path = format!("{BASE}{pattern}");
        let access = self.pages.0.get(path.as_str())?;
        authorize(*access, &self.caller, Some(slug)).ok()?;
        Some(path.replace("{slug}", slug).replace("{id}", id))
    }
}

/// What the last action did, by the name in the URL: no text from a URL is shown.
pub(in crate::http::console) fn flash(
    done: Option<&str>,
    texts: &[(&str, &'static str, &str)],
) -> Option<Flash> {
    let (_, class, text) = texts.iter().find(|(name, _, _)| done == Some(name))?;
    Some(Flash {
        class,
        text: (*text).to_owned(),
    })
}

/// The sections that the caller may see.
pub(in crate::http::console) fn menu(pages: &PageAccess, caller: &Caller) -> Vec<Vec<MenuEntry>> {
    let group = |entries: &&[(Section, &'static str, &'static str, char)]| {
        let entries = entries.iter().filter_map(|(section, path, name, key)| {
            let href = format!("{BASE}{path}");
            let access = pages.0.get(href.as_str())?;
            authorize(*access, caller, None)
                .is_ok()
                .then_some(MenuEntry {
                    section: *section,
                    name,
                    href,
                    key: *key,
                })
        });
        entries.collect::<Vec<_>>()
    };
    let groups = MENU.iter().map(group);
    groups.filter(|group| !group.is_empty()).collect()
}

impl FromRequest for Visitor {
    type Error = ConsoleError;
    type Future = Ready<Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| ApiError::new(Kind::KeyMissing).into()))
    }
}
