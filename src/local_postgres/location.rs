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

use crate::local_postgres::data_dir::DataDir;
use crate::local_postgres::error::{DataDirError, EmbeddedError, io_error};
use crate::local_postgres::os_user::OsUser;

/// The file of the data folder that remembers the place.
const RECORD_FILE: &str = "postgres.json";

/// What is recorded. An absent `elsewhere` means: inside the data folder, wherever that is now.
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
    /// Held open: a copied data folder names the same place, and two gateways must not share it.
    _lock: Arc<File>,
}

impl ClusterLocation {
    /// The recorded place, or a new one, which is then recorded; and who runs the server there.
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

    /// PostgreSQL's own folder.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// What the server prints.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// The folder above the cluster, PostgreSQL's user's own.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of the socket.
    pub(crate) fn sockets(&self) -> &Path {
        &self.sockets
    }
}

/// A record that cannot be read is an error: without it we might begin an empty database beside
/// the full one.
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

/// The home of the cluster and the folder of the socket, as a data folder remembers them.
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

/// Inside the data folder where PostgreSQL's user can work there, else in a public place.
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
    // Fails where it is there already or we are not root; what counts is tried below.
    DirBuilder::new().mode(0o711).create(library).ok();
    create_private_folder(
        &[library.join(""), PathBuf::from("/var/tmp/buywire-")],
        os_user,
    )
}

/// A new folder for the socket: /run is root's and is never swept, /tmp is everybody's.
fn create_socket_folder(os_user: &OsUser) -> Result<PathBuf, DataDirError> {
    create_private_folder(&["/run/buywire-".into(), "/tmp/buywire-".into()], os_user)
}

/// Makes `<stem><random id>` with mode 0700 for the account, under the first stem that it can reach.
fn create_private_folder(stems: &[PathBuf], os_user: &OsUser) -> Result<PathBuf, DataDirError> {
    let mut last =
        io_error("create", "a folder for PostgreSQL")(io::ErrorKind::PermissionDenied.into());
    for stem in stems {
        let mut path = stem.clone().into_os_string();
        path.push(format!("{:016x}", rand::random::<u64>()));
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
