//! Blocks as Markdown.

use super::escape::{self, Spot};
use super::inline::{self, Breaks, line};
use crate::node::{Align, Dir, Image, Kind, Node};
use crate::schema::is_blank;
use crate::{dir, html};

/// The document as Markdown.
#[must_use]
pub fn write(doc: &Node) -> String {
    let around = dir::of_document(doc, Dir::Rtl);
    let mut out = blocks(&doc.content, around, Within::Page);
    out.push('\n');
    out
}

/// What a block stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Page,
    Other,
}

/// Blocks with an empty line between them.
fn blocks(nodes: &[Node], around: Dir, within: Within) -> String {
    let mut out: Vec<String> = Vec::with_capacity(nodes.len());
    let mut lists_in_a_row = 0;
    for node in nodes {
        lists_in_a_row = if node.kind.is_list() {
            lists_in_a_row + 1
        } else {
            0
        };
        // Two lists with the same bullets would be one.
        out.push(block(node, around, lists_in_a_row % 2 == 1, within));
    }
    out.join("\n\n")
}

fn block(node: &Node, around: Dir, first_bullets: bool, within: Within) -> String {
    if needs_html(node, within) {
        return html::write_flat(node, around);
    }
    let inside = dir::shown(node, around);
    let text = match &node.kind {
        Kind::Paragraph => paragraph(&node.content),
        Kind::Heading { level } => heading(*level, &node.content),
        Kind::CodeBlock { language } => code_block(language.as_deref(), node),
        Kind::HorizontalRule => "***".to_owned(),
        Kind::Image(image) => picture(image),
        Kind::Blockquote => prefixed(&blocks(&node.content, inside, Within::Other), "> ", "> "),
        Kind::Table => table(node),
        _ => list(node, inside, first_bullets),
    };
    match node.dir {
        Some(dir) => format!("<div dir=\"{}\">\n\n{text}\n\n</div>", dir.as_str()),
        None => text,
    }
}

fn paragraph(content: &[Node]) -> String {
    if content.is_empty() {
        "<p></p>".to_owned()
    } else {
        line(content, Breaks::Lines)
    }
}

fn heading(level: u8, content: &[Node]) -> String {
    let signs = "#".repeat(usize::from(level));
    if content.is_empty() {
        signs
    } else {
        format!("{signs} {}", line(content, Breaks::Tags))
    }
}

fn code_block(language: Option<&str>, node: &Node) -> String {
    let code = code_of(node);
    let fence = "`".repeat(inline::longest_run(code, '`').max(2) + 1);
    let language = language.unwrap_or_default();
    if code.is_empty() {
        format!("{fence}{language}\n{fence}")
    } else {
        format!("{fence}{language}\n{code}\n{fence}")
    }
}

fn code_of(block: &Node) -> &str {
    let first = block.content.first();
    first.and_then(Node::as_text).unwrap_or_default()
}

fn picture(image: &Image) -> String {
    let alt = image.alt.as_deref().unwrap_or_default();
    let alt = escape::text(alt, Spot::MIDDLE);
    let src = escape::address(&image.src);
    match &image.title {
        Some(title) => format!("![{alt}]({src} {})", escape::title(title)),
        None => format!("![{alt}]({src})"),
    }
}

fn list(node: &Node, around: Dir, first_bullets: bool) -> String {
    let mut items = Vec::with_capacity(node.content.len());
    let mut tight = true;
    for (n, item) in node.content.iter().enumerate() {
        let marker = marker(&node.kind, n, first_bullets);
        let indent = " ".repeat(marker.len());
        tight &= is_tight(item);
        items.push(prefixed(&item_text(item, around), &marker, &indent));
    }
    items.join(if tight { "\n" } else { "\n\n" })
}

fn marker(list: &Kind, n: usize, first: bool) -> String {
    match (list, first) {
        (Kind::OrderedList { start }, first) => {
            let number = u64::from(*start) + n as u64;
            format!("{number}{} ", if first { '.' } else { ')' })
        }
        (_, true) => "- ".to_owned(),
        (_, false) => "* ".to_owned(),
    }
}

fn item_text(item: &Node, around: Dir) -> String {
    let Some((first, rest)) = item.content.split_first() else {
        return String::new();
    };
    let words = block(first, around, true, Within::Other);
    let mut text = match item.kind {
        // A box needs something after it to be one.
        Kind::TaskItem { checked } if first.content.is_empty() => format!("{} <br>", tick(checked)),
        Kind::TaskItem { checked } => format!("{} {words}", tick(checked)),
        _ => words,
    };
    if !rest.is_empty() {
        text.push_str(if is_tight(item) { "\n" } else { "\n\n" });
        text.push_str(&blocks(rest, around, Within::Other));
    }
    text
}

fn tick(checked: bool) -> &'static str {
    if checked { "[x]" } else { "[ ]" }
}

/// Whether an item is one paragraph, or one with a list under it. HTML goes on to the next empty line.
fn is_tight(item: &Node) -> bool {
    let words = |node: &Node| {
        let is_text = node.kind == Kind::Paragraph && !needs_html(node, Within::Other);
        is_text && node.dir.is_none() && !node.content.is_empty()
    };
    let under = |node: &Node| {
        matches!(
            node.kind,
            Kind::BulletList | Kind::TaskList | Kind::OrderedList { start: 1 }
        ) && node.dir.is_none()
    };
    match item.content.as_slice() {
        [first] => words(first),
        [first, list] => words(first) && under(list) && list.content.iter().all(is_tight),
        _ => false,
    }
}

/// `text` with `first` before its first line and `rest` before the others.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let prefix = if n == 0 { first } else { rest };
        out.push_str(if line.is_empty() && n > 0 {
            prefix.trim_end()
        } else {
            prefix
        });
        out.push_str(line);
    }
    out
}

fn table(node: &Node) -> String {
    let mut lines = Vec::with_capacity(node.content.len() + 1);
    for (n, row) in node.content.iter().enumerate() {
        let cells: Vec<String> = row.content.iter().map(cell).collect();
        lines.push(format!("| {} |", cells.join(" | ")));
        if n == 0 {
            let rules: Vec<&str> = row.content.iter().map(rule).collect();
            lines.push(format!("| {} |", rules.join(" | ")));
        }
    }
    lines.join("\n")
}

fn cell(node: &Node) -> String {
    let pieces = node.content.first().map(|p| p.content.as_slice());
    line(pieces.unwrap_or_default(), Breaks::Tags)
}

fn rule(cell: &Node) -> &'static str {
    match cell.kind.cell().and_then(|cell| cell.align) {
        None => "---",
        Some(Align::Left) => ":--",
        Some(Align::Center) => ":-:",
        Some(Align::Right) => "--:",
    }
}

/// Whether Markdown itself has no way to say this block.
fn needs_html(node: &Node, within: Within) -> bool {
    match &node.kind {
        Kind::Paragraph if node.content.is_empty() => node.dir.is_some(),
        // Of a list's item nobody knows whether spaces are its words.
        Kind::Paragraph if within == Within::Other && is_blank(&node.content) => true,
        Kind::Paragraph | Kind::Heading { .. } => ends_in_break(node),
        // Within a list a tab counts towards the indent.
        Kind::CodeBlock { .. } => {
            let code = code_of(node);
            within == Within::Other && (code.contains('\t') || code.starts_with('\n'))
        }
        Kind::Image(image) => image.width.is_some() || image.height.is_some(),
        Kind::Table => !is_simple(node),
        Kind::TaskList => !node.content.iter().all(begins_with_words),
        Kind::OrderedList { start } => {
            u64::from(*start) + node.content.len() as u64 > u64::from(crate::schema::MAX_START)
        }
        _ => false,
    }
}

fn ends_in_break(node: &Node) -> bool {
    let is_break = |piece: Option<&Node>| piece.is_some_and(|piece| piece.kind == Kind::HardBreak);
    is_break(node.content.first()) || is_break(node.content.last()) || has_empty_line(node)
}

fn has_empty_line(node: &Node) -> bool {
    node.content
        .windows(2)
        .any(|pair| pair.iter().all(|piece| piece.kind == Kind::HardBreak))
}

fn begins_with_words(item: &Node) -> bool {
    let begins = |first: &Node| first.dir.is_none() && !needs_html(first, Within::Other);
    item.content.first().is_some_and(begins)
}

/// Whether a table is what Markdown calls one: a head, then rows of single lines, columns aligned.
fn is_simple(table: &Node) -> bool {
    let Some((head, rows)) = table.content.split_first() else {
        return false;
    };
    let is_head = |cell: &Node| matches!(cell.kind, Kind::TableHeader(_));
    let aligns = |row: &Node| -> Vec<Option<Align>> {
        row.content
            .iter()
            .map(|c| c.kind.cell().and_then(|c| c.align))
            .collect()
    };
    head.content
        .iter()
        .all(|cell| is_head(cell) && is_one_line(cell))
        && rows.iter().all(|row| {
            row.content
                .iter()
                .all(|cell| !is_head(cell) && is_one_line(cell))
                && aligns(row) == aligns(head)
        })
}

fn is_one_line(cell: &Node) -> bool {
    let single = cell
        .kind
        .cell()
        .is_some_and(|cell| cell.colspan == 1 && cell.rowspan == 1 && cell.colwidth.is_empty());
    match cell.content.as_slice() {
        [only] => {
            single && only.kind == Kind::Paragraph && only.dir.is_none() && !ends_in_break(only)
        }
        _ => false,
    }
}
