//! Zip archives, read so that no lie in them matters: entries are those of the directory, none may share
//! bytes or a name with another, and what comes out is counted as it comes.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader, Read};

use flate2::read::DeflateDecoder;

use crate::input::{Input, Slice};
use crate::model::{Code, Refusal};

/// The most entries.
const MAX_ENTRIES: usize = 2_000;
/// The most that all entries that are read may unpack to, in bytes.
const MAX_UNPACKED: u64 = 100 << 20;
/// The most that one may.
const MAX_PART: u64 = 64 << 20;
/// How many bytes may come from one.
const MAX_RATIO: u64 = 200;
/// Below this no ratio tells anything.
const RATIO_FROM: u64 = 1 << 20;
/// The longest directory, in bytes.
const MAX_DIRECTORY: u64 = 4 << 20;

const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// The head of an entry without its names, in bytes.
const HEAD: usize = 30;

/// An archive whose directory holds good.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    input: &'a Input,
    entries: BTreeMap<String, Entry>,
    unpacked: Cell<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    is_deflated: bool,
    packed: u64,
    at: u64,
    /// Where its bytes begin, behind its own head; `None` when no head stands at its place.
    data: Option<u64>,
}

impl Entry {
    /// The bytes that it takes, with its head.
    fn span(&self) -> (u64, u64) {
        let data = self.data.unwrap_or(self.at + HEAD as u64);
        (self.at, data + self.packed)
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn open(input: &'a Input) -> Result<Self, Refusal> {
        let (at, length, count) = find_directory(input)?;
        if count > MAX_ENTRIES {
            let detail = format!("the archive has {count} entries; {MAX_ENTRIES} are read at most");
            return Err(Refusal::new(Code::TooManyEntries, detail));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let directory = input.bytes(at, length)?;
        let entries = read_directory(input, &directory, at, count)?;
        let unpacked = Cell::new(0);
        Ok(Self {
            input,
            entries,
            unpacked,
        })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Unpacks an entry while it is read; `None` when there is none of this name.
    pub(crate) fn read(&self, name: &str) -> Result<Option<BufReader<Unpacking<'_>>>, Refusal> {
        let Some(entry) = self.entries.get(name) else {
            return Ok(None);
        };
        let Some(data) = entry.data else {
            return Err(damaged("an entry does not begin where its directory says"));
        };
        let packed = self.input.slice(data, entry.packed);
        let source = if entry.is_deflated {
            Source::Deflated(DeflateDecoder::new(packed))
        } else {
            Source::Stored(packed)
        };
        let unpacking = Unpacking {
            source,
            total: &self.unpacked,
            packed: entry.packed,
            read: 0,
        };
        Ok(Some(BufReader::new(unpacking)))
    }

    /// As [`Archive::read`], of an entry that has to be there.
    pub(crate) fn need(&self, name: &str) -> Result<BufReader<Unpacking<'_>>, Refusal> {
        let found = self.read(name)?;
        found.ok_or_else(|| damaged(&format!("`{name}` is missing in it")))
    }

    /// A whole entry of text.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(mut entry) = self.read(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| refused(&e))?;
        Ok(Some(bytes))
    }
}

/// An entry that is unpacked, counted for itself and for its archive.
#[derive(Debug)]
pub(crate) struct Unpacking<'a> {
    source: Source<'a>,
    total: &'a Cell<u64>,
    packed: u64,
    read: u64,
}

#[derive(Debug)]
enum Source<'a> {
    Stored(Slice<'a>),
    Deflated(DeflateDecoder<Slice<'a>>),
}

impl Read for Unpacking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.source {
            Source::Stored(slice) => slice.read(buffer),
            Source::Deflated(decoder) => decoder.read(buffer),
        }?;
        self.read += read as u64;
        self.total.set(self.total.get() + read as u64);
        if self.read > MAX_PART || self.total.get() > MAX_UNPACKED {
            let detail = format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20);
            return Err(io::Error::other(Refusal::new(Code::TooLarge, detail)));
        }
        if self.read > RATIO_FROM && self.read / self.packed.max(1) > MAX_RATIO {
            let detail = format!("a part of it unpacks to more than {MAX_RATIO} times its size");
            return Err(io::Error::other(Refusal::new(Code::Ratio, detail)));
        }
        Ok(read)
    }
}

/// What an error while unpacking says.
pub(crate) fn refused(error: &io::Error) -> Refusal {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<Refusal>());
    let broken = || damaged(&format!("a part of it cannot be unpacked: {error}"));
    inner.cloned().unwrap_or_else(broken)
}

fn damaged(detail: &str) -> Refusal {
    Refusal::new(Code::Damaged, detail)
}

/// Where the directory stands, how long it is, and how many entries it has.
fn find_directory(input: &Input) -> Result<(u64, u64, usize), Refusal> {
    let most = input.length.min(22 + 65_535);
    let length = usize::try_from(most).unwrap_or_default();
    let from = input.length - most;
    let tail = input.bytes(from, length)?;
    let last = tail.len().checked_sub(22);
    let found = last.and_then(|last| (0..=last).rev().find(|at| tail[*at..].starts_with(&END)));
    let found = found.ok_or_else(|| damaged("the archive breaks off: it has no directory"))?;
    let end = &tail[found..];
    let (here, all) = (short(end, 8), short(end, 10));
    let (length, at) = (u64::from(long(end, 12)), u64::from(long(end, 16)));
    if all == u16::MAX || at == u64::from(u32::MAX) {
        return Err(Refusal::new(
            Code::TooLarge,
            "the archive is of the kind for more than 4 GiB",
        ));
    }
    if here != all || at + length > from + found as u64 || length > MAX_DIRECTORY {
        return Err(damaged("the archive's directory is not where it says"));
    }
    Ok((at, length, all.into()))
}

fn read_directory(
    input: &Input,
    directory: &[u8],
    directory_at: u64,
    count: usize,
) -> Result<BTreeMap<String, Entry>, Refusal> {
    let mut entries = BTreeMap::new();
    let mut names = HashSet::new();
    let mut spans = Vec::with_capacity(count);
    let mut rest = directory;
    for _ in 0..count {
        let (name, entry, after) = read_entry(input, rest)?;
        rest = after;
        if !names.insert(name.to_lowercase()) {
            return Err(Refusal::new(
                Code::Overlap,
                "two entries of the archive have one name",
            ));
        }
        spans.push(entry.span());
        if !name.ends_with('/') {
            entries.insert(name, entry);
        }
    }
    spans.sort_unstable();
    let ends = spans.iter().map(|span| span.1);
    let next = spans.iter().skip(1).map(|span| span.0);
    if ends
        .zip(next.chain([directory_at]))
        .any(|(end, next)| end > next)
    {
        return Err(Refusal::new(
            Code::Overlap,
            "entries of the archive share their bytes",
        ));
    }
    Ok(entries)
}

fn read_entry<'a>(input: &Input, bytes: &'a [u8]) -> Result<(String, Entry, &'a [u8]), Refusal> {
    let broken = || damaged("the archive's directory breaks off");
    let head = bytes.get(..46).filter(|head| head[..4] == ENTRY);
    let head = head.ok_or_else(broken)?;
    if short(head, 8) & 1 != 0 {
        return Err(Refusal::encrypted());
    }
    let is_deflated = match short(head, 10) {
        0 => false,
        8 => true,
        other => {
            return Err(damaged(&format!(
                "it is packed in a way ({other}) not read here"
            )));
        }
    };
    let name = usize::from(short(head, 28));
    let more = usize::from(short(head, 30)) + usize::from(short(head, 32));
    let after = bytes.get(46 + name + more..).ok_or_else(broken)?;
    let name = String::from_utf8_lossy(&bytes[46..46 + name]).into_owned();
    // The upper half of the outer attributes is the mode, where Unix made the archive.
    let is_link = short(head, 40) & 0xf000 == 0xa000 && head[5] == 3;
    if is_link || leads_out(&name) {
        let name: String = name.escape_debug().take(80).collect();
        let detail = format!("the archive has the name `{name}`, which leads out of it");
        return Err(Refusal::new(Code::Path, detail));
    }
    let at = long(head, 42).into();
    let entry = Entry {
        is_deflated,
        packed: long(head, 20).into(),
        at,
        data: find_data(input, at),
    };
    Ok((name, entry, after))
}

/// Where the bytes of the entry at `at` begin. Its own head may give its names another length than the
/// directory does, and it is the head that is read by.
fn find_data(input: &Input, at: u64) -> Option<u64> {
    let head = input.bytes(at, HEAD).ok()?;
    let names = u64::from(short(&head, 26)) + u64::from(short(&head, 28));
    head.starts_with(&LOCAL).then_some(at + HEAD as u64 + names)
}

fn leads_out(name: &str) -> bool {
    name.starts_with('/')
        || name.contains(['\\', '\0', ':'])
        || name.split('/').any(|part| part == "..")
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
