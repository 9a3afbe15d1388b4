//! The state on one line, for people who watch a terminal or a log.
//!
//! A line travels through the log as an event with the target [`TARGET`] and a field for each of
//! its columns, so that a log for machines keeps them apart and one for people prints the line.

use std::fmt::Debug;

use dabir_core::text::one_line;
use tracing::field::{Field, Visit};

use crate::{PortSet, desk::Desk, news::News};

/// The target of log events that carry a [`Line`].
pub const TARGET: &str = "ports.console";

/// The target of the log events of [`crate::PortManager::log_json`], whose field `state` is JSON.
pub const STATE_TARGET: &str = "ports.state";

/// Whether a line is coloured: the caller knows whether it writes to a terminal and what
/// `NO_COLOR` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Coloured,
}

const CYAN: &str = "36";
const YELLOW: &str = "33";
const MAGENTA: &str = "35";
const GREEN: &str = "32";
const RED: &str = "31";

impl Paint {
    fn paint(self, colour: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        }
    }
}

/// `[1403/05/01 12:10 doshanbe] | PICK       | Active:3000 | Free:[8001...8020](20)   | …`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    time: String,
    action: String,
    active: Option<u64>,
    free: String,
    used: String,
    note: String,
}

impl Line {
    pub(crate) fn new(desk: &Desk, action: &str, note: String) -> Self {
        let book = &desk.book;
        Self {
            time: desk.moment.stamp.clone(),
            action: action.to_owned(),
            active: book.current.map(u64::from),
            free: ports(&book.free),
            used: ports(&book.used),
            note,
        }
    }

    /// The line that a log event with the target [`TARGET`] carries.
    #[must_use]
    pub fn from_event(event: &tracing::Event<'_>) -> Self {
        let mut line = Self::default();
        event.record(&mut line);
        line
    }

    /// The line as text, with nothing in it that could move a terminal's cursor but its colours.
    #[must_use]
    pub fn show(&self, paint: Paint) -> String {
        let active = self.active.map_or("-".to_owned(), |p| p.to_string());
        let (free, used) = (format!("Free:{}", self.free), format!("Used:{}", self.used));
        [
            paint.paint(CYAN, &format!("[{}]", one_line(&self.time))),
            paint.paint(YELLOW, &format!("{:<10}", one_line(&self.action))),
            paint.paint(MAGENTA, &format!("Active:{active}")),
            paint.paint(GREEN, &format!("{:<24}", one_line(&free))),
            paint.paint(RED, &format!("{:<23}", one_line(&used))),
            format!("Note:{}", one_line(&self.note)),
        ]
        .join(" | ")
    }
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "active" {
            self.active = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let column = match field.name() {
            "time" => &mut self.time,
            "action" => &mut self.action,
            "free" => &mut self.free,
            "used" => &mut self.used,
            "message" => &mut self.note,
            _ => return,
        };
        value.clone_into(column);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Logs `news` with the state that it led to.
pub(crate) fn log(desk: &Desk, news: &News) {
    if !tracing::enabled!(target: TARGET, tracing::Level::ERROR) {
        return;
    }
    let Line {
        time,
        action,
        active,
        free,
        used,
        note,
    } = Line::new(desk, news.action(), news.note());
    let (port, owner) = (news.port(), news.owner());
    if news.is_failure() {
        tracing::error!(target: TARGET, time, action, active, free, used, "{note}");
    } else {
        tracing::info!(target: TARGET, time, action, active, free, used, port, owner, "{note}");
    }
}

/// Up to three ports by name, more as `[first...last](count)`.
fn ports(set: &PortSet) -> String {
    if set.len() > 3 {
        let (first, last) = (set.at_least(0), set.runs().last());
        if let (Some(first), Some((_, last))) = (first, last) {
            return format!("[{first}...{last}]({})", set.len());
        }
    }
    let few: Vec<String> = set.iter().map(|port| port.to_string()).collect();
    format!("[{}]", few.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ports_are_told_by_their_ends() {
        let check = |list: &[u16], expected: &str| {
            assert_eq!(ports(&list.iter().copied().collect()), expected);
        };
        check(&[], "[]");
        check(&[3000], "[3000]");
        check(&[3000, 3001, 3002], "[3000,3001,3002]");
        check(&[3000, 3001, 3002, 9000], "[3000...9000](4)");
    }

    #[test]
    fn each_column_has_its_colour_and_nothing_else_has() {
        let line = Line {
            time: "1403/05/01 12:10 doshanbe".into(),
            action: "PICK".into(),
            active: Some(3000),
            free: "[8001...8020](20)".into(),
            used: "[3000]".into(),
            note: "\u{1b}[2J\u{202e}".into(),
        };
        let plain = "[1403/05/01 12:10 doshanbe] | PICK       | Active:3000 | Free:[8001...8020](20)   \
                     | Used:[3000]             | Note:\\u{1b}[2J\\u{202e}";
        assert_eq!(line.show(Paint::Plain), plain);
        let coloured = line.show(Paint::Coloured);
        for column in [
            "\u{1b}[36m[1403/05/01 12:10 doshanbe]\u{1b}[0m | ",
            "\u{1b}[33mPICK      \u{1b}[0m | ",
            "\u{1b}[35mActive:3000\u{1b}[0m | ",
            "\u{1b}[32mFree:[8001...8020](20)  \u{1b}[0m | ",
            "\u{1b}[31mUsed:[3000]            \u{1b}[0m | Note:",
        ] {
            assert!(coloured.contains(column), "{column:?} in {coloured:?}");
        }
        assert_eq!(coloured.matches('\u{1b}').count(), 10);
    }
}
