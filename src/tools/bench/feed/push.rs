//! One push, sent as `curl -T` would send it, and its report.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::tools::bench::feed::PARTNER;
use crate::tools::bench::feed::items::FeedFormat;
use crate::tools::bench::usage::{self, CpuSeconds};
use crate::tools::harness::{GatewayProcess, HttpConnection};

pub(crate) struct PushResult {
    pub(crate) name: &'static str,
    report: Value,
    /// From its first byte to its report.
    pub(crate) duration: Duration,
    pub(crate) cpu: Option<CpuSeconds>,
    pub(crate) peak_rss_mb: Option<f64>,
    pub(crate) row_writes: u64,
}

/// Pushes a file and waits for the run's end.
pub(crate) async fn push(
    gateway: &GatewayProcess,
    format: FeedFormat,
    file: &Path,
) -> anyhow::Result<PushResult> {
    let key = gateway.key("operator")?;
    let bytes = fs::metadata(file)?.len();
    let head = format!(
        "PUT /v1/partners/{PARTNER}/feed?wait=true HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {key}\r\n\
         content-type: {}\r\ncontent-length: {bytes}\r\n\r\n",
        gateway.address,
        format.content_type(),
    );
    let process = gateway.process_id();
    let cpu = || usage::cpu(process, std::process::id());
    usage::reset_peak_rss(process);
    let before = cpu();
    let stream = TcpStream::connect(gateway.address)?;
    let begun = Instant::now();
    let (from, mut to) = (PathBuf::from(file), stream.try_clone()?);
    let sent = tokio::task::spawn_blocking(move || {
        to.write_all(head.as_bytes())?;
        // The kernel copies: CPU time of this client is taken from the gateway on the same machine.
        io::copy(&mut File::open(from)?, &mut to)
    });
    sent.await?.context("send the feed")?;
    stream.set_nonblocking(true)?;
    let mut connection = HttpConnection::from_stream(tokio::net::TcpStream::from_std(stream)?)?;
    let reply = connection
        .receive()
        .await?
        .context("the gateway does not answer")?;
    let duration = begun.elapsed();
    let body = String::from_utf8_lossy(reply.body);
    ensure!(
        reply.status() == 200,
        "the gateway answered {}: {body}",
        reply.status()
    );
    Ok(PushResult {
        name: "",
        report: serde_json::from_str(&body)?,
        duration,
        cpu: cpu().zip(before).map(|(now, then)| now.since(then)),
        peak_rss_mb: usage::peak_rss_mb(process),
        row_writes: 0,
    })
}

impl PushResult {
    /// Compares the report with the feed: a fast run with a wrong result does not count.
    pub(crate) fn check(&self, items: u64, inserted: u64, updated: u64) -> anyhow::Result<()> {
        let expected = [
            ("read", items),
            ("valid", items),
            ("invalid", 0),
            ("inserted", inserted),
            ("updated", updated),
            ("unchanged", items - inserted - updated),
            ("removed", 0),
        ];
        let report = &self.report;
        ensure!(
            report.get("status") == Some(&"applied".into()),
            "{}: {report}",
            self.name
        );
        for (name, expected) in expected {
            let count = report.pointer(&format!("/items/{name}"));
            ensure!(
                count.and_then(Value::as_u64) == Some(expected),
                "{}: `{name}` must be {expected}: {report}",
                self.name
            );
        }
        Ok(())
    }
}
