//! Pictures: decoded here, so that a broken one or one that would fill the memory is known for what it
//! is before a page is made of it.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits};
use krilla::Data;
use krilla::image::Image;

/// The largest picture that is decoded: 40 million pixels of RGBA.
const MAX_MEMORY: u64 = 160 << 20;
const MAX_SIDE: u32 = 20_000;
/// The most pixels of all pictures of a document.
const MAX_PIXELS: u64 = 160_000_000;
/// What is larger is made smaller: more than a printer shows on a page.
const FINE: u32 = 1_800;

/// A picture that can be shown.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) image: Image,
    /// In pixels.
    pub(super) size: (u32, u32),
}

/// What the pictures of a document may still cost.
pub(super) struct Budget {
    pixels: u64,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { pixels: MAX_PIXELS }
    }

    /// The picture in `bytes`, if it is one and can be afforded.
    pub(super) fn decode(&mut self, bytes: Vec<u8>) -> Option<Shown> {
        let mut reader = ImageReader::new(Cursor::new(bytes.as_slice()))
            .with_guessed_format()
            .ok()?;
        let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
        reader.limits(limits());
        let mut decoder = reader.into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        limits().reserve(decoder.total_bytes()).ok()?;
        self.pixels = self
            .pixels
            .checked_sub(u64::from(width) * u64::from(height))?;
        let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder).ok()?;
        picture.apply_orientation(turned);
        let size = picture.dimensions();
        let is_fine = width.max(height) > FINE;
        if is_jpeg && !is_fine && turned == Orientation::NoTransforms {
            // It goes along as it is: decoding has shown that it can be.
            let image = Image::from_jpeg(Data::from(bytes), false).ok()?;
            return Some(Shown { image, size });
        }
        if is_fine {
            picture = picture.thumbnail(FINE, FINE);
        }
        let (width, height) = picture.dimensions();
        let image = Image::from_rgba8(picture.into_rgba8().into_raw(), width, height);
        Some(Shown { image, size })
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits
}
