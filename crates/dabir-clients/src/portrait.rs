//! A client's photo as pages show it: small, and drawn anew from what was decoded, so that nothing
//! else of the file gets out, such as where it was taken.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dabir_core::Timestamp;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Limits, Rgba};
use rustix::fs::{CWD, Mode, OFlags, openat};
use tokio::sync::Semaphore;

use crate::available::{MAX_BYTES, MAX_MEMORY, MAX_SIDE};

/// A client's photo for whoever has that of `tag` or none.
#[derive(Clone, Debug)]
pub struct Portrait {
    /// Other than before when the photo is.
    pub tag: String,
    /// A JPEG; `None` for whoever has this one.
    pub jpeg: Option<Arc<[u8]>>,
}

/// Those that were drawn last. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Portraits {
    /// Whoever has it decodes a photo, which takes time and memory: one at a time.
    turn: Arc<Semaphore>,
    /// By file and tag. A `std` mutex: held for a look-up.
    drawn: Arc<Mutex<Drawn>>,
}

/// A file below the folder, and its tag.
pub(crate) type Key = (String, String);
type Drawn = VecDeque<(Key, Arc<[u8]>)>;

/// The longest side of a portrait, in pixels.
const SIDE: u32 = 256;
const QUALITY: u8 = 80;
/// How many are kept; each has some 10 KiB.
const KEPT: usize = 256;

impl Default for Portraits {
    fn default() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
            drawn: Arc::default(),
        }
    }
}

impl Portraits {
    /// The portrait that was drawn under `key`, or what `draw` draws now. Whoever goes away meanwhile
    /// lets the next one in when it is drawn, and not before.
    pub(crate) async fn get(
        &self,
        key: Key,
        draw: impl FnOnce() -> ImageResult<Arc<[u8]>> + Send + 'static,
    ) -> Option<Arc<[u8]>> {
        if let Some(jpeg) = self.find(&key) {
            return Some(jpeg);
        }
        let turn = Arc::clone(&self.turn).acquire_owned().await.ok()?;
        let all = self.clone();
        let drawing = move || {
            let _turn = turn;
            // Others who waited wanted the same.
            all.find(&key).or_else(|| all.keep(key, draw()))
        };
        tokio::task::spawn_blocking(drawing).await.ok()?
    }

    fn find(&self, key: &Key) -> Option<Arc<[u8]>> {
        let drawn = self.drawn();
        let mut drawn = drawn.iter();
        drawn
            .find(|(known, _)| known == key)
            .map(|(_, jpeg)| jpeg.clone())
    }

    fn keep(&self, key: Key, drawn: ImageResult<Arc<[u8]>>) -> Option<Arc<[u8]>> {
        let jpeg = drawn.inspect_err(|error| tracing::debug!(%error, "no photo: {error}"));
        let jpeg = jpeg.ok()?;
        let mut drawn = self.drawn();
        if drawn.len() == KEPT {
            drawn.pop_front();
        }
        drawn.push_back((key, jpeg.clone()));
        Some(jpeg)
    }

    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to change when a file below a folder does.
pub(crate) fn tag(dir: &Path, file: &str) -> io::Result<String> {
    Ok(open(dir, file)?.1)
}

/// Draws the portrait of the photo that has this tag.
pub(crate) fn draw(dir: &Path, (file, tag): &Key) -> ImageResult<Arc<[u8]>> {
    match open(dir, file)? {
        (opened, found) if found == *tag => draw_of(opened),
        _ => Err(io::Error::other("it is another one by now").into()),
    }
}

/// Opens a file below a folder, and tells its tag. A link leads anywhere: none is followed.
fn open(dir: &Path, file: &str) -> io::Result<(File, String)> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut at = openat(CWD, dir, flags | OFlags::DIRECTORY, Mode::empty())?;
    for part in Path::new(file).components() {
        let Component::Normal(name) = part else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        at = openat(&at, name, flags | OFlags::NOFOLLOW, Mode::empty())?;
    }
    let file = File::from(at);
    let about = file.metadata()?;
    if !about.is_file() || about.len() > MAX_BYTES {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let modified_at = Timestamp::try_from(about.modified()?).unwrap_or(Timestamp::MIN);
    let tag = format!("\"{:x}-{:x}\"", modified_at.as_nanosecond(), about.len());
    Ok((file, tag))
}

fn draw_of(file: File) -> ImageResult<Arc<[u8]>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    // What a decoder takes for itself it counts by itself; the picture is ours to count.
    limits().reserve(decoder.total_bytes())?;
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if picture.width().max(picture.height()) > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    picture.apply_orientation(turned);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&picture))?;
    Ok(jpeg.into())
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits
}

/// JPEG knows no transparency: what shows through is paper.
fn on_white(picture: &DynamicImage) -> image::RgbImage {
    let mut rgba = picture.to_rgba8();
    for Rgba([red, green, blue, alpha]) in rgba.pixels_mut() {
        let paper = |ink: u8| {
            let (ink, alpha) = (u32::from(ink), u32::from(*alpha));
            u8::try_from((ink * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        (*red, *green, *blue) = (paper(*red), paper(*green), paper(*blue));
    }
    DynamicImage::ImageRgba8(rgba).into_rgb8()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use image::RgbaImage;

    use super::*;

    fn key(dir: &Path, file: &str) -> Key {
        (file.to_owned(), tag(dir, file).unwrap())
    }

    #[test]
    fn a_portrait_is_small_whatever_the_photo_is_and_shows_paper_through_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.png");
        let photo = RgbaImage::from_pixel(2_000, 1_000, Rgba([200, 0, 0, 0]));
        photo.save(&path).unwrap();
        let drawn = draw(dir.path(), &key(dir.path(), "1.png")).unwrap();
        let drawn = image::load_from_memory(&drawn).unwrap().into_rgb8();
        assert_eq!(drawn.dimensions(), (256, 128));
        assert!(drawn.get_pixel(10, 10).0.iter().all(|part| *part > 250));
    }

    #[test]
    fn nothing_but_a_file_below_the_folder_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, secret) = (dir.path().join("in"), dir.path().join("secret.png"));
        fs::create_dir_all(inside.join("ali")).unwrap();
        fs::write(&secret, "secret").unwrap();
        fs::write(inside.join("ali/1.png"), "photo").unwrap();
        symlink(&secret, inside.join("ali/2.png")).unwrap();
        symlink(dir.path(), inside.join("mina")).unwrap();
        assert!(open(&inside, "ali/1.png").is_ok());
        for file in [
            "../secret.png",
            "ali/2.png",
            "mina/secret.png",
            "ali",
            "",
            "/etc/passwd",
        ] {
            assert!(open(&inside, file).is_err(), "{file}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("1.png"), "<script>alert(1)</script>").unwrap();
        assert!(draw(dir.path(), &key(dir.path(), "1.png")).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_goes_away_lets_the_next_one_in_when_theirs_is_drawn() {
        let portraits = Portraits::default();
        let key = |name: &str| (name.to_owned(), "1".to_owned());
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let slow = move || {
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok([1].into())
        };
        let (asked, first) = (portraits.clone(), key("1"));
        let asking = tokio::spawn(async move { asked.get(first, slow).await });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap())
            .await
            .unwrap();
        asking.abort();
        asking.await.unwrap_err();
        assert_eq!(portraits.turn.available_permits(), 0);
        go_on.send(()).unwrap();
        let other = portraits.get(key("2"), || Ok([2].into())).await;
        assert_eq!(other.as_deref(), Some(&[2][..]));
        let drawn = portraits.get(key("1"), || panic!("it is drawn")).await;
        assert_eq!(drawn.as_deref(), Some(&[1][..]));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_many_wait_for_is_drawn_once() {
        let portraits = Portraits::default();
        let turn = portraits.turn.clone().acquire_owned().await.unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let asked = (0..10).map(|_| {
            let count = count.clone();
            portraits.get(("1".to_owned(), "1".to_owned()), move || {
                count.fetch_add(1, Ordering::Relaxed);
                Ok([1].into())
            })
        });
        let all = futures_util::future::join_all(asked);
        tokio::join!(all, async { drop(turn) });
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}
