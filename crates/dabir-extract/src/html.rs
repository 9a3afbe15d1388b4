//! HTML: what a reader of the page sees. Tags are taken as they come and no tree is made, so depth costs
//! nothing.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
};

use crate::findings::{Findings, Stop, words};
use crate::input::Input;
use crate::plain;

/// Bytes that are given to the tokenizer at once; between two it is seen whether there is enough.
const CHUNK: usize = 64 << 10;

const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "br",
    "hr",
    "section",
    "article",
    "header",
    "footer",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dt",
    "dd",
    "title",
];

pub(crate) fn read(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let text = plain::whole(input, found)?;
    read_text(&text, found)
}

/// What stands in a page or a chapter.
pub(crate) fn read_text(text: &str, found: &mut Findings) -> Result<(), Stop> {
    let page = Page {
        found: std::mem::take(found),
        ..Page::default()
    };
    let tokenizer = Tokenizer::new(Sink(RefCell::new(page)), Default::default());
    let queue = BufferQueue::default();
    let mut rest = text;
    while !rest.is_empty() && tokenizer.sink.0.borrow().stop.is_none() {
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK.max(4)));
        rest = after;
        queue.push_back(StrTendril::from_slice(chunk));
        let _ = tokenizer.feed(&queue);
    }
    tokenizer.end();
    let page = tokenizer.sink.0.into_inner();
    *found = page.found;
    page.stop.map_or(Ok(()), Err)
}

struct Sink(RefCell<Page>);

#[derive(Default)]
struct Page {
    found: Findings,
    /// Where the heading's words begin, and how great it is.
    heading: Option<(u8, usize)>,
    title: Option<String>,
    /// Within what nobody sees.
    is_hidden: bool,
    stop: Option<Stop>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        if page.stop.is_some() {
            return TokenSinkResult::Continue;
        }
        let took = match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return page.begin(&tag),
            Token::TagToken(tag) => page.end(&tag.name),
            Token::CharacterTokens(text) => page.text(&text),
            _ => Ok(()),
        };
        page.stop = took.err();
        TokenSinkResult::Continue
    }
}

impl Page {
    fn begin(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let took = self.take(tag);
        self.stop = took.err();
        match &*tag.name {
            "script" | "style" | "noscript" | "iframe" | "template" | "xmp"
                if !tag.self_closing =>
            {
                self.is_hidden = true;
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" if !tag.self_closing => {
                self.title = Some(String::new());
                TokenSinkResult::RawData(RawKind::Rcdata)
            }
            _ => TokenSinkResult::Continue,
        }
    }

    fn take(&mut self, tag: &Tag) -> Result<(), Stop> {
        match &*tag.name {
            "a" => {
                if let Some(href) = attribute(tag, "href") {
                    self.found.link(href);
                }
            }
            "td" | "th" => self.found.text("\t")?,
            "meta" if attribute(tag, "name").is_some_and(|n| n.eq_ignore_ascii_case("author")) => {
                self.found.about.author = attribute(tag, "content").and_then(words);
            }
            name if BLOCKS.contains(&name) => self.found.line()?,
            _ => {}
        }
        if let Some(level) = level_of(&tag.name) {
            self.heading = Some((level, self.found.place()));
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Stop> {
        self.is_hidden = false;
        if let Some(title) = self.title.take() {
            let about = &mut self.found.about;
            about.title = about.title.take().or_else(|| words(&title));
        }
        if level_of(name).is_some()
            && let Some((level, place)) = self.heading.take()
        {
            self.found.heading_since(level, place);
        }
        if BLOCKS.contains(&name) {
            self.found.line()?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        match &mut self.title {
            _ if self.is_hidden => Ok(()),
            Some(title) => {
                if title.len() < 4_096 {
                    title.push_str(text);
                }
                Ok(())
            }
            None if text.trim().is_empty() => self.found.text(" "),
            None => self.found.text(text),
        }
    }
}

fn level_of(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|one| &*one.name.local == name);
    found.map(|one| &*one.value)
}
