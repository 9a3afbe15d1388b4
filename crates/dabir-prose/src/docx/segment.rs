//! Text cut where its script changes: Word wants to know which runs are right-to-left.

use crate::node::Dir;
use crate::{dir, words};

/// `text` in pieces of one direction; spaces and signs go with what is before them.
pub(super) fn segments(text: &str, around: Dir) -> Vec<(Dir, String)> {
    let mut out: Vec<(Dir, String)> = Vec::new();
    for token in words::tokens(text) {
        let before = out.last().map_or(around, |(dir, _)| *dir);
        let dir = dir::of_text(token).unwrap_or(before);
        match out.last_mut() {
            Some((same, there)) if *same == dir => there.push_str(token),
            _ => out.push((dir, token.to_owned())),
        }
    }
    out
}
