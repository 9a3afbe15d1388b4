//! Strips on pages.

use std::collections::BTreeMap;

use super::MAX_PAGES;
use super::sheet::{BOTTOM, TOP};
use super::strip::{Ink, Strip};
use crate::ProseError;

/// Sums of heights are not exact.
const ABOUT: f32 = 0.01;

/// The page of each heading, from 0, and how far down it stands.
pub(super) type Places = BTreeMap<usize, (usize, f32)>;

/// The pages of a document.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) all: Vec<Vec<Ink>>,
    pub(super) headings: Places,
    y: f32,
}

/// Puts strips on as many pages as they need.
pub(super) fn place(mut strips: Vec<Strip>) -> Result<Pages, ProseError> {
    let mut pages = Pages::default();
    pages.turn();
    // Up to here strips are known to fit.
    let mut sure = 0;
    for number in 0..strips.len() {
        if number >= sure {
            let (end, height) = group(strips.get(number..).unwrap_or_default());
            sure = number + end;
            if !pages.is_new() && pages.y + height > BOTTOM + ABOUT {
                pages.turn();
            }
        }
        if pages.all.len() > MAX_PAGES {
            return Err(ProseError::TooManyPages { most: MAX_PAGES });
        }
        if let Some(strip) = strips.get_mut(number) {
            pages.put(std::mem::take(strip));
        }
    }
    Ok(pages)
}

/// How many strips belong together, and their height. What no page could hold does not.
fn group(strips: &[Strip]) -> (usize, f32) {
    let mut height = 0.0;
    for (number, strip) in strips.iter().enumerate() {
        height += strip.before + strip.height;
        if height > BOTTOM - TOP {
            break;
        }
        if !strip.keeps {
            return (number + 1, height);
        }
    }
    let first = strips.first().map(|first| first.before + first.height);
    (1, first.unwrap_or_default())
}

impl Pages {
    fn turn(&mut self) {
        self.all.push(Vec::new());
        self.y = TOP;
    }

    /// Whether nothing stands on this page yet.
    fn is_new(&self) -> bool {
        self.all.last().is_none_or(Vec::is_empty)
    }

    fn put(&mut self, strip: Strip) {
        let begins = self.is_new();
        let head = strip.head.as_deref().filter(|_| begins);
        if let Some(head) = head
            && TOP + height(head) + strip.height <= BOTTOM
        {
            for strip in head {
                self.ink(strip.ink.clone());
                self.y += strip.height;
            }
        }
        if !begins {
            self.y += strip.before;
        }
        self.ink(strip.ink);
        self.y += strip.height;
    }

    fn ink(&mut self, ink: Vec<Ink>) {
        let number = self.all.len().saturating_sub(1);
        let Some(page) = self.all.last_mut() else {
            return;
        };
        for mut ink in ink {
            ink.lower(self.y);
            if let Ink::Heading { number: heading, y } = ink {
                self.headings.entry(heading).or_insert((number, y));
            }
            page.push(ink);
        }
    }
}

/// How high strips are that stand close to each other.
pub(super) fn height(strips: &[Strip]) -> f32 {
    strips.iter().map(|strip| strip.height).sum()
}
