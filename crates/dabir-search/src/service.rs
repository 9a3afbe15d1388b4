//! Putting into the index and finding in it.

use std::collections::BTreeSet;
use std::time::Duration;

use dabir_core::Page;
use dabir_core::encode::hex;
use dabir_db::{Db, sql};
use dabir_text::search::{Expression, Marks, terms};
use dabir_text::{search, snippet};
use sea_orm::{DatabaseTransaction, DbErr};
use sha2::{Digest, Sha256};

use crate::error::SearchError;
use crate::language::Question;
use crate::model::{Cursor, Entry, Hit, Query};
use crate::store::{self, Asking, Found, Row};
use crate::terms::{kind, one_of, reader};

/// So much of a body is found, in bytes; the rest is as if it were not there.
pub const MAX_BODY: usize = 1 << 20;
/// So much of a title is kept, in bytes.
const MAX_TITLE: usize = 4 << 10;
/// So many readers an entry may have: with more, PostgreSQL would not take its terms. What so many may
/// read has a word for all of them.
const MAX_READERS: usize = 8_000;
/// The most hits that a page may have.
const MAX_LIMIT: u32 = 50;
/// How long a snippet is, in letters.
const SNIPPET: usize = 200;
/// A body of this size has its terms found apart from those who wait, in bytes.
const LONG: usize = 16 << 10;
/// How often a transaction says that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// Which terms a text has may change with it: what is put again then has those of now.
const VERSION: u8 = 1;
/// How many entries of one millisecond have a place of their own in the order, as a power of two.
const STANDS: u32 = 10;

/// Puts an entry into the index in the place of what had its kind and id. Nothing is written when it is
/// the same.
///
/// # Errors
/// When the database does not do it.
pub async fn put(tx: &DatabaseTransaction, entry: &Entry) -> Result<(), DbErr> {
    let fingerprint = fingerprint(entry);
    let known = store::find(tx, &entry.kind, &entry.id).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.fingerprint == fingerprint)
    {
        return Ok(());
    }
    let row = Row {
        kind: entry.kind.clone(),
        id: entry.id.clone(),
        updated_at: entry.updated_at,
        fingerprint,
        title: kept(&entry.title, MAX_TITLE),
        body: kept(&entry.body, MAX_BODY),
    };
    let stays = known
        .as_ref()
        .filter(|known| known.updated_at == row.updated_at);
    let stand = match stays {
        Some(known) => known.stand,
        None => free_stand(tx, &row).await?,
    };
    let terms = all_terms(tx, &row, &entry.readers).await?;
    store::save(tx, known.map(|known| known.stand), stand, row, terms).await
}

/// Takes an entry out of the index, if it is there.
///
/// # Errors
/// When the database does not do it.
pub async fn remove(tx: &DatabaseTransaction, kind: &str, id: &str) -> Result<(), DbErr> {
    store::remove(tx, kind, id).await
}

/// The beginning of a text, as PostgreSQL can keep it.
fn kept(text: &str, most: usize) -> String {
    text[..text.floor_char_boundary(most)].replace('\0', " ")
}

fn fingerprint(entry: &Entry) -> String {
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    hash.update(entry.updated_at.as_millisecond().to_be_bytes());
    let readers: BTreeSet<&String> = entry.readers.iter().collect();
    for text in [&entry.title, &entry.body].into_iter().chain(readers) {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hex(&hash.finalize()[..16])
}

/// A place in the order: by the time, and within its millisecond by what cannot be foreseen. When many
/// have the same time, as after an import, the later ones spread over the milliseconds behind it.
async fn free_stand(tx: &DatabaseTransaction, row: &Row) -> Result<i64, DbErr> {
    let begin = row.updated_at.as_millisecond() << STANDS;
    let mut width = 1_u64 << STANDS;
    let mut attempt = 0_u64;
    loop {
        let mut hash = Sha256::new();
        for part in [
            &attempt.to_be_bytes()[..],
            row.kind.as_bytes(),
            &[0],
            row.id.as_bytes(),
        ] {
            hash.update(part);
        }
        let hash = hash.finalize();
        let number = hash[..8]
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        let stand = begin.saturating_add_unsigned(number % width);
        if store::is_free(tx, stand).await? {
            return Ok(stand);
        }
        width = width.saturating_mul(2);
        attempt = attempt.wrapping_add(1);
    }
}

async fn all_terms(
    tx: &DatabaseTransaction,
    row: &Row,
    readers: &[String],
) -> Result<String, DbErr> {
    let mut all = if row.body.len() < LONG {
        terms(&row.title, &row.body)
    } else {
        let (title, body) = (row.title.clone(), row.body.clone());
        apart(tx, move || terms(&title, &body)).await?
    };
    if readers.len() > MAX_READERS {
        let (kind, id, count) = (&row.kind, &row.id, readers.len());
        tracing::warn!("{kind} {id} has {count} readers; only the first {MAX_READERS} find it");
    }
    all.extend(readers.iter().take(MAX_READERS).map(|word| reader(word)));
    all.insert(kind(&row.kind));
    Ok(all.into_iter().collect::<Vec<_>>().join(" "))
}

/// Does work that takes long, and lets the database know meanwhile that the transaction goes on:
/// PostgreSQL ends one that says nothing for long.
async fn apart<T: Send + 'static>(
    tx: &DatabaseTransaction,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DbErr> {
    let mut work = tokio::task::spawn_blocking(work);
    loop {
        if let Ok(done) = tokio::time::timeout(SIGN_OF_LIFE, &mut work).await {
            return done.map_err(|error| DbErr::Custom(error.to_string()));
        }
        sql::query(tx, "SELECT 1", []).await?;
    }
}

/// The index, for whoever looks for something. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Search {
    db: Db,
}

impl Search {
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// What somebody with these words may read of what is looked for, the best first.
    ///
    /// # Errors
    /// When the cursor is none of ours, or the database does not answer.
    pub async fn find(&self, query: &Query, readers: &[String]) -> Result<Page<Hit>, SearchError> {
        let asked = search::Query::of(&query.text);
        let limit = query.limit.clamp(1, MAX_LIMIT);
        let cursor = query
            .cursor
            .as_ref()
            .map(|text| Cursor::read(text).ok_or_else(|| SearchError::Cursor(text.clone())));
        let cursor = cursor.transpose()?;
        let found = match one_of(readers, reader) {
            Some(readers) if !asked.is_empty() => {
                let questions = questions(&asked, &readers, &query.kinds);
                self.ask(&questions, cursor, limit + 1).await?
            }
            _ => Vec::new(),
        };
        let page = Page::cut(found, limit, |(cursor, _)| cursor.write());
        let marks = asked.marks();
        let items = tokio::task::spawn_blocking(move || {
            let hits = page.items.into_iter().map(|(_, found)| hit(found, &marks));
            hits.collect()
        });
        Ok(Page {
            items: items
                .await
                .map_err(|error| DbErr::Custom(error.to_string()))?,
            next_cursor: page.next_cursor,
        })
    }

    /// Asks rank by rank until there is enough.
    async fn ask(
        &self,
        questions: &[Question],
        cursor: Option<Cursor>,
        most: u32,
    ) -> Result<Vec<(Cursor, Found)>, DbErr> {
        let asking = Asking::begin(&self.db).await?;
        let mut found = Vec::new();
        let first = cursor.map_or(0, |cursor| cursor.rank);
        for (rank, question) in questions.iter().enumerate().skip(first) {
            let left = most.saturating_sub(u32::try_from(found.len()).unwrap_or(most));
            if left == 0 {
                break;
            }
            let before = cursor.filter(|cursor| cursor.rank == rank);
            let before = before.map_or(i64::MAX, |cursor| cursor.stand);
            let rows = asking.ask(question, before, left).await?;
            found.extend(rows.into_iter().map(|row| {
                let stand = row.stand;
                (Cursor { rank, stand }, row)
            }));
        }
        asking.end().await?;
        Ok(found)
    }
}

/// For each rank what is found with it and not with a better one.
fn questions(asked: &search::Query, readers: &Expression, kinds: &[String]) -> Vec<Question> {
    let ranks = asked.ranks();
    let excluded = asked.excluded();
    let kinds = one_of(kinds, kind);
    let question = |(n, rank): (usize, &Expression)| {
        // What is found with the first rank is found with the second one too.
        let better = ranks[..n].iter().skip(usize::from(n > 1));
        let not = better.cloned().chain(excluded.clone());
        let all = [rank, readers].into_iter().chain(&kinds).cloned();
        Some(Question {
            is: Expression::all(all.collect())?,
            is_not: Expression::any(not.collect()),
        })
    };
    ranks.iter().enumerate().filter_map(question).collect()
}

fn hit(found: Found, marks: &Marks) -> Hit {
    Hit {
        kind: found.kind,
        id: found.id,
        title: found.title,
        snippet: snippet(&found.body, marks, SNIPPET),
        updated_at: found.updated_at,
    }
}
