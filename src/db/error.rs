//! Database errors.
//!
//! An error tells its caller whether a retry can help, and whether the work may have been committed anyway. It never
//! holds a value of a row or a parameter: PostgreSQL's DETAIL is dropped, and so is a message that quotes input.

use std::{error::Error as _, io, time::Duration};

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

/// How far the work had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TxPhase {
    /// Nothing was sent.
    Connecting,
    /// Inside an open transaction: without a commit, nothing is kept.
    Uncommitted,
    /// In a commit, or in a statement that commits itself.
    Committing,
}

/// The failure of a statement or a connection.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be reached or refuses connections for now.
    #[error("the database cannot be reached: {reason}")]
    Unreachable {
        /// The error of the connection attempt.
        reason: String,
    },
    /// The connection was lost while in use.
    #[error("the connection to the database was lost: {reason}")]
    Lost {
        /// The error of the connection.
        reason: String,
        /// Whether the work may have been committed.
        outcome_unknown: bool,
    },
    /// No answer came within our deadline.
    #[error("no answer from the database within {within_s} s")]
    Timeout {
        /// The deadline, in seconds.
        within_s: f32,
        /// Whether the work may have been committed.
        outcome_unknown: bool,
    },
    /// PostgreSQL returned an error.
    #[error("the database reported an error ({code}): {message}")]
    Refused {
        /// The SQLSTATE.
        code: String,
        /// The message, unless it quotes input.
        message: String,
        /// The violated constraint, if any.
        constraint: Option<String>,
        /// Whether the work may have been committed.
        outcome_unknown: bool,
    },
    /// This machine's disk failed to store or return rows.
    #[error("cannot store rows on this machine's disk: {0}")]
    Disk(#[from] io::Error),
    /// The database URL or its TLS parameters are unusable.
    #[error("cannot connect to the database: {0}")]
    Setup(String),
    /// The database cannot be migrated to the schema this version needs.
    #[error("cannot migrate the database: {0}")]
    Migration(String),
    /// A bug: parameters or rows do not fit their statement, or a commit followed a failed statement.
    #[error("internal database error: {0}")]
    Misuse(String),
}

impl DatabaseError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => is_transient_code(code),
            Self::Disk(_) | Self::Setup(_) | Self::Migration(_) | Self::Misuse(_) => false,
        }
    }

    /// Whether parts of a batch may succeed alone: not when the database is away, because each part would fail as well.
    pub fn is_worth_splitting(&self) -> bool {
        !self.is_transient() && !self.outcome_unknown()
    }

    /// Whether the work may have been committed although the call failed.
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

    /// Whether a time limit, the server's or ours, was exceeded: a hung session may hold what this work needs, and
    /// other work can go on.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Refused { code, .. } => code == SqlState::QUERY_CANCELED.code(),
            _ => false,
        }
    }

    /// The constraint that rejected a row.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Refused { constraint, .. } => constraint.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn timeout(phase: TxPhase, deadline: Duration) -> Self {
        let within_s = deadline.as_secs_f32();
        match phase {
            TxPhase::Connecting => Self::Unreachable {
                reason: format!("no answer within {within_s} s"),
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

/// Reading a column fails only if a statement and its reader disagree.
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
                reason: "no answer in time".into(),
            },
            other => Self::Unreachable {
                reason: other.to_string(),
            },
        }
    }
}

/// Conditions that pass on their own: connections, conflicts, resources, shutdowns, cancellations.
fn is_transient_code(code: &str) -> bool {
    const TRANSIENT: [SqlState; 6] = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        // During a fail-over, the next connection finds the new primary.
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IO_ERROR,
    ];
    let class = code.get(..2).unwrap_or_default();
    // 57 is operator intervention. A dropped database stays dropped.
    matches!(class, "08" | "53" | "57") && code != SqlState::DATABASE_DROPPED.code()
        || TRANSIENT.iter().any(|state| state.code() == code)
}

/// Operators may close a database to connections for a while, for maintenance.
fn refuses_connections(code: &str) -> bool {
    code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE.code()
}

/// A session that ends right after its commit reports an error for work that is kept. So may a failing server.
fn may_have_committed(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "57" | "58" | "XX"))
}

/// Class 22 (data exception) quotes the offending value in the message.
fn message_without_input<'a>(code: &str, message: &'a str) -> &'a str {
    if code.starts_with("22") {
        "a value does not fit"
    } else {
        message
    }
}

/// Whether the connection failed rather than the request. TLS failures (invalid data) and values that cannot be sent
/// (invalid input) will fail again.
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

/// The error with its cause, unless the cause may quote the content of a column.
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
