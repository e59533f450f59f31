//! The folders of the cluster and of its socket.
//!
//! The cluster is in the data folder. If PostgreSQL's user cannot reach that (root's home, a parent with
//! mode 0700), it is elsewhere, under a random id that the data folder records. An id made from the path
//! would give a moved folder an empty database, and a new folder at an old path another's database. The
//! socket's path is short, because the limit is 107 bytes (103 on macOS), and its folder is private,
//! because a socket planted there could ask for the password.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::ambient;
use crate::local_postgres::data_dir::DataDir;
use crate::local_postgres::error::{DataDirError, EmbeddedError, io_error};
use crate::local_postgres::os_user::OsUser;

/// The file in the data folder that records the location.
const RECORD_FILE: &str = "postgres.json";

/// The record. Without `elsewhere`, the cluster is inside the data folder, wherever that is now.
#[derive(Default, Serialize, Deserialize)]
struct LocationRecord {
    elsewhere: Option<PathBuf>,
    sockets: Option<PathBuf>,
}

/// The folders of one private PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct ClusterLocation {
    home: PathBuf,
    sockets: PathBuf,
    /// Held open as a lock: a copied data folder records the same location, and two gateways must not share it.
    _lock: Arc<File>,
}

impl ClusterLocation {
    /// Returns the recorded location, or records a new one; and the user that runs the server there.
    pub(crate) fn resolve(folder: &DataDir) -> Result<(Self, OsUser), EmbeddedError> {
        let mut record = read_record(folder)?;
        let (home, os_user) = home_and_user(&record, folder)?;
        if !os_user.can_write(&home) {
            return Err(EmbeddedError::Unreachable {
                account: os_user.name().into(),
                path: home,
            });
        }
        let sockets = match record.sockets.take() {
            Some(existing) if os_user.owns_privately(&existing) => existing,
            _ => create_socket_folder(&os_user)?,
        };
        record.elsewhere = (!home.starts_with(folder.path())).then(|| home.clone());
        record.sockets = Some(sockets.clone());
        write_record(folder, &record)?;
        let location = Self {
            _lock: Arc::new(lock(&home)?),
            home,
            sockets,
        };
        Ok((location, os_user))
    }

    /// PostgreSQL's data directory.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// The server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// The folder that contains the cluster; it belongs to PostgreSQL's user.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of the socket.
    pub(crate) fn sockets(&self) -> &Path {
        &self.sockets
    }
}

/// An unreadable record is an error: without it, the gateway might start an empty database beside the real one.
fn read_record(folder: &DataDir) -> Result<LocationRecord, DataDirError> {
    match folder.read(RECORD_FILE)? {
        None => Ok(LocationRecord::default()),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| io_error("read", folder.path().join(RECORD_FILE))(error.into())),
    }
}

fn write_record(folder: &DataDir, record: &LocationRecord) -> Result<(), DataDirError> {
    let text = serde_json::to_string(record)
        .map_err(|error| io_error("write", folder.path().join(RECORD_FILE))(error.into()))?;
    folder.write(RECORD_FILE, &text)
}

fn home_and_user(
    record: &LocationRecord,
    folder: &DataDir,
) -> Result<(PathBuf, OsUser), EmbeddedError> {
    let inside = folder.path().join("postgres");
    let existing = match &record.elsewhere {
        Some(elsewhere) => Some(elsewhere.clone()),
        None => inside.join("cluster").exists().then(|| inside.clone()),
    };
    if let Some(home) = existing {
        let owner = OsUser::owner_of(&home).map_err(io_error("find", &home))?;
        return Ok((home, owner));
    }
    let os_user = OsUser::for_new_cluster()?;
    Ok((create_home(inside, &os_user)?, os_user))
}

/// The home of the cluster and the folder of the socket, as the data folder records them.
pub(crate) fn recorded_location(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let text = fs::read_to_string(folder.join(RECORD_FILE)).ok()?;
    let record: LocationRecord = serde_json::from_str(&text).ok()?;
    let home = record.elsewhere.unwrap_or_else(|| folder.join("postgres"));
    Some((home, record.sockets?))
}

fn lock(home: &Path) -> Result<File, DataDirError> {
    let file = File::open(home).map_err(io_error("open", home))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(DataDirError::Locked {
            path: home.to_owned(),
            holder: String::new(),
        }),
        Err(errno) => Err(io_error("lock", home)(errno.into())),
    }
}

/// Inside the data folder if PostgreSQL's user can write there, else in a public folder.
fn create_home(inside: PathBuf, os_user: &OsUser) -> Result<PathBuf, DataDirError> {
    match fs::create_dir(&inside) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(io_error("create", inside)(error));
        }
        _ => {}
    }
    let private = fs::set_permissions(&inside, std::os::unix::fs::PermissionsExt::from_mode(0o700));
    if private.is_ok() && os_user.chown(&inside).is_ok() && os_user.can_write(&inside) {
        return Ok(inside);
    }
    fs::remove_dir(&inside).map_err(io_error("remove", inside))?;
    let library = Path::new("/var/lib/buywire");
    // Fails if the folder exists or the process is not root; what matters is tried below.
    DirBuilder::new().mode(0o711).create(library).ok();
    create_private_folder(
        &[library.join(""), PathBuf::from("/var/tmp/buywire-")],
        os_user,
    )
}

/// Creates a folder for the socket: in /run, which only root can write and nobody cleans up, or in /tmp.
fn create_socket_folder(os_user: &OsUser) -> Result<PathBuf, DataDirError> {
    create_private_folder(&["/run/buywire-".into(), "/tmp/buywire-".into()], os_user)
}

/// Creates `<stem><random id>` with mode 0700 for the user, with the first stem that it can reach.
fn create_private_folder(stems: &[PathBuf], os_user: &OsUser) -> Result<PathBuf, DataDirError> {
    let mut last =
        io_error("create", "a folder for PostgreSQL")(io::ErrorKind::PermissionDenied.into());
    for stem in stems {
        let mut path = stem.clone().into_os_string();
        path.push(format!("{:016x}", ambient::random::<u64>()));
        let path = PathBuf::from(path);
        let made = DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .and_then(|()| os_user.chown(&path));
        match made {
            Ok(()) if os_user.can_write(&path) => return Ok(path),
            Ok(()) => drop(fs::remove_dir(&path)),
            Err(error) => last = io_error("create", path)(error),
        }
    }
    Err(last)
}
