//! Finds PostgreSQL's programs on this machine.
//!
//! PATH comes first, because it was set on purpose; then the highest version where Debian, Fedora and
//! Homebrew install it. A cluster is opened only by the major version that made it. Nothing is
//! downloaded or installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::db::OLDEST_MAJOR;
use crate::local_postgres::error::EmbeddedError;

/// One installation: a folder that holds `postgres` and `initdb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The installation to use, for a cluster made by `made_by` or for a new one.
    pub(crate) fn find(cluster: &Path) -> Result<Self, EmbeddedError> {
        choose(installed(), major_of(cluster), cluster)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn major(&self) -> u32 {
        self.major
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        let output = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        let major = parse_major(&String::from_utf8(output.stdout).ok()?)?;
        folder
            .join("initdb")
            .exists()
            .then_some(Self { folder, major })
    }
}

/// The major version that made the cluster, if there is a cluster.
fn major_of(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn choose(
    found: Vec<Binaries>,
    made_by: Option<u32>,
    cluster: &Path,
) -> Result<Binaries, EmbeddedError> {
    let newest_unfit = found.iter().map(|binaries| binaries.major).max();
    let mut usable = found
        .into_iter()
        .filter(|binaries| binaries.major >= OLDEST_MAJOR);
    match made_by {
        Some(made_by) => usable
            .find(|binaries| binaries.major == made_by)
            .ok_or_else(|| EmbeddedError::OtherMajor {
                cluster: cluster.to_owned(),
                made_by,
            }),
        None => usable.next().ok_or_else(|| EmbeddedError::NotInstalled {
            other: newest_unfit
                .map(|major| format!(" (only version {major})"))
                .unwrap_or_default(),
        }),
    }
}

/// All installations, the preferred one first.
fn installed() -> Vec<Binaries> {
    let on_path: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    let mut standard: Vec<Binaries> = standard_folders()
        .into_iter()
        .filter_map(Binaries::in_folder)
        .collect();
    standard.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    on_path
        .into_iter()
        .filter(|folder| folder.is_absolute())
        .filter_map(Binaries::in_folder)
        .chain(standard)
        .collect()
}

/// Folders named by version, each with a `bin` in it: `(parent, prefix of the name)`.
fn standard_folders() -> Vec<PathBuf> {
    const VERSIONED: [(&str, &str); 4] = [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ];
    VERSIONED
        .iter()
        .flat_map(|(parent, prefix)| {
            let entries = fs::read_dir(parent).into_iter().flatten().flatten();
            entries.filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
        })
        .map(|entry| entry.path().join("bin"))
        .collect()
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` and `… 18beta1` name their major.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL) ").nth(1)?;
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(majors: &[u32]) -> Vec<Binaries> {
        majors
            .iter()
            .map(|&major| Binaries {
                folder: format!("/pg/{major}").into(),
                major,
            })
            .collect()
    }

    fn chosen(majors: &[u32], made_by: Option<u32>) -> Result<u32, String> {
        choose(versions(majors), made_by, Path::new("/cluster"))
            .map(|binaries| binaries.major)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_new_enough_version_makes_a_cluster_and_the_same_one_opens_it() {
        assert_eq!(chosen(&[14, 17, 16], None), Ok(17));
        assert_eq!(chosen(&[17, 16], Some(16)), Ok(16));
        assert!(
            chosen(&[17], Some(16))
                .unwrap_err()
                .contains("PostgreSQL 16")
        );
    }

    #[test]
    fn without_postgresql_the_error_says_how_to_install_it() {
        let missing = chosen(&[], None).unwrap_err();
        for hint in [
            "apt install postgresql",
            "dnf install postgresql-server",
            "brew install",
            "DATABASE_URL",
        ] {
            assert!(missing.contains(hint), "{missing}");
        }
        assert!(chosen(&[13], None).unwrap_err().contains("only version 13"));
    }

    #[test]
    fn versions_are_read_as_every_distribution_prints_them() {
        assert_eq!(
            parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("something else"), None);
    }
}
