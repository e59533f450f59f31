//! `buywire verify`: verify the signature of a captured request.
//!
//! Promises: the body is verified byte for byte as captured; the secret is never printed. It exits with
//! success only for a request that every published verifier would accept.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use buywire_adapters::signing::explain::{CapturedRequest, Verified, VerifyError, verify};
use clap::{ArgGroup, Args};
use serde_json::json;
use time::OffsetDateTime;

use crate::ambient;
use crate::config::secret;
use crate::output;

/// Larger than any delivery.
const CAPTURE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The options of `buywire verify`.
#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["file", "body"])))]
pub(crate) struct Options {
    /// File with the endpoint's secret (`whsec_…`), or set BUYWIRE_VERIFY_SECRET. `-` reads standard input.
    #[arg(long, env = "BUYWIRE_VERIFY_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Time at which the request arrived: `now`, or Unix time in seconds.
    #[arg(long, default_value = "now", value_parser = capture_time)]
    at: OffsetDateTime,
    /// File with the captured request: an optional request line, the headers, an empty line and the exact body.
    /// `-` reads standard input.
    #[arg(conflicts_with = "header")]
    file: Option<PathBuf>,
    /// Header of the request, as `name: value`. Repeatable.
    #[arg(long, requires = "body")]
    header: Vec<String>,
    /// File with the exact body of the request. `-` reads standard input.
    #[arg(long)]
    body: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

type Headers = Vec<(String, String)>;

/// Run it.
///
/// # Errors
/// When the request is invalid, or cannot be read.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let secret = secret::read("BUYWIRE_VERIFY_SECRET", options.secret_file.as_deref())?;
    let secret = secret.context("no secret: set BUYWIRE_VERIFY_SECRET, or use --secret-file")?;
    let (headers, body) = captured(options)?;
    let request = CapturedRequest {
        headers: &headers,
        body: &body,
    };
    let verdict = verify(&secret, &request, options.at);
    if options.json {
        output::line(document(&verdict));
    } else if let Ok(Verified {
        webhook_id,
        timestamp_s,
        signature,
        signatures,
    }) = &verdict
    {
        output::line(format_args!(
            "verified: {webhook_id}, signed at {timestamp_s}, {} bytes; signature {signature} of {signatures} matches",
            body.len()
        ));
    }
    verdict.map(drop).context("not verified")
}

fn document(verdict: &Result<Verified, VerifyError>) -> serde_json::Value {
    match verdict {
        Ok(verified) => json!({
            "verified": true,
            "webhook_id": verified.webhook_id,
            "timestamp": verified.timestamp_s,
            "signature": verified.signature,
            "signatures": verified.signatures,
        }),
        Err(fault) => json!({"verified": false, "fault": fault.to_string()}),
    }
}

fn captured(options: &Options) -> anyhow::Result<(Headers, Vec<u8>)> {
    if let Some(file) = &options.file {
        return split(&read(file)?);
    }
    let Some(body) = &options.body else {
        bail!("give a file, or --body with --header");
    };
    let headers = options.header.iter().map(|line| header(line));
    Ok((headers.collect::<Result<_, _>>()?, read(body)?))
}

/// Splits a captured request at its first empty line. The rest is the body, unchanged.
fn split(capture: &[u8]) -> anyhow::Result<(Headers, Vec<u8>)> {
    let mut headers = Headers::new();
    let mut rest = capture;
    for number in 0.. {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            bail!("the capture has no empty line between its headers and its body");
        };
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let line = std::str::from_utf8(line).context("a header line is not text")?;
        // A header's name has no space; a request line has one before any colon.
        let is_request_line = number == 0
            && line
                .split(':')
                .next()
                .is_some_and(|name| name.contains(' '));
        if !is_request_line {
            headers.push(header(line)?);
        }
    }
    Ok((headers, rest.to_vec()))
}

fn header(line: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = line
        .split_once(':')
        .with_context(|| format!("`{line}` is not a header: expected `name: value`"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut read_limited =
        |from: &mut dyn Read| from.take(CAPTURE_BYTES_MAX + 1).read_to_end(&mut bytes);
    match path.to_str() {
        Some("-") => read_limited(&mut io::stdin().lock()).context("read standard input")?,
        _ => fs::File::open(path)
            .and_then(|mut file| read_limited(&mut file))
            .with_context(|| format!("read {}", path.display()))?,
    };
    ensure!(
        bytes.len() as u64 <= CAPTURE_BYTES_MAX,
        "{} exceeds 8 MiB: it is not a delivery",
        path.display()
    );
    Ok(bytes)
}

fn capture_time(text: &str) -> Result<OffsetDateTime, String> {
    if text == "now" {
        return Ok(ambient::now());
    }
    let seconds = text
        .parse()
        .map_err(|_| "expected `now`, or seconds since 1970".to_owned())?;
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| "the time is out of range".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_is_cut_at_its_first_empty_line_and_nowhere_else() {
        let with_both = b"POST /hooks?a=1 HTTP/1.1\r\nWebhook-Id:  dlv_1 \r\nHost: a:1\r\n\r\nbody\r\n\r\nmore\n";
        let (headers, body) = split(with_both).unwrap();
        let expected = [("Webhook-Id", "dlv_1"), ("Host", "a:1")];
        assert_eq!(
            headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(body, b"body\r\n\r\nmore\n");

        let (headers, body) = split(b"webhook-id: dlv_1\n\n").unwrap();
        assert_eq!(headers.len(), 1);
        assert_eq!(body, b"");
    }

    #[test]
    fn what_is_no_capture_is_refused_with_a_reason() {
        assert!(
            split(b"webhook-id: dlv_1")
                .unwrap_err()
                .to_string()
                .contains("no empty line")
        );
        assert!(
            split(b"a: b\nno header\n\n")
                .unwrap_err()
                .to_string()
                .contains("`no header`")
        );
    }
}
