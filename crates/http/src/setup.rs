//! What must be there before anything is served or administered: a migrated database, a signing key, and secrets.

use crate::auth::digests::{DigestKeys, DigestKeysError};
use crate::auth::keys::{KeyError, Keys};
use crate::config::Settings;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use yhteen_domain::time::Instant;
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
    /// Whoever reads the signing key or the secrets can sign in as anybody.
    #[error("{}: every user of this machine could read or change it: run `chmod 600` on it", path.display())]
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
    /// The file holds no secrets.
    #[error("{}: {error}", path.display())]
    Secrets {
        /// The file.
        path: PathBuf,
        /// Why.
        error: DigestKeysError,
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
    Ok(Store::open(url, settings.database_connections.get().into())?)
}

/// The keys of a service at `public_url`, with which it signs access tokens and makes digests and cursors: from the files
/// that are named, else from those beside an SQLite database, which are made where there are none.
pub fn keys(settings: &Settings, public_url: &str) -> Result<Keys, SetupError> {
    let database = sqlite_path(settings.database_url.expose());
    let (path, is_new) = match (&settings.signing_key, database) {
        (Some(path), _) => (path.clone(), false),
        (None, Some(database)) => {
            let path = PathBuf::from(format!("{database}.signing-key.pem"));
            let is_new = made(&path, create_signing_key(&path))?;
            (path, is_new)
        }
        (None, None) => return Err(SetupError::NoKey),
    };
    let keys = Keys::from_pem(&read_private(&path)?, public_url).map_err(|error| SetupError::Key { path, error })?;
    let secrets = match (&settings.secrets, database) {
        (Some(path), _) => path.clone(),
        (None, Some(database)) => {
            let path = PathBuf::from(format!("{database}.secrets"));
            // What an earlier version has stored was made with what is derived from the signing key.
            made(&path, create_secrets(&path, Some(&keys).filter(|_| !is_new)))?;
            path
        }
        (None, None) => {
            log::warn!(
                "no YHTEEN_SECRETS: digests and cursors are made with what is derived from the last signing key, which \
                 must stay where it is; see `yhteen create-secrets`"
            );
            return Ok(keys);
        }
    };
    let parsed = DigestKeys::parse(&read_private(&secrets)?);
    Ok(keys.digesting_with(parsed.map_err(|error| SetupError::Secrets { path: secrets, error })?))
}

/// Whether a file was made; it is no failure that it was there.
fn made(path: &Path, creation: Result<(), SetupError>) -> Result<bool, SetupError> {
    match creation {
        Ok(()) => {
            log::info!("{}: made", path.display());
            Ok(true)
        }
        Err(SetupError::File { error, .. }) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a file of secrets, which others may not.
fn read_private(path: &Path) -> Result<String, SetupError> {
    let failed = |error| SetupError::File { path: path.into(), error };
    if open_to_all(path).map_err(failed)? {
        return Err(SetupError::OpenToAll { path: path.into() });
    }
    std::fs::read_to_string(path).map_err(failed)
}

/// Makes a signing key in a new file that its owner alone may read.
pub fn create_signing_key(path: &Path) -> Result<(), SetupError> {
    let pem = Keys::generate().map_err(|error| SetupError::Key { path: path.to_owned(), error })?;
    write_private(path, &pem)
}

/// Makes a secret in a new file that its owner alone may read, with that which is derived from the signing keys.
pub fn create_secrets(path: &Path, signing: Option<&Keys>) -> Result<(), SetupError> {
    let failed = |error: DigestKeysError| SetupError::Secrets { path: path.into(), error };
    let fresh = DigestKeys::fresh(signing.map(Keys::digests)).map_err(|error| failed(error.into()))?;
    write_private(path, &fresh.text())
}

/// The signing keys in a file, of which only what is derived is needed.
pub fn read_signing_keys(path: &Path) -> Result<Keys, SetupError> {
    Keys::from_pem(&read_private(path)?, "").map_err(|error| SetupError::Key { path: path.into(), error })
}

/// Puts a fresh signing key, which signs from then on, before those in the file.
pub fn renew_signing_key(path: &Path, signs_from: Instant) -> Result<(), SetupError> {
    let renewed = Keys::renewed(&read_private(path)?, signs_from);
    replace_private(path, &renewed.map_err(|error| SetupError::Key { path: path.into(), error })?)
}

/// Puts a fresh secret before those in the file.
pub fn renew_secrets(path: &Path) -> Result<(), SetupError> {
    let renewed = DigestKeys::parse(&read_private(path)?).and_then(DigestKeys::renewed);
    replace_private(path, &renewed.map_err(|error| SetupError::Secrets { path: path.into(), error })?.text())
}

fn write_private(path: &Path, content: &str) -> Result<(), SetupError> {
    let written = private().open(path).and_then(|mut file| {
        file.write_all(content.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| SetupError::File { path: path.to_owned(), error })
}

/// Replaces a file at once: whoever reads it meanwhile finds the old content or the new one.
fn replace_private(path: &Path, content: &str) -> Result<(), SetupError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write_private(&beside, content)?;
    std::fs::rename(&beside, path).map_err(|error| SetupError::File { path: path.to_owned(), error })
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
        let first = keys(&settings, "http://x").unwrap();
        open_store(&settings).unwrap();
        let second = keys(&settings, "http://x").unwrap();
        assert_eq!(first.digests().secrets("cursors"), second.digests().secrets("cursors"));
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let settings = settings(&directory.path().join("new.db"));
        drop(open_store(&settings).unwrap());
        drop(keys(&settings, "http://x").unwrap());
        let key = directory.path().join("new.db.signing-key.pem");
        for path in [&directory.path().join("new.db"), &directory.path().join("new.db.secrets"), &key] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        }
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = keys(&settings, "http://x").err().unwrap();
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

    #[test]
    fn secrets_outlive_the_signing_key_they_were_derived_from() {
        let directory = tempfile::tempdir().unwrap();
        let (settings, key) =
            (settings(&directory.path().join("old.db")), directory.path().join("old.db.signing-key.pem"));
        // An installation of an earlier version has a signing key alone.
        create_signing_key(&key).unwrap();
        let before = read_signing_keys(&key).unwrap().client_secret_digest("secret");
        let after = keys(&settings, "http://x").unwrap();
        let stored = after.client_secret_digest("secret");
        assert!(after.is_client_secret("secret", &before) && after.is_client_secret("secret", &stored));
        std::fs::remove_file(&key).unwrap();
        renew_secrets(&directory.path().join("old.db.secrets")).unwrap();
        let later = keys(&settings, "http://x").unwrap();
        assert!(later.is_client_secret("secret", &before) && later.is_client_secret("secret", &stored));
        assert_ne!(later.client_secret_digest("secret"), stored);
    }

    #[test]
    fn a_new_installation_derives_nothing_from_its_signing_key() {
        let directory = tempfile::tempdir().unwrap();
        let settings = settings(&directory.path().join("new.db"));
        let keys = keys(&settings, "http://x").unwrap();
        let derived = read_signing_keys(&directory.path().join("new.db.signing-key.pem")).unwrap();
        assert!(!keys.is_client_secret("secret", &derived.client_secret_digest("secret")));
    }

    #[test]
    fn a_renewed_signing_key_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        create_signing_key(&path).unwrap();
        let now = "2026-01-15T12:00:00Z".parse().unwrap();
        renew_signing_key(&path, now).unwrap();
        assert!(matches!(renew_signing_key(&path, now), Err(SetupError::Key { .. })));
        assert_eq!(read_signing_keys(&path).unwrap().public(now).keys.len(), 2);
        assert!(!open_to_all(&path).unwrap());
    }
}
