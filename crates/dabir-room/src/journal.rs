//! The journal on disk: what it holds is durable before anybody hears of it, and survives a crash
//! at any byte.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::history::History;
use crate::model::{Record, What};
use crate::record;
use crate::state::Room;

/// The file's name inside the room's folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// The end of the file, open for writing.
#[derive(Debug)]
pub struct Journal {
    file: Arc<File>,
}

/// A journal that was read to its end.
#[derive(Debug)]
pub struct Opened {
    pub journal: Journal,
    pub history: History,
    pub room: Room,
    /// What was wrong with the file and has been put right.
    pub repair: Option<Repair>,
}

/// What opening a damaged journal did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The last record was not whole; its first bytes were cut off.
    CutOff { bytes: u64 },
    /// A whole line was broken; the file lies at `path` now, and what came before that line was kept.
    SetAside { path: PathBuf, line: u64 },
}

/// Opens the journal in `dir`, or begins one, and makes the room that it tells of.
///
/// # Errors
/// When the folder cannot be read or written.
pub fn open(dir: &Path) -> io::Result<Opened> {
    let path = dir.join(FILE_NAME);
    let mut file = open_file(&path)?;
    // Whether the name of a file that is there is durable, nobody knows after a crash.
    File::open(dir)?.sync_all()?;
    let mut reading = Reading::new(&file)?;
    let repair = match reading.read_all(&file)? {
        None => None,
        Some(Fault::Torn { bytes }) => {
            file.set_len(reading.history.file_bytes())?;
            file.sync_all()?;
            Some(Repair::CutOff { bytes })
        }
        Some(Fault::Broken { line }) => {
            let aside = set_aside(dir, reading.history.file_bytes())?;
            file = open_file(&path)?;
            reading.history.reopen(file.try_clone()?);
            Some(Repair::SetAside { path: aside, line })
        }
    };
    Ok(Opened {
        journal: Journal {
            file: Arc::new(file),
        },
        history: reading.history,
        room: reading.room,
        repair,
    })
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(path)
}

enum Fault {
    Torn { bytes: u64 },
    Broken { line: u64 },
}

struct Reading {
    history: History,
    room: Room,
}

impl Reading {
    fn new(file: &File) -> io::Result<Self> {
        Ok(Self {
            history: History::new(file.try_clone()?),
            room: Room::default(),
        })
    }

    fn read_all(&mut self, file: &File) -> io::Result<Option<Fault>> {
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if !self.take(&line) {
                return Ok(Some(self.fault(&line)));
            }
        }
    }

    /// Lets one line happen, unless it is broken or not the next.
    fn take(&mut self, line: &[u8]) -> bool {
        let Some(record) = record::decode(line) else {
            return false;
        };
        if record.event.offset != self.room.offset + 1 {
            return false;
        }
        let Some(json) = record::json_of(line) else {
            return false;
        };
        let event = Bytes::copy_from_slice(&record::public_part(json));
        self.history.push(event, line.len(), is_chat(&record));
        self.room.apply(&record);
        true
    }

    /// Only a line without an end was still being written; any other somebody may have seen.
    fn fault(&self, line: &[u8]) -> Fault {
        if line.ends_with(b"\n") {
            Fault::Broken {
                line: self.history.offset() + 1,
            }
        } else {
            Fault::Torn {
                bytes: line.len() as u64,
            }
        }
    }
}

/// Whether an event belongs to the history that people ask for.
#[must_use]
pub fn is_chat(record: &Record) -> bool {
    matches!(record.event.what, What::Chat { .. })
}

/// Puts a copy of the good part in the journal's place; the whole stays under another name.
///
/// A crash in between leaves the broken file in place, and the next start does it all again.
fn set_aside(dir: &Path, good_bytes: u64) -> io::Result<PathBuf> {
    let path = dir.join(FILE_NAME);
    let mut copy = tempfile::Builder::new()
        .prefix(".journal-")
        .tempfile_in(dir)?;
    io::copy(&mut File::open(&path)?.take(good_bytes), &mut copy)?;
    copy.as_file().sync_all()?;
    let aside = link_aside(dir, &path)?;
    copy.persist(&path)?;
    File::open(dir)?.sync_all()?;
    Ok(aside)
}

fn link_aside(dir: &Path, path: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let aside = dir.join(format!("{FILE_NAME}.corrupt-{number}"));
        match fs::hard_link(path, &aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            linked => return linked.map(|()| aside),
        }
    }
}

impl Journal {
    /// Appends whole lines; they are on the disk when this returns.
    ///
    /// # Errors
    /// When they are not. What the file then holds is for the next start to find out; nothing may
    /// be appended any more.
    pub async fn append(&mut self, lines: Vec<u8>) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let written = tokio::task::spawn_blocking(move || write(&file, &lines));
        written.await.map_err(io::Error::other)?
    }
}

fn write(mut file: &File, lines: &[u8]) -> io::Result<()> {
    file.write_all(lines)?;
    file.sync_data()
}
