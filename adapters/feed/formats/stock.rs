//! What a shop's own count says of availability.

/// The canonical word. Without a count nobody counts, and it can be had; below one it depends on
/// whether the shop sells on. A count that is no number is left to the checks.
pub(super) fn word(count: Option<&str>, sells_on: bool) -> &'static str {
    match count.and_then(|count| count.parse::<f64>().ok()) {
        Some(left) if left < 1.0 && sells_on => "backorder",
        Some(left) if left < 1.0 => "out_of_stock",
        _ => "in_stock",
    }
}

/// Whether the first amount is the higher: `compare at` prices that are not are no former prices.
pub(super) fn is_higher(former: &str, now: &str) -> bool {
    match (former.parse::<f64>(), now.parse::<f64>()) {
        (Ok(former), Ok(now)) => former > now,
        // Written in a way that the checks may know.
        _ => true,
    }
}
