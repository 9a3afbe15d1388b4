//! Tasks, what they are found by, what became of them, and what people say about them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, string, string_null, text, text_null,
};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLES: [&str; 5] = [
    "task_number",
    "task",
    "task_tag",
    "task_activity",
    "comment",
];

const STATEMENTS: [&str; 9] = [
    "CREATE INDEX task_rank ON task (status, rank)",
    "CREATE INDEX task_due ON task (due_at, number)",
    "CREATE INDEX task_updated ON task (updated_at, number)",
    "CREATE INDEX task_priority ON task (priority, number)",
    "CREATE INDEX task_deleted ON task (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX task_tag_of ON task_tag (task_id)",
    "CREATE INDEX task_activity_of ON task_activity (task_id, seq)",
    "CREATE INDEX comment_about ON comment (subject_kind, subject_id, seq)",
    "INSERT INTO task_number (id, value) VALUES (1, 0)",
];

/// Ranks are compared byte by byte, whatever language the database speaks.
const RANKS_OF_POSTGRES: &str = "ALTER TABLE task ALTER COLUMN rank TYPE text COLLATE \"C\"";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [numbers(), tasks(), tags(), activity(), comments()] {
            manager.create_table(table).await?;
        }
        let connection = manager.get_connection();
        if connection.get_database_backend() == DatabaseBackend::Postgres {
            connection.execute_unprepared(RANKS_OF_POSTGRES).await?;
        }
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
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

/// One row: the number of the newest task. No number is given twice.
fn numbers() -> TableCreateStatement {
    Table::create()
        .table("task_number")
        .col(integer("id").primary_key())
        .col(big_integer("value"))
        .to_owned()
}

/// Lists are JSON here, so that a task is one row; what they are searched by is in `task_tag`.
fn tasks() -> TableCreateStatement {
    Table::create()
        .table("task")
        .col(string("id").primary_key())
        .col(big_integer("number").unique_key())
        .col(text("title"))
        .col(text("search"))
        .col(text("description"))
        .col(string("status"))
        .col(integer("priority"))
        .col(text("assignees"))
        // When it is overdue; the end of the calendar when never.
        .col(big_integer("due_at"))
        .col(string_null("due_day"))
        .col(text("labels"))
        .col(text("checklist"))
        .col(text("files"))
        .col(text("documents"))
        .col(text("meetings"))
        .col(text("rank"))
        .col(big_integer("comments"))
        .col(text("followers"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(string_null("created_by"))
        .col(text("created_name"))
        .col(big_integer("updated_at"))
        .col(string_null("updated_by"))
        .col(text("updated_name"))
        .col(big_integer_null("done_at"))
        .col(big_integer_null("deleted_at"))
        .to_owned()
}

/// Whose a task is, its labels and links, one row each.
fn tags() -> TableCreateStatement {
    Table::create()
        .table("task_tag")
        .col(string("kind"))
        .col(string("value"))
        .col(string("task_id"))
        // How it was written, where `value` is folded.
        .col(text("word"))
        .primary_key(Index::create().col("kind").col("value").col("task_id"))
        .foreign_key(&mut of_task("task_tag"))
        .to_owned()
}

fn activity() -> TableCreateStatement {
    Table::create()
        .table("task_activity")
        .col(big_integer("seq").primary_key().auto_increment())
        .col(string("task_id"))
        .col(big_integer("at"))
        .col(string_null("by_id"))
        .col(text("by_name"))
        .col(string("what"))
        .col(text_null("before"))
        .col(text_null("after"))
        .foreign_key(&mut of_task("task_activity"))
        .to_owned()
}

/// What people say about something; `thread` is the comment that it answers.
fn comments() -> TableCreateStatement {
    Table::create()
        .table("comment")
        .col(big_integer("seq").primary_key().auto_increment())
        .col(string("id").unique_key())
        .col(string("subject_kind"))
        .col(string("subject_id"))
        .col(string_null("thread"))
        .col(text("body"))
        .col(text("mentions"))
        .col(string_null("by_id"))
        .col(text("by_name"))
        .col(big_integer("at"))
        .col(big_integer_null("edited_at"))
        .col(big_integer_null("deleted_at"))
        .to_owned()
}

/// What is a task's goes with it.
fn of_task(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "task_id")
        .to("task", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
