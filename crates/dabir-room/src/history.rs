//! What was said, by offset: the newest events in memory, the older ones in the journal's file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bytes::Bytes;

use crate::record;

/// How much of the newest events stays in memory.
const MAX_RECENT: usize = 256 * 1024;

/// The epoch of journals from before these had heads.
const FIRST_EPOCH: &str = "0";

/// Every event that people may see, in the form they see it in.
#[derive(Debug)]
pub struct History {
    /// Which count of offsets this is: under another, the same number is another event.
    epoch: String,
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
            epoch: FIRST_EPOCH.to_owned(),
            file,
            places: Vec::new(),
            end: 0,
            recent: VecDeque::new(),
            recent_bytes: 0,
        }
    }

    /// Says that the journal begins with a head of so many bytes, which names this epoch.
    pub fn set_head(&mut self, epoch: String, bytes: usize) {
        self.epoch = epoch;
        self.end += bytes as u64;
    }

    /// Which count of offsets this is.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
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

    /// How much of the journal's file its head and these events take.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.end
    }

    /// The events after `offset`: one at least if there is one, then about as many as `max_bytes`
    /// allow, out of memory or with one read.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn after(&self, offset: u64, max_bytes: usize) -> io::Result<Stretch> {
        let first = usize::try_from(offset).unwrap_or(usize::MAX);
        let events = match first.checked_sub(self.in_memory_from()) {
            Some(recent) => self.recent_from(recent, max_bytes),
            None => self.read_from(first, max_bytes)?,
        };
        Ok(Stretch {
            last: offset + events.len() as u64,
            events,
        })
    }

    fn recent_from(&self, first: usize, max_bytes: usize) -> Vec<Bytes> {
        let mut bytes = 0;
        let fits = |event: &&Bytes| {
            let fits = bytes == 0 || bytes < max_bytes;
            bytes += event.len();
            fits
        };
        let recent = self.recent.iter().skip(first);
        recent.take_while(fits).cloned().collect()
    }

    fn read_from(&self, first: usize, max_bytes: usize) -> io::Result<Vec<Bytes>> {
        let start = self.start(first);
        let others = &self.places[first + 1..self.in_memory_from()];
        let fits = |place: &u64| (place >> 1) - start < max_bytes as u64;
        let last = first + others.partition_point(fits);
        let lines = self.read(start, self.start(last + 1))?;
        let line = |index| {
            let [from, to] = [index, index + 1].map(|index| (self.start(index) - start) as usize);
            event_of(&lines[from..to])
        };
        (first..=last).map(line).collect()
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
        match index.checked_sub(self.in_memory_from()) {
            Some(recent) => Ok(self.recent[recent].clone()),
            None => event_of(&self.read(self.start(index), self.start(index + 1))?),
        }
    }

    fn in_memory_from(&self) -> usize {
        self.places.len() - self.recent.len()
    }

    /// Where the record of this index starts, or will.
    fn start(&self, index: usize) -> u64 {
        self.places.get(index).map_or(self.end, |place| place >> 1)
    }

    fn read(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let mut lines = vec![0; (end - start) as usize];
        self.file.read_exact_at(&mut lines, start)?;
        Ok(lines)
    }
}

fn event_of(line: &[u8]) -> io::Result<Bytes> {
    let json = record::json_of(line)
        .ok_or_else(|| io::Error::other("the journal was changed from outside"))?;
    Ok(Bytes::copy_from_slice(&record::public_part(json)))
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Write;

    use crate::model::{Event, Private, Record, What};

    /// A history of so many chats, most of them in the file alone.
    fn history(chats: u64) -> (History, Vec<Bytes>) {
        let mut file = tempfile::tempfile().unwrap();
        let mut history = History::new(file.try_clone().unwrap());
        let mut events = Vec::new();
        for offset in 1..=chats {
            let what = What::Chat {
                from: "Ali".into(),
                from_id: "p".into(),
                text: "x".repeat(1_000),
                nonce: None,
            };
            let event = Event {
                offset,
                at: "2026-11-21T14:00:00Z".parse().unwrap(),
                what,
            };
            let private = Private::default();
            let encoded = record::encode(&Record { event, private }).unwrap();
            file.write_all(&encoded.line).unwrap();
            history.push(encoded.event.clone(), encoded.line.len(), true);
            events.push(encoded.event);
        }
        (history, events)
    }

    #[test]
    fn stretches_of_any_size_make_up_the_whole() {
        let (history, events) = history(600);
        for max_bytes in [0, 1, 1_500, 64 * 1024, usize::MAX] {
            let mut offset = 0;
            let mut read = Vec::new();
            loop {
                let stretch = history.after(offset, max_bytes).unwrap();
                if stretch.events.is_empty() {
                    break;
                }
                let bytes: usize = stretch.events.iter().map(Bytes::len).sum();
                assert!(bytes <= max_bytes.saturating_add(2_000));
                assert_eq!(stretch.last, offset + stretch.events.len() as u64);
                offset = stretch.last;
                read.extend(stretch.events);
            }
            assert!(read == events, "{max_bytes}");
        }
        assert!(history.after(601, 1).unwrap().events.is_empty());
        assert!(history.after(u64::MAX, 1).unwrap().events.is_empty());
    }
}
