//! What people and other parts do with sources and their runs.

mod counted;
mod directory;
mod quarantine;
mod runs;
mod sources;
mod test;

use std::ffi::OsString;
use std::sync::Arc;

use dabir_core::{Clock, Events, Timestamp};
use dabir_db::{Db, Sealer};
use dabir_http::Egress;
use dabir_jobs::{HandlersBuilder, Jobs, Kind};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::gateway::Pace;
use crate::run::RunArgs;
use crate::source::Source;

use counted::Counted;

pub use directory::{People, Person};
pub use runs::RunDetail;
pub use sources::{Found, Health, Origin, SourceView};
pub use test::{Tested, TestedColumn};

/// A run of a source. The run itself takes care of its tries; those of the job are for the database.
pub const RUN: Kind<RunArgs> = Kind::new("sync.run", "sync").max_attempts(20);
/// A source that is due by its schedule.
pub const DUE: Kind<DueArgs> = Kind::new("sync.due", "sync");

/// Which source is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DueArgs {
    pub source: String,
}

/// Sources and their runs. Clones share them.
#[derive(Clone, Debug)]
pub struct Syncs {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    clock: Clock,
    events: Events,
    jobs: Jobs,
    sealer: Sealer,
    egress: Egress,
    /// Sources that stand in the file.
    in_file: Vec<Source>,
    environment: Vec<(OsString, OsString)>,
    pace: Pace,
    changed: Notify,
    counted: Counted,
}

/// What sources need.
#[derive(Debug)]
pub struct SyncsSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub jobs: Jobs,
    pub sealer: Sealer,
    pub egress: Egress,
    /// `[[sync.sources]]` of the file.
    pub sources: Vec<Source>,
    /// What programs of sources see of our environment.
    pub environment: Vec<(OsString, OsString)>,
    pub pace: Pace,
}

impl Syncs {
    #[must_use]
    pub fn new(setup: SyncsSetup) -> Self {
        Self {
            shared: Arc::new(Shared {
                db: setup.db,
                clock: setup.clock,
                events: setup.events,
                jobs: setup.jobs,
                sealer: setup.sealer,
                egress: setup.egress,
                in_file: setup.sources,
                environment: setup.environment,
                pace: setup.pace,
                changed: Notify::new(),
                counted: Counted::default(),
            }),
        }
    }

    /// Adds the code of sync's jobs.
    #[must_use]
    pub fn handlers(&self, handlers: HandlersBuilder) -> HandlersBuilder {
        let (run, due) = (self.clone(), self.clone());
        handlers
            .on(&RUN, move |ctx, args| {
                crate::run::work(run.clone(), ctx, args)
            })
            .on(&DUE, move |_, args: DueArgs| {
                let due = due.clone();
                async move { due.start_due(&args.source).await }
            })
    }

    pub(crate) fn db(&self) -> &Db {
        &self.shared.db
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.shared.jobs
    }

    pub(crate) fn events(&self) -> &Events {
        &self.shared.events
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.shared.egress
    }

    pub(crate) fn environment(&self) -> &[(OsString, OsString)] {
        &self.shared.environment
    }

    pub(crate) fn pace(&self) -> Pace {
        self.shared.pace
    }

    fn counted(&self) -> &Counted {
        &self.shared.counted
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Says that runs got on or ended.
    pub(crate) fn changed(&self) {
        self.shared.changed.notify_one();
    }

    pub(crate) async fn wait_for_change(&self) {
        self.shared.changed.notified().await;
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Syncs").finish_non_exhaustive()
    }
}
