//! Where the cluster and its socket live.
//!
//! The cluster lives in the data folder. Where PostgreSQL's user cannot reach that (root's home, a
//! parent with mode 0700) it lives elsewhere, under a random id that the folder records: an id
//! made from the path would give a moved folder an empty database, and a new folder at an old
//! path somebody else's. The socket's folder is short, because a socket's path may have 107 bytes
//! (103 on macOS), and private, because whoever could put a socket there could ask for our password.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::{
    account::Account,
    data_dir::DataDir,
    error::{DataDirError, EmbeddedError, at},
};

/// The file of the data folder that remembers the place.
const RECORD: &str = "postgres.json";

/// What is recorded. An absent `elsewhere` means: inside the data folder, wherever that is now.
#[derive(Default, Serialize, Deserialize)]
struct Record {
    elsewhere: Option<PathBuf>,
    sockets: Option<PathBuf>,
}

/// The folders of one private PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct Place {
    home: PathBuf,
    sockets: PathBuf,
    /// Held open: a copied data folder names the same place, and two gateways must not share it.
    _lock: Arc<File>,
}

impl Place {
    /// The recorded place, or a new one, which is then recorded; and who runs the server there.
    pub(super) fn settle(folder: &DataDir) -> Result<(Self, Account), EmbeddedError> {
        let mut record = read_record(folder)?;
        let (home, account) = home_and_account(&record, folder)?;
        if !account.reaches(&home) {
            return Err(EmbeddedError::Unreachable {
                account: account.name().into(),
                path: home,
            });
        }
        let sockets = match record.sockets.take() {
            Some(known) if account.owns_privately(&known) => known,
            _ => new_socket_folder(&account)?,
        };
        record.elsewhere = (!home.starts_with(folder.path())).then(|| home.clone());
        record.sockets = Some(sockets.clone());
        write_record(folder, &record)?;
        let place = Self {
            _lock: Arc::new(lock(&home)?),
            home,
            sockets,
        };
        Ok((place, account))
    }

    /// PostgreSQL's own folder.
    pub(super) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// What the server prints.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// The folder above the cluster, PostgreSQL's user's own.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of the socket.
    pub(super) fn sockets(&self) -> &Path {
        &self.sockets
    }
}

/// A record that cannot be read is an error: without it we might begin an empty database beside
/// the full one.
fn read_record(folder: &DataDir) -> Result<Record, DataDirError> {
    match folder.read(RECORD)? {
        None => Ok(Record::default()),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| at("read", folder.path().join(RECORD))(error.into())),
    }
}

fn write_record(folder: &DataDir, record: &Record) -> Result<(), DataDirError> {
    let text = serde_json::to_string(record)
        .map_err(|error| at("write", folder.path().join(RECORD))(error.into()))?;
    folder.write(RECORD, &text)
}

fn home_and_account(
    record: &Record,
    folder: &DataDir,
) -> Result<(PathBuf, Account), EmbeddedError> {
    let inside = folder.path().join("postgres");
    let known = match &record.elsewhere {
        Some(elsewhere) => Some(elsewhere.clone()),
        None => inside.join("cluster").exists().then(|| inside.clone()),
    };
    if let Some(home) = known {
        let owner = Account::owner_of(&home).map_err(at("find", &home))?;
        return Ok((home, owner));
    }
    let account = Account::for_new_server()?;
    Ok((new_home(inside, &account)?, account))
}

/// The home of the cluster and the folder of the socket, as a data folder remembers them.
pub(super) fn recorded(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let text = fs::read_to_string(folder.join(RECORD)).ok()?;
    let record: Record = serde_json::from_str(&text).ok()?;
    let home = record.elsewhere.unwrap_or_else(|| folder.join("postgres"));
    Some((home, record.sockets?))
}

fn lock(home: &Path) -> Result<File, DataDirError> {
    let file = File::open(home).map_err(at("open", home))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(DataDirError::Locked {
            path: home.to_owned(),
            holder: String::new(),
        }),
        Err(errno) => Err(at("lock", home)(errno.into())),
    }
}

/// Inside the data folder where PostgreSQL's user can work there, else in a public place.
fn new_home(inside: PathBuf, account: &Account) -> Result<PathBuf, DataDirError> {
    match fs::create_dir(&inside) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(at("create", inside)(error));
        }
        _ => {}
    }
    let private = fs::set_permissions(&inside, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    if private.is_ok() && account.give(&inside).is_ok() && account.reaches(&inside) {
        return Ok(inside);
    }
    fs::remove_dir(&inside).map_err(at("remove", inside))?;
    let library = Path::new("/var/lib/buywire");
    // Fails where it is there already or we are not root; what counts is tried below.
    DirBuilder::new().mode(0o711).create(library).ok();
    private_folder(
        &[library.join(""), PathBuf::from("/var/tmp/buywire-")],
        account,
    )
}

/// A new folder for the socket: /run is root's and is never swept, /tmp is everybody's.
fn new_socket_folder(account: &Account) -> Result<PathBuf, DataDirError> {
    private_folder(&["/run/buywire-".into(), "/tmp/buywire-".into()], account)
}

/// Makes `<stem><random id>` with mode 0700 for the account, under the first stem that it can reach.
fn private_folder(stems: &[PathBuf], account: &Account) -> Result<PathBuf, DataDirError> {
    let mut last = at("create", "a folder for PostgreSQL")(io::ErrorKind::PermissionDenied.into());
    for stem in stems {
        let mut path = stem.clone().into_os_string();
        path.push(format!("{:016x}", rand::random::<u64>()));
        let path = PathBuf::from(path);
        let made = DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .and_then(|()| account.give(&path));
        match made {
            Ok(()) if account.reaches(&path) => return Ok(path),
            Ok(()) => drop(fs::remove_dir(&path)),
            Err(error) => last = at("create", path)(error),
        }
    }
    Err(last)
}
