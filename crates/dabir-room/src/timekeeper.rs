//! The end of the meeting: warned of, moved, and kept whoever else lives.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::hub::Hub;
use crate::message::Message;

/// When people are told how long is left, and the end itself.
const MARKS: [u64; 4] = [600, 300, 60, 0];

/// Ends the room when its time is over.
pub async fn run(hub: &Hub) {
    while let Some(deadline) = deadline(hub).await {
        tokio::select! {
            () = hub.end_moved.notified() => {}
            () = count_down(hub, deadline) => return hub.end("ended"),
        }
    }
}

/// When the room ends, by a clock that nobody sets; waits while it has no end.
async fn deadline(hub: &Hub) -> Option<Instant> {
    loop {
        if let Some(ends_at) = hub.ends_at() {
            let left = ends_at.duration_since(hub.clock.now());
            let left = Duration::try_from(left.max(SignedDuration::ZERO)).ok()?;
            return Instant::now().checked_add(left);
        }
        hub.end_moved.notified().await;
    }
}

async fn count_down(hub: &Hub, deadline: Instant) {
    while let Some(mark) = next_mark(deadline.saturating_duration_since(Instant::now())) {
        tokio::time::sleep_until(deadline - mark).await;
        if !mark.is_zero() {
            let seconds = mark.as_secs();
            hub.say_to_all(&Message::Ending { seconds });
        }
    }
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
