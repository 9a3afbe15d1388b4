//! What a poll's answer changes: rows become meetings, absences are judged, trouble changes nothing.

use std::collections::HashMap;

use dabir_core::{Event, Timestamp};
use futures_util::FutureExt;

use crate::audited::{Kept, source};
use crate::error::MeetingError;
use crate::model::{Meeting, Source};
use crate::reason::Reason;
use crate::service::Meetings;
use crate::source::{FetchError, Fetched, Listed, UpstreamRow};
use crate::store;
use crate::vanish::{VanishGuard, Verdict};

/// How many of the rows that were set aside are kept to be shown.
const SHOWN_BAD_ROWS: usize = 100;

impl Meetings {
    /// Applies one poll.
    ///
    /// # Errors
    /// When the database does not answer; the next poll applies the same list again.
    pub async fn apply(&self, polled: Result<Fetched, FetchError>) -> Result<(), MeetingError> {
        let now = self.inner.clock.now();
        match polled {
            Ok(fetched) => {
                if let Fetched::Changed(listed) = &fetched {
                    self.unless_behind(|| self.apply_list(listed).boxed())
                        .await?;
                }
                self.unless_behind(|| self.judge_absences().boxed()).await?;
                self.tell_source(now, None);
            }
            Err(error) => self.tell_source(now, Some(error.reason())),
        }
        match self.leads_still() {
            true => self.pass_on_source().await,
            false => Ok(()),
        }
    }

    fn tell_source(&self, now: Timestamp, error: Option<Reason>) {
        let before = self.source();
        let ok = error.is_none();
        let failures = if ok { 0 } else { before.failures_in_a_row + 1 };
        let turned = before.last_poll_at.is_none() || before.ok != ok;
        self.inner.metrics.polled(now, ok);
        if turned {
            let url = &before.url;
            match &error {
                None => tracing::info!(url, "the source of meetings answers"),
                Some(error) => tracing::warn!(url, "{error}; meetings go on as they are"),
            }
            let detail = error
                .as_ref()
                .map_or(String::new(), |error| error.text.clone());
            self.inner.events.publish(Event::SourceChanged {
                source: "django".to_owned(),
                ok,
                detail,
            });
        }
        self.set_source(|source| {
            source.ok = ok;
            source.last_poll_at = Some(now);
            source.last_ok_at = if ok { Some(now) } else { source.last_ok_at };
            source.set_error(error);
            source.failures_in_a_row = failures;
        });
    }

    async fn apply_list(&self, listed: &Listed) -> Result<(), MeetingError> {
        let turn = self.turn().await?;
        if !self.leads_still() {
            return Ok(());
        }
        let changed_rows = self.changed_rows(&listed.rows);
        let known = self.known_meetings(&changed_rows).await?;
        let mut kept = Vec::new();
        for row in &changed_rows {
            let before = known.get(&row.external_id).cloned();
            let (action, after) = match &before {
                None => ("meeting.create", Some(self.new_meeting(row))),
                Some(meeting) => ("meeting.change", self.changed_meeting(meeting, row)),
            };
            kept.extend(after.map(|after| Kept {
                action,
                before,
                after,
            }));
        }
        let ids: HashMap<String, String> = known
            .values()
            .chain(kept.iter().map(|kept| &kept.after))
            .filter_map(|meeting| Some((meeting.external_id.clone()?, meeting.id.clone())))
            .collect();
        self.keep(&turn, &source(), kept).await?;
        let mut roster = self.roster();
        for row in changed_rows {
            if let Some(id) = ids.get(&row.external_id) {
                roster
                    .applied
                    .insert(row.external_id.clone(), (row, id.clone()));
            }
        }
        roster.note_list(listed);
        drop(roster);
        self.inner.metrics.set_aside(listed.bad.len());
        self.set_source(|source| {
            source.meetings = listed.rows.len();
            source.set_aside_count = listed.bad.len();
            source.set_aside = listed.bad.iter().take(SHOWN_BAD_ROWS).cloned().collect();
        });
        Ok(())
    }

    /// Rows that say something else than when they were applied last.
    fn changed_rows(&self, rows: &[UpstreamRow]) -> Vec<UpstreamRow> {
        let roster = self.roster();
        let unchanged = |row: &UpstreamRow| {
            roster
                .applied
                .get(&row.external_id)
                .is_some_and(|(applied, id)| {
                    applied == row && roster.meetings.get(id).is_none_or(|meeting| !meeting.gone)
                })
        };
        rows.iter().filter(|row| !unchanged(row)).cloned().collect()
    }

    /// The meetings of these rows, as they are known: external id → meeting.
    async fn known_meetings(
        &self,
        rows: &[UpstreamRow],
    ) -> Result<HashMap<String, Meeting>, MeetingError> {
        let ids: Vec<&str> = rows.iter().map(|row| row.external_id.as_str()).collect();
        let mut known: HashMap<String, Meeting> = HashMap::new();
        for meeting in store::find_external(self.inner.db.read(), &ids).await? {
            known.extend(meeting.external_id.clone().map(|id| (id, meeting)));
        }
        // What the reconciler thinks about is its own copy; both are written together.
        let roster = self.roster();
        for meeting in known.values_mut() {
            if let Some(copy) = roster.meetings.get(&meeting.id) {
                *meeting = copy.clone();
            }
        }
        Ok(known)
    }

    fn new_meeting(&self, row: &UpstreamRow) -> Meeting {
        let (name, now) = (row.name.clone(), self.inner.clock.now());
        let duration_secs = self.default_duration();
        Meeting {
            port: row.port,
            is_running: row.is_running,
            external_id: Some(row.external_id.clone()),
            ..Meeting::new(Source::Django, name, row.date_time, duration_secs, now)
        }
    }

    /// The meeting as the row now has it; `None` when it says nothing new.
    fn changed_meeting(&self, meeting: &Meeting, row: &UpstreamRow) -> Option<Meeting> {
        let moved = meeting.date_time != row.date_time;
        let turned = moved || meeting.is_running != row.is_running || meeting.gone;
        let changed = Meeting {
            name: row.name.clone(),
            date_time: row.date_time,
            duration_secs: self.default_duration(),
            extended_secs: if moved { 0 } else { meeting.extended_secs },
            port: row.port,
            is_running: row.is_running,
            gone: false,
            // The operator spoke against what the source said then.
            operator: if turned { None } else { meeting.operator },
            ..meeting.clone()
        };
        (changed != *meeting).then_some(changed)
    }

    /// Whether no other server led since this one asked the source. Otherwise what it knows of the
    /// source is forgotten: the next lead asks for all of it, also one of the same epoch.
    fn leads_still(&self) -> bool {
        let epoch = self.inner.servers.epoch();
        let mut roster = self.roster();
        let leads = epoch.is_some() && epoch == roster.epoch;
        if !leads {
            roster.epoch = None;
        }
        leads
    }

    /// Decides about the meetings that the newest list does not name.
    async fn judge_absences(&self) -> Result<(), MeetingError> {
        let turn = self.turn().await?;
        if !self.leads_still() {
            return Ok(());
        }
        let mut guard = self.roster().guard.clone();
        let gone = self.believed_gone(&mut guard);
        let vanished = |before: Meeting| Kept {
            action: "meeting.vanish",
            after: Meeting {
                gone: true,
                ..before.clone()
            },
            before: Some(before),
        };
        self.keep(&turn, &source(), gone.into_iter().map(vanished).collect())
            .await?;
        // Only now: what is tried again is judged by the same polls.
        let mut roster = self.roster();
        if roster.guard != guard {
            roster.guard = guard;
            // The plan says who is held, and for how long.
            self.inner.wake.notify_one();
        }
        Ok(())
    }

    fn believed_gone(&self, guard: &mut VanishGuard) -> Vec<Meeting> {
        let roster = self.roster();
        let missing: Vec<Meeting> = roster.missing().into_iter().cloned().collect();
        if missing.is_empty() && guard.holds_nobody() {
            return missing;
        }
        let now = self.inner.clock.now();
        let lives = |meeting: &Meeting| meeting.should_run(now) && self.may_have_a_room(meeting);
        let running = roster
            .meetings
            .values()
            .filter(|m| m.source == Source::Django && lives(m))
            .count();
        drop(roster);
        let (missing_running, missing_idle): (Vec<Meeting>, Vec<Meeting>) =
            missing.into_iter().partition(lives);
        let verdict = self.judge(guard, running, &missing_running);
        let believed = missing_running
            .into_iter()
            .filter(|m| verdict.gone.contains(&m.id));
        believed.chain(missing_idle).collect()
    }

    fn judge(&self, guard: &mut VanishGuard, running: usize, missing: &[Meeting]) -> Verdict {
        let ids: Vec<String> = missing.iter().map(|meeting| meeting.id.clone()).collect();
        let config = self.inner.config.get();
        let verdict = guard.judge(running, &ids, config.vanish_guard, config.vanish_polls);
        if !verdict.held.is_empty() {
            tracing::warn!(
                held = verdict.held.len(),
                running,
                "{} of {running} running meetings vanished from the source's list at once; they are held",
                verdict.held.len(),
            );
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::ourselves;
    use crate::model::MeetingState;
    use crate::model::samples::listed;
    use crate::testing::House;

    fn list(ids: &[&str]) -> Fetched {
        let row = |id: &&str| UpstreamRow {
            external_id: (*id).to_owned(),
            name: format!("Meeting {id}"),
            date_time: listed(id).date_time,
            port: None,
            is_running: true,
        };
        Fetched::Changed(Listed {
            rows: ids.iter().map(row).collect(),
            bad: Vec::new(),
            paged: false,
        })
    }

    async fn leading(house: &House) -> Meetings {
        let meetings = house.meetings().await;
        let epoch = meetings.inner.servers.epoch().unwrap();
        meetings.roster().lead_anew(epoch);
        meetings
    }

    fn gone(meetings: &Meetings) -> usize {
        let roster = meetings.roster();
        roster.meetings.values().filter(|one| one.gone).count()
    }

    #[tokio::test]
    async fn rooms_of_another_server_are_held_as_those_here_are() {
        let house = House::new();
        let meetings = leading(&house).await;
        let running = (0..10).map(|n| Kept {
            action: "meeting.create",
            before: None,
            after: Meeting {
                keeper: Some("there".to_owned()),
                state: MeetingState::Running,
                ..listed(&n.to_string())
            },
        });
        let turn = meetings.turn().await.unwrap();
        let kept = meetings.keep(&turn, &ourselves(), running.collect()).await;
        kept.unwrap();
        drop(turn);
        for expected in [0, 0, 10] {
            meetings.apply(Ok(list(&[]))).await.unwrap();
            assert_eq!(gone(&meetings), expected);
        }
    }

    #[tokio::test]
    async fn whoever_led_when_it_asked_and_leads_no_more_writes_nothing() {
        let house = House::new();
        let meetings = leading(&house).await;
        meetings.roster().epoch = Some(-1);
        meetings.apply(Ok(list(&["1"]))).await.unwrap();
        let roster = meetings.roster();
        assert!(roster.meetings.is_empty());
        assert_eq!(roster.epoch, None, "the next lead asks anew");
    }

    #[tokio::test]
    async fn a_new_lead_reads_rows_anew_that_it_knew_in_an_earlier_one() {
        let house = House::new();
        let meetings = leading(&house).await;
        meetings.apply(Ok(list(&["1"]))).await.unwrap();
        let id = meetings.roster().meetings.keys().next().unwrap().clone();
        let other = house.meetings_of("there").await;
        let off = |meeting: &mut Meeting, _| {
            meeting.is_running = false;
            Ok(())
        };
        let changed = other.update(&ourselves(), "meeting.change", &id, off).await;
        changed.unwrap();
        let again = meetings.inner.servers.epoch().unwrap();
        meetings.roster().lead_anew(again);
        meetings.apply(Ok(list(&["1"]))).await.unwrap();
        assert!(meetings.roster().meetings[&id].is_running);
    }
}
