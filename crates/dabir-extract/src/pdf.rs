//! PDFs, through poppler's `pdftotext`: it alone of what there is reads Persian right. It is a process
//! of its own, more confined than this one but for the programs and libraries that it consists of.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::confine;
use crate::findings::{Findings, Stop, words};
use crate::input::Input;
use crate::model::{Code, MAX_TEXT, Refusal};
use crate::persian;

/// Where programs are; no variable says it, for there are none.
const PLACES: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/bin"];
/// Between two pages.
const PAGE: char = '\u{c}';
/// So much of what is said is read: more than the text that is taken.
const MAX_SAID: u64 = (MAX_TEXT as u64) * 2;
/// So much of what it complains of, in bytes.
const MAX_COMPLAINTS: u64 = 8 << 10;

/// The word that has this program become the one it reads with: it confines itself first.
pub const BECOME: &str = "become";

/// The programs of poppler that are used.
const PROGRAMS: [&str; 2] = ["pdftotext", "pdfinfo"];

/// Reads a PDF on standard input. Both children are started before `confine` takes the right to.
pub(crate) fn read(found: &mut Findings) -> Result<(), Stop> {
    let about = said(start("pdfinfo", &["-"])?)?;
    read_about(&String::from_utf8_lossy(&about), found);
    let text = said(start(
        "pdftotext",
        &["-enc", "UTF-8", "-eol", "unix", "-", "-"],
    )?)?;
    let text = String::from_utf8_lossy(&text);
    read_pages(text.trim_end_matches(PAGE), found)
}

fn read_about(text: &str, found: &mut Findings) {
    for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let about = &mut found.about;
        match key {
            "Title" => about.title = words(value),
            "Author" => about.author = words(value),
            "CreationDate" => about.created = words(value),
            "ModDate" => about.modified = words(value),
            "Pages" => about.pages = value.trim().parse().ok(),
            _ => {}
        }
    }
}

fn read_pages(text: &str, found: &mut Findings) -> Result<(), Stop> {
    let (mut sum, mut told) = (0.0, 0_u32);
    for (number, page) in text.split(PAGE).enumerate() {
        found.part((number + 1).to_string())?;
        let plain: String = page.chars().filter(|c| !is_mark(*c)).collect();
        let mended = persian::mend(&plain);
        if let Some(confidence) = mended.confidence {
            (sum, told) = (sum + confidence, told + 1);
            found.about.order_confidence = Some(sum / f64::from(told));
        }
        found.about.turned_lines += mended.turned;
        read_links(&mended.text, found);
        found.text(&mended.text)?;
    }
    Ok(())
}

/// Marks that say how the letters between them run.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn read_links(text: &str, found: &mut Findings) {
    let words = text.split_whitespace();
    for word in words.filter(|word| word.starts_with("http://") || word.starts_with("https://")) {
        found.link(word.trim_end_matches(['.', ',', ')', ']', '،', '؛', '»']));
    }
}

/// This program again, to become `program`.
fn start(program: &str, args: &[&str]) -> Result<Command, Refusal> {
    if find(program).is_none() {
        let detail =
            "PDFs are read with poppler; install the package `poppler-utils` and try again";
        return Err(Refusal::new(Code::NoReader, detail));
    }
    // Each begins at the beginning.
    Input::stdin()?;
    let mut command = Command::new("/proc/self/exe");
    command.arg(BECOME).arg(program).args(args).env_clear();
    Ok(command)
}

/// What a child says, as far as anybody reads it.
fn said(mut command: Command) -> Result<Vec<u8>, Refusal> {
    let broken = |error: io::Error| Refusal::new(Code::Helper, error.to_string());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let complaints = child.stderr.take();
    // Read beside what it says: a full pipe would hold it up.
    let complaints = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut complaints) = complaints {
            let _ = complaints
                .by_ref()
                .take(MAX_COMPLAINTS)
                .read_to_end(&mut text);
            let _ = io::copy(&mut complaints, &mut io::sink());
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut text = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout
            .take(MAX_SAID)
            .read_to_end(&mut text)
            .map_err(broken)?;
    }
    let status = child.wait().map_err(broken)?;
    let complaints = complaints.join().unwrap_or_default();
    let is_enough = text.len() as u64 == MAX_SAID;
    match status.signal() {
        Some(signal) if !is_enough => Err(Refusal::of_signal(signal)),
        None if !status.success() => Err(refusal(&complaints)),
        _ => Ok(text),
    }
}

/// What the reader complains of, in as few words as there are.
fn refusal(complaints: &str) -> Refusal {
    if complaints.contains("ncorrect password") || complaints.contains("ncrypt") {
        return Refusal::encrypted();
    }
    if complaints.contains("ut of memory") || complaints.contains("bad_alloc") {
        return Refusal::too_much_memory();
    }
    if complaints.contains("Wrong page range") {
        return Refusal::new(Code::Damaged, "the PDF is damaged: it has no page");
    }
    // The last line may have been cut off.
    let is_cut = complaints.len() as u64 >= MAX_COMPLAINTS;
    let lines = complaints.lines().rev().skip(usize::from(is_cut));
    let said = lines.map(|line| {
        line.rsplit_once("Error: ")
            .map_or(line, |(_, said)| said)
            .trim()
    });
    let last = said.into_iter().find(|said| !said.is_empty());
    let last: String = last.unwrap_or("it is no PDF").chars().take(200).collect();
    Refusal::new(Code::Damaged, format!("the PDF is damaged: {last}"))
}

fn find(program: &str) -> Option<PathBuf> {
    let known = PROGRAMS.contains(&program);
    let paths = PLACES.iter().map(|place| Path::new(place).join(program));
    paths.filter(|_| known).find(|path| path.exists())
}

/// Becomes a program of poppler, confined. Comes back only when it cannot.
pub fn become_reader(args: &[OsString]) -> io::Error {
    let program = args.first().and_then(|program| program.to_str());
    let Some(path) = program.and_then(find) else {
        return io::ErrorKind::NotFound.into();
    };
    if let Err(error) = confine::as_reader_of_pdfs() {
        return error;
    }
    Command::new(path)
        .args(&args[1..])
        .env("LC_ALL", "C.UTF-8")
        .exec()
}
