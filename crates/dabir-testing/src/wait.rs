//! Waiting for something to become true, with a deadline that says what was awaited.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two looks; short beside any deadline, long beside a look.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds.
///
/// # Panics
/// When it does not hold within `deadline`; the message names `what`.
pub fn wait_until(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < deadline,
            "{what}: not within {deadline:?}"
        );
        sleep(PAUSE);
    }
}

/// Waits until `condition` gives a value, letting other tasks run meanwhile.
///
/// # Panics
/// When it gives none within `deadline`; the message names `what`.
pub async fn eventually<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(
            start.elapsed() < deadline,
            "{what}: not within {deadline:?}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
