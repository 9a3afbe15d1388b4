//! Frames, numbers and bytes as lib0 writes them, which browsers read.

use bytes::Bytes;
use serde_json::Value;

/// The kinds of frames: all are below 128, so one byte says them.
const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const CHANGE: u64 = 5;
const SAVED: u64 = 6;
const CONTROL: u64 = 7;

/// The kinds of what is synchronised.
const VECTOR: u64 = 0;
const WHOLE: u64 = 1;
const UPDATE: u64 = 2;

/// The longest change.
pub(crate) const MAX_CHANGE: usize = 1024 * 1024;
/// The longest frame that is read at all: a change and its head.
pub(crate) const MAX_FRAME: usize = MAX_CHANGE + 64;
/// The most that is said at once of who is where.
const MAX_AWARENESS: usize = 16 * 1024;
/// The longest list of what a page has: one entry for each page that ever wrote.
const MAX_VECTOR: usize = 512 * 1024;

/// What a page says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// What it has; it wants the rest.
    Vector(Bytes),
    Awareness(Bytes),
    /// Its change number `n`.
    Change {
        n: u64,
        update: Bytes,
    },
}

/// What was said is none of what a page says, or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misheard {
    Malformed,
    TooLarge,
}

/// Reads a frame of a page.
pub(crate) fn read(frame: &Bytes) -> Result<Heard, Misheard> {
    let mut from = Reader::of(frame);
    let heard = match from.number().ok_or(Misheard::Malformed)? {
        SYNC => {
            if from.number() != Some(VECTOR) {
                return Err(Misheard::Malformed);
            }
            Heard::Vector(from.bounded(MAX_VECTOR)?)
        }
        AWARENESS => Heard::Awareness(from.bounded(MAX_AWARENESS)?),
        CHANGE => Heard::Change {
            n: from.number().ok_or(Misheard::Malformed)?,
            update: from.bounded(MAX_CHANGE)?,
        },
        _ => return Err(Misheard::Malformed),
    };
    Ok(heard)
}

/// What this side has: the page answers with what is missing here.
pub(crate) fn vector(bytes: &[u8]) -> Bytes {
    frame(&[SYNC, VECTOR], bytes)
}

/// All that a page lacked when it asked.
pub(crate) fn whole(update: &[u8]) -> Bytes {
    frame(&[SYNC, WHOLE], update)
}

/// Somebody else's change.
pub(crate) fn update(bytes: &[u8]) -> Bytes {
    frame(&[SYNC, UPDATE], bytes)
}

pub(crate) fn awareness(bytes: &[u8]) -> Bytes {
    frame(&[AWARENESS], bytes)
}

/// All changes of a page up to `n` are on the disk.
pub(crate) fn saved(n: u64) -> Bytes {
    let mut out = Vec::new();
    push_number(&mut out, SAVED);
    push_number(&mut out, n);
    out.into()
}

pub(crate) fn control(what: &Value) -> Bytes {
    frame(&[CONTROL], what.to_string().as_bytes())
}

fn frame(head: &[u64], bytes: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    head.iter()
        .for_each(|number| push_number(&mut out, *number));
    push_bytes(&mut out, bytes);
    out.into()
}

/// A number in groups of seven bits, the least first.
pub(crate) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

/// Bytes behind their length.
pub(crate) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads numbers and bytes one after the other.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(bytes: &'a Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number, as long as browsers can hold it.
    pub(crate) fn number(&mut self) -> Option<u64> {
        const MOST: u64 = (1 << 53) - 1;
        let mut number = 0_u64;
        for shift in (0..56).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return (number <= MOST).then_some(number);
            }
        }
        None
    }

    pub(crate) fn bytes(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.number()?).ok()?;
        let end = self.at.checked_add(length)?;
        if end > self.bytes.len() {
            return None;
        }
        let read = self.bytes.slice(self.at..end);
        self.at = end;
        Some(read)
    }

    /// The rest of a frame: bytes, at most so many.
    fn bounded(&mut self, most: usize) -> Result<Bytes, Misheard> {
        let bytes = self.bytes().ok_or(Misheard::Malformed)?;
        match bytes.len() <= most {
            true => Ok(bytes),
            false => Err(Misheard::TooLarge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, 127, 128, 300, 16_383, 16_384, (1 << 53) - 1] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            let bytes = Bytes::from(out);
            assert_eq!(Reader::of(&bytes).number(), Some(number));
        }
        for wrong in [&[0x80][..], &[0xff; 9], &[]] {
            let bytes = Bytes::copy_from_slice(wrong);
            assert_eq!(Reader::of(&bytes).number(), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_change_is_read_with_its_number() {
        let mut frame = Vec::new();
        push_number(&mut frame, CHANGE);
        push_number(&mut frame, 300);
        push_bytes(&mut frame, b"abc");
        let heard = Heard::Change {
            n: 300,
            update: Bytes::from_static(b"abc"),
        };
        assert_eq!(read(&frame.into()), Ok(heard));
    }

    #[test]
    fn whatever_is_cut_short_or_too_long_is_refused() {
        for frame in [
            &[][..],
            &[5],
            &[5, 1],
            &[5, 1, 9, 1],
            &[0, 1, 0],
            &[6, 1],
            &[1, 0xff],
        ] {
            let frame = Bytes::copy_from_slice(frame);
            assert_eq!(read(&frame), Err(Misheard::Malformed), "{frame:?}");
        }
        let mut long = Vec::new();
        push_number(&mut long, AWARENESS);
        push_bytes(&mut long, &vec![0; MAX_AWARENESS + 1]);
        assert_eq!(read(&long.into()), Err(Misheard::TooLarge));
    }
}
