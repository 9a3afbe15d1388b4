//! The tables, one file a step, the same on SQLite and PostgreSQL.
//!
//! A step that has been released is never changed; the next one corrects it. SQLite takes one
//! alteration a statement. Instants are `BIGINT` milliseconds ([`crate::Ts`]).

use sea_orm_migration::prelude::*;

mod m0001_meetings;
mod m0002_audit;
mod m0003_accounts;
mod m0004_settings;
mod m0005_meeting_slug;
mod m0006_meeting_list;
mod m0007_preferences;
mod m0008_jobs;
mod m0009_sync;
mod m0010_clients;
mod m0011_lease;
mod m0012_client_tally;
mod m0013_meeting_keeper;
mod m0014_search;
mod m0015_outbox;
mod m0016_tasks;
mod m0017_notify;
mod m0018_files;
mod m0019_documents;
mod m0020_outbox;
mod m0021_task_due;
mod m0022_search_stale;
mod m0023_meeting_minutes;
mod m0024_task_files;
mod m0025_meeting_ended;

/// Runs the steps that a database does not have yet.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_meetings::Migration),
            Box::new(m0002_audit::Migration),
            Box::new(m0003_accounts::Migration),
            Box::new(m0004_settings::Migration),
            Box::new(m0005_meeting_slug::Migration),
            Box::new(m0006_meeting_list::Migration),
            Box::new(m0007_preferences::Migration),
            Box::new(m0008_jobs::Migration),
            Box::new(m0009_sync::Migration),
            Box::new(m0010_clients::Migration),
            Box::new(m0011_lease::Migration),
            Box::new(m0012_client_tally::Migration),
            Box::new(m0013_meeting_keeper::Migration),
            Box::new(m0014_search::Migration),
            Box::new(m0015_outbox::Migration),
            Box::new(m0016_tasks::Migration),
            Box::new(m0017_notify::Migration),
            Box::new(m0018_files::Migration),
            Box::new(m0019_documents::Migration),
            Box::new(m0020_outbox::Migration),
            Box::new(m0021_task_due::Migration),
            Box::new(m0022_search_stale::Migration),
            Box::new(m0023_meeting_minutes::Migration),
            Box::new(m0024_task_files::Migration),
            Box::new(m0025_meeting_ended::Migration),
        ]
    }
}
