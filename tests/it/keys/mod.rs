//! API keys: how long they live, who issues them, and what each role may do with them.

mod expiring;
mod limits;
mod own_keys;
mod roles;
mod suspending;
