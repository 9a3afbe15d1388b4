//! The table of meetings: one function a question, the same on both databases.

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, Iterable, QueryOrder, QuerySelect, Set};

use crate::model::{Meeting, MeetingState, Override, Source};

mod meeting {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub slug: String,
        pub name: String,
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
        pub restarts: i32,
        pub created_at: Ts,
        pub revised_at: Ts,
        pub ended_at: Option<Ts>,
        pub updated_at: Ts,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows of one statement: PostgreSQL and SQLite both bound the number of parameters.
const ROWS_A_STATEMENT: usize = 500;

/// Writes meetings, new or known.
///
/// # Errors
/// When the database does not take them; the caller's transaction then keeps none.
pub async fn save(
    tx: &impl ConnectionTrait,
    meetings: &[Meeting],
    now: Timestamp,
) -> Result<(), DbErr> {
    use meeting::Column;
    for chunk in meetings.chunks(ROWS_A_STATEMENT) {
        let rows = chunk.iter().map(|meeting| row(meeting, now));
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
    for chunk in ids.chunks(ROWS_A_STATEMENT) {
        let rows = meeting::Entity::find()
            .filter(meeting::Column::Source.eq(source_word(Source::Django)))
            .filter(meeting::Column::ExternalId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        meetings.extend(rows.into_iter().map(Meeting::from));
    }
    Ok(meetings)
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

/// Where a page of the list begins: after this end time and id, going back in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub end_time: Timestamp,
    pub id: String,
}

/// Meetings from the latest end to the earliest, `limit + 1` of them at most.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<MeetingState>,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Meeting>, DbErr> {
    use meeting::Column;
    let mut query = meeting::Entity::find();
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.as_str()));
    }
    if let Some(After { end_time, id }) = after {
        let end = Ts::from(*end_time);
        let same_end = Column::EndTime.eq(end).and(Column::Id.lt(id.as_str()));
        query = query.filter(Column::EndTime.lt(end).or(same_end));
    }
    let rows = query
        .order_by_desc(Column::EndTime)
        .order_by_desc(Column::Id)
        .limit(u64::from(limit) + 1)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Removes a meeting.
///
/// # Errors
/// When the database does not take it.
pub async fn delete(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    meeting::Entity::delete_by_id(id).exec(tx).await.map(drop)
}

fn row(meeting: &Meeting, now: Timestamp) -> meeting::ActiveModel {
    meeting::ActiveModel {
        id: Set(meeting.id.clone()),
        slug: Set(meeting.slug.clone()),
        name: Set(meeting.name.clone()),
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
        last_error: Set(meeting.last_error.clone()),
        restarts: Set(meeting.restarts),
        created_at: Set(meeting.created_at.into()),
        revised_at: Set(meeting.revised_at.into()),
        ended_at: Set(meeting.ended_at.map(Ts::from)),
        updated_at: Set(now.into()),
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
            source: if row.source == "django" {
                Source::Django
            } else {
                Source::Local
            },
            external_id: row.external_id,
            operator: match row.operator.as_deref() {
                Some("start") => Some(Override::Start),
                Some("stop") => Some(Override::Stop),
                _ => None,
            },
            gone: row.gone,
            // A word of a newer version means nothing here; the reconciler finds out.
            state: row.state.parse().unwrap_or(MeetingState::Scheduled),
            last_error: row.last_error,
            restarts: row.restarts,
            created_at: row.created_at.into(),
            revised_at: row.revised_at.into(),
            ended_at: row.ended_at.map(Timestamp::from),
            id: row.id,
            slug: row.slug,
            name: row.name,
        }
    }
}

fn source_word(source: Source) -> &'static str {
    match source {
        Source::Django => "django",
        Source::Local => "local",
    }
}

fn operator_word(word: Override) -> &'static str {
    match word {
        Override::Start => "start",
        Override::Stop => "stop",
    }
}
