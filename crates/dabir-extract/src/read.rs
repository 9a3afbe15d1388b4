//! One file from its first byte to the last line of the answer.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::findings::{Findings, Stop};
use crate::input::Input;
use crate::model::{Code, Kind, Line, Refusal};
use crate::{confine, html, markdown, package, pdf, picture, plain};

/// Confines this process, reads the file on standard input and writes what is in it to `out`.
///
/// # Errors
/// When nobody reads what is written.
pub fn run(kind: Kind, out: &mut impl Write) -> io::Result<()> {
    let confined = if kind == Kind::Pdf {
        confine::but_for_readers_of_pdfs()
    } else {
        confine::all()
    };
    match confined {
        Ok(holds) => {
            write(out, &Line::Confined(holds))?;
            // A reader that eats its memory says nothing more: let this much be known.
            out.flush()?;
            answer(out, kind)
        }
        Err(error) => {
            let detail = format!("the helper could not be confined: {error}");
            write(out, &Line::Refused(Refusal::new(Code::Helper, detail)))
        }
    }?;
    out.flush()
}

fn answer(out: &mut impl Write, kind: Kind) -> io::Result<()> {
    let mut found = Findings::of(kind.as_str());
    match read(kind, &mut found) {
        Ok(()) | Err(Stop::Full) => tell(out, found),
        Err(Stop::Refused(refusal)) => {
            write(out, &Line::About(found.about))?;
            write(out, &Line::Refused(refusal))
        }
    }
}

fn read(kind: Kind, found: &mut Findings) -> Result<(), Stop> {
    let read = match kind {
        // Its programs take standard input themselves.
        Kind::Pdf => return pdf::read(found),
        Kind::Package => package::read,
        Kind::Html => html::read,
        Kind::Markdown => markdown::read,
        Kind::Text => plain::read,
        Kind::Csv => plain::read_csv,
        Kind::Picture => picture::read,
    };
    read(&Input::stdin()?, found)
}

fn tell(out: &mut impl Write, found: Findings) -> io::Result<()> {
    write(out, &Line::About(found.about))?;
    for part in found.parts {
        write(out, &Line::Part(part))?;
    }
    for heading in found.headings {
        write(out, &Line::Heading(heading))?;
    }
    for link in found.links {
        write(out, &Line::Link(link))?;
    }
    if let Some(jpeg) = found.thumbnail {
        write(out, &Line::Thumbnail(STANDARD.encode(jpeg)))?;
    }
    write(out, &Line::Done)
}

fn write(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
