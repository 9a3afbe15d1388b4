//! The meetings that are not over, in memory: what the reconciler thinks about. The database has
//! all of them; this is its working copy, and only [`crate::Meetings`] changes both.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dabir_core::Timestamp;

use crate::model::{Meeting, MeetingState, Override, Source};
use crate::plan::Known;
use crate::rooms::RoomStatus;
use crate::source::{Listed, UpstreamRow};
use crate::vanish::VanishGuard;

/// The working copy.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) meetings: BTreeMap<String, Meeting>,
    /// The change of the database that this is as of.
    pub(crate) revision: i64,
    pub(crate) guard: VanishGuard,
    /// Those whose time has come and that cannot begin while this server is cut off.
    pub(crate) held_back: BTreeSet<String>,
    /// The lead that what is known of the source is of.
    pub(crate) epoch: Option<i64>,
    /// Each row of the source as it was last applied, with our id of it: what has not changed
    /// since need not be thought about.
    pub(crate) applied: HashMap<String, (UpstreamRow, String)>,
    /// What the newest lists say of absences.
    listed: Option<ListedIds>,
}

/// Whom a list names.
#[derive(Debug)]
struct ListedIds {
    ids: HashSet<String>,
    /// Whether every row was read, so that whoever is not among the ids was not on the list.
    whole: bool,
    /// Whom the list before named, when it has a say: a list of several pages proves an absence
    /// only together with the one before it.
    before: Option<HashSet<String>>,
    /// Whether a meeting that is not named is really absent.
    proves_absence: bool,
}

impl ListedIds {
    fn lacks(&self, id: &str) -> bool {
        let named_before = self.before.as_ref().is_some_and(|ids| ids.contains(id));
        !named_before && !self.ids.contains(id)
    }
}

impl Roster {
    pub(crate) fn of(meetings: Vec<Meeting>, revision: i64) -> Self {
        let meetings = meetings.into_iter().map(|one| (one.id.clone(), one));
        Self {
            meetings: meetings.collect(),
            revision,
            ..Self::default()
        }
    }

    /// A new lead knows nothing of the source: another server may have heard from it since.
    pub(crate) fn lead_anew(&mut self, epoch: i64) {
        self.epoch = Some(epoch);
        self.guard = VanishGuard::default();
        self.applied.clear();
        self.listed = None;
    }

    /// Notes whom the newest list names, and forgets the rows that it no longer has.
    pub(crate) fn note_list(&mut self, listed: &Listed) {
        let before = self.listed.take().filter(|before| before.whole);
        let good = listed.rows.iter().map(|row| &row.external_id);
        // A row that was set aside still says that its meeting is there.
        let bad = listed.bad.iter().filter_map(|row| row.external_id.as_ref());
        let ids: HashSet<String> = good.chain(bad).cloned().collect();
        self.applied.retain(|id, _| ids.contains(id));
        let whole = listed.proves_absence();
        self.listed = Some(ListedIds {
            ids,
            whole,
            proves_absence: whole && (before.is_some() || !listed.paged),
            before: before.filter(|_| listed.paged).map(|before| before.ids),
        });
    }

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
                let id = meeting.external_id.as_ref();
                id.is_some_and(|id| listed.lacks(id))
            })
            .collect()
    }

    /// What the plan of the server `here` is made of.
    pub(crate) fn known(&self, here: &str, rooms: &BTreeMap<String, RoomStatus>) -> Vec<Known<'_>> {
        self.meetings
            .values()
            .map(|meeting| Known {
                meeting,
                is_here: meeting.is_kept_by(here, rooms.contains_key(&meeting.id)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::{at, listed, local};
    use crate::source::BadRow;

    fn list(ids: &[&str], paged: bool) -> Listed {
        let row = |id: &&str| {
            let meeting = listed(id);
            UpstreamRow {
                external_id: (*id).to_owned(),
                name: meeting.name,
                date_time: meeting.date_time,
                port: meeting.port,
                is_running: true,
            }
        };
        Listed {
            rows: ids.iter().map(row).collect(),
            bad: Vec::new(),
            paged,
        }
    }

    fn roster(ids: &[&str]) -> Roster {
        Roster::of(ids.iter().map(|id| listed(id)).collect(), 0)
    }

    fn missing(roster: &Roster) -> Vec<&str> {
        let missing = roster.missing();
        missing.iter().map(|meeting| meeting.id.as_str()).collect()
    }

    #[test]
    fn a_list_of_one_page_is_believed_at_once() {
        let mut roster = roster(&["1", "2"]);
        assert!(missing(&roster).is_empty(), "before any list");
        roster.note_list(&list(&["1"], false));
        assert_eq!(missing(&roster), ["2"]);
    }

    #[test]
    fn lists_of_several_pages_are_believed_when_two_agree() {
        let mut roster = roster(&["1", "2", "3"]);
        roster.note_list(&list(&["1"], true));
        assert!(missing(&roster).is_empty(), "the first proves nothing");
        roster.note_list(&list(&["1", "3"], true));
        assert_eq!(missing(&roster), ["2"], "3 was only on the move");
        roster.note_list(&list(&["1", "2"], true));
        assert!(missing(&roster).is_empty(), "3 was there a poll ago");
        roster.note_list(&list(&["1", "2"], true));
        assert_eq!(missing(&roster), ["3"]);
        let unreadable = BadRow {
            index: 1,
            external_id: None,
            reason: "no id".to_owned(),
        };
        roster.note_list(&Listed {
            bad: vec![unreadable],
            ..list(&["1"], true)
        });
        roster.note_list(&list(&["1"], true));
        assert!(
            missing(&roster).is_empty(),
            "2 may be the row without an id"
        );
    }

    #[test]
    fn whoever_was_set_aside_is_there_and_an_unreadable_row_may_be_anybody() {
        let bad = |id: Option<&str>| BadRow {
            index: 1,
            external_id: id.map(str::to_owned),
            reason: "no date".to_owned(),
        };
        let mut roster = roster(&["1", "2", "3"]);
        for (id, gone) in [(Some("2"), vec!["3"]), (None, vec![])] {
            roster.note_list(&Listed {
                bad: vec![bad(id)],
                ..list(&["1"], false)
            });
            assert_eq!(missing(&roster), gone);
        }
    }

    #[test]
    fn only_the_sources_own_meetings_can_be_missing() {
        let mut roster = roster(&["1"]);
        let started = Meeting {
            operator: Some(Override::Start),
            ..listed("2")
        };
        for meeting in [started, local("3")] {
            roster.meetings.insert(meeting.id.clone(), meeting);
        }
        roster.note_list(&list(&[], false));
        assert_eq!(missing(&roster), ["1"]);
    }

    #[test]
    fn what_the_source_no_longer_lists_is_not_kept_as_applied() {
        let mut roster = roster(&[]);
        for row in list(&["1", "2"], false).rows {
            let id = row.external_id.clone();
            roster.applied.insert(id.clone(), (row, id));
        }
        roster.note_list(&list(&["1"], false));
        assert_eq!(roster.applied.keys().collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn time_turns_at_the_next_begin_or_end_and_forgets_what_is_over() {
        let mut roster = roster(&["1"]);
        let later = Meeting {
            date_time: at("10:30:00"),
            ..local("2")
        };
        roster.meetings.insert("2".to_owned(), later);
        assert_eq!(roster.next_turn(at("09:00:00")), Some(at("10:00:00")));
        assert_eq!(roster.next_turn(at("10:00:00")), Some(at("10:30:00")));
        assert_eq!(roster.next_turn(at("10:30:00")), Some(at("11:00:00")));
        assert_eq!(roster.next_turn(at("11:30:00")), None);

        for meeting in roster.meetings.values_mut() {
            meeting.state = MeetingState::Ended;
        }
        roster.forget_finished(at("11:00:00"), &BTreeMap::new());
        assert_eq!(roster.meetings.keys().collect::<Vec<_>>(), ["2"]);
    }
}
