//! The room's log: one line at a time on standard output, which its supervisor keeps as a file.

use std::fmt::Display;
use std::io::Write;

use dabir_core::{Clock, text};

/// Writes a line; who gave the room no standard output does not want one.
pub fn line(clock: &Clock, message: impl Display) {
    let message = text::one_line(&message.to_string());
    let _ = writeln!(std::io::stdout(), "{:.3} {message}", clock.now());
}

/// Writes a line for whoever started the room by hand.
pub fn say(message: impl Display) {
    let _ = writeln!(std::io::stdout(), "{message}");
}

/// Writes to standard error.
pub fn complain(message: impl Display) {
    let _ = writeln!(std::io::stderr(), "{message}");
}
