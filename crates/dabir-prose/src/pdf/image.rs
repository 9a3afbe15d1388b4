//! Pictures among the blocks, or their words.

use krilla::tagging::Tag as Element;

use super::blocks::{Place, Setter};
use super::picture::Shown;
use super::sheet::{BOTTOM, GAP, POINTS_PER_PIXEL, TOP};
use super::strip::{Area, Ink, Strip};
use crate::ProseError;
use crate::node::{Align, Dir, Image, Node};

/// The highest that a picture is shown.
const HIGHEST: f32 = (BOTTOM - TOP) * 0.9;

impl Setter<'_> {
    pub(super) fn image(
        &mut self,
        image: &Image,
        around: Dir,
        place: Place,
    ) -> Result<Vec<Strip>, ProseError> {
        let words = image.alt.clone().unwrap_or_default();
        let Some(shown) = self.picture(&image.src) else {
            if words.is_empty() {
                return Ok(Vec::new());
            }
            let tag = self.open(place.tag, Element::P, around);
            return self.paragraph(&[Node::text(words)], around, Place { tag, ..place });
        };
        let (width, height) = shown_size(image, shown.size, place.column.width());
        let free = place.column.width() - width;
        let start = match (place.align, around) {
            (Some(Align::Center), _) => free / 2.0,
            (Some(Align::Left), _) | (None, Dir::Ltr) => 0.0,
            (Some(Align::Right), _) | (None, Dir::Rtl) => free,
        };
        let area = Area {
            left: place.column.left + start,
            top: 0.0,
            width,
            height,
        };
        let alt = (!words.is_empty()).then_some(words);
        let tag = self.open(place.tag, Element::Figure(alt), around);
        self.height += height;
        Ok(vec![Strip {
            before: GAP,
            height,
            baseline: height,
            ink: vec![Ink::Picture {
                area,
                image: shown.image,
                tag,
            }],
            ..Strip::default()
        }])
    }

    /// The picture at an address; each is decoded once.
    pub(super) fn picture(&mut self, src: &str) -> Option<Shown> {
        if let Some(known) = self.decoded.get(src) {
            return known.clone();
        }
        let picture = (self.pictures)(src);
        let drawn = picture.and_then(|picture| self.budget.decode(picture.bytes));
        self.decoded.insert(src.to_owned(), drawn.clone());
        drawn
    }
}

/// How large a picture is shown: as somebody dragged it, and never larger than its place.
pub(super) fn shown_size(image: &Image, (width, height): (u32, u32), room: f32) -> (f32, f32) {
    let (own_width, own_height) = (width.max(1) as f32, height.max(1) as f32);
    let wide = image.width.map_or(own_width, |width| width.max(1) as f32);
    let high = match image.height {
        Some(height) if image.width.is_some() => height.max(1) as f32,
        _ => own_height * wide / own_width,
    };
    let (wide, high) = (wide * POINTS_PER_PIXEL, high * POINTS_PER_PIXEL);
    let shrink = (room / wide).min(HIGHEST / high).min(1.0);
    ((wide * shrink).max(1.0), (high * shrink).max(1.0))
}
