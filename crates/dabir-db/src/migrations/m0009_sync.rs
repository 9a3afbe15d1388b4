//! Sync: sources, their runs (`data_syncs`) with cells, differences, quarantine and cursors; and
//! what is known of the tables that they fill.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, boolean_null, double_null, integer, integer_null,
    string, string_null, text, text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLES: [&str; 10] = [
    "sync_source",
    "data_syncs",
    "sync_cell",
    "sync_seen",
    "sync_change",
    "sync_notice",
    "sync_quarantine",
    "sync_cursor",
    "sync_table",
    "sync_column",
];

const INDEXES: [&str; 7] = [
    "CREATE INDEX data_syncs_of ON data_syncs (source, id)",
    "CREATE INDEX data_syncs_open ON data_syncs (status) WHERE status IN ('pending', 'running')",
    "CREATE UNIQUE INDEX data_syncs_job ON data_syncs (job_id) WHERE job_id IS NOT NULL",
    "CREATE INDEX sync_change_of ON sync_change (source, row_key, id)",
    "CREATE UNIQUE INDEX sync_notice_once ON sync_notice (source, kind, about)",
    "CREATE INDEX sync_quarantine_of ON sync_quarantine (source, id)",
    "CREATE UNIQUE INDEX sync_quarantine_once ON sync_quarantine (source, label, digest)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [
            sources(),
            runs(),
            cells(),
            seen(),
            changes(),
            notices(),
            quarantine(),
            cursors(),
            tables(),
            columns(),
        ];
        for table in made {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        let mut by_run = Index::create()
            .name("sync_change_run")
            .table("sync_change")
            .col("run_id")
            .take();
        manager.create_index(by_run.take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// A source without `spec` stands in the configuration file, and only its switch was changed.
fn sources() -> TableCreateStatement {
    Table::create()
        .table("sync_source")
        .col(string("name").primary_key())
        .col(text_null("spec"))
        .col(text_null("sealed"))
        .col(boolean_null("enabled"))
        .col(string_null("interval"))
        .col(big_integer("updated_at"))
        .to_owned()
}

fn runs() -> TableCreateStatement {
    Table::create()
        .table("data_syncs")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("source"))
        .col(string("mode"))
        .col(string("status"))
        .col(big_integer_null("job_id"))
        .col(big_integer_null("retry_of"))
        .col(string("created_by"))
        .col(big_integer("created_at"))
        .col(big_integer_null("started_at"))
        .col(big_integer_null("finished_at"))
        .col(double_null("duration"))
        .col(big_integer("records_count").default(0))
        .col(big_integer("rows_new").default(0))
        .col(big_integer("rows_changed").default(0))
        .col(big_integer("rows_same").default(0))
        .col(big_integer("rows_failed").default(0))
        .col(big_integer("rows_vanished").default(0))
        .col(big_integer("rows_held").default(0))
        .col(big_integer("rows_expected").default(0))
        .col(big_integer("requests").default(0))
        .col(big_integer("repeats").default(0))
        .col(string("stage").default(""))
        .col(text_null("error_message"))
        .col(text_null("notes"))
        .col(big_integer("updated_at"))
        .to_owned()
}

/// What belongs to one run goes with it.
fn of_run(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "run_id")
        .to("data_syncs", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn cells() -> TableCreateStatement {
    Table::create()
        .table("sync_cell")
        .col(big_integer("run_id"))
        .col(integer("position"))
        .col(string("label"))
        .col(text("vars"))
        .col(string("status"))
        .col(big_integer("next_page"))
        .col(big_integer_null("total"))
        .col(big_integer_null("page_rows"))
        .col(integer("pass").default(1))
        .col(big_integer("served").default(0))
        .col(big_integer("rows_new").default(0))
        .col(big_integer("rows_changed").default(0))
        .col(big_integer("rows_same").default(0))
        .col(big_integer("rows_failed").default(0))
        .col(big_integer("rows_vanished").default(0))
        .col(big_integer("rows_held").default(0))
        .col(string_null("since"))
        .col(string_null("cursor"))
        .col(string_null("page_digest"))
        .col(big_integer("keyless").default(0))
        .col(big_integer("doubled").default(0))
        .col(boolean("has_moved").default(false))
        .col(string("shape").default(""))
        .col(text_null("error"))
        .primary_key(Index::create().col("run_id").col("position"))
        .foreign_key(&mut of_run("sync_cell"))
        .to_owned()
}

/// The hashes of the keys that a page had, eight bytes each.
fn seen() -> TableCreateStatement {
    Table::create()
        .table("sync_seen")
        .col(big_integer("run_id"))
        .col(integer("position"))
        .col(big_integer("page"))
        .col(ColumnDef::new("keys").binary().not_null().take())
        .primary_key(Index::create().col("run_id").col("position").col("page"))
        .foreign_key(&mut of_run("sync_seen"))
        .to_owned()
}

fn changes() -> TableCreateStatement {
    Table::create()
        .table("sync_change")
        .col(big_integer("id").primary_key().auto_increment())
        .col(big_integer("run_id"))
        .col(string("source"))
        .col(string("row_key"))
        .col(string("kind"))
        .col(text_null("before"))
        .col(text_null("after"))
        .col(big_integer("at"))
        .foreign_key(&mut of_run("sync_change"))
        .to_owned()
}

/// What people are told of sources: each once, whichever process finds it out and whenever.
fn notices() -> TableCreateStatement {
    Table::create()
        .table("sync_notice")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("source"))
        .col(string("kind"))
        .col(big_integer("about"))
        .col(text("detail"))
        .col(big_integer("at"))
        .col(boolean("told").default(false))
        .to_owned()
}

fn quarantine() -> TableCreateStatement {
    Table::create()
        .table("sync_quarantine")
        .col(big_integer("id").primary_key().auto_increment())
        .col(big_integer("run_id"))
        .col(string("source"))
        .col(string("label"))
        .col(big_integer("page"))
        .col(string("reason"))
        .col(text("raw"))
        .col(string("digest"))
        .col(big_integer("at"))
        .to_owned()
}

fn cursors() -> TableCreateStatement {
    Table::create()
        .table("sync_cursor")
        .col(string("source"))
        .col(string("label"))
        .col(string("value"))
        .col(big_integer("run_id"))
        .col(big_integer("at"))
        .primary_key(Index::create().col("source").col("label"))
        .to_owned()
}

fn tables() -> TableCreateStatement {
    Table::create()
        .table("sync_table")
        .col(string("name").primary_key())
        .col(string("source"))
        .col(big_integer("created_at"))
        .to_owned()
}

fn columns() -> TableCreateStatement {
    Table::create()
        .table("sync_column")
        .col(string("table_name"))
        .col(integer("position"))
        .col(string("field"))
        .col(string("name"))
        .col(string("type"))
        .col(big_integer("added_at"))
        .col(integer_null("widened"))
        .col(big_integer("met_run").default(0))
        .primary_key(Index::create().col("table_name").col("position"))
        .to_owned()
}
