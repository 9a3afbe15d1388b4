//! What the supervisor would do now, and why: the list as it is wanted, the rooms as they are,
//! and the difference. No I/O: `dabir meeting plan` prints exactly what the reconciler then does.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::config::PortConflict;
use crate::model::{Meeting, Override, Source};
use crate::reason::{Facts, Reason};
use crate::rooms::{Phase, RoomStatus};

/// A meeting, the room it has, and how many polls agree that it vanished.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    pub meeting: &'a Meeting,
    /// Whether this server keeps its room, or is to.
    pub is_here: bool,
    pub room: Option<RoomStatus>,
    pub held_polls: Option<u32>,
}

/// The rules that hold for all meetings.
#[derive(Clone, Debug)]
pub struct Rules {
    pub ports: RangeInclusive<u16>,
    pub port_conflict: PortConflict,
    pub vanish_polls: u32,
    /// Whether nothing may begin, as this server does not know what others do.
    pub is_cut_off: bool,
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

/// Why a room ends whose people are to follow it.
pub(crate) const MOVED: &str = "another server keeps its room now";

/// Why nothing begins for now.
pub(crate) const CUT_OFF: &str = "room.cut_off";
pub(crate) const CUT_OFF_TEXT: &str =
    "the database does not answer, and another server may have it by now";

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub action: Action,
    pub reason: Reason,
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
    /// A stable word for the reason, such as `port.out_of_range`.
    #[schema(example = "port.out_of_range")]
    pub code: String,
    /// What the reason speaks of, such as `{"port": 80, "low": 3000, "high": 9000}`.
    #[schema(value_type = Object)]
    pub facts: Facts,
}

/// Which steps a plan shows; what is missing does not matter.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlanFilter {
    /// Only the meeting with this id.
    pub meeting: Option<String>,
    /// Only this action: `start`, `fail`, `keep`, `update`, `hold`, `stop` or `rest`.
    pub action: Option<String>,
}

impl PlanFilter {
    pub(crate) fn passes(&self, step: &Step) -> bool {
        let is = |wanted: &Option<String>, word: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == word)
        };
        is(&self.meeting, &step.id) && is(&self.action, step.action.as_str())
    }
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
    let wanted = |one: &&Known<'_>| one.is_here && one.meeting.should_run(now);
    for one in known.iter().filter(wanted) {
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
) -> (Action, Reason) {
    if !known.is_here {
        return elsewhere(now, known);
    }
    let wanted = known.meeting.should_run(now);
    match (&known.room, wanted) {
        (None, false) => (Action::Rest, why_not(now, known.meeting)),
        (Some(_), false) => (Action::Stop, why_not(now, known.meeting)),
        (None, true) => match start(known.meeting, rules, claims) {
            (Action::Start { .. }, _) if rules.is_cut_off => {
                (Action::Rest, Reason::new(CUT_OFF, CUT_OFF_TEXT))
            }
            started => started,
        },
        (Some(room), true) => go_on(known, room, rules),
    }
}

/// What is done about a meeting that another server keeps, or will.
fn elsewhere(now: Timestamp, known: &Known<'_>) -> (Action, Reason) {
    match &known.room {
        Some(_) => (Action::Stop, Reason::new("room.moved", MOVED)),
        None if known.meeting.should_run(now) => {
            let text = "another server keeps its room, or is about to";
            (Action::Rest, Reason::new("room.elsewhere", text))
        }
        None => (Action::Rest, why_not(now, known.meeting)),
    }
}

fn go_on(known: &Known<'_>, room: &RoomStatus, rules: &Rules) -> (Action, Reason) {
    let end = known.meeting.end_time();
    if room.ends_at != end {
        let text = format!("it now ends at {end}, its room knows {}", room.ends_at);
        let reason = Reason::new("end.moved", text).with("end", end.to_string());
        return (Action::Update, reason);
    }
    let port = known.meeting.port.and_then(|port| u16::try_from(port).ok());
    if room.phase == Phase::Failed && room.asked_port != port {
        let text = "it asks for another port now; its room is tried there";
        return (Action::Stop, Reason::new("port.moved", text));
    }
    if let Some(polls) = known.held_polls {
        return (Action::Hold, held(polls, rules.vanish_polls));
    }
    let reason = match (room.phase, &room.last_error) {
        (Phase::Failed, Some(error)) => error.clone(),
        (Phase::Stopping, _) => Reason::new(
            "room.stopping",
            "its room is still ending and starts again after that",
        ),
        (_, Some(error)) if room.pid.is_none() => error.clone(),
        _ => runs(known.meeting, room),
    };
    (Action::Keep, reason)
}

fn held(polls: u32, needed: u32) -> Reason {
    let text = format!(
        "the source stopped listing it together with others; {polls} of {needed} polls agree"
    );
    Reason::new("source.held", text)
        .with("polls", polls)
        .with("needed", needed)
}

fn runs(meeting: &Meeting, room: &RoomStatus) -> Reason {
    match (meeting.port, room.port) {
        (Some(wanted), Some(port)) if wanted != i64::from(port) => {
            let text =
                format!("its room is on port {port}; port {wanted} counts from the next start");
            Reason::new("port.later", text)
                .with("port", port)
                .with("wanted", wanted)
        }
        _ => {
            let end = meeting.end_time();
            Reason::new("room.runs", format!("its room runs until {end}"))
                .with("end", end.to_string())
        }
    }
}

fn start(meeting: &Meeting, rules: &Rules, claims: &Claims<'_>) -> (Action, Reason) {
    let (code, why) = match (meeting.operator, meeting.source) {
        (Some(Override::Start), _) => ("operator.started", "an operator started it"),
        (_, Source::Django) => ("source.on", "the source says that it runs"),
        (_, Source::Local | Source::Sample) => ("time.come", "its time has come"),
    };
    let Some(port) = meeting.port else {
        let reason = Reason::new(code, format!("{why}; it takes a free port"));
        return (Action::Start { port: None }, reason);
    };
    match (
        port_in_range(port, meeting, rules, claims),
        rules.port_conflict,
    ) {
        (Ok(port), _) => {
            let reason = Reason::new(code, format!("{why}, on port {port}")).with("port", port);
            (Action::Start { port: Some(port) }, reason)
        }
        (Err(conflict), PortConflict::Fail) => (Action::Fail, conflict),
        (Err(conflict), PortConflict::Reassign) => {
            let text = format!("{why}; {conflict}, so it takes a free port");
            let reason = Reason::new("port.reassigned", text).with("port", port);
            (Action::Start { port: None }, reason)
        }
    }
}

/// The port, when it is in range and nobody else's; the conflict otherwise.
fn port_in_range(
    port: i64,
    meeting: &Meeting,
    rules: &Rules,
    claims: &Claims<'_>,
) -> Result<u16, Reason> {
    let (low, high) = (rules.ports.start(), rules.ports.end());
    let in_range = u16::try_from(port)
        .ok()
        .filter(|port| rules.ports.contains(port));
    let Some(number) = in_range else {
        let text = format!("port {port} is outside {low}–{high}");
        return Err(Reason::new("port.out_of_range", text)
            .with("port", port)
            .with("low", *low)
            .with("high", *high));
    };
    match claims.get(&port) {
        Some(other) if other.meeting.id != meeting.id => {
            let (name, id) = (&other.meeting.name, other.meeting.shown_id());
            let text = format!("port {port} is claimed by “{name}” ({id}) too");
            Err(Reason::new("port.claimed", text)
                .with("port", port)
                .with("name", name.as_str())
                .with("id", id))
        }
        _ => Ok(number),
    }
}

fn why_not(now: Timestamp, meeting: &Meeting) -> Reason {
    let (begin, end) = (meeting.date_time, meeting.end_time());
    if now >= end {
        let over = Reason::new("time.over", format!("it ended at {end}"));
        return over.with("end", end.to_string());
    }
    if meeting.operator == Some(Override::Stop) {
        return Reason::new("operator.stopped", "an operator stopped it");
    }
    match meeting.source {
        Source::Django if meeting.gone => {
            Reason::new("source.vanished", "the source no longer lists it")
        }
        Source::Django => Reason::new("source.off", "the source says that it does not run"),
        Source::Local | Source::Sample if meeting.is_running => {
            let ahead = Reason::new("time.ahead", format!("it begins at {begin}"));
            ahead.with("begin", begin.to_string())
        }
        Source::Local | Source::Sample => Reason::new("operator.idle", "it was not started"),
    }
}

impl Meeting {
    /// The id that its people know: the source's, else ours.
    #[must_use]
    pub fn shown_id(&self) -> &str {
        self.external_id.as_deref().unwrap_or(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::model::samples::{at, listed, local};

    const RULES: Rules = Rules {
        ports: 3000..=9000,
        port_conflict: PortConflict::Fail,
        vanish_polls: 3,
        is_cut_off: false,
    };
    const REASSIGN: Rules = Rules {
        port_conflict: PortConflict::Reassign,
        ..RULES
    };

    fn room(meeting: &Meeting) -> RoomStatus {
        RoomStatus {
            phase: Phase::Running,
            pid: Some(42),
            port: meeting.port.and_then(|port| u16::try_from(port).ok()),
            host: Ipv4Addr::LOCALHOST.into(),
            ends_at: meeting.end_time(),
            restarts: 0,
            last_error: None,
            clients: 0,
            asked_port: meeting.port.and_then(|port| u16::try_from(port).ok()),
            own: true,
        }
    }

    fn known(meeting: &Meeting, room: Option<RoomStatus>) -> Known<'_> {
        Known {
            meeting,
            is_here: true,
            room,
            held_polls: None,
        }
    }

    /// The one step about `known` at `time`: its action, and a word of its reason.
    #[track_caller]
    fn check(time: &str, known: Known<'_>, rules: &Rules, action: &Action, word: &str) {
        let steps = plan(at(time), &[known], rules);
        let Reason { code, text, .. } = &steps[0].reason;
        assert_eq!(&steps[0].action, action, "{text}");
        assert!(text.contains(word) || code == word, "{code}: {text}");
    }

    #[test]
    fn a_meeting_without_a_room_gets_one_in_its_time() {
        let any = Action::Start { port: None };
        let its_own = Action::Start { port: Some(3001) };
        let (here, there) = (local("a"), listed("14"));
        let turned_off = Meeting {
            is_running: false,
            ..listed("14")
        };
        check(
            "09:59:59",
            known(&here, None),
            &RULES,
            &Action::Rest,
            "it begins at",
        );
        check(
            "10:00:00",
            known(&here, None),
            &RULES,
            &any,
            "its time has come",
        );
        check(
            "10:00:00",
            known(&there, None),
            &RULES,
            &its_own,
            "on port 3001",
        );
        check(
            "10:00:00",
            known(&turned_off, None),
            &RULES,
            &Action::Rest,
            "does not run",
        );
        check(
            "11:00:00",
            known(&there, None),
            &RULES,
            &Action::Rest,
            "it ended at",
        );
    }

    #[test]
    fn a_port_out_of_range_fails_or_is_replaced_as_configured() {
        for port in [-1, 0, 22, 2_999, 9_001, 70_000, i64::MAX] {
            let meeting = Meeting {
                port: Some(port),
                ..listed("14")
            };
            let free = Action::Start { port: None };
            check(
                "10:00:00",
                known(&meeting, None),
                &RULES,
                &Action::Fail,
                "outside 3000–9000",
            );
            check(
                "10:00:00",
                known(&meeting, None),
                &REASSIGN,
                &free,
                "takes a free port",
            );
        }
    }

    #[test]
    fn of_two_that_ask_for_one_port_the_living_then_the_earlier_has_it() {
        let early = listed("1");
        let late = Meeting {
            date_time: at("10:10:00"),
            ..listed("2")
        };
        let both = plan(
            at("10:20:00"),
            &[known(&late, None), known(&early, None)],
            &RULES,
        );
        assert_eq!(both[0].action, Action::Fail);
        assert!(
            both[0].reason.text.contains("claimed by “Meeting 1” (1)"),
            "{}",
            both[0].reason
        );
        assert_eq!(both[0].reason.facts["name"], "Meeting 1");
        assert_eq!(both[1].action, Action::Start { port: Some(3001) });

        let lives = [known(&late, Some(room(&late))), known(&early, None)];
        let steps = plan(at("10:20:00"), &lives, &RULES);
        assert_eq!(steps[0].action, Action::Keep);
        assert_eq!(steps[1].action, Action::Fail);
        // One that is not to run claims nothing.
        let over = plan(at("11:00:00"), &lives, &RULES);
        assert_eq!(over[0].action, Action::Keep);
        assert_eq!(over[1].action, Action::Rest);
    }

    #[test]
    fn a_room_goes_on_ends_or_moves_its_end() {
        let meeting = listed("14");
        let longer = Meeting {
            extended_secs: 600,
            ..listed("14")
        };
        let stopped = Meeting {
            operator: Some(Override::Stop),
            ..listed("14")
        };
        let lives = || Some(room(&meeting));
        check(
            "10:30:00",
            known(&meeting, lives()),
            &RULES,
            &Action::Keep,
            "runs until",
        );
        check(
            "11:00:00",
            known(&meeting, lives()),
            &RULES,
            &Action::Stop,
            "it ended at",
        );
        check(
            "11:00:00",
            known(&longer, lives()),
            &RULES,
            &Action::Update,
            "11:10:00",
        );
        check(
            "10:30:00",
            known(&stopped, lives()),
            &RULES,
            &Action::Stop,
            "an operator",
        );
    }

    #[test]
    fn what_another_server_keeps_is_left_to_it_and_a_room_of_it_here_ends() {
        let meeting = listed("14");
        let there = |room| Known {
            is_here: false,
            ..known(&meeting, room)
        };
        let lives = Some(room(&meeting));
        check(
            "10:30:00",
            there(None),
            &RULES,
            &Action::Rest,
            "another server",
        );
        check(
            "10:30:00",
            there(lives),
            &RULES,
            &Action::Stop,
            "keeps its room now",
        );
        check("11:30:00", there(None), &RULES, &Action::Rest, "it ended");
        let here = known(&meeting, None);
        let steps = plan(at("10:30:00"), &[there(Some(room(&meeting))), here], &RULES);
        let taken = &steps[1].action;
        assert_eq!(
            taken,
            &Action::Start { port: Some(3001) },
            "no claim of theirs"
        );
    }

    #[test]
    fn nothing_begins_at_a_server_that_is_cut_off_and_what_runs_goes_on() {
        let rules = Rules {
            is_cut_off: true,
            ..RULES
        };
        let meeting = listed("14");
        let out_of_range = Meeting {
            port: Some(22),
            ..listed("15")
        };
        let lives = Some(room(&meeting));
        for (known, action, code) in [
            (known(&meeting, None), Action::Rest, CUT_OFF),
            (
                known(&out_of_range, None),
                Action::Fail,
                "port.out_of_range",
            ),
            (known(&meeting, lives), Action::Keep, "room.runs"),
        ] {
            check("10:30:00", known, &rules, &action, code);
        }
    }

    #[test]
    fn a_held_meeting_says_how_many_polls_agree() {
        let meeting = listed("14");
        let held = Known {
            held_polls: Some(2),
            ..known(&meeting, Some(room(&meeting)))
        };
        check("10:30:00", held, &RULES, &Action::Hold, "2 of 3 polls");
    }

    #[test]
    fn a_moved_port_counts_from_the_next_start_or_at_once_for_a_room_that_failed() {
        let meeting = listed("14");
        let moved = Meeting {
            port: Some(3005),
            ..listed("14")
        };
        let lives = room(&meeting);
        let failed = RoomStatus {
            phase: Phase::Failed,
            pid: None,
            ..lives.clone()
        };
        check(
            "10:30:00",
            known(&moved, Some(lives)),
            &RULES,
            &Action::Keep,
            "port 3005 counts",
        );
        check(
            "10:30:00",
            known(&moved, Some(failed)),
            &RULES,
            &Action::Stop,
            "another port",
        );
    }
}
