//! Divides one amount among several without losing a minor unit: the largest remainder method.
//!
//! Promises: the parts sum to the amount; each is within one unit of its exact part; equal remainders go to the first.

/// Divides `amount` in proportion to `weights`, or evenly if all weights are zero. Neither may be negative.
pub(super) fn allocate(amount: i64, weights: &[i64]) -> Vec<i64> {
    let is_even = weights.iter().all(|weight| *weight == 0);
    let weight = |weight: i64| if is_even { 1 } else { i128::from(weight) };
    let sum: i128 = weights.iter().map(|one| weight(*one)).sum();
    if sum == 0 {
        return Vec::new();
    }
    let exact = weights.iter().map(|one| i128::from(amount) * weight(*one));
    let (mut parts, remainders): (Vec<i128>, Vec<i128>) =
        exact.map(|exact| (exact / sum, exact % sum)).unzip();
    let mut order: Vec<(usize, i128)> = remainders.into_iter().enumerate().collect();
    // Stable: of equal remainders the first keeps its turn.
    order.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    let left = i128::from(amount) - parts.iter().sum::<i128>();
    let left = usize::try_from(left).unwrap_or_default();
    for (index, _) in order.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part += 1;
        }
    }
    // A part is at most the amount, which is an i64.
    parts
        .into_iter()
        .map(|part| i64::try_from(part).unwrap_or(i64::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(10, &[999, 1]), [10, 0]);
        assert_eq!(allocate(5, &[0, 0]), [3, 2]);
        assert_eq!(allocate(5, &[0, 7]), [0, 5]);
        assert_eq!(allocate(0, &[3, 4]), [0, 0]);
        assert_eq!(allocate(5, &[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_exceeds_its_weight(
            weights in proptest::collection::vec(0..1_000_000_000_000_i64, 1..40),
            share in 0..=1_000_u32,
        ) {
            let sum: i64 = weights.iter().sum();
            let amount = (i128::from(sum) * i128::from(share) / 1_000) as i64;
            let parts = allocate(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part <= weight && *part >= 0);
                let exact = i128::from(amount) * i128::from(*weight);
                let distance = (i128::from(*part) * i128::from(sum) - exact).abs();
                prop_assert!(distance < i128::from(sum).max(1));
            }
        }
    }
}
