//! Signing in, signing out, and one's own sessions.

mod failed_sign_ins;
mod sessions;
mod sign_in;

pub(in crate::http::console) use self::failed_sign_ins::FailedSignIns;
pub(in crate::http) use self::sessions::{end as end_session, list as list_sessions};
pub(in crate::http) use self::sign_in::{form as sign_in_form, sign_in, sign_out};
