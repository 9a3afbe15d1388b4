//! Putting into the index and taking out of it.

use std::collections::BTreeSet;

use dabir_core::Findable;
use dabir_core::encode::hex;
use dabir_text::search::terms;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use sha2::{Digest, Sha256};

use crate::store::{self, Row};
use crate::terms::{kind, reader};

/// So much of a body is found, in bytes; the rest is as if it were not there.
pub const MAX_BODY: usize = 1 << 20;
/// So much of a title is kept, in bytes.
const MAX_TITLE: usize = 4 << 10;
/// So many readers an entry may have: with more, PostgreSQL would not take its terms. What so many may
/// read has a word for all of them.
const MAX_READERS: usize = 8_000;
/// Which terms a text has may change with it: then a migration marks all as stale, and what is put
/// again has those of now.
const VERSION: u8 = 1;
/// How many entries of one millisecond have a place of their own in the order, as a power of two.
const STANDS: u32 = 10;

/// What can be found of a thing, with its terms: to be put into the index.
#[derive(Clone, Debug)]
pub struct Entry {
    row: Row,
    terms: String,
}

impl Entry {
    /// Finds the terms, apart from those who wait: a long text takes a moment, and no transaction should
    /// wait for it.
    ///
    /// # Errors
    /// When the work breaks off.
    pub async fn of(thing: Findable) -> Result<Self, DbErr> {
        let made = tokio::task::spawn_blocking(|| Self::new(thing)).await;
        made.map_err(|error| DbErr::Custom(error.to_string()))
    }

    fn new(thing: Findable) -> Self {
        let fingerprint = fingerprint(&thing);
        let row = Row {
            title: kept(&thing.title, MAX_TITLE),
            body: kept(&thing.body, MAX_BODY),
            kind: thing.kind,
            id: thing.id,
            updated_at: thing.updated_at,
            fingerprint,
        };
        let terms = all_terms(&row, &thing.readers);
        Self { row, terms }
    }
}

/// Whether the index has a thing just so.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn has(db: &impl ConnectionTrait, thing: &Findable) -> Result<bool, DbErr> {
    let known = store::find(db, &thing.kind, &thing.id).await?;
    Ok(known.is_some_and(|known| known.fingerprint == fingerprint(thing)))
}

/// Puts an entry into the index in the place of what had its kind and id. Nothing is written when it is
/// the same.
///
/// # Errors
/// When the database does not do it.
pub async fn put(tx: &DatabaseTransaction, entry: Entry) -> Result<(), DbErr> {
    let Entry { row, terms } = entry;
    let known = store::find(tx, &row.kind, &row.id).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.fingerprint == row.fingerprint)
    {
        return Ok(());
    }
    let stays = known
        .as_ref()
        .filter(|known| known.updated_at == row.updated_at);
    let stand = match stays {
        Some(known) => known.stand,
        None => free_stand(tx, &row).await?,
    };
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

fn fingerprint(thing: &Findable) -> String {
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    hash.update(thing.updated_at.as_millisecond().to_be_bytes());
    let readers: BTreeSet<&String> = thing.readers.iter().collect();
    for text in [&thing.title, &thing.body].into_iter().chain(readers) {
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

fn all_terms(row: &Row, readers: &[String]) -> String {
    let mut all = terms(&row.title, &row.body);
    if readers.len() > MAX_READERS {
        let (kind, id, count) = (&row.kind, &row.id, readers.len());
        tracing::warn!("{kind} {id} has {count} readers; only the first {MAX_READERS} find it");
    }
    all.extend(readers.iter().take(MAX_READERS).map(|word| reader(word)));
    all.insert(kind(&row.kind));
    all.into_iter().collect::<Vec<_>>().join(" ")
}
