//! What all requests have in common: keys under which they may be repeated.

mod repeating;
