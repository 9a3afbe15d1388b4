//! The state on one line for people who watch a terminal.

use crate::{PortSet, desk::Desk};

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
pub(crate) fn line(desk: &Desk, action: &str, note: &str, paint: Paint) -> String {
    let book = &desk.book;
    let active = book.current.map_or("-".to_owned(), |p| p.to_string());
    let one_line = dabir_core::text::one_line;
    [
        paint.paint(CYAN, &format!("[{}]", desk.moment.stamp)),
        paint.paint(YELLOW, &format!("{:<10}", one_line(action))),
        paint.paint(MAGENTA, &format!("Active:{active}")),
        paint.paint(
            GREEN,
            &format!("{:<24}", format!("Free:{}", ports(&book.free))),
        ),
        paint.paint(
            RED,
            &format!("{:<23}", format!("Used:{}", ports(&book.used))),
        ),
        format!("Note:{}", one_line(note)),
    ]
    .join(" | ")
}

/// Up to three ports by name, more as `[first...last](count)`.
fn ports(set: &PortSet) -> String {
    let all: Vec<String> = set.iter().map(|port| port.to_string()).collect();
    match all.as_slice() {
        [first, _, _, .., last] => format!("[{first}...{last}]({})", all.len()),
        few => format!("[{}]", few.join(",")),
    }
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
    fn colour_is_only_added_around_the_text() {
        assert_eq!(Paint::Plain.paint(RED, "x"), "x");
        assert_eq!(Paint::Coloured.paint(RED, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
