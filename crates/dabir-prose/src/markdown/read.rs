//! Markdown in.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::escape;
use crate::build::Builder;
use crate::node::{Align, Cell, Dir, Image, Kind, Mark, Node};
use crate::schema::{MAX_START, MAX_TEXT_BYTES};
use crate::{Images, ProseError, dir, html};

/// The most Markdown that is read.
const MAX_BYTES: usize = 2 * MAX_TEXT_BYTES;
/// The most marks that are open at once; nobody marks a word more often, an attacker would.
const MAX_MARKS: usize = 64;
/// The scheme of an address that is a mention.
const MENTION: &str = "mention:";

/// The document in `markdown`.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn parse(markdown: &str) -> Result<Node, ProseError> {
    parse_with(markdown, &mut |_| None)
}

/// The document in `markdown`, its pictures where `images` says they are; `None` keeps an address.
///
/// # Errors
/// When it exceeds what a document may hold.
pub fn parse_with(markdown: &str, images: Images<'_>) -> Result<Node, ProseError> {
    if markdown.len() > MAX_BYTES {
        return Err(ProseError::TooLong { most: MAX_BYTES });
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader {
        images,
        builder: Builder::new(),
        marks: Vec::new(),
        divisions: Vec::new(),
        columns: Vec::new(),
        in_head: false,
        column: 0,
        aside: Aside::No,
    };
    for event in Parser::new_ext(markdown, options) {
        reader.event(event)?;
    }
    let mut doc = reader.builder.finish()?;
    dir::forget_obvious(&mut doc);
    Ok(doc)
}

struct Reader<'i> {
    images: Images<'i>,
    builder: Builder,
    marks: Vec<Mark>,
    /// The open `<div dir>`s, each with the depth whose blocks it turns.
    divisions: Vec<(Dir, usize)>,
    columns: Vec<Option<Align>>,
    in_head: bool,
    column: usize,
    aside: Aside,
}

/// Text that is gathered instead of being written down at once.
enum Aside {
    No,
    /// Dropped when it ends.
    Metadata,
    Html(String),
    Code(String),
    Mention {
        id: String,
        label: String,
    },
    Picture {
        image: Image,
        depth: usize,
    },
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), ProseError> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => return self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.code(&text),
            Event::Html(text) => self.text(&text),
            Event::InlineHtml(tag) => self.inline_html(&tag),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.line_break(),
            Event::Rule => self.builder.leaf(Kind::HorizontalRule),
            Event::TaskListMarker(checked) => self.builder.make_task(checked),
            // Not asked for, so never told.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.open(Kind::Paragraph),
            Tag::Heading { level, .. } => self.open(Kind::Heading {
                level: depth_of(level),
            }),
            Tag::BlockQuote(_) => self.open(Kind::Blockquote),
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::HtmlBlock => self.aside = Aside::Html(String::new()),
            Tag::List(None) => self.open(Kind::BulletList),
            Tag::List(Some(start)) => self.open(Kind::OrderedList {
                start: u32::try_from(start).unwrap_or(MAX_START),
            }),
            Tag::Item => self.open(Kind::ListItem),
            Tag::Table(columns) => {
                self.columns = columns.iter().map(align_of).collect();
                self.open(Kind::Table);
            }
            Tag::TableHead => self.start_row(true),
            Tag::TableRow => self.start_row(false),
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.mark(Mark::Italic),
            Tag::Strong => self.mark(Mark::Bold),
            Tag::Strikethrough => self.mark(Mark::Strike),
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            Tag::Image {
                dest_url, title, ..
            } => self.start_picture(&dest_url, &title),
            Tag::MetadataBlock(_) => self.aside = Aside::Metadata,
            _ => self.open(Kind::Doc),
        }
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), ProseError> {
        match tag {
            TagEnd::Emphasis => self.unmark(|mark| *mark == Mark::Italic),
            TagEnd::Strong => self.unmark(|mark| *mark == Mark::Bold),
            TagEnd::Strikethrough => self.unmark(|mark| *mark == Mark::Strike),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => self.end_picture(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => return self.end_html(),
            TagEnd::MetadataBlock(_) => self.aside = Aside::No,
            _ => self.close(),
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind) {
        self.builder.drop_last_break();
        let depth = self.builder.depth();
        let dir = self.divisions.last().filter(|(_, there)| *there == depth);
        let dir = dir.map(|(dir, _)| *dir).filter(|_| kind.has_dir());
        self.builder.open(kind, dir);
    }

    fn close(&mut self) {
        // It is how an empty task is written.
        self.builder.drop_last_break();
        self.marks.clear();
        self.builder.close();
        let depth = self.builder.depth();
        let is_over = |(_, there): &mut (Dir, usize)| *there > depth;
        // They stand in the order of their depths.
        while self.divisions.pop_if(is_over).is_some() {}
    }

    fn text(&mut self, text: &str) {
        match &mut self.aside {
            Aside::No => self.builder.text(text, &self.marks),
            Aside::Metadata => {}
            Aside::Html(there) | Aside::Code(there) | Aside::Mention { label: there, .. } => {
                there.push_str(text);
            }
            Aside::Picture { image, .. } => image.alt.get_or_insert_default().push_str(text),
        }
    }

    fn code(&mut self, text: &str) {
        self.marks.push(Mark::Code);
        self.text(text);
        self.marks.pop();
    }

    fn line_break(&mut self) {
        match self.aside {
            Aside::No => self.builder.leaf(Kind::HardBreak),
            _ => self.text(" "),
        }
    }

    fn inline_html(&mut self, tag: &str) {
        let name = tag.trim_matches(['<', '>', '/']);
        let name = name.split(char::is_whitespace).next().unwrap_or_default();
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if name == "br" {
            self.line_break();
        } else if let Some(mark) = mark_of(&name) {
            if tag.starts_with("</") {
                self.unmark(|known| *known == mark);
            } else {
                self.mark(mark);
            }
        }
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks.len() < MAX_MARKS {
            self.marks.push(mark);
        }
    }

    /// Takes back the mark that was set last.
    fn unmark(&mut self, is_it: impl Fn(&Mark) -> bool) {
        if let Some(n) = self.marks.iter().rposition(is_it) {
            self.marks.remove(n);
        }
    }

    fn start_link(&mut self, href: &str) {
        match href.strip_prefix(MENTION) {
            Some(id) if matches!(self.aside, Aside::No) => {
                self.aside = Aside::Mention {
                    id: escape::unescape_id(id),
                    label: String::new(),
                };
            }
            _ => self.mark(Mark::link_to(href)),
        }
    }

    fn end_link(&mut self) {
        if let Aside::Mention { id, label } = &mut self.aside {
            let label = label.strip_prefix('@').unwrap_or(label).to_owned();
            let id = std::mem::take(id);
            self.aside = Aside::No;
            self.builder.leaf(Kind::Mention { id, label });
        } else {
            self.unmark(Mark::is_link);
        }
    }

    fn start_picture(&mut self, src: &str, title: &str) {
        match &mut self.aside {
            Aside::No => {
                let src = (self.images)(src).unwrap_or_else(|| src.to_owned());
                let title = (!title.is_empty()).then(|| title.to_owned());
                let image = Image {
                    src,
                    title,
                    ..Image::default()
                };
                self.aside = Aside::Picture { image, depth: 0 };
            }
            // A picture in the words for a picture is words.
            Aside::Picture { depth, .. } => *depth += 1,
            _ => {}
        }
    }

    fn end_picture(&mut self) {
        match &mut self.aside {
            Aside::Picture { image, depth: 0 } => {
                let image = std::mem::take(image);
                self.aside = Aside::No;
                self.builder.leaf(Kind::Image(image));
            }
            Aside::Picture { depth, .. } => *depth -= 1,
            _ => {}
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().map(str::to_owned),
            CodeBlockKind::Indented => None,
        };
        self.open(Kind::CodeBlock { language });
        self.aside = Aside::Code(String::new());
    }

    fn end_code(&mut self) {
        if let Aside::Code(code) = std::mem::replace(&mut self.aside, Aside::No) {
            let code = code.strip_suffix('\n').unwrap_or(&code);
            self.builder.text(code, &[]);
        }
        self.close();
    }

    fn end_html(&mut self) -> Result<(), ProseError> {
        let Aside::Html(text) = std::mem::replace(&mut self.aside, Aside::No) else {
            return Ok(());
        };
        match text.trim() {
            "<div dir=\"rtl\">" => self.divisions.push((Dir::Rtl, self.builder.depth())),
            "<div dir=\"ltr\">" => self.divisions.push((Dir::Ltr, self.builder.depth())),
            "</div>" => {
                self.divisions.pop();
            }
            _ => {
                for node in html::loose_blocks(&text, self.images)? {
                    self.builder.push(node);
                }
            }
        }
        Ok(())
    }

    fn start_row(&mut self, head: bool) {
        self.in_head = head;
        self.column = 0;
        self.open(Kind::TableRow);
    }

    fn start_cell(&mut self) {
        let align = self.columns.get(self.column).copied().flatten();
        self.column += 1;
        let cell = Cell {
            align,
            ..Cell::default()
        };
        self.open(if self.in_head {
            Kind::TableHeader(cell)
        } else {
            Kind::TableCell(cell)
        });
    }
}

fn mark_of(tag: &str) -> Option<Mark> {
    Some(match tag {
        "u" | "ins" => Mark::Underline,
        "mark" => Mark::Highlight,
        "b" | "strong" => Mark::Bold,
        "i" | "em" => Mark::Italic,
        "s" | "del" | "strike" => Mark::Strike,
        "code" | "kbd" => Mark::Code,
        _ => return None,
    })
}

fn depth_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        _ => 4,
    }
}

fn align_of(alignment: &Alignment) -> Option<Align> {
    match alignment {
        Alignment::None => None,
        Alignment::Left => Some(Align::Left),
        Alignment::Center => Some(Align::Center),
        Alignment::Right => Some(Align::Right),
    }
}
