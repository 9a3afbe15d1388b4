//! Markdown: its words, headings and links, without the marks.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::findings::{Findings, Stop};
use crate::input::Input;
use crate::plain;

pub(crate) fn read(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let text = plain::whole(input, found)?;
    let mut heading = None;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level, found.place())),
            Event::Start(Tag::Link { dest_url, .. }) => found.link(&dest_url),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, place)) = heading.take() {
                    found.heading_since(number(level), place);
                }
                found.text("\n")?;
            }
            Event::End(TagEnd::TableCell) => found.text("\t")?,
            Event::End(end) if ends_line(end) => found.line()?,
            Event::Text(text) | Event::Code(text) => found.text(&text)?,
            Event::SoftBreak | Event::HardBreak => found.text("\n")?,
            _ => {}
        }
    }
    Ok(())
}

fn ends_line(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableRow | TagEnd::TableHead
    )
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
