//! The sheet and the sizes on it, in points.

use crate::node::Dir;

/// A4.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
/// Left and right of what is written.
const SIDE: f32 = 68.0;
/// The first and the last place for a line.
pub(super) const TOP: f32 = 68.0;
pub(super) const BOTTOM: f32 = HEIGHT - 74.0;
/// Where the number of the page stands.
pub(super) const NUMBER: f32 = HEIGHT - 40.0;

/// The size of the letters.
pub(super) const SIZE: f32 = 10.5;
/// Between paragraphs.
pub(super) const GAP: f32 = 7.0;
/// How far an item of a list is set in.
pub(super) const INDENT: f32 = 20.0;
/// Columns that are not wider than this are set in no further.
pub(super) const NARROW: f32 = 110.0;
/// Pixels are a 96th of an inch, points a 72nd.
pub(super) const POINTS_PER_PIXEL: f32 = 0.75;

/// From where to where lines go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) left: f32,
    pub(super) right: f32,
}

impl Column {
    /// The whole width of the sheet between its margins.
    pub(super) const SHEET: Self = Self {
        left: SIDE,
        right: WIDTH - SIDE,
    };

    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    /// The column without `by` at the side where lines of `dir` begin.
    pub(super) fn set_in(mut self, by: f32, dir: Dir) -> Self {
        match dir {
            Dir::Ltr => self.left += by,
            Dir::Rtl => self.right -= by,
        }
        self
    }
}

/// A colour: red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const BLACK: Color = [0x1a, 0x1a, 0x1a];
pub(super) const GREY: Color = [0x66, 0x66, 0x66];
pub(super) const RULE: Color = [0xb8, 0xbc, 0xc2];
pub(super) const LINK: Color = [0x1f, 0x4e, 0x9e];
pub(super) const SHADE: Color = [0xf2, 0xf3, 0xf5];
pub(super) const MARKER: Color = [0xff, 0xf0, 0x9c];

/// How words look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    pub(super) size: f32,
    /// The height of a line for each point of its letters.
    pub(super) leading: f32,
    pub(super) bold: bool,
    pub(super) mono: bool,
    pub(super) color: Color,
}

impl Voice {
    /// Plain text of a document in this direction: Persian letters reach further up and down.
    pub(super) fn plain(dir: Dir) -> Self {
        Self {
            size: SIZE,
            leading: match dir {
                Dir::Rtl => 1.8,
                Dir::Ltr => 1.6,
            },
            bold: false,
            mono: false,
            color: BLACK,
        }
    }

    pub(super) fn heading(self, level: u8) -> Self {
        let size = match level {
            1 => 19.0,
            2 => 14.5,
            3 => 12.0,
            _ => SIZE,
        };
        Self {
            size: size * self.size / SIZE,
            leading: 1.5,
            bold: true,
            ..self
        }
    }

    pub(super) fn code(self) -> Self {
        Self {
            size: self.size * 0.86,
            leading: 1.5,
            mono: true,
            bold: false,
            ..self
        }
    }
}
