//! `dabir doc …`: documents, out of the house and into it.

use std::cell::RefCell;
use std::fs::Permissions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::api::{Api, escape};
use super::output::{self, cell, table};
use super::{Context, Failure, Output};

#[derive(Debug, Args)]
pub(crate) struct DocArgs {
    #[command(subcommand)]
    command: DocCommand,
}

#[derive(Debug, Subcommand)]
enum DocCommand {
    /// List documents, those that were changed last first.
    List {
        /// Only those with these words in their title.
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        /// Only those in this folder.
        #[arg(long, value_name = "ID")]
        folder: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Show one document with its headings.
    Show { id: String },
    /// Make a document.
    Add {
        title: String,
        /// Begin with this text, in Markdown; `-` reads from standard input.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Put it into this folder.
        #[arg(long, value_name = "ID")]
        folder: Option<String>,
    },
    /// Write a document out: to a file, or to standard output.
    Export {
        id: String,
        /// In which form; by the file's ending when not given, else Markdown.
        #[arg(long, value_enum)]
        format: Option<Format>,
        /// The file to write; one that is there is not overwritten.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Find documents, tasks, files and people by their words.
    Find { words: String },
    /// Delete a document; it can be restored for 30 days.
    Remove { id: String },
    /// Bring a deleted document back.
    Restore { id: String },
}

/// The forms that a document is written out in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Markdown,
    Html,
    Text,
    Docx,
    Pdf,
    Json,
}

const DOCUMENTS: &str = "/api/v1/documents";
/// Keys of a document that a person looks for, in this order; of them, those that it has.
const KEYS: [&str; 7] = [
    "id",
    "title",
    "folder",
    "words",
    "right",
    "created_at",
    "changed_at",
];

pub(crate) async fn run(args: DocArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    execute(args.command, &api, context.output).await
}

async fn execute(command: DocCommand, api: &Api, output: Output) -> Result<(), Failure> {
    let at = |id: &str| format!("{DOCUMENTS}/{}", escape(id));
    match command {
        DocCommand::List {
            search,
            folder,
            limit,
        } => {
            let given = [("q", search), ("folder", folder)].into_iter();
            let given = given.filter_map(|(key, value)| Some((key, value?)));
            let query: String = given
                .map(|(key, value)| format!("&{key}={}", escape(&value)))
                .collect();
            let page = api
                .get(&format!("{DOCUMENTS}?limit={limit}{query}"))
                .await?;
            output.show(&page, list)
        }
        DocCommand::Show { id } => output.show(&api.get(&at(&id)).await?, detail),
        DocCommand::Add {
            title,
            file,
            folder,
        } => {
            let mut body = json!({ "title": title });
            if let Some(file) = file {
                body["text"] = read(&file)?.into();
            }
            if let Some(folder) = folder {
                body["folder"] = folder.into();
            }
            output.show(&api.post(DOCUMENTS, &body).await?, detail)
        }
        DocCommand::Export { id, format, to } => {
            let format = format.or_else(|| by_ending(to.as_deref()?));
            let name = format.unwrap_or(Format::Markdown).name();
            let path = format!("{}/content?format={name}", at(&id));
            match to {
                Some(file) => write_to(api, &path, &file).await,
                None => api.copy(&path, output::write).await,
            }
        }
        DocCommand::Find { words } => {
            let path = format!("/api/v1/search?limit=50&q={}", escape(&words));
            output.show(&api.get(&path).await?, found)
        }
        DocCommand::Remove { id } => {
            let gone = api.delete(&at(&id)).await?;
            output.show(&gone, |_| {
                format!("document {id} is deleted; it can be restored for 30 days")
            })
        }
        DocCommand::Restore { id } => {
            let path = format!("{}/restore", at(&id));
            output.show(&api.post(&path, &Value::Null).await?, detail)
        }
    }
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Text => "text",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Json => "json",
        }
    }
}

fn by_ending(file: &Path) -> Option<Format> {
    match file.extension()?.to_str()? {
        "md" => Some(Format::Markdown),
        "html" | "htm" => Some(Format::Html),
        "txt" => Some(Format::Text),
        "docx" => Some(Format::Docx),
        "pdf" => Some(Format::Pdf),
        "json" => Some(Format::Json),
        _ => None,
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let read = match file.as_os_str() == "-" {
        true => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        false => std::fs::read_to_string(file),
    };
    read.map_err(|error| {
        Failure::usage(
            format!("`{}` cannot be read: {error}", file.display()),
            "name a file of text in UTF-8",
        )
    })
}

/// Writes what is answered to a new file, which has its name only when all of it is there.
async fn write_to(api: &Api, path: &str, file: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(
            format!("`{}` cannot be written: {error}", file.display()),
            "name another file",
        )
    };
    if file.exists() {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let new = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    let new = RefCell::new(new);
    let copied = api.copy(path, |bytes| {
        let written = new.borrow_mut().write_all(bytes);
        written.map(|()| true).map_err(failed)
    });
    tokio::select! {
        copied = copied => copied?,
        _ = tokio::signal::ctrl_c() => return Err(stopped()),
    }
    let named = new.into_inner().persist_noclobber(file);
    named.map(drop).map_err(|refused| failed(refused.error))
}

fn stopped() -> Failure {
    Failure::failed("stopped; nothing was written", "")
}

fn list(page: &Value) -> String {
    let documents = page["items"].as_array().cloned().unwrap_or_default();
    if documents.is_empty() {
        return "no such documents".to_owned();
    }
    let mut table = table(&["id", "title", "words", "owner", "changed"]);
    for document in &documents {
        table.add_row([
            cell(&document["id"]),
            cell(&document["title"]),
            cell(&document["words"]),
            cell(&document["owner"]["name"]),
            cell(&document["changed_at"]),
        ]);
    }
    let more = match page["next_cursor"].is_null() {
        true => "",
        false => "\n… and more; raise --limit or narrow it",
    };
    format!("{}{more}", table.trim_fmt())
}

fn detail(document: &Value) -> String {
    let mut text: String = KEYS
        .into_iter()
        .filter(|key| !document[*key].is_null())
        .map(|key| format!("{key:<12} {}\n", cell(&document[key])))
        .collect();
    text.push_str(&format!(
        "{:<12} {}\n",
        "owner",
        cell(&document["owner"]["name"])
    ));
    for heading in document["outline"].as_array().into_iter().flatten() {
        let level = heading["level"].as_u64().unwrap_or(1).clamp(1, 6);
        let indent = "  ".repeat(usize::try_from(level - 1).unwrap_or(0));
        text.push_str(&format!("{indent}- {}\n", cell(&heading["text"])));
    }
    text
}

fn found(page: &Value) -> String {
    let hits = page["items"].as_array().cloned().unwrap_or_default();
    if hits.is_empty() {
        return "nothing was found".to_owned();
    }
    let mut table = table(&["kind", "id", "title", "text"]);
    for hit in &hits {
        let pieces = hit["snippet"].as_array().into_iter().flatten();
        let text: String = pieces.filter_map(|piece| piece["text"].as_str()).collect();
        table.add_row([
            cell(&hit["kind"]),
            cell(&hit["id"]),
            cell(&hit["title"]),
            cell(&text.into()),
        ]);
    }
    table.trim_fmt()
}
