//! A mail's content, block by block.

use super::clean::{masked, masked_lines};

/// Everything that stands in a mail.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The first thing that a reader sees.
    pub(crate) title: String,
    /// What follows it.
    pub(crate) blocks: Vec<Block>,
    /// Who sent it and why, in small print.
    pub(crate) footer: Vec<String>,
    /// What stands between a name and its value.
    pub(crate) colon: &'static str,
}

/// One part of a mail.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// What the next blocks are about.
    Heading(String),
    /// A sentence or several.
    Paragraph(String),
    /// Short lines, such as an address.
    Lines(Vec<String>),
    /// Lines of a seller that stay as they are: an account number may look like a card number.
    Verbatim(Vec<String>),
    /// Names with their values.
    Facts(Vec<(&'static str, String)>),
    /// What was bought.
    Items(Vec<ItemRow>),
    /// What it costs.
    Sums(Vec<SumRow>),
    /// The one thing to do.
    Button {
        /// Its words.
        label: &'static str,
        /// Where it leads.
        url: String,
    },
    /// Pages, by name.
    Links(Vec<(&'static str, String)>),
    /// A form to copy: its lines, which stay as they are.
    Form(Vec<String>),
}

/// One item.
#[derive(Debug, Clone)]
pub(crate) struct ItemRow {
    /// Such as `2 × Stoneware cup`.
    pub(crate) title: String,
    /// Such as `Size: 250 ml`, and the price of one.
    pub(crate) details: Vec<String>,
    /// What it costs.
    pub(crate) amount: String,
}

/// One row of a sum.
#[derive(Debug, Clone)]
pub(crate) struct SumRow {
    /// What it is.
    pub(crate) label: &'static str,
    /// How much.
    pub(crate) amount: String,
    /// What all rows above it add up to.
    pub(crate) is_total: bool,
}

impl Document {
    /// The same without card numbers, also those that only stand there once texts are joined.
    pub(crate) fn without_card_numbers(mut self) -> Self {
        self.title = masked(&self.title);
        self.footer = masked_lines(&self.footer);
        let blocks = self.blocks.into_iter();
        self.blocks = blocks.map(Block::without_card_numbers).collect();
        self
    }
}

impl Block {
    /// URLs and amounts are ours, and stay.
    fn without_card_numbers(self) -> Self {
        match self {
            Self::Heading(text) => Self::Heading(masked(&text)),
            Self::Paragraph(text) => Self::Paragraph(masked(&text)),
            Self::Lines(lines) => Self::Lines(masked_lines(&lines)),
            Self::Form(lines) => Self::Form(masked_lines(&lines)),
            Self::Facts(facts) => {
                let facts = facts.into_iter();
                Self::Facts(facts.map(|(name, value)| (name, masked(&value))).collect())
            }
            Self::Items(items) => {
                let masked_row = |row: ItemRow| ItemRow {
                    title: masked(&row.title),
                    details: masked_lines(&row.details),
                    amount: row.amount,
                };
                Self::Items(items.into_iter().map(masked_row).collect())
            }
            Self::Verbatim(_) | Self::Sums(_) | Self::Button { .. } | Self::Links(_) => self,
        }
    }
}
