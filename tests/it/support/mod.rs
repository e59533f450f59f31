//! What several stories use: databases, a running gateway, receivers, orders.

pub(crate) mod admin;
pub(crate) mod api;
pub(crate) mod app;
pub(crate) mod callback_sender;
pub(crate) mod dead_letters;
pub(crate) mod endpoint;
pub(crate) mod feed;
pub(crate) mod image_server;
pub(crate) mod node;
pub(crate) mod order;
pub(crate) mod post;
pub(crate) mod postgres;
pub(crate) mod pulling;
pub(crate) mod raw;
pub(crate) mod receiver;
mod receiver_http;
mod records;
pub(crate) mod run_lock;
pub(crate) mod verifying;
