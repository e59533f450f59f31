//! Feeds written for sales channels and search engines: Google, Meta, OpenAI and others.

pub(super) mod acp;
pub(super) mod billiger;
pub(super) mod ceneo;
pub(super) mod google;
pub(super) mod google_retail;
pub(super) mod heureka;
pub(super) mod idealo;
pub(super) mod inventory;
pub(super) mod kelkoo;
pub(super) mod meta;
pub(super) mod openai;
pub(super) mod pinterest;
pub(super) mod schema_org;
pub(super) mod tiktok;
pub(super) mod trovaprezzi;
pub(super) mod x;
pub(super) mod yandex;
