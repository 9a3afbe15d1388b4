//! What the supervisor would do now, and why: the list as it is wanted, the rooms as they are,
//! and the difference. No I/O: `dabir meeting plan` prints exactly what the reconciler then does.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::PortConflict;
use crate::model::{Meeting, Override, Source};
use crate::rooms::{Phase, RoomStatus};

/// A meeting, the room it has, and how many polls agree that it vanished.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    pub meeting: &'a Meeting,
    pub room: Option<RoomStatus>,
    pub held_polls: Option<u32>,
}

/// The rules that hold for all meetings.
#[derive(Clone, Debug)]
pub struct Rules {
    pub ports: RangeInclusive<u16>,
    pub port_conflict: PortConflict,
    pub vanish_polls: u32,
}

/// What is done about one meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start its room, on this port or on any free one.
    Start { port: Option<u16> },
    /// It cannot be started as it is wanted.
    Fail,
    /// Its room goes on.
    Keep,
    /// Its room goes on until another time.
    Update,
    /// Its room goes on although the source stopped listing it.
    Hold,
    /// Its room ends.
    Stop,
    /// Nothing is to be done: it is not its time, or it is over.
    Rest,
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub action: Action,
    pub reason: String,
}

/// One line of the plan as the API and the command line show it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    pub id: String,
    pub external_id: Option<String>,
    pub name: String,
    /// `start`, `fail`, `keep`, `update`, `hold`, `stop` or `rest`.
    pub action: String,
    pub reason: String,
}

impl Action {
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Fail => "fail",
            Self::Keep => "keep",
            Self::Update => "update",
            Self::Hold => "hold",
            Self::Stop => "stop",
            Self::Rest => "rest",
        }
    }
}

/// The plan for all meetings, in their order.
#[must_use]
pub fn plan(now: Timestamp, known: &[Known<'_>], rules: &Rules) -> Vec<Step> {
    let claims = claims(now, known);
    known
        .iter()
        .map(|one| {
            let (action, reason) = decide(now, one, rules, &claims);
            Step {
                id: one.meeting.id.clone(),
                action,
                reason,
            }
        })
        .collect()
}

/// Port → who gets it when several meetings ask for it: the one whose room is there already, else
/// the one that begins first.
type Claims<'a> = HashMap<i64, &'a Known<'a>>;

fn claims<'a>(now: Timestamp, known: &'a [Known<'a>]) -> Claims<'a> {
    let mut claims: Claims<'a> = HashMap::new();
    for one in known.iter().filter(|one| one.meeting.should_run(now)) {
        let Some(port) = one.meeting.port else {
            continue;
        };
        let holder = claims.entry(port).or_insert(one);
        if rank(one) < rank(holder) {
            *holder = one;
        }
    }
    claims
}

fn rank<'a>(known: &'a Known<'_>) -> (bool, Timestamp, &'a str) {
    let lives = known.room.as_ref().is_some_and(RoomStatus::is_alive);
    (!lives, known.meeting.date_time, &known.meeting.id)
}

fn decide(
    now: Timestamp,
    known: &Known<'_>,
    rules: &Rules,
    claims: &Claims<'_>,
) -> (Action, String) {
    let wanted = known.meeting.should_run(now);
    match (&known.room, wanted) {
        (None, false) => (Action::Rest, why_not(now, known.meeting)),
        (Some(_), false) => (Action::Stop, why_not(now, known.meeting)),
        (None, true) => start(known.meeting, rules, claims),
        (Some(room), true) => go_on(known, room, rules),
    }
}

fn go_on(known: &Known<'_>, room: &RoomStatus, rules: &Rules) -> (Action, String) {
    let end = known.meeting.end_time();
    if room.ends_at != end {
        return (
            Action::Update,
            format!("it now ends at {end}, its room knows {}", room.ends_at),
        );
    }
    let port = known.meeting.port.and_then(|port| u16::try_from(port).ok());
    if room.phase == Phase::Failed && room.asked_port != port {
        return (
            Action::Stop,
            "it asks for another port now; its room is tried there".to_owned(),
        );
    }
    if let Some(polls) = known.held_polls {
        let needed = rules.vanish_polls;
        let reason = format!(
            "the source stopped listing it together with others; {polls} of {needed} polls agree"
        );
        return (Action::Hold, reason);
    }
    let reason = match (room.phase, &room.last_error) {
        (Phase::Failed, Some(error)) => error.clone(),
        (Phase::Stopping, _) => "its room is still ending and starts again after that".to_owned(),
        (_, Some(error)) if room.pid.is_none() => error.clone(),
        _ => match (known.meeting.port, room.port) {
            (Some(wanted), Some(port)) if wanted != i64::from(port) => {
                format!("its room is on port {port}; port {wanted} counts from the next start")
            }
            _ => format!("its room runs until {end}"),
        },
    };
    (Action::Keep, reason)
}

fn start(meeting: &Meeting, rules: &Rules, claims: &Claims<'_>) -> (Action, String) {
    let why = match (meeting.operator, meeting.source) {
        (Some(Override::Start), _) => "an operator started it",
        (_, Source::Django) => "the source says that it runs",
        (_, Source::Local) => "its time has come",
    };
    let Some(port) = meeting.port else {
        return (
            Action::Start { port: None },
            format!("{why}; it takes a free port"),
        );
    };
    match (
        port_in_range(port, meeting, rules, claims),
        rules.port_conflict,
    ) {
        (Ok(port), _) => (
            Action::Start { port: Some(port) },
            format!("{why}, on port {port}"),
        ),
        (Err(conflict), PortConflict::Fail) => (Action::Fail, conflict),
        (Err(conflict), PortConflict::Reassign) => (
            Action::Start { port: None },
            format!("{why}; {conflict}, so it takes a free port"),
        ),
    }
}

/// The port, when it is in range and nobody else's; the conflict in words otherwise.
fn port_in_range(
    port: i64,
    meeting: &Meeting,
    rules: &Rules,
    claims: &Claims<'_>,
) -> Result<u16, String> {
    let (low, high) = (rules.ports.start(), rules.ports.end());
    let in_range = u16::try_from(port)
        .ok()
        .filter(|port| rules.ports.contains(port));
    let Some(number) = in_range else {
        return Err(format!("port {port} is outside {low}–{high}"));
    };
    match claims.get(&port) {
        Some(other) if other.meeting.id != meeting.id => {
            let other = other.meeting;
            Err(format!(
                "port {port} is claimed by “{}” ({}) too",
                other.name,
                other.shown_id()
            ))
        }
        _ => Ok(number),
    }
}

fn why_not(now: Timestamp, meeting: &Meeting) -> String {
    let end = meeting.end_time();
    if now >= end {
        return format!("it ended at {end}");
    }
    if meeting.operator == Some(Override::Stop) {
        return "an operator stopped it".to_owned();
    }
    match meeting.source {
        Source::Django if meeting.gone => "the source no longer lists it".to_owned(),
        Source::Django => "the source says that it does not run".to_owned(),
        Source::Local if meeting.is_running => format!("it begins at {}", meeting.date_time),
        Source::Local => "it was not started".to_owned(),
    }
}

impl Meeting {
    /// The id that its people know: the source's, else ours.
    #[must_use]
    pub fn shown_id(&self) -> &str {
        self.external_id.as_deref().unwrap_or(&self.id)
    }
}
