//! The one file that a backup is: `tar` in a zstd frame, then the manifest in a frame that programs
//! which unpack zstd pass over.
//!
//! ```text
//! zstd frame                 tar: data/…, database/…
//! skippable frame            magic 0x184D2A5D, length, then
//!   manifest                 JSON
//!   SHA-256 of the manifest  32 bytes
//!   length of the manifest   8 bytes, little end first
//!   "DABIRBK1"
//! ```
//!
//! The manifest names the length and the SHA-256 of the first frame, so that every byte of the file
//! is vouched for; and because it is read before anything is unpacked, nothing larger than what it
//! promises is ever written.

mod footer;
mod pack;
mod unpack;

pub(crate) use footer::{append as append_manifest, read as read_manifest};
pub(crate) use pack::Packer;
pub(crate) use unpack::{Entry, unpack};

use std::io::{self, Read, Write};

use dabir_core::encode::hex;
use sha2::{Digest as _, Sha256};

use crate::model::Digest;

/// Files of the data folder, in the archive.
pub(crate) const DATA: &str = "data/";
/// Parts of the database, in the archive.
pub(crate) const DATABASE: &str = "database/";
/// The SQLite database, in the archive.
pub(crate) const SQLITE: &str = "database/dabir.db";
/// The longest path within an archive: what Linux has.
const LONGEST_PATH: usize = 4_096;

/// A stream whose bytes are counted and hashed as they pass.
pub(crate) struct Hashed<S> {
    inner: S,
    hasher: Sha256,
    size: u64,
}

impl<S> Hashed<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            size: 0,
        }
    }

    pub(crate) fn finish(self) -> (S, Digest) {
        let digest = Digest {
            size: self.size,
            sha256: hex(&self.hasher.finalize()),
        };
        (self.inner, digest)
    }

    fn take(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.take(&buffer[..read]);
        Ok(read)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.take(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
