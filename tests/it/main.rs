//! The integration tests: one executable, one file per story, `support` speaks the domain.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test that is wrong should stop, and a story is told in one piece"
)]

mod accepting;
mod administration;
mod batches;
mod callbacks;
mod callbacks_hostile;
mod callbacks_killed;
mod callbacks_unsigned;
mod catalog;
mod catalog_check;
mod catalog_commands;
mod catalog_conflicts;
mod catalog_gate;
mod catalog_gate_identity;
mod catalog_killed;
mod catalog_modes;
mod catalog_sequences;
mod catalog_supplements;
mod catalog_truncated;
mod changing_endpoints;
mod clock_steps;
mod clocks;
mod command_answers;
mod command_line;
mod commands;
mod compressed_bodies;
mod crashing;
mod database_tls;
mod delivering;
mod demo;
mod endpoint_life;
mod endpoint_rules;
mod feed_values;
mod fencing;
mod hanging;
mod harmless_text;
mod health;
mod hostile_values;
mod images;
mod images_fetching;
mod images_host_limits;
mod isolating;
mod listing;
mod node_agreement;
mod odd_replies;
mod order_changes;
mod order_warnings;
mod overload;
mod overload_bodies;
mod own_connections;
mod own_keys;
mod own_secrets;
mod pages;
mod post_bulk;
mod post_commands;
mod post_rules;
mod posts;
mod posts_following;
mod posts_public;
mod posts_schedule;
mod posts_timeline;
mod private_database;
mod pulling;
mod pulling_hostile;
mod pulling_nodes;
mod pushing_again;
mod readiness;
mod reading_back;
mod reconciling;
mod redacting;
mod replay_killed;
mod replaying;
mod retaining;
mod retaining_feeds;
mod retrying;
mod retrying_many;
mod searching;
mod secrets_at_rest;
mod shops;
mod signing_keys;
mod starting;
mod statements;
mod stopping;
mod store;
mod store_hanging;
mod support;
mod templating;
mod tidy;
mod times;
