//! The folder of the five files: read with suspicion, each replaced whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::file;

/// A folder that other programs look into.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    dir: PathBuf,
}

/// Whether a file is the one that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    pub(super) fn is_same_file(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    pub(super) fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Makes the folder when it is missing, and tells which one it is.
    pub(super) fn make(&self) -> io::Result<Mark> {
        fs::create_dir_all(&self.dir)?;
        Ok(Mark::of(&fs::metadata(&self.dir)?))
    }

    /// `None` when there is no such file.
    pub(super) fn mark(&self, name: &str) -> io::Result<Option<Mark>> {
        match fs::symlink_metadata(self.dir.join(name)) {
            Ok(metadata) => Ok(Some(Mark::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is in a file, as far as it may be long; `None` when there is none.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let mut options = OpenOptions::new();
        // The other end of a pipe might never come.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let opened = options.read(true).custom_flags(flags);
        let file = match opened.open(self.dir.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut bytes = Vec::new();
        file.take(file::MAX as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Puts a file in the place of the one with the mark `old`: whoever reads, and a power cut, finds
    /// the old or the new one whole. Does nothing and tells `None` when `may_write` says no, or when
    /// another one is there by now.
    pub(super) fn write(
        &self,
        name: &str,
        bytes: &[u8],
        old: Option<Mark>,
        may_write: impl Fn() -> bool,
    ) -> io::Result<Option<Mark>> {
        let path = self.dir.join(name);
        let mut new = tempfile::Builder::new()
            .prefix(&format!(".{name}-"))
            // As the user's mask has it: others are to read this.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(&self.dir)?;
        if let Ok(metadata) = fs::metadata(&path) {
            let mode = metadata.permissions().mode() & 0o777;
            new.as_file()
                .set_permissions(fs::Permissions::from_mode(mode))?;
            // Only root can give a file to somebody else; whoever cannot keeps it.
            let _ = std::os::unix::fs::fchown(
                new.as_file(),
                Some(metadata.uid()),
                Some(metadata.gid()),
            );
        }
        new.write_all(bytes)?;
        new.as_file().sync_all()?;
        // As late as possible: what was read is no longer there if somebody wrote meanwhile.
        if self.mark(name)? != old || !may_write() {
            return Ok(None);
        }
        let file = new.persist(&path)?;
        let mark = Mark::of(&file.metadata()?);
        File::open(&self.dir)?.sync_all()?;
        Ok(Some(mark))
    }

    /// Keeps a file that says nothing under another name, for whoever wrote it.
    pub(super) fn set_aside(&self, name: &str) -> io::Result<PathBuf> {
        let aside = self.dir.join(format!("{name}.malformed"));
        fs::rename(self.dir.join(name), &aside)?;
        Ok(aside)
    }
}
