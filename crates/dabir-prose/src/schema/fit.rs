//! Nodes into their places.

use super::{MAX_DEPTH, MAX_START, address, check_size, grid, line, size};
use crate::ProseError;
use crate::node::{Image, Kind, Node};

/// Below this depth nothing nests any further: a table needs five more levels down to its text.
const DEEPEST_CONTAINER: usize = MAX_DEPTH - 5;
/// The longest words under and over a picture.
const MAX_CAPTION_CHARS: usize = 1_000;
/// The longest name of a programming language.
const MAX_LANGUAGE_CHARS: usize = 32;
/// The largest a picture may be shown, in pixels.
const MAX_PIXELS: u32 = 10_000;

/// A document of `nodes`, each where it may stand.
pub(crate) fn fit(nodes: Vec<Node>) -> Result<Node, ProseError> {
    let root = Place {
        depth: 2,
        in_table: false,
    };
    let mut content = root.blocks(nodes)?;
    if content.is_empty() {
        content.push(Node::paragraph(Vec::new()));
    }
    let doc = Node::new(Kind::Doc, content);
    let (nodes, text_bytes) = size(&doc);
    check_size(nodes, text_bytes)?;
    Ok(doc)
}

/// Where in the tree blocks are being put.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    in_table: bool,
}

impl Place {
    fn deeper(self, levels: usize) -> Self {
        Self {
            depth: self.depth + levels,
            ..self
        }
    }

    /// `nodes` as blocks; pieces of lines between them become paragraphs.
    fn blocks(self, nodes: Vec<Node>) -> Result<Vec<Node>, ProseError> {
        let mut out = Vec::new();
        let mut loose_line = Vec::new();
        for node in nodes {
            if node.kind.is_inline() {
                loose_line.push(node);
            } else {
                end_line(&mut loose_line, &mut out);
                self.block(node, &mut out)?;
            }
        }
        end_line(&mut loose_line, &mut out);
        Ok(out)
    }

    /// At least one block, where a caret must be able to stand.
    fn some_blocks(self, nodes: Vec<Node>) -> Result<Vec<Node>, ProseError> {
        let mut blocks = self.blocks(nodes)?;
        if blocks.is_empty() {
            blocks.push(Node::paragraph(Vec::new()));
        }
        Ok(blocks)
    }

    fn block(self, node: Node, out: &mut Vec<Node>) -> Result<(), ProseError> {
        match node.kind {
            Kind::Paragraph | Kind::Heading { .. } => self.textblock(node, out),
            Kind::CodeBlock { language } => {
                out.push(code_block(language, &node.content).with_dir(node.dir));
                Ok(())
            }
            Kind::HorizontalRule => {
                out.push(Node::leaf(Kind::HorizontalRule));
                self.unwrap(node.content, out)
            }
            Kind::Image(image) => {
                out.extend(picture(image));
                self.unwrap(node.content, out)
            }
            Kind::BulletList | Kind::OrderedList { .. } | Kind::TaskList
                if self.depth <= DEEPEST_CONTAINER =>
            {
                self.list(node, out)
            }
            Kind::Blockquote if self.depth <= DEEPEST_CONTAINER => {
                let content = self.deeper(1).some_blocks(node.content)?;
                out.push(Node::new(Kind::Blockquote, content).with_dir(node.dir));
                Ok(())
            }
            Kind::Table if self.depth <= DEEPEST_CONTAINER && !self.in_table => {
                self.table(node, out)
            }
            _ => self.unwrap(node.content, out),
        }
    }

    /// What stands in a node that may not stand here itself.
    fn unwrap(self, content: Vec<Node>, out: &mut Vec<Node>) -> Result<(), ProseError> {
        out.extend(self.blocks(content)?);
        Ok(())
    }

    /// A paragraph or heading; blocks in it cut it in two.
    fn textblock(self, node: Node, out: &mut Vec<Node>) -> Result<(), ProseError> {
        let kind = tidy_heading(node.kind);
        let before = out.len();
        let mut pieces = Vec::new();
        for child in node.content {
            if child.kind.is_inline() {
                pieces.push(child);
                continue;
            }
            if !line::is_blank(&pieces) {
                let content = line::tidy(std::mem::take(&mut pieces));
                out.push(Node::new(kind.clone(), content).with_dir(node.dir));
            }
            pieces.clear();
            self.block(child, out)?;
        }
        if out.len() == before || !line::is_blank(&pieces) {
            out.push(Node::new(kind, line::tidy(pieces)).with_dir(node.dir));
        }
        Ok(())
    }

    fn list(self, node: Node, out: &mut Vec<Node>) -> Result<(), ProseError> {
        let mut items: Vec<(Kind, Vec<Node>)> = Vec::new();
        for child in node.content {
            match child.kind {
                Kind::ListItem | Kind::TaskItem { .. } => {
                    items.push((item_kind(&node.kind, &child.kind), child.content));
                }
                // Old word processors put a list beside the item that it belongs to.
                _ => match items.last_mut() {
                    Some((_, content)) => content.push(child),
                    None => items.push((item_kind(&node.kind, &Kind::ListItem), vec![child])),
                },
            }
        }
        let mut content = Vec::with_capacity(items.len());
        for (kind, blocks) in items {
            content.push(Node::new(kind, self.deeper(2).item(blocks)?));
        }
        if !content.is_empty() {
            out.push(Node::new(tidy_list(node.kind), content).with_dir(node.dir));
        }
        Ok(())
    }

    /// What stands in an item: a paragraph first, as the editor insists.
    fn item(self, nodes: Vec<Node>) -> Result<Vec<Node>, ProseError> {
        let mut blocks = self.blocks(nodes)?;
        match blocks.first_mut() {
            Some(first) if matches!(first.kind, Kind::Paragraph) => {}
            Some(first) if matches!(first.kind, Kind::Heading { .. }) => {
                first.kind = Kind::Paragraph;
            }
            _ => blocks.insert(0, Node::paragraph(Vec::new())),
        }
        Ok(blocks)
    }

    fn table(self, node: Node, out: &mut Vec<Node>) -> Result<(), ProseError> {
        let inside = Self {
            in_table: true,
            ..self.deeper(3)
        };
        let mut rows = Vec::new();
        for child in node.content {
            let cells = match child.kind {
                Kind::TableRow => child.content,
                _ => vec![child],
            };
            let cells = inside.cells(cells)?;
            if !cells.is_empty() {
                rows.push(cells);
            }
        }
        let rows = grid::square(rows)?;
        if !rows.is_empty() {
            out.push(Node::new(Kind::Table, rows).with_dir(node.dir));
        }
        Ok(())
    }

    fn cells(self, nodes: Vec<Node>) -> Result<Vec<Node>, ProseError> {
        let mut cells = Vec::new();
        for node in nodes {
            if node.kind.cell().is_some() {
                let content = self.some_blocks(node.content)?;
                cells.push(Node::new(node.kind, content));
            } else {
                let content = self.blocks(vec![node])?;
                if !content.is_empty() {
                    cells.push(Node::new(Kind::TableCell(Default::default()), content));
                }
            }
        }
        Ok(cells)
    }
}

fn item_kind(list: &Kind, item: &Kind) -> Kind {
    match (list, item) {
        (Kind::TaskList, Kind::TaskItem { checked }) => Kind::TaskItem { checked: *checked },
        (Kind::TaskList, _) => Kind::TaskItem { checked: false },
        _ => Kind::ListItem,
    }
}

fn tidy_heading(kind: Kind) -> Kind {
    match kind {
        Kind::Heading { level } => Kind::Heading {
            level: level.clamp(1, 4),
        },
        other => other,
    }
}

fn tidy_list(kind: Kind) -> Kind {
    match kind {
        Kind::OrderedList { start } => Kind::OrderedList {
            start: start.min(MAX_START),
        },
        other => other,
    }
}

/// Ends a line that stands between blocks; spaces alone are how HTML is laid out, not text.
fn end_line(pieces: &mut Vec<Node>, out: &mut Vec<Node>) {
    let pieces = std::mem::take(pieces);
    if !line::is_blank(&pieces) {
        out.push(Node::paragraph(line::tidy(pieces)));
    }
}

fn code_block(language: Option<String>, content: &[Node]) -> Node {
    let mut code = String::new();
    collect_code(content, &mut code);
    let code = line::tidy_code(&code);
    let content = if code.is_empty() {
        Vec::new()
    } else {
        vec![Node::text(code)]
    };
    let language = language.filter(|name| is_language(name));
    Node::new(Kind::CodeBlock { language }, content)
}

fn collect_code(nodes: &[Node], code: &mut String) {
    for node in nodes {
        match &node.kind {
            Kind::Text { text, .. } => code.push_str(text),
            Kind::HardBreak => code.push('\n'),
            Kind::Mention { id, label } => {
                code.push('@');
                code.push_str(if label.is_empty() { id } else { label });
            }
            _ => {
                if !code.is_empty() && !code.ends_with('\n') {
                    code.push('\n');
                }
                collect_code(&node.content, code);
            }
        }
    }
}

fn is_language(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_LANGUAGE_CHARS
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+#.-_".contains(c))
}

/// The picture, or, when its address is not one of ours, a line that says what was there.
fn picture(mut image: Image) -> Option<Node> {
    let caption = |text: Option<String>| {
        let text = line::tidy_line(text?.trim());
        let short: String = text.chars().take(MAX_CAPTION_CHARS).collect();
        (!short.is_empty()).then_some(short)
    };
    image.alt = caption(image.alt);
    image.title = caption(image.title);
    image.width = image.width.filter(|n| (1..=MAX_PIXELS).contains(n));
    image.height = image.height.filter(|n| (1..=MAX_PIXELS).contains(n));
    if let Some(src) = address::picture(&image.src) {
        image.src = src;
        return Some(Node::leaf(Kind::Image(image)));
    }
    let href = address::link(&image.src);
    let words = image.alt.or(image.title).or_else(|| href.clone())?;
    let marks = href.map(|href| crate::Mark::Link { href });
    let text = Node::marked(words, marks.into_iter().collect());
    Some(Node::paragraph(line::tidy(vec![text])))
}
