//! The end of the meeting: warned of, moved, and kept whoever else lives.

use std::time::Duration;

use jiff::SignedDuration;

use crate::hub::Hub;
use crate::message::Message;

/// When people are told how long is left, and the end itself.
const MARKS: [u64; 4] = [600, 300, 60, 0];

/// How long the clock may go unseen: a machine that slept, or whose time was corrected, is found out
/// by then.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// How far from its moment a mark is still told.
const MARK_MARGIN: Duration = Duration::from_secs(1);

/// Ends the room when its time is over.
pub async fn run(hub: &Hub) {
    let mut told = Duration::MAX;
    loop {
        let Some(left) = left(hub) else {
            hub.end_moved.notified().await;
            continue;
        };
        let Some(mark) = next_mark(left.min(told)) else {
            return hub.end("ended");
        };
        tokio::select! {
            () = hub.end_moved.notified() => told = Duration::MAX,
            () = tokio::time::sleep(nap(left, mark)) => told = told.min(tell(hub, mark)),
        }
    }
}

/// How long there is to go; nothing while the room has no end.
fn left(hub: &Hub) -> Option<Duration> {
    let left = hub.ends_at()?.duration_since(hub.clock.now());
    Duration::try_from(left.max(SignedDuration::ZERO)).ok()
}

/// How long to wait for `mark` before the clock is looked at again.
fn nap(left: Duration, mark: Duration) -> Duration {
    (left - mark).min(LOOK_AGAIN)
}

/// Tells people of `mark` when it is due; says down to which mark they have been told.
fn tell(hub: &Hub, mark: Duration) -> Duration {
    let is_due = left(hub).is_some_and(|left| left.abs_diff(mark) < MARK_MARGIN);
    if mark.is_zero() || !is_due {
        return Duration::MAX;
    }
    let seconds = mark.as_secs();
    hub.say_to_all(&Message::Ending { seconds });
    mark
}

/// The next moment that matters with `left` to go; a mark that is past is not told late.
fn next_mark(left: Duration) -> Option<Duration> {
    let mut marks = MARKS.iter().map(|mark| Duration::from_secs(*mark));
    marks.find(|mark| *mark < left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_looked_at_every_minute() {
        let check = |left, mark, seconds| {
            let (left, mark) = (Duration::from_secs(left), Duration::from_secs(mark));
            assert_eq!(nap(left, mark), Duration::from_secs(seconds));
        };
        check(86_400, 600, 60);
        check(630, 600, 30);
        check(60, 0, 60);
        check(1, 0, 1);
    }

    #[test]
    fn each_mark_comes_once_and_none_comes_late() {
        let check = |left, mark: Option<u64>| {
            assert_eq!(
                next_mark(Duration::from_millis(left)),
                mark.map(Duration::from_secs)
            );
        };
        check(3_600_000, Some(600));
        check(600_001, Some(600));
        check(600_000, Some(300));
        check(60_000, Some(0));
        check(1, Some(0));
        check(0, None);
    }
}
