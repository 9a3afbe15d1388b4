//! Starts the helper on some bytes.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use dabir_extract::{About, Code, Heading, Line, Part, Refusal};

/// All that was said of a file.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) confined: Vec<String>,
    pub(crate) about: About,
    pub(crate) parts: Vec<Part>,
    pub(crate) headings: Vec<Heading>,
    pub(crate) links: Vec<String>,
    pub(crate) thumbnail: Option<String>,
    pub(crate) refused: Option<Code>,
    pub(crate) is_done: bool,
}

impl Said {
    pub(crate) fn text(&self) -> String {
        let texts: Vec<&str> = self.parts.iter().map(|part| part.text.as_str()).collect();
        texts.join("\n")
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Confined(holds) => self.confined = holds,
            Line::About(about) => self.about = about,
            Line::Part(part) => self.parts.push(part),
            Line::Heading(heading) => self.headings.push(heading),
            Line::Link(url) => self.links.push(url),
            Line::Thumbnail(jpeg) => self.thumbnail = Some(jpeg),
            Line::Refused(refusal) => self.refused = Some(refusal.code),
            Line::Done => self.is_done = true,
        }
    }
}

/// What the helper says of a file.
pub(crate) fn read(kind: &str, bytes: &[u8]) -> Said {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    read_file(kind, file)
}

pub(crate) fn read_file(kind: &str, mut file: File) -> Said {
    file.rewind().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_dabir-extract"))
        .arg(kind)
        .env_clear()
        .stdin(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let mut said = Said::default();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        if let Ok(line) = serde_json::from_slice(line) {
            said.add(line);
        }
    }
    match (output.status.signal(), output.status.code()) {
        (Some(signal), _) => said.refused = Some(Refusal::of_signal(signal).code),
        (None, Some(0)) => {}
        (None, code) => {
            let complaint = String::from_utf8_lossy(&output.stderr);
            panic!("the helper ended with {code:?}: {complaint}");
        }
    }
    said
}
