//! The folder of available clients: a subfolder or an image for each, as face recognition keeps them.
//!
//! `ali/1.jpg` and `ali.jpg` both say that `ali` is available, with that picture as their photo. A
//! picture is decoded before it counts; a broken one is reported and changes nothing.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use dabir_core::text::one_line;
use image::{ImageFormat, ImageReader, Limits};
use serde::Serialize;
use utoipa::ToSchema;

use crate::name::Username;
use crate::photo::Photo;

/// What is in the folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// `None` for whoever has no picture that can be used.
    pub(crate) clients: BTreeMap<Username, Option<Photo>>,
    pub(crate) problems: Vec<FolderProblem>,
}

/// Something in the folder that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = ClientFolderProblem)]
pub struct FolderProblem {
    /// The entry, below the folder.
    pub entry: String,
    pub detail: String,
}

/// Why a picture is not used.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("it has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(u64),
    #[error("it is no JPEG, PNG or WebP")]
    Format,
    #[error("it has {0} × {1} pixels; at least {MIN_SIDE} and at most {MAX_SIDE} a side are taken")]
    Pixels(u32, u32),
    #[error("it cannot be decoded: {0}")]
    Image(#[from] image::ImageError),
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

const MAX_BYTES: u64 = 20 << 20;
const MIN_SIDE: u32 = 16;
const MAX_SIDE: u32 = 10_000;
/// What decoding may take of the memory: a picture of a few bytes may say that it is immense.
const MAX_MEMORY: u64 = 256 << 20;
/// What is taken for a picture by its name.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// Problems that are told; a folder of nothing else needs no more.
const MAX_PROBLEMS: usize = 1_000;

/// Looks through the folder. Pictures that are as `known` says were decoded before and are not again.
///
/// # Errors
/// When the folder cannot be read, or is empty, as one is whose disk is not there: then nobody is
/// taken to be gone.
pub(crate) fn scan(dir: &Path, known: impl Fn(&Username) -> Option<Photo>) -> io::Result<Found> {
    let mut found = Found::default();
    let mut is_empty = true;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if is_hidden(&entry.file_name().to_string_lossy()) {
            continue;
        }
        is_empty = false;
        found.take(dir, &entry, &known);
    }
    if is_empty {
        return Err(io::Error::other(
            "it is empty, as if its disk were not there",
        ));
    }
    found.problems.sort();
    found.problems.truncate(MAX_PROBLEMS);
    Ok(found)
}

impl Found {
    fn take(&mut self, dir: &Path, entry: &DirEntry, known: &impl Fn(&Username) -> Option<Photo>) {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link leads anywhere: it is left alone.
        let Ok(kind) = entry.file_type() else { return };
        let (username, picture) = if kind.is_dir() {
            (name.clone(), first_picture(&entry.path()))
        } else if kind.is_file() && is_picture(&entry.path()) {
            let stem = entry
                .path()
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned());
            (stem.unwrap_or_default(), Some(entry.path()))
        } else {
            return;
        };
        let username: Username = match username.parse() {
            Ok(username) => username,
            Err(error) => return self.tell(&name, format!("this is no username: {error}")),
        };
        let photo = picture.and_then(|picture| {
            let file = below(dir, &picture);
            let photo = look(&picture, &file, known(&username));
            photo
                .inspect_err(|why| self.tell(&file, why.to_string()))
                .ok()
        });
        let kept = self.clients.entry(username).or_default();
        *kept = kept.take().or(photo);
    }

    fn tell(&mut self, entry: &str, detail: String) {
        let entry = one_line(entry);
        self.problems.push(FolderProblem { entry, detail });
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

fn is_picture(path: &Path) -> bool {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The first picture of a client's folder, by name.
fn first_picture(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?.filter_map(Result::ok);
    let is_file = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let pictures = entries
        .filter(is_file)
        .map(|entry| entry.path())
        .filter(|path| is_picture(path));
    pictures.min()
}

fn below(dir: &Path, path: &Path) -> String {
    let path = path.strip_prefix(dir).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

fn look(path: &Path, file: &str, known: Option<Photo>) -> Result<Photo, Broken> {
    let about = fs::metadata(path)?;
    let modified_at = Timestamp::try_from(about.modified()?).unwrap_or(Timestamp::MIN);
    let modified_at = dabir_core::clock::whole_millis(modified_at);
    if about.len() > MAX_BYTES {
        return Err(Broken::TooLarge(about.len()));
    }
    if let Some(known) = known
        && (&*known.file, known.size_bytes, known.modified_at) == (file, about.len(), modified_at)
    {
        return Ok(known);
    }
    let (format, width, height) = decode(path)?;
    Ok(Photo {
        file: file.to_owned(),
        format: format.to_owned(),
        width,
        height,
        size_bytes: about.len(),
        modified_at,
    })
}

/// Decodes a picture whatever it is called, first its measures and then all of it.
fn decode(path: &Path) -> Result<(&'static str, u32, u32), Broken> {
    let open = || ImageReader::open(path)?.with_guessed_format();
    let format = match open()?.format() {
        Some(ImageFormat::Jpeg) => "jpeg",
        Some(ImageFormat::Png) => "png",
        Some(ImageFormat::WebP) => "webp",
        _ => return Err(Broken::Format),
    };
    let (width, height) = open()?.into_dimensions()?;
    let is_fit = |side| (MIN_SIDE..=MAX_SIDE).contains(&side);
    if !is_fit(width) || !is_fit(height) {
        return Err(Broken::Pixels(width, height));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = open()?;
    reader.limits(limits);
    reader.decode()?;
    Ok((format, width, height))
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn name(text: &str) -> Username {
        text.parse().unwrap()
    }

    fn scanned(dir: &Path) -> Found {
        scan(dir, |_| None).unwrap()
    }

    #[test]
    fn folders_and_pictures_name_clients() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::create_dir(at("علی")).unwrap();
        fs::create_dir(at("mina")).unwrap();
        fs::create_dir(at(".git")).unwrap();
        fs::write(at("notes.txt"), "x").unwrap();
        RgbImage::new(32, 20).save(at("mina/2.png")).unwrap();
        RgbImage::new(40, 30).save(at("reza.JPG")).unwrap();
        std::os::unix::fs::symlink("/etc", at("link")).unwrap();
        let found = scanned(dir.path());
        let names: Vec<&str> = found.clients.keys().map(Username::as_str).collect();
        assert_eq!(names, ["mina", "reza", "علی"]);
        assert_eq!(found.problems, []);
        let photo = found.clients[&name("mina")].clone().unwrap();
        assert_eq!((&*photo.file, &*photo.format), ("mina/2.png", "png"));
        assert_eq!((photo.width, photo.height), (32, 20));
        assert_eq!(found.clients[&name("علی")], None);
    }

    #[test]
    fn broken_pictures_are_reported_and_their_clients_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::write(at("text.jpg"), "no picture").unwrap();
        fs::write(at("empty.png"), "").unwrap();
        RgbImage::new(8, 8).save(at("small.png")).unwrap();
        RgbImage::new(64, 64).save(at("cut.png")).unwrap();
        let whole = fs::read(at("cut.png")).unwrap();
        fs::write(at("cut.png"), &whole[..whole.len() - 20]).unwrap();
        // Its header says 60,000 × 60,000.
        let mut bomb = whole.clone();
        for side in [16, 20] {
            bomb[side..side + 4].copy_from_slice(&60_000_u32.to_be_bytes());
        }
        fs::write(at("bomb.png"), &bomb).unwrap();
        let found = scanned(dir.path());
        assert_eq!(found.clients.len(), 5);
        assert!(found.clients.values().all(Option::is_none));
        assert_eq!(found.problems.len(), 5, "{:?}", found.problems);
    }

    #[test]
    fn a_folder_that_is_not_there_or_empty_takes_nobody_away() {
        let dir = tempfile::tempdir().unwrap();
        scan(dir.path(), |_| None).unwrap_err();
        scan(&dir.path().join("none"), |_| None).unwrap_err();
    }

    #[test]
    fn a_picture_that_is_known_is_not_decoded_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ali.png");
        RgbImage::new(32, 32).save(&file).unwrap();
        let first = scanned(dir.path()).clients[&name("ali")].clone().unwrap();
        let known = Photo {
            width: 7,
            ..first.clone()
        };
        let again = scan(dir.path(), |_| Some(known.clone())).unwrap();
        assert_eq!(again.clients[&name("ali")], Some(known.clone()));
        fs::write(&file, "another one").unwrap();
        let other = scan(dir.path(), |_| Some(known.clone())).unwrap();
        assert_eq!(other.problems.len(), 1);
    }
}
