//! What a document says without how it looks: plain text, headings, links, mentions.

use crate::node::{Kind, Node};

/// One heading of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Heading {
    /// From 1 to 4.
    pub level: u8,
    /// Its words.
    pub text: String,
    /// Its number among the document's headings, from 1; [`html`](crate::html) writes it as `id`.
    pub number: usize,
}

/// One link of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// The words that lead there.
    pub text: String,
}

/// One mention, each id once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mention {
    /// Who or what is meant.
    pub id: String,
    /// The name as it stood when it was written.
    pub label: String,
}

/// The words of `node`, a line for each block and a tab between cells.
#[must_use]
pub fn plain(node: &Node) -> String {
    let mut out = String::new();
    write_plain(node, &mut out);
    out
}

/// A document of `text`: a paragraph for each line, nothing read into its signs.
///
/// # Errors
/// When the text exceeds what a document may hold.
pub fn document(text: &str) -> Result<Node, crate::ProseError> {
    let mut builder = crate::build::Builder::new();
    for line in text.lines() {
        builder.open(Kind::Paragraph, None);
        builder.text(line, &[]);
        builder.close();
    }
    builder.finish()
}

/// The first words of a document, for where it has no title: at most `most` characters.
#[must_use]
pub fn title(doc: &Node, most: usize) -> Option<String> {
    let text = plain(doc);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let mut title: String = line.chars().take(most).collect();
    if title.len() < line.len() {
        title.pop();
        title.push('…');
    }
    Some(title)
}

/// The headings in their order.
#[must_use]
pub fn outline(doc: &Node) -> Vec<Heading> {
    let mut headings = Vec::new();
    visit(doc, &mut |node| {
        if let Kind::Heading { level } = node.kind {
            headings.push(Heading {
                level,
                text: plain(node),
                number: headings.len() + 1,
            });
        }
    });
    headings
}

/// The links in their order; pieces of one link that look different are one.
#[must_use]
pub fn links(doc: &Node) -> Vec<Link> {
    let mut links = Vec::new();
    visit(doc, &mut |node| {
        if node.kind.is_textblock() {
            collect_links(&node.content, &mut links);
        }
    });
    links
}

/// The mentions in their order, each id once.
#[must_use]
pub fn mentions(doc: &Node) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut known = std::collections::HashSet::new();
    visit(doc, &mut |node| {
        if let Kind::Mention { id, label } = &node.kind
            && known.insert(id.clone())
        {
            mentions.push(Mention {
                id: id.clone(),
                label: label.clone(),
            });
        }
    });
    mentions
}

/// The ids of the house's files that the document shows or links to, each once.
#[must_use]
pub fn files(doc: &Node) -> Vec<String> {
    let mut ids = std::collections::BTreeSet::new();
    let mut add = |address: &str| {
        ids.extend(crate::schema::address::file_id(address).map(str::to_owned));
    };
    visit(doc, &mut |node| match &node.kind {
        Kind::Image(image) => add(&image.src),
        _ => node.href().into_iter().for_each(&mut add),
    });
    ids.into_iter().collect()
}

/// Whether the document says and shows nothing.
#[must_use]
pub fn is_empty(doc: &Node) -> bool {
    let shows = matches!(
        doc.kind,
        Kind::Image(_) | Kind::HorizontalRule | Kind::Mention { .. }
    );
    !shows
        && doc.as_text().is_none_or(|text| text.trim().is_empty())
        && doc.content.iter().all(is_empty)
}

/// Calls `see` for `node` and everything in it, in reading order.
pub fn visit<'a>(node: &'a Node, see: &mut impl FnMut(&'a Node)) {
    see(node);
    for child in &node.content {
        visit(child, see);
    }
}

fn write_plain(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Text { text, .. } => out.push_str(text),
        Kind::HardBreak => out.push('\n'),
        Kind::Mention { label, .. } => {
            out.push('@');
            out.push_str(label);
        }
        Kind::Image(image) => out.push_str(image.alt.as_deref().unwrap_or_default()),
        Kind::TableRow => join(&node.content, "\t", out),
        kind if kind.is_textblock() => node.content.iter().for_each(|n| write_plain(n, out)),
        _ => join(&node.content, "\n", out),
    }
}

fn join(nodes: &[Node], between: &str, out: &mut String) {
    for (n, node) in nodes.iter().enumerate() {
        if n > 0 {
            out.push_str(between);
        }
        write_plain(node, out);
    }
}

fn collect_links(line: &[Node], links: &mut Vec<Link>) {
    let mut before: Option<&str> = None;
    for piece in line {
        let href = piece.href();
        if let Some(href) = href {
            let text = piece.as_text().unwrap_or_default();
            match links.last_mut() {
                Some(last) if before == Some(href) => last.text.push_str(text),
                _ => links.push(Link {
                    href: href.to_owned(),
                    text: text.to_owned(),
                }),
            }
        }
        before = href;
    }
}
