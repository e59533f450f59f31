//! Deliveries: attempts, retries, endpoints, replays.

mod changing_endpoints;
mod clock_steps;
mod clocks;
mod connections;
mod delivering;
mod endpoint_life;
mod endpoint_rules;
mod fencing;
mod isolating;
mod odd_replies;
mod own_connections;
mod own_secrets;
mod replay_killed;
mod replaying;
mod replaying_pending;
mod retrying;
mod retrying_many;
mod signing_keys;
mod templating;
