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
use crate::store::{findings, rows, table};

/// How many rows are tried again at a time.
const AT_ONCE: u64 = 200;

/// What became of a row that was tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Written,
    /// What is known of its key is newer than it is.
    Outdated,
    Refused,
}

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
        self.find_source(name).await?;
        let limit_and_one = u64::from(limit) + 1;
        let rows = findings::quarantined(self.db().read(), name, before, limit_and_one).await?;
        Ok(Page::cut(rows, limit, |row| row.id.to_string()))
    }

    /// Tries rows again, the named ones or all: after the source's key was changed, say. Answers how
    /// many were taken; the others stay, but for those of which something newer is known.
    ///
    /// # Errors
    /// When there is no such source, it was never synced, or it is being synced now.
    pub async fn replay(
        &self,
        by: &Actor,
        name: &str,
        ids: Option<&[i64]>,
    ) -> Result<u64, SyncError> {
        let source = self.source(name).await?.source;
        let (mut after, mut all) = (Some(0), 0);
        while let Some(from) = after {
            let tx = self.db().write().await?;
            // A start waits for this turn with its audit, so that none comes in between.
            audit::take_turn(&tx).await?;
            self.refuse_while_running(name).await?;
            let (taken, next) = self.take_some(&tx, &source, ids, from).await?;
            if taken > 0 || (next.is_none() && all == 0) {
                self.note_quarantine(&tx, by, "source.replay", name, taken)
                    .await?;
            }
            tx.commit().await?;
            self.counted().forget(name);
            (all, after) = (all + taken, next);
        }
        Ok(all)
    }

    /// Tries the rows again that come after the one with the id `after`. Answers how many were taken,
    /// and the last one's id when there may be more.
    async fn take_some(
        &self,
        tx: &DatabaseTransaction,
        source: &Source,
        ids: Option<&[i64]>,
        after: i64,
    ) -> Result<(u64, Option<i64>), SyncError> {
        let name = &source.name;
        if table::owner(tx, &source.table).await?.as_ref() != Some(name) {
            return Err(SyncError::State(format!("`{name}` was never synced")));
        }
        // The oldest first, so that the newest of a key has the last word.
        let rows = findings::next_in_quarantine(tx, name, ids, after, AT_ONCE).await?;
        let (mut released, mut taken) = (Vec::new(), 0);
        for row in &rows {
            let done = self.take(tx, source, row).await?;
            taken += u64::from(done == Taken::Written);
            if done != Taken::Refused {
                released.push(row.id);
            }
        }
        findings::release(tx, name, Some(&released)).await?;
        let next = rows.last().map(|row| row.id);
        Ok((taken, next.filter(|_| rows.len() as u64 == AT_ONCE)))
    }

    async fn take(
        &self,
        tx: &DatabaseTransaction,
        source: &Source,
        row: &Quarantined,
    ) -> Result<Taken, SyncError> {
        let body = format!("[{}]", row.raw);
        let Ok(page) = page::Page::read(body.into_bytes(), "", None) else {
            return Ok(Taken::Refused);
        };
        let page = Prepared::new(page, source);
        let [(n, key)] = &page.keyed[..] else {
            return Ok(Taken::Refused);
        };
        let (name, now) = (&source.table, self.now());
        if rows::changed_since(tx, name, key, row.at).await? {
            return Ok(Taken::Outdated);
        }
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
        Ok(Taken::Written)
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
        self.find_source(name).await?;
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
