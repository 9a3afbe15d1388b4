//! Documents to begin with: minutes, a letter, a report, in Persian and English.
//!
//! Each is a page of Markdown beside this file with places for what is known already. What is not
//! known stays as dots for the writer to fill in.

use crate::node::{Kind, Node};
use crate::{ProseError, markdown};

/// What somebody begins to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Template {
    Minutes,
    Letter,
    Report,
}

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    Fa,
    En,
}

/// What is known when a document is begun; dates are words already, in the writer's calendar.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What it is about.
    pub title: Option<String>,
    /// The day, or the day and hour.
    pub date: Option<String>,
    /// Who writes.
    pub author: Option<String>,
    /// To whom a letter goes.
    pub recipient: Option<String>,
    /// Who was there.
    pub people: Vec<String>,
    /// The points of the agenda.
    pub agenda: Vec<String>,
    /// What was written down meanwhile, in Markdown.
    pub discussion: Option<String>,
    pub decisions: Vec<String>,
}

/// What stands where nothing is known.
const BLANK: &str = "…";

impl Template {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Minutes, Self::Letter, Self::Report];

    /// The word for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Letter => "letter",
            Self::Report => "report",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|template| template.name() == name)
    }

    /// The document to begin with.
    ///
    /// # Errors
    /// When what is known exceeds what a document may hold.
    pub fn document(self, language: Language, known: &Known) -> Result<Node, ProseError> {
        let mut doc = markdown::parse(self.page(language))?;
        fill(&mut doc, language, known);
        let mut blocks = Vec::new();
        for block in doc.content {
            blocks.extend(expand(block, known)?);
        }
        crate::schema::fit(blocks)
    }

    fn page(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Minutes, Language::Fa) => include_str!("minutes.fa.md"),
            (Self::Minutes, Language::En) => include_str!("minutes.en.md"),
            (Self::Letter, Language::Fa) => include_str!("letter.fa.md"),
            (Self::Letter, Language::En) => include_str!("letter.en.md"),
            (Self::Report, Language::Fa) => include_str!("report.fa.md"),
            (Self::Report, Language::En) => include_str!("report.en.md"),
        }
    }
}

fn fill(node: &mut Node, language: Language, known: &Known) {
    if let Kind::Text { text, .. } = &mut node.kind {
        *text = filled(text, language, known);
    }
    for child in &mut node.content {
        fill(child, language, known);
    }
}

/// The blocks that a place of its own stands for: a list with an item for each thing, a whole text.
fn expand(block: Node, known: &Known) -> Result<Vec<Node>, ProseError> {
    let things = match only_text(&block) {
        Some("{agenda}") => &known.agenda,
        Some("{decisions}") => &known.decisions,
        Some("{discussion}") => {
            let text = known.discussion.as_deref().unwrap_or(BLANK);
            return Ok(markdown::parse(text)?.content);
        }
        _ => return Ok(vec![block]),
    };
    let blank = [BLANK.to_owned()];
    let things = if things.is_empty() {
        &blank[..]
    } else {
        &things[..]
    };
    let Some(pattern) = block.content.first().map(|item| item.kind.clone()) else {
        return Ok(vec![block]);
    };
    let item = |thing: &String| {
        let text = Node::paragraph(vec![Node::text(thing)]);
        Node::new(pattern.clone(), vec![text])
    };
    let items = things.iter().map(item).collect();
    Ok(vec![Node::new(block.kind, items)])
}

/// The text of a block in which nothing else stands.
fn only_text(block: &Node) -> Option<&str> {
    match &block.content[..] {
        [] => block.as_text(),
        [only] => only_text(only),
        _ => None,
    }
}

/// `text` with its places filled, in one pass: what is filled in is not looked at again.
fn filled(text: &str, language: Language, known: &Known) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(&value(name, language, known));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn value(name: &str, language: Language, known: &Known) -> String {
    let value = match name {
        "title" => known.title.clone(),
        "date" => known.date.clone(),
        "author" => known.author.clone(),
        "recipient" => known.recipient.clone(),
        // These stand for blocks.
        "agenda" | "discussion" | "decisions" => Some(format!("{{{name}}}")),
        _ => {
            let comma = if language == Language::Fa {
                "، "
            } else {
                ", "
            };
            (!known.people.is_empty()).then(|| known.people.join(comma))
        }
    };
    value.unwrap_or_else(|| BLANK.to_owned())
}
