//! The journal on disk: what it holds is durable before anybody hears of it, and survives a crash
//! at any byte.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use dabir_core::new_id;
use tempfile::NamedTempFile;

use crate::history::History;
use crate::model::{Record, What};
use crate::record;
use crate::state::Room;

/// The file's name inside the room's folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// No head is longer.
const LONGEST_HEAD: u64 = 4_096;

/// The end of the file, open for writing.
#[derive(Debug)]
pub struct Journal {
    file: Arc<File>,
    /// The head of a new journal, until the first records take it with them: nobody is told of an
    /// epoch before that.
    head: Vec<u8>,
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
    let file = open_file(&dir.join(FILE_NAME))?;
    // Whether the name of a file that is there is durable, nobody knows after a crash.
    File::open(dir)?.sync_all()?;
    let mut reading = Reading::new(&file)?;
    match reading.read_all(&file)? {
        None => reading.finish(file, None),
        Some(Fault::Torn { bytes }) => {
            file.set_len(reading.history.file_bytes())?;
            file.sync_all()?;
            reading.finish(file, Some(Repair::CutOff { bytes }))
        }
        Some(Fault::Broken { line }) => {
            let path = set_aside(dir, reading.records())?;
            let repair = Some(Repair::SetAside { path, line });
            Ok(Opened {
                repair,
                ..open(dir)?
            })
        }
    }
}

/// The room that the journal in `dir` tells of, as far as the journal is whole; `None` where there is
/// none. Nothing is changed, so the room may be running.
///
/// # Errors
/// When the file cannot be read.
pub fn read(dir: &Path) -> io::Result<Option<Room>> {
    let file = match File::open(dir.join(FILE_NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut reading = Reading::new(&file)?;
    reading.read_all(&file)?;
    Ok(Some(reading.room))
}

/// The file, new and empty or as durable as it is read: a crash may have left lines in the system's
/// memory that are on no disk yet.
fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = options.open(path)?;
            file.sync_all()?;
            Ok(file)
        }
        created => created,
    }
}

enum Fault {
    Torn { bytes: u64 },
    Broken { line: u64 },
}

struct Reading {
    history: History,
    room: Room,
    head_bytes: usize,
    /// How many lines were good.
    lines: u64,
}

impl Reading {
    fn new(file: &File) -> io::Result<Self> {
        Ok(Self {
            history: History::new(file.try_clone()?),
            room: Room::default(),
            head_bytes: 0,
            lines: 0,
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
            if !self.take_head(&line) && !self.take(&line) {
                return Ok(Some(self.fault(&line)));
            }
            self.lines += 1;
        }
    }

    /// Takes the first line, when it is a head.
    fn take_head(&mut self, line: &[u8]) -> bool {
        let head = (self.lines == 0).then(|| record::decode_head(line));
        let Some(epoch) = head.flatten() else {
            return false;
        };
        self.head_bytes = line.len();
        self.history.set_head(epoch, line.len());
        true
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
                line: self.lines + 1,
            }
        } else {
            Fault::Torn {
                bytes: line.len() as u64,
            }
        }
    }

    /// Where the good records lie in the file.
    fn records(&self) -> Range<u64> {
        self.head_bytes as u64..self.history.file_bytes()
    }

    fn finish(mut self, file: File, repair: Option<Repair>) -> io::Result<Opened> {
        let mut head = Vec::new();
        if self.history.file_bytes() == 0 {
            let epoch = new_id();
            head = record::encode_head(&epoch)?;
            self.history.set_head(epoch, head.len());
        }
        let file = Arc::new(file);
        Ok(Opened {
            journal: Journal { file, head },
            history: self.history,
            room: self.room,
            repair,
        })
    }
}

/// Whether an event belongs to the history that people ask for.
#[must_use]
pub fn is_chat(record: &Record) -> bool {
    matches!(record.event.what, What::Chat { .. })
}

/// Has the journal in `dir`, if there is one, begin a new epoch: it was brought back from an earlier
/// time, and what will follow its records has offsets that people know other events by.
///
/// # Errors
/// When it cannot be read or written.
pub fn begin_anew(dir: &Path) -> io::Result<()> {
    let path = dir.join(FILE_NAME);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut first = Vec::new();
    BufReader::new((&file).take(LONGEST_HEAD)).read_until(b'\n', &mut first)?;
    let head = record::decode_head(&first).map_or(0, |_| first.len());
    let facts = file.metadata()?;
    let copy = copy(dir, head as u64..facts.len())?;
    copy.as_file().set_permissions(facts.permissions())?;
    copy.persist(&path)?;
    File::open(dir)?.sync_all()
}

/// Puts a copy of the good records in the journal's place, as the beginning of a new epoch: what
/// follows them there has offsets that people know other events by. The whole stays under another
/// name.
///
/// A crash in between leaves the broken file in place, and the next start does it all again.
fn set_aside(dir: &Path, good: Range<u64>) -> io::Result<PathBuf> {
    let path = dir.join(FILE_NAME);
    let copy = copy(dir, good)?;
    let aside = link_aside(dir, &path)?;
    copy.persist(&path)?;
    File::open(dir)?.sync_all()?;
    Ok(aside)
}

/// A journal of a new epoch with these records of the one in `dir`, on the disk under no name of its own.
fn copy(dir: &Path, records: Range<u64>) -> io::Result<NamedTempFile> {
    let mut copy = tempfile::Builder::new()
        .prefix(".journal-")
        .tempfile_in(dir)?;
    copy.write_all(&record::encode_head(&new_id())?)?;
    let mut journal = File::open(dir.join(FILE_NAME))?;
    journal.seek(SeekFrom::Start(records.start))?;
    io::copy(&mut journal.take(records.end - records.start), &mut copy)?;
    copy.as_file().sync_all()?;
    Ok(copy)
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
    pub async fn append(&mut self, mut lines: Vec<u8>) -> io::Result<()> {
        lines.splice(..0, self.head.drain(..));
        let file = Arc::clone(&self.file);
        let written = tokio::task::spawn_blocking(move || write(&file, &lines));
        written.await.map_err(io::Error::other)?
    }
}

fn write(mut file: &File, lines: &[u8]) -> io::Result<()> {
    file.write_all(lines)?;
    file.sync_data()
}
