//! A question about sets of terms.

use std::collections::BTreeSet;

/// What must hold of the terms of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// This one is there.
    Term(String),
    /// One that begins so is there.
    Begins(String),
    /// All of these hold; never empty.
    All(Vec<Self>),
    /// One of these holds; never empty.
    Any(Vec<Self>),
}

impl Expression {
    /// All of them, `None` when there are none.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Option<Self> {
        Self::of(parts, Self::All)
    }

    /// At least one of them, `None` when there are none.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Option<Self> {
        Self::of(parts, Self::Any)
    }

    fn of(parts: Vec<Self>, more: fn(Vec<Self>) -> Self) -> Option<Self> {
        let mut different: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            if !different.contains(&part) {
                different.push(part);
            }
        }
        match different.len() {
            0 | 1 => different.pop(),
            _ => Some(more(different)),
        }
    }

    /// The same of the title's terms.
    #[must_use]
    pub(super) fn in_title(&self) -> Self {
        let each = |parts: &[Self]| parts.iter().map(Self::in_title).collect();
        match self {
            Self::Term(term) => Self::Term(in_title(term)),
            Self::Begins(term) => Self::Begins(in_title(term)),
            Self::All(parts) => Self::All(each(parts)),
            Self::Any(parts) => Self::Any(each(parts)),
        }
    }

    /// Whether it holds; databases answer the same.
    #[must_use]
    pub fn holds(&self, terms: &BTreeSet<String>) -> bool {
        match self {
            Self::Term(term) => terms.contains(term),
            Self::Begins(term) => {
                let mut rest = terms.range(term.clone()..);
                rest.next().is_some_and(|next| next.starts_with(term))
            }
            Self::All(parts) => parts.iter().all(|part| part.holds(terms)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(terms)),
        }
    }
}

/// What is said of a title already stays so: the beginnings of its words.
fn in_title(term: &str) -> String {
    match term.strip_prefix('t') {
        Some(_) => term.to_owned(),
        None => format!("t{term}"),
    }
}
