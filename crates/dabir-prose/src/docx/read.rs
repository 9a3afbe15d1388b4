//! Word documents in.

use std::collections::HashMap;

use super::inline::pieces;
use super::numbering::{Level, Numbering};
use super::package::{Limits, Package};
use super::styles::{Role, Style, Styles};
use super::xml::Element;
use super::{INDENT, MAX_LEVEL};
use crate::build::Builder;
use crate::node::{Align, Cell, Dir, Kind, Mark, Node};
use crate::schema::MAX_NODES;
use crate::{ProseError, StorePicture, dir};

/// The signs of a box that is not ticked, and of one that is.
const BOXES: [(char, bool); 3] = [('☐', false), ('☑', true), ('☒', true)];

/// The document in `bytes`, without its pictures.
///
/// # Errors
/// When it is no Word document, or packs or holds more than it may.
pub fn parse(bytes: &[u8]) -> Result<Node, ProseError> {
    parse_with(bytes, Limits::default(), &mut |_, _| None)
}

/// The document in `bytes`, its pictures put where `store` says.
///
/// # Errors
/// When it is no Word document, or packs or holds more than it may.
pub fn parse_with(
    bytes: &[u8],
    limits: Limits,
    store: StorePicture<'_>,
) -> Result<Node, ProseError> {
    let mut package = Package::open(bytes, limits)?;
    let missing = ProseError::NotDocx {
        why: "it has no document in it",
    };
    let document = package.part("word/document.xml")?.ok_or(missing.clone())?;
    let document = Element::parse(&document)?;
    let body = document
        .child("document")
        .and_then(|document| document.child("body"))
        .ok_or(missing)?;
    let styles = Styles::read(&optional(&mut package, "word/styles.xml")?);
    let numbering = Numbering::read(&optional(&mut package, "word/numbering.xml")?);
    let relations = relations(&optional(&mut package, "word/_rels/document.xml.rels")?);
    let mut reader = Reader {
        source: Source {
            styles,
            relations,
            package,
            store,
            known: HashMap::new(),
            pieces: 0,
            broken: None,
        },
        numbering,
        builder: Builder::new(),
        lists: Vec::new(),
        quoting: false,
    };
    reader.blocks(body);
    reader.end_blocks();
    if let Some(error) = reader.source.broken {
        return Err(error);
    }
    let mut doc = reader.builder.finish()?;
    dir::forget_obvious(&mut doc);
    Ok(doc)
}

fn optional(package: &mut Package<'_>, name: &str) -> Result<Element, ProseError> {
    match package.part(name)? {
        Some(bytes) => Element::parse(&bytes),
        None => Ok(Element::default()),
    }
}

fn relations(root: &Element) -> HashMap<String, String> {
    let all = root
        .child("Relationships")
        .into_iter()
        .flat_map(|all| all.all("Relationship"));
    all.filter_map(|one| {
        Some((
            one.attribute("Id")?.to_owned(),
            one.attribute("Target")?.to_owned(),
        ))
    })
    .collect()
}

/// What runs refer to.
pub(super) struct Source<'a> {
    pub(super) styles: Styles,
    relations: HashMap<String, String>,
    package: Package<'a>,
    store: StorePicture<'a>,
    /// The addresses of pictures that were stored already.
    known: HashMap<String, Option<String>>,
    /// How many pieces of lines were found.
    pieces: usize,
    broken: Option<ProseError>,
}

impl Source<'_> {
    /// Adds a piece to a line. Of more than a document may have one is taken, which is why the builder
    /// refuses it: a line is put together before it is counted.
    pub(super) fn add(&mut self, piece: Node, line: &mut Vec<Node>) {
        if self.pieces <= MAX_NODES {
            self.pieces += 1;
            line.push(piece);
        }
    }

    pub(super) fn link(&self, hyperlink: &Element) -> Option<Mark> {
        let outside = hyperlink
            .attribute("id")
            .and_then(|id| self.relations.get(id));
        if let Some(href) = outside {
            return Some(Mark::link_to(href));
        }
        let anchor = hyperlink.attribute("anchor")?;
        Some(Mark::link_to(&format!("#{anchor}")))
    }

    pub(super) fn picture(&mut self, id: &str) -> Option<String> {
        let target = self.relations.get(id)?;
        let name = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("word/{target}"),
        };
        if let Some(known) = self.known.get(&name) {
            return known.clone();
        }
        let bytes = self.package.part(&name).unwrap_or_else(|error| {
            self.broken.get_or_insert(error);
            None
        })?;
        let address = (self.store)(&name, bytes);
        self.known.insert(name, address.clone());
        address
    }
}

struct Reader<'a> {
    source: Source<'a>,
    numbering: Numbering,
    builder: Builder,
    /// The lists that are open, outermost first: Word's number of each and whether it has boxes.
    lists: Vec<(String, bool)>,
    /// Whether a quote is open.
    quoting: bool,
}

impl Reader<'_> {
    fn blocks(&mut self, parent: &Element) {
        for child in &parent.children {
            match child.name.as_str() {
                "p" => self.paragraph(child),
                "tbl" => self.table(child),
                "sdt" => {
                    if let Some(content) = child.child("sdtContent") {
                        self.blocks(content);
                    }
                }
                "customXml" | "ins" | "moveTo" => self.blocks(child),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Element) {
        let none = Element::default();
        let properties = paragraph.child("pPr").unwrap_or(&none);
        let style = self.source.styles.paragraph(properties.value("pStyle"));
        let mut line = Vec::new();
        pieces(paragraph, &[], &mut self.source, &mut line);
        if line.is_empty() && properties.child("pBdr").is_some() {
            self.end_blocks();
            self.builder.leaf(Kind::HorizontalRule);
            return;
        }
        let bidi = properties.flag("bidi").or(style.bidi);
        let dir = bidi.map(|rtl| if rtl { Dir::Rtl } else { Dir::Ltr });
        match place(properties, &style) {
            Some((list, level)) => self.item(&list, level, line, dir),
            None if style.role == Role::Continuation => self.continuation(properties, line, dir),
            None => self.block(style.role, line, dir),
        }
    }

    fn block(&mut self, role: Role, line: Vec<Node>, dir: Option<Dir>) {
        self.end_lists();
        if role == Role::Quote {
            if !self.quoting {
                self.builder.open(Kind::Blockquote, None);
                self.quoting = true;
            }
            self.line(Kind::Paragraph, line, dir);
            return;
        }
        self.end_blocks();
        match role {
            Role::Heading(level) => self.line(Kind::Heading { level }, line, dir),
            Role::Code => self.line(Kind::CodeBlock { language: None }, line, dir),
            _ => self.line(Kind::Paragraph, line, dir),
        }
    }

    fn line(&mut self, kind: Kind, line: Vec<Node>, dir: Option<Dir>) {
        self.builder.open(kind, dir);
        for piece in line {
            self.builder.push(piece);
        }
        self.builder.close();
    }

    fn item(&mut self, list: &str, level: usize, mut line: Vec<Node>, dir: Option<Dir>) {
        self.end_quote();
        let ticked = take_box(&mut line);
        let this = (list.to_owned(), ticked.is_some());
        self.close_lists(level + 1);
        if self.lists.len() == level + 1 && self.lists.last() != Some(&this) {
            self.close_lists(level);
        }
        if self.lists.len() == level + 1 {
            self.builder.close();
            self.builder.open(item_kind(ticked), None);
        }
        while self.lists.len() <= level {
            let marks = self.numbering.level(list, self.lists.len());
            self.builder.open(list_kind(marks, ticked), None);
            self.builder.open(item_kind(ticked), None);
            self.lists.push(this.clone());
        }
        self.line(Kind::Paragraph, line, dir);
    }

    /// A paragraph that goes on with an item.
    fn continuation(&mut self, properties: &Element, line: Vec<Node>, dir: Option<Dir>) {
        let indent = properties
            .child("ind")
            .and_then(|ind| ind.attribute("start").or(ind.attribute("left")));
        let levels = indent
            .and_then(|n| n.parse::<usize>().ok())
            .map_or(1, |n| n / INDENT);
        self.close_lists(levels.max(1));
        if self.lists.is_empty() {
            self.block(Role::Text, line, dir);
        } else {
            self.line(Kind::Paragraph, line, dir);
        }
    }

    /// Closes lists until `most` are open.
    fn close_lists(&mut self, most: usize) {
        while self.lists.len() > most {
            self.lists.pop();
            self.builder.close();
            self.builder.close();
        }
    }

    fn end_lists(&mut self) {
        self.close_lists(0);
    }

    fn end_quote(&mut self) {
        if std::mem::take(&mut self.quoting) {
            self.builder.close();
        }
    }

    fn end_blocks(&mut self) {
        self.end_lists();
        self.end_quote();
    }

    fn table(&mut self, table: &Element) {
        self.end_blocks();
        let bidi = table
            .child("tblPr")
            .and_then(|properties| properties.flag("bidiVisual"));
        let dir = if bidi == Some(true) {
            Dir::Rtl
        } else {
            Dir::Ltr
        };
        let rows: Vec<&Element> = table.all("tr").collect();
        let grid: Vec<Vec<Place<'_>>> = rows.iter().map(|row| places(row)).collect();
        self.builder.open(Kind::Table, Some(dir));
        for (n, row) in rows.iter().enumerate() {
            let head = row
                .child("trPr")
                .is_some_and(|p| p.flag("tblHeader") == Some(true));
            self.builder.open(Kind::TableRow, None);
            for place in grid[n].iter().filter(|place| !place.continues) {
                let rowspan = 1 + below(&grid[n + 1..], place.column);
                self.cell(place, rowspan, head);
            }
            self.builder.close();
        }
        self.builder.close();
    }

    fn cell(&mut self, place: &Place<'_>, rowspan: u32, head: bool) {
        let cell = Cell {
            colspan: place.span,
            rowspan,
            align: align(place.cell),
            ..Cell::default()
        };
        self.builder.open(
            if head {
                Kind::TableHeader(cell)
            } else {
                Kind::TableCell(cell)
            },
            None,
        );
        self.blocks(place.cell);
        self.end_blocks();
        self.builder.close();
    }
}

/// Where a cell lies.
struct Place<'a> {
    cell: &'a Element,
    column: u32,
    span: u32,
    /// It is the lower part of the cell above.
    continues: bool,
}

fn places(row: &Element) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    let mut column = 0_u32;
    for cell in row.all("tc") {
        let properties = cell.child("tcPr");
        let span = properties.and_then(|p| p.value("gridSpan")?.parse::<u32>().ok());
        let span = span.unwrap_or(1).clamp(1, crate::schema::MAX_SPAN);
        let merge = properties.and_then(|p| p.child("vMerge"));
        places.push(Place {
            cell,
            column,
            span,
            continues: merge.is_some_and(|merge| merge.val() != Some("restart")),
        });
        column = column.saturating_add(span);
    }
    places
}

/// How many rows below go on with the cell in `column`.
fn below(rows: &[Vec<Place<'_>>], column: u32) -> u32 {
    let goes_on = |row: &&Vec<Place<'_>>| {
        let found = row.binary_search_by_key(&column, |place| place.column);
        found.is_ok_and(|n| row[n].continues)
    };
    let most = crate::schema::MAX_SPAN as usize;
    rows.iter().take(most).take_while(goes_on).count() as u32
}

/// The alignment of a cell's first line. In right-to-left lines Word's left is where they begin.
fn align(cell: &Element) -> Option<Align> {
    let properties = cell.child("p")?.child("pPr")?;
    let rtl = properties.flag("bidi") == Some(true);
    match (properties.value("jc")?, rtl) {
        ("center", _) => Some(Align::Center),
        ("left" | "start", false) | ("right" | "end", true) => Some(Align::Left),
        ("right" | "end", false) | ("left" | "start", true) => Some(Align::Right),
        _ => None,
    }
}

/// The list and level that a paragraph says it stands in.
fn place(properties: &Element, style: &Style) -> Option<(String, usize)> {
    let place = match properties.child("numPr") {
        Some(numbering) => {
            let level = numbering.value("ilvl").and_then(|level| level.parse().ok());
            let inherited = style.list.as_ref();
            let list = numbering
                .value("numId")
                .map(str::to_owned)
                .or_else(|| Some(inherited?.0.clone()))?;
            Some((list, level.or(inherited.map(|list| list.1)).unwrap_or(0)))
        }
        // Numbered headings stay headings.
        None if matches!(style.role, Role::Heading(_)) => None,
        None => style.list.clone(),
    };
    place
        .filter(|(list, _)| list != "0" && !matches!(style.role, Role::Heading(_)))
        .map(|(list, level)| (list, level.min(MAX_LEVEL)))
}

/// Takes a box off the beginning of a line; tells whether it was ticked.
fn take_box(line: &mut [Node]) -> Option<bool> {
    let Some(Node {
        kind: Kind::Text { text, .. },
        ..
    }) = line.first_mut()
    else {
        return None;
    };
    let (sign, ticked) = BOXES
        .into_iter()
        .find(|(sign, _)| text.starts_with(*sign))?;
    let rest = &text[sign.len_utf8()..];
    *text = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
    Some(ticked)
}

fn list_kind(level: Level, ticked: Option<bool>) -> Kind {
    match ticked {
        Some(_) => Kind::TaskList,
        None if level.ordered => Kind::OrderedList { start: level.start },
        None => Kind::BulletList,
    }
}

fn item_kind(ticked: Option<bool>) -> Kind {
    match ticked {
        Some(checked) => Kind::TaskItem { checked },
        None => Kind::ListItem,
    }
}
