//! Several servers on one database: one of them leads, which is to say that it asks the source and
//! says which server keeps a meeting's room; each keeps its own.
//!
//! A meeting stays with its keeper for as long as that is heard of, or its room still answers. The
//! rooms of a server that is cut off go on, and end when it learns that another one keeps them now.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dabir_core::process::boot_id;
use dabir_db::{Db, Lease};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

/// The lease of the one that leads.
const LEAD: &str = "meetings";
/// Each server that is there has one of these, and its name after it.
const HERE: &str = "server:";

/// This server among those on its database.
#[derive(Clone, Debug)]
pub struct Servers {
    id: String,
    /// This boot of this machine, and the network that the process sees of it.
    machine: String,
    db: Db,
    pub(crate) lead: Lease,
    here: Lease,
    /// Whether others were heard of last.
    has_company: Arc<AtomicBool>,
}

impl Servers {
    /// `id` is this server's alone, and the same after each of its starts.
    #[must_use]
    pub fn new(db: &Db, id: String) -> Self {
        Self {
            lead: Lease::of(db.clone(), LEAD, &id),
            here: Lease::of(db.clone(), format!("{HERE}{id}"), &id),
            has_company: Arc::default(),
            machine: machine(),
            db: db.clone(),
            id,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn machine(&self) -> &str {
        &self.machine
    }

    /// Whether this server leads now.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.lead.held().is_some()
    }

    /// Which lead this server has, if any: another one after each server that led in between.
    pub(crate) fn epoch(&self) -> Option<i64> {
        self.lead.held().map(|held| held.epoch)
    }

    /// Whether no other server was heard of when this one looked last.
    pub(crate) fn is_alone(&self) -> bool {
        !self.has_company.load(Ordering::Relaxed)
    }

    /// Whether the others can know that this server is there.
    pub(crate) fn is_heard_of(&self) -> bool {
        self.here.held().is_some()
    }

    /// Says that this server is there, and leads when nobody else does.
    ///
    /// # Errors
    /// When the database does not answer, or another server that is there has the same name.
    pub async fn come(&self) -> Result<(), DbErr> {
        if self.here.has_namesake().await? {
            let id = &self.id;
            return Err(DbErr::Custom(format!(
                "another server is called `{id}` too: delete `server.id` in the data folder of the copy, and start it again"
            )));
        }
        self.here.try_once().await?;
        self.lead.try_once().await
    }

    /// Says so again and again until `cancel`, and then that it is gone.
    pub async fn stay(self, cancel: CancellationToken) {
        let both = (self.here.keep(cancel.clone()), self.lead.keep(cancel));
        tokio::join!(both.0, both.1);
    }

    /// Who is heard of besides this server.
    pub(crate) async fn others(&self) -> Result<BTreeSet<String>, DbErr> {
        let held = Lease::held_by_anybody(&self.db, HERE).await?;
        let ids = held.iter().filter_map(|name| name.strip_prefix(HERE));
        let others = ids.filter(|id| *id != self.id);
        let others: BTreeSet<String> = others.map(str::to_owned).collect();
        self.has_company
            .store(!others.is_empty(), Ordering::Relaxed);
        Ok(others)
    }
}

/// Two processes have the same when `127.0.0.1` is one place for both; where that cannot be told, no
/// other process has it.
fn machine() -> String {
    let network = std::fs::read_link("/proc/self/ns/net");
    match (boot_id(), network) {
        (Ok(boot), Ok(network)) => format!("{boot} {}", network.display()),
        _ => dabir_core::new_id(),
    }
}
