//! What all requests have in common: ids, and keys under which they may be repeated.

mod repeating;
mod request_ids;
