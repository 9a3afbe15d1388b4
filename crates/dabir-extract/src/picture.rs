//! Pictures: their size, and a small one drawn anew from what was decoded, so that nothing else of the
//! file gets out, such as where it was taken.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba};

use crate::findings::{Findings, Stop};
use crate::input::Input;
use crate::model::{Code, Refusal};

/// The largest file.
const MAX_BYTES: u64 = 64 << 20;
/// The most memory that a decoded picture may take: 40 million pixels of RGBA.
const MAX_MEMORY: u64 = 160 << 20;
const MAX_SIDE: u32 = 20_000;
/// The longest side of the small one.
const SIDE: u32 = 512;
const QUALITY: u8 = 80;

pub(crate) fn read(input: &Input, found: &mut Findings) -> Result<(), Stop> {
    let (bytes, is_all) = input.beginning(MAX_BYTES)?;
    if !is_all {
        let detail = format!(
            "pictures of more than {} MiB are not drawn",
            MAX_BYTES >> 20
        );
        return Err(Refusal::new(Code::TooLarge, detail).into());
    }
    if let Some((width, height)) = gif_size(&bytes) {
        "gif".clone_into(&mut found.about.format);
        (found.about.width, found.about.height) = (Some(width), Some(height));
        return Ok(());
    }
    draw(bytes, found).map_err(|error| refusal(&error).into())
}

fn draw(bytes: Vec<u8>, found: &mut Findings) -> Result<(), ImageError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    found.about.format = reader.format().map_or("", word).to_owned();
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    (found.about.width, found.about.height) = (Some(width), Some(height));
    // What a decoder takes for itself it counts by itself; the picture is ours to count.
    limits().reserve(decoder.total_bytes())?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    found.about.orientation = Some(turned.to_exif());
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if width.max(height) > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    picture.apply_orientation(turned);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&picture))?;
    found.thumbnail = Some(jpeg);
    Ok(())
}

fn word(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Png => "png",
        ImageFormat::WebP => "webp",
        _ => "",
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits
}

fn refusal(error: &ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => {
            let detail = format!("it has more than {} million pixels", MAX_MEMORY / 4_000_000);
            Refusal::new(Code::TooManyPixels, detail)
        }
        ImageError::Unsupported(_) => {
            Refusal::new(Code::UnknownKind, "pictures of this kind are not drawn")
        }
        other => {
            let said = other.to_string();
            Refusal::new(
                Code::Damaged,
                format!("the picture is damaged: {}", said.trim()),
            )
        }
    }
}

/// A GIF says at once how large it is; it is not drawn.
fn gif_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = bytes.get(..10).filter(|head| head.starts_with(b"GIF8"))?;
    let side = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]));
    Some((side(6), side(8)))
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
