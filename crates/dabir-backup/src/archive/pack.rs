//! Writing an archive, file by file.

use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::Path;

use tar::{Builder, Header};
use zstd::Encoder;

use super::Hashed;
use crate::course::Course;
use crate::model::{Digest, FileFacts};

/// zstd's own default: faster than the disks that backups stand on.
const LEVEL: i32 = 3;

/// An archive that grows.
pub(crate) struct Packer {
    tar: Builder<Encoder<'static, Hashed<BufWriter<File>>>>,
    files: Vec<FileFacts>,
    course: Course,
}

/// An archive that is whole, and what is in it.
pub(crate) struct Packed {
    pub(crate) file: File,
    pub(crate) archive: Digest,
    pub(crate) files: Vec<FileFacts>,
}

impl Packer {
    pub(crate) fn new(file: File, course: Course) -> io::Result<Self> {
        let mut encoder = Encoder::new(Hashed::new(BufWriter::new(file)), LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self {
            tar: Builder::new(encoder),
            files: Vec::new(),
            course,
        })
    }

    /// Adds the first `size` bytes of `content` as `path`, and answers how many of them were not there
    /// any more: zeros stand in their place.
    pub(crate) fn add(
        &mut self,
        path: String,
        mode: u32,
        size: u64,
        content: impl Read,
    ) -> io::Result<u64> {
        let mut header = Header::new_gnu();
        header.set_size(size);
        header.set_mode(mode);
        let mut content = content.take(size);
        let padded = (&mut content).chain(io::repeat(0)).take(size);
        let mut padded = Hashed::new(self.course.watch(padded, "packing"));
        self.tar
            .append_data(&mut header, Path::new(&path), &mut padded)?;
        let (_, digest) = padded.finish();
        self.files.push(FileFacts { path, mode, digest });
        Ok(content.limit())
    }

    /// Ends the archive; the file stands behind its last byte.
    pub(crate) fn finish(self) -> io::Result<Packed> {
        let (writer, archive) = self.tar.into_inner()?.finish()?.finish();
        Ok(Packed {
            file: writer
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?,
            archive,
            files: self.files,
        })
    }
}
