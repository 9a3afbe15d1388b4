//! The manifest behind the archive: written last, found from the end of the file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{DATA, DATABASE, LONGEST_PATH};
use crate::error::BackupError;
use crate::model::{FORMAT, Manifest};
use crate::tree;

/// A frame that zstd passes over; the last digit is ours to choose.
const SKIPPABLE: u32 = 0x184D_2A5D;
/// Before the manifest: the magic number and the length of what follows.
const HEAD: u64 = 8;
/// Behind the manifest: its SHA-256, its length and [`MARK`].
const TAIL: u64 = 48;
const MARK: &[u8; 8] = b"DABIRBK1";
/// The longest manifest: some hundreds of thousands of files.
const LONGEST: u64 = 128 << 20;

/// Writes the manifest behind the archive, where `file` stands.
pub(crate) fn append(file: &mut File, manifest: &Manifest) -> io::Result<()> {
    let json = serde_json::to_vec(manifest)?;
    let length = json.len() as u64;
    let too_long = || io::Error::other("there are too many files for one backup");
    if length > LONGEST {
        return Err(too_long());
    }
    let rest = u32::try_from(length + TAIL).map_err(|_| too_long())?;
    file.write_all(&SKIPPABLE.to_le_bytes())?;
    file.write_all(&rest.to_le_bytes())?;
    file.write_all(&json)?;
    file.write_all(&Sha256::digest(&json))?;
    file.write_all(&length.to_le_bytes())?;
    file.write_all(MARK)
}

/// The manifest of the backup `file`, which lists call `name`. What it says of the archive is not
/// looked at here; that it is one that could be unpacked, is.
pub(crate) fn read(file: &mut File, name: &str, path: &Path) -> Result<Manifest, BackupError> {
    let io = |error| BackupError::io("read", path)(error);
    let damaged = |reason: &str| BackupError::damaged(name, reason);
    let size = file.seek(SeekFrom::End(0)).map_err(io)?;
    let cut_off = "it is no backup, or its end is missing";
    if size < HEAD + TAIL {
        return Err(damaged(cut_off));
    }
    let mut tail = [0; TAIL as usize];
    file.seek(SeekFrom::Start(size - TAIL)).map_err(io)?;
    file.read_exact(&mut tail).map_err(io)?;
    let (sha, length, mark) = (&tail[..32], &tail[32..40], &tail[40..]);
    if mark != MARK {
        return Err(damaged(cut_off));
    }
    let length = u64::from_le_bytes(length.try_into().unwrap_or_default());
    if length > LONGEST || HEAD + length + TAIL > size {
        return Err(damaged("its manifest has an impossible length"));
    }
    let begin = size - TAIL - length - HEAD;
    file.seek(SeekFrom::Start(begin)).map_err(io)?;
    let mut head = [0; HEAD as usize];
    file.read_exact(&mut head).map_err(io)?;
    let mut expected = [0; HEAD as usize];
    expected[..4].copy_from_slice(&SKIPPABLE.to_le_bytes());
    let rest = u32::try_from(length + TAIL).unwrap_or_default();
    expected[4..].copy_from_slice(&rest.to_le_bytes());
    let mut json = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact(&mut json).map_err(io)?;
    if head != expected || Sha256::digest(&json)[..] != *sha {
        return Err(damaged("its manifest was changed"));
    }
    let manifest = understand(&json, name)?;
    if manifest.archive.size != begin {
        return Err(damaged("its archive has another length than it had"));
    }
    Ok(manifest)
}

fn understand(json: &[u8], name: &str) -> Result<Manifest, BackupError> {
    #[derive(serde::Deserialize)]
    struct Form {
        format: u32,
    }
    let unreadable = |error: serde_json::Error| {
        BackupError::damaged(name, format!("its manifest is not understood: {error}"))
    };
    let form: Form = serde_json::from_slice(json).map_err(unreadable)?;
    if form.format != FORMAT {
        return Err(BackupError::Newer {
            name: name.to_owned(),
            detail: format!("format {}", form.format),
        });
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(unreadable)?;
    let files = manifest.files.iter().map(|file| &file.path);
    let folders = manifest.folders.iter().map(|folder| &folder.path);
    match files.chain(folders).find(|path| !is_ours(path)) {
        None => Ok(manifest),
        Some(path) => {
            let path = dabir_core::text::one_line(path);
            let reason = format!("`{path}` is no path of a backup");
            Err(BackupError::damaged(name, reason))
        }
    }
}

/// Whether a backup of ours can have such a path: below one of the two folders, and nowhere else.
fn is_ours(path: &str) -> bool {
    if path.len() > LONGEST_PATH || path.contains('\0') {
        return false;
    }
    let Some(inside) = path.strip_prefix(DATA) else {
        return path.strip_prefix(DATABASE).is_some_and(is_plain);
    };
    is_plain(inside) && tree::belongs(Path::new(inside))
}

/// Whether every part of a path is a name.
fn is_plain(path: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_the_two_folders_are_ours() {
        for path in ["data/a", "data/rooms/x/journal.jsonl", "database/dabir.db"] {
            assert!(is_ours(path), "{path}");
        }
        let long = format!("data/{}", "x".repeat(LONGEST_PATH));
        for path in [
            "",
            "data",
            "data/",
            "a",
            "/etc/passwd",
            "data//etc/passwd",
            "../data/a",
            "data/../a",
            "data/a/../../b",
            "data/./a",
            "data/a/",
            "data/a\0b",
            "database/../x",
            "data/dabir.db",
            "data/dabir.lock",
            "data/backups/x",
            &long,
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
