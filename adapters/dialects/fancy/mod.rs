//! Fancy: JSON with decimal strings, as its seller API writes products, for orders that Fancy manages for merchants. Its
//! order documentation is not public: NOTES.md says what is known and what is assumed. Must not write a price as a JSON
//! number.

mod callback;
mod order;
mod reply;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply};
use crate::contract::request::{Delivery, RenderError, Rendered};

/// The adapter `fancy`.
#[derive(Debug)]
pub struct Fancy;

impl Adapter for Fancy {
    name_and_profile!("fancy");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event)?)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self::reply::read_acknowledgement(reply)
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}
