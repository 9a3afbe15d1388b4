//! Lists: each item with its sign beside it.

use krilla::tagging::{ListNumbering, Tag as Element};

use super::blocks::{Place, Setter};
use super::line::Manner;
use super::said::{self, Said};
use super::sheet::{Column, GAP, INDENT, NARROW};
use super::strip::{Area, Ink, Strip};
use super::tags::Tag;
use crate::ProseError;
use crate::node::{Align, Dir, Kind, Node};

/// Between a sign and its item.
const APART: f32 = 6.0;
/// Between items.
const BETWEEN: f32 = 3.0;
/// The side of a box to tick, in sizes of the letters.
const BOX: f32 = 0.78;
/// Dots of lists in lists.
const DOTS: [&str; 3] = ["•", "◦", "▪"];

/// What stands beside an item.
enum Sign {
    Words(Said),
    Box { ticked: bool },
}

impl Setter<'_> {
    pub(super) fn list(
        &mut self,
        node: &Node,
        dir: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let tag = self.known.tags.open(place.tag, Element::L(numbering(node)));
        let indent = self.indent(node, dir, place);
        let is_narrow = place.column.width() < NARROW;
        let inside = if is_narrow {
            place.column
        } else {
            place.column.set_in(indent, dir)
        };
        let mut out: Vec<Strip> = Vec::new();
        for (number, item) in node.content.iter().enumerate() {
            let item_tag = self.known.tags.open(tag, Element::LI);
            let label = self.known.tags.open(item_tag, Element::Lbl);
            let body = self.known.tags.open(item_tag, Element::LBody);
            let place_inside = Place {
                column: inside,
                tag: body,
                depth: place.depth + 1,
                ..place
            };
            let mut strips = self.blocks(&item.content, dir, place_inside)?;
            if let Some(first) = strips.first_mut() {
                first.before = if number == 0 && place.depth == 0 {
                    GAP
                } else {
                    BETWEEN
                };
            }
            let sign = sign(node, item, number, place.depth, dir);
            let mut beside = self.sign(&sign, dir, place, inside, label);
            match strips.first_mut() {
                Some(first) if !is_narrow => {
                    let by = first.baseline - beside.baseline;
                    beside.ink.iter_mut().for_each(|ink| ink.lower(by));
                    beside.ink.append(&mut first.ink);
                    first.ink = beside.ink;
                }
                _ => {
                    beside.keeps = true;
                    strips.insert(0, beside);
                }
            }
            out.extend(strips);
        }
        Ok(out)
    }

    /// How far the items are set in: as far as the longest number is wide.
    fn indent(&mut self, node: &Node, dir: Dir, place: Place) -> f32 {
        let Kind::OrderedList { start } = node.kind else {
            return INDENT;
        };
        let last = numbered(start, node.content.len().saturating_sub(1), dir);
        let (_, width) = self.known.lines.widths(&last, &manner(dir, place, None));
        (width + APART + 2.0).max(INDENT)
    }

    fn sign(&mut self, sign: &Sign, dir: Dir, place: Place, inside: Column, tag: Tag) -> Strip {
        let beside = match dir {
            Dir::Ltr => Column {
                left: place.column.left,
                right: inside.left - APART,
            },
            Dir::Rtl => Column {
                left: inside.right + APART,
                right: place.column.right,
            },
        };
        match sign {
            Sign::Words(said) => {
                let manner = manner(dir, place, tag);
                let strips = self.known.lines.set(said, beside, &manner, &|_| None);
                strips.into_iter().next().unwrap_or_default()
            }
            Sign::Box { ticked } => {
                let mut strip = tickbox(*ticked, beside, dir, place, tag);
                let sign = if *ticked { '☑' } else { '☐' };
                let x = match dir {
                    Dir::Ltr => beside.left,
                    Dir::Rtl => beside.right,
                };
                let lines = &self.known.lines;
                let silent = lines.silent(sign, x, strip.baseline, place.voice.size, tag);
                strip.ink.push(silent);
                strip
            }
        }
    }
}

/// Signs stand at the far end of their place, beside the item.
fn manner(dir: Dir, place: Place, tag: Tag) -> Manner {
    Manner {
        voice: place.voice,
        dir,
        align: Some(match dir {
            Dir::Ltr => Align::Right,
            Dir::Rtl => Align::Left,
        }),
        tag,
    }
}

fn tickbox(ticked: bool, beside: Column, dir: Dir, place: Place, tag: Tag) -> Strip {
    let side = BOX * place.voice.size;
    let height = place.voice.size * place.voice.leading;
    let area = Area {
        left: match dir {
            Dir::Ltr => beside.right - side,
            Dir::Rtl => beside.left,
        },
        top: height - side,
        width: side,
        height: side,
    };
    Strip {
        height,
        baseline: height - 0.06 * place.voice.size,
        ink: vec![Ink::Tickbox { area, ticked, tag }],
        ..Strip::default()
    }
}

fn numbering(node: &Node) -> ListNumbering {
    match node.kind {
        Kind::OrderedList { .. } => ListNumbering::Decimal,
        Kind::BulletList => ListNumbering::Disc,
        _ => ListNumbering::None,
    }
}

fn sign(list: &Node, item: &Node, number: usize, depth: usize, dir: Dir) -> Sign {
    match (&list.kind, &item.kind) {
        (_, Kind::TaskItem { checked }) => Sign::Box { ticked: *checked },
        (Kind::OrderedList { start }, _) => Sign::Words(numbered(*start, number, dir)),
        _ => {
            let dot = DOTS.get(depth % DOTS.len()).copied().unwrap_or("•");
            Sign::Words(words(dot))
        }
    }
}

fn numbered(start: u32, number: usize, dir: Dir) -> Said {
    let number = (start as usize).saturating_add(number);
    words(&format!("{}.", said::number(number, dir)))
}

pub(super) fn words(text: &str) -> Said {
    let said = said::pieces(&[Node::text(text)], &mut |_| None);
    said.into_iter().next().unwrap_or_else(Said::new)
}
