//! The folder of available clients: a subfolder or an image for each, as face recognition keeps them.
//!
//! `ali/1.jpg` and `ali.jpg` both say that `ali` is available, with that picture as their photo. A
//! picture is decoded before it counts; a broken one is reported and changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use dabir_core::text::one_line;
use image::{ImageFormat, ImageReader, Limits};

use crate::name::{NameError, Username};
use crate::photo::Photo;

/// What is in the folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// `None` for whoever has no picture that can be used.
    pub(crate) clients: BTreeMap<Username, Option<Photo>>,
    pub(crate) problems: Vec<FolderProblem>,
}

/// What earlier looks saw: what looks as it did is not looked into again.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Of each subfolder.
    folders: HashMap<OsString, Known>,
    /// Why a picture is not used.
    broken: HashMap<PathBuf, (Mark, String)>,
}

/// What a subfolder was when it was read.
#[derive(Clone, Debug)]
struct Known {
    mark: Mark,
    /// It was read once more when its clock had gone on: a change in the same instant would not show in
    /// the mark.
    is_firm: bool,
    /// Its first picture.
    first: Option<PathBuf>,
}

/// Other than before when anything about a file or a folder is.
type Mark = (i64, i64, u64);

/// Something in the folder that cannot be used.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FolderProblem {
    /// The entry, below the folder.
    pub(crate) entry: String,
    pub(crate) detail: String,
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

pub(crate) const MAX_BYTES: u64 = 20 << 20;
const MIN_SIDE: u32 = 16;
pub(crate) const MAX_SIDE: u32 = 10_000;
/// What decoding may take of the memory: a picture of a few bytes may say that it is immense.
pub(crate) const MAX_MEMORY: u64 = 256 << 20;
/// What is taken for a picture by its name.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// Problems that are told; a folder of nothing else needs no more.
const MAX_PROBLEMS: usize = 1_000;

/// Looks through the folder. Pictures that are as `known` says were decoded before and are not again.
/// Where a client has several, that of their subfolder counts, and then the first one by name.
///
/// # Errors
/// When the folder cannot be read, or is empty, as one is whose disk is not there: then nobody is
/// taken to be gone.
pub(crate) fn scan(
    dir: &Path,
    memory: &mut Memory,
    known: impl Fn(&Username) -> Option<Photo>,
) -> io::Result<Found> {
    let before = std::mem::take(memory);
    let mut found = Found::default();
    let mut pictures = Pictures::new();
    let mut is_empty = true;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if is_hidden(&entry.file_name().to_string_lossy()) {
            continue;
        }
        is_empty = false;
        match picture(&entry, &before, memory, &mut found) {
            Some((Ok(username), picture)) => choose(&mut pictures, username, picture),
            Some((Err(error), _)) => {
                let entry = entry.file_name();
                found.tell(Path::new(&entry), format!("this is no username: {error}"));
            }
            None => {}
        }
    }
    if is_empty {
        return Err(io::Error::other(
            "it is empty, as if its disk were not there",
        ));
    }
    for (username, picture) in pictures {
        let photo = picture.and_then(|(_, file)| {
            let photo = look(dir, &file, known(&username), &before, memory);
            photo.inspect_err(|why| found.tell(&file, why.clone())).ok()
        });
        found.clients.insert(username, photo);
    }
    found.problems.sort();
    found.problems.truncate(MAX_PROBLEMS);
    Ok(found)
}

/// Where a picture is below the folder, after whether that is beside the subfolders.
type Picture = (bool, PathBuf);
/// The picture of each client.
type Pictures = BTreeMap<Username, Option<Picture>>;

/// Whom an entry is about, and their picture, if it has one; `None` when it is about nobody.
fn picture(
    entry: &DirEntry,
    before: &Memory,
    memory: &mut Memory,
    found: &mut Found,
) -> Option<(Result<Username, NameError>, Option<Picture>)> {
    let (name, path) = (entry.file_name(), PathBuf::from(entry.file_name()));
    // A link leads anywhere: it is left alone.
    let kind = entry.file_type().ok()?;
    let (username, picture) = if kind.is_dir() {
        let first = first_picture(entry, before, memory);
        let first = first.unwrap_or_else(|error| {
            found.tell(&path, Broken::from(error).to_string());
            None
        });
        (name.as_os_str(), first.map(|file| (false, path.join(file))))
    } else if kind.is_file() && is_picture(&path) {
        (path.file_stem()?, Some((true, path.clone())))
    } else {
        return None;
    };
    Some((username.to_string_lossy().parse(), picture))
}

fn choose(pictures: &mut Pictures, username: Username, picture: Option<Picture>) {
    let chosen = pictures.entry(username).or_default();
    if let Some(picture) = picture
        && chosen.as_ref().is_none_or(|chosen| picture < *chosen)
    {
        *chosen = Some(picture);
    }
}

impl Found {
    fn tell(&mut self, entry: &Path, detail: String) {
        let entry = one_line(&entry.to_string_lossy());
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
fn first_picture(
    entry: &DirEntry,
    before: &Memory,
    memory: &mut Memory,
) -> io::Result<Option<PathBuf>> {
    let name = entry.file_name();
    let mark = mark(&entry.metadata()?);
    let known = before.folders.get(&name).filter(|known| known.mark == mark);
    let known = match known {
        Some(known) if known.is_firm => known.clone(),
        _ => Known {
            mark,
            is_firm: known.is_some(),
            first: first_of(&entry.path())?,
        },
    };
    let first = known.first.clone();
    memory.folders.insert(name, known);
    Ok(first)
}

fn first_of(dir: &Path) -> io::Result<Option<PathBuf>> {
    let mut first = None;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let is_first = first.as_ref().is_none_or(|first| name < *first);
        if is_first && is_picture(&name) && entry.file_type()?.is_file() {
            first = Some(name);
        }
    }
    Ok(first)
}

fn mark(about: &Metadata) -> Mark {
    (about.ctime(), about.ctime_nsec(), about.size())
}

/// Looks at a picture, unless it is as it was.
fn look(
    dir: &Path,
    file: &Path,
    known: Option<Photo>,
    before: &Memory,
    memory: &mut Memory,
) -> Result<Photo, String> {
    let path = dir.join(file);
    let about = fs::metadata(&path).map_err(|error| Broken::from(error).to_string())?;
    let mark = mark(&about);
    let why = match before.broken.get(file) {
        Some((known, why)) if *known == mark => why.clone(),
        _ => match look_into(&path, &file.to_string_lossy(), &about, known) {
            Ok(photo) => return Ok(photo),
            Err(why) => why.to_string(),
        },
    };
    memory.broken.insert(file.to_owned(), (mark, why.clone()));
    Err(why)
}

fn look_into(
    path: &Path,
    file: &str,
    about: &Metadata,
    known: Option<Photo>,
) -> Result<Photo, Broken> {
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
        scan(dir, &mut Memory::default(), |_| None).unwrap()
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
        let mut memory = Memory::default();
        scan(dir.path(), &mut memory, |_| None).unwrap_err();
        scan(&dir.path().join("none"), &mut memory, |_| None).unwrap_err();
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
        let mut memory = Memory::default();
        let again = scan(dir.path(), &mut memory, |_| Some(known.clone())).unwrap();
        assert_eq!(again.clients[&name("ali")], Some(known.clone()));
        fs::write(&file, "another one").unwrap();
        let other = scan(dir.path(), &mut memory, |_| Some(known.clone())).unwrap();
        assert_eq!(other.problems.len(), 1);
    }

    #[test]
    fn a_subfolder_goes_before_a_picture_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..20).map(|n| format!("client {n}")).collect();
        for name in &names {
            let at = |file: &str| dir.path().join(format!("{name}{file}"));
            fs::create_dir(at("")).unwrap();
            for file in [".jpg", ".png", "/2.png", "/1.png"] {
                RgbImage::new(32, 32).save(at(file)).unwrap();
            }
        }
        let found = scanned(dir.path()).clients;
        for name in &names {
            let photo = found[&self::name(name)].as_ref().unwrap();
            assert_eq!(&*photo.file, format!("{name}/1.png"));
        }
    }

    #[test]
    fn a_picture_put_in_while_the_folder_was_read_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("ali");
        fs::create_dir(&folder).unwrap();
        RgbImage::new(32, 32).save(folder.join("1.png")).unwrap();
        let mut memory = Memory::default();
        scan(dir.path(), &mut memory, |_| None).unwrap();
        // Read before it was there, in the same instant.
        memory
            .folders
            .values_mut()
            .for_each(|known| known.first = None);
        let found = scan(dir.path(), &mut memory, |_| None).unwrap();
        assert!(found.clients[&name("ali")].is_some());
    }

    #[test]
    fn a_folder_that_could_not_be_read_is_told_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("ali");
        fs::create_dir(&folder).unwrap();
        RgbImage::new(32, 32).save(folder.join("1.png")).unwrap();
        let mut entries = fs::read_dir(dir.path()).unwrap();
        let entry = entries.next().unwrap().unwrap();
        fs::rename(&folder, dir.path().join("away")).unwrap();
        let (before, mut memory, mut found) = Default::default();
        let seen = picture(&entry, &before, &mut memory, &mut found);
        assert!(seen.is_some_and(|(_, picture)| picture.is_none()));
        assert_eq!(found.problems.len(), 1);
        assert!(memory.folders.is_empty());
    }

    #[test]
    fn what_looks_as_it_did_is_not_looked_into_again() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, broken) = (dir.path().join("ali"), dir.path().join("mina.png"));
        fs::create_dir(&folder).unwrap();
        RgbImage::new(32, 32).save(folder.join("2.png")).unwrap();
        fs::write(&broken, "no picture").unwrap();
        let mut memory = Memory::default();
        for _ in 0..2 {
            scan(dir.path(), &mut memory, |_| None).unwrap();
        }
        for (_, why) in memory.broken.values_mut() {
            *why = "as before".to_owned();
        }
        for known in memory.folders.values_mut() {
            known.first = None;
        }
        let again = scan(dir.path(), &mut memory, |_| None).unwrap();
        assert_eq!(again.problems[0].detail, "as before");
        assert_eq!(again.clients[&name("ali")], None);
        RgbImage::new(32, 32).save(folder.join("1.png")).unwrap();
        RgbImage::new(32, 32).save(&broken).unwrap();
        let other = scan(dir.path(), &mut memory, |_| None).unwrap();
        assert!(other.problems.is_empty() && memory.broken.is_empty());
        assert!(other.clients.values().all(Option::is_some));
    }
}
