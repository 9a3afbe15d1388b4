//! What operators do to meetings: make, change, start, stop, extend, remove; and what is refused.

use std::path::PathBuf;

use dabir_core::clock::whole_millis;
use dabir_core::{Actor, Event, Timestamp};
use dabir_db::audit;
use dabir_http::FieldError;
use futures_util::FutureExt;
use tokio::task::JoinHandle;

use crate::audited::{Kept, change};
use crate::error::MeetingError;
use crate::model::{Meeting, MeetingPatch, MeetingView, NewMeeting, Override, Source};
use crate::service::{Meetings, Turn};
use crate::source::clean_name;
use crate::store;

const MAX_NAME: usize = 200;
/// A year: longer meetings are slips of the pen.
const MAX_DURATION_SECS: i64 = 366 * 86_400;

impl Meetings {
    /// Makes a meeting here.
    ///
    /// # Errors
    /// [`MeetingError::Invalid`] names every field that is not allowed.
    pub async fn create(&self, by: &Actor, new: NewMeeting) -> Result<MeetingView, MeetingError> {
        let now = self.inner.clock.now();
        let date_time = new.date_time.map_or(now, whole_millis);
        let span = new.duration.map(|duration| duration.get().as_secs());
        let duration_secs = match (new.end_time, span) {
            (Some(end), _) => end.duration_since(date_time).as_secs(),
            (None, Some(secs)) => i64::try_from(secs).unwrap_or(i64::MAX),
            (None, None) => self.default_duration(),
        };
        let name = clean_name(&new.name);
        let meeting = Meeting {
            port: new.port.filter(|port| *port != 0).map(i64::from),
            is_running: new.is_running.unwrap_or(true),
            ..Meeting::new(Source::Local, name, date_time, duration_secs, now)
        };
        let both = new.end_time.is_some() && new.duration.is_some();
        self.check(&meeting, both, now)?;
        self.unless_behind(|| self.add(by, meeting.clone()).boxed())
            .await?;
        Ok(self.view(&meeting, None))
    }

    /// Changes a meeting that was made here.
    ///
    /// # Errors
    /// [`MeetingError::Upstream`] for one that comes from Django.
    pub async fn change(
        &self,
        by: &Actor,
        word: &str,
        patch: MeetingPatch,
    ) -> Result<MeetingView, MeetingError> {
        self.update(by, "meeting.change", word, |meeting, now| {
            if meeting.source == Source::Django {
                return Err(MeetingError::Upstream("data"));
            }
            let both = patch.end_time.is_some() && patch.duration.is_some();
            apply_patch(meeting, &patch);
            self.check(meeting, both, now)
        })
        .await
    }

    /// Starts a meeting now, whatever its source says.
    ///
    /// # Errors
    /// When its time is over.
    pub async fn start(&self, by: &Actor, word: &str) -> Result<MeetingView, MeetingError> {
        let view = self
            .update(by, "meeting.start", word, |meeting, now| {
                if now >= meeting.end_time() {
                    let hint = "its time is over; extend it, or make a new one";
                    return Err(MeetingError::State {
                        state: meeting.state,
                        hint,
                    });
                }
                meeting.operator = Some(Override::Start);
                meeting.is_running |= meeting.source.is_here();
                Ok(())
            })
            .await?;
        self.roster().guard.release(&view.id);
        self.retry(&view.id).await;
        Ok(view)
    }

    /// Ends a meeting now; people in it see that it was stopped.
    ///
    /// # Errors
    /// When it is over already.
    pub async fn stop(&self, by: &Actor, word: &str) -> Result<MeetingView, MeetingError> {
        let view = self
            .update(by, "meeting.stop", word, |meeting, now| {
                let hint = if now >= meeting.end_time() {
                    Some("its time is over")
                } else if meeting.operator == Some(Override::Stop) {
                    Some("it was told to end already")
                } else {
                    None
                };
                if let Some(hint) = hint {
                    return Err(MeetingError::State {
                        state: meeting.state,
                        hint,
                    });
                }
                meeting.operator = Some(Override::Stop);
                Ok(())
            })
            .await?;
        self.roster().guard.release(&view.id);
        Ok(view)
    }

    /// Moves a meeting's end by `minutes`; from now, when it was over.
    ///
    /// # Errors
    /// When `minutes` is not between 1 and 1,440.
    pub async fn extend(
        &self,
        by: &Actor,
        word: &str,
        minutes: i64,
    ) -> Result<MeetingView, MeetingError> {
        if !(1..=1_440).contains(&minutes) {
            return Err(MeetingError::invalid(
                "minutes",
                format!("{minutes} is not between 1 and 1440"),
            ));
        }
        self.update(by, "meeting.extend", word, |meeting, now| {
            let late = now.duration_since(meeting.end_time()).as_secs().max(0);
            meeting.extended_secs += late + minutes * 60;
            self.check(meeting, false, now)
        })
        .await
    }

    /// Removes a meeting that was made here, with what was said in it.
    ///
    /// # Errors
    /// When it runs, or comes from Django.
    pub async fn delete(&self, by: &Actor, word: &str) -> Result<(), MeetingError> {
        self.unless_behind(|| self.delete_now(by, word).boxed())
            .await
    }

    async fn add(&self, by: &Actor, after: Meeting) -> Result<(), MeetingError> {
        let turn = self.turn().await?;
        let kept = Kept {
            action: "meeting.create",
            before: None,
            after,
        };
        self.keep(&turn, by, vec![kept]).await
    }

    async fn delete_now(&self, by: &Actor, word: &str) -> Result<(), MeetingError> {
        let turn = self.turn().await?;
        let meeting = self.meeting(word).await?;
        if meeting.source == Source::Django {
            return Err(MeetingError::Upstream("existence"));
        }
        if self.lives(&meeting) {
            return Err(MeetingError::State {
                state: meeting.state,
                hint: "stop it first",
            });
        }
        self.erase(&turn, by, "meeting.delete", vec![meeting]).await
    }

    /// Whether it has a room, here or elsewhere.
    pub(crate) fn lives(&self, meeting: &Meeting) -> bool {
        self.may_have_a_room(meeting) || self.inner.rooms.lives(&meeting.id)
    }

    /// Removes meetings that have no room, with what was said in them.
    pub(crate) async fn erase(
        &self,
        turn: &Turn,
        by: &Actor,
        action: &'static str,
        meetings: Vec<Meeting>,
    ) -> Result<(), MeetingError> {
        let (tx, revision) = self.begin_change().await?;
        let ids: Vec<&str> = meetings.iter().map(|one| one.id.as_str()).collect();
        store::delete(&tx, &ids, revision).await?;
        let removed = meetings.iter().map(|one| change(action, Some(one), None));
        audit::append(&tx, self.inner.clock.now(), by, removed.collect()).await?;
        let folders = self
            .commit(turn, tx, move |this| this.forget(meetings, revision))
            .await?;
        // A panic in there was told by the runtime.
        let _ = folders.await;
        Ok(())
    }

    /// Has nobody know these meetings any more; their folders go in the background.
    fn forget(&self, meetings: Vec<Meeting>, revision: i64) -> JoinHandle<()> {
        let mut folders = Vec::new();
        let mut roster = self.roster();
        roster.revision = revision;
        for Meeting { id, name, .. } in meetings {
            roster.meetings.remove(&id);
            folders.push(self.inner.rooms.folder(&id));
            self.inner
                .events
                .publish(Event::MeetingRemoved { id, name });
        }
        self.inner.rooms.background(remove_folders(folders))
    }

    /// Refuses fields that no meeting may have.
    fn check(
        &self,
        meeting: &Meeting,
        both_ends: bool,
        now: Timestamp,
    ) -> Result<(), MeetingError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, detail: String| {
            errors.push(FieldError {
                field: field.to_owned(),
                detail,
            });
        };
        let length = meeting.name.chars().count();
        if !(1..=MAX_NAME).contains(&length) {
            refuse(
                "name",
                format!("a name has 1 to {MAX_NAME} characters, this one has {length}"),
            );
        }
        if both_ends {
            refuse(
                "end_time",
                "send either `duration` or `end_time`".to_owned(),
            );
        }
        if !(1..=MAX_DURATION_SECS).contains(&(meeting.duration_secs + meeting.extended_secs)) {
            refuse(
                "duration",
                "a meeting ends after it begins, and within a year".to_owned(),
            );
        } else if meeting.end_time() <= now {
            refuse(
                "end_time",
                format!("{} has passed already", meeting.end_time()),
            );
        }
        if let Some(port) = meeting.port {
            let ports = &self.inner.ports;
            if !u16::try_from(port).is_ok_and(|port| ports.contains(&port)) {
                let (low, high) = (ports.start(), ports.end());
                refuse(
                    "port",
                    format!("{port} is outside {low}–{high}; leave it out for a free one"),
                );
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(MeetingError::Invalid(errors))
        }
    }
}

/// Removes rooms' folders; one that stays is only disk space, and is told.
pub(crate) async fn remove_folders(folders: Vec<PathBuf>) {
    for folder in folders {
        match tokio::fs::remove_dir_all(&folder).await {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let shown = folder.display();
                tracing::warn!(%error, "`{shown}` could not be removed: {error}");
            }
        }
    }
}

fn apply_patch(meeting: &mut Meeting, patch: &MeetingPatch) {
    if let Some(name) = &patch.name {
        meeting.name = clean_name(name);
    }
    if let Some(at) = patch.date_time {
        meeting.date_time = whole_millis(at);
        meeting.operator = None;
    }
    if let Some(duration) = patch.duration {
        meeting.duration_secs = i64::try_from(duration.get().as_secs()).unwrap_or(i64::MAX);
        meeting.extended_secs = 0;
    }
    if let Some(end) = patch.end_time {
        meeting.duration_secs = end.duration_since(meeting.date_time).as_secs();
        meeting.extended_secs = 0;
    }
    if let Some(port) = patch.port {
        meeting.port = Some(i64::from(port)).filter(|port| *port != 0);
    }
    if let Some(is_running) = patch.is_running {
        meeting.is_running = is_running;
        meeting.operator = None;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Poll;

    use super::*;
    use crate::audited::ourselves;
    use crate::model::samples::local;
    use crate::testing::House;

    /// Drops `work` once it has waited `waits` times, as the server does when a client goes away;
    /// answers whether it was done before.
    async fn cut(waits: usize, work: impl Future) -> bool {
        let mut work = pin!(work);
        let mut left = waits;
        std::future::poll_fn(|cx| match (work.as_mut().poll(cx), left) {
            (Poll::Ready(_), _) => Poll::Ready(true),
            (Poll::Pending, 0) => Poll::Ready(false),
            (Poll::Pending, _) => {
                left -= 1;
                Poll::Pending
            }
        })
        .await
    }

    /// The ids in memory and in the database, once every change is through.
    async fn known(meetings: &Meetings) -> [Vec<String>; 2] {
        let _turn = meetings.turn().await.unwrap();
        let here = meetings.roster().meetings.keys().cloned().collect();
        let now = meetings.inner.clock.now();
        // Among the writers: one that was left alone is through before.
        let tx = meetings.inner.db.write().await.unwrap();
        let rows = store::unfinished(&tx, now).await;
        let mut kept: Vec<String> = rows.unwrap().into_iter().map(|one| one.id).collect();
        kept.sort();
        [here, kept]
    }

    async fn add(meetings: &Meetings, ids: &[&str]) {
        let kept = ids.iter().map(|id| Kept {
            action: "meeting.create",
            before: None,
            after: local(id),
        });
        let turn = meetings.turn().await.unwrap();
        let kept = meetings.keep(&turn, &ourselves(), kept.collect()).await;
        kept.unwrap();
    }

    async fn remove(meetings: &Meetings, ids: &[&str]) {
        let turn = meetings.turn().await.unwrap();
        let removed = ids.iter().map(|id| local(id)).collect();
        let by = ourselves();
        let removed = meetings.erase(&turn, &by, "sample.remove", removed);
        removed.await.unwrap();
    }

    #[tokio::test]
    async fn a_change_whose_client_goes_away_is_whole_or_not_at_all() {
        const IDS: [&str; 3] = ["a", "b", "c"];
        let house = House::new();
        let meetings = house.meetings().await;
        for waits in 0.. {
            let added = cut(waits, add(&meetings, &IDS)).await;
            let [here, kept] = known(&meetings).await;
            assert_eq!(here, kept, "added, cut at wait {waits}");
            if here.is_empty() {
                add(&meetings, &IDS).await;
            }
            let removed = cut(waits, remove(&meetings, &IDS)).await;
            let [here, kept] = known(&meetings).await;
            assert_eq!(here, kept, "removed, cut at wait {waits}");
            if added && removed {
                assert_eq!(here, [""; 0]);
                return;
            }
            if !here.is_empty() {
                remove(&meetings, &IDS).await;
            }
        }
    }
}
