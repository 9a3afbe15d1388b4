//! Secrets that the server makes for itself, each in a file that only its owner may read.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::Secret;
use dabir_core::id::random_bytes;

use crate::folder::put_once;

/// The folder `secrets/` in the data folder.
#[derive(Clone, Debug)]
pub struct Secrets {
    folder: PathBuf,
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("`{}` may be read by others (mode {mode:o}); run `chmod 600 {}`", path.display(), path.display())]
    Loose { path: PathBuf, mode: u32 },
    #[error("`{}` is empty; remove it and a new one is made", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` holds no key; remove it and a new one is made", path.display())]
    Spoiled { path: PathBuf },
    #[error("`{}` cannot be used: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Secrets {
    /// The secrets of this data folder; nothing is made yet.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("secrets"),
        }
    }

    /// What to say of a secret that is something else.
    #[must_use]
    pub fn spoiled(&self, name: &str) -> SecretError {
        SecretError::Spoiled {
            path: self.folder.join(name),
        }
    }

    /// The secret of this name, made by `make` on first use. When several start at once, all get the
    /// same one.
    ///
    /// # Errors
    /// When its file is readable by others, empty, or cannot be read or made.
    pub fn load_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> String,
    ) -> Result<Secret, SecretError> {
        let path = self.folder.join(name);
        let io = |source| SecretError::Io {
            path: path.clone(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(io)?;
        match self.load(name) {
            Err(SecretError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        put_once(&path, 0o600, &make()).map_err(io)?;
        self.load(name)
    }

    /// The key of this name: 32 bytes in base64, made on first use.
    ///
    /// # Errors
    /// As [`Secrets::load_or_make`], and when the file holds something else.
    pub fn key(&self, name: &str) -> Result<[u8; 32], SecretError> {
        let text = self.load_or_make(name, || STANDARD.encode(random_bytes::<32>()))?;
        self.read_key(name, &text)
    }

    /// The key of this name, which is there already.
    ///
    /// # Errors
    /// As [`Secrets::key`], and when there is none.
    pub fn kept_key(&self, name: &str) -> Result<[u8; 32], SecretError> {
        self.read_key(name, &self.load(name)?)
    }

    fn read_key(&self, name: &str, text: &Secret) -> Result<[u8; 32], SecretError> {
        let bytes = STANDARD.decode(text.expose()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| self.spoiled(name))
    }

    /// The secret of this name.
    ///
    /// # Errors
    /// As [`Secrets::load_or_make`], and when there is none.
    pub fn load(&self, name: &str) -> Result<Secret, SecretError> {
        let path = self.folder.join(name);
        let io = |source| SecretError::Io {
            path: path.clone(),
            source,
        };
        let mode = fs::metadata(&path).map_err(io)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Loose { path, mode });
        }
        let text = fs::read_to_string(&path).map_err(io)?.trim().to_owned();
        if text.is_empty() {
            Err(SecretError::Empty { path })
        } else {
            Ok(Secret::new(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let secrets = Secrets::of(data.path());
        let made = secrets
            .load_or_make("admin.token", || "first".to_owned())
            .unwrap();
        let again = secrets
            .load_or_make("admin.token", || "second".to_owned())
            .unwrap();
        assert_eq!((made.expose(), again.expose()), ("first", "first"));
        let path = data.path().join("secrets/admin.token");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = secrets.load("admin.token").unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }

    #[test]
    fn all_who_start_at_once_get_the_same_secret() {
        const STARTERS: usize = 8;
        for _ in 0..20 {
            let data = tempfile::tempdir().unwrap();
            let (secrets, ready) = (Secrets::of(data.path()), Barrier::new(STARTERS));
            let start = |number: usize| {
                // Nobody puts theirs down before all have seen that there is none.
                let make = || {
                    ready.wait();
                    number.to_string()
                };
                let secret = secrets.load_or_make("admin.token", make).unwrap();
                secret.expose().to_owned()
            };
            let got: Vec<_> = thread::scope(|scope| {
                let starters = (0..STARTERS).map(|number| scope.spawn(move || start(number)));
                let starters: Vec<_> = starters.collect();
                starters
                    .into_iter()
                    .map(|one| one.join().unwrap())
                    .collect()
            });
            let kept = secrets.load("admin.token").unwrap();
            assert!(got.iter().all(|one| one == kept.expose()), "{got:?}");
            let files = fs::read_dir(data.path().join("secrets")).unwrap();
            assert_eq!(files.count(), 1, "what lost is removed");
        }
    }
}
