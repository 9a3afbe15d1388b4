//! What a process tells of jobs: its own listeners of changes, whoever made them, and the workers of
//! other processes of what it made due.

use std::time::Duration;

use dabir_core::Event;
use dabir_db::hints;

use crate::service::Jobs;
use crate::store::news::{self, News};

/// How often listeners are told, at most, that jobs changed.
const TELL: Duration = Duration::from_millis(500);
/// How often it is looked whether other processes changed something.
const LOOK: Duration = Duration::from_millis(500);
/// Hints go out at most this often: a pending one makes commits of all PostgreSQL queue up.
const HINTS: Duration = Duration::from_millis(100);
/// Where workers of other processes hear that something may be due.
pub(crate) const CHANNEL: &str = "dabir_jobs";

impl Jobs {
    /// Tells of changes and of what is due. Never ends; run it in every process that makes jobs or
    /// has listeners.
    pub async fn tell(&self) {
        tokio::join!(self.tell_listeners(), self.send_hints());
    }

    /// Tells listeners of changes in whatever process, a second after them at most.
    async fn tell_listeners(&self) {
        let mut told = self.news().await;
        loop {
            let own = tokio::time::timeout(LOOK, self.shared.changed.notified()).await;
            let news = self.news().await;
            // Whoever came since the look before has just asked how everything stands.
            let is_new = news.is_some() && told.is_some() && news != told;
            if own.is_ok() || is_new {
                self.shared.events.publish(Event::JobsChanged {});
            }
            told = news.or(told);
            tokio::time::sleep(TELL).await;
        }
    }

    /// `None` when nobody listens, or the database does not answer.
    async fn news(&self) -> Option<News> {
        if !self.shared.events.has_listeners() {
            return None;
        }
        let news = news::look(self.shared.db.read()).await;
        news.inspect_err(|error| tracing::debug!(%error, "nobody looked for changes: {error}"))
            .ok()
    }

    /// Tells workers of other processes that something is due.
    async fn send_hints(&self) {
        loop {
            self.shared.hint.notified().await;
            if let Err(error) = hints::say(self.shared.db.read(), CHANNEL, "").await {
                tracing::debug!(%error, "no hint was sent: {error}");
            }
            tokio::time::sleep(HINTS).await;
        }
    }
}
