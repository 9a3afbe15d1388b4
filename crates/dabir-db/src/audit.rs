//! The audit: who changed what, when, from where, from what to what.
//!
//! A domain calls [`append`] in the transaction of its change, so that there is neither a change
//! without its entry nor an entry without its change. Each entry carries a hash over itself and the
//! hash of the entry before it: [`verify`] finds an entry that was changed, removed or put in
//! between, as long as the newest hash is known from elsewhere.

use std::ops::RangeInclusive;

use dabir_core::encode::hex;
use dabir_core::{Actor, ActorKind, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::sql::{self, Lock, ROWS};
use crate::{Ts, stale};

mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: Ts,
        pub actor_kind: String,
        pub actor_id: String,
        pub actor_name: String,
        pub address: Option<String>,
        pub request_id: Option<String>,
        pub action: String,
        pub target_kind: String,
        pub target_id: String,
        pub target_name: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub before: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub after: Option<String>,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One change, as the one who makes it describes it. Secrets stay out of it.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// `meeting.stop`: the kind of thing and what was done to it, in small letters and dots.
    pub action: &'static str,
    pub target_kind: &'static str,
    pub target_id: String,
    /// What people call the thing.
    pub target_name: String,
    /// The thing before, as JSON; `None` when it was made now.
    pub before: Option<serde_json::Value>,
    /// The thing after; `None` when it is gone now.
    pub after: Option<serde_json::Value>,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// 1, 2, 3 …, without a gap.
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor_id: String,
    pub actor_name: String,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub target_kind: String,
    pub target_id: String,
    pub target_name: String,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
    /// SHA-256 in hex, over this entry and the hash before it.
    pub hash: String,
}

/// Which entries are asked for; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor_id: Option<String>,
    /// The whole action, or its first part: `meeting` finds `meeting.stop`.
    pub action: Option<String>,
    pub target_kind: Option<String>,
    pub target_id: Option<String>,
    pub from: Option<Timestamp>,
    /// Entries before this instant.
    pub until: Option<Timestamp>,
}

/// The newest entry: whoever keeps it elsewhere can prove that nothing before it was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// 0 while there is no entry.
    pub seq: i64,
    pub hash: String,
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain holds up to this head.
    Whole(Head),
    /// The first entry that does not follow from the one before it.
    Broken { seq: i64, reason: &'static str },
}

/// Entries read at once while the whole chain is walked.
const STRETCH: u64 = 1_000;

impl Head {
    fn before_all() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(64),
        }
    }
}

/// Writes what `actor` changes at `now`, as part of the change's own transaction, and marks what can
/// be found of it as [`stale`]. Answers the numbers of its entries.
///
/// # Errors
/// When the database does not take it: then the change is not to be kept either.
pub async fn append(
    tx: &DatabaseTransaction,
    now: Timestamp,
    actor: &Actor,
    changes: Vec<Change>,
) -> Result<RangeInclusive<i64>, DbErr> {
    if changes.is_empty() {
        return Ok(RangeInclusive::new(1, 0));
    }
    take_turn(tx).await?;
    let found = changes
        .iter()
        .map(|change| (change.target_kind, change.target_id.as_str()))
        .filter(|(kind, _)| stale::AUDITED.contains(kind));
    stale::mark_all(tx, now, found.collect()).await?;
    let mut head = head(tx).await?;
    let first = head.seq + 1;
    let mut rows = Vec::with_capacity(changes.len());
    for change in changes {
        let row = next_row(&head, now, actor, change);
        head = Head {
            seq: row.seq,
            hash: row.hash.clone(),
        };
        rows.push(row);
    }
    for chunk in rows.chunks(ROWS) {
        let rows = chunk.iter().cloned().map(active);
        row::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(first..=head.seq)
}

/// Has this transaction be the only one with a turn, from here to its end: two must not continue one
/// head. SQLite has one writer anyway.
///
/// # Errors
/// When the database does not answer.
pub async fn take_turn(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    sql::lock(tx, Lock::Audit).await
}

/// The newest entry.
///
/// # Errors
/// When the database does not answer.
pub async fn head(db: &impl ConnectionTrait) -> Result<Head, DbErr> {
    let newest = sql::query(
        db,
        "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
        [],
    )
    .await?;
    let Some(row) = newest.first() else {
        return Ok(Head::before_all());
    };
    Ok(Head {
        seq: row.try_get("", "seq")?,
        hash: row.try_get("", "hash")?,
    })
}

/// The entries before `before` (all when `None`) that pass the filter, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, DbErr> {
    use row::Column;
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
    if filter
        .action
        .as_deref()
        .is_some_and(|action| !is_word(action))
    {
        // No action has such a name, and `LIKE` must not read it as a pattern.
        return Ok(Vec::new());
    }
    let equals = |column: Column, value: &Option<String>| {
        value.as_ref().map(|value| column.eq(value.as_str()))
    };
    let action = filter.action.as_ref().map(|action| {
        let within = Column::Action.starts_with(format!("{action}."));
        Column::Action.eq(action.as_str()).or(within)
    });
    let rows = row::Entity::find()
        .filter(
            Condition::all()
                .add_option(before.map(|seq| Column::Seq.lt(seq)))
                .add_option(equals(Column::ActorId, &filter.actor_id))
                .add_option(equals(Column::TargetKind, &filter.target_kind))
                .add_option(equals(Column::TargetId, &filter.target_id))
                .add_option(filter.from.map(|at| Column::At.gte(Ts::from(at))))
                .add_option(filter.until.map(|at| Column::At.lt(Ts::from(at))))
                .add_option(action),
        )
        .order_by_desc(Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// The entries after `seq`, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn since(db: &impl ConnectionTrait, seq: i64, limit: u64) -> Result<Vec<Entry>, DbErr> {
    let rows = row::Entity::find()
        .filter(row::Column::Seq.gt(seq))
        .order_by_asc(row::Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Walks the whole chain. `known` are heads that were kept elsewhere: each has to be in the chain.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(db: &impl ConnectionTrait, known: &[Head]) -> Result<Verdict, DbErr> {
    let mut last = Head::before_all();
    // The head of an audit without entries proves nothing.
    let mut known: Vec<&Head> = known.iter().filter(|head| head.seq > 0).collect();
    known.sort_by_key(|head| head.seq);
    let mut known = known.into_iter().peekable();
    // Whatever stands before the first entry does not belong there.
    let mut read_up_to = i64::MIN;
    loop {
        let stretch = row::Entity::find()
            .filter(row::Column::Seq.gt(read_up_to))
            .order_by_asc(row::Column::Seq)
            .limit(STRETCH)
            .all(db)
            .await?;
        if stretch.is_empty() {
            break;
        }
        for row in stretch {
            let broken = |reason| {
                Ok(Verdict::Broken {
                    seq: last.seq + 1,
                    reason,
                })
            };
            if row.seq != last.seq + 1 {
                return broken("it is missing");
            }
            if row.hash != hash(&last.hash, &row) {
                return broken("it was changed, or stands in another's place");
            }
            while let Some(head) = known.next_if(|head| head.seq == row.seq) {
                if head.hash != row.hash {
                    return broken("it is not the one that was noted when it was written");
                }
            }
            last = Head {
                seq: row.seq,
                hash: row.hash,
            };
        }
        read_up_to = last.seq;
    }
    let lost = known.find(|head| head.seq > last.seq);
    Ok(
        lost.map_or(Verdict::Whole(last.clone()), |_| Verdict::Broken {
            seq: last.seq + 1,
            reason: "it was written once and is missing, with all that followed",
        }),
    )
}

fn next_row(head: &Head, now: Timestamp, actor: &Actor, change: Change) -> row::Model {
    let mut row = row::Model {
        seq: head.seq + 1,
        at: now.into(),
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.id.clone(),
        actor_name: actor.name.clone(),
        address: actor.address.map(|address| address.to_string()),
        request_id: actor.request_id.clone(),
        action: change.action.to_owned(),
        target_kind: change.target_kind.to_owned(),
        target_id: change.target_id,
        target_name: change.target_name,
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
        hash: String::new(),
    };
    row.hash = hash(&head.hash, &row);
    row
}

/// SHA-256 over the hash before and every column in the table's order, each as its length (eight
/// bytes, the least significant first) and its UTF-8 text; a missing one is the length 2⁶⁴ − 1.
fn hash(previous: &str, row: &row::Model) -> String {
    let (seq, at) = (row.seq.to_string(), row.at.0.to_string());
    let fields = [
        Some(previous),
        Some(&seq),
        Some(&at),
        Some(&row.actor_kind),
        Some(&row.actor_id),
        Some(&row.actor_name),
        row.address.as_deref(),
        row.request_id.as_deref(),
        Some(&row.action),
        Some(&row.target_kind),
        Some(&row.target_id),
        Some(&row.target_name),
        row.before.as_deref(),
        row.after.as_deref(),
    ];
    let mut hasher = Sha256::new();
    for field in fields {
        let length = field.map_or(u64::MAX, |text| text.len() as u64);
        hasher.update(length.to_le_bytes());
        hasher.update(field.unwrap_or_default());
    }
    hex(&hasher.finalize())
}

fn active(row: row::Model) -> row::ActiveModel {
    row::ActiveModel {
        seq: Set(row.seq),
        at: Set(row.at),
        actor_kind: Set(row.actor_kind),
        actor_id: Set(row.actor_id),
        actor_name: Set(row.actor_name),
        address: Set(row.address),
        request_id: Set(row.request_id),
        action: Set(row.action),
        target_kind: Set(row.target_kind),
        target_id: Set(row.target_id),
        target_name: Set(row.target_name),
        before: Set(row.before),
        after: Set(row.after),
        hash: Set(row.hash),
    }
}

impl From<row::Model> for Entry {
    fn from(row: row::Model) -> Self {
        // A row that somebody damaged is shown as far as it can be read; `verify` names it.
        let json = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)))
        };
        Self {
            seq: row.seq,
            at: row.at.into(),
            actor_kind: row.actor_kind.parse().unwrap_or(ActorKind::Stranger),
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            address: row.address,
            request_id: row.request_id,
            action: row.action,
            target_kind: row.target_kind,
            target_id: row.target_id,
            target_name: row.target_name,
            before: json(row.before),
            after: json(row.after),
            hash: row.hash,
        }
    }
}
