//! The lists of clients as other programs know them: five JSON files, and a key in Redis. What these
//! programs change there is taken in.
//!
//! Several processes may share the registry; the one that has the lease writes the mirrors, reads what
//! others write into them, and follows the folder of available clients.

mod agreed;
mod folder;
mod book;
mod watch;
mod orders;
mod lag;
mod files;
mod status;
mod link;
mod redis;
mod metrics;
mod problems;

use std::time::Duration;

use dabir_core::Secret;
use dabir_db::Lease;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::service::Clients;
use crate::worker::follow_folder;
use metrics::Metrics;
pub use problems::Problem;
use problems::Problems;

/// The mirrors of one process. Clones share them.
#[derive(Clone, Debug)]
pub struct Mirrors {
    clients: Clients,
    lease: Lease,
    redis: Secret,
    problems: Problems,
    metrics: Metrics,
}

/// What they need.
#[derive(Debug)]
pub struct MirrorsSetup {
    pub clients: Clients,
    /// Under which they are written.
    pub lease: Lease,
    /// `[redis] url`; empty: there is no Redis.
    pub redis: Secret,
}

/// The name of the lease of the mirrors.
pub const LEASE: &str = "mirrors";
/// The shortest time between two writes.
const DEBOUNCE: Duration = Duration::from_millis(20);

impl Mirrors {
    #[must_use]
    pub fn new(setup: MirrorsSetup, registry: &mut Registry) -> Self {
        Self {
            problems: Problems::new(setup.clients.clock(), setup.clients.domain_events().clone()),
            clients: setup.clients,
            lease: setup.lease,
            redis: setup.redis,
            metrics: Metrics::registered(registry),
        }
    }

    /// What keeps other programs and us from saying the same just now, as this process sees it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.list()
    }

    /// Whether this process keeps the mirrors; if not, another one does, and knows what is wrong.
    #[must_use]
    pub fn is_keeper(&self) -> bool {
        self.lease.held().is_some()
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Keeps the mirrors until `cancel`.
    pub async fn run(self, cancel: CancellationToken) {
        let last = CancellationToken::new();
        let keeper = self.lease.clone();
        let keep = keeper.keep(last.clone());
        let count = |problems| self.metrics.problems("folder", problems);
        let work = async {
            tokio::join!(
                files::run(self.clone(), cancel.clone()),
                redis::run(self.clone(), cancel.clone()),
                cancel.run_until_cancelled(follow_folder(&self.clients, &self.lease, count)),
                self.count(cancel.clone()),
            );
            // Nothing is written any more: the next one may.
            last.cancel();
        };
        tokio::join!(keep, work);
    }

    async fn count(&self, cancel: CancellationToken) {
        let mut sets = self.clients.sets();
        loop {
            self.metrics.count(&sets.borrow_and_update());
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = sets.changed() => {}
            }
        }
    }

    fn count_problems(&self, mirror: &'static str) {
        self.metrics.problems(mirror, self.problems.count(mirror));
    }
}
