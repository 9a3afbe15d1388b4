//! Files: what is known of them, what was made of them, what they are attached to, and what is still
//! being uploaded.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, text, text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLES: [&str; 6] = [
    "file",
    "file_analysis",
    "file_text",
    "file_link",
    "file_upload",
    "file_chunk",
];

const STATEMENTS: [&str; 6] = [
    "CREATE INDEX file_newest ON file (created_at, id)",
    "CREATE INDEX file_owner ON file (owner_id, created_at)",
    "CREATE INDEX file_sha256 ON file (sha256)",
    "CREATE INDEX file_deleted ON file (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX file_link_of ON file_link (subject_kind, subject_id)",
    "CREATE INDEX file_upload_expires ON file_upload (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [files(), analyses(), texts(), links(), uploads(), chunks()];
        for table in made {
            manager.create_table(table).await?;
        }
        for statement in STATEMENTS {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
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

fn files() -> TableCreateStatement {
    Table::create()
        .table("file")
        .col(string("id").primary_key())
        .col(text("name"))
        // The name as search compares it.
        .col(text("folded"))
        .col(string("owner_id"))
        .col(text("owner_name"))
        .col(big_integer("size"))
        .col(string("sha256"))
        .col(string("media_type"))
        .col(string("kind"))
        // Its ending says something else than its content.
        .col(boolean("mismatch"))
        .col(string("state"))
        .col(string_null("error_code"))
        .col(text_null("error_detail"))
        .col(boolean("thumbnail"))
        // What near duplicates are found by.
        .col(big_integer_null("fingerprint"))
        .col(big_integer_null("job_id"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"))
        .to_owned()
}

/// What was made of a file, as JSON, and by which version of the analyser.
fn analyses() -> TableCreateStatement {
    Table::create()
        .table("file_analysis")
        .col(string("file_id").primary_key())
        .col(integer("analyser"))
        .col(big_integer("at"))
        .col(text("result"))
        .to_owned()
}

/// Apart from the rest: it is long, and lists have no need of it.
fn texts() -> TableCreateStatement {
    Table::create()
        .table("file_text")
        .col(string("file_id").primary_key())
        .col(text("text"))
        .to_owned()
}

fn links() -> TableCreateStatement {
    Table::create()
        .table("file_link")
        .col(string("file_id"))
        .col(string("subject_kind"))
        .col(string("subject_id"))
        .col(big_integer("at"))
        .primary_key(
            Index::create()
                .col("file_id")
                .col("subject_kind")
                .col("subject_id"),
        )
        .to_owned()
}

/// Files that are on their way; they become files under the same id.
fn uploads() -> TableCreateStatement {
    Table::create()
        .table("file_upload")
        .col(string("id").primary_key())
        .col(text("name"))
        .col(string("owner_id"))
        .col(text("owner_name"))
        .col(big_integer("size"))
        .col(big_integer("received"))
        .col(integer("chunks"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .to_owned()
}

/// What has come of an upload: where each piece of it is stored.
fn chunks() -> TableCreateStatement {
    Table::create()
        .table("file_chunk")
        .col(string("upload_id"))
        .col(big_integer("start"))
        .col(big_integer("size"))
        .col(text("object"))
        .primary_key(Index::create().col("upload_id").col("start"))
        .to_owned()
}
