//! What operators do to meetings: make, change, start, stop, extend, remove; and what is refused.

use std::path::PathBuf;

use dabir_core::clock::whole_millis;
use dabir_core::{Actor, Event, Timestamp, new_id};
use dabir_db::audit;
use dabir_http::FieldError;

use crate::audited::{Kept, change};
use crate::error::MeetingError;
use crate::model::{
    Meeting, MeetingPatch, MeetingState, MeetingView, NewMeeting, Override, Source,
};
use crate::service::Meetings;
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
        let meeting = Meeting {
            id: new_id(),
            slug: new_id(),
            name: clean_name(&new.name),
            date_time,
            duration_secs: match (new.end_time, span) {
                (Some(end), _) => end.duration_since(date_time).as_secs(),
                (None, Some(secs)) => i64::try_from(secs).unwrap_or(i64::MAX),
                (None, None) => self.default_duration(),
            },
            extended_secs: 0,
            port: new.port.filter(|port| *port != 0).map(i64::from),
            is_running: new.is_running.unwrap_or(true),
            source: Source::Local,
            external_id: None,
            operator: None,
            gone: false,
            state: MeetingState::Scheduled,
            last_error: None,
            restarts: 0,
            created_at: now,
            revised_at: now,
            ended_at: None,
        };
        let both = new.end_time.is_some() && new.duration.is_some();
        self.check(&meeting, both, now)?;
        let _turn = self.inner.changes.lock().await;
        let kept = Kept {
            action: "meeting.create",
            before: None,
            after: meeting.clone(),
        };
        self.keep(by, vec![kept]).await?;
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
        self.inner.rooms.retry(&view.id);
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
        let _turn = self.inner.changes.lock().await;
        let meeting = self.meeting(word).await?;
        if meeting.source == Source::Django {
            return Err(MeetingError::Upstream("existence"));
        }
        if self.inner.rooms.lives(&meeting.id) {
            return Err(MeetingError::State {
                state: meeting.state,
                hint: "stop it first",
            });
        }
        self.erase(by, "meeting.delete", vec![meeting]).await
    }

    /// Removes meetings that have no room, with what was said in them. The caller holds `changes`.
    pub(crate) async fn erase(
        &self,
        by: &Actor,
        action: &'static str,
        meetings: Vec<Meeting>,
    ) -> Result<(), MeetingError> {
        let tx = self.inner.db.write().await?;
        let ids: Vec<&str> = meetings.iter().map(|one| one.id.as_str()).collect();
        store::delete(&tx, &ids).await?;
        let removed = meetings.iter().map(|one| change(action, Some(one), None));
        audit::append(&tx, self.inner.clock.now(), by, removed.collect()).await?;
        tx.commit().await?;
        for Meeting { id, name, .. } in meetings {
            self.roster().meetings.remove(&id);
            remove_folder(self.inner.rooms.folder(&id)).await;
            self.inner
                .events
                .publish(Event::MeetingRemoved { id, name });
        }
        Ok(())
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

/// Removes a room's folder; one that stays is only disk space, and is told.
async fn remove_folder(folder: PathBuf) {
    let shown = folder.display().to_string();
    match tokio::fs::remove_dir_all(folder).await {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "`{shown}` could not be removed: {error}"),
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
