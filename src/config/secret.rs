//! Secrets: each is read from its variable, or from a file, and never from an argument, which `ps` shows to everybody.
//!
//! Promises: a secret that is given twice is refused; a file is cut at its trailing line end, and one that cannot be read
//! or is empty is refused; no message repeats a secret.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Larger than any secret, and small enough for a mistake such as a log file.
const BYTES_MAX: u64 = 64 * 1024;

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("{variable} and {variable}_FILE are both set: set one of them")]
    Both { variable: &'static str },
    #[error("{variable}_FILE: cannot read {}: {error}", path.display())]
    Unreadable {
        variable: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    #[error("{variable}_FILE: {} is empty", path.display())]
    Empty {
        variable: &'static str,
        path: PathBuf,
    },
    #[error("{variable}_FILE: {} is not the file of a secret: it exceeds 64 KiB or is not text", path.display())]
    NotASecret {
        variable: &'static str,
        path: PathBuf,
    },
}

/// Reads a secret from this variable, or from the file that `…_FILE` or an option names. `-` is standard input.
///
/// # Errors
/// The file cannot be used, or both are given.
pub(crate) fn read(
    variable: &'static str,
    file: Option<&Path>,
) -> Result<Option<String>, SecretError> {
    let value = env::var(variable).ok();
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(value);
    };
    if value.is_some_and(|value| !value.is_empty()) {
        return Err(SecretError::Both { variable });
    }
    let path = path.to_owned();
    let mut bytes = match read_bytes(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            return Err(SecretError::Unreadable {
                variable,
                path,
                error,
            });
        }
    };
    if bytes.len() as u64 > BYTES_MAX {
        return Err(SecretError::NotASecret { variable, path });
    }
    cut_line_end(&mut bytes);
    match String::from_utf8(bytes) {
        Ok(text) if text.is_empty() => Err(SecretError::Empty { variable, path }),
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(SecretError::NotASecret { variable, path }),
    }
}

/// As [`read`], for several secrets, comma-separated.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_list(
    variable: &'static str,
    file: Option<&Path>,
) -> Result<Vec<String>, SecretError> {
    let text = read(variable, file)?.unwrap_or_default();
    let parts = text.split(',').filter(|part| !part.is_empty());
    Ok(parts.map(str::to_owned).collect())
}

/// Reads a file of a command that may hold secrets, such as request headers. `-` is standard input.
///
/// # Errors
/// It cannot be read, exceeds 64 KiB, or is not text.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("cannot read {}", path.display());
    let bytes = read_bytes(path).with_context(unreadable)?;
    if bytes.len() as u64 > BYTES_MAX {
        bail!("{} exceeds 64 KiB", path.display());
    }
    String::from_utf8(bytes).with_context(unreadable)
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match path.to_str() {
        Some("-") => io::stdin()
            .lock()
            .take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)?,
        _ => File::open(path)?
            .take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Editors and `echo` end a file with a line end.
fn cut_line_end(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let fits = "a".repeat(64 * 1024);
        std::fs::write(file.path(), &fits).unwrap();
        assert_eq!(read_file(file.path()).unwrap(), fits);
        std::fs::write(file.path(), fits + "a").unwrap();
        let refused = read_file(file.path()).unwrap_err().to_string();
        assert!(refused.ends_with("exceeds 64 KiB"), "{refused}");
    }
}
