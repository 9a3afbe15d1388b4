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
        match fs::metadata(&self.dir) {
            Ok(about) if about.is_dir() => Ok(Mark::of(&about)),
            _ => {
                fs::create_dir_all(&self.dir)?;
                Ok(Mark::of(&fs::metadata(&self.dir)?))
            }
        }
    }

    /// Removes what whoever had the lease before has begun and not given a name: they were ended, or
    /// are halted right before they would, and then find nothing to give it to.
    pub(super) fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let is_file = entry.file_type()?.is_file();
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_file && is_begun(name)) else {
                continue;
            };
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    let why =
                        format!("nothing is written while `{name}` cannot be removed: {error}");
                    return Err(io::Error::new(error.kind(), why));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// `None` when there is no such file. A link counts as what it leads to.
    pub(super) fn mark(&self, name: &str) -> io::Result<Option<Mark>> {
        let path = self.dir.join(name);
        match fs::metadata(&path).or_else(|_| fs::symlink_metadata(&path)) {
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
        let new = tempfile::Builder::new()
            .prefix(&format!(".{name}-"))
            // As the user's mask has it: others are to read this.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(&self.dir)
            // Its words have a name in them that is another one each time.
            .map_err(|error| io::Error::from(error.kind()))?;
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
        new.as_file().write_all(bytes)?;
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
        let from = self.dir.join(name);
        let mut aside = self.dir.join(format!("{name}.malformed"));
        for number in 2..=KEPT_ASIDE {
            // A file goes where a file was; a folder may be in the way, and is somebody's as well.
            if fs::rename(&from, &aside).is_ok() {
                return Ok(aside);
            }
            aside = self.dir.join(format!("{name}.malformed-{number}"));
        }
        fs::rename(&from, &aside)?;
        Ok(aside)
    }
}

/// How many names there are for what is kept aside.
const KEPT_ASIDE: u32 = 9;
/// How many letters a temporary file's name has after ours.
const LETTERS: usize = 6;

/// Whether a file is one that [`Folder::write`] has begun: of a list, or of a note beside it.
fn is_begun(file: &str) -> bool {
    let parts = file
        .strip_prefix('.')
        .and_then(|rest| rest.rsplit_once('-'));
    let Some((name, letters)) = parts else {
        return false;
    };
    let list = name
        .strip_prefix('.')
        .and_then(|note| note.strip_suffix(".agreed"));
    letters.len() == LETTERS
        && letters.bytes().all(|letter| letter.is_ascii_alphanumeric())
        && super::files::NAMES.contains(&list.unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "blocked_clients.json";

    fn names(folder: &Folder) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn whoever_is_halted_before_the_last_step_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path().to_owned());
        for old in [None, Some("old")] {
            if let Some(old) = old {
                fs::write(dir.path().join(NAME), old).unwrap();
            }
            let halted = || {
                // The next one comes, finds the same file, and leaves it as it is.
                folder.sweep().unwrap();
                true
            };
            let mark = folder.mark(NAME).unwrap();
            let late = folder.write(NAME, b"late", mark, halted);
            assert!(!matches!(late, Ok(Some(_))), "{late:?}");
            assert_eq!(folder.mark(NAME).unwrap(), mark);
        }
        assert_eq!(names(&folder), [NAME]);
    }

    #[test]
    fn only_what_was_begun_is_removed() {
        for (file, begun) in [
            (".blocked_clients.json-aB3xyz", true),
            ("..blocked_clients.json.agreed-aB3xyz", true),
            (".Network_Action.json-000000", true),
            ("blocked_clients.json", false),
            (".blocked_clients.json.agreed", false),
            (".blocked_clients.json-old", false),
            (".blocked_clients.json-copy.1", false),
            (".theirs.json-aB3xyz", false),
            ("blocked_clients.json-aB3xyz", false),
        ] {
            assert_eq!(is_begun(file), begun, "{file}");
        }
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path().to_owned());
        for file in [".blocked_clients.json-aB3xyz", "theirs"] {
            fs::write(dir.path().join(file), "").unwrap();
        }
        let no_file = ".blocked_clients.json-aFolde";
        fs::create_dir(dir.path().join(no_file)).unwrap();
        folder.sweep().unwrap();
        let mut left = names(&folder);
        left.sort();
        assert_eq!(left, [no_file, "theirs"]);
    }

    #[test]
    fn what_is_in_the_way_of_what_is_kept_aside_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path().to_owned());
        for _ in 0..3 {
            fs::create_dir(dir.path().join(NAME)).unwrap();
            fs::write(dir.path().join(NAME).join("theirs"), "").unwrap();
            folder.set_aside(NAME).unwrap();
        }
        let mut all = names(&folder);
        all.sort();
        let aside = |end: &str| format!("{NAME}.malformed{end}");
        assert_eq!(all, [aside(""), aside("-2"), aside("-3")]);
    }
}
