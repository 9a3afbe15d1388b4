//! What was said, by offset: the newest events in memory, the older ones in the journal's file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bytes::Bytes;

use crate::record;

/// How much of the newest events stays in memory.
const MAX_RECENT: usize = 256 * 1024;

/// Every event that people may see, in the form they see it in.
#[derive(Debug)]
pub struct History {
    file: File,
    /// Where each event's record starts; the lowest bit says whether it is a chat.
    places: Vec<u64>,
    /// Where the next record will start.
    end: u64,
    recent: VecDeque<Bytes>,
    recent_bytes: usize,
}

/// A stretch of events and the offset of its last.
#[derive(Debug, PartialEq, Eq)]
pub struct Stretch {
    pub events: Vec<Bytes>,
    pub last: u64,
}

impl History {
    /// An empty history over the journal in `file`.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self {
            file,
            places: Vec::new(),
            end: 0,
            recent: VecDeque::new(),
            recent_bytes: 0,
        }
    }

    /// Reads older events from `file` from now on.
    pub fn reopen(&mut self, file: File) {
        self.file = file;
    }

    /// Adds the next event: what people see of it, and the size of its record.
    pub fn push(&mut self, event: Bytes, record_bytes: usize, is_chat: bool) {
        self.places.push(self.end << 1 | u64::from(is_chat));
        self.end += record_bytes as u64;
        self.recent_bytes += event.len();
        self.recent.push_back(event);
        while self.recent_bytes > MAX_RECENT && self.recent.len() > 1 {
            let oldest = self.recent.pop_front();
            self.recent_bytes -= oldest.map_or(0, |event| event.len());
        }
    }

    /// The newest event's offset.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.places.len() as u64
    }

    /// How much of the journal's file these events take.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.end
    }

    /// The events after `offset`: one at least if there is one, then as many as `max_bytes` allow.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn after(&self, offset: u64, max_bytes: usize) -> io::Result<Stretch> {
        let mut stretch = Stretch {
            events: Vec::new(),
            last: offset,
        };
        let mut bytes = 0;
        while stretch.last < self.offset() && (bytes == 0 || bytes < max_bytes) {
            let event = self.event(stretch.last as usize)?;
            bytes += event.len();
            stretch.last += 1;
            stretch.events.push(event);
        }
        Ok(stretch)
    }

    /// The newest `limit` chats before the event `before`, oldest first, within `max_bytes`, and
    /// whether there are older ones.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn chats_before(
        &self,
        before: u64,
        limit: usize,
        max_bytes: usize,
    ) -> io::Result<(Vec<Bytes>, bool)> {
        let end = usize::try_from(before.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut indices = (0..end.min(self.places.len())).rev();
        let mut chats = Vec::new();
        let mut bytes = 0;
        while let Some(index) = indices.find(|index| self.is_chat(*index)) {
            if chats.len() == limit || bytes > max_bytes {
                chats.reverse();
                return Ok((chats, true));
            }
            let event = self.event(index)?;
            bytes += event.len();
            chats.push(event);
        }
        chats.reverse();
        Ok((chats, false))
    }

    fn is_chat(&self, index: usize) -> bool {
        self.places[index] & 1 == 1
    }

    /// The event with this index, which is its offset less one.
    fn event(&self, index: usize) -> io::Result<Bytes> {
        let in_memory_from = self.places.len() - self.recent.len();
        match index.checked_sub(in_memory_from) {
            Some(recent) => Ok(self.recent[recent].clone()),
            None => self.read(index),
        }
    }

    fn read(&self, index: usize) -> io::Result<Bytes> {
        let start = self.places[index] >> 1;
        let end = self
            .places
            .get(index + 1)
            .map_or(self.end, |next| next >> 1);
        let mut line = vec![0; (end - start) as usize];
        self.file.read_exact_at(&mut line, start)?;
        let json = record::json_of(&line)
            .ok_or_else(|| io::Error::other("the journal was changed from outside"))?;
        Ok(Bytes::copy_from_slice(&record::public_part(json)))
    }
}
