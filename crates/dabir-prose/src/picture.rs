//! A picture that goes into a file together with a text.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};

/// A picture's file.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its bytes, as PNG, JPEG, GIF or WebP.
    pub bytes: Vec<u8>,
    /// How its file name ends: `png`, `jpeg`, `gif`, `webp`.
    pub extension: &'static str,
    /// Its size in pixels, for where the document does not say how large it is shown.
    pub size: (u32, u32),
}

impl Picture {
    /// Tells kind and size by the bytes' beginning, without decoding them; `None` when they are no such
    /// picture.
    #[must_use]
    pub fn read(bytes: Vec<u8>) -> Option<Self> {
        let reader = ImageReader::new(Cursor::new(&bytes[..]));
        let reader = reader.with_guessed_format().ok()?;
        let extension = match reader.format()? {
            ImageFormat::Png => "png",
            ImageFormat::Jpeg => "jpeg",
            ImageFormat::Gif => "gif",
            ImageFormat::WebP => "webp",
            _ => return None,
        };
        let size = reader.into_dimensions().ok()?;
        Some(Self {
            bytes,
            extension,
            size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        let mut png = Cursor::new(Vec::new());
        let picture = image::RgbImage::new(7, 3);
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        let read = Picture::read(png.into_inner()).unwrap();
        assert_eq!((read.extension, read.size), ("png", (7, 3)));
        for no in [&b""[..], b"\x89PNG", b"<svg/>", b"BM______"] {
            assert!(Picture::read(no.to_vec()).is_none());
        }
    }
}
