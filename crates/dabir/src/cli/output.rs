//! How commands speak: tables for people, JSON for programs, and failures that say cause, effect
//! and next step.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use dabir_http::Problem;
use serde::Serialize;

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

/// Prints to standard output; a reader that went away, as `| head` does, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::from_error(error)),
        _ => Ok(()),
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
        Self::new(1, cause, next)
    }

    /// 2: the words are wrong.
    pub(crate) fn usage(cause: impl Display, next: &str) -> Self {
        Self::new(2, cause, next)
    }

    /// 3: there is no such thing.
    pub(crate) fn not_found(cause: impl Display, next: &str) -> Self {
        Self::new(3, cause, next)
    }

    /// 4: the state of the thing forbids it.
    pub(crate) fn refused(cause: impl Display, next: &str) -> Self {
        Self::new(4, cause, next)
    }

    pub(crate) fn from_error(error: impl std::error::Error) -> Self {
        Self::failed(error, "")
    }

    /// An error with all its causes in one line.
    pub(crate) fn from_chain(error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        let cause = causes.join(": ");
        match error.downcast_ref::<dabir_db::FolderError>() {
            Some(dabir_db::FolderError::InUse { .. }) => {
                Self::refused(cause, "stop that server first, or name another --data-dir")
            }
            _ => Self::failed(cause, "`dabir doctor` looks for what is missing"),
        }
    }

    /// A problem of the API as the command's failure.
    pub(crate) fn from_problem(problem: &Problem) -> Self {
        let cause = &problem.detail;
        match problem.status {
            404 => Self::not_found(cause, ""),
            409 | 423 => Self::refused(cause, ""),
            400 | 422 => Self::usage(cause, ""),
            401 | 403 => Self::failed(
                cause,
                "check DABIR_TOKEN; the owner's stands in secrets/admin.token of the data folder",
            ),
            _ => Self::failed(format!("{cause} (request {})", problem.request_id), ""),
        }
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
