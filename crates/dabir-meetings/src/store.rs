//! The table of meetings: one function a question, the same on both databases.

use dabir_core::Timestamp;
use dabir_core::names::{needles, search_text, sort_key};
use dabir_db::Ts;
use dabir_db::sql::{ROWS, execute, query};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, ExprTrait, Func, OnConflict, SimpleExpr};
use sea_orm::{
    Condition, ConnectionTrait, DatabaseBackend, Iterable, Order, QueryOrder, QuerySelect, Set,
    Value,
};
use serde_json::json;

use crate::model::{
    Meeting, MeetingFilter, MeetingSort, MeetingState, Override, SortBy, Source, Totals,
};
use crate::reason::{Facts, Reason};

mod meeting {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub slug: String,
        pub name: String,
        /// What it is found by.
        pub search: String,
        /// What it is sorted by.
        pub sort_key: Vec<u8>,
        pub date_time: Ts,
        pub duration_secs: i64,
        pub extended_secs: i64,
        pub end_time: Ts,
        pub port: Option<i64>,
        pub is_running: bool,
        pub source: String,
        pub external_id: Option<String>,
        pub operator: Option<String>,
        pub gone: bool,
        pub state: String,
        pub last_error: Option<String>,
        pub last_error_code: Option<String>,
        pub last_error_facts: Option<String>,
        pub restarts: i32,
        pub created_at: Ts,
        pub revised_at: Ts,
        pub ended_at: Option<Ts>,
        pub updated_at: Ts,
        pub keeper: Option<String>,
        pub room_at: Option<String>,
        /// Which change of all meetings it came with.
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far the meetings of all servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Grows with each change.
    pub revision: i64,
    /// The change that meetings were last removed with.
    pub erased: i64,
    /// What whoever leads says of the source.
    pub source: Option<String>,
}

/// How far the meetings are.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(db: &impl ConnectionTrait) -> Result<Standing, DbErr> {
    let sql = "SELECT revision, erased, source FROM meeting_roster";
    let rows = query(db, sql, []).await?;
    let row = rows
        .first()
        .ok_or_else(|| DbErr::RecordNotFound("meeting_roster".to_owned()))?;
    Ok(Standing {
        revision: row.try_get("", "revision")?,
        erased: row.try_get("", "erased")?,
        source: row.try_get("", "source")?,
    })
}

/// Begins the change after the one that is known; `None` when another server made one meanwhile. No
/// other one begins before the end of the transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_change(tx: &impl ConnectionTrait, known: i64) -> Result<Option<i64>, DbErr> {
    let sql = "UPDATE meeting_roster SET revision = revision + 1 WHERE revision = $1";
    let begun = execute(tx, sql, [known.into()]).await?;
    Ok((begun > 0).then_some(known + 1))
}

/// Writes down how the source does.
///
/// # Errors
/// When the database does not take it.
pub async fn tell_source(db: &impl ConnectionTrait, status: &str) -> Result<(), DbErr> {
    let sql = "UPDATE meeting_roster SET source = $1";
    execute(db, sql, [status.into()]).await.map(drop)
}

/// The meetings that changed after the change `revision`.
///
/// # Errors
/// When the database does not answer.
pub async fn changed_since(
    db: &impl ConnectionTrait,
    revision: i64,
) -> Result<Vec<Meeting>, DbErr> {
    let rows = meeting::Entity::find()
        .filter(meeting::Column::Revision.gt(revision))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes meetings, new or known, as part of the change `revision`.
///
/// # Errors
/// When the database does not take them; the caller's transaction then keeps none.
pub async fn save(
    tx: &impl ConnectionTrait,
    meetings: &[Meeting],
    now: Timestamp,
    revision: i64,
) -> Result<(), DbErr> {
    use meeting::Column;
    for chunk in meetings.chunks(ROWS) {
        let rows = chunk.iter().map(|meeting| row(meeting, now, revision));
        let update = OnConflict::column(Column::Id)
            .update_columns(
                Column::iter()
                    .filter(|c| !matches!(c, Column::Id | Column::Slug | Column::CreatedAt)),
            )
            .to_owned();
        meeting::Entity::insert_many(rows)
            .on_conflict(update)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The meeting with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Meeting>, DbErr> {
    Ok(meeting::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(Into::into))
}

/// The meetings with these ids.
///
/// # Errors
/// When the database does not answer.
pub async fn find_all(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Meeting>, DbErr> {
    let mut meetings = Vec::new();
    for chunk in ids.chunks(ROWS) {
        let rows = meeting::Entity::find()
            .filter(meeting::Column::Id.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        meetings.extend(rows.into_iter().map(Meeting::from));
    }
    Ok(meetings)
}

/// The meeting whose join page is called `slug`.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Meeting>, DbErr> {
    Ok(meeting::Entity::find()
        .filter(meeting::Column::Slug.eq(slug))
        .one(db)
        .await?
        .map(Into::into))
}

/// The meetings whom their people call `word`: by the source's id, or by their whole name.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_word(db: &impl ConnectionTrait, word: &str) -> Result<Vec<Meeting>, DbErr> {
    let rows = meeting::Entity::find()
        .filter(
            meeting::Column::ExternalId
                .eq(word)
                .or(meeting::Column::Name.eq(word)),
        )
        .order_by_asc(meeting::Column::Id)
        .limit(10)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The meetings that Django calls by these ids.
///
/// # Errors
/// When the database does not answer.
pub async fn find_external(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<Meeting>, DbErr> {
    let mut meetings = Vec::new();
    for chunk in ids.chunks(ROWS) {
        let rows = meeting::Entity::find()
            .filter(meeting::Column::Source.eq(source_word(Source::Django)))
            .filter(meeting::Column::ExternalId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        meetings.extend(rows.into_iter().map(Meeting::from));
    }
    Ok(meetings)
}

/// The meetings that come from `source`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_source(db: &impl ConnectionTrait, source: Source) -> Result<Vec<Meeting>, DbErr> {
    let rows = meeting::Entity::find()
        .filter(meeting::Column::Source.eq(source_word(source)))
        .order_by_asc(meeting::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The meetings that the reconciler thinks about: those that are not over at `now`, and those whose
/// row says that something of them still lives.
///
/// # Errors
/// When the database does not answer.
pub async fn unfinished(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Meeting>, DbErr> {
    let open = MeetingState::ALL
        .into_iter()
        .filter(|state| *state != MeetingState::Ended);
    let rows = meeting::Entity::find()
        .filter(
            meeting::Column::EndTime
                .gt(Ts::from(now))
                .or(meeting::Column::State.is_in(open.map(MeetingState::as_str))),
        )
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Where a page of the list begins: after the row with this key and this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub key: Key,
    pub id: String,
}

/// What the rows of a list are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Time(Timestamp),
    Name(Vec<u8>),
}

impl Key {
    /// The key of `meeting` in a list that is sorted so.
    #[must_use]
    pub fn of(meeting: &Meeting, by: SortBy) -> Self {
        match by {
            SortBy::End => Self::Time(meeting.end_time()),
            SortBy::Begin => Self::Time(meeting.date_time),
            SortBy::Name => Self::Name(sort_key(&meeting.name)),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Time(at) => Ts::from(*at).into(),
            Self::Name(key) => key.clone().into(),
        }
    }
}

/// Meetings that pass the filter, in the order it names, `limit + 1` of them at most.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &MeetingFilter,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Meeting>, DbErr> {
    use meeting::Column;
    let MeetingSort { by, descending } = filter.sort;
    let column = match by {
        SortBy::End => Column::EndTime,
        SortBy::Begin => Column::DateTime,
        SortBy::Name => Column::SortKey,
    };
    let order = if descending { Order::Desc } else { Order::Asc };
    let backend = db.get_database_backend();
    let rows = meeting::Entity::find()
        .filter(passes(filter, backend))
        .filter(in_states(&filter.state, backend))
        .filter(Condition::all().add_option(after.map(|after| beyond(column, descending, after))))
        .order_by(column, order.clone())
        .order_by(Column::Id, order)
        .limit(u64::from(limit) + 1)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many meetings pass the filter, by state; which states it names does not matter.
///
/// # Errors
/// When the database does not answer.
pub async fn totals(db: &impl ConnectionTrait, filter: &MeetingFilter) -> Result<Totals, DbErr> {
    use meeting::Column;
    let counts = meeting::Entity::find()
        .select_only()
        .column(Column::State)
        .expr_as(Func::count(Expr::col(Asterisk)), "count")
        .filter(passes(filter, db.get_database_backend()))
        .group_by(Column::State)
        .into_tuple::<(String, i64)>()
        .all(db)
        .await?;
    let known = counts.into_iter().map(|(state, count)| {
        let count = u64::try_from(count).unwrap_or_default();
        (state_of(&state), count)
    });
    Ok(known.collect())
}

/// The filter without its states.
fn passes(filter: &MeetingFilter, backend: DatabaseBackend) -> Condition {
    use meeting::Column;
    let holds = match backend {
        DatabaseBackend::Postgres => "strpos",
        _ => "instr",
    };
    let needles = needles(filter.search.as_deref().unwrap_or_default());
    let found = needles.into_iter().map(|needle| {
        let place = Func::cust(holds).arg(Expr::col(Column::Search)).arg(needle);
        Expr::expr(place).gt(0)
    });
    Condition::all()
        .add_option(found.reduce(SimpleExpr::or))
        .add_option(filter.from.map(|at| Column::EndTime.gt(Ts::from(at))))
        .add_option(filter.to.map(|at| Column::DateTime.lt(Ts::from(at))))
}

/// For SQLite the state is named so that its index is not: it keeps no statistics, and would walk
/// that index and then sort every meeting of a state, instead of walking the one in the list's order.
fn in_states(states: &[MeetingState], backend: DatabaseBackend) -> Condition {
    let state = Expr::col(meeting::Column::State);
    let state = match backend {
        DatabaseBackend::Sqlite => Func::coalesce([state, Expr::value("")]).into(),
        _ => state,
    };
    let words = states.iter().map(|state| state.as_str());
    Condition::all().add_option((!states.is_empty()).then(|| state.is_in(words)))
}

/// The rows that follow `after`. The first bound says nothing new; an index can be entered by it.
fn beyond(column: meeting::Column, descending: bool, after: &After) -> SimpleExpr {
    use meeting::Column::Id;
    let (key, id) = (after.key.value(), after.id.as_str());
    let (bound, next, next_id) = if descending {
        (column.lte(key.clone()), column.lt(key.clone()), Id.lt(id))
    } else {
        (column.gte(key.clone()), column.gt(key.clone()), Id.gt(id))
    };
    bound.and(next.or(column.eq(key).and(next_id)))
}

/// Removes meetings, as part of the change `revision`.
///
/// # Errors
/// When the database does not take it.
pub async fn delete(tx: &impl ConnectionTrait, ids: &[&str], revision: i64) -> Result<(), DbErr> {
    let sql = "UPDATE meeting_roster SET erased = $1";
    execute(tx, sql, [revision.into()]).await?;
    for chunk in ids.chunks(ROWS) {
        meeting::Entity::delete_many()
            .filter(meeting::Column::Id.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

fn row(meeting: &Meeting, now: Timestamp, revision: i64) -> meeting::ActiveModel {
    let error = meeting.last_error.as_ref();
    meeting::ActiveModel {
        id: Set(meeting.id.clone()),
        slug: Set(meeting.slug.clone()),
        name: Set(meeting.name.clone()),
        search: Set(search_text(&meeting.name)),
        sort_key: Set(sort_key(&meeting.name)),
        date_time: Set(meeting.date_time.into()),
        duration_secs: Set(meeting.duration_secs),
        extended_secs: Set(meeting.extended_secs),
        end_time: Set(meeting.end_time().into()),
        port: Set(meeting.port),
        is_running: Set(meeting.is_running),
        source: Set(source_word(meeting.source).to_owned()),
        external_id: Set(meeting.external_id.clone()),
        operator: Set(meeting.operator.map(|word| operator_word(word).to_owned())),
        gone: Set(meeting.gone),
        state: Set(meeting.state.as_str().to_owned()),
        last_error: Set(error.map(|reason| reason.text.clone())),
        last_error_code: Set(error.map(|reason| reason.code.clone().into_owned())),
        last_error_facts: Set(error.map(|reason| json!(reason.facts).to_string())),
        restarts: Set(meeting.restarts),
        created_at: Set(meeting.created_at.into()),
        revised_at: Set(meeting.revised_at.into()),
        ended_at: Set(meeting.ended_at.map(Ts::from)),
        updated_at: Set(now.into()),
        keeper: Set(meeting.keeper.clone()),
        room_at: Set(meeting.room_at.as_ref().map(ToString::to_string)),
        revision: Set(revision),
    }
}

impl From<meeting::Model> for Meeting {
    fn from(row: meeting::Model) -> Self {
        Self {
            date_time: row.date_time.into(),
            duration_secs: row.duration_secs,
            extended_secs: row.extended_secs,
            port: row.port,
            is_running: row.is_running,
            source: match row.source.as_str() {
                "django" => Source::Django,
                "sample" => Source::Sample,
                _ => Source::Local,
            },
            external_id: row.external_id,
            operator: match row.operator.as_deref() {
                Some("start") => Some(Override::Start),
                Some("stop") => Some(Override::Stop),
                _ => None,
            },
            gone: row.gone,
            state: state_of(&row.state),
            last_error: row.last_error.map(|text| Reason {
                text,
                code: row.last_error_code.unwrap_or_default().into(),
                facts: facts_of(row.last_error_facts.as_deref()),
            }),
            restarts: row.restarts,
            created_at: row.created_at.into(),
            revised_at: row.revised_at.into(),
            ended_at: row.ended_at.map(Timestamp::from),
            keeper: row.keeper,
            room_at: row.room_at.and_then(|text| text.parse().ok()),
            id: row.id,
            slug: row.slug,
            name: row.name,
        }
    }
}

/// A word of a newer version means nothing here; the reconciler finds out.
fn state_of(word: &str) -> MeetingState {
    word.parse().unwrap_or(MeetingState::Scheduled)
}

fn facts_of(text: Option<&str>) -> Facts {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn source_word(source: Source) -> &'static str {
    match source {
        Source::Django => "django",
        Source::Local => "local",
        Source::Sample => "sample",
    }
}

fn operator_word(word: Override) -> &'static str {
    match word {
        Override::Start => "start",
        Override::Stop => "stop",
    }
}

/// Which document the minutes that were changed so often become: `new`, unless another one was named
/// before.
pub async fn minutes_document(
    tx: &impl ConnectionTrait,
    meeting_id: &str,
    rev: i64,
    new: &str,
) -> Result<String, DbErr> {
    let sql = "INSERT INTO meeting_minutes (meeting_id, rev, document_id, at) \
        VALUES ($1, $2, $3, 0) ON CONFLICT (meeting_id, rev) DO UPDATE SET \
        document_id = COALESCE(meeting_minutes.document_id, excluded.document_id) \
        RETURNING document_id";
    let rows = query(tx, sql, [meeting_id.into(), rev.into(), new.into()]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| DbErr::RecordNotFound("meeting_minutes".to_owned()))?;
    row.try_get("", "document_id")
}

/// Keeps that nothing is left to do for minutes that were changed so often, of a meeting that ended then.
pub async fn minutes_are_kept(
    tx: &impl ConnectionTrait,
    meeting_id: &str,
    rev: i64,
    ended_at: Timestamp,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO meeting_minutes (meeting_id, rev, at) VALUES ($1, $2, $3) \
        ON CONFLICT (meeting_id, rev) DO UPDATE SET at = excluded.at";
    let values = [meeting_id.into(), rev.into(), Ts::from(ended_at).0.into()];
    execute(tx, sql, values).await?;
    Ok(())
}

/// The meetings that ended since then and whose minutes nobody looked at afterwards, the last first.
pub async fn without_minutes(
    db: &impl ConnectionTrait,
    since: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT id FROM meeting WHERE state = 'ended' AND ended_at > $1 \
        AND NOT EXISTS (SELECT 1 FROM meeting_minutes k \
          WHERE k.meeting_id = meeting.id AND k.at >= meeting.ended_at) \
        ORDER BY ended_at DESC LIMIT 1000";
    let rows = query(db, sql, [Ts::from(since).0.into()]).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}
