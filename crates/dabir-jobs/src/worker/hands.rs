//! What one worker has in its hands, and under which name.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::context::{Running, Stop};

/// The jobs of one worker, shared by its loops.
#[derive(Debug)]
pub(super) struct Hands {
    /// Another one after each lost lease: whoever took the jobs knows the old one as dead.
    id: Mutex<String>,
    running: Mutex<HashMap<i64, Arc<Running>>>,
    /// Only one loop at a time gives the worker another name.
    pub(super) turn: tokio::sync::Mutex<()>,
    slots: AtomicUsize,
}

impl Hands {
    pub(super) fn new(slots: u32) -> Self {
        Self {
            id: Mutex::new(dabir_core::new_id()),
            running: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            slots: AtomicUsize::new(slots as usize),
        }
    }

    pub(super) fn id(&self) -> String {
        lock(&self.id).clone()
    }

    /// Takes a job that was claimed under the name `id`. `false` when the worker has another one now:
    /// then the job is others' already.
    pub(super) fn take(&self, id: &str, running: Arc<Running>) -> bool {
        let name = lock(&self.id);
        let is_ours = *name == id;
        if is_ours {
            lock(&self.running).insert(running.lease.job_id, running);
        }
        is_ours
    }

    /// Lets go of this attempt, unless a later one at the same job has come into its place.
    pub(super) fn let_go(&self, running: &Running) {
        let mut all = lock(&self.running);
        if all
            .get(&running.lease.job_id)
            .is_some_and(|held| held.lease == running.lease)
        {
            all.remove(&running.lease.job_id);
        }
    }

    pub(super) fn find(&self, id: i64) -> Option<Arc<Running>> {
        lock(&self.running).get(&id).cloned()
    }

    pub(super) fn ids(&self) -> HashSet<i64> {
        lock(&self.running).keys().copied().collect()
    }

    pub(super) fn all(&self) -> Vec<Arc<Running>> {
        lock(&self.running).values().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.running).len()
    }

    pub(super) fn slots(&self) -> usize {
        self.slots.load(Ordering::Relaxed)
    }

    pub(super) fn set_slots(&self, slots: usize) {
        self.slots.store(slots, Ordering::Relaxed);
    }

    /// The lease is lost: nothing in hand counts any more. Tells how much that is.
    pub(super) fn lose_all(&self) -> usize {
        let lost = std::mem::take(&mut *lock(&self.running));
        lost.values()
            .for_each(|running| running.stop(Stop::LeaseLost));
        lost.len()
    }

    /// From now on under another name.
    pub(super) fn rename(&self, id: String) {
        *lock(&self.id) = id;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
