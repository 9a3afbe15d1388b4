//! Hearing at once that somebody changed one of the files. A hint that gets lost costs an interval.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, RemoveKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::folder::Mark;

/// Watches one folder after the other.
#[derive(Debug, Default)]
pub(super) struct Watch {
    hints: Arc<Hints>,
    /// Which folder, by what it is and not by its name: another one may take its place.
    folder: Option<Mark>,
    watcher: Option<RecommendedWatcher>,
    /// When it could not be watched, and why.
    failed: Option<(Instant, String)>,
}

#[derive(Debug, Default)]
struct Hints {
    woken: Notify,
    /// The folder was removed; another one in its place may have the same number.
    is_gone: AtomicBool,
}

/// How long it is waited before it is tried again to watch a folder.
const AGAIN: Duration = Duration::from_secs(5);

impl Watch {
    /// Watches this folder from now on.
    ///
    /// # Errors
    /// Why it cannot be watched just now.
    pub(super) fn follow(&mut self, dir: &Path, folder: Mark) -> Result<(), String> {
        let is_known = self.folder.is_some_and(|known| known.is_same_file(folder));
        if is_known && !self.hints.is_gone.load(Ordering::Acquire) {
            match &self.failed {
                None => return Ok(()),
                Some((at, why)) if at.elapsed() < AGAIN => return Err(why.clone()),
                Some(_) => {}
            }
        }
        (self.folder, self.watcher) = (Some(folder), None);
        let watched = self.watch(dir).map_err(|error| error.to_string());
        self.failed = watched.clone().err().map(|why| (Instant::now(), why));
        watched
    }

    fn watch(&mut self, dir: &Path) -> notify::Result<()> {
        self.hints = Arc::default();
        let hints = self.hints.clone();
        let mut watcher = notify::recommended_watcher(move |event| hear(event, &hints))?;
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        self.watcher = Some(watcher);
        // What changed until now was told to nobody.
        self.hints.woken.notify_one();
        Ok(())
    }

    /// Waits until something may have changed.
    pub(super) async fn changed(&self) {
        self.hints.woken.notified().await;
    }
}

fn hear(event: notify::Result<Event>, hints: &Hints) {
    let is_change = |event: &Event| match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let is_ours = |event: &Event| {
        let mut names = event.paths.iter().filter_map(|path| path.file_name());
        names.any(|name| super::files::NAMES.iter().any(|known| *known == name))
    };
    let is_removal = |event: &Event| event.kind == EventKind::Remove(RemoveKind::Folder);
    if event.as_ref().is_ok_and(is_removal) {
        hints.is_gone.store(true, Ordering::Release);
        hints.woken.notify_one();
        return;
    }
    // An error is a hint that others got lost.
    if event.is_ok_and(|event| !is_change(&event) || !is_ours(&event)) {
        return;
    }
    hints.woken.notify_one();
}
