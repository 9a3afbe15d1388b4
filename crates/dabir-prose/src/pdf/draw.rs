//! Pages into the file.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};

use super::blocks::{Heading, Known, Link, language};
use super::fonts::embedded;
use super::line::Manner;
use super::list::words;
use super::pages::{Pages, Places};
use super::pen::{Pen, rect};
use super::said;
use super::sheet::{Column, GREY, HEIGHT, NUMBER, Voice, WIDTH};
use super::strip::{Area, Ink};
use super::tags::Tags;
use crate::ProseError;
use crate::node::{Align, Dir};

/// The longest entry among the bookmarks, in characters.
const MAX_ENTRY: usize = 200;

/// Draws the pages of a document called `title`.
pub(super) fn draw(
    title: &str,
    dir: Dir,
    pages: Pages,
    mut known: Known,
) -> Result<Vec<u8>, ProseError> {
    let fonts = embedded()?;
    let mut document = Document::new_with(SerializeSettings {
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(title, dir));
    document.set_outline(outline(&known.headings, &pages.headings));
    let count = pages.all.len();
    for (number, mut ink) in pages.all.into_iter().enumerate() {
        if count > 1 {
            ink.extend(page_number(number + 1, dir, &mut known));
        }
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(ProseError::NotPrinted)?;
        let mut page = document.start_page_with(settings);
        let mut pen = Pen::new(page.surface(), &fonts, &mut known.tags);
        ink.iter().for_each(|ink| pen.draw(ink));
        pen.finish();
        for ink in &ink {
            if let Ink::Link { area, link } = ink
                && let Some(link) = known.links.get(*link)
            {
                add_link(&mut page, *area, link, &pages.headings, &mut known.tags);
            }
        }
        page.finish();
    }
    document.set_tag_tree(known.tags.tree(language(dir)));
    document.finish().map_err(|_| ProseError::NotPrinted)
}

fn metadata(title: &str, dir: Dir) -> Metadata {
    Metadata::new()
        .title(title.to_owned())
        .language(language(dir).to_owned())
        .text_direction(match dir {
            Dir::Rtl => TextDirection::RightToLeft,
            Dir::Ltr => TextDirection::LeftToRight,
        })
        .producer("Dabir".to_owned())
}

fn page_number(number: usize, dir: Dir, known: &mut Known) -> Vec<Ink> {
    let manner = Manner {
        voice: Voice {
            size: 9.0,
            color: GREY,
            ..Voice::plain(dir)
        },
        dir,
        align: Some(Align::Center),
        tag: None,
    };
    let said = words(&said::number(number, dir));
    let strips = known.lines.set(&said, Column::SHEET, &manner, &|_| None);
    let strip = strips.into_iter().next().unwrap_or_default();
    let y = NUMBER - strip.baseline;
    let lowered = strip.ink.into_iter().map(|mut ink| {
        ink.lower(y);
        ink
    });
    lowered.collect()
}

/// The bookmarks: each heading below the higher one before it.
fn outline(headings: &[Heading], places: &Places) -> Outline {
    let entries = headings.iter().enumerate().filter_map(|(number, heading)| {
        let text: String = heading.text.trim().chars().take(MAX_ENTRY).collect();
        if text.is_empty() {
            return None;
        }
        let node = OutlineNode::new(text, destination(places, number)?);
        Some((heading.level, node.with_open(true)))
    });
    let mut open: Vec<(u8, OutlineNode)> = Vec::new();
    let mut outline = Outline::new();
    for (level, node) in entries {
        close(&mut open, level, &mut outline);
        open.push((level, node));
    }
    close(&mut open, 0, &mut outline);
    outline
}

/// Puts entries that are not above `level` into those that they belong to.
fn close(open: &mut Vec<(u8, OutlineNode)>, level: u8, outline: &mut Outline) {
    while let Some((_, node)) = open.pop_if(|(last, _)| *last >= level) {
        match open.last_mut() {
            Some((_, parent)) => parent.push_child(node),
            None => outline.push_child(node),
        }
    }
}

fn add_link(page: &mut Page<'_>, area: Area, link: &Link, places: &Places, tags: &mut Tags) {
    let (Some(target), Some(rect)) = (target(&link.href, places), rect(area)) else {
        return;
    };
    let annotation =
        Annotation::new_link(LinkAnnotation::new(rect, target), Some(link.href.clone()));
    let identifier = page.add_tagged_annotation(annotation);
    if let Some(tag) = link.tag {
        tags.drawn(tag, identifier);
    }
}

/// Where a link leads. Pages of the house have no address outside of it.
fn target(href: &str, places: &Places) -> Option<Target> {
    if let Some(place) = href.strip_prefix('#') {
        let number: usize = place.strip_prefix('s')?.parse().ok()?;
        let place = destination(places, number.checked_sub(1)?)?;
        return Some(Target::Destination(place.into()));
    }
    if href.starts_with('/') {
        return None;
    }
    Some(Target::Action(Action::Link(LinkAction::new(ascii(href)))))
}

/// Where a heading stands, by its number from 0.
fn destination(places: &Places, number: usize) -> Option<XyzDestination> {
    let (page, y) = places.get(&number)?;
    Some(XyzDestination::new(*page, Point::from_xy(0.0, *y)))
}

/// An address as files know it, every other letter by its bytes.
fn ascii(href: &str) -> String {
    let mut out = String::with_capacity(href.len());
    for byte in href.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
