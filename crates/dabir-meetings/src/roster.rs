//! The meetings that are not over, in memory: what the reconciler thinks about. The database has
//! all of them; this is its working copy, and only [`crate::Meetings`] changes both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dabir_core::Timestamp;

use crate::model::{Meeting, MeetingState, Override, Source};
use crate::plan::Known;
use crate::rooms::RoomStatus;
use crate::source::{BadRow, UpstreamRow};
use crate::vanish::VanishGuard;

/// The working copy.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) meetings: BTreeMap<String, Meeting>,
    pub(crate) guard: VanishGuard,
    /// Each row of the source as it was last applied, with our id of it: what has not changed
    /// since need not be thought about.
    pub(crate) applied: HashMap<String, (UpstreamRow, String)>,
    /// What the newest list said of absences.
    pub(crate) listed: Option<ListedIds>,
}

/// Whom a list names.
#[derive(Clone, Debug)]
pub(crate) struct ListedIds {
    ids: BTreeSet<String>,
    /// Whether a meeting that is not named is really absent.
    pub(crate) proves_absence: bool,
}

impl ListedIds {
    pub(crate) fn new(rows: &[UpstreamRow], bad: &[BadRow], proves_absence: bool) -> Self {
        let good = rows.iter().map(|row| row.external_id.clone());
        // A row that was set aside still says that its meeting is there.
        let bad = bad.iter().filter_map(|row| row.external_id.clone());
        Self {
            ids: good.chain(bad).collect(),
            proves_absence,
        }
    }
}

impl Roster {
    /// The source's meetings that the newest list does not name.
    pub(crate) fn missing(&self) -> Vec<&Meeting> {
        let Some(listed) = self.listed.as_ref().filter(|listed| listed.proves_absence) else {
            return Vec::new();
        };
        self.meetings
            .values()
            .filter(|meeting| meeting.source == Source::Django && !meeting.gone)
            // An operator said that it runs, whatever the list says.
            .filter(|meeting| meeting.operator != Some(Override::Start))
            .filter(|meeting| {
                meeting
                    .external_id
                    .as_ref()
                    .is_some_and(|id| !listed.ids.contains(id))
            })
            .collect()
    }

    /// What the plan is made of.
    pub(crate) fn known(&self, rooms: &BTreeMap<String, RoomStatus>) -> Vec<Known<'_>> {
        self.meetings
            .values()
            .map(|meeting| Known {
                meeting,
                room: rooms.get(&meeting.id).cloned(),
                held_polls: self.guard.polls(&meeting.id),
            })
            .collect()
    }

    /// The next instant at which time alone changes something.
    pub(crate) fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let turns = self
            .meetings
            .values()
            .flat_map(|meeting| [meeting.date_time, meeting.end_time()]);
        turns.filter(|at| *at > now).min()
    }

    /// Forgets what is over and has no room; the database remembers it.
    pub(crate) fn forget_finished(&mut self, now: Timestamp, rooms: &BTreeMap<String, RoomStatus>) {
        self.meetings.retain(|id, meeting| {
            let over = meeting.state == MeetingState::Ended && now >= meeting.end_time();
            !over || rooms.contains_key(id)
        });
    }
}
