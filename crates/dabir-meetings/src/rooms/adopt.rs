//! Finding the rooms of a supervisor that is gone: to take them over, or only to look.

use std::io;

use tokio::sync::{mpsc, watch};

use super::folder::{Record, RoomFolder};
use super::launch::NONCE_VARIABLE;
use super::process::{Process, with_environment};
use super::task::{Adopted, first_status, kill_all};
use super::{Handle, Phase, RoomStatus, Rooms, Wanted};

impl Rooms {
    /// Takes over every room that lives, whoever started it; a record whose process is gone, or was
    /// of another boot, is removed. Answers the records of the rooms that live.
    ///
    /// `wanted` knows what is wanted of a record's meeting; a room whose meeting nobody knows lives
    /// on until its end as its record has it.
    pub async fn adopt(&self, wanted: impl Fn(&Record) -> Wanted) -> Vec<Record> {
        let mut records = Vec::new();
        for folder in RoomFolder::all(&self.shared.settings.root) {
            let Some(record) = folder.record() else {
                continue;
            };
            match find(&record) {
                Err(error) => {
                    // Nothing is proven, so nothing is touched; its meeting's room waits for the lock.
                    tracing::error!(
                        meeting.id = %record.meeting_id, %error,
                        "the room of {} cannot be examined: {error}", record.meeting_id,
                    );
                }
                Ok(Some(process)) => {
                    records.push(record.clone());
                    self.spawn(wanted(&record), Some(Adopted { process, record }));
                }
                Ok(None) => {
                    tracing::info!(
                        meeting.id = %record.meeting_id,
                        "the room of {} ended while no supervisor lived", record.meeting_id,
                    );
                    if !record.own {
                        // Its guard is gone; what it guarded may not be.
                        kill_all(&record.nonce).await;
                    }
                    folder.remove_record();
                }
            }
        }
        records
    }

    /// Learns of every room that lives without touching one: for whoever works on the data folder
    /// while no supervisor runs. Orders to these rooms go nowhere.
    pub fn look(&self, wanted: impl Fn(&Record) -> Wanted) {
        let settings = &self.shared.settings;
        for folder in RoomFolder::all(&settings.root) {
            let Some(record) = folder.record() else {
                continue;
            };
            // A room that cannot be examined is the next supervisor's matter.
            let Ok(Some(process)) = find(&record) else {
                continue;
            };
            let wanted = wanted(&record);
            let status = RoomStatus {
                phase: Phase::Running,
                ..first_status(settings, &wanted, Some(&Adopted { process, record }))
            };
            let (orders, _) = mpsc::unbounded_channel();
            let (_, status) = watch::channel(status);
            let look = None;
            let handle = Handle {
                orders,
                status,
                look,
            };
            self.lock().insert(wanted.meeting_id, handle);
        }
    }
}

/// The process of a record: by its identity, or, when the supervisor died between start and
/// record, by its nonce.
fn find(record: &Record) -> io::Result<Option<Process>> {
    match &record.process {
        Some(id) => Process::open(id),
        // The oldest is the room itself, the others are its children.
        None => Ok(with_environment(NONCE_VARIABLE, &record.nonce)
            .into_iter()
            .min_by_key(|process| process.id().start_ticks)),
    }
}
