//! A document as HTML: every sign escaped, every block with its direction.
//!
//! No inline style is written, so the strictest content policy shows it; two classes, `pre-wrap` and
//! `mention`, wait for a style sheet.

use crate::dir;
use crate::node::{Cell, Dir, Image, Kind, Mark, Node};

/// What a page needs to be read when it stands alone.
const STYLE: &str = "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font-family:Vazirmatn,Tahoma,sans-serif;line-height:1.75}\
table{border-collapse:collapse}td,th{border:1px solid;padding:.25rem .5rem}img{max-width:100%}\
.pre-wrap{white-space:pre-wrap}pre{overflow:auto}blockquote{border-inline-start:2px solid;margin-inline-start:0;padding-inline-start:1rem}";

/// The blocks of a document, without a page around them.
#[must_use]
pub fn write(doc: &Node) -> String {
    let mut writer = Writer::default();
    let around = dir::of_document(doc, Dir::Rtl);
    writer.blocks(&doc.content, around);
    writer.out
}

/// One block without a line that is empty, so that it can stand in Markdown.
pub(crate) fn write_flat(node: &Node, around: Dir) -> String {
    let mut writer = Writer {
        flat: true,
        ..Writer::default()
    };
    writer.block(node, around);
    writer.out.truncate(writer.out.trim_end().len());
    writer.out
}

/// A whole page that needs nothing else.
#[must_use]
pub fn page(doc: &Node, title: &str) -> String {
    let around = dir::of_document(doc, Dir::Rtl);
    let lang = match around {
        Dir::Rtl => "fa",
        Dir::Ltr => "en",
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n{}</body>\n</html>\n",
        around.as_str(),
        escape(title),
        write(doc),
    )
}

/// `text` with the signs that mean something to HTML and XML written as references.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(text, &mut out);
    out
}

fn push_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push_str("&#9;"),
            _ => out.push(c),
        }
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    headings: usize,
    /// Line ends within code are written as references.
    flat: bool,
}

impl Writer {
    fn blocks(&mut self, nodes: &[Node], around: Dir) {
        for node in nodes {
            self.block(node, around);
        }
    }

    fn block(&mut self, node: &Node, around: Dir) {
        let dir = dir::shown(node, around);
        match &node.kind {
            Kind::Paragraph => self.textblock("p", node, dir, None),
            Kind::Heading { level } => {
                self.headings += 1;
                let id = self.headings;
                self.textblock(&format!("h{level}"), node, dir, Some(id));
            }
            Kind::CodeBlock { language } => self.code_block(language.as_deref(), node, dir),
            Kind::HorizontalRule => self.out.push_str("<hr>\n"),
            Kind::Image(image) => self.image(image),
            Kind::BulletList => self.wrap("ul", "", node, dir),
            Kind::OrderedList { start: 1 } => self.wrap("ol", "", node, dir),
            Kind::OrderedList { start } => {
                self.wrap("ol", &format!(" start=\"{start}\""), node, dir);
            }
            Kind::TaskList => self.wrap("ul", " data-type=\"taskList\"", node, dir),
            Kind::ListItem => {
                self.out.push_str("<li>\n");
                self.blocks(&node.content, around);
                self.out.push_str("</li>\n");
            }
            Kind::TaskItem { checked } => self.task(*checked, node, around),
            Kind::Blockquote => self.wrap("blockquote", "", node, dir),
            Kind::Table => self.table(node, dir),
            _ => self.blocks(&node.content, around),
        }
    }

    fn wrap(&mut self, tag: &str, attributes: &str, node: &Node, dir: Dir) {
        self.start(tag, attributes, dir);
        self.out.push('\n');
        self.blocks(&node.content, dir);
        self.end(tag);
    }

    fn start(&mut self, tag: &str, attributes: &str, dir: Dir) {
        self.out
            .push_str(&format!("<{tag} dir=\"{}\"{attributes}>", dir.as_str()));
    }

    fn end(&mut self, tag: &str) {
        self.out.push_str(&format!("</{tag}>\n"));
    }

    fn textblock(&mut self, tag: &str, node: &Node, dir: Dir, id: Option<usize>) {
        let mut attributes = id.map_or_else(String::new, |id| format!(" id=\"s{id}\""));
        if has_uneven_spaces(&node.content) {
            attributes.push_str(" class=\"pre-wrap\"");
        }
        self.start(tag, &attributes, dir);
        self.line(&node.content);
        self.end(tag);
    }

    fn code_block(&mut self, language: Option<&str>, node: &Node, dir: Dir) {
        self.start("pre", "", dir);
        match language {
            Some(name) => self
                .out
                .push_str(&format!("<code class=\"language-{}\">", escape(name))),
            None => self.out.push_str("<code>"),
        }
        for piece in &node.content {
            let code = escape(piece.as_text().unwrap_or_default());
            self.out.push_str(&if self.flat {
                code.replace('\n', "&#10;")
            } else {
                code
            });
        }
        self.out.push_str("</code>");
        self.end("pre");
    }

    fn image(&mut self, image: &Image) {
        self.out.push_str("<img");
        let mut attribute = |name: &str, value: &str| {
            self.out.push_str(&format!(" {name}=\"{}\"", escape(value)));
        };
        attribute("src", &image.src);
        attribute("alt", image.alt.as_deref().unwrap_or_default());
        if let Some(title) = &image.title {
            attribute("title", title);
        }
        if let Some(width) = image.width {
            attribute("width", &width.to_string());
        }
        if let Some(height) = image.height {
            attribute("height", &height.to_string());
        }
        self.out.push_str(">\n");
    }

    fn task(&mut self, checked: bool, node: &Node, around: Dir) {
        let tick = if checked { " checked" } else { "" };
        self.out.push_str(&format!(
            "<li data-type=\"taskItem\" data-checked=\"{checked}\"><label><input type=\"checkbox\" disabled{tick}></label><div>\n"
        ));
        self.blocks(&node.content, around);
        self.out.push_str("</div></li>\n");
    }

    fn table(&mut self, node: &Node, dir: Dir) {
        self.start("table", "", dir);
        self.out.push_str("\n<tbody>\n");
        for row in &node.content {
            self.out.push_str("<tr>\n");
            for cell in &row.content {
                self.cell(cell, dir);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n");
        self.end("table");
    }

    fn cell(&mut self, node: &Node, around: Dir) {
        let tag = match node.kind {
            Kind::TableHeader(_) => "th",
            _ => "td",
        };
        let attributes = node.kind.cell().map(cell_attributes).unwrap_or_default();
        self.out.push_str(&format!("<{tag}{attributes}>\n"));
        self.blocks(&node.content, around);
        self.end(tag);
    }

    fn line(&mut self, pieces: &[Node]) {
        let mut open: Vec<&Mark> = Vec::new();
        for piece in pieces {
            let marks = piece.marks().iter().filter(|mark| is_shown(mark));
            self.change_marks(&mut open, marks.collect());
            self.piece(piece);
        }
        self.change_marks(&mut open, Vec::new());
        // A line that ends in a break, or is empty, has no height without one more.
        if pieces
            .last()
            .is_none_or(|piece| piece.kind == Kind::HardBreak)
        {
            self.out.push_str("<br>");
        }
    }

    fn change_marks<'a>(&mut self, open: &mut Vec<&'a Mark>, marks: Vec<&'a Mark>) {
        let same = open.iter().zip(&marks).take_while(|(a, b)| a == b).count();
        for mark in open.drain(same..).rev() {
            self.out.push_str(end_tag(mark));
        }
        for mark in &marks[same..] {
            self.start_mark(mark);
        }
        *open = marks;
    }

    fn start_mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Link { href } => self.out.push_str(&format!(
                "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">",
                escape(href)
            )),
            Mark::Bold => self.out.push_str("<strong>"),
            Mark::Code => self.out.push_str("<code dir=\"ltr\">"),
            Mark::Italic => self.out.push_str("<em>"),
            Mark::Strike => self.out.push_str("<s>"),
            Mark::Underline => self.out.push_str("<u>"),
            Mark::Highlight => self.out.push_str("<mark>"),
            Mark::Comment { .. } => {}
        }
    }

    fn piece(&mut self, piece: &Node) {
        match &piece.kind {
            Kind::Text { text, .. } => push_escaped(text, &mut self.out),
            Kind::HardBreak => self.out.push_str("<br>"),
            Kind::Mention { id, label } => {
                let dir = dir::of_text(label).unwrap_or(Dir::Ltr).as_str();
                let (id, label) = (escape(id), escape(label));
                self.out.push_str(&format!(
                    "<span class=\"mention\" dir=\"{dir}\" data-type=\"mention\" data-id=\"{id}\" data-label=\"{label}\">@{label}</span>"
                ));
            }
            _ => {}
        }
    }
}

/// Comments are for those who write, not for those who read.
fn is_shown(mark: &Mark) -> bool {
    !matches!(mark, Mark::Comment { .. })
}

fn end_tag(mark: &Mark) -> &'static str {
    match mark {
        Mark::Link { .. } => "</a>",
        Mark::Bold => "</strong>",
        Mark::Code => "</code>",
        Mark::Italic => "</em>",
        Mark::Strike => "</s>",
        Mark::Underline => "</u>",
        Mark::Highlight => "</mark>",
        Mark::Comment { .. } => "",
    }
}

fn cell_attributes(cell: &Cell) -> String {
    let mut out = String::new();
    if cell.colspan > 1 {
        out.push_str(&format!(" colspan=\"{}\"", cell.colspan));
    }
    if cell.rowspan > 1 {
        out.push_str(&format!(" rowspan=\"{}\"", cell.rowspan));
    }
    if let Some(align) = cell.align {
        out.push_str(&format!(" align=\"{}\"", align.as_str()));
    }
    if !cell.colwidth.is_empty() {
        let widths: Vec<String> = cell.colwidth.iter().map(u32::to_string).collect();
        out.push_str(&format!(" data-colwidth=\"{}\"", widths.join(",")));
    }
    out
}

/// Whether a browser would swallow spaces of this line.
fn has_uneven_spaces(pieces: &[Node]) -> bool {
    let mut after_space = true;
    let mut ends_in_space = false;
    for piece in pieces {
        match &piece.kind {
            Kind::Text { text, .. } => {
                for c in text.chars() {
                    if c == '\t' || (c == ' ' && after_space) {
                        return true;
                    }
                    after_space = c == ' ';
                }
                ends_in_space = after_space;
            }
            Kind::HardBreak if ends_in_space => return true,
            Kind::HardBreak => (after_space, ends_in_space) = (true, false),
            _ => (after_space, ends_in_space) = (false, false),
        }
    }
    ends_in_space && pieces.last().is_some_and(|piece| piece.as_text().is_some())
}
