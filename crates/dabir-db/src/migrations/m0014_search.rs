//! The search index: what can be found, and the terms that it is found by.
//!
//! A set of terms says everything, who may read it too: neither database needs positions, columns or
//! an idea of languages. `stand` is the order of what is newer.

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::*;

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const SQLITE: [&str; 2] = [
    "CREATE TABLE search_entry (stand INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, \
     updated_at BIGINT NOT NULL, fingerprint TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, \
     UNIQUE (kind, id))",
    // Our terms have no spaces and no capitals: this tokenizer takes each of them as it is.
    "CREATE VIRTUAL TABLE search_index USING fts5(terms, content = '', contentless_delete = 1, \
     detail = 'none', tokenize = 'ascii')",
];

const POSTGRES: [&str; 4] = [
    "CREATE TABLE search_entry (stand BIGINT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, \
     updated_at BIGINT NOT NULL, fingerprint TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, \
     terms TSVECTOR NOT NULL, PRIMARY KEY (kind, id))",
    // Long columns go out of line, so that the rows which are looked through stay small.
    "ALTER TABLE search_entry SET (toast_tuple_target = 128)",
    // A long list of what is not in the index yet would be read by every search.
    "CREATE INDEX search_terms ON search_entry USING gin (terms) WITH (gin_pending_list_limit = 256)",
    "CREATE INDEX search_stand ON search_entry (stand)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DatabaseBackend::Postgres => &POSTGRES[..],
            _ => &SQLITE[..],
        };
        for statement in statements {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["search_index", "search_entry"] {
            let drop = Table::drop().table(table).if_exists().to_owned();
            manager.drop_table(drop).await?;
        }
        Ok(())
    }
}
