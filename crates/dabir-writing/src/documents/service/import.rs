//! Documents out of files: Markdown, HTML, plain text, Word, and archives of these with folders and
//! pictures.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};

use bytes::Bytes;
use dabir_core::new_id;
use dabir_core::text::one_line;
use dabir_prose::docx::{self, Limits};
use dabir_prose::{Node, ProseError, html, markdown, text};
use serde::Serialize;
use utoipa::ToSchema;
use zip::ZipArchive;

use super::create::{MAX_TITLE, New};
use super::{Documents, folder_with};
use crate::documents::Who;
use crate::documents::error::DocumentError;
use crate::documents::model::{Document, Right};

/// What an archive holds at most.
const MAX_ENTRIES: usize = 2_000;
const MAX_UNPACKED: u64 = 100 * 1024 * 1024;
const MAX_RATIO: u64 = 200;
/// The longest single text, and how deep folders go.
const MAX_TEXT: usize = 8 * 1024 * 1024;
const MAX_DEPTH: usize = 9;

/// A file that somebody brings.
#[derive(Clone, Debug)]
pub struct Import {
    pub name: String,
    pub bytes: Bytes,
}

/// What became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImportedDocuments)]
pub struct Imported {
    pub items: Vec<Document>,
    /// Files that are no documents, or cannot be read, and why.
    pub skipped: Vec<Skipped>,
}

/// A file of which no document was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SkippedImport)]
pub struct Skipped {
    pub name: String,
    pub why: String,
}

/// A text in an archive or by itself.
#[derive(Debug)]
struct Source {
    /// Folders, from the outermost.
    folders: Vec<String>,
    /// The path in its archive.
    path: String,
    bytes: Vec<u8>,
}

/// All that is brought at once.
#[derive(Debug, Default)]
struct Brought {
    texts: Vec<Source>,
    /// By their paths.
    pictures: HashMap<String, Bytes>,
    skipped: Vec<Skipped>,
    /// How many files archives had, and how many bytes came out of them.
    entries: usize,
    unpacked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Markdown,
    Html,
    Text,
    Word,
    Picture,
    Archive,
    Other,
}

impl Documents {
    /// Makes documents of files, in a folder when one is named; folders of archives are made in it.
    ///
    /// # Errors
    /// When the caller may not write there, or an archive holds more than it may.
    pub async fn import(
        &self,
        who: &Who,
        folder: Option<String>,
        files: Vec<Import>,
    ) -> Result<Imported, DocumentError> {
        if let Some(folder) = &folder {
            folder_with(self.read(), who, folder, Right::Edit).await?;
        }
        let open = move || open(files);
        let opened = tokio::task::spawn_blocking(open).await;
        let brought = opened.map_err(|_| DocumentError::Away)??;
        let mut folders = BTreeMap::from([(Vec::new(), folder)]);
        let mut imported = Imported {
            items: Vec::new(),
            skipped: brought.skipped,
        };
        for source in &brought.texts {
            let folder = self.folder_for(who, &source.folders, &mut folders).await?;
            match self.take(who, folder, source, &brought.pictures).await {
                Ok(document) => imported.items.push(document),
                Err(DocumentError::Prose(error)) => imported.skipped.push(Skipped {
                    name: source.path.clone(),
                    why: error.to_string(),
                }),
                Err(error) => return Err(error),
            }
        }
        Ok(imported)
    }

    /// The folder of a path; it is made when it is not there yet.
    async fn folder_for(
        &self,
        who: &Who,
        path: &[String],
        known: &mut BTreeMap<Vec<String>, Option<String>>,
    ) -> Result<Option<String>, DocumentError> {
        let mut id = known.get(&Vec::new()).cloned().flatten();
        for end in 1..=path.len() {
            let part = path[..end].to_vec();
            if let Some(made) = known.get(&part) {
                id.clone_from(made);
                continue;
            }
            let made = self.make_folder(who, path[end - 1].clone(), id).await?;
            id = Some(made.id);
            known.insert(part, id.clone());
        }
        Ok(id)
    }

    async fn take(
        &self,
        who: &Who,
        folder: Option<String>,
        source: &Source,
        pictures: &HashMap<String, Bytes>,
    ) -> Result<Document, DocumentError> {
        let id = new_id();
        let mut wanted = HashMap::new();
        read(source, &mut |address, inside| {
            let path = resolve(&source.path, address);
            let bytes = inside.or_else(|| pictures.get(&path).cloned());
            wanted.extend(bytes.map(|bytes| (address.to_owned(), bytes)));
            None
        })?;
        let mut kept = HashMap::new();
        if let Some(keeper) = &self.setup().pictures {
            for (address, bytes) in wanted {
                let name = address.rsplit('/').next().unwrap_or(&address);
                if let Some(file) = keeper.keep(&who.doer, &id, name, bytes).await {
                    kept.insert(address, dabir_prose::schema::address::of_file(&file));
                }
            }
        }
        let node = read(source, &mut |address, _| kept.get(address).cloned())?;
        let new = New {
            id,
            title: title(&source.path, &node),
            folder,
            is_template: false,
            node,
            copy_of: None,
            grants: Vec::new(),
        };
        self.make(who, new).await
    }
}

/// What knows where a picture is kept: by its address in the text, and with its bytes when they come
/// with the text.
type Known<'a> = &'a mut dyn FnMut(&str, Option<Bytes>) -> Option<String>;

/// The document of a text.
fn read(source: &Source, known: Known<'_>) -> Result<Node, ProseError> {
    if kind(&source.path) == Kind::Word {
        let mut store = |name: &str, bytes: Vec<u8>| known(name, Some(bytes.into()));
        return docx::parse_with(&source.bytes, Limits::default(), &mut store);
    }
    let mut images = |address: &str| known(address, None);
    let words = String::from_utf8_lossy(&source.bytes);
    let words = words.trim_start_matches('\u{feff}');
    match kind(&source.path) {
        Kind::Html => html::parse_with(words, &mut images),
        Kind::Text => text::document(words),
        _ => markdown::parse_with(words, &mut images),
    }
}

/// The name without its ending; the first words when it has none.
fn title(path: &str, node: &Node) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem: String = one_line(stem.trim()).chars().take(MAX_TITLE).collect();
    match stem.is_empty() {
        false => stem,
        true => text::title(node, 80).unwrap_or_else(|| "…".to_owned()),
    }
}

fn kind(path: &str) -> Kind {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "md" | "markdown" => Kind::Markdown,
        "html" | "htm" => Kind::Html,
        "txt" => Kind::Text,
        "docx" => Kind::Word,
        "zip" => Kind::Archive,
        "png" | "jpg" | "jpeg" | "gif" | "webp" => Kind::Picture,
        _ => Kind::Other,
    }
}

/// What a relative address in a text of an archive means there.
fn resolve(text: &str, address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let address = decoded(address);
    let mut path: Vec<&str> = match address.starts_with('/') {
        true => Vec::new(),
        false => text.split('/').collect(),
    };
    path.pop();
    for part in address.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// `%20` and the like as what they stand for.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn open(files: Vec<Import>) -> Result<Brought, DocumentError> {
    let mut brought = Brought::default();
    for file in files {
        let name = one_line(file.name.rsplit(['/', '\\']).next().unwrap_or_default());
        match kind(&name) {
            Kind::Archive => unpack(&name, &file.bytes, &mut brought)?,
            _ => brought.put(name, file.bytes.to_vec()),
        }
    }
    Ok(brought)
}

impl Brought {
    fn put(&mut self, path: String, bytes: Vec<u8>) {
        match kind(&path) {
            Kind::Picture => drop(self.pictures.insert(path, bytes.into())),
            Kind::Markdown | Kind::Html | Kind::Text | Kind::Word if bytes.len() <= MAX_TEXT => {
                let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
                folders.pop();
                folders.truncate(MAX_DEPTH);
                self.texts.push(Source {
                    folders,
                    path,
                    bytes,
                });
            }
            Kind::Markdown | Kind::Html | Kind::Text | Kind::Word => {
                self.skip(path, format!("it has more than {MAX_TEXT} bytes"));
            }
            Kind::Archive => self.skip(path, "an archive in an archive is not opened".to_owned()),
            Kind::Other => {
                let why = "documents are made of .md, .html, .txt, .docx and archives of these";
                self.skip(path, why.to_owned());
            }
        }
    }

    fn skip(&mut self, name: String, why: String) {
        self.skipped.push(Skipped { name, why });
    }
}

/// Reads an archive. What it says of itself is not believed: bytes are counted as they come out.
fn unpack(name: &str, bytes: &[u8], brought: &mut Brought) -> Result<(), DocumentError> {
    let bad = |why: &str| DocumentError::Import(format!("`{name}` {why}"));
    let read = ZipArchive::new(Cursor::new(bytes));
    let mut archive = read.map_err(|_| bad("is no archive that can be read"))?;
    brought.entries += archive.len();
    if brought.entries > MAX_ENTRIES {
        return Err(bad(&format!("has more than {MAX_ENTRIES} files")));
    }
    let most = (bytes.len() as u64).saturating_mul(MAX_RATIO);
    let mut left = most.min(MAX_UNPACKED.saturating_sub(brought.unpacked));
    for number in 0..archive.len() {
        let mut entry = archive
            .by_index(number)
            .map_err(|_| bad("holds a file that cannot be read"))?;
        let path = entry.name().ok().and_then(|name| safe(&name));
        let Some(path) = path else {
            continue;
        };
        let mut content = Vec::new();
        let read = (&mut entry).take(left + 1).read_to_end(&mut content);
        read.map_err(|_| bad("is damaged"))?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| bad("holds more than an archive may"))?;
        brought.unpacked += content.len() as u64;
        brought.put(path, content);
    }
    Ok(())
}

/// The path of a file in an archive; `None` for folders and for what systems put there for themselves.
fn safe(path: &str) -> Option<String> {
    if path.ends_with('/') {
        return None;
    }
    let parts = path.split(['/', '\\']).map(str::trim);
    let parts: Vec<String> = parts
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .map(|part| one_line(part).chars().take(MAX_TITLE).collect())
        .collect();
    let is_hidden = |part: &String| part.starts_with('.') || part == "__MACOSX";
    (!parts.is_empty() && !parts.iter().any(is_hidden)).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_up_from_where_the_text_is() {
        for (text, address, path) in [
            ("a/b.md", "c.png", "a/c.png"),
            ("a/b.md", "../c.png", "c.png"),
            ("a/b.md", "./img/c%20d.png?x#y", "a/img/c d.png"),
            ("a/b.md", "/c.png", "c.png"),
            ("b.md", "../../c.png", "c.png"),
            ("b.md", "%zz%4", "%zz%4"),
        ] {
            assert_eq!(resolve(text, address), path, "{address}");
        }
    }

    #[test]
    fn names_in_archives_lead_nowhere_else() {
        assert_eq!(safe("../../etc/x.md").as_deref(), Some("etc/x.md"));
        assert_eq!(safe("C:\\x\\y.md").as_deref(), Some("C:/x/y.md"));
        assert_eq!(safe("__MACOSX/x.md"), None);
        assert_eq!(safe("a/.git/x.md"), None);
        assert_eq!(safe("a/"), None);
    }
}
