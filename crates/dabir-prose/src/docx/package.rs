//! The zip around a Word document, opened as if an enemy had packed it.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::ProseError;

/// How much may be unpacked.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Files in the archive.
    pub entries: usize,
    /// Bytes of everything that is read.
    pub unpacked_bytes: u64,
    /// Unpacked bytes for each packed one.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 2_000,
            unpacked_bytes: 100 * 1024 * 1024,
            ratio: 200,
        }
    }
}

/// What is small may be packed as tightly as it likes.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// An opened document; what is read from it counts against its limits.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: Limits,
    packed_bytes: u64,
    left: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: Limits) -> Result<Self, ProseError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ProseError::NotDocx {
            why: "it is no zip archive",
        })?;
        if archive.len() > limits.entries {
            return Err(ProseError::Bomb {
                why: "it packs too many files",
            });
        }
        Ok(Self {
            archive,
            limits,
            packed_bytes: bytes.len() as u64,
            left: limits.unpacked_bytes,
        })
    }

    /// A part of the document, if it is there. What the archive says of sizes is not believed.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ProseError> {
        let Ok(file) = self.archive.by_name(name) else {
            return Ok(None);
        };
        let packed = file.compressed_size().min(self.packed_bytes);
        let tight = packed
            .saturating_mul(self.limits.ratio)
            .max(RATIO_FREE_BYTES);
        let most = tight.min(self.left);
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| ProseError::NotDocx {
                why: "its archive is damaged",
            })?;
        let size = bytes.len() as u64;
        if size > most {
            return Err(ProseError::Bomb {
                why: "it unpacks to far more than it is",
            });
        }
        self.left -= size;
        Ok(Some(bytes))
    }
}

/// Packs the parts of a document.
pub(super) fn pack(parts: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ProseError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default())
            .map_err(|_| ProseError::NotPacked)?;
        zip.write_all(bytes).map_err(|_| ProseError::NotPacked)?;
    }
    let packed = zip.finish().map_err(|_| ProseError::NotPacked)?;
    Ok(packed.into_inner())
}
