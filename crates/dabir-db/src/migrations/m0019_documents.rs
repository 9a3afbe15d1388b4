//! Documents: their folders, who may see them, every change of their text, what is derived from it,
//! their versions, and where comments stand in them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, boolean, integer, string, string_null, text, text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLES: [&str; 11] = [
    "document_folder",
    "document",
    "document_head",
    "document_update",
    "document_snapshot",
    "document_text",
    "document_version",
    "document_access",
    "document_link",
    "document_person",
    "document_thread",
];

const STATEMENTS: [&str; 7] = [
    "CREATE INDEX document_newest ON document (changed_at, id)",
    "CREATE INDEX document_in ON document (folder_id, changed_at)",
    "CREATE INDEX document_owner ON document (owner_id, changed_at)",
    "CREATE INDEX document_deleted ON document (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX document_folder_in ON document_folder (parent)",
    "CREATE INDEX document_access_of ON document_access (grantee, subject_kind)",
    "CREATE INDEX document_thread_in ON document_thread (document_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [
            folders(),
            documents(),
            heads(),
            updates(),
            snapshots(),
            texts(),
            versions(),
            access(),
            links(),
            people(),
            threads(),
        ];
        for table in made {
            manager.create_table(table).await?;
        }
        for statement in STATEMENTS {
            let connection = manager.get_connection();
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            let drop = Table::drop().table(table).to_owned();
            manager.drop_table(drop).await?;
        }
        Ok(())
    }
}

fn folders() -> TableCreateStatement {
    Table::create()
        .table("document_folder")
        .col(string("id").primary_key())
        .col(string_null("parent"))
        .col(text("title"))
        .col(string_null("owner_id"))
        .col(text("owner_name"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("changed_at"))
        .to_owned()
}

/// What lists show; the text is elsewhere.
fn documents() -> TableCreateStatement {
    Table::create()
        .table("document")
        .col(string("id").primary_key())
        .col(string_null("folder_id"))
        .col(text("title"))
        // The title as search compares it.
        .col(text("search"))
        // Nobody's are the house's.
        .col(string_null("owner_id"))
        .col(text("owner_name"))
        .col(boolean("is_template"))
        .col(big_integer("words"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("changed_at"))
        .col(string_null("changed_by"))
        .col(text("changed_name"))
        .col(big_integer_null("deleted_at"))
        .to_owned()
}

/// How many changes a document's text has; whoever adds one holds this row until it is committed, so
/// that no change overtakes another.
fn heads() -> TableCreateStatement {
    of_document("document_head")
        .col(big_integer("seq"))
        .col(big_integer("changed_at"))
        .primary_key(Index::create().col("document_id"))
        .to_owned()
}

fn updates() -> TableCreateStatement {
    of_document("document_update")
        .col(big_integer("seq"))
        .col(big_integer("at"))
        .col(string_null("by_id"))
        .col(text("by_name"))
        .col(blob("bytes"))
        .primary_key(Index::create().col("document_id").col("seq"))
        .to_owned()
}

/// All changes up to one, in one.
fn snapshots() -> TableCreateStatement {
    of_document("document_snapshot")
        .col(big_integer("seq"))
        .col(big_integer("at"))
        .col(blob("bytes"))
        .primary_key(Index::create().col("document_id"))
        .to_owned()
}

/// What the text says, derived from the changes up to one.
fn texts() -> TableCreateStatement {
    of_document("document_text")
        .col(big_integer("seq"))
        .col(text("body"))
        .col(text("outline"))
        .col(text("mentions"))
        .col(text("files"))
        .col(text("links"))
        .primary_key(Index::create().col("document_id"))
        .to_owned()
}

fn versions() -> TableCreateStatement {
    of_document("document_version")
        .col(big_integer("number"))
        .col(big_integer("seq"))
        .col(big_integer("at"))
        .col(string_null("by_id"))
        .col(text("by_name"))
        .col(string("kind"))
        .col(text_null("name"))
        .col(big_integer("words"))
        .col(text("content"))
        .primary_key(Index::create().col("document_id").col("number"))
        .to_owned()
}

/// Who else may do what with a document, or with all that is in a folder.
fn access() -> TableCreateStatement {
    Table::create()
        .table("document_access")
        .col(string("subject_kind"))
        .col(string("subject_id"))
        .col(string("grantee"))
        // 1 view, 2 comment, 3 edit.
        .col(integer("access"))
        .primary_key(
            Index::create()
                .col("subject_kind")
                .col("subject_id")
                .col("grantee"),
        )
        .to_owned()
}

fn links() -> TableCreateStatement {
    of_document("document_link")
        .col(string("hash").unique_key())
        .col(big_integer("created_at"))
        .col(text("created_name"))
        .col(big_integer_null("ends_at"))
        .primary_key(Index::create().col("document_id"))
        .to_owned()
}

/// What a document is to a person.
fn people() -> TableCreateStatement {
    of_document("document_person")
        .col(string("user_id"))
        .col(big_integer_null("seen_at"))
        .col(big_integer_null("starred_at"))
        // When others were told last that they write in it.
        .col(big_integer_null("told_at"))
        .primary_key(Index::create().col("user_id").col("document_id"))
        .to_owned()
}

/// Where a thread of comments stands in the text, and whether it is settled.
fn threads() -> TableCreateStatement {
    of_document("document_thread")
        .col(string("comment_id").primary_key())
        .col(string("anchor"))
        .col(text("quote"))
        .col(big_integer_null("resolved_at"))
        .col(string_null("resolved_by"))
        .col(text("resolved_name"))
        .to_owned()
}

/// A table of what is a document's, and goes with it.
fn of_document(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(string("document_id"))
        .foreign_key(
            ForeignKey::create()
                .from(table, "document_id")
                .to("document", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
