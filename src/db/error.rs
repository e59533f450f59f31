//! What the store answers when it cannot do what was asked.
//!
//! Tells its callers two things: whether trying again can help, and whether the work may have
//! been done all the same. Never holds a value of a row or a parameter: PostgreSQL's DETAIL is
//! dropped, and so is its message where that quotes input.

use std::{error::Error as _, io, time::Duration};

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

/// How far the work had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TxPhase {
    /// Nothing was sent.
    Connecting,
    /// Inside an open transaction: without its commit, nothing stays.
    Uncommitted,
    /// A commit, or a statement that commits itself.
    Committing,
}

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be reached, or refuses a connection for now.
    #[error("the database cannot be reached: {reason}")]
    Unreachable {
        /// What the connection attempt said.
        reason: String,
    },
    /// The connection was lost while it was used.
    #[error("the connection to the database was lost: {reason}")]
    Lost {
        /// What the connection said.
        reason: String,
        /// Whether what was sent may have been committed.
        outcome_unknown: bool,
    },
    /// No answer came within our own deadline.
    #[error("the database does not answer within {within_s} s")]
    Timeout {
        /// The deadline.
        within_s: f32,
        /// Whether what was sent may have been committed.
        outcome_unknown: bool,
    },
    /// PostgreSQL refused.
    #[error("the database refused ({code}): {message}")]
    Refused {
        /// The SQLSTATE.
        code: String,
        /// The message, where it quotes no input.
        message: String,
        /// The violated constraint, when there is one.
        constraint: Option<String>,
        /// Whether what was sent may have been committed.
        outcome_unknown: bool,
    },
    /// This machine's disk does not take, or give back, rows that are on their way.
    #[error("rows on their way cannot be kept on this machine's disk: {0}")]
    Disk(#[from] io::Error),
    /// The database's address or its TLS parameters are of no use.
    #[error("cannot connect to the database: {0}")]
    Setup(String),
    /// The database cannot be brought to the schema that this executable needs.
    #[error("cannot migrate the database: {0}")]
    Migration(String),
    /// A mistake of ours: parameters or rows that do not fit their statement, a commit after a
    /// failed statement.
    #[error("a statement was used wrongly: {0}")]
    Misuse(String),
}

impl DatabaseError {
    /// Whether the same may succeed later, with nothing changed by us.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => is_transient_code(code),
            Self::Disk(_) | Self::Setup(_) | Self::Migration(_) | Self::Misuse(_) => false,
        }
    }

    /// Whether the work may have been committed although it failed.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Lost {
                outcome_unknown, ..
            }
            | Self::Timeout {
                outcome_unknown, ..
            }
            | Self::Refused {
                outcome_unknown, ..
            } => *outcome_unknown,
            _ => false,
        }
    }

    /// Whether it took too long, by the server's limit or by ours: what it needs may be held by a session that
    /// never lets go, and others may do without it.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Refused { code, .. } => code == SqlState::QUERY_CANCELED.code(),
            _ => false,
        }
    }

    /// The name of the constraint that refused a row.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Refused { constraint, .. } => constraint.as_deref(),
            _ => None,
        }
    }

    /// No answer came within our own deadline.
    pub(crate) fn timeout(phase: TxPhase, deadline: Duration) -> Self {
        let within_s = deadline.as_secs_f32();
        match phase {
            TxPhase::Connecting => Self::Unreachable {
                reason: format!("it does not answer within {within_s} s"),
            },
            _ => Self::Timeout {
                within_s,
                outcome_unknown: phase == TxPhase::Committing,
            },
        }
    }

    pub(crate) fn from_postgres(phase: TxPhase, error: &tokio_postgres::Error) -> Self {
        if let Some(refusal) = error.as_db_error() {
            let code = refusal.code().code();
            if phase == TxPhase::Connecting
                && (is_transient_code(code) || refuses_connections(code))
            {
                return Self::Unreachable {
                    reason: refusal.message().to_owned(),
                };
            }
            return Self::Refused {
                code: code.to_owned(),
                message: message_without_input(code, refusal.message()).to_owned(),
                constraint: refusal.constraint().map(str::to_owned),
                outcome_unknown: phase == TxPhase::Committing && may_have_committed(code),
            };
        }
        let reason = describe(error);
        match (phase, is_connection_error(error)) {
            (TxPhase::Connecting, true) => Self::Unreachable { reason },
            (TxPhase::Connecting, false) => Self::Setup(reason),
            (_, true) => Self::Lost {
                reason,
                outcome_unknown: phase == TxPhase::Committing,
            },
            (_, false) => Self::Misuse(reason),
        }
    }
}

/// Reading a column fails only when a statement and its reader disagree.
impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::from_postgres(TxPhase::Uncommitted, &error)
    }
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::from_postgres(TxPhase::Connecting, &error),
            PoolError::PostCreateHook(HookError::Backend(error)) => {
                Self::from_postgres(TxPhase::Connecting, &error)
            }
            PoolError::Timeout(TimeoutType::Wait) => Self::Unreachable {
                reason: "all connections are busy".into(),
            },
            PoolError::Timeout(_) => Self::Unreachable {
                reason: "it does not answer in time".into(),
            },
            other => Self::Unreachable {
                reason: other.to_string(),
            },
        }
    }
}

/// Conditions that pass by themselves: connections, conflicts, resources, shutdowns, cancelling.
fn is_transient_code(code: &str) -> bool {
    const TRANSIENT: [SqlState; 6] = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        // A fail-over in progress: the next connection finds the new primary.
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IO_ERROR,
    ];
    let class = code.get(..2).unwrap_or_default();
    // 57 is operator intervention; that the database was dropped does not pass.
    matches!(class, "08" | "53" | "57") && code != SqlState::DATABASE_DROPPED.code()
        || TRANSIENT.iter().any(|state| state.code() == code)
}

/// A database may be closed to connections for a while, as operators do for maintenance.
fn refuses_connections(code: &str) -> bool {
    code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE.code()
}

/// A session that is ended or cancelled right after its commit reports an error for work that
/// stays; so may a server in trouble.
fn may_have_committed(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "57" | "58" | "XX"))
}

/// Class 22 (data exception) quotes the offending value in the message itself.
fn message_without_input<'a>(code: &str, message: &'a str) -> &'a str {
    if code.starts_with("22") {
        "a value does not fit"
    } else {
        message
    }
}

/// Whether the failure lies with the connection rather than with what we asked. TLS failures
/// (invalid data) and values that cannot be sent (invalid input) will fail again.
fn is_connection_error(error: &tokio_postgres::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    error.is_closed()
        || cause.is_some_and(|cause| {
            !matches!(
                cause.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            )
        })
}

/// The error with its causes, but no cause that may quote a column's content.
fn describe(error: &tokio_postgres::Error) -> String {
    let cause = error
        .source()
        .filter(|cause| !cause.is::<serde_json::Error>());
    match cause {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_pass_are_told_from_those_that_do_not() {
        for code in [
            "40001", "40P01", "57P01", "57P03", "53300", "08006", "57014", "25006",
        ] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "42601", "28P01", "3D000", "22P02", "57P04", ""] {
            assert!(!is_transient_code(code), "{code}");
        }
    }

    #[test]
    fn a_quoted_value_is_left_out() {
        let message = r#"invalid input syntax for type integer: "4242""#;
        assert!(!message_without_input("22P02", message).contains("4242"));
        assert_eq!(
            message_without_input("23505", "duplicate key"),
            "duplicate key"
        );
    }
}
