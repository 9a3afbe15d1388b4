//! The state file on the disk: read with suspicion, replaced whole, backed up, never thrown away.
//!
//! A save writes a new file beside the old one, flushes it, keeps the old one as a backup by a hard
//! link, renames, and flushes the folder; whoever dies on the way leaves either the old or the new
//! file. All of it happens under the lock of [`crate::lock`].

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use rustix::fs::OFlags;

use crate::{Durability, PortError};

/// No state is larger: every port leased, counted and with the longest names is below this.
const MAX_BYTES: u64 = 64 << 20;

/// How a backup's name tells its second.
pub(crate) const DIGITS: &str = "%Y%m%d_%H%M%S";

/// One backup on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BackupFile {
    pub(crate) name: String,
    /// The part of the name that says when it was made, in [`DIGITS`].
    pub(crate) digits: String,
    pub(crate) size_bytes: u64,
}

/// Where a state file and all that belongs to it stand.
#[derive(Debug)]
pub(crate) struct Store {
    file: PathBuf,
    folder: PathBuf,
    stem: String,
    temporary: PathBuf,
    backups: PathBuf,
    corrupt: PathBuf,
    backup_keep: usize,
    durability: Durability,
    /// The second of the last backup, which holds the state at that second's beginning.
    last_second: String,
    last_backup: Option<String>,
    /// Saved but not flushed: with [`Durability::Relaxed`] only.
    unflushed: bool,
    /// Why nothing is written any more.
    read_only: Option<String>,
    /// How a file is flushed; tests put a broken disk here.
    flush: fn(&File) -> io::Result<()>,
}

/// What a look at the file gives.
#[derive(Debug)]
pub(crate) enum Found {
    Text(Vec<u8>),
    Nothing,
    /// Something that must not be read, and why.
    Unusable(String),
}

impl Store {
    /// Makes the folder of `file`.
    pub(crate) fn open(
        file: &Path,
        backup_keep: usize,
        durability: Durability,
    ) -> Result<Self, PortError> {
        let file = std::path::absolute(file).map_err(PortError::io("find", file))?;
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        make_folder(&folder)?;
        let mut temporary = file.clone().into_os_string();
        temporary.push(".tmp");
        Ok(Self {
            stem: stem(&file),
            temporary: temporary.into(),
            backups: folder.join("backups"),
            corrupt: folder.join("corrupt"),
            file,
            folder,
            backup_keep,
            durability,
            last_second: String::new(),
            last_backup: None,
            unflushed: false,
            read_only: None,
            flush: File::sync_all,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    pub(crate) fn read(&self) -> Result<Found, PortError> {
        match read_plain(&self.file) {
            Ok(text) => Ok(Found::Text(text)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(e) if is_the_files_fault(&e) => Ok(Found::Unusable(e.to_string())),
            Err(e) => Err(PortError::io("read", &self.file)(e)),
        }
    }

    /// Replaces the file by `text` and keeps what it replaces as a backup named by `second`.
    pub(crate) fn save(&mut self, text: &[u8], second: &str) -> Result<(), PortError> {
        self.check_writable()?;
        let old = fs::symlink_metadata(&self.file).ok();
        let temporary = self.write_temporary(text, old.as_ref())?;
        if self.durability == Durability::Full {
            self.flush_file(&temporary, &self.temporary.clone())?;
        }
        if old.is_some() {
            // As late as possible: a program that rewrites the file in place between the link and
            // the rename would rewrite the backup as well.
            self.back_up(second)?;
        }
        fs::rename(&self.temporary, &self.file).map_err(PortError::io("replace", &self.file))?;
        match self.durability {
            Durability::Full => self.flush_folder(&self.folder.clone()),
            Durability::Relaxed => {
                self.unflushed = true;
                Ok(())
            }
        }
    }

    pub(crate) fn check_writable(&self) -> Result<(), PortError> {
        match &self.read_only {
            None => Ok(()),
            Some(cause) => Err(PortError::ReadOnly {
                cause: cause.clone(),
            }),
        }
    }

    fn write_temporary(&self, text: &[u8], old: Option<&Metadata>) -> Result<File, PortError> {
        let path = &self.temporary;
        let write = || -> io::Result<File> {
            let mut file = create_new_over(path)?;
            if let Some(old) = old.filter(|old| old.is_file()) {
                keep_access(&file, old)?;
            }
            file.write_all(text)?;
            Ok(file)
        };
        write().map_err(|error| {
            // It may be half written; the next save needs its space.
            let _ = fs::remove_file(path);
            PortError::io("write", path)(error)
        })
    }

    fn flush_file(&mut self, file: &File, path: &Path) -> Result<(), PortError> {
        (self.flush)(file).map_err(|error| {
            self.read_only = Some(error.to_string());
            PortError::io("flush", path)(error)
        })
    }

    fn flush_folder(&mut self, path: &Path) -> Result<(), PortError> {
        let folder = File::open(path).map_err(PortError::io("open", path))?;
        self.flush_file(&folder, path)
    }

    /// Flushes what [`Durability::Relaxed`] left in memory; needs no lock.
    pub(crate) fn flush_late(&mut self) -> Result<(), PortError> {
        if !std::mem::take(&mut self.unflushed) || self.read_only.is_some() {
            return Ok(());
        }
        let backup = self
            .last_backup
            .as_ref()
            .map(|name| self.backups.join(name));
        for path in [Some(self.file.clone()), backup].into_iter().flatten() {
            // Others may have moved or pruned it meanwhile: then it is theirs to flush.
            if let Ok(file) = File::open(&path) {
                self.flush_file(&file, &path)?;
            }
        }
        self.flush_folder(&self.folder.clone())
    }

    pub(crate) fn needs_flush(&self) -> bool {
        self.unflushed
    }

    /// Links the file into the backups; of several states within one second the first is kept.
    fn back_up(&mut self, second: &str) -> Result<(), PortError> {
        if self.last_second == second {
            return Ok(());
        }
        make_folder(&self.backups)?;
        let name = self.next_name(second)?;
        let path = self.backups.join(&name);
        match link_or_copy(&self.file, &path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                return Err(PortError::io("write the backup", &path)(e));
            }
            _ => self.last_backup = Some(name),
        }
        second.clone_into(&mut self.last_second);
        if self.durability == Durability::Full {
            self.flush_folder(&self.backups.clone())?;
        }
        self.prune();
        Ok(())
    }

    /// The name for a backup of `second`; one that is already there is another program's of the
    /// same second. Clocks are set back and programs live in different zones, but names only grow:
    /// so the oldest names are always the oldest states.
    fn next_name(&self, second: &str) -> Result<String, PortError> {
        let name = format!("{}_{second}.json", self.stem);
        let names = self.backups()?;
        let newest = names.first().filter(|newest| **newest > name);
        let next = newest.and_then(|newest| self.second_after(newest));
        Ok(next.map_or(name, |next| format!("{}_{next}.json", self.stem)))
    }

    /// Keeps this many from the next backup on.
    pub(crate) fn keep_backups(&mut self, backup_keep: usize) {
        self.backup_keep = backup_keep;
    }

    /// Removes the oldest backups. The one just made is of a state that was read or written here,
    /// so it is good; it is never among those removed. One that stays does no harm to a pick.
    fn prune(&self) {
        let names = self.backups().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot remove old backups: {error}");
            Vec::new()
        });
        let surplus = names.iter().skip(self.backup_keep);
        for name in surplus.filter(|name| self.last_backup.as_ref() != Some(*name)) {
            if let Err(error) = fs::remove_file(self.backups.join(name)) {
                tracing::warn!(%error, backup = %name, "cannot remove the old backup `{name}`: {error}");
            }
        }
    }

    /// Names of the backups, newest state first.
    pub(crate) fn backups(&self) -> Result<Vec<String>, PortError> {
        let fail = |e| PortError::io("list", &self.backups)(e);
        let entries = match fs::read_dir(&self.backups) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(fail(e)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if self.is_backup_name(&name) {
                names.push(name);
            }
        }
        // By name and not by the files' times, which a copy of the folder may have lost.
        names.sort_unstable_by(|a, b| b.cmp(a));
        Ok(names)
    }

    /// The backups with their sizes, newest state first.
    pub(crate) fn backup_files(&self) -> Result<Vec<BackupFile>, PortError> {
        let names = self.backups()?.into_iter();
        // One that another program removed meanwhile is none any more.
        Ok(names.filter_map(|name| self.backup_file(name)).collect())
    }

    fn backup_file(&self, name: String) -> Option<BackupFile> {
        let metadata = fs::symlink_metadata(self.backups.join(&name)).ok()?;
        let digits = name.strip_suffix(".json")?.strip_prefix(&self.stem)?;
        Some(BackupFile {
            digits: digits.trim_start_matches('_').to_owned(),
            size_bytes: metadata.len(),
            name,
        })
    }

    /// `<stem>_YYYYMMDD_HHMMSS.json`
    fn is_backup_name(&self, name: &str) -> bool {
        self.second_after(name).is_some()
    }

    /// The digits that follow those of a backup's name; `None` for other names.
    fn second_after(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix(&self.stem)?.strip_prefix('_')?;
        let digits = rest.strip_suffix(".json")?;
        let is_digits = digits.bytes().enumerate().all(|(i, byte)| match i {
            8 => byte == b'_',
            _ => byte.is_ascii_digit(),
        });
        if digits.len() != 15 || !is_digits {
            return None;
        }
        let second = DateTime::strptime(DIGITS, digits).ok()?;
        let next = second.checked_add(SignedDuration::from_secs(1)).ok()?;
        Some(next.strftime(DIGITS).to_string())
    }

    /// When a backup's state was written; the oldest time when that cannot be found out.
    pub(crate) fn written_at(&self, name: &str) -> SystemTime {
        let metadata = fs::symlink_metadata(self.backups.join(name));
        let time = metadata.and_then(|metadata| metadata.modified());
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// The text of one backup. The name must be among those listed, so it cannot lead elsewhere.
    pub(crate) fn read_backup(&self, name: &str) -> Result<Vec<u8>, PortError> {
        let no_such = || PortError::NoSuchBackup {
            name: dabir_core::text::one_line(name),
        };
        let names = self.backups()?;
        let known = names.iter().find(|known| *known == name);
        let path = self.backups.join(known.ok_or_else(no_such)?);
        match read_plain(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(no_such()),
            Err(e) if is_the_files_fault(&e) => Err(no_such()),
            result => result.map_err(PortError::io("read", &path)),
        }
    }

    /// Moves whatever stands at the file's path aside, with the reason beside it.
    pub(crate) fn set_aside(&self, reason: &str, second: &str) -> Result<PathBuf, PortError> {
        make_folder(&self.corrupt)?;
        let base = self.reserve(reason, second)?;
        let target = self.corrupt.join(format!("{base}.json"));
        fs::rename(&self.file, &target).map_err(|error| {
            // Nothing was set aside, and the next try makes its own.
            let _ = fs::remove_file(self.corrupt.join(format!("{base}.reason.txt")));
            PortError::io("set aside", &self.file)(error)
        })?;
        Ok(target)
    }

    /// Writes the reason under the first number that nobody has, which reserves that number.
    fn reserve(&self, reason: &str, second: &str) -> Result<String, PortError> {
        let mut number = 1;
        loop {
            let base = format!("{}_{second}_{number}", self.stem);
            let path = self.corrupt.join(format!("{base}.reason.txt"));
            match write_reason(&path, reason) {
                Ok(()) => return Ok(base),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(e) => return Err(PortError::io("write", &path)(e)),
            }
        }
    }
}

/// Writes a new file, or leaves none: a full disk lets empty ones be made.
fn write_reason(path: &Path, reason: &str) -> io::Result<()> {
    let mut file = create_new(path)?;
    writeln!(file, "{reason}").inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// The name without its extension.
fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or(OsStr::new("ports"));
    stem.to_string_lossy().into_owned()
}

/// Makes a folder and those above it, for this user alone.
fn make_folder(path: &Path) -> Result<(), PortError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
        .create(path)
        .map_err(PortError::io("make the folder", path))
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// A new file at `path`; one that a killed process left there under the lock is removed first.
fn create_new_over(path: &Path) -> io::Result<File> {
    match create_new(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create_new(path)
        }
        result => result,
    }
}

/// Gives `file` the mode and owner of the file that it will replace: when an administrator picks a
/// port by hand, the service must still be able to read its state.
fn keep_access(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    if new.mode() & 0o7777 != old.mode() & 0o7777 {
        file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o7777))?;
    }
    Ok(())
}

/// Some file systems know no hard links.
fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::PermissionDenied
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::TooManyLinks
            ) =>
        {
            let mut copy = create_new(to)?;
            copy.write_all(&fs::read(from)?)
        }
        result => result,
    }
}

/// Reads a plain file; a link, a folder or a pipe is refused without being touched.
fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(unusable("it is no plain file"));
    }
    let mut text =
        Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0) + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(unusable("it is larger than any port state"));
    }
    Ok(text)
}

fn unusable(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Whether another file at the same path could be read: not so when we are out of descriptors.
fn is_the_files_fault(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let code = error.raw_os_error();
    let codes = [
        Errno::LOOP,
        Errno::IO,
        Errno::ACCESS,
        Errno::PERM,
        Errno::NXIO,
        Errno::ISDIR,
    ];
    error.kind() == io::ErrorKind::InvalidData
        || codes.iter().any(|errno| code == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(dir: &Path, durability: Durability) -> Store {
        Store::open(&dir.join("ports.json"), 3, durability).unwrap()
    }

    #[test]
    fn a_failed_flush_is_final() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Full);
        store.save(b"one", "20250101_000000").unwrap();
        store.flush = |_| Err(io::Error::from_raw_os_error(5));
        assert!(matches!(
            store.save(b"two", "20250101_000001"),
            Err(PortError::Io { .. })
        ));
        store.flush = File::sync_all;
        let refused = store.save(b"three", "20250101_000002").unwrap_err();
        assert!(matches!(refused, PortError::ReadOnly { .. }), "{refused}");
        assert!(matches!(store.read().unwrap(), Found::Text(text) if text == b"one"));
    }

    #[test]
    fn a_late_flush_that_fails_is_final_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Relaxed);
        store.flush = |_| Err(io::Error::from_raw_os_error(5));
        store.save(b"one", "20250101_000000").unwrap();
        assert!(store.needs_flush() && store.flush_late().is_err());
        assert!(store.save(b"two", "20250101_000001").is_err());
    }

    #[test]
    fn the_first_state_of_a_second_is_its_backup_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Full);
        for (text, second) in [("a", 0), ("b", 1), ("c", 1), ("d", 2), ("e", 3), ("f", 4)] {
            store
                .save(text.as_bytes(), &format!("20250101_00000{second}"))
                .unwrap();
        }
        let names = store.backups().unwrap();
        let texts: Vec<_> = names
            .iter()
            .map(|n| store.read_backup(n).unwrap())
            .collect();
        assert_eq!(texts, [b"e", b"d", b"c"]);
        assert_eq!(names[0], "ports_20250101_000004.json");
    }

    #[test]
    fn a_folder_among_the_old_backups_stops_no_save() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Full);
        let folder = dir.path().join("backups/ports_20240101_000000.json");
        fs::create_dir_all(&folder).unwrap();
        for second in 0..6 {
            store
                .save(b"x", &format!("20250101_00000{second}"))
                .unwrap();
        }
        assert!(folder.is_dir());
        assert_eq!(store.backups().unwrap().len(), 3 + 1);
    }

    #[test]
    fn names_of_backups_grow_although_the_clock_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        for (text, second) in [
            ("a", "20250101_120000"),
            ("b", "20241231_235959"),
            ("c", "20250101_083000"),
            ("d", "20250101_083001"),
        ] {
            // Anew each time, as after a restart in another zone.
            let mut store = store(dir.path(), Durability::Full);
            fs::create_dir_all(dir.path().join("backups")).unwrap();
            let ahead = dir.path().join("backups/ports_20250101_235959.json");
            fs::write(ahead, "").unwrap();
            store.save(text.as_bytes(), second).unwrap();
        }
        let store = store(dir.path(), Durability::Full);
        let names = store.backups().unwrap();
        assert_eq!(names[0], "ports_20250102_000002.json");
        let texts: Vec<_> = names
            .iter()
            .map(|n| store.read_backup(n).unwrap())
            .collect();
        assert_eq!(texts[..3], [b"c", b"b", b"a"]);
    }

    #[test]
    fn mode_and_leftovers_are_handled() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Full);
        fs::write(dir.path().join("ports.json.tmp"), "half").unwrap();
        store.save(b"one", "20250101_000000").unwrap();
        let mode = || fs::metadata(dir.path().join("ports.json")).unwrap().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o640)).unwrap();
        store.save(b"two", "20250101_000001").unwrap();
        assert_eq!(mode(), 0o640);
    }

    #[test]
    fn only_listed_names_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path(), Durability::Full);
        store.save(b"one", "20250101_000000").unwrap();
        store.save(b"two", "20250101_000001").unwrap();
        let link = "ports_20250101_000009.json";
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("backups").join(link)).unwrap();
        for name in [
            "",
            ".",
            "../ports.json",
            "ports.json",
            "ports_2025.json",
            link,
            "ports_20250101_0000٠١.json",
        ] {
            let error = store.read_backup(name).unwrap_err();
            assert!(
                matches!(error, PortError::NoSuchBackup { .. }),
                "{name}: {error}"
            );
        }
        assert_eq!(
            store.read_backup("ports_20250101_000001.json").unwrap(),
            b"one"
        );
    }
}
