//! Which letters each glyph stands for, so that a file is read as it was written.
//!
//! Readers put right what is drawn from the right, letter by letter. A glyph that stands for two
//! letters, as in «لا», or a mark that is drawn above another letter would be read in the wrong order.
//! There each glyph that takes room says one letter, glyphs that show nothing say the rest where the
//! next letter would stand, and marks are shapes that say nothing.

use std::ops::Range;

use parley::Glyph;

use super::fonts::Fonts;
use super::strip::Placed;

/// Letters that belong together, as shaping left them.
pub(super) struct Cluster<'a> {
    pub(super) text: &'a str,
    /// Where they are in the whole text.
    pub(super) start: usize,
    pub(super) is_rtl: bool,
    /// From left to right.
    pub(super) glyphs: &'a [Glyph],
}

/// Glyphs of one font and one size that follow each other from left to right.
pub(super) struct Row {
    pub(super) face: usize,
    pub(super) size: f32,
    pub(super) x: f32,
    pub(super) all: Vec<Placed>,
    /// Marks, and where they stand.
    pub(super) shapes: Vec<(f32, Placed)>,
    /// Where letters are missing, and how wide they would be.
    pub(super) missing: Vec<(f32, f32)>,
}

impl Cluster<'_> {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn letters(&self) -> Vec<(char, Range<usize>)> {
        let place = |at: usize| self.start + at;
        let letters = self.text.char_indices();
        letters
            .map(|(at, c)| (c, place(at)..place(at + c.len_utf8())))
            .collect()
    }

    pub(super) fn advance(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }

    /// Whether it has no shape: ends of lines, and what only orders words.
    fn is_silent(&self) -> bool {
        self.text.chars().all(|c| {
            c.is_control()
                || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}')
        })
    }
}

impl Row {
    pub(super) fn new(face: usize, size: f32, x: f32) -> Self {
        Self {
            face,
            size,
            x,
            all: Vec::new(),
            shapes: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Adds letters that begin at `x`.
    pub(super) fn add(&mut self, cluster: &Cluster<'_>, x: f32, fonts: &Fonts) {
        if cluster.is_silent() {
            return;
        }
        self.note_missing(cluster, x);
        let letters = cluster.letters();
        let bases = cluster.glyphs.iter().filter(|glyph| takes_room(glyph));
        let bases = bases.count();
        let several = letters.len() > 1 && (1..=letters.len()).contains(&bases);
        if cluster.is_rtl
            && several
            && let Some(silent) = self.silent(&letters, bases, fonts)
        {
            self.all.extend(silent);
            self.add_split(cluster, letters, bases, x, fonts);
        } else if !cluster.is_rtl && letters.len() == cluster.glyphs.len() {
            for (glyph, (_, letter)) in cluster.glyphs.iter().zip(letters) {
                self.all.push(self.place(glyph, letter, fonts));
            }
        } else {
            for glyph in cluster.glyphs {
                self.all.push(self.place(glyph, cluster.range(), fonts));
            }
        }
    }

    /// The first letters for what takes room; the others are said already.
    fn add_split(
        &mut self,
        cluster: &Cluster<'_>,
        letters: Vec<(char, Range<usize>)>,
        bases: usize,
        mut x: f32,
        fonts: &Fonts,
    ) {
        let mut letters = letters.into_iter().take(bases).rev();
        for glyph in cluster.glyphs {
            if takes_room(glyph) {
                let letter = letters.next().map_or(cluster.range(), |(_, letter)| letter);
                self.all.push(self.place(glyph, letter, fonts));
            } else {
                let shape = self.place(glyph, cluster.range(), fonts);
                self.shapes.push((x, shape));
            }
            x += glyph.advance;
        }
    }

    /// Glyphs that show nothing for the letters after the first `bases`, the last first.
    fn silent(
        &self,
        letters: &[(char, Range<usize>)],
        bases: usize,
        fonts: &Fonts,
    ) -> Option<Vec<Placed>> {
        let silent = letters.iter().skip(bases).rev();
        silent
            .map(|(c, range)| Some(Placed::silent(fonts.silent(self.face, *c)?, range.clone())))
            .collect()
    }

    fn place(&self, glyph: &Glyph, range: Range<usize>, fonts: &Fonts) -> Placed {
        // A letter that no font has is drawn as a box, and said by a glyph that shows nothing.
        let id = match glyph.id {
            0 => fonts.silent(self.face, '\0').unwrap_or(0),
            id => id,
        };
        Placed {
            advance: glyph.advance / self.size,
            x: glyph.x / self.size,
            y: -glyph.y / self.size,
            ..Placed::silent(id, range)
        }
    }

    fn note_missing(&mut self, cluster: &Cluster<'_>, mut x: f32) {
        for glyph in cluster.glyphs {
            if glyph.id == 0 {
                self.missing.push((x, glyph.advance));
            }
            x += glyph.advance;
        }
    }

    /// The letters of the last glyphs end later than it seemed.
    pub(super) fn extend_last(&mut self, end: usize) {
        let Some(start) = self.all.last().map(|last| last.start) else {
            return;
        };
        let last = self.all.iter_mut().rev();
        last.take_while(|one| one.start == start)
            .for_each(|one| one.end = end as u32);
    }
}

fn takes_room(glyph: &Glyph) -> bool {
    glyph.advance > 0.0
}
