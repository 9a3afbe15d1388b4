//! Folders as an archive of files that other programs read.

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use dabir_prose::schema::address;
use dabir_prose::{Kind, Node};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::content::Format;
use super::{Documents, folder_with};
use crate::documents::Who;
use crate::documents::error::DocumentError;
use crate::documents::list::{Filter, Place};
use crate::documents::model::{Document, Folder, Right};
use crate::documents::store::{document, folder};

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
}

impl Documents {
    /// All documents of a folder and of those in it, or all that are in none, as Markdown or HTML.
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
        let bytes = archive.zip.finish().map_err(failed)?.into_inner();
        Ok(Export {
            name: format!("{}.zip", plain(&name)),
            bytes,
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
            self.export_document(&document, path, archive).await?;
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
        if let Some(pictures) = &self.setup().pictures {
            for file in dabir_prose::text::files(&node) {
                let Some(picture) = pictures.show(&document.id, &file).await else {
                    continue;
                };
                let ending = picture.media_type.rsplit('/').next().unwrap_or("bin");
                let name = format!("images/{file}.{}", plain(ending));
                archive.put(&format!("{path}{name}"), &picture.bytes)?;
                lead(&mut node, &file, &name);
            }
        }
        let text = archive.format.write(&node, &document.title)?;
        let name = archive.name(path, &document.title, archive.format.ending());
        archive.put(&name, &text)
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

/// Has the pictures of one file be somewhere else.
pub(super) fn lead(node: &mut Node, file: &str, to: &str) {
    if let Kind::Image(image) = &mut node.kind
        && address::file_id(&image.src) == Some(file)
    {
        to.clone_into(&mut image.src);
    }
    node.content
        .iter_mut()
        .for_each(|child| lead(child, file, to));
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
