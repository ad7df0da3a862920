//! What must be there before anything is served or administered: a migrated database and a signing key.

use crate::auth::keys::{KeyError, Keys};
use crate::config::Settings;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use yhteen_persistence::{Db, Error, Store, migrations, sqlite_path};

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The database cannot be opened.
    #[error("the database {url} cannot be opened: {why}")]
    Database {
        /// Its address, without passwords.
        url: String,
        /// What the engine says.
        why: String,
    },
    /// On PostgreSQL migrations are run by hand: several processes of several versions may share the database.
    #[error("the database {url} lacks a migration that this version needs: run `yhteen migrate`")]
    Pending {
        /// Its address, without passwords.
        url: String,
    },
    /// The processes on one PostgreSQL share a key, so none makes its own.
    #[error(
        "on PostgreSQL the signing key is shared by all processes: make one with `yhteen create-signing-key <file>` \
         and name the file in YHTEEN_SIGNING_KEY"
    )]
    NoKey,
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Whoever reads the signing key can sign in as anybody.
    #[error("{}: every user of this machine could read or change the signing key: run `chmod 600` on it", path.display())]
    OpenToAll {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no key.
    #[error("{}: {error}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        error: KeyError,
    },
    /// The database refuses.
    #[error(transparent)]
    Refused(#[from] Error),
}

/// A connection to the database, which may not have been migrated. A new SQLite file is its owner's alone: it holds
/// the hashes of passwords.
pub fn connect(settings: &Settings) -> Result<Db, SetupError> {
    let url = settings.database_url.expose();
    if let Some(path) = sqlite_path(url) {
        match private().open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(SetupError::File { path: path.into(), error });
            }
            _ => {}
        }
    }
    Db::open(url).map_err(|error| SetupError::Database {
        url: settings.database_url.to_string(),
        // The driver quotes an address that it cannot read.
        why: error.to_string().replace(url, "[redacted]").trim_end().to_owned(),
    })
}

/// The migrated database. SQLite is migrated here, since this process is the only one that uses it; on PostgreSQL
/// a pending migration is refused.
pub fn open_store(settings: &Settings) -> Result<Store, SetupError> {
    let mut db = connect(settings)?;
    let url = settings.database_url.expose();
    if sqlite_path(url).is_some() {
        let run = migrations::run(&mut db)?;
        if run > 0 {
            log::info!("{}: migrations run: {run}", settings.database_url);
        }
    } else if migrations::pending(&mut db)? {
        return Err(SetupError::Pending { url: settings.database_url.to_string() });
    }
    Ok(Store::open(url, settings.database_connections.get().into())?.with_quotas(settings.quotas()))
}

/// The keys that sign access tokens, for a service at `public_url`: from the file that is named, else from the one
/// beside an SQLite database, which is made where there is none.
pub fn signing_keys(settings: &Settings, public_url: &str) -> Result<Keys, SetupError> {
    let path = match (&settings.signing_key, sqlite_path(settings.database_url.expose())) {
        (Some(path), _) => path.clone(),
        (None, Some(database)) => {
            let path = PathBuf::from(format!("{database}.signing-key.pem"));
            match create_signing_key(&path) {
                Ok(()) => log::info!("{}: a signing key was made", path.display()),
                Err(SetupError::File { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            path
        }
        (None, None) => return Err(SetupError::NoKey),
    };
    let failed = |error| SetupError::File { path: path.clone(), error };
    if open_to_all(&path).map_err(failed)? {
        return Err(SetupError::OpenToAll { path });
    }
    let pem = std::fs::read_to_string(&path).map_err(failed)?;
    Keys::from_pem(&pem, public_url).map_err(|error| SetupError::Key { path, error })
}

/// Makes a signing key in a new file that its owner alone may read.
pub fn create_signing_key(path: &Path) -> Result<(), SetupError> {
    let pem = Keys::generate().map_err(|error| SetupError::Key { path: path.to_owned(), error })?;
    let written = private().open(path).and_then(|mut file| {
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| SetupError::File { path: path.to_owned(), error })
}

/// Opens new files only, for their owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether others than the owner and its group may read the file, or others than the owner write it. The group may
/// read: that is how container platforms hand out secrets.
#[cfg(unix)]
fn open_to_all(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o027 != 0)
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, load};

    fn settings(database: &Path) -> Settings {
        let url = format!("sqlite:{}", database.display()).into();
        load(&Flags::default(), [("DATABASE_URL".into(), url)], false).unwrap()
    }

    #[test]
    fn a_first_start_makes_a_database_and_a_key_and_a_second_takes_them() {
        let directory = tempfile::tempdir().unwrap();
        let settings = settings(&directory.path().join("new.db"));
        open_store(&settings).unwrap();
        let first = signing_keys(&settings, "http://x").unwrap();
        open_store(&settings).unwrap();
        let second = signing_keys(&settings, "http://x").unwrap();
        assert_eq!(first.secret("cursors"), second.secret("cursors"));
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let settings = settings(&directory.path().join("new.db"));
        drop(open_store(&settings).unwrap());
        drop(signing_keys(&settings, "http://x").unwrap());
        let key = directory.path().join("new.db.signing-key.pem");
        for path in [&directory.path().join("new.db"), &key] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        }
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = signing_keys(&settings, "http://x").err().unwrap();
        assert!(matches!(refused, SetupError::OpenToAll { .. }), "{refused}");
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let refused = open_store(&settings(&directory.path().join("nowhere/new.db"))).err().unwrap().to_string();
        assert!(refused.contains("nowhere/new.db"), "{refused}");
        let garbage = directory.path().join("garbage.db");
        std::fs::write(&garbage, "this is no database, however one looks at it; it is a text of some length").unwrap();
        assert!(open_store(&settings(&garbage)).is_err());
    }

    #[test]
    fn no_key_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        create_signing_key(&path).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(create_signing_key(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    }
}
