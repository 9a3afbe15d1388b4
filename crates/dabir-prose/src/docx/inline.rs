//! The runs of a paragraph as pieces of a line.

use super::read::Source;
use super::xml::Element;
use crate::node::{Image, Kind, Mark, Node};

/// The pieces that stand in `parent`; pictures and text boxes come as blocks among them.
pub(super) fn pieces(
    parent: &Element,
    marks: &[Mark],
    source: &mut Source<'_>,
    out: &mut Vec<Node>,
) {
    for child in &parent.children {
        match child.name.as_str() {
            "r" => run(child, marks, source, out),
            "hyperlink" => {
                let mut marks = marks.to_vec();
                marks.extend(source.link(child));
                pieces(child, &Mark::arrange(marks), source, out);
            }
            "sdt" => {
                if let Some(content) = child.child("sdtContent") {
                    pieces(content, marks, source, out);
                }
            }
            "ins" | "smartTag" | "fldSimple" | "customXml" | "moveTo" | "bdo" | "dir" => {
                pieces(child, marks, source, out);
            }
            // Deleted text, properties, comments and what Word counts with.
            _ => {}
        }
    }
}

fn run(run: &Element, around: &[Mark], source: &mut Source<'_>, out: &mut Vec<Node>) {
    let mut marks = around.to_vec();
    if let Some(properties) = run.child("rPr") {
        if properties.flag("vanish") == Some(true) {
            return;
        }
        add_marks(properties, source, &mut marks);
    }
    for child in &run.children {
        match child.name.as_str() {
            "t" => source.add(Node::marked(child.text.as_str(), marks.clone()), out),
            "tab" => source.add(Node::marked("\t", marks.clone()), out),
            "noBreakHyphen" => source.add(Node::marked("\u{2011}", marks.clone()), out),
            "br" | "cr"
                if child
                    .attribute("type")
                    .is_none_or(|kind| kind == "textWrapping") =>
            {
                source.add(Node::leaf(Kind::HardBreak), out);
            }
            "drawing" | "pict" | "object" => drawing(child, source, out),
            // The same drawing stands in here twice, for newer and older readers.
            "AlternateContent" => {
                let choice = child.child("Choice").or_else(|| child.child("Fallback"));
                for drawn in choice.into_iter().flat_map(|choice| &choice.children) {
                    drawing(drawn, source, out);
                }
            }
            _ => {}
        }
    }
}

fn add_marks(properties: &Element, source: &Source<'_>, marks: &mut Vec<Mark>) {
    let on = |name: &str| properties.flag(name) == Some(true);
    let in_link = marks.iter().any(Mark::is_link);
    // Right-to-left runs keep their looks under names of their own.
    let rtl = on("rtl");
    if on("b") || (rtl && on("bCs")) {
        marks.push(Mark::Bold);
    }
    if on("i") || (rtl && on("iCs")) {
        marks.push(Mark::Italic);
    }
    if on("strike") || on("dstrike") {
        marks.push(Mark::Strike);
    }
    if on("u") && !in_link {
        marks.push(Mark::Underline);
    }
    if on("highlight") {
        marks.push(Mark::Highlight);
    }
    if properties
        .value("rStyle")
        .is_some_and(|id| source.styles.is_code(id))
    {
        marks.push(Mark::Code);
    }
}

fn drawing(drawing: &Element, source: &mut Source<'_>, out: &mut Vec<Node>) {
    if let Some(words) = drawing.find("txbxContent") {
        for paragraph in words.all("p") {
            let mut content = Vec::new();
            pieces(paragraph, &[], source, &mut content);
            out.push(Node::paragraph(content));
        }
        return;
    }
    let blip = drawing
        .find("blip")
        .and_then(|blip| blip.attribute("embed"));
    let old = drawing
        .find("imagedata")
        .and_then(|data| data.attribute("id"));
    let Some(src) = blip.or(old).and_then(|id| source.picture(id)) else {
        return;
    };
    let about = drawing.find("docPr");
    let text = |name: &str| {
        about?
            .attribute(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let extent = drawing.find("extent");
    let pixels = |name: &str| {
        let units = extent?.attribute(name)?.parse::<u64>().ok()?;
        u32::try_from(units / super::write::UNITS_PER_PIXEL).ok()
    };
    out.push(Node::leaf(Kind::Image(Image {
        src,
        alt: text("descr"),
        title: text("title"),
        width: pixels("cx"),
        height: pixels("cy"),
    })));
}
