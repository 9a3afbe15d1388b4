//! The room's page, rendered on the server: it says what the meeting is and asks for a name before
//! any script has run.

use dabir_core::Timestamp;

/// What the page shows before anybody has joined.
#[derive(Clone, Debug)]
pub struct PageView<'a> {
    pub name: &'a str,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// An IANA name such as `Asia/Tehran`.
    pub timezone: &'a str,
    pub participants: usize,
    pub guests: bool,
    pub locked: bool,
    pub lang: Lang,
}

/// The languages of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Fa,
    En,
}
