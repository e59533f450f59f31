//! TLS sessions for resumption, as the library keeps them.
//!
//! The library looks for a session when it writes the first message of a handshake: the connection is made by then, and
//! TLS begins. Promises: it keeps and returns what the library's own store would.

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use crate::egress::timings::{Step, mark};

/// As many as the library keeps.
const SESSIONS_MAX: usize = 256;

#[derive(Debug)]
pub(super) struct TimedSessions(ClientSessionMemoryCache);

impl Default for TimedSessions {
    fn default() -> Self {
        Self(ClientSessionMemoryCache::new(SESSIONS_MAX))
    }
}

impl ClientSessionStore for TimedSessions {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server_name, group);
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        mark(Step::TlsStarted);
        self.0.kx_hint(server_name)
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server_name, value);
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        mark(Step::TlsStarted);
        self.0.tls12_session(server_name)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.0.remove_tls12_session(server_name);
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        self.0.insert_tls13_ticket(server_name, value);
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        mark(Step::TlsStarted);
        self.0.take_tls13_ticket(server_name)
    }
}
