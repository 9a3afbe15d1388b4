//! Hearing at once that somebody changed one of the files. A hint that gets lost costs an interval.

use std::path::Path;
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::folder::Mark;

/// Watches one folder after the other.
#[derive(Debug, Default)]
pub(super) struct Watch {
    woken: Arc<Notify>,
    /// Which folder, by what it is and not by its name: another one may take its place.
    folder: Option<Mark>,
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Watches this folder from now on.
    ///
    /// # Errors
    /// Why it cannot be watched; it is not tried again for the same folder.
    pub(super) fn follow(&mut self, dir: &Path, folder: Mark) -> notify::Result<()> {
        if self.folder.is_some_and(|known| known.is_same_file(folder)) {
            return Ok(());
        }
        (self.folder, self.watcher) = (Some(folder), None);
        let woken = self.woken.clone();
        let mut watcher = notify::recommended_watcher(move |event| hear(event, &woken))?;
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        self.watcher = Some(watcher);
        Ok(())
    }

    /// Waits until something may have changed.
    pub(super) async fn changed(&self) {
        self.woken.notified().await;
    }
}

fn hear(event: notify::Result<Event>, woken: &Notify) {
    let is_change = |event: &Event| match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let is_ours = |event: &Event| {
        let mut names = event.paths.iter().filter_map(|path| path.file_name());
        names.any(|name| super::files::NAMES.iter().any(|known| *known == name))
    };
    // An error is a hint that others got lost.
    if event.is_ok_and(|event| !is_change(&event) || !is_ours(&event)) {
        return;
    }
    woken.notify_one();
}
