//! How far a reader has come, told by the pings that they answer: whatever lies in buffers on the
//! way, ours, the system's or a proxy's, an answered ping says that all before it was read.

use std::time::{Duration, Instant};

/// Whose unread bytes are more than these gets no new events. With a stretch of the history behind
/// them, a reader of 8 kB a second empties all buffers within the time that the system waits for a
/// sign of it, see [`crate::listen`].
pub const MAX_UNREAD: usize = 96 * 1024;

/// How much is sent before its reader is asked whether they have come so far.
const ASK_EVERY: usize = 48 * 1024;

/// Silence after which they are asked too, so that nobody on the way forgets the connection.
pub const PING_AFTER: Duration = Duration::from_secs(20);

/// How long nothing at all may come from somebody who was asked. Their machine may well be there,
/// but the program on it hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What has been sent to somebody and what has come back.
#[derive(Debug)]
pub struct Progress {
    /// Bytes that they are not known to have read.
    unread: usize,
    asked: Option<Asked>,
    heard_at: Instant,
}

/// A ping that is not answered yet.
#[derive(Debug)]
struct Asked {
    at: Instant,
    /// How much was unread then.
    unread: usize,
}

/// What the sweep does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine { look_again: Instant },
    Ping,
    Gone,
}

impl Progress {
    /// Somebody who has just come.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            unread: 0,
            asked: None,
            heard_at: now,
        }
    }

    /// So much is sent to them.
    pub fn send(&mut self, bytes: usize) {
        self.unread += bytes;
    }

    /// A ping is sent to them.
    pub fn ask(&mut self, now: Instant) {
        self.asked = Some(Asked {
            at: now,
            unread: self.unread,
        });
    }

    /// Something came from them.
    pub fn hear(&mut self, now: Instant) {
        self.heard_at = now;
    }

    /// They answer; says whether they were asked.
    pub fn answer(&mut self) -> bool {
        let answered = self.asked.take();
        self.unread -= answered.as_ref().map_or(0, |asked| asked.unread);
        answered.is_some()
    }

    /// Whether so much was sent that a ping is to follow at once.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.asked.is_none() && self.unread >= ASK_EVERY
    }

    /// Whether enough is on the way to them.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.unread >= MAX_UNREAD
    }

    /// What their silence means.
    #[must_use]
    pub fn verdict(&self, now: Instant) -> Verdict {
        let (end, verdict) = match &self.asked {
            None => (self.heard_at + PING_AFTER, Verdict::Ping),
            // Who was asked late, because the room itself stood still, has time to answer.
            Some(asked) => (asked.at.max(self.heard_at) + ANSWER_WITHIN, Verdict::Gone),
        };
        if now >= end {
            verdict
        } else {
            Verdict::Fine { look_again: end }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_asked_about_and_then_taken_for_absence() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let fine = |seconds| Verdict::Fine {
            look_again: at(seconds),
        };
        let mut progress = Progress::new(start);
        assert_eq!(progress.verdict(at(19)), fine(20));
        // A room that was stopped for a while asks before it judges.
        assert_eq!(progress.verdict(at(99)), Verdict::Ping);
        progress.ask(at(99));
        assert_eq!(progress.verdict(at(158)), fine(159));
        assert_eq!(progress.verdict(at(159)), Verdict::Gone);
        // Whatever they say shows that they are there.
        progress.hear(at(158));
        assert_eq!(progress.verdict(at(159)), fine(218));
        assert!(progress.answer());
        assert_eq!(progress.verdict(at(159)), fine(178));
    }

    #[test]
    fn what_came_after_the_ping_is_unread_until_the_next() {
        let now = Instant::now();
        let mut progress = Progress::new(now);
        progress.send(ASK_EVERY - 1);
        assert!(!progress.is_due());
        progress.send(1);
        assert!(progress.is_due());
        progress.ask(now);
        progress.send(MAX_UNREAD - ASK_EVERY);
        assert!(!progress.is_due() && progress.is_behind());
        assert!(progress.answer() && progress.is_due() && !progress.is_behind());
        // An answer to no question says nothing.
        assert!(!progress.answer());
        progress.send(ASK_EVERY);
        assert!(progress.is_behind());
    }

    /// Sent as fast as the room may and read at 8 kB a second, however much there is to say, nothing
    /// is ever on the way for longer than the system and the sweep wait.
    #[test]
    fn a_slow_reader_is_never_taken_for_gone() {
        const STRETCH: usize = 32 * 1024;
        let start = Instant::now();
        let mut progress = Progress::new(start);
        // The bytes on the way, and how many of them are before the ping.
        let (mut on_the_way, mut ping) = (0_usize, None);
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            while !progress.is_behind() {
                on_the_way += STRETCH;
                progress.send(STRETCH);
                if progress.is_due() {
                    progress.ask(now);
                    ping = Some(on_the_way);
                }
            }
            assert!(on_the_way < 20 * 8_000);
            assert_ne!(progress.verdict(now), Verdict::Gone);
            on_the_way -= 8_000.min(on_the_way);
            ping = ping.map(|before: usize| before.saturating_sub(8_000));
            if ping.take_if(|before| *before == 0).is_some() {
                progress.hear(now);
                assert!(progress.answer());
            }
        }
        assert!(on_the_way > 0);
    }
}
