//! Meetings to look around with: put there together, and taken away together without a trace.

use std::time::Duration;

use dabir_core::{Actor, Timestamp};
use tokio::time::{Instant, sleep};

use crate::audited::Kept;
use crate::error::MeetingError;
use crate::model::{Meeting, Override, Source};
use crate::service::Meetings;
use crate::store;

/// A meeting to look around with.
#[derive(Clone, Debug)]
pub struct Sample {
    pub name: String,
    pub date_time: Timestamp,
    pub duration_secs: i64,
}

/// The longest grace that is waited for: whoever asks is not kept longer, and may ask again.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much longer than its grace a room may take to end.
const LATE: Duration = Duration::from_secs(5);
/// How often it is looked whether the rooms are gone.
const LOOK: Duration = Duration::from_millis(20);

impl Meetings {
    /// How many sample meetings there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn samples(&self) -> Result<usize, MeetingError> {
        Ok(self.sample_meetings().await?.len())
    }

    /// Adds these meetings, unless there are samples already; answers whether it did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_samples(
        &self,
        by: &Actor,
        samples: Vec<Sample>,
    ) -> Result<bool, MeetingError> {
        let turn = self.turn().await?;
        if !self.sample_meetings().await?.is_empty() {
            return Ok(false);
        }
        let now = self.inner.clock.now();
        let kept = samples.into_iter().map(|sample| Kept {
            action: "sample.add",
            before: None,
            after: meeting_of(sample, now),
        });
        self.keep(&turn, by, kept.collect()).await?;
        Ok(true)
    }

    /// Ends the samples' rooms, then removes every sample with what was said in it.
    ///
    /// # Errors
    /// When a room does not end: nothing is removed then, and it can be tried again.
    pub async fn remove_samples(&self, by: &Actor) -> Result<(), MeetingError> {
        let living = self.stop_samples(by).await?;
        self.wait_for_the_end(&living).await;
        let turn = self.turn().await?;
        let samples = self.sample_meetings().await?;
        if let Some(lives) = samples.iter().find(|one| self.lives(one)) {
            return Err(MeetingError::State {
                state: lives.state,
                hint: "its room did not end, and no sample was removed; try again",
            });
        }
        self.erase(&turn, by, "sample.remove", samples).await
    }

    /// Has the samples that run, or are about to, run no more; answers whose rooms live.
    async fn stop_samples(&self, by: &Actor) -> Result<Vec<String>, MeetingError> {
        let turn = self.turn().await?;
        let now = self.inner.clock.now();
        let samples = self.sample_meetings().await?;
        let wanted = samples.iter().filter(|one| one.should_run(now));
        let stopped = wanted.map(|before| Kept {
            action: "meeting.stop",
            before: Some(before.clone()),
            after: Meeting {
                operator: Some(Override::Stop),
                ..before.clone()
            },
        });
        self.keep(&turn, by, stopped.collect()).await?;
        let rooms = &self.inner.rooms;
        let ids = samples.into_iter().map(|one| one.id);
        let living: Vec<String> = ids.filter(|id| rooms.lives(id)).collect();
        for id in &living {
            rooms.stop(id, "the sample data is removed");
        }
        Ok(living)
    }

    async fn wait_for_the_end(&self, living: &[String]) {
        let grace = self.inner.config.get().stop_grace.get();
        let deadline = Instant::now() + longest_wait(grace);
        let rooms = &self.inner.rooms;
        while living.iter().any(|id| rooms.lives(id)) && Instant::now() < deadline {
            sleep(LOOK).await;
        }
    }

    /// Every sample, as the reconciler has it.
    async fn sample_meetings(&self) -> Result<Vec<Meeting>, MeetingError> {
        let mut samples = store::of_source(self.inner.db.read(), Source::Sample).await?;
        let roster = self.roster();
        for sample in &mut samples {
            if let Some(copy) = roster.meetings.get(&sample.id) {
                *sample = copy.clone();
            }
        }
        Ok(samples)
    }
}

/// How long rooms that have this grace are waited for.
fn longest_wait(grace: Duration) -> Duration {
    grace.min(PATIENCE) + LATE
}

fn meeting_of(sample: Sample, now: Timestamp) -> Meeting {
    let Sample {
        name,
        date_time,
        duration_secs,
    } = sample;
    let meeting = Meeting::new(Source::Sample, name, date_time, duration_secs, now);
    let state = meeting.idle_state(now);
    Meeting { state, ..meeting }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_an_hour_of_grace() {
        let waits = [2, 10, 3_600].map(|grace| longest_wait(Duration::from_secs(grace)).as_secs());
        assert_eq!(waits, [7, 15, 15]);
    }
}
