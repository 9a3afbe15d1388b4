//! Which files are attached to a task stands in the task, too: until now none could be written there,
//! and files were attached from their own side alone.

use std::collections::BTreeMap;

use sea_orm_migration::prelude::*;

use crate::sql::{execute, query};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const LINKS: &str =
    "SELECT subject_id, file_id FROM file_link WHERE subject_kind = 'task' ORDER BY at, file_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let mut tasks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in query(db, LINKS, []).await? {
            let task: String = row.try_get("", "subject_id")?;
            tasks
                .entry(task)
                .or_default()
                .push(row.try_get("", "file_id")?);
        }
        for (task, files) in tasks {
            let files = serde_json::json!(files).to_string();
            let sql = "UPDATE task SET files = $1 WHERE id = $2";
            execute(db, sql, [files.into(), task.into()]).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
