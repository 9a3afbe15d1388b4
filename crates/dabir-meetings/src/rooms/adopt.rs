//! Taking over the rooms of a supervisor that is gone.

use std::io;

use super::folder::{Record, RoomFolder};
use super::launch::NONCE_VARIABLE;
use super::process::{Process, with_environment};
use super::task::{Adopted, kill_all};
use super::{Rooms, Wanted};

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
