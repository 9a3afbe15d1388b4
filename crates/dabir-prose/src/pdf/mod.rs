//! A document as it would be printed: A4 pages with Persian set as Persian is set.
//!
//! Blocks become [`strips`](strip), each as wide as its column and never cut; strips are put on pages;
//! pages are drawn. Words are shaped, ordered and broken into lines by `parley`, and `krilla` writes
//! the file: the letters that are used of the fonts here, text that can be found and copied, links,
//! bookmarks, and the structure for those who listen. The same document gives the same bytes.

mod sheet;
mod fonts;
mod strip;
mod tags;
mod said;
mod letters;
mod line;
mod picture;
mod blocks;
mod image;
mod list;
mod widths;
mod columns;
mod table;
mod pages;
mod pen;
mod draw;

use crate::node::{Dir, Node};
use crate::picture::Picture;
use crate::{ProseError, dir};

/// The most pages of a document.
pub const MAX_PAGES: usize = 5_000;

/// The document as PDF, called `title`; `pictures` gives the file behind an address, and what cannot be
/// shown leaves its words.
///
/// # Errors
/// When it has more than [`MAX_PAGES`], or cannot be written.
pub fn write(
    title: &str,
    doc: &Node,
    pictures: &mut dyn FnMut(&str) -> Option<Picture>,
) -> Result<Vec<u8>, ProseError> {
    let around = dir::of_document(doc, Dir::Rtl);
    let mut setter = blocks::Setter::new(around, pictures);
    let strips = setter.document(doc)?;
    let pages = pages::place(strips)?;
    draw::draw(title, around, pages, setter.finish())
}
