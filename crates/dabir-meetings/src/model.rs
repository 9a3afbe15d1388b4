//! A meeting: what its source and its operators want of it, and how its room does.

use std::fmt;
use std::net::{AddrParseError, SocketAddr};
use std::str::FromStr;

use dabir_core::{Event, Span, Timestamp, new_id};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::reason::{Facts, Reason};
use crate::rooms::Usage;

/// A meeting as it is wanted. How its room does stands in [`crate::rooms::RoomStatus`].
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    pub id: String,
    /// What `/j/<slug>` is called: nobody can guess it, and it never changes.
    pub slug: String,
    pub name: String,
    pub date_time: Timestamp,
    pub duration_secs: i64,
    /// What operators added to the end.
    pub extended_secs: i64,
    /// The port that was asked for, as it came: it may be out of range. `None` takes a free one.
    pub port: Option<i64>,
    /// What the source says.
    pub is_running: bool,
    pub source: Source,
    /// The source's own name for it.
    pub external_id: Option<String>,
    /// What an operator said against the source; it holds until the source's row changes.
    pub operator: Option<Override>,
    /// The source no longer lists it.
    pub gone: bool,
    pub state: MeetingState,
    pub last_error: Option<Reason>,
    pub restarts: i32,
    pub created_at: Timestamp,
    /// When its name or its time changed last.
    pub revised_at: Timestamp,
    /// When it ended, if it did and was ever on.
    pub ended_at: Option<Timestamp>,
    /// The server that keeps its room, or would.
    pub keeper: Option<String>,
    /// Where other servers reach its room.
    pub room_at: Option<RoomAt>,
}

/// Where a room listens, as its server writes it down for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomAt {
    pub address: SocketAddr,
    /// The machine, as [`crate::Servers`] names it: `127.0.0.1` is another place on each.
    pub machine: String,
}

impl RoomAt {
    /// Its address for whoever is on the machine `here`, if they can reach it.
    #[must_use]
    pub fn from(&self, here: &str) -> Option<SocketAddr> {
        let is_reached = !self.address.ip().is_loopback() || self.machine == here;
        is_reached.then_some(self.address)
    }
}

impl fmt::Display for RoomAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.address, self.machine)
    }
}

impl FromStr for RoomAt {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        let (address, machine) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self {
            address: address.parse()?,
            machine: machine.to_owned(),
        })
    }
}

/// Who made a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Listed by the Django API.
    Django,
    /// Made here.
    Local,
    /// Made here to look around with; goes with all others of its kind.
    Sample,
}

impl Source {
    /// Made here, so that it is changed here too.
    #[must_use]
    pub fn is_here(self) -> bool {
        self != Self::Django
    }
}

/// An operator's word, which counts more than the source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    Start,
    Stop,
}

/// Where a meeting is in its life.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum MeetingState {
    /// Not yet to be run.
    Scheduled,
    /// Its room was started and does not answer yet.
    Starting,
    Running,
    /// Its room was told to end.
    Stopping,
    Ended,
    /// It should run and cannot; `last_error` says why.
    Failed,
    /// It runs although the source stopped listing it, until that is believed.
    Held,
}

impl MeetingState {
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Starting,
        Self::Running,
        Self::Stopping,
        Self::Ended,
        Self::Failed,
        Self::Held,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }
}

impl fmt::Display for MeetingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names none of the known values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of {1}")]
pub struct UnknownWord(pub String, pub &'static str);

impl FromStr for MeetingState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        const KNOWN: &str = "scheduled, starting, running, stopping, ended, failed, held";
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownWord(text.to_owned(), KNOWN))
    }
}

impl Meeting {
    /// A meeting that is made at `now`: it is wanted, takes a free port, and nothing has happened to
    /// it yet.
    #[must_use]
    pub fn new(
        source: Source,
        name: String,
        date_time: Timestamp,
        duration_secs: i64,
        now: Timestamp,
    ) -> Self {
        Self {
            id: new_id(),
            slug: new_id(),
            name,
            date_time,
            duration_secs,
            extended_secs: 0,
            port: None,
            is_running: true,
            source,
            external_id: None,
            operator: None,
            gone: false,
            state: MeetingState::Scheduled,
            last_error: None,
            restarts: 0,
            created_at: now,
            revised_at: now,
            ended_at: None,
            keeper: None,
            room_at: None,
        }
    }

    /// Says that it is other than it was.
    pub(crate) fn changed(&self) -> Event {
        Event::MeetingChanged {
            id: self.id.clone(),
            name: self.name.clone(),
            state: self.state.as_str().to_owned(),
        }
    }

    /// `date_time + duration`, and what was added since.
    #[must_use]
    pub fn end_time(&self) -> Timestamp {
        let secs = self.duration_secs.saturating_add(self.extended_secs);
        self.date_time
            .checked_add(jiff::SignedDuration::from_secs(secs))
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether its room should live at `now`: it is wanted, and its end has not come.
    #[must_use]
    pub fn should_run(&self, now: Timestamp) -> bool {
        self.is_wanted(now) && now < self.end_time()
    }

    /// The operator's word, else the source's; what is made here begins at its `date_time`.
    fn is_wanted(&self, now: Timestamp) -> bool {
        match (self.operator, self.source) {
            (Some(Override::Start), _) => true,
            (Some(Override::Stop), _) => false,
            (None, Source::Django) => self.is_running && !self.gone,
            (None, Source::Local | Source::Sample) => self.is_running && self.date_time <= now,
        }
    }

    /// It as it is to be kept instead of `before`: with the times of what changed just now.
    #[must_use]
    pub(crate) fn stamped(mut self, before: Option<&Self>, now: Timestamp) -> Self {
        let what = |meeting: &Self| (meeting.name.clone(), meeting.date_time, meeting.end_time());
        self.revised_at = before
            .filter(|before| what(before) == what(&self))
            .map_or(now, |before| before.revised_at);
        let was_on = before.is_some_and(Self::was_on);
        self.ended_at = match self.state {
            // What is found ended long afterwards ended when its time was over.
            MeetingState::Ended if was_on => Some(now.min(self.end_time())),
            MeetingState::Ended => self.ended_at,
            _ => None,
        };
        self
    }

    /// Whether its room lived, as far as its state tells.
    fn was_on(&self) -> bool {
        match self.state {
            MeetingState::Scheduled | MeetingState::Ended => false,
            MeetingState::Failed => self.restarts > 0,
            MeetingState::Starting
            | MeetingState::Running
            | MeetingState::Stopping
            | MeetingState::Held => true,
        }
    }

    /// Whether the server `id` keeps its room; one that nobody keeps yet is with whoever has its room.
    pub(crate) fn is_kept_by(&self, id: &str, has_room: bool) -> bool {
        self.keeper.as_ref().map_or(has_room, |keeper| keeper == id)
    }

    /// Whether its room may live, as far as its state tells.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(
            self.state,
            MeetingState::Scheduled | MeetingState::Ended | MeetingState::Failed
        )
    }

    /// Its state while it has no room and nothing failed.
    #[must_use]
    pub fn idle_state(&self, now: Timestamp) -> MeetingState {
        let over = now >= self.end_time() || self.gone || self.operator == Some(Override::Stop);
        let was_on = self.state != MeetingState::Scheduled && self.date_time <= now;
        if over || (was_on && !self.should_run(now)) {
            MeetingState::Ended
        } else {
            MeetingState::Scheduled
        }
    }
}

/// A meeting to be made here.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeeting {
    /// 1 to 200 characters.
    pub name: String,
    /// When it begins; now when not given.
    pub date_time: Option<Timestamp>,
    /// How long it lasts, such as `90m`; `[meetings] duration` when not given.
    #[schema(value_type = Option<String>, example = "1h")]
    pub duration: Option<Span>,
    /// Instead of `duration`: when it ends.
    pub end_time: Option<Timestamp>,
    /// The port its room should have; a free one when missing or 0.
    pub port: Option<u16>,
    /// Whether it begins by itself at `date_time`; yes when not given.
    pub is_running: Option<bool>,
}

/// What to change about a meeting; what is missing stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingPatch {
    pub name: Option<String>,
    pub date_time: Option<Timestamp>,
    #[schema(value_type = Option<String>, example = "1h")]
    pub duration: Option<Span>,
    pub end_time: Option<Timestamp>,
    pub port: Option<u16>,
    pub is_running: Option<bool>,
}

/// A meeting as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingView {
    #[schema(example = "k3v9m2q8xw4t")]
    pub id: String,
    pub name: String,
    pub date_time: Timestamp,
    /// The port its room listens on, or the one it asks for; `null` when any will do.
    pub port: Option<i64>,
    /// Whether its source, or an operator against it, wants it to run.
    pub is_running: bool,
    pub end_time: Timestamp,
    pub state: MeetingState,
    pub source: Source,
    /// The source's own id of it.
    pub external_id: Option<String>,
    /// The room's process.
    pub pid: Option<u32>,
    /// How often its room was started again after a crash.
    pub restarts: i32,
    /// Why it failed, or failed last.
    pub last_error: Option<String>,
    /// A stable word for that, such as `port.taken`.
    #[schema(example = "port.taken")]
    pub last_error_code: Option<String>,
    /// What it speaks of, such as `{"port": 3001, "holder": "process 17 (nginx)"}`.
    #[schema(value_type = Option<Object>)]
    pub last_error_facts: Option<Facts>,
    /// How many people are in the room.
    pub clients: usize,
    /// Its room's own address.
    pub url: String,
    /// Where people come in: the page that waits for the beginning and asks for a name. To be
    /// handed round.
    #[schema(example = "https://meet.example/j/7m2k9x4qv0tc")]
    pub join_url: String,
}

/// One meeting, with what its room takes of the machine.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingDetail {
    #[serde(flatten)]
    pub meeting: MeetingView,
    /// `null` while its room has no process.
    pub process: Option<Usage>,
}

/// Which meetings a list shows, in which order; what is missing does not matter.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {
    /// Only those in one of these states: `running,held`.
    #[serde(default, deserialize_with = "states")]
    #[param(inline, required = false, style = Form, explode = false)]
    pub state: Vec<MeetingState>,
    /// Only those whose name holds this, with Persian and Arabic letters, digits and marks taken
    /// for the same.
    pub search: Option<String>,
    /// Only those that end after this instant.
    pub from: Option<Timestamp>,
    /// Only those that begin before this instant.
    pub to: Option<Timestamp>,
    /// By end, begin or name, with `-` from the latest or last; `-end_time` when not given.
    #[serde(default)]
    #[param(inline, required = false)]
    pub sort: MeetingSort,
}

/// `running,held`
fn states<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MeetingState>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| word.parse().map_err(D::Error::custom))
        .collect()
}

/// The order of a list of meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct MeetingSort {
    pub by: SortBy,
    pub descending: bool,
}

/// What a list of meetings is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    End,
    Begin,
    Name,
}

/// Every order of the list, and its word.
const SORTS: [(&str, SortBy, bool); 6] = [
    ("-end_time", SortBy::End, true),
    ("end_time", SortBy::End, false),
    ("-date_time", SortBy::Begin, true),
    ("date_time", SortBy::Begin, false),
    ("name", SortBy::Name, false),
    ("-name", SortBy::Name, true),
];

impl Default for MeetingSort {
    /// What ends last comes first.
    fn default() -> Self {
        Self {
            by: SortBy::End,
            descending: true,
        }
    }
}

impl TryFrom<String> for MeetingSort {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, UnknownWord> {
        const KNOWN: &str = "-end_time, end_time, -date_time, date_time, name, -name";
        let known = SORTS.iter().find(|(word, ..)| *word == text);
        known
            .map(|&(_, by, descending)| Self { by, descending })
            .ok_or(UnknownWord(text, KNOWN))
    }
}

impl PartialSchema for MeetingSort {
    fn schema() -> RefOr<Schema> {
        let words = SORTS.map(|(word, ..)| word);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words))
            .into()
    }
}

impl ToSchema for MeetingSort {}

/// How many meetings there are, by state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    pub scheduled: u64,
    pub starting: u64,
    pub running: u64,
    pub stopping: u64,
    pub ended: u64,
    pub failed: u64,
    pub held: u64,
}

impl FromIterator<(MeetingState, u64)> for Totals {
    fn from_iter<I: IntoIterator<Item = (MeetingState, u64)>>(counts: I) -> Self {
        let mut totals = Self::default();
        for (state, count) in counts {
            *match state {
                MeetingState::Scheduled => &mut totals.scheduled,
                MeetingState::Starting => &mut totals.starting,
                MeetingState::Running => &mut totals.running,
                MeetingState::Stopping => &mut totals.stopping,
                MeetingState::Ended => &mut totals.ended,
                MeetingState::Failed => &mut totals.failed,
                MeetingState::Held => &mut totals.held,
            } += count;
        }
        totals
    }
}

/// Meetings for the tests of this crate.
#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    /// An hour of Tuesday morning, from 10:00 to 11:00.
    pub(crate) const BEGIN: &str = "2025-06-03T10:00:00Z";

    pub(crate) fn at(time: &str) -> Timestamp {
        format!("2025-06-03T{time}Z")
            .parse()
            .expect("a time of day")
    }

    /// The source's meeting `id`, which the source says runs, on port 3001.
    pub(crate) fn listed(id: &str) -> Meeting {
        Meeting {
            source: Source::Django,
            external_id: Some(id.to_owned()),
            port: Some(3001),
            ..local(id)
        }
    }

    /// A meeting made here, on any port.
    pub(crate) fn local(id: &str) -> Meeting {
        let (name, begin) = (format!("Meeting {id}"), BEGIN.parse().expect("a time"));
        Meeting {
            id: id.to_owned(),
            slug: format!("slug{id}"),
            ..Meeting::new(Source::Local, name, begin, 3_600, begin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{at, listed, local};
    use super::*;

    #[test]
    fn a_meeting_runs_while_it_is_wanted_and_its_end_has_not_come() {
        let start = Some(Override::Start);
        let stop = Some(Override::Stop);
        let m = listed("14");
        #[rustfmt::skip]
        let cases = [
            // Django's word counts at any time before the end, even before the begin.
            (m.clone(), "09:00:00", true),
            (m.clone(), "10:59:59", true),
            (m.clone(), "11:00:00", false),
            (Meeting { is_running: false, ..m.clone() }, "10:30:00", false),
            (Meeting { gone: true, ..m.clone() }, "10:30:00", false),
            (Meeting { extended_secs: 600, ..m.clone() }, "11:09:59", true),
            (Meeting { extended_secs: 600, ..m.clone() }, "11:10:00", false),
            // An operator's word counts more.
            (Meeting { operator: stop, ..m.clone() }, "10:30:00", false),
            (Meeting { operator: start, is_running: false, ..m.clone() }, "10:30:00", true),
            (Meeting { operator: start, gone: true, ..m.clone() }, "10:30:00", true),
            (Meeting { operator: start, ..m }, "11:00:00", false),
            // What is made here begins at its time.
            (local("a"), "09:59:59", false),
            (local("a"), "10:00:00", true),
            (Meeting { operator: start, ..local("a") }, "09:00:00", true),
            (Meeting { is_running: false, ..local("a") }, "10:30:00", false),
        ];
        for (meeting, time, runs) in cases {
            assert_eq!(meeting.should_run(at(time)), runs, "{time}: {meeting:?}");
        }
    }

    #[test]
    fn a_meeting_without_a_room_is_to_come_or_over() {
        use MeetingState::{Ended, Running, Scheduled};
        let was_on = |meeting: Meeting| Meeting {
            state: Running,
            ..meeting
        };
        let off = |meeting: Meeting| Meeting {
            is_running: false,
            ..meeting
        };
        #[rustfmt::skip]
        let cases = [
            (local("a"), "09:00:00", Scheduled),
            (local("a"), "10:30:00", Scheduled),
            (local("a"), "11:00:00", Ended),
            (off(listed("14")), "10:30:00", Scheduled),
            (was_on(off(listed("14"))), "10:30:00", Ended),
            // It was started before its time and turned off again: it may still come.
            (was_on(off(listed("14"))), "09:00:00", Scheduled),
            (Meeting { gone: true, ..listed("14") }, "09:00:00", Ended),
            (Meeting { operator: Some(Override::Stop), ..listed("14") }, "09:00:00", Ended),
        ];
        for (meeting, time, state) in cases {
            assert_eq!(meeting.idle_state(at(time)), state, "{time}: {meeting:?}");
        }
    }

    #[test]
    fn what_is_kept_knows_when_it_was_revised() {
        let old = local("a").stamped(None, at("09:00:00"));
        assert_eq!(old.revised_at, at("09:00:00"));
        let revised = |change: fn(&mut Meeting)| {
            let mut meeting = old.clone();
            change(&mut meeting);
            meeting.stamped(Some(&old), at("10:30:00")).revised_at == at("10:30:00")
        };
        assert!(revised(|meeting| meeting.name.push('B')));
        assert!(revised(|meeting| meeting.extended_secs = 600));
        assert!(revised(|meeting| meeting.date_time = at("10:01:00")));
        assert!(!revised(|meeting| meeting.restarts = 1));
        assert!(!revised(|meeting| meeting.state = MeetingState::Running));
    }

    #[test]
    fn what_was_on_knows_when_it_ended() {
        use MeetingState::{Ended, Failed, Running, Scheduled, Starting};
        let check = |from, to, time: &str, expected: Option<&str>| {
            let before = Meeting {
                state: from,
                ..local("a")
            };
            let after = Meeting {
                state: to,
                ..before.clone()
            };
            let ended_at = after.stamped(Some(&before), at(time)).ended_at;
            assert_eq!(ended_at, expected.map(at), "{from} {to} {time}");
        };
        check(Running, Ended, "10:30:00", Some("10:30:00"));
        check(Running, Ended, "12:00:00", Some("11:00:00"));
        check(Running, Running, "10:30:00", None);
        check(Scheduled, Ended, "10:30:00", None);
        check(Failed, Ended, "10:30:00", None);
        let ended = Meeting {
            state: Ended,
            ended_at: Some(at("10:15:00")),
            ..local("a")
        };
        let later = ended.clone().stamped(Some(&ended), at("12:00:00"));
        assert_eq!(later.ended_at, ended.ended_at);
        let again = Meeting {
            state: Starting,
            ..ended.clone()
        };
        assert_eq!(again.stamped(Some(&ended), at("10:30:00")).ended_at, None);
    }

    #[test]
    fn an_end_beyond_time_itself_is_the_end_of_time() {
        let meeting = Meeting {
            duration_secs: i64::MAX,
            extended_secs: i64::MAX,
            ..local("a")
        };
        assert_eq!(meeting.end_time(), Timestamp::MAX);
    }
}
