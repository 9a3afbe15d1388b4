//! `room.json`: what a room is told about its meeting before it starts.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::Timestamp;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// The file's name inside the room's folder.
pub const FILE_NAME: &str = "room.json";

/// A meeting, as its room knows it.
///
/// The supervisor owns the file: it writes a new `ends_at` here before it tells the running room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSpec {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// The room ends itself then; `None` leaves it open until it is told to end.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// An IANA name such as `Asia/Tehran`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Whether people without a token may come in.
    #[serde(default)]
    pub guests: bool,
    #[serde(default = "default_max_clients")]
    pub max_clients: usize,
    /// The Ed25519 key that signs join tokens: 32 bytes in standard base64.
    pub public_key: String,
    /// Origins that may open the WebSocket besides the room's own, such as the public URL.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// Why a `room.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is not a room's description", path.display())]
    Parse {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("`public_key` is not an Ed25519 key of 32 bytes in base64")]
    PublicKey,
}

impl RoomSpec {
    /// Reads `dir/room.json`.
    ///
    /// # Errors
    /// When the file cannot be read, is not a description, or holds an unusable key.
    pub fn read(dir: &Path) -> Result<Self, SpecError> {
        let path = dir.join(FILE_NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(source) => return Err(SpecError::Read { path, source }),
        };
        let spec: Self = match serde_json::from_slice(&text) {
            Ok(spec) => spec,
            Err(source) => return Err(SpecError::Parse { path, source }),
        };
        spec.verifying_key()?;
        Ok(spec)
    }

    /// Writes `dir/room.json` so that a reader, or a power cut, finds the old or the new one whole.
    ///
    /// # Errors
    /// When the folder cannot be written; the old file is then still there.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let path = dir.join(FILE_NAME);
        let mut file = tempfile::Builder::new().prefix(".room-").tempfile_in(dir)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(dir)?.sync_all()
    }

    /// The key that join tokens are checked with.
    ///
    /// # Errors
    /// [`SpecError::PublicKey`] when the text is not such a key.
    pub fn verifying_key(&self) -> Result<VerifyingKey, SpecError> {
        let bytes = STANDARD
            .decode(&self.public_key)
            .map_err(|_| SpecError::PublicKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| SpecError::PublicKey)?;
        VerifyingKey::from_bytes(&bytes).map_err(|_| SpecError::PublicKey)
    }

    /// `key` as `public_key` wants it.
    #[must_use]
    pub fn encode_key(key: &VerifyingKey) -> String {
        STANDARD.encode(key.as_bytes())
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

fn default_max_clients() -> usize {
    1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn spec() -> RoomSpec {
        RoomSpec {
            id: "r1".into(),
            name: "جلسهٔ هفتگی".into(),
            starts_at: None,
            ends_at: Some("2026-11-21T15:00:00Z".parse().unwrap()),
            timezone: "Asia/Tehran".into(),
            guests: true,
            max_clients: 50,
            public_key: RoomSpec::encode_key(&SigningKey::from_bytes(&[7; 32]).verifying_key()),
            origins: vec!["https://meet.example".into()],
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_no_temporary_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        spec().write(dir.path()).unwrap();
        spec().write(dir.path()).unwrap();
        assert_eq!(RoomSpec::read(dir.path()).unwrap(), spec());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_bad_key_is_found_at_reading() {
        let dir = tempfile::tempdir().unwrap();
        for key in ["", "AAAA", "not base64!"] {
            let broken = RoomSpec {
                public_key: key.into(),
                ..spec()
            };
            broken.write(dir.path()).unwrap();
            assert!(matches!(
                RoomSpec::read(dir.path()),
                Err(SpecError::PublicKey)
            ));
        }
    }

    #[test]
    fn a_short_description_gets_careful_defaults() {
        let text = format!(
            r#"{{"id":"a","name":"b","public_key":"{}","from_a_newer_version":1}}"#,
            spec().public_key
        );
        let read: RoomSpec = serde_json::from_str(&text).unwrap();
        assert!(!read.guests);
        assert_eq!(
            (read.timezone.as_str(), read.max_clients, read.ends_at),
            ("UTC", 1_000, None)
        );
    }
}
