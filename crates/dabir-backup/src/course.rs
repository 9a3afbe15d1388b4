//! How far a long piece of work is, and whether it is to end.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

use crate::error::BackupError;

/// Given to work that takes long. Clones share it.
#[derive(Clone)]
pub struct Course {
    ends: CancellationToken,
    bytes: Arc<AtomicU64>,
    tell: Arc<dyn Fn(u64, &'static str) + Send + Sync>,
}

impl Course {
    /// Work that ends early when `ends` says so, and says how many bytes it has done, and of what.
    pub fn new(
        ends: CancellationToken,
        tell: impl Fn(u64, &'static str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            ends,
            bytes: Arc::default(),
            tell: Arc::new(tell),
        }
    }

    /// Work that nobody watches.
    #[must_use]
    pub fn unwatched() -> Self {
        Self::new(CancellationToken::new(), |_, _| {})
    }

    /// Counts what was done; asked at each piece, so that an order to end is heard soon.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn step(&self, bytes: u64, stage: &'static str) -> Result<(), BackupError> {
        let done = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        (self.tell)(done, stage);
        if self.ends.is_cancelled() {
            return Err(BackupError::Stopped);
        }
        Ok(())
    }

    /// What is read from `inner` counts as steps, and ends with [`BackupError::Stopped`] within.
    pub(crate) fn watch<R>(&self, inner: R, stage: &'static str) -> Watched<'_, R> {
        Watched {
            inner,
            stage,
            course: self,
        }
    }
}

/// What is read under the eyes of a course.
pub(crate) struct Watched<'a, R> {
    inner: R,
    stage: &'static str,
    course: &'a Course,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let step = self.course.step(read as u64, self.stage);
        step.map_err(io::Error::other)?;
        Ok(read)
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Course").finish_non_exhaustive()
    }
}
