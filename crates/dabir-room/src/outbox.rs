//! What one connection has still to send: nothing for most, a bounded queue for the slow.

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, Bytes};

/// A connection with more than this to send gets no more answers.
pub const MAX_QUEUE: usize = 256 * 1024;

/// Frames that the socket has not taken yet.
#[derive(Debug, Default)]
pub struct Outbox {
    frames: VecDeque<Bytes>,
    bytes: usize,
}

impl Outbox {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether nothing more may wait here.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= MAX_QUEUE
    }

    /// Adds a frame behind the others.
    pub fn push(&mut self, frame: Bytes) {
        if !frame.is_empty() {
            self.bytes += frame.len();
            self.frames.push_back(frame);
        }
    }

    /// Writes until the queue is empty or `write` would block.
    ///
    /// # Errors
    /// When `write` fails for good.
    pub fn drain(&mut self, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        while let Some(frame) = self.frames.front_mut() {
            match write(frame) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.bytes -= written;
                    frame.advance(written);
                    if frame.is_empty() {
                        self.frames.pop_front();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.frames.is_empty() {
            // A slow moment must not cost memory for the rest of the meeting.
            self.frames.shrink_to(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_socket_takes_in_pieces_comes_out_whole_and_in_order() {
        let mut outbox = Outbox::default();
        for frame in ["abc", "", "defgh", "i"] {
            outbox.push(Bytes::from_static(frame.as_bytes()));
        }
        let mut taken = Vec::new();
        let mut budget = 0;
        for round in 1..20 {
            budget += round % 3;
            let moved = outbox.drain(|bytes| {
                if budget == 0 {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                budget -= 1;
                taken.push(bytes[0]);
                Ok(1)
            });
            assert!(moved.is_ok());
        }
        assert_eq!(taken, b"abcdefghi");
        assert!(outbox.is_empty());
        assert_eq!(outbox.bytes, 0);
    }
}
