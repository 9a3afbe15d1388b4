//! Lines: words shaped, put in the order in which they are read, and broken where they may be.

use std::rc::Rc;

use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontWeight, Layout, LayoutContext, Line,
    LineHeight, OverflowWrap, Run, TextStyle,
};

use super::fonts::{Fonts, family};
use super::letters::{Cluster, Row};
use super::said::{Look, Said};
use super::sheet::{Color, Column, GREY, LINK, MARKER, SHADE, Voice};
use super::strip::{Area, Glyphs, Ink, Placed, Strip};
use super::tags::Tag;
use crate::node::{Align, Dir};

/// The share of its size by which code within a line is smaller.
const CODE_SIZE: f32 = 0.88;
/// Where lines through and under letters are and how thick, in sizes of the letters.
const UNDER: f32 = 0.17;
const THROUGH: f32 = -0.27;
const THICK: f32 = 0.055;
/// How far colour behind letters reaches above and below where they stand.
const ABOVE: f32 = 0.98;
const BELOW: f32 = 0.40;

/// How a block's lines are set.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) voice: Voice,
    pub(super) dir: Dir,
    pub(super) align: Option<Align>,
    pub(super) tag: Tag,
}

/// What sets lines.
pub(super) struct Lines {
    fonts: Fonts,
    layouts: LayoutContext<u16>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            fonts: Fonts::new(),
            layouts: LayoutContext::new(),
        }
    }

    /// Says `sign` without showing it: what is drawn there is no letter.
    pub(super) fn silent(&self, sign: char, x: f32, y: f32, size: f32, tag: Tag) -> Ink {
        let text: Rc<str> = sign.to_string().into();
        let glyph = self.fonts.silent(0, sign);
        let glyph = glyph.map(|id| Placed::silent(id, 0..text.len()));
        Ink::Glyphs(Glyphs {
            face: 0,
            size,
            slants: false,
            color: GREY,
            x,
            y,
            text,
            all: glyph.into_iter().collect(),
            mute: false,
            tag,
        })
    }

    /// The lines of a piece. `link_tag` knows the element of each link.
    pub(super) fn set(
        &mut self,
        said: &Said,
        column: Column,
        manner: &Manner,
        link_tag: &dyn Fn(usize) -> Tag,
    ) -> Vec<Strip> {
        let mut layout = self.layout(said, manner);
        layout.break_all_lines(Some(column.width().max(1.0)));
        layout.align(alignment(manner.align), AlignmentOptions::default());
        let text: Rc<str> = said.text.as_str().into();
        let setting = Setting {
            fonts: &self.fonts,
            said,
            text: &text,
            manner,
            left: column.left,
            link_tag,
        };
        let mut strips: Vec<Strip> = layout.lines().map(|line| setting.line(&line)).collect();
        keep_together(&mut strips);
        strips
    }

    /// The narrowest and the widest that a piece can be set.
    pub(super) fn widths(&mut self, said: &Said, manner: &Manner) -> (f32, f32) {
        let widths = self.layout(said, manner).calculate_content_widths();
        (widths.min, widths.max)
    }

    fn layout(&mut self, said: &Said, manner: &Manner) -> Layout<u16> {
        let context = &mut self.fonts.context;
        let mut builder = self
            .layouts
            .style_run_builder(context, &said.text, 1.0, false);
        for (number, look) in (0..).zip(&said.looks) {
            builder.push_style(style(number, look, manner.voice));
        }
        let mut start = 0;
        for (end, look) in &said.parts {
            builder.push_style_run(*look, start..*end);
            start = *end;
        }
        builder.set_base_direction(match manner.dir {
            Dir::Rtl => BaseDirection::Rtl,
            Dir::Ltr => BaseDirection::Ltr,
        });
        builder.build(&said.text)
    }
}

fn style(number: u16, look: &Look, voice: Voice) -> TextStyle<'static, 'static, u16> {
    let mono = voice.mono || look.code;
    let bold = voice.bold || look.bold;
    TextStyle {
        font_family: family(mono),
        font_size: if look.code {
            voice.size * CODE_SIZE
        } else {
            voice.size
        },
        font_weight: if bold {
            FontWeight::BOLD
        } else {
            FontWeight::NORMAL
        },
        // Code and other fonts within a line do not push it away from its neighbours.
        line_height: LineHeight::Absolute(voice.size * voice.leading),
        overflow_wrap: OverflowWrap::BreakWord,
        brush: number,
        ..TextStyle::default()
    }
}

fn alignment(align: Option<Align>) -> Alignment {
    match align {
        None => Alignment::Start,
        Some(Align::Left) => Alignment::Left,
        Some(Align::Center) => Alignment::Center,
        Some(Align::Right) => Alignment::Right,
    }
}

/// No page begins with the last line of a paragraph or ends with the first.
fn keep_together(strips: &mut [Strip]) {
    let last = strips.len().saturating_sub(1);
    for number in [0, last.saturating_sub(1)] {
        if number < last
            && let Some(strip) = strips.get_mut(number)
        {
            strip.keeps = true;
        }
    }
}

/// One piece on its way to ink.
struct Setting<'a> {
    fonts: &'a Fonts,
    said: &'a Said,
    text: &'a Rc<str>,
    manner: &'a Manner,
    left: f32,
    link_tag: &'a dyn Fn(usize) -> Tag,
}

impl Setting<'_> {
    fn line(&self, line: &Line<'_, u16>) -> Strip {
        let metrics = line.metrics();
        let top = metrics.block_min_coord;
        let mut strip = Strip {
            height: metrics.block_max_coord - top,
            baseline: metrics.baseline - top,
            ..Strip::default()
        };
        let mut inks = LineInk::default();
        let mut x = self.left + metrics.offset;
        for run in line.runs() {
            self.run(&run, &mut x, strip.baseline, &mut inks);
        }
        // Colour lies below all letters.
        strip.ink = inks.behind;
        strip.ink.extend(inks.letters);
        strip.ink.extend(
            inks.links
                .into_iter()
                .map(|(link, area)| Ink::Link { area, link }),
        );
        strip
    }

    fn run(&self, run: &Run<'_, u16>, x: &mut f32, y: f32, inks: &mut LineInk) {
        let face = self.fonts.face(run.font());
        let mut part: Option<(u16, Row)> = None;
        // In a run from the right what goes on with a ligature comes before the ligature.
        let mut goes_on_to = 0;
        for cluster in run.visual_clusters() {
            let mut range = cluster.text_range();
            if cluster.is_ligature_continuation() {
                goes_on_to = goes_on_to.max(range.end);
                if let Some((_, row)) = part.as_mut().filter(|_| !run.is_rtl()) {
                    row.extend_last(range.end);
                }
                continue;
            }
            if run.is_rtl() {
                range.end = range.end.max(goes_on_to);
            }
            goes_on_to = 0;
            let look = cluster.style().brush;
            if part.as_ref().is_some_and(|(same, _)| *same != look) {
                self.finish(part.take(), *x, y, inks);
            }
            let (_, row) = part.get_or_insert_with(|| (look, Row::new(face, run.font_size(), *x)));
            let glyphs: Vec<parley::Glyph> = cluster.glyphs().collect();
            let cluster = Cluster {
                start: range.start,
                text: self.text.get(range).unwrap_or_default(),
                is_rtl: run.is_rtl(),
                glyphs: &glyphs,
            };
            row.add(&cluster, *x, self.fonts);
            *x += cluster.advance();
        }
        self.finish(part, *x, y, inks);
    }

    fn finish(&self, part: Option<(u16, Row)>, end: f32, y: f32, inks: &mut LineInk) {
        let Some((look, row)) = part.filter(|(_, row)| !row.all.is_empty()) else {
            return;
        };
        let look = self.said.looks.get(usize::from(look)).copied();
        let look = look.unwrap_or_default();
        let color = self.color(&look);
        let size = self.manner.voice.size;
        let bar = |top: f32, height: f32| Area {
            left: row.x,
            top: y + top * size,
            width: end - row.x,
            height: height * size,
        };
        let ground = bar(-ABOVE, ABOVE + BELOW);
        inks.ground(&look, ground);
        inks.missing(&row, y);
        if look.underlined || look.link.is_some() {
            let area = bar(UNDER, THICK);
            inks.behind.push(Ink::Fill { area, color });
        }
        if let Some(link) = look.link {
            inks.link(link, ground);
        }
        let through = bar(THROUGH, THICK);
        inks.letters.extend(self.glyphs(row, &look, y));
        if look.struck {
            let area = through;
            inks.letters.push(Ink::Fill { area, color });
        }
    }

    fn glyphs(&self, row: Row, look: &Look, y: f32) -> impl Iterator<Item = Ink> {
        let tag = look.link.map_or(self.manner.tag, self.link_tag);
        let letters = Glyphs {
            face: row.face,
            size: row.size,
            slants: look.italic,
            color: self.color(look),
            x: row.x,
            y,
            text: Rc::clone(self.text),
            all: Vec::new(),
            mute: false,
            tag,
        };
        let marks: Vec<Ink> = row
            .shapes
            .into_iter()
            .map(|(x, shape)| {
                Ink::Glyphs(Glyphs {
                    x,
                    all: vec![shape],
                    mute: true,
                    tag: None,
                    ..letters.clone()
                })
            })
            .collect();
        let all = row.all;
        std::iter::once(Ink::Glyphs(Glyphs { all, ..letters })).chain(marks)
    }

    fn color(&self, look: &Look) -> Color {
        if look.link.is_some() || look.mention {
            LINK
        } else {
            self.manner.voice.color
        }
    }
}

/// The ink of a line.
#[derive(Default)]
struct LineInk {
    behind: Vec<Ink>,
    letters: Vec<Ink>,
    links: Vec<(usize, Area)>,
}

impl LineInk {
    /// A link is one area in each line, however many looks it has.
    fn link(&mut self, link: usize, area: Area) {
        match self.links.last_mut() {
            Some((same, there)) if *same == link => {
                let left = there.left.min(area.left);
                let right = (there.left + there.width).max(area.left + area.width);
                (there.left, there.width) = (left, right - left);
            }
            _ => self.links.push((link, area)),
        }
    }

    /// Colour behind letters.
    fn ground(&mut self, look: &Look, area: Area) {
        let color = if look.code { SHADE } else { MARKER };
        if look.highlighted || look.code {
            self.behind.push(Ink::Fill { area, color });
        }
    }

    /// A box for each letter that no font has.
    fn missing(&mut self, row: &Row, y: f32) {
        let height = 0.72 * row.size;
        self.behind.extend(row.missing.iter().map(|(x, width)| {
            let area = Area {
                left: x + 0.1 * width,
                top: y - height,
                width: 0.8 * width,
                height,
            };
            Ink::Outline { area, color: GREY }
        }));
    }
}
