//! The store's plumbing on a real PostgreSQL.
