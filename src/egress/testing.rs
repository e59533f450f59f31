//! For tests of outgoing requests: names that resolve as the test says, and a listener
//! that counts connections.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::RootCertStore;
use tokio::net::{TcpListener, TcpStream};

use super::{Clients, EgressPolicy, Lookup, system_roots};

/// A name server that gives the same answer to every lookup, or one answer after another.
pub(crate) struct FakeDns(Mutex<VecDeque<Vec<IpAddr>>>);

impl FakeDns {
    pub(crate) fn all_resolve_to(addresses: &[&str]) -> Arc<Self> {
        Self::answers_in_order(&[addresses])
    }

    /// The last answer stays.
    pub(crate) fn answers_in_order(answers: &[&[&str]]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|a| a.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(read).collect())))
    }
}

impl Lookup for FakeDns {
    fn lookup(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let answer = match answers.len() {
            0 | 1 => answers.front().cloned(),
            _ => answers.pop_front(),
        };
        Box::pin(async move { answer.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }
}

pub(crate) fn clients(policy: &EgressPolicy, names: Arc<FakeDns>) -> Clients {
    Clients::new(
        policy.clone(),
        names,
        system_roots(),
        Duration::from_secs(1),
    )
    .unwrap()
}

/// Clients that are made quickly and trust nobody.
pub(crate) fn clients_without_roots(policy: &EgressPolicy) -> Clients {
    let (names, roots) = (FakeDns::all_resolve_to(&[]), RootCertStore::empty());
    Clients::new(policy.clone(), names, roots, Duration::from_secs(1)).unwrap()
}

/// A listener that hands each connection to the test's own code.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    pub(crate) async fn start<S, F>(bind: SocketAddr, serve: S) -> io::Result<Self>
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(bind).await?;
        let address = listener.local_addr()?;
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Ok(Self {
            address,
            connections,
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
