//! Orders, from the request to their retention.

mod accepting;
mod api_keys;
mod batches;
mod changes;
mod gross_prices;
mod harmless_text;
mod listing;
mod reading_back;
mod reconciling;
mod redacting;
mod test_orders;
mod times;
mod warnings;
