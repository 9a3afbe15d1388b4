//! The folder beside the data folder: filled, flushed, and swapped for it.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use dabir_db::private_dir;
use rustix::fs::{CWD, RenameFlags, renameat_with, statvfs};
use rustix::process::geteuid;

use crate::archive::{DATA, Entry, SQLITE, unpack};
use crate::course::Course;
use crate::error::BackupError;
use crate::model::{FolderFacts, Manifest};
use crate::shelf::{Shelf, sync_folder};
use crate::tree::BACKUPS;
use crate::verify::Counted;

/// In a folder that is not what is to be used yet.
const UNFINISHED: &str = ".unfinished";
/// In a data folder whose database may be restored already and whose files are not: the name of the
/// schema that has the tables from before.
pub(super) const HALF: &str = ".restoring";
/// The parts of PostgreSQL's tables, until they are where they belong.
pub(super) const PARTS: &str = ".parts";
/// Room that is left to others on the disk.
const SPARE: u64 = 16 << 20;

/// The data folder and its neighbours.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    data_dir: PathBuf,
    new: PathBuf,
    discarded: PathBuf,
    parent: PathBuf,
}

/// How many rooms below the data folder hold their locks.
pub(super) fn living_rooms(data_dir: &Path) -> usize {
    let Ok(rooms) = fs::read_dir(data_dir.join("rooms")) else {
        return 0;
    };
    let lives = |room: &fs::DirEntry| {
        let lock = File::open(room.path().join("room.lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)))
    };
    rooms.flatten().filter(lives).count()
}

impl Beside {
    pub(super) fn of(data_dir: &Path) -> Result<Self, BackupError> {
        let no_neighbours = || {
            let error = io::Error::other("it has no folder beside it");
            BackupError::io("restore into", data_dir)(error)
        };
        let parent = data_dir.parent().ok_or_else(no_neighbours)?;
        let name = data_dir.file_name().ok_or_else(no_neighbours)?;
        let disk = |path: &Path| {
            let facts = fs::metadata(path).map_err(BackupError::io("look at", path))?;
            Ok::<_, BackupError>(facts.dev())
        };
        if disk(data_dir)? != disk(parent)? {
            let error = io::Error::other("it is a mount point, which nothing can be swapped for");
            return Err(BackupError::io("restore into", data_dir)(error));
        }
        let neighbour = |ending: &str| {
            let mut neighbour = OsString::from(name);
            neighbour.push(ending);
            parent.join(neighbour)
        };
        Ok(Self {
            data_dir: data_dir.to_owned(),
            new: neighbour(".restoring"),
            discarded: neighbour(".discarded"),
            parent: parent.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.new
    }

    /// Clears up after one who was killed: what was unfinished goes, and an old folder gets its name.
    pub(super) fn clear_up(&self, now: Timestamp) -> Result<(), BackupError> {
        remove(&self.discarded)?;
        if self.new.exists() {
            let is_empty = fs::read_dir(&self.new).is_ok_and(|mut inside| inside.next().is_none());
            if is_empty || self.new.join(UNFINISHED).exists() {
                self.discard()?;
            } else {
                self.name_the_old(now)?;
            }
        }
        let swapped = self.data_dir.join(UNFINISHED);
        if swapped.exists() {
            fs::remove_file(&swapped).map_err(BackupError::io("remove", &swapped))?;
        }
        Ok(())
    }

    /// Removes the folder that was to be swapped. By another name, so that half of it is never taken
    /// for an old folder.
    pub(super) fn discard(&self) -> Result<(), BackupError> {
        if self.new.exists() {
            let moved = fs::rename(&self.new, &self.discarded);
            moved.map_err(BackupError::io("remove", &self.new))?;
        }
        remove(&self.discarded)
    }

    /// Fills the folder with what is in the backup, and proves that it is all of that.
    pub(super) fn unpack(
        &self,
        mut file: File,
        name: &str,
        manifest: &Manifest,
        course: &Course,
    ) -> Result<(), BackupError> {
        self.begin()?;
        self.check_room(manifest)?;
        let mut counted = Counted::default();
        unpack(&mut file, name, manifest, course, |entry| {
            let path = self.place_of(&entry.facts.path);
            if entry.facts.path.starts_with(DATA) || entry.facts.path == SQLITE {
                return write(&path, entry.facts.mode, entry.content);
            }
            let Entry { facts, content } = entry;
            write(&path, facts.mode, content)?;
            let mut written = File::open(&path).map_err(BackupError::io("read", &path))?;
            counted.take(Entry {
                facts,
                content: &mut written,
            })
        })?;
        counted.compare(&manifest.database, name)?;
        self.make_folders(&manifest.folders)
    }

    /// Makes the folders that are not there for their files, each with its mode.
    fn make_folders(&self, folders: &[FolderFacts]) -> Result<(), BackupError> {
        for FolderFacts { path, mode } in folders {
            let path = self.place_of(path);
            let made = private_dir(&path).and_then(|()| let_into(&path, *mode));
            made.map_err(BackupError::io("make", &path))?;
        }
        Ok(())
    }

    fn begin(&self) -> Result<(), BackupError> {
        let made = private_dir(&self.new);
        made.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => {
                let why = "the new data folder is made beside the old one, and this user may not; \
                    run this as the owner of that folder, or as root";
                let error = io::Error::other(why);
                BackupError::io("make", &self.new)(error)
            }
            _ => BackupError::io("make", &self.new)(error),
        })?;
        let mark = self.new.join(UNFINISHED);
        let text = "This folder is not finished. `dabir backup restore` removes it.\n";
        fs::write(&mark, text).map_err(BackupError::io("write", &mark))
    }

    fn check_room(&self, manifest: &Manifest) -> Result<(), BackupError> {
        let disk =
            statvfs(&self.new).map_err(|e| BackupError::io("look at", &self.new)(e.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let needed = manifest.unpacked().saturating_add(SPARE);
        if free < needed {
            return Err(BackupError::Full {
                folder: self.parent.clone(),
                needed: Some(needed),
            });
        }
        Ok(())
    }

    /// Where a file of the archive goes; the manifest was read with care, so that it has no way out.
    fn place_of(&self, path: &str) -> PathBuf {
        if path == SQLITE {
            return self.new.join("dabir.db");
        }
        match path.strip_prefix(DATA) {
            Some(inside) => self.new.join(inside),
            None => self.new.join(PARTS).join(path),
        }
    }

    pub(super) fn begin_rooms_anew(
        &self,
        begin: fn(&Path) -> io::Result<()>,
    ) -> Result<(), BackupError> {
        let rooms = self.new.join("rooms");
        for room in fs::read_dir(&rooms).into_iter().flatten().flatten() {
            let room = room.path();
            if room.is_dir() {
                begin(&room).map_err(BackupError::io("begin anew what was said in", &room))?;
            }
        }
        Ok(())
    }

    /// Has the backups stand in the new folder too, without taking room twice; where a link to another
    /// disk was, there is one again.
    pub(super) fn take_backups_along(&self, shelf: &Shelf) -> Result<(), BackupError> {
        let usual = self.data_dir.join(BACKUPS);
        let links = [usual.as_path(), shelf.dir()].map(|dir| self.link_on_the_way(dir));
        for (inside, target) in links.into_iter().flatten() {
            let link = self.new.join(inside);
            let made = private_dir(link.parent().unwrap_or(&self.new));
            match made.and_then(|()| symlink(target, &link)) {
                // Both are one, or a folder stood there when the backup was made.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.map_err(BackupError::io("make", &link))?,
            }
        }
        let shelf = shelf.dir().canonicalize().unwrap_or_default();
        let inside = shelf.strip_prefix(&self.data_dir).unwrap_or(Path::new(""));
        if inside.as_os_str().is_empty() {
            return Ok(());
        }
        let to = self.new.join(inside);
        link_all(&shelf, &to).map_err(BackupError::io("link the backups into", &to))
    }

    /// The link in the data folder that leads to `dir`: where it is, and what it says.
    fn link_on_the_way(&self, dir: &Path) -> Option<(PathBuf, PathBuf)> {
        let dir = std::path::absolute(dir).ok()?;
        dir.ancestors().find_map(|path| {
            let target = fs::read_link(path).ok()?;
            let link = path.parent()?.canonicalize().ok()?.join(path.file_name()?);
            let inside = link.strip_prefix(&self.data_dir).ok()?;
            Some((inside.to_owned(), target))
        })
    }

    /// Has the same people get at everything as before: whatever is in the folder in use gives its group,
    /// when root restores its owner, and a folder its mode.
    pub(super) fn let_in_as_before(&self) -> Result<(), BackupError> {
        let facts = fs::metadata(&self.data_dir);
        let let_in = facts.and_then(|facts| let_in_like(&self.new, &self.data_dir, &facts));
        let_in.map_err(BackupError::io("give", &self.new))
    }

    /// Has every folder on the disk; the files are.
    pub(super) fn flush(&self) -> Result<(), BackupError> {
        let flush = &mut |path: &Path| {
            if path.is_dir() {
                File::open(path)?.sync_all()?;
            }
            Ok(())
        };
        each(&self.new, flush).map_err(BackupError::io("flush", &self.new))?;
        sync_folder(&self.parent)
    }

    /// From now on, and until the swap, nobody may start: the tables in use go to the schema `before`.
    pub(super) fn mark_half(&self, before: &str) -> Result<(), BackupError> {
        let mark = self.data_dir.join(HALF);
        let marked = File::create_new(&mark).and_then(|mut file| {
            writeln!(file, "{before}")?;
            file.sync_all()
        });
        marked.map_err(BackupError::io("write", &mark))?;
        sync_folder(&self.data_dir)
    }

    /// The schema that the mark names, if there is a mark.
    pub(super) fn half(&self) -> Option<String> {
        let before = fs::read_to_string(self.data_dir.join(HALF)).ok()?;
        Some(before.trim().to_owned())
    }

    /// The database belongs to the files.
    pub(super) fn unmark_half(&self) -> Result<(), BackupError> {
        unmark(&self.data_dir)
    }

    /// The one step: whoever looks sees the old folder before it, and the new one after it. When it
    /// fails, nothing was swapped; [`Beside::name_the_old`] flushes it.
    pub(super) fn swap(&self) -> Result<(), BackupError> {
        renameat_with(CWD, &self.new, CWD, &self.data_dir, RenameFlags::EXCHANGE).map_err(|error| {
            let why = format!(
                "{error}; it must be a folder of one file system with `{}`, and no mount point",
                self.new.display()
            );
            BackupError::io("swap", &self.data_dir)(io::Error::other(why))
        })
    }

    /// The old folder while it has no name of its own.
    pub(super) fn old(&self) -> Option<PathBuf> {
        self.new.exists().then(|| self.new.clone())
    }

    /// Gives the old folder, which the swap put here, the name that tells what it is. One without
    /// anything in it goes.
    pub(super) fn name_the_old(&self, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
        // The swap first: without it, the marks have to stay.
        sync_folder(&self.parent)?;
        let mark = self.data_dir.join(UNFINISHED);
        if mark.exists() {
            fs::remove_file(&mark).map_err(BackupError::io("remove", &mark))?;
        }
        unmark(&self.new)?;
        if is_as_good_as_empty(&self.new) {
            self.discard()?;
            return Ok(None);
        }
        let digits = now.strftime("%Y%m%d_%H%M%S").to_string();
        let name = |number: u32| {
            let mut name = self.data_dir.clone().into_os_string();
            let ending = if number > 1 {
                format!("_{number}")
            } else {
                String::new()
            };
            name.push(format!(".before-restore-{digits}{ending}"));
            PathBuf::from(name)
        };
        let mut free = (1..).map(name).filter(|path| !path.exists());
        let before = free.next().unwrap_or_else(|| self.new.clone());
        fs::rename(&self.new, &before).map_err(BackupError::io("rename", &self.new))?;
        sync_folder(&self.parent)?;
        Ok(Some(before))
    }
}

/// Takes the mark of half a restore off a folder.
fn unmark(folder: &Path) -> Result<(), BackupError> {
    let mark = folder.join(HALF);
    match fs::remove_file(&mark) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed.map_err(BackupError::io("remove", &mark))?,
    }
    sync_folder(folder)
}

/// Writes a file that is not there yet, and has it on the disk.
fn write(path: &Path, mode: u32, content: &mut dyn io::Read) -> Result<(), BackupError> {
    let folder = path.parent().unwrap_or(path);
    private_dir(folder).map_err(BackupError::io("make", folder))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| {
        io::copy(content, &mut file)?;
        file.set_permissions(Permissions::from_mode(mode & 0o777))?;
        file.sync_all()
    });
    written.map_err(BackupError::io("unpack", path))
}

fn remove(folder: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(BackupError::io("remove", folder)),
    }
}

/// Whether a data folder has nothing that anybody would miss: it was made for the restore.
fn is_as_good_as_empty(folder: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.all(|entry| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            name == "dabir.lock"
                || name == "workers.lock"
                || (name == BACKUPS && !has_backups(&entry.path()))
        })
    })
}

fn has_backups(shelf: &Path) -> bool {
    let names = Shelf::new(shelf.to_owned()).names();
    names.is_ok_and(|names| !names.is_empty())
}

/// Links every plain file of `from` into `to`, with the folders that they stand in; what is hidden is
/// somebody's work.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    private_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            link_all(&entry.path(), &to.join(name))?;
        } else if kind.is_file() {
            match fs::hard_link(entry.path(), to.join(name)) {
                // An older Dabir took some of the backups into the backup.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                linked => linked?,
            }
        }
    }
    Ok(())
}

/// Lets into `path` and all that is below it whom `old` lets in. What was not there belongs to whom its
/// folder belongs, which `parent` tells.
fn let_in_like(path: &Path, old: &Path, parent: &Metadata) -> io::Result<()> {
    let before = fs::symlink_metadata(old).ok();
    let like = before.as_ref().unwrap_or(parent);
    let is_dir = path.symlink_metadata()?.is_dir();
    if is_dir {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let_in_like(&entry.path(), &old.join(entry.file_name()), like)?;
        }
    }
    // Below first: until this folder is given away, nobody else gets into it.
    let owner = geteuid().is_root().then_some(like.uid());
    match lchown(path, owner, Some(like.gid())) {
        // Who is not of that group may not give it anything.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
        given => given?,
    }
    match before {
        Some(before) if is_dir && before.is_dir() => let_into(path, before.mode()),
        _ => Ok(()),
    }
}

/// Gives a folder its mode; its owner gets in whatever that says.
fn let_into(folder: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode((mode & 0o7777) | 0o700))
}

/// Does something to a folder and all that is below it.
fn each(folder: &Path, act: &mut impl FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            each(&entry.path(), act)?;
        } else {
            act(&entry.path())?;
        }
    }
    act(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_is_refused_before_anything_is_done() {
        let told = |path: &str| Beside::of(Path::new(path)).map_err(|error| error.told());
        assert!(told("/proc").unwrap_err().contains("mount point"));
        assert!(told("/proc/self").is_ok(), "of one file system");
    }
}
