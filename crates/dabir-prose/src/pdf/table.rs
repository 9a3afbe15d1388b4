//! Tables, row by row. A cell that covers several rows flows down through them, and a row that is higher
//! than a part of the page is cut into bands, so that any table finds its pages.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::rc::Rc;

use krilla::tagging::{TableHeaderScope, Tag as Element, TagKind};

use super::blocks::{Place, Setter};
use super::pages::height;
use super::sheet::{BOTTOM, Column, GAP, RULE, SHADE, TOP, Voice};
use super::strip::{Area, Ink, Strip};
use super::tags::Tag;
use crate::ProseError;
use crate::node::{Dir, Kind, Node};

/// Within a cell, around what stands in it.
pub(super) const PADDING: f32 = 5.5;
/// The same above and below.
const HEADROOM: f32 = 3.5;
/// How thick lines are.
const THIN: f32 = 0.6;
/// Rows that are not higher than this stay whole.
const WHOLE: f32 = 200.0;
/// What higher rows are cut into.
const BAND: f32 = 60.0;
/// A head that is higher than this is not repeated.
const HIGHEST_HEAD: f32 = (BOTTOM - TOP) / 3.0;
/// The letters of a table are smaller than those around it.
const SIZE: f32 = 0.92;

/// A cell that is not at its end yet.
struct Slot {
    column: Column,
    rest: VecDeque<Strip>,
    /// The height of the rest, exact enough for a cell of many pages.
    height: f64,
    rows_left: u32,
    is_header: bool,
    is_new: bool,
}

impl Slot {
    fn height(&self) -> f32 {
        self.height.max(0.0) as f32
    }

    fn next(&mut self) -> Option<Strip> {
        let strip = self.rest.pop_front()?;
        self.height -= f64::from(strip.height);
        Some(strip)
    }

    fn ends(&self) -> bool {
        self.rows_left <= 1
    }
}

impl Setter<'_> {
    pub(super) fn table(
        &mut self,
        node: &Node,
        dir: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let columns = node.content.first().map_or(0, width);
        let voice = Voice {
            size: place.voice.size * SIZE,
            leading: place.voice.leading * 0.92,
            ..place.voice
        };
        let rows = laid(node, columns);
        let edges = self.edges(&rows, dir, voice, columns, place.column.width());
        let tag = self.known.tags.open(place.tag, Element::Table);
        let mut table = Table {
            dir,
            place: Place {
                voice,
                tag,
                ..place
            },
            edges,
            open: Vec::new(),
        };
        table.open.resize_with(columns, || None);
        let mut out = Vec::new();
        let mut head: Option<Rc<Vec<Strip>>> = None;
        let mut in_head = true;
        for row in &rows {
            in_head &= row.iter().all(|(_, cell)| is_header(cell));
            if !in_head && head.is_none() {
                head = Some(Rc::new(repeated(&out)));
            }
            self.begin_row(row, &mut table, in_head)?;
            let mut strips = table.bands();
            for strip in &mut strips {
                strip.keeps |= in_head;
                strip.head = head.clone().filter(|head| !head.is_empty());
            }
            out.extend(strips);
            table.end_row();
        }
        if let Some(first) = out.first_mut() {
            first.before = GAP + 2.0;
        }
        if let Some(last) = out.last_mut() {
            last.keeps = false;
            // What follows stands as far from the last line as from letters.
            last.height += 2.0;
        }
        Ok(out)
    }

    /// Sets the cells that begin in a row.
    fn begin_row(
        &mut self,
        row: &[(usize, &Node)],
        table: &mut Table,
        in_head: bool,
    ) -> Result<(), ProseError> {
        let tag = self.known.tags.open(table.place.tag, Element::TR);
        for (column, cell) in row {
            let end = (column + span(cell).0).min(table.open.len());
            let outside = table.column(*column, end);
            let rest = self.cell(cell, table, outside, tag, in_head)?;
            let slot = Slot {
                column: outside,
                height: rest.iter().map(|strip| f64::from(strip.height)).sum(),
                rest,
                rows_left: span(cell).1,
                is_header: is_header(cell),
                is_new: true,
            };
            if let Some(place) = table.open.get_mut(*column) {
                *place = Some(slot);
            }
        }
        Ok(())
    }

    fn cell(
        &mut self,
        cell: &Node,
        table: &Table,
        outside: Column,
        row: Tag,
        in_head: bool,
    ) -> Result<VecDeque<Strip>, ProseError> {
        let padding = PADDING.min(outside.width() / 8.0);
        let place = Place {
            column: Column {
                left: outside.left + padding,
                right: outside.right - padding,
            },
            voice: Voice {
                bold: is_header(cell),
                ..table.place.voice
            },
            align: cell.kind.cell().and_then(|cell| cell.align),
            tag: self.known.tags.open(row, element(cell, in_head)),
            depth: 0,
        };
        let mut strips = self.blocks(&cell.content, table.dir, place)?;
        if let Some(first) = strips.first_mut() {
            first.before = HEADROOM;
        }
        for strip in &mut strips {
            strip.close_up();
        }
        if let Some(last) = strips.last_mut() {
            last.height += HEADROOM;
        }
        Ok(strips.into())
    }
}

/// A table on its way: the cells that are open, each in its first column.
struct Table {
    dir: Dir,
    place: Place,
    edges: Vec<f32>,
    open: Vec<Option<Slot>>,
}

impl Table {
    fn column(&self, start: usize, end: usize) -> Column {
        let edge = |number: usize| self.edges.get(number).copied().unwrap_or_default();
        let whole = self.place.column;
        match self.dir {
            Dir::Ltr => Column {
                left: whole.left + edge(start),
                right: whole.left + edge(end),
            },
            Dir::Rtl => Column {
                left: whole.right - edge(end),
                right: whole.right - edge(start),
            },
        }
    }

    fn slots(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.open.iter_mut().flatten()
    }

    /// The row as strips: one, or several when it is high.
    fn bands(&mut self) -> Vec<Strip> {
        let lowest = self.place.voice.size * self.place.voice.leading + 2.0 * HEADROOM;
        let ending = self.slots().filter(|slot| slot.ends());
        let whole = ending.map(|slot| slot.height()).fold(lowest, f32::max);
        if whole <= WHOLE {
            return vec![self.band(whole, true)];
        }
        let mut out = Vec::new();
        loop {
            let taken = self.slots().filter(|slot| slot.ends());
            let rest = taken.map(|slot| slot.height()).fold(0.0, f32::max);
            if rest <= BAND {
                out.push(self.band(rest, true));
                return out;
            }
            out.push(self.band(BAND, false));
        }
    }

    /// One band of a row, at least `height` high.
    fn band(&mut self, height: f32, is_last: bool) -> Strip {
        let mut ink = Vec::new();
        let mut highest = if is_last { height } else { 0.0 };
        for slot in self.slots() {
            let (taken, used) = take(slot, height, is_last);
            highest = highest.max(used);
            ink.extend(taken);
        }
        let mut lines = Vec::new();
        let mut shades = Vec::new();
        for slot in self.slots() {
            if slot.is_header {
                shades.push(Ink::Fill {
                    area: Area::of(slot.column, 0.0, highest),
                    color: SHADE,
                });
            }
            let begins = std::mem::take(&mut slot.is_new);
            lines.extend(border(slot.column, highest, begins, is_last && slot.ends()));
        }
        shades.extend(ink);
        shades.extend(lines);
        Strip {
            height: highest,
            ink: shades,
            ..Strip::default()
        }
    }

    fn end_row(&mut self) {
        for place in &mut self.open {
            if place.as_ref().is_some_and(Slot::ends) {
                *place = None;
            } else if let Some(slot) = place {
                slot.rows_left -= 1;
            }
        }
    }
}

/// What of a cell goes into a band, and how high it is.
fn take(slot: &mut Slot, height: f32, is_last: bool) -> (Vec<Ink>, f32) {
    let takes_all = is_last && slot.ends();
    let mut used = 0.0;
    let mut ink = Vec::new();
    while let Some(next) = slot.rest.front() {
        let fits = used + next.height <= height + 0.01;
        // What is higher than any band has one for itself.
        let must = used == 0.0 && slot.ends();
        if !(fits || takes_all || must) {
            break;
        }
        let Some(mut strip) = slot.next() else {
            break;
        };
        strip.ink.iter_mut().for_each(|ink| ink.lower(used));
        ink.append(&mut strip.ink);
        used += strip.height;
    }
    (ink, used)
}

/// The lines around a cell.
fn border(column: Column, height: f32, begins: bool, ends: bool) -> Vec<Ink> {
    let half = THIN / 2.0;
    let line = |left: f32, top: f32, width: f32, height: f32| Ink::Fill {
        area: Area {
            left,
            top,
            width,
            height,
        },
        color: RULE,
    };
    let mut out = vec![
        line(column.left - half, 0.0, THIN, height),
        line(column.right - half, 0.0, THIN, height),
    ];
    let (left, width) = (column.left - half, column.width() + THIN);
    if begins {
        out.push(line(left, -half, width, THIN));
    }
    if ends {
        out.push(line(left, height - half, width, THIN));
    }
    out
}

/// The head as it stands on the pages after the first; nothing when it is too high for that.
fn repeated(head: &[Strip]) -> Vec<Strip> {
    if height(head) > HIGHEST_HEAD {
        return Vec::new();
    }
    let mut head = head.to_vec();
    for ink in head.iter_mut().flat_map(|strip| &mut strip.ink) {
        ink.untag();
    }
    head
}

fn element(cell: &Node, in_head: bool) -> TagKind {
    let (wide, high) = span(cell);
    let several = |number: u32| NonZeroU32::new(number).filter(|number| number.get() > 1);
    let wide = u32::try_from(wide).ok().and_then(several);
    let high = several(high);
    if is_header(cell) {
        let scope = if in_head {
            TableHeaderScope::Column
        } else {
            TableHeaderScope::Row
        };
        let tag = Element::TH(scope);
        return tag.with_col_span(wide).with_row_span(high).into();
    }
    Element::TD.with_col_span(wide).with_row_span(high).into()
}

fn is_header(cell: &Node) -> bool {
    matches!(cell.kind, Kind::TableHeader(_))
}

/// The cells of each row and the columns that they begin in.
fn laid(table: &Node, columns: usize) -> Vec<Vec<(usize, &Node)>> {
    // For each column, how many more rows the cell from above covers it.
    let mut covered = vec![0_u32; columns];
    let rows = table.content.iter().map(|row| {
        let mut out = Vec::with_capacity(row.content.len());
        let mut cells = row.content.iter();
        let mut column = 0;
        while let Some(rows) = covered.get_mut(column) {
            if *rows > 0 {
                *rows -= 1;
                column += 1;
                continue;
            }
            let Some(cell) = cells.next() else {
                column += 1;
                continue;
            };
            out.push((column, cell));
            let (wide, high) = span(cell);
            let end = (column + wide).min(columns);
            if let Some(below) = covered.get_mut(column..end) {
                below.fill(high - 1);
            }
            column = end;
        }
        out
    });
    rows.collect()
}

/// How many columns and rows a cell covers.
pub(super) fn span(cell: &Node) -> (usize, u32) {
    cell.kind.cell().map_or((1, 1), |cell| {
        (cell.colspan.max(1) as usize, cell.rowspan.max(1))
    })
}

fn width(row: &Node) -> usize {
    row.content.iter().map(|cell| span(cell).0).sum()
}
