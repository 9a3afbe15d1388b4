//! HTML in, as people paste it: from browsers, Word, Google Docs, mail.
//!
//! The parser is a browser's; this walk keeps what a document can hold and passes over the rest. It
//! need not be careful about safety: the schema has the last word on every node and address.

use super::style::{self, Style};
use super::tree::{ROOT, Tree};
use super::word;
use crate::build::Builder;
use crate::node::{Cell, Dir, Image, Kind, Mark, Node};
use crate::{Images, ProseError, dir};

/// The document in `html`.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn parse(html: &str) -> Result<Node, ProseError> {
    parse_with(html, &mut |_| None)
}

/// The document in `html`, its pictures where `images` says they are; `None` keeps an address.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn parse_with(html: &str, images: Images<'_>) -> Result<Node, ProseError> {
    let mut doc = crate::schema::fit(loose_blocks(html, images)?)?;
    dir::forget_obvious(&mut doc);
    Ok(doc)
}

/// The blocks in `html`, not yet in their places.
pub(crate) fn loose_blocks(html: &str, images: Images<'_>) -> Result<Vec<Node>, ProseError> {
    let tree = Tree::parse(html)?;
    let mut walker = Walker {
        tree: &tree,
        images,
        builder: Builder::new(),
        line: None,
        after_space: true,
    };
    walker.children(ROOT, &Context::default());
    walker.end_line();
    walker.builder.finish_loose()
}

struct Walker<'a> {
    tree: &'a Tree,
    images: Images<'a>,
    builder: Builder,
    /// The paragraph or heading that is being filled.
    line: Option<Line>,
    /// Whether another space would not show.
    after_space: bool,
}

struct Line {
    /// The page made it with a tag, rather than by text that stands between blocks.
    tagged: bool,
    /// Spaces and line ends count.
    keeps_spaces: bool,
}

/// What holds for everything in an element.
#[derive(Clone, Default)]
struct Context {
    marks: Vec<Mark>,
    keeps_spaces: bool,
}

impl Walker<'_> {
    fn children(&mut self, id: usize, context: &Context) {
        let tree = self.tree;
        let mut children = tree.children(id).iter().copied().peekable();
        while let Some(child) = children.next() {
            let Some(first) = word::item(tree, child) else {
                self.node(child, context);
                continue;
            };
            let mut items = vec![(child, first)];
            while let Some(next) = children.peek() {
                // Line ends stand between the paragraphs.
                if tree.text(*next).is_some_and(|text| text.trim().is_empty()) {
                    children.next();
                } else if let Some(item) = word::item(tree, *next) {
                    items.push((*next, item));
                    children.next();
                } else {
                    break;
                }
            }
            self.word_list(&items, context);
        }
    }

    fn node(&mut self, id: usize, context: &Context) {
        if let Some(text) = self.tree.text(id) {
            self.text(text, context);
        } else if let Some(tag) = self.tree.tag(id) {
            self.element(id, tag, context);
        } else if id == ROOT {
            self.children(id, context);
        }
    }

    fn element(&mut self, id: usize, tag: &str, context: &Context) {
        let style = Style::of(self.tree, id);
        if is_skipped(tag) || style.is_hidden() || word::is_marker(self.tree, id) {
            return;
        }
        let context = &self.context(id, tag, &style, context);
        match tag {
            "p" => self.textblock(Kind::Paragraph, id, context),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = tag.as_bytes()[1] - b'0';
                self.textblock(
                    Kind::Heading {
                        level: level.min(4),
                    },
                    id,
                    context,
                );
            }
            "ul" | "ol" | "menu" => self.container(self.list_kind(id, tag), id, context),
            "li" | "dt" | "dd" => self.container(self.item_kind(id), id, context),
            "blockquote" => self.container(Kind::Blockquote, id, context),
            "table" => self.container(Kind::Table, id, context),
            "tr" => self.container(Kind::TableRow, id, context),
            "th" => self.container(Kind::TableHeader(self.cell(id)), id, context),
            "td" => self.container(Kind::TableCell(self.cell(id)), id, context),
            // Word writes an empty paragraph with a space that shows.
            "o:p" if self.tree.all_text(id).trim().is_empty() => {}
            "pre" => self.code_block(id),
            "hr" => self.leaf(Kind::HorizontalRule),
            "img" => self.image(id),
            "br" => self.line_break(id, context),
            "span" if self.tree.attribute(id, "data-type") == Some("mention") => {
                self.mention(id, context);
            }
            _ if is_block(tag) => self.division(id, context),
            _ => self.children(id, context),
        }
    }

    fn context(&self, id: usize, tag: &str, style: &Style<'_>, around: &Context) -> Context {
        let mut context = around.clone();
        match tag {
            "b" | "strong" => context.marks.push(Mark::Bold),
            "i" | "em" | "cite" | "dfn" | "var" => context.marks.push(Mark::Italic),
            "s" | "del" | "strike" => context.marks.push(Mark::Strike),
            "u" | "ins" => context.marks.push(Mark::Underline),
            "mark" => context.marks.push(Mark::Highlight),
            "code" | "tt" | "kbd" | "samp" => context.marks.push(Mark::Code),
            "a" => {
                let href = self.tree.attribute(id, "href");
                context.marks.extend(href.map(Mark::link_to));
            }
            _ => {}
        }
        style.change(&mut context.marks);
        // However deep it nests, no more is carried along than a text may have.
        context.marks = Mark::arrange(context.marks);
        let class = self.tree.attribute(id, "class").unwrap_or_default();
        if class.split_whitespace().any(|name| name == "pre-wrap") {
            context.keeps_spaces = true;
        }
        context.keeps_spaces = style.keeps_spaces().unwrap_or(context.keeps_spaces);
        context
    }

    /// A block that means nothing by itself but ends a line.
    fn division(&mut self, id: usize, context: &Context) {
        if self.line.as_ref().is_some_and(|line| line.tagged) {
            self.children(id, context);
            return;
        }
        self.end_line();
        self.children(id, context);
        self.end_line();
    }

    fn container(&mut self, kind: Kind, id: usize, context: &Context) {
        self.end_line();
        self.builder.open(kind, style::dir(self.tree, id));
        self.children(id, context);
        self.end_line();
        self.builder.close();
    }

    fn textblock(&mut self, kind: Kind, id: usize, context: &Context) {
        if self.line.as_ref().is_some_and(|line| line.tagged) {
            self.children(id, context);
            return;
        }
        self.start_line(kind, style::dir(self.tree, id), true, context.keeps_spaces);
        self.children(id, context);
        self.end_line();
    }

    fn start_line(&mut self, kind: Kind, dir: Option<Dir>, tagged: bool, keeps_spaces: bool) {
        self.end_line();
        self.builder.open(kind, dir);
        self.after_space = true;
        self.line = Some(Line {
            tagged,
            keeps_spaces,
        });
    }

    /// Ends the line without what a browser would not show at its end.
    fn end_line(&mut self) {
        let Some(line) = self.line.take() else {
            return;
        };
        if !line.keeps_spaces
            && let Some(node) = self.builder.current()
        {
            trim_end(&mut node.content);
        }
        self.builder.drop_last_break();
        self.builder.close();
        self.after_space = true;
    }

    fn text(&mut self, text: &str, context: &Context) {
        let blank = text.chars().all(is_space);
        if self.line.is_none() {
            if blank {
                return;
            }
            self.start_line(Kind::Paragraph, None, false, context.keeps_spaces);
        }
        if context.keeps_spaces {
            self.builder.text(text, &context.marks);
            self.after_space = false;
        } else {
            let text = self.collapse(text);
            self.builder.text(&text, &context.marks);
        }
    }

    /// `text` with each run of spaces as one, and none where one stands already.
    fn collapse(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if !is_space(c) {
                out.push(c);
                self.after_space = false;
            } else if !self.after_space {
                out.push(' ');
                self.after_space = true;
            }
        }
        out
    }

    fn line_break(&mut self, id: usize, context: &Context) {
        if self.tree.attribute(id, "class") == Some("Apple-interchange-newline") {
            return;
        }
        match &self.line {
            None => self.start_line(Kind::Paragraph, None, false, context.keeps_spaces),
            Some(line) if !line.keeps_spaces => {
                if let Some(node) = self.builder.current() {
                    trim_end(&mut node.content);
                }
            }
            Some(_) => {}
        }
        self.builder.leaf(Kind::HardBreak);
        self.after_space = true;
    }

    fn mention(&mut self, id: usize, context: &Context) {
        if self.line.is_none() {
            self.start_line(Kind::Paragraph, None, false, context.keeps_spaces);
        }
        let attribute = |name| self.tree.attribute(id, name).unwrap_or_default().to_owned();
        let mention = Kind::Mention {
            id: attribute("data-id"),
            label: attribute("data-label"),
        };
        self.builder.leaf(mention);
        self.after_space = false;
    }

    fn leaf(&mut self, kind: Kind) {
        self.end_line();
        self.builder.leaf(kind);
    }

    fn image(&mut self, id: usize) {
        let attribute = |name| self.tree.attribute(id, name);
        let number = |name| attribute(name)?.trim().parse().ok();
        let image = Image {
            alt: attribute("alt").map(str::to_owned),
            title: attribute("title").map(str::to_owned),
            width: number("width"),
            height: number("height"),
            src: attribute("src").unwrap_or_default().to_owned(),
        };
        let src = (self.images)(&image.src).unwrap_or_else(|| image.src.clone());
        self.leaf(Kind::Image(Image { src, ..image }));
    }

    fn code_block(&mut self, id: usize) {
        self.end_line();
        let language = self.language(id);
        let dir = style::dir(self.tree, id);
        self.builder.open(Kind::CodeBlock { language }, dir);
        let code = self.tree.all_text(id);
        self.builder.text(&code, &[]);
        self.builder.close();
    }

    fn language(&self, id: usize) -> Option<String> {
        let class = |id| self.tree.attribute(id, "class").unwrap_or_default();
        let inner = self.tree.children(id).iter().map(|child| class(*child));
        std::iter::once(class(id))
            .chain(inner)
            .flat_map(str::split_whitespace)
            .find_map(|name| name.strip_prefix("language-"))
            .map(str::to_owned)
    }

    fn list_kind(&self, id: usize, tag: &str) -> Kind {
        let number = |name| self.tree.attribute(id, name)?.trim().parse().ok();
        let is_task = |item: &usize| matches!(self.item_kind(*item), Kind::TaskItem { .. });
        if self.tree.attribute(id, "data-type") == Some("taskList")
            || self.tree.children(id).iter().any(is_task)
        {
            Kind::TaskList
        } else if tag == "ol" {
            Kind::OrderedList {
                start: number("start").unwrap_or(1),
            }
        } else {
            Kind::BulletList
        }
    }

    /// A task when the editor says so, or when a box to tick stands first in the item.
    fn item_kind(&self, id: usize) -> Kind {
        let tree = self.tree;
        if tree.attribute(id, "data-type") == Some("taskItem") {
            return Kind::TaskItem {
                checked: tree.attribute(id, "data-checked") == Some("true"),
            };
        }
        let first = tree.children(id).iter().find(|child| {
            tree.text(**child)
                .is_none_or(|text| !text.trim().is_empty())
        });
        let is_box = |id: usize| {
            tree.tag(id) == Some("input") && tree.attribute(id, "type") == Some("checkbox")
        };
        match first {
            Some(first)
                if is_box(*first)
                    || (tree.tag(*first) == Some("label") && tree.has(*first, &is_box)) =>
            {
                let ticked = |id: usize| is_box(id) && tree.attribute(id, "checked").is_some();
                Kind::TaskItem {
                    checked: ticked(*first) || tree.has(*first, &ticked),
                }
            }
            _ => Kind::ListItem,
        }
    }

    fn cell(&self, id: usize) -> Cell {
        let attribute = |name| self.tree.attribute(id, name);
        let number = |name| attribute(name)?.trim().parse().ok();
        let widths = attribute("data-colwidth").or_else(|| attribute("colwidth"));
        Cell {
            colspan: number("colspan").unwrap_or(1),
            rowspan: number("rowspan").unwrap_or(1),
            align: style::align(self.tree, id),
            colwidth: widths
                .unwrap_or_default()
                .split(',')
                .filter_map(|width| width.trim().parse().ok())
                .collect(),
        }
    }

    /// Paragraphs of Word that are items, nested by their levels.
    fn word_list(&mut self, items: &[(usize, word::Item)], context: &Context) {
        self.end_line();
        let mut open = 0;
        for (id, item) in items {
            while open > item.level {
                self.close_word_item();
                open -= 1;
            }
            if open == item.level {
                self.builder.close();
                self.builder.open(Kind::ListItem, None);
            }
            while open < item.level {
                self.builder.open(list_of(*item), None);
                self.builder.open(Kind::ListItem, None);
                open += 1;
            }
            self.textblock(Kind::Paragraph, *id, context);
        }
        for _ in 0..open {
            self.close_word_item();
        }
    }

    /// Closes an item and its list.
    fn close_word_item(&mut self) {
        self.builder.close();
        self.builder.close();
    }
}

fn list_of(item: word::Item) -> Kind {
    if item.ordered {
        Kind::OrderedList { start: 1 }
    } else {
        Kind::BulletList
    }
}

/// The spaces that HTML does not tell apart; a no-break space is a letter to it.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn trim_end(pieces: &mut [Node]) {
    if let Some(Node {
        kind: Kind::Text { text, .. },
        ..
    }) = pieces.last_mut()
    {
        text.truncate(text.trim_end_matches(' ').len());
    }
}

/// What is no text of the page.
fn is_skipped(tag: &str) -> bool {
    matches!(
        tag,
        "head"
            | "script"
            | "style"
            | "title"
            | "template"
            | "noscript"
            | "iframe"
            | "object"
            | "embed"
            | "svg"
            | "math"
            | "select"
            | "textarea"
            | "canvas"
            | "audio"
            | "video"
            | "input"
            | "frameset"
            | "xml"
    )
}

fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "html"
            | "body"
            | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "nav"
            | "aside"
            | "figure"
            | "figcaption"
            | "address"
            | "center"
            | "dl"
            | "details"
            | "summary"
            | "fieldset"
            | "form"
            | "hgroup"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "legend"
            | "search"
            | "dialog"
    )
}
