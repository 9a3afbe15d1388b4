//! How commands speak: tables for people, JSON for programs, and failures that say cause, effect
//! and next step.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use dabir_core::text::one_line;
use dabir_db::FolderError;
use dabir_http::Problem;
use serde::Serialize;
use serde_json::Value;

use super::port;

/// It was tried and did not work.
const FAILED: u8 = 1;
/// The words are wrong.
const USAGE: u8 = 2;
/// There is no such thing.
const NOT_FOUND: u8 = 3;
/// The state of the thing forbids it.
const REFUSED: u8 = 4;

/// Where a command's answer goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    cause: String,
    next: String,
}

impl Output {
    /// Tells the person at the terminal something that is not the answer.
    pub(crate) fn note(self, text: &str) {
        // Nobody is left to be told when even this fails.
        let _ = writeln!(io::stderr(), "dabir: {text}");
    }

    /// Prints `value` as JSON when that was asked for, else what `people` makes of it.
    pub(crate) fn show<T: Serialize>(
        self,
        value: &T,
        people: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string_pretty(value).map_err(Failure::from_error)?
        } else {
            people(value)
        };
        print(text.trim_end())
    }
}

/// Prints a line to standard output; a reader that went away, as `| head` does, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::from_error(error)),
        _ => Ok(()),
    }
}

/// Prints a piece of something long; answers whether anybody still reads.
pub(crate) fn write(bytes: &[u8]) -> Result<bool, Failure> {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Failure::from_error),
    }
}

/// A table without lines, as wide as the terminal.
pub(crate) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head.iter().map(|word| word.to_uppercase()));
    table
}

/// A value as a cell: nothing for null, texts without quotes and without control characters.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => one_line(text),
        other => other.to_string(),
    }
}

/// The one place where a problem becomes an exit code.
fn exit_code(problem: &Problem) -> u8 {
    match problem.status {
        404 => NOT_FOUND,
        // What is held, spent or full now need not be so later; our own faults are 500.
        409 | 423 | 503 => REFUSED,
        400 | 422 => USAGE,
        _ => FAILED,
    }
}

fn is_address_taken(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

impl Failure {
    fn new(code: u8, cause: impl Display, next: &str) -> Self {
        Self {
            code,
            cause: cause.to_string(),
            next: next.to_owned(),
        }
    }

    /// 1: it was tried and did not work.
    pub(crate) fn failed(cause: impl Display, next: &str) -> Self {
        Self::new(FAILED, cause, next)
    }

    /// 2: the words are wrong.
    pub(crate) fn usage(cause: impl Display, next: &str) -> Self {
        Self::new(USAGE, cause, next)
    }

    /// 4: the state of the thing forbids it.
    pub(crate) fn refused(cause: impl Display, next: &str) -> Self {
        Self::new(REFUSED, cause, next)
    }

    pub(crate) fn from_error(error: impl std::error::Error) -> Self {
        Self::failed(error, "")
    }

    /// An error with all its causes in one line.
    pub(crate) fn from_chain(error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let cause = causes.join(": ");
        if let Some(FolderError::InUse { .. }) = error.downcast_ref() {
            return Self::refused(cause, "stop that server first, or name another --data-dir");
        }
        if let Some(error) = error.downcast_ref() {
            return port::failure(error, cause);
        }
        if error.chain().any(is_address_taken) {
            let next = "end what listens there (`ss -ltnp` shows it), or set `[server] listen` (`--listen` for a worker)";
            return Self::refused(cause, next);
        }
        Self::failed(cause, "`dabir doctor` looks for what is missing")
    }

    /// A failure in its own words, with the exit code of the problem that it is in the API.
    pub(crate) fn like(problem: &Problem, cause: impl Display, next: &str) -> Self {
        Self::new(exit_code(problem), cause, next)
    }

    /// A problem of the API as the command's failure.
    pub(crate) fn from_problem(problem: &Problem) -> Self {
        let next = match problem.status {
            401 | 403 => {
                "check DABIR_TOKEN; the owner's stands in secrets/admin.token of the data folder"
            }
            _ => "",
        };
        let cause = match problem.request_id.as_str() {
            id if problem.status >= 500 && !id.is_empty() => {
                format!("{} (request {id})", problem.detail)
            }
            _ => problem.detail.clone(),
        };
        Self::new(exit_code(problem), cause, next)
    }

    /// Tells the person at the terminal, and answers the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let mut stderr = io::stderr().lock();
        // Nobody is left to be told when even this fails.
        let _ = writeln!(stderr, "dabir: {}", self.cause);
        if !self.next.is_empty() {
            let _ = writeln!(stderr, "       {}", self.next);
        }
        ExitCode::from(self.code)
    }
}
