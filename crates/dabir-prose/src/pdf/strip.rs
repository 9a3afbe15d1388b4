//! Strips: what is put on a page whole, a line of text most often.

use std::ops::Range;
use std::rc::Rc;

use krilla::image::Image;
use krilla::surface::Location;
use krilla::text::{Glyph, GlyphId};

use super::sheet::Color;
use super::tags::Tag;

/// As wide as its column. The ink knows its place from the left of the sheet and the top of the strip.
#[derive(Clone, Default)]
pub(super) struct Strip {
    /// Kept free above, unless a page begins here.
    pub(super) before: f32,
    pub(super) height: f32,
    /// Where letters stand.
    pub(super) baseline: f32,
    /// Does not end a page: what follows belongs to it.
    pub(super) keeps: bool,
    pub(super) ink: Vec<Ink>,
    /// What a page begins with that begins here: the head of a table.
    pub(super) head: Option<Rc<Vec<Strip>>>,
}

impl Strip {
    /// Makes the space above a part of the strip.
    pub(super) fn close_up(&mut self) {
        let by = std::mem::take(&mut self.before);
        self.height += by;
        self.baseline += by;
        self.ink.iter_mut().for_each(|ink| ink.lower(by));
    }
}

/// What is drawn.
#[derive(Clone)]
pub(super) enum Ink {
    Glyphs(Glyphs),
    Fill {
        area: Area,
        color: Color,
    },
    Outline {
        area: Area,
        color: Color,
    },
    /// The box of a task.
    Tickbox {
        area: Area,
        ticked: bool,
        tag: Tag,
    },
    Picture {
        area: Area,
        image: Image,
        tag: Tag,
    },
    Link {
        area: Area,
        link: usize,
    },
    /// Here begins a heading, known by its number from 0.
    Heading {
        number: usize,
        y: f32,
    },
}

/// A rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// Glyphs of one font that follow each other from left to right.
#[derive(Clone)]
pub(super) struct Glyphs {
    pub(super) face: usize,
    pub(super) size: f32,
    pub(super) slants: bool,
    pub(super) color: Color,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) text: Rc<str>,
    pub(super) all: Vec<Placed>,
    /// Drawn as shapes: whoever reads the file finds no letters in them.
    pub(super) mute: bool,
    pub(super) tag: Tag,
}

/// A glyph, measured in sizes of its font.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) id: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) advance: f32,
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Placed {
    /// A glyph that takes no room, and says these letters.
    pub(super) fn silent(id: u32, range: Range<usize>) -> Self {
        Self {
            id,
            start: range.start as u32,
            end: range.end as u32,
            advance: 0.0,
            x: 0.0,
            y: 0.0,
        }
    }
}

impl Ink {
    /// Moves it down.
    pub(super) fn lower(&mut self, by: f32) {
        match self {
            Self::Glyphs(glyphs) => glyphs.y += by,
            Self::Heading { y, .. } => *y += by,
            Self::Fill { area, .. }
            | Self::Outline { area, .. }
            | Self::Tickbox { area, .. }
            | Self::Picture { area, .. }
            | Self::Link { area, .. } => area.top += by,
        }
    }

    /// Takes it out of the order in which the document is read: it repeats what stands elsewhere.
    pub(super) fn untag(&mut self) {
        match self {
            Self::Glyphs(glyphs) => glyphs.tag = None,
            Self::Picture { tag, .. } | Self::Tickbox { tag, .. } => *tag = None,
            _ => {}
        }
    }
}

impl Glyph for Placed {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.id)
    }

    fn text_range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }

    fn x_offset(&self, size: f32) -> f32 {
        self.x * size
    }

    fn y_offset(&self, size: f32) -> f32 {
        self.y * size
    }

    fn y_advance(&self, _: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<Location> {
        None
    }
}
