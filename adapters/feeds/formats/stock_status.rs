//! Derives availability from a shop's stock quantity.

/// The canonical availability. Without a quantity, stock is not tracked and the item is available. Below one it depends on
/// whether the shop allows backorders. Validation handles a quantity that is not a number.
pub(super) fn availability(count: Option<&str>, allows_backorder: bool) -> &'static str {
    match count.and_then(|count| count.parse::<f64>().ok()) {
        Some(left) if left < 1.0 && allows_backorder => "backorder",
        Some(left) if left < 1.0 => "out_of_stock",
        _ => "in_stock",
    }
}

/// Whether the first amount is the higher: `compare at` prices that are not are no former prices.
pub(super) fn is_higher(former: &str, now: &str) -> bool {
    // A point before three digits may stand between thousands.
    let number = |text: &str| {
        let decimals = text
            .rsplit_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        text.parse::<f64>().ok().filter(|_| decimals != 3)
    };
    match (number(former), number(now)) {
        (Some(former), Some(now)) => former > now,
        // Written in a way that the checks may know.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_price_is_left_out_only_where_it_is_surely_none() {
        for (former, now, is_former) in [
            ("20.00", "15.00", true),
            ("15.00", "15.00", false),
            ("0", "15.00", false),
            ("1.250", "999", true),
            ("20,00", "15,00", true),
        ] {
            assert_eq!(is_higher(former, now), is_former, "{former} {now}");
        }
    }
}
