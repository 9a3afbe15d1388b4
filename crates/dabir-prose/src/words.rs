//! What two sequences share, found in bounded time.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::hash::Hash;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Longer sequences are compared by their ends alone; the work grows with the square.
const MAX_ITEMS: usize = 3_000;

/// One step from an old sequence to a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Both ranges hold the same.
    pub(crate) same: bool,
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// Words, spaces and signs of `text`; a word keeps its ZWNJs.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    text.split_word_bounds().collect()
}

/// The steps from `old` to `new`, each item in exactly one of them.
pub(crate) fn steps<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<Step> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let mut out = Vec::new();
    push(&mut out, true, 0..start, 0..start);
    let (old_middle, new_middle) = (&old[start..old_end], &new[start..new_end]);
    if old_middle.len() + new_middle.len() > MAX_ITEMS {
        push(&mut out, false, start..old_end, start..new_end);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, old_middle, new_middle) {
            let same = matches!(op, DiffOp::Equal { .. });
            push(
                &mut out,
                same,
                moved(op.old_range(), start),
                moved(op.new_range(), start),
            );
        }
    }
    push(&mut out, true, old_end..old.len(), new_end..new.len());
    out
}

fn moved(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Adds a step; changes that touch are one change.
fn push(steps: &mut Vec<Step>, same: bool, old: Range<usize>, new: Range<usize>) {
    if old.is_empty() && new.is_empty() {
        return;
    }
    match steps.last_mut() {
        Some(last) if last.same == same => {
            last.old.end = old.end;
            last.new.end = new.end;
        }
        _ => steps.push(Step { same, old, new }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_joiners() {
        assert_eq!(tokens("می‌روم، خانه"), ["می‌روم", "،", " ", "خانه"]);
    }

    #[track_caller]
    fn check(old: &str, new: &str, expected: &[(bool, Range<usize>, Range<usize>)]) {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let found = steps(&chars(old), &chars(new));
        let found: Vec<_> = found.into_iter().map(|s| (s.same, s.old, s.new)).collect();
        assert_eq!(found, expected, "{old} → {new}");
    }

    #[test]
    fn steps_cover_both_sides() {
        check("abc", "abc", &[(true, 0..3, 0..3)]);
        check(
            "abc",
            "axc",
            &[(true, 0..1, 0..1), (false, 1..2, 1..2), (true, 2..3, 2..3)],
        );
        check("", "x", &[(false, 0..0, 0..1)]);
        check("", "", &[]);
        check(
            "aXbYc",
            "abc",
            &[
                (true, 0..1, 0..1),
                (false, 1..2, 1..1),
                (true, 2..3, 1..2),
                (false, 3..4, 2..2),
                (true, 4..5, 2..3),
            ],
        );
    }
}
