//! The decimal sign: from the settings, or proven by the other numbers of the same file.
//!
//! A number such as `1.250` proves nothing. One such as `12,50` does, for its own column, and for the
//! other price columns if they prove nothing themselves. A column that proves both signs proves neither.

/// The setting for the decimal sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DecimalSign {
    /// Either, if unambiguous. Otherwise what the file proves.
    #[default]
    Auto,
    /// Only a point.
    Point,
    /// Only a comma.
    Comma,
}

/// A decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Point,
    Comma,
}

impl Sign {
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// The columns, each of which has one decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Price,
    SalePrice,
    ListPrice,
    Shipping,
    Weight,
}

/// What is known about a column's decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimals {
    /// From the settings.
    pub set: DecimalSign,
    /// From the file, if the settings leave it open.
    pub proven: Option<Sign>,
}

/// The signs proven for each column: two bits per column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignProofs(u16);

impl SignProofs {
    /// The bits of a record's hash that hold its proofs, so that a recognised record still counts.
    pub const MASK: u128 = (1 << 10) - 1;
    /// The bits of all price columns.
    const PRICES: u16 = (1 << 8) - 1;
    /// The bit of the point in every column.
    const POINTS: u16 = 0b01_0101_0101;

    /// The proofs in a hash.
    #[must_use]
    pub const fn from_hash(hash: u128) -> Self {
        // Masked: it fits.
        Self((hash & Self::MASK) as u16)
    }

    /// The bits for a hash.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0 as u128
    }

    /// Adds the proofs of `other`.
    pub const fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) fn add(&mut self, column: Column, sign: Sign) {
        let bit = match sign {
            Sign::Point => 1,
            Sign::Comma => 2,
        };
        self.0 |= bit << (2 * column as u16);
    }

    /// The proven sign of a column, if any.
    pub(crate) const fn sign(self, column: Column) -> Option<Sign> {
        let own = self.0 >> (2 * column as u16) & 3;
        let effective = if own == 0 { self.0 & Self::PRICES } else { own };
        match (
            effective & Self::POINTS != 0,
            effective & !Self::POINTS != 0,
        ) {
            (true, false) => Some(Sign::Point),
            (false, true) => Some(Sign::Comma),
            _ => None,
        }
    }
}

/// What one number shows about its column's decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignHint {
    Nothing,
    Proves(Sign),
    /// The number has two meanings.
    Ambiguous,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_column_counts_before_the_others() {
        let mut proofs = SignProofs::default();
        assert_eq!(proofs.sign(Column::Price), None);
        proofs.add(Column::SalePrice, Sign::Comma);
        assert_eq!(proofs.sign(Column::Price), Some(Sign::Comma));
        assert_eq!(proofs.sign(Column::Weight), Some(Sign::Comma));
        proofs.add(Column::Price, Sign::Point);
        assert_eq!(proofs.sign(Column::Price), Some(Sign::Point));
        assert_eq!(proofs.sign(Column::SalePrice), Some(Sign::Comma));
        // Columns that contradict each other prove nothing, and neither does a column that contradicts itself.
        assert_eq!(proofs.sign(Column::ListPrice), None);
        proofs.add(Column::Price, Sign::Comma);
        assert_eq!(proofs.sign(Column::Price), None);
        assert_eq!(
            SignProofs::from_hash(u128::MAX << 10 | proofs.bits()),
            proofs
        );
    }

    #[test]
    fn a_weight_proves_nothing_of_prices() {
        let mut proofs = SignProofs::default();
        proofs.add(Column::Weight, Sign::Point);
        assert_eq!(proofs.sign(Column::Price), None);
        assert_eq!(proofs.sign(Column::Weight), Some(Sign::Point));
    }
}
