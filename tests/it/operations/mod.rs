//! Running a gateway: start, stop, commands, limits, health.

mod administration;
mod command_answers;
mod command_line;
mod commands;
mod database_tls;
mod demo;
mod failures;
mod health;
mod hostile_values;
mod overload;
mod overload_bodies;
mod private_database;
mod readiness;
mod retaining;
mod secret_files;
mod secrets_at_rest;
mod starting;
mod stopping;
