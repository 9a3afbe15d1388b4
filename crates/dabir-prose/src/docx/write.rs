//! Word documents out.

use super::package::pack;
use super::segment::segments;
use super::{INDENT, MAX_LEVEL};
use crate::Picture;
use crate::html::escape;
use crate::node::{Align, Cell, Dir, Image, Kind, Mark, Node};
use crate::{ProseError, dir};

/// Word measures drawings in these; a pixel is a 96th of an inch.
pub(super) const UNITS_PER_PIXEL: u64 = 9_525;
/// The widest that a picture fits on the page, in pixels.
const PAGE_WIDTH: u32 = 600;

const CONTENT_TYPES: &str = include_str!("parts/content_types.xml");
const PACKAGE_RELATIONS: &str = include_str!("parts/rels.xml");
const STYLES: &str = include_str!("parts/styles.xml");
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The document for Word, pictures as their words.
///
/// # Errors
/// When it cannot be packed.
pub fn write(doc: &Node) -> Result<Vec<u8>, ProseError> {
    write_with(doc, &mut |_| None)
}

/// The document for Word; `pictures` gives the file behind an address.
///
/// # Errors
/// When it cannot be packed.
pub fn write_with(
    doc: &Node,
    pictures: &mut dyn FnMut(&str) -> Option<Picture>,
) -> Result<Vec<u8>, ProseError> {
    let mut writer = Writer {
        pictures,
        body: String::new(),
        relations: Vec::new(),
        lists: Vec::new(),
        media: Vec::new(),
    };
    let around = dir::of_document(doc, Dir::Rtl);
    writer.blocks(&doc.content, around, Setting::default());
    writer.finish(around)
}

/// What a paragraph stands in.
#[derive(Clone, Copy, Default)]
struct Setting {
    style: Option<&'static str>,
    /// The list and level; only an item's first line has the bullet.
    list: Option<(usize, usize)>,
    continues: bool,
    ticked: Option<bool>,
    align: Option<Align>,
}

struct Writer<'p> {
    pictures: &'p mut dyn FnMut(&str) -> Option<Picture>,
    body: String,
    relations: Vec<(&'static str, String, bool)>,
    /// What each list begins with: a number, or nothing for bullets.
    lists: Vec<Option<u32>>,
    media: Vec<(String, Vec<u8>)>,
}

impl Writer<'_> {
    fn block(&mut self, node: &Node, around: Dir, setting: Setting) {
        let dir = dir::shown(node, around);
        match &node.kind {
            Kind::Paragraph => self.paragraph(&node.content, dir, setting),
            Kind::Heading { level } => {
                let style = ["Heading1", "Heading2", "Heading3", "Heading4"][usize::from((*level).clamp(1, 4)) - 1];
                let setting = Setting { align: setting.align, style: Some(style), ..Setting::default() };
                self.paragraph(&node.content, dir, setting);
            }
            Kind::CodeBlock { .. } => {
                let setting = Setting { style: Some("Code"), ..Setting::default() };
                self.paragraph(&node.content, dir, setting);
            }
            Kind::HorizontalRule => self.body.push_str(
                "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"1\" w:color=\"auto\"/></w:pBdr></w:pPr></w:p>",
            ),
            Kind::Image(image) => self.image(image, around, setting),
            Kind::BulletList | Kind::OrderedList { .. } | Kind::TaskList => self.list(node, dir, setting),
            Kind::Blockquote => {
                let setting = Setting { style: Some("Quote"), ..Setting::default() };
                self.blocks(&node.content, dir, setting);
            }
            Kind::Table => self.table(node, dir),
            _ => self.blocks(&node.content, around, setting),
        }
    }

    fn blocks(&mut self, nodes: &[Node], around: Dir, setting: Setting) {
        let mut after_table = false;
        for node in nodes {
            let is_table = node.kind == Kind::Table;
            // Word takes two tables that touch for one.
            if after_table && is_table {
                self.body.push_str("<w:p/>");
            }
            after_table = is_table;
            self.block(node, around, setting);
        }
    }

    fn list(&mut self, node: &Node, around: Dir, setting: Setting) {
        let start = match node.kind {
            Kind::OrderedList { start } => Some(start),
            _ => None,
        };
        self.lists.push(start);
        let number = self.lists.len();
        let level = setting
            .list
            .map_or(0, |(_, level)| (level + 1).min(MAX_LEVEL));
        for item in &node.content {
            let ticked = match item.kind {
                Kind::TaskItem { checked } => Some(checked),
                _ => None,
            };
            let mut setting = Setting {
                list: Some((number, level)),
                ticked,
                ..Setting::default()
            };
            for block in &item.content {
                self.block(block, around, setting);
                setting.continues = true;
                setting.ticked = None;
            }
        }
    }

    fn paragraph(&mut self, content: &[Node], dir: Dir, setting: Setting) {
        self.body.push_str("<w:p>");
        self.properties(dir, setting);
        if let Some(ticked) = setting.ticked {
            let sign = if ticked { "☑ " } else { "☐ " };
            self.run(sign, &[], dir);
        }
        for piece in content {
            self.piece(piece, dir);
        }
        self.body.push_str("</w:p>");
    }

    fn properties(&mut self, dir: Dir, setting: Setting) {
        self.body.push_str("<w:pPr>");
        let style = if setting.continues {
            Some("ListContinue")
        } else {
            setting.style
        };
        if let Some(style) = style {
            self.body
                .push_str(&format!("<w:pStyle w:val=\"{style}\"/>"));
        }
        match setting.list {
            Some((number, level)) if !setting.continues => self.body.push_str(&format!(
                "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{number}\"/></w:numPr>"
            )),
            _ => {}
        }
        self.body.push_str(match dir {
            Dir::Rtl => "<w:bidi/>",
            Dir::Ltr => "<w:bidi w:val=\"0\"/>",
        });
        if let (Some((_, level)), true) = (setting.list, setting.continues) {
            self.body
                .push_str(&format!("<w:ind w:left=\"{}\"/>", (level + 1) * INDENT));
        }
        if let Some(align) = setting.align {
            self.body
                .push_str(&format!("<w:jc w:val=\"{}\"/>", justification(align, dir)));
        }
        self.body.push_str("</w:pPr>");
    }

    fn piece(&mut self, piece: &Node, dir: Dir) {
        match &piece.kind {
            Kind::Text { text, marks } => self.text(text, marks, dir),
            Kind::HardBreak => self.body.push_str("<w:r><w:br/></w:r>"),
            Kind::Mention { label, .. } => self.text(&format!("@{label}"), &[], dir),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, marks: &[Mark], dir: Dir) {
        let href = marks.iter().find_map(Mark::href);
        if let Some(href) = href {
            let id = self.relate("hyperlink", href.to_owned(), true);
            self.body
                .push_str(&format!("<w:hyperlink r:id=\"rId{id}\">"));
        }
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.body.push_str("<w:r><w:br/></w:r>");
            }
            for (dir, segment) in segments(line, dir) {
                self.run(&segment, marks, dir);
            }
        }
        if href.is_some() {
            self.body.push_str("</w:hyperlink>");
        }
    }

    fn run(&mut self, text: &str, marks: &[Mark], dir: Dir) {
        self.body.push_str("<w:r><w:rPr>");
        self.body.push_str(&run_properties(marks));
        if dir == Dir::Rtl {
            self.body.push_str("<w:rtl/>");
        }
        self.body.push_str("</w:rPr>");
        for (n, part) in text.split('\t').enumerate() {
            if n > 0 {
                self.body.push_str("<w:tab/>");
            }
            if !part.is_empty() {
                self.body.push_str(&format!(
                    "<w:t xml:space=\"preserve\">{}</w:t>",
                    escape(part)
                ));
            }
        }
        self.body.push_str("</w:r>");
    }

    fn relate(&mut self, kind: &'static str, target: String, outside: bool) -> usize {
        self.relations.push((kind, target, outside));
        self.relations.len()
    }

    fn image(&mut self, image: &Image, around: Dir, setting: Setting) {
        let words = image.alt.as_deref().unwrap_or_default();
        let Some(picture) = (self.pictures)(&image.src) else {
            let text = (!words.is_empty()).then(|| Node::text(words));
            self.paragraph(text.as_slice(), around, setting);
            return;
        };
        let number = self.media.len() + 1;
        let name = format!("media/image{number}.{}", picture.extension);
        let (width, height) = shown_size(image, picture.size);
        self.media.push((format!("word/{name}"), picture.bytes));
        let id = self.relate("image", name, false);
        let title = image
            .title
            .as_deref()
            .map(|title| format!(" title=\"{}\"", escape(title)));
        self.body.push_str("<w:p>");
        self.properties(around, setting);
        self.body.push_str(&format!(
            "<w:r><w:drawing><wp:inline><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
             <wp:docPr id=\"{number}\" name=\"image{number}\" descr=\"{}\"{}/>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
             <pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"image{number}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"rId{id}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing></w:r></w:p>",
            escape(words),
            title.unwrap_or_default(),
        ));
    }

    fn table(&mut self, node: &Node, dir: Dir) {
        let rtl = if dir == Dir::Rtl {
            "<w:bidiVisual/>"
        } else {
            ""
        };
        self.body.push_str(&format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/>{rtl}<w:tblW w:w=\"0\" w:type=\"auto\"/></w:tblPr><w:tblGrid>"
        ));
        let width = node.content.first().map_or(0, row_width);
        self.body.push_str(&"<w:gridCol/>".repeat(width));
        self.body.push_str("</w:tblGrid>");
        // For each column, how many more rows the cell from above covers, and how wide it is.
        let mut covered: Vec<(u32, u32)> = vec![(0, 1); width];
        for row in &node.content {
            self.row(row, dir, &mut covered);
        }
        self.body.push_str("</w:tbl>");
    }

    fn row(&mut self, row: &Node, around: Dir, covered: &mut [(u32, u32)]) {
        self.body.push_str("<w:tr>");
        if row
            .content
            .iter()
            .all(|cell| matches!(cell.kind, Kind::TableHeader(_)))
        {
            self.body.push_str("<w:trPr><w:tblHeader/></w:trPr>");
        }
        let mut cells = row.content.iter();
        let mut column = 0;
        while column < covered.len() {
            let (rows, span) = covered[column];
            if rows > 0 {
                covered[column].0 -= 1;
                self.body.push_str(&format!(
                    "<w:tc><w:tcPr><w:gridSpan w:val=\"{span}\"/><w:vMerge/></w:tcPr><w:p/></w:tc>"
                ));
                column += span as usize;
                continue;
            }
            let Some(cell) = cells.next() else { break };
            let lies = cell.kind.cell().cloned().unwrap_or_default();
            covered[column] = (lies.rowspan - 1, lies.colspan);
            self.cell(cell, &lies, around);
            column += lies.colspan as usize;
        }
        self.body.push_str("</w:tr>");
    }

    fn cell(&mut self, node: &Node, cell: &Cell, around: Dir) {
        self.body.push_str("<w:tc><w:tcPr>");
        if cell.colspan > 1 {
            self.body
                .push_str(&format!("<w:gridSpan w:val=\"{}\"/>", cell.colspan));
        }
        if cell.rowspan > 1 {
            self.body.push_str("<w:vMerge w:val=\"restart\"/>");
        }
        self.body.push_str("</w:tcPr>");
        let setting = Setting {
            align: cell.align,
            ..Setting::default()
        };
        self.blocks(&node.content, around, setting);
        self.body.push_str("</w:tc>");
    }

    fn finish(self, around: Dir) -> Result<Vec<u8>, ProseError> {
        let section = match around {
            Dir::Rtl => "<w:sectPr><w:bidi/></w:sectPr>",
            Dir::Ltr => "<w:sectPr/>",
        };
        let document = format!(
            "{HEAD}<w:document {NAMESPACES}><w:body>{}{section}</w:body></w:document>",
            self.body
        );
        let text = |name: &str, text: String| (name.to_owned(), text.into_bytes());
        let mut parts = vec![
            text("[Content_Types].xml", CONTENT_TYPES.to_owned()),
            text("_rels/.rels", PACKAGE_RELATIONS.to_owned()),
            text("word/document.xml", document),
            text("word/styles.xml", STYLES.to_owned()),
            text("word/numbering.xml", numbering(&self.lists)),
            text("word/_rels/document.xml.rels", relations(&self.relations)),
        ];
        parts.extend(self.media);
        pack(&parts)
    }
}

fn run_properties(marks: &[Mark]) -> String {
    let mut out = String::new();
    let has = |mark: &Mark| marks.contains(mark);
    let is_link = marks.iter().any(Mark::is_link);
    if has(&Mark::Code) {
        out.push_str("<w:rStyle w:val=\"InlineCode\"/>");
    } else if is_link {
        out.push_str("<w:rStyle w:val=\"Hyperlink\"/>");
    }
    if has(&Mark::Bold) {
        out.push_str("<w:b/><w:bCs/>");
    }
    if has(&Mark::Italic) {
        out.push_str("<w:i/><w:iCs/>");
    }
    if has(&Mark::Strike) {
        out.push_str("<w:strike/>");
    }
    if has(&Mark::Highlight) {
        out.push_str("<w:highlight w:val=\"yellow\"/>");
    }
    if has(&Mark::Underline) && !is_link {
        out.push_str("<w:u w:val=\"single\"/>");
    }
    out
}

/// In right-to-left lines Word's left is where they begin.
fn justification(align: Align, dir: Dir) -> &'static str {
    match (align, dir) {
        (Align::Center, _) => "center",
        (Align::Left, Dir::Ltr) | (Align::Right, Dir::Rtl) => "left",
        (Align::Right, Dir::Ltr) | (Align::Left, Dir::Rtl) => "right",
    }
}

fn row_width(row: &Node) -> usize {
    row.content
        .iter()
        .filter_map(|cell| cell.kind.cell())
        .map(|cell| cell.colspan as usize)
        .sum()
}

/// How large a picture is shown, in Word's units.
fn shown_size(image: &Image, (width, height): (u32, u32)) -> (u64, u64) {
    let wide = image.width.unwrap_or(width.min(PAGE_WIDTH)).max(1);
    let scaled = u64::from(height) * u64::from(wide) / u64::from(width.max(1));
    let high = image.height.map_or(scaled, u64::from).max(1);
    (u64::from(wide) * UNITS_PER_PIXEL, high * UNITS_PER_PIXEL)
}

fn relations(relations: &[(&'static str, String, bool)]) -> String {
    let mut out = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (n, (kind, target, outside)) in relations.iter().enumerate() {
        let mode = if *outside {
            " TargetMode=\"External\""
        } else {
            ""
        };
        out.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"{RELATION}/{kind}\" Target=\"{}\"{mode}/>",
            n + 1,
            escape(target)
        ));
    }
    for (id, name) in [("rIdStyles", "styles"), ("rIdNumbering", "numbering")] {
        out.push_str(&format!(
            "<Relationship Id=\"{id}\" Type=\"{RELATION}/{name}\" Target=\"{name}.xml\"/>"
        ));
    }
    out.push_str("</Relationships>");
    out
}

/// Two patterns, dots and numbers, and a list of its own for each of the document's.
fn numbering(lists: &[Option<u32>]) -> String {
    let mut out = format!("{HEAD}<w:numbering {NAMESPACES}>");
    for (id, format, text) in [(0, "bullet", "•"), (1, "decimal", "")] {
        out.push_str(&format!("<w:abstractNum w:abstractNumId=\"{id}\">"));
        for level in 0..=MAX_LEVEL {
            let text = if text.is_empty() {
                format!("%{}.", level + 1)
            } else {
                text.to_owned()
            };
            out.push_str(&format!(
                "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/>\
                 <w:pPr><w:ind w:left=\"{}\" w:hanging=\"360\"/></w:pPr></w:lvl>",
                (level + 1) * INDENT
            ));
        }
        out.push_str("</w:abstractNum>");
    }
    for (n, start) in lists.iter().enumerate() {
        let pattern = u8::from(start.is_some());
        out.push_str(&format!(
            "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{pattern}\"/>",
            n + 1
        ));
        if let Some(start) = start {
            out.push_str(&begin_at(*start));
        }
        out.push_str("</w:num>");
    }
    out.push_str("</w:numbering>");
    out
}

/// What makes every level of a list begin at `start`, whatever list of its pattern came before.
fn begin_at(start: u32) -> String {
    let level = |level| {
        format!(
            "<w:lvlOverride w:ilvl=\"{level}\"><w:startOverride w:val=\"{start}\"/></w:lvlOverride>"
        )
    };
    (0..=MAX_LEVEL).map(level).collect()
}
