//! The house's own dialect: the order as the API shows it, signed as Standard
//! Webhooks v1. For partners that write their receiver for us, and the
//! simplest adapter to learn from. Must not drop or add a field.

mod order;

use std::sync::LazyLock;

use crate::contract::{Adapter, Profile, Unrenderable};
use crate::request::{Delivery, Rendered};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `standard`.
#[derive(Debug)]
pub struct Standard;

impl Adapter for Standard {
    fn name(&self) -> &'static str {
        "standard"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        Rendered::json(order::body(delivery.event)?)
    }
}
