//! How wide the columns of a table are: as wide as what stands in them wants, as far as there is room.

use super::blocks::Setter;
use super::sheet::{POINTS_PER_PIXEL, Voice};
use super::table::{PADDING, span};
use crate::node::{Dir, Node};

/// So many rows are measured; of longer tables every so manyth.
const SAMPLE: usize = 200;
/// The widest that a column asks to be, as a share of the table, for a word that could be broken.
const WORD: f32 = 0.4;
/// Sums of widths are not exact.
const SLACK: f32 = 0.5;

/// What a column asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Wish {
    min: f32,
    max: f32,
}

impl Setter<'_> {
    /// Where each column begins, and where the last ends, counted from the side where the table begins.
    pub(super) fn edges(
        &mut self,
        rows: &[Vec<(usize, &Node)>],
        dir: Dir,
        voice: Voice,
        columns: usize,
        room: f32,
    ) -> Vec<f32> {
        let mut wishes = vec![Wish::default(); columns];
        let step = rows.len().div_ceil(SAMPLE).max(1);
        let measured = rows.iter().step_by(step).flatten();
        for (column, cell) in measured {
            let end = (column + span(cell).0).min(columns);
            if let Some(wishes) = wishes.get_mut(*column..end) {
                self.wish(cell, dir, voice, room, wishes);
            }
        }
        let mut edges = vec![0.0];
        let mut at = 0.0;
        for width in share(&wishes, room) {
            at += width;
            edges.push(at);
        }
        edges
    }

    /// Lets the columns of a cell ask for what it wants, each for its share.
    fn wish(&mut self, cell: &Node, dir: Dir, voice: Voice, room: f32, wishes: &mut [Wish]) {
        let share = wishes.len().max(1) as f32;
        let (min, max) = self.widths(&cell.content, dir, voice);
        let padding = 2.0 * PADDING;
        let min = min.min(WORD * room) + padding + SLACK;
        let max = (max + padding).max(min);
        let dragged = cell.kind.cell().map(|cell| cell.colwidth.as_slice());
        let dragged = dragged.unwrap_or_default();
        for (number, wish) in wishes.iter_mut().enumerate() {
            let dragged = dragged
                .get(number)
                .map(|width| *width as f32 * POINTS_PER_PIXEL);
            let dragged = dragged.filter(|width| *width > 0.0);
            wish.min = wish.min.max(min / share);
            wish.max = wish.max.max(dragged.unwrap_or(max / share)).max(wish.min);
        }
    }
}

/// Shares `room` between the columns.
fn share(wishes: &[Wish], room: f32) -> Vec<f32> {
    let min: f32 = wishes.iter().map(|wish| wish.min).sum();
    let max: f32 = wishes.iter().map(|wish| wish.max).sum();
    let most = most(wishes, room);
    let width = |wish: &Wish| {
        if max <= room {
            wish.max * room / max.max(1.0)
        } else if min <= room {
            wish.min + (wish.max - wish.min) * (room - min) / (max - min).max(1.0)
        } else {
            wish.min.min(most)
        }
    };
    wishes.iter().map(width).collect()
}

/// The most that each column may have when there is too little room for all: the widest give way.
fn most(wishes: &[Wish], room: f32) -> f32 {
    let mut least: Vec<f32> = wishes.iter().map(|wish| wish.min).collect();
    least.sort_by(f32::total_cmp);
    let mut left = room;
    let mut columns = least.len() as f32;
    for min in least {
        if min * columns >= left {
            return left / columns;
        }
        left -= min;
        columns -= 1.0;
    }
    room
}
