//! Reading an archive: every entry has to be the next file of the manifest, byte by byte.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use tar::{Archive, EntryType};

use super::{Hashed, LONGEST_PATH};
use crate::course::Course;
use crate::error::BackupError;
use crate::model::{FileFacts, Manifest};

/// What may follow the last file: the end of the `tar`, which is zeros.
const LONGEST_END: u64 = 64 << 10;

/// A file of the archive, handed to whoever unpacks it.
pub(crate) struct Entry<'a> {
    pub(crate) facts: &'a FileFacts,
    pub(crate) content: &'a mut dyn Read,
}

/// Reads the archive of `file` from its beginning and hands each file to `take`, which need not read
/// it to its end. What `take` is given is not proven until this answers: only then is everything as
/// the manifest says.
pub(crate) fn unpack(
    file: &mut File,
    name: &str,
    manifest: &Manifest,
    course: &Course,
    mut take: impl FnMut(Entry<'_>) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let read = Reading { name, course };
    file.rewind().map_err(|error| read.failed(error))?;
    let raw = Hashed::new(BufReader::new(file.take(manifest.archive.size)));
    let raw = BufReader::with_capacity(zstd::Decoder::<&[u8]>::recommended_output_size(), raw);
    let decoder = zstd::Decoder::with_buffer(raw).map_err(|error| read.failed(error))?;
    let mut archive = Archive::new(decoder);
    let mut facts = manifest.files.iter();
    let mut long_path = None;
    // Raw: what long names may cost is ours to bound.
    let entries = archive.entries().map_err(|error| read.failed(error))?;
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| read.failed(error))?;
        if entry.header().entry_type() == EntryType::GNULongName {
            long_path = Some(read.long_path(&mut entry)?);
            continue;
        }
        let facts = facts
            .next()
            .ok_or_else(|| read.damaged("it holds more files than its manifest names"))?;
        let path = long_path
            .take()
            .unwrap_or_else(|| entry.path_bytes().into_owned());
        read.check(&entry, &path, facts)?;
        read.hand_over(&mut entry, facts, &mut take)?;
    }
    if let Some(missing) = facts.next() {
        return Err(read.damaged(format!("`{}` is missing", missing.path)));
    }
    read.to_its_end(archive.into_inner(), manifest)
}

struct Reading<'a> {
    name: &'a str,
    course: &'a Course,
}

impl Reading<'_> {
    fn damaged(&self, reason: impl Into<String>) -> BackupError {
        BackupError::damaged(self.name, reason)
    }

    /// What the streams say. A disk that does not answer is no damage of the backup; what cannot be
    /// unpacked is.
    fn failed(&self, error: io::Error) -> BackupError {
        if error.raw_os_error().is_some() {
            return BackupError::io("read", Path::new(self.name))(error);
        }
        match error.downcast() {
            Ok(ours) => ours,
            Err(error) => self.damaged(format!("it cannot be unpacked: {error}")),
        }
    }

    fn long_path(&self, entry: &mut impl Read) -> Result<Vec<u8>, BackupError> {
        let mut path = Vec::new();
        let mut bounded = entry.take(LONGEST_PATH as u64 + 2);
        bounded
            .read_to_end(&mut path)
            .map_err(|error| self.failed(error))?;
        if path.pop() != Some(0) || path.len() > LONGEST_PATH {
            return Err(self.damaged("it has a path of an impossible length"));
        }
        Ok(path)
    }

    fn check<R: Read>(
        &self,
        entry: &tar::Entry<'_, R>,
        path: &[u8],
        facts: &FileFacts,
    ) -> Result<(), BackupError> {
        if entry.header().entry_type() != EntryType::Regular {
            let path = String::from_utf8_lossy(path);
            let path = dabir_core::text::one_line(&path);
            return Err(self.damaged(format!("`{path}` is no plain file")));
        }
        if path != facts.path.as_bytes() {
            return Err(self.damaged(format!("another file stands where `{}` was", facts.path)));
        }
        if entry.size() != facts.digest.size {
            return Err(self.damaged(format!("`{}` has another length", facts.path)));
        }
        Ok(())
    }

    fn hand_over(
        &self,
        entry: &mut impl Read,
        facts: &FileFacts,
        take: &mut impl FnMut(Entry<'_>) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let watched = self.course.watch(entry, "reading");
        let mut content = Hashed::new(Judged {
            inner: watched,
            reading: self,
        });
        take(Entry {
            facts,
            content: &mut content,
        })?;
        io::copy(&mut content, &mut io::sink()).map_err(|error| self.failed(error))?;
        let (_, found) = content.finish();
        if found != facts.digest {
            return Err(self.damaged(format!("`{}` was changed", facts.path)));
        }
        Ok(())
    }

    /// Reads what is left, so that every byte was seen, and compares the whole.
    fn to_its_end<R: Read>(
        &self,
        decoder: zstd::Decoder<'_, BufReader<Hashed<R>>>,
        manifest: &Manifest,
    ) -> Result<(), BackupError> {
        let mut end = decoder.take(LONGEST_END);
        let left = io::copy(&mut end, &mut io::sink()).map_err(|error| self.failed(error))?;
        if left == LONGEST_END {
            return Err(self.damaged("something stands behind its last file"));
        }
        let mut raw = end.into_inner().finish();
        io::copy(&mut raw, &mut io::sink()).map_err(|error| self.failed(error))?;
        let (_, found) = raw.into_inner().finish();
        if found != manifest.archive {
            return Err(self.damaged("its archive was changed"));
        }
        Ok(())
    }
}

/// Content whose reader is told what is wrong with it in our words.
struct Judged<'a, R> {
    inner: R,
    reading: &'a Reading<'a>,
}

impl<R: Read> Read for Judged<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        read.map_err(|error| io::Error::other(self.reading.failed(error)))
    }
}
