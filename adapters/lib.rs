//! The translators.
