//! Blocks into strips.

use std::collections::HashMap;
use std::num::NonZeroU16;

use krilla::tagging::Tag as Element;

use super::MAX_PAGES;
use super::line::{Lines, Manner};
use super::picture::{Budget, Shown};
use super::said::{self, Said};
use super::sheet::{BOTTOM, Column, GAP, GREY, NARROW, RULE, SHADE, TOP, Voice};
use super::strip::{Area, Ink, Strip};
use super::tags::{Tag, Tags};
use crate::node::{Align, Dir, Kind, Node};
use crate::picture::Picture;
use crate::{ProseError, dir, text};

/// Within coloured boxes, around what stands in them.
pub(super) const PADDING: f32 = 8.0;
/// How far a quote is set in, and how thick the line beside it is.
pub(super) const QUOTED: f32 = 14.0;
const BAR: f32 = 2.0;
/// What is set before its pages are counted may be so much higher: cells stand beside each other.
const BESIDE: f32 = 4.0;

/// Where and how blocks are set.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) column: Column,
    pub(super) voice: Voice,
    pub(super) align: Option<Align>,
    pub(super) tag: Tag,
    /// How many lists are around it.
    pub(super) depth: usize,
}

/// A link of the document.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) tag: Tag,
}

/// A heading of the document.
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) text: String,
}

/// What is known of a document when all its strips are set.
pub(super) struct Known {
    pub(super) lines: Lines,
    pub(super) tags: Tags,
    pub(super) links: Vec<Link>,
    pub(super) headings: Vec<Heading>,
}

/// What sets the blocks of a document.
pub(super) struct Setter<'p> {
    pub(super) known: Known,
    around: Dir,
    pub(super) pictures: &'p mut dyn FnMut(&str) -> Option<Picture>,
    pub(super) decoded: HashMap<String, Option<Shown>>,
    pub(super) budget: Budget,
    pub(super) height: f32,
}

impl<'p> Setter<'p> {
    pub(super) fn new(around: Dir, pictures: &'p mut dyn FnMut(&str) -> Option<Picture>) -> Self {
        Self {
            known: Known {
                lines: Lines::new(),
                tags: Tags::default(),
                links: Vec::new(),
                headings: Vec::new(),
            },
            around,
            pictures,
            decoded: HashMap::new(),
            budget: Budget::new(),
            height: 0.0,
        }
    }

    pub(super) fn document(&mut self, doc: &Node) -> Result<Vec<Strip>, ProseError> {
        let place = Place {
            column: Column::SHEET,
            voice: Voice::plain(self.around),
            align: None,
            tag: None,
            depth: 0,
        };
        self.blocks(&doc.content, self.around, place)
    }

    pub(super) fn finish(self) -> Known {
        self.known
    }

    pub(super) fn blocks(
        &mut self,
        nodes: &[Node],
        around: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let mut out = Vec::new();
        for node in nodes {
            out.extend(self.block(node, around, place)?);
        }
        Ok(out)
    }

    fn block(&mut self, node: &Node, around: Dir, place: Place) -> Result<Vec<Strip>, ProseError> {
        let dir = dir::shown(node, around);
        match &node.kind {
            Kind::Paragraph => {
                let tag = self.open(place.tag, Element::P, dir);
                self.paragraph(&node.content, dir, Place { tag, ..place })
            }
            Kind::Heading { level } => self.heading(*level, node, dir, place),
            Kind::CodeBlock { .. } => self.code(node, dir, place),
            Kind::HorizontalRule => Ok(vec![rule(place.column)]),
            Kind::Image(image) => self.image(image, around, place),
            kind if kind.is_list() => self.list(node, dir, place),
            Kind::Blockquote => self.quote(node, dir, place),
            Kind::Table => self.table(node, dir, place),
            _ => self.blocks(&node.content, around, place),
        }
    }

    /// A structural element; it says its language where that is not the document's.
    pub(super) fn open(
        &mut self,
        parent: Tag,
        kind: impl Into<krilla::tagging::TagKind>,
        dir: Dir,
    ) -> Tag {
        let language = (dir != self.around).then(|| language(dir).to_owned());
        let kind = kind.into().with_lang(language);
        self.known.tags.open(parent, kind)
    }

    pub(super) fn paragraph(
        &mut self,
        content: &[Node],
        dir: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let said = self.said(content, place.tag);
        let mut strips = self.lines(&said, dir, place)?;
        if let Some(first) = strips.first_mut() {
            first.before = GAP * place.voice.size / super::sheet::SIZE;
        }
        Ok(strips)
    }

    fn said(&mut self, content: &[Node], tag: Tag) -> Vec<Said> {
        let Known { tags, links, .. } = &mut self.known;
        said::pieces(content, &mut |href| {
            links.push(Link {
                href: href.to_owned(),
                tag: tags.open(tag, Element::Link),
            });
            Some(links.len() - 1)
        })
    }

    fn lines(&mut self, said: &[Said], dir: Dir, place: Place) -> Result<Vec<Strip>, ProseError> {
        let manner = manner(dir, place);
        let mut out = Vec::new();
        for piece in said {
            let Known { lines, links, .. } = &mut self.known;
            let link_tag = |link: usize| links.get(link).and_then(|link| link.tag);
            let strips = lines.set(piece, place.column, &manner, &link_tag);
            self.height += strips.iter().map(|strip| strip.height).sum::<f32>();
            if self.height > BESIDE * MAX_PAGES as f32 * (BOTTOM - TOP) {
                return Err(ProseError::TooManyPages { most: MAX_PAGES });
            }
            out.extend(strips);
        }
        Ok(out)
    }

    fn heading(
        &mut self,
        level: u8,
        node: &Node,
        dir: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let words = text::plain(node);
        let number = NonZeroU16::new(u16::from(level)).unwrap_or(NonZeroU16::MIN);
        let place = Place {
            voice: place.voice.heading(level),
            tag: self.open(place.tag, Element::Hn(number, Some(words.clone())), dir),
            ..place
        };
        let mut strips = self.paragraph(&node.content, dir, place)?;
        strips.iter_mut().for_each(|strip| strip.keeps = true);
        if let Some(first) = strips.first_mut() {
            first.before = place.voice.size;
            first.ink.push(Ink::Heading {
                number: self.known.headings.len(),
                y: 0.0,
            });
        }
        self.known.headings.push(Heading { level, text: words });
        Ok(strips)
    }

    fn code(&mut self, node: &Node, dir: Dir, place: Place) -> Result<Vec<Strip>, ProseError> {
        let inside = Column {
            left: place.column.left + PADDING,
            right: place.column.right - PADDING,
        };
        let inside = Place {
            column: inside,
            voice: place.voice.code(),
            align: None,
            tag: self.open(place.tag, Element::Code, dir),
            ..place
        };
        let said = said::code(&node.content);
        let mut strips = self.lines(&said, dir, inside)?;
        if let Some(first) = strips.first_mut() {
            first.before = PADDING * 0.75;
            first.close_up();
            first.before = GAP;
        }
        if let Some(last) = strips.last_mut() {
            last.height += PADDING * 0.75;
        }
        for strip in &mut strips {
            let shade = Ink::Fill {
                area: Area::of(place.column, 0.0, strip.height),
                color: SHADE,
            };
            strip.ink.insert(0, shade);
        }
        Ok(strips)
    }

    fn quote(&mut self, node: &Node, dir: Dir, place: Place) -> Result<Vec<Strip>, ProseError> {
        let by = if place.column.width() > NARROW {
            QUOTED
        } else {
            0.0
        };
        let inside = Place {
            column: place.column.set_in(by, dir),
            voice: Voice {
                color: GREY,
                ..place.voice
            },
            tag: self.open(place.tag, Element::BlockQuote, dir),
            ..place
        };
        let mut strips = self.blocks(&node.content, dir, inside)?;
        for (number, strip) in strips.iter_mut().enumerate() {
            if number > 0 {
                strip.close_up();
            }
            let left = match dir {
                Dir::Ltr => place.column.left,
                Dir::Rtl => place.column.right - BAR,
            };
            let right = left + BAR;
            strip.ink.push(Ink::Fill {
                area: Area::of(Column { left, right }, 0.0, strip.height),
                color: RULE,
            });
        }
        Ok(strips)
    }
}

impl Area {
    pub(super) fn of(column: Column, top: f32, height: f32) -> Self {
        Self {
            left: column.left,
            top,
            width: column.width(),
            height,
        }
    }
}

pub(super) fn language(dir: Dir) -> &'static str {
    match dir {
        Dir::Rtl => "fa",
        Dir::Ltr => "en",
    }
}

pub(super) fn manner(dir: Dir, place: Place) -> Manner {
    Manner {
        voice: place.voice,
        dir,
        align: place.align,
        tag: place.tag,
    }
}

fn rule(column: Column) -> Strip {
    Strip {
        before: 2.0 * GAP,
        height: GAP,
        ink: vec![Ink::Fill {
            area: Area::of(column, 0.0, 0.75),
            color: RULE,
        }],
        ..Strip::default()
    }
}
