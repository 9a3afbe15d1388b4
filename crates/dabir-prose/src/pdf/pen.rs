//! Ink on a page: letters, surfaces and pictures, each told to the structure.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::text::Font;

use super::sheet::{BLACK, Color, GREY};
use super::strip::{Area, Glyphs, Ink};
use super::tags::{Tag, Tags};

/// How far slanted letters lean, for each point of their height.
const SLANT: f32 = 0.2;
/// What is being drawn, as the structure sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawing {
    Nothing,
    Ornament,
    Element(usize),
}

/// Draws the ink of a page.
pub(super) struct Pen<'a> {
    surface: Surface<'a>,
    fonts: &'a [Font],
    tags: &'a mut Tags,
    drawing: Drawing,
}

impl<'a> Pen<'a> {
    pub(super) fn new(surface: Surface<'a>, fonts: &'a [Font], tags: &'a mut Tags) -> Self {
        Self {
            surface,
            fonts,
            tags,
            drawing: Drawing::Nothing,
        }
    }

    pub(super) fn draw(&mut self, ink: &Ink) {
        match ink {
            Ink::Glyphs(glyphs) => {
                self.begin(glyphs.tag, ContentTag::Span(SpanTag::empty()));
                self.glyphs(glyphs);
            }
            Ink::Fill { area, color } => {
                self.begin(None, ContentTag::Other);
                self.fill(*color);
                self.path(rect(*area).and_then(rectangle));
            }
            Ink::Outline { area, color } => {
                self.begin(None, ContentTag::Other);
                self.stroke(*color, 0.7);
                self.path(rect(*area).and_then(rectangle));
            }
            Ink::Tickbox { area, ticked, tag } => {
                self.begin(*tag, ContentTag::Other);
                self.stroke(GREY, 0.8);
                self.path(rect(*area).and_then(rectangle));
                if *ticked {
                    self.stroke(BLACK, 1.2);
                    self.path(tick(*area));
                }
            }
            Ink::Picture { area, image, tag } => {
                self.begin(*tag, ContentTag::Other);
                let Some(size) = Size::from_wh(area.width, area.height) else {
                    return;
                };
                let place = Transform::from_translate(area.left, area.top);
                self.surface.push_transform(&place);
                self.surface.draw_image(image.clone(), size);
                self.surface.pop();
            }
            Ink::Link { .. } | Ink::Heading { .. } => {}
        }
    }

    /// What is drawn from now on belongs to `tag`.
    fn begin(&mut self, tag: Tag, content: ContentTag<'_>) {
        let drawing = tag.map_or(Drawing::Ornament, Drawing::Element);
        if self.drawing == drawing {
            return;
        }
        self.end();
        self.drawing = drawing;
        let Some(tag) = tag else {
            let ornament = Artifact::with_kind(ArtifactType::Other);
            self.surface.start_tagged(ContentTag::Artifact(ornament));
            return;
        };
        let identifier = self.surface.start_tagged(content);
        self.tags.drawn(tag, identifier);
    }

    fn end(&mut self) {
        if self.drawing != Drawing::Nothing {
            self.surface.end_tagged();
        }
        self.drawing = Drawing::Nothing;
    }

    pub(super) fn finish(mut self) {
        self.end();
        self.surface.finish();
    }

    fn glyphs(&mut self, glyphs: &Glyphs) {
        let Some(font) = self.fonts.get(glyphs.face) else {
            return;
        };
        self.fill(glyphs.color);
        if glyphs.slants {
            let lean = Transform::from_row(1.0, 0.0, -SLANT, 1.0, SLANT * glyphs.y, 0.0);
            self.surface.push_transform(&lean);
        }
        let start = Point::from_xy(glyphs.x, glyphs.y);
        self.surface.draw_glyphs(
            start,
            &glyphs.all,
            font.clone(),
            &glyphs.text,
            glyphs.size,
            glyphs.mute,
        );
        if glyphs.slants {
            self.surface.pop();
        }
    }

    fn path(&mut self, path: Option<Path>) {
        if let Some(path) = path {
            self.surface.draw_path(&path);
        }
    }

    fn fill(&mut self, color: Color) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: paint(color).into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::NonZero,
        }));
    }

    fn stroke(&mut self, color: Color, width: f32) {
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: paint(color).into(),
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        }));
    }
}

fn paint([red, green, blue]: Color) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn rectangle(rect: Rect) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    path.finish()
}

fn tick(area: Area) -> Option<Path> {
    let at = |x: f32, y: f32| (area.left + x * area.width, area.top + y * area.height);
    let mut path = PathBuilder::new();
    let (x, y) = at(0.22, 0.52);
    path.move_to(x, y);
    let (x, y) = at(0.42, 0.73);
    path.line_to(x, y);
    let (x, y) = at(0.8, 0.27);
    path.line_to(x, y);
    path.finish()
}

pub(super) fn rect(area: Area) -> Option<Rect> {
    Rect::from_xywh(area.left, area.top, area.width, area.height)
}
