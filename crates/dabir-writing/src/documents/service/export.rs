//! Folders as an archive of files that other programs read.

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Write as _};

use dabir_prose::schema::address;
use dabir_prose::{Kind, Node};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::content::Format;
use super::{Documents, folder_with};
use crate::documents::error::DocumentError;
use crate::documents::list::{Filter, Place};
use crate::documents::model::{Document, Folder, Right};
use crate::documents::store::{document, folder};
use crate::documents::{Picture, Who};

/// How much one archive holds.
const MAX_DOCUMENTS: usize = 2_000;
const MAX_BYTES: usize = 200 * 1024 * 1024;
/// The longest name of a file, in characters.
const MAX_NAME: usize = 80;

/// An archive.
#[derive(Clone, Debug)]
pub struct Export {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An archive that is being filled.
struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    names: HashSet<String>,
    bytes: usize,
    documents: usize,
    format: Format,
    /// A line for each document whose text is not in it.
    left_out: String,
}

impl Documents {
    /// All documents of a folder and of those in it, or all that are in none, each in this form. Those
    /// whose text cannot be read or is too long for it are named in a list beside the others.
    ///
    /// # Errors
    /// When there is no such folder, or it holds more than an archive may.
    pub async fn export(
        &self,
        who: &Who,
        id: Option<&str>,
        format: Format,
    ) -> Result<Export, DocumentError> {
        let name = match id {
            Some(id) => folder_with(self.read(), who, id, Right::View).await?.title,
            None => "documents".to_owned(),
        };
        let folders = folder::list(self.read(), who).await?;
        let mut archive = Archive {
            zip: ZipWriter::new(Cursor::new(Vec::new())),
            names: HashSet::new(),
            bytes: 0,
            documents: 0,
            format,
            left_out: String::new(),
        };
        let mut left = vec![(id.map(str::to_owned), String::new())];
        while let Some((place, path)) = left.pop() {
            self.export_folder(who, place.as_deref(), &path, &mut archive)
                .await?;
            let inside = folders.iter().filter(|folder| folder.parent == place);
            left.extend(inside.map(|folder: &Folder| {
                let path = archive.name(&path, &folder.title, "/");
                (Some(folder.id.clone()), path)
            }));
        }
        Ok(Export {
            name: format!("{}.zip", plain(&name)),
            bytes: archive.finish()?,
        })
    }

    async fn export_folder(
        &self,
        who: &Who,
        place: Option<&str>,
        path: &str,
        archive: &mut Archive,
    ) -> Result<(), DocumentError> {
        let filter = Filter {
            place: Some(place.map_or(Place::Root, |id| Place::Folder(id.to_owned()))),
            ..Filter::default()
        };
        let most = u32::try_from(MAX_DOCUMENTS).unwrap_or(u32::MAX);
        for document in document::list(self.read(), who, &filter, most + 1).await? {
            archive.documents += 1;
            if archive.documents > MAX_DOCUMENTS {
                let detail =
                    format!("there are more than {MAX_DOCUMENTS} documents; take a folder");
                return Err(DocumentError::Import(detail));
            }
            match self.export_document(&document, path, archive).await {
                Err(error @ (DocumentError::Prose(_) | DocumentError::Away)) => {
                    archive.leave_out(path, &document, &error);
                }
                done => done?,
            }
        }
        Ok(())
    }

    async fn export_document(
        &self,
        document: &Document,
        path: &str,
        archive: &mut Archive,
    ) -> Result<(), DocumentError> {
        let mut node = self.node(&document.id).await?;
        let pictures = self.beside(document, &mut node, archive.format).await;
        let turn = self.printing_turn(archive.format).await?;
        let text = self.written(document, node, archive.format, turn).await?;
        for (name, picture) in pictures {
            archive.put(&format!("{path}{name}"), &picture.bytes)?;
        }
        let name = archive.name(path, &document.title, archive.format.ending());
        archive.put(&name, &text)
    }

    /// The pictures that a text has beside it with their names, where it finds them from now on.
    async fn beside(
        &self,
        document: &Document,
        node: &mut Node,
        format: Format,
    ) -> Vec<(String, Picture)> {
        let pictures = self.setup().pictures.as_ref();
        let Some(pictures) = pictures.filter(|_| !format.holds_pictures()) else {
            return Vec::new();
        };
        let (mut places, mut beside) = (HashMap::new(), Vec::new());
        for file in dabir_prose::text::files(node) {
            let Some(picture) = pictures.show(&document.id, &file).await else {
                continue;
            };
            let ending = picture.media_type.rsplit('/').next().unwrap_or("bin");
            let name = format!("images/{file}.{}", plain(ending));
            beside.push((name.clone(), picture));
            places.insert(file, name);
        }
        lead(node, &|file| places.get(file).cloned());
        beside
    }
}

impl Archive {
    /// A name in a folder that nothing has yet.
    fn name(&mut self, path: &str, title: &str, ending: &str) -> String {
        let title = plain(title);
        let mut name = format!("{path}{title}{ending}");
        let mut number = 2;
        while !self.names.insert(name.to_lowercase()) {
            name = format!("{path}{title} ({number}){ending}");
            number += 1;
        }
        name
    }

    fn leave_out(&mut self, path: &str, document: &Document, why: &DocumentError) {
        let title = plain(&document.title);
        self.left_out += &format!("{path}{title}: {why}\n");
    }

    fn finish(mut self) -> Result<Vec<u8>, DocumentError> {
        if !self.left_out.is_empty() {
            // Of a kind that is no document when the archive comes back.
            let name = self.name("", "left out", ".log");
            let lines = std::mem::take(&mut self.left_out);
            self.put(&name, lines.as_bytes())?;
        }
        let zip = self.zip.finish().map_err(failed)?;
        Ok(zip.into_inner())
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), DocumentError> {
        self.bytes += bytes.len();
        if self.bytes > MAX_BYTES {
            let detail = format!("there are more than {MAX_BYTES} bytes; take a smaller folder");
            return Err(DocumentError::Import(detail));
        }
        let options = SimpleFileOptions::default();
        self.zip.start_file(name, options).map_err(failed)?;
        self.zip.write_all(bytes).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Import(format!("the archive cannot be made: {error}"))
}

/// Has pictures be where `to` says for the files that they are.
pub(super) fn lead(node: &mut Node, to: &impl Fn(&str) -> Option<String>) {
    if let Kind::Image(image) = &mut node.kind
        && let Some(to) = address::file_id(&image.src).and_then(to)
    {
        image.src = to;
    }
    node.content.iter_mut().for_each(|child| lead(child, to));
}

/// A title as any system takes it for the name of a file.
fn plain(title: &str) -> String {
    let is_bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    let name: String = title
        .chars()
        .map(|c| if is_bad(c) { '_' } else { c })
        .take(MAX_NAME)
        .collect();
    let name = name.trim().trim_matches('.').to_owned();
    match name.is_empty() {
        true => "_".to_owned(),
        false => name,
    }
}
