//! The guard as a whole, against hostile URLs, through a proxy, and when a URL is saved.

mod hostile;
mod proxied;
mod saving;
