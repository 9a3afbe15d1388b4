//! The room's page, rendered on the server: it says what the meeting is and asks for a name before
//! any script has run.
//!
//! The words stand in `web/room/locales/page.*.json`, one file per language, and are the same that
//! the page's script uses. Whatever goes into the template is escaped; nothing is inserted raw.

use std::borrow::Cow;

use dabir_core::Timestamp;
use dabir_core::jalali::{Jalali, Names};
use dabir_core::text::persian_digits;
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::assets;

/// The content security policy to send with the page.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What the page shows before anybody has joined.
#[derive(Clone, Debug)]
pub struct PageView<'a> {
    /// The meeting's id: drafts and seats in the browser are kept under it.
    pub id: &'a str,
    pub name: &'a str,
    pub now: Timestamp,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// An IANA name such as `Asia/Tehran`.
    pub timezone: &'a str,
    pub participants: usize,
    pub guests: bool,
    pub locked: bool,
    pub full: bool,
    pub lang: Lang,
}

/// The languages of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Fa,
    En,
}

impl Lang {
    /// The language of a request: what `?lang=` asks for, else the first of ours in its
    /// `Accept-Language`, else English.
    #[must_use]
    pub fn choose(asked: Option<&str>, accept_language: Option<&str>) -> Self {
        asked
            .and_then(Self::from_tag)
            .or_else(|| {
                accept_language?
                    .split(',')
                    .find_map(|range| Self::from_tag(range.split(';').next()?.trim()))
            })
            .unwrap_or(Self::En)
    }

    /// `fa`, `fa-IR`, `en-GB` …
    fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "fa" => Some(Self::Fa),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}
