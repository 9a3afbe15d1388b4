//! Rows that could not be taken: looking at them, trying them again, letting them go.

use dabir_core::{Actor, Page};
use dabir_db::audit;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::Syncs;
use crate::error::SyncError;
use crate::model::Quarantined;
use crate::page;
use crate::row;
use crate::run::{PageUpsert, Prepared};
use crate::source::Source;
use crate::store::{findings, table};

/// How many rows are tried again at a time.
const AT_ONCE: u64 = 1_000;

impl Syncs {
    /// Rows of a source that could not be taken, before the one with the id `before`, the newest first.
    ///
    /// # Errors
    /// When there is no such source.
    pub async fn list_quarantined(
        &self,
        name: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<Quarantined>, SyncError> {
        self.get_source(name).await?;
        let limit_and_one = u64::from(limit) + 1;
        let rows = findings::quarantined(self.db().read(), name, before, limit_and_one).await?;
        Ok(Page::cut(rows, limit, |row| row.id.to_string()))
    }

    /// Tries rows again, the named ones or the newest thousand: after the source's key was changed,
    /// say. Answers how many were taken; the others stay.
    ///
    /// # Errors
    /// When there is no such source, it was never synced, or it is being synced now.
    pub async fn replay(
        &self,
        by: &Actor,
        name: &str,
        ids: Option<&[i64]>,
    ) -> Result<u64, SyncError> {
        let found = self.source(name).await?;
        self.refuse_while_running(name).await?;
        let rows = findings::quarantined(self.db().read(), name, None, AT_ONCE).await?;
        let is_meant = |row: &Quarantined| ids.is_none_or(|ids| ids.contains(&row.id));
        let tx = self.db().write().await?;
        if table::owner(&tx, &found.source.table).await?.as_deref() != Some(name) {
            return Err(SyncError::State(format!("`{name}` was never synced")));
        }
        let mut taken = Vec::new();
        // The oldest first, so that the newest of a key has the last word.
        for row in rows.iter().rev().filter(|row| is_meant(row)) {
            if self.take(&tx, &found.source, row).await? {
                taken.push(row.id);
            }
        }
        findings::release(&tx, name, Some(&taken)).await?;
        self.note_quarantine(&tx, by, "source.replay", name, taken.len() as u64)
            .await?;
        tx.commit().await?;
        Ok(taken.len() as u64)
    }

    async fn take(
        &self,
        tx: &DatabaseTransaction,
        source: &Source,
        row: &Quarantined,
    ) -> Result<bool, SyncError> {
        let body = format!("[{}]", row.raw);
        let Ok(page) = page::Page::read(body.into_bytes(), "", None) else {
            return Ok(false);
        };
        let page = Prepared::new(page, source);
        let [(n, key)] = &page.keyed[..] else {
            return Ok(false);
        };
        let (name, now) = (&source.table, self.now());
        let mut columns = table::columns(tx, name).await?;
        let growth = columns.grow(&page.rows);
        table::grow(tx, name, &columns, &growth, now).await?;
        let places: Vec<_> = page
            .rows
            .fields
            .iter()
            .map(|field| columns.of_field(field))
            .collect();
        let hash = row::hash(&page.rows, *n, &places, &mut Vec::new());
        let upsert = PageUpsert {
            table: name,
            columns: &columns,
            page: &page,
            places: &places,
            run_id: row.run_id,
            now,
        };
        let written = (*n, key.as_str(), hash, Some(row.label.clone()));
        upsert.write(tx, std::iter::once(written)).await?;
        Ok(true)
    }

    /// Lets rows go, the named ones or all of the source's. Answers how many.
    ///
    /// # Errors
    /// When there is no such source.
    pub async fn discard(
        &self,
        by: &Actor,
        name: &str,
        ids: Option<&[i64]>,
    ) -> Result<u64, SyncError> {
        self.get_source(name).await?;
        let tx = self.db().write().await?;
        let gone = findings::release(&tx, name, ids).await?;
        self.note_quarantine(&tx, by, "source.discard", name, gone)
            .await?;
        tx.commit().await?;
        Ok(gone)
    }

    async fn note_quarantine(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        action: &'static str,
        name: &str,
        rows: u64,
    ) -> Result<(), SyncError> {
        let change = audit::Change {
            action,
            target_kind: "source",
            target_id: name.to_owned(),
            target_name: name.to_owned(),
            before: None,
            after: Some(json!({ "rows": rows })),
        };
        audit::append(tx, self.now(), by, vec![change]).await?;
        Ok(())
    }
}
