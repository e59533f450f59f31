//! Orders, from the request to their retention.

mod accepting;
mod api_keys;
mod batches;
mod changes;
mod harmless_text;
mod listing;
mod reading_back;
mod reconciling;
mod redacting;
mod times;
mod warnings;
