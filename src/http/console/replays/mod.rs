//! The pages of replays, over the API's own functions. A partner sees and starts its own.

mod describing;
mod filter;
mod job;
mod list;
mod new;

pub(in crate::http) use self::job::{
    cancel as cancel_replay, confirm_cancel as confirm_cancel_replay, pause as pause_replay,
    resume as resume_replay, show as show_replay,
};
pub(in crate::http) use self::list::list as list_replays;
pub(in crate::http) use self::new::{create as create_replay, form as new_replay};
