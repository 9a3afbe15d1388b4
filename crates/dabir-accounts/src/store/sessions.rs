//! The tables of sessions and of the refresh tokens that keep them alive.

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, QueryOrder, Set};

use crate::model::Session;

mod session {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub account_id: String,
        pub by_link: bool,
        pub address: Option<String>,
        pub agent: Option<String>,
        pub created_at: Ts,
        pub seen_at: Ts,
        pub ends_at: Ts,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod refresh_token {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub session_id: String,
        pub used_at: Option<Ts>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A refresh token as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) session_id: String,
    pub(crate) used_at: Option<Timestamp>,
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    session: &Session,
    refresh_hash: &str,
) -> Result<(), DbErr> {
    let row = session::ActiveModel {
        id: Set(session.id.clone()),
        account_id: Set(session.user_id.clone()),
        by_link: Set(session.by_link),
        address: Set(session.address.clone()),
        agent: Set(session.agent.clone()),
        created_at: Set(session.created_at.into()),
        seen_at: Set(session.seen_at.into()),
        ends_at: Set(session.ends_at.into()),
    };
    session::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    insert_refresh(tx, &session.id, refresh_hash).await
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Session>, DbErr> {
    let row = session::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(Session::from))
}

/// Sessions of one person, or of all; the last used first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user_id: Option<&str>,
) -> Result<Vec<Session>, DbErr> {
    let mine = user_id.map(|id| session::Column::AccountId.eq(id));
    let rows = session::Entity::find()
        .filter(sea_orm::Condition::all().add_option(mine))
        .order_by_desc(session::Column::SeenAt)
        .order_by_asc(session::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Session::from).collect())
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    session::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Ends all sessions of a person but `kept`.
pub(crate) async fn delete_of(
    tx: &impl ConnectionTrait,
    user_id: &str,
    kept: Option<&str>,
) -> Result<(), DbErr> {
    let mut delete = session::Entity::delete_many().filter(session::Column::AccountId.eq(user_id));
    if let Some(kept) = kept {
        delete = delete.filter(session::Column::Id.ne(kept));
    }
    delete.exec(tx).await?;
    Ok(())
}

/// Forgets sessions that ended by themselves.
pub(crate) async fn delete_ended(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    session::Entity::delete_many()
        .filter(session::Column::EndsAt.lte(Ts::from(now)))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn touch(
    tx: &impl ConnectionTrait,
    id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(Ts::from(now)))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(crate) async fn find_refresh(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<Refresh>, DbErr> {
    let row = refresh_token::Entity::find_by_id(hash).one(db).await?;
    Ok(row.map(|row| Refresh {
        session_id: row.session_id,
        used_at: row.used_at.map(Timestamp::from),
    }))
}

/// Uses a refresh token up; `false` when somebody else did.
pub(crate) async fn use_refresh(
    tx: &impl ConnectionTrait,
    hash: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let used = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(Ts::from(now)))
        .filter(refresh_token::Column::Hash.eq(hash))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(used.rows_affected == 1)
}

pub(crate) async fn insert_refresh(
    tx: &impl ConnectionTrait,
    session_id: &str,
    hash: &str,
) -> Result<(), DbErr> {
    let row = refresh_token::ActiveModel {
        hash: Set(hash.to_owned()),
        session_id: Set(session_id.to_owned()),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets the tokens of a session that were used up before `until`.
pub(crate) async fn delete_used_refresh(
    tx: &impl ConnectionTrait,
    session_id: &str,
    until: Timestamp,
) -> Result<(), DbErr> {
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.eq(session_id))
        .filter(refresh_token::Column::UsedAt.lt(Ts::from(until)))
        .exec(tx)
        .await?;
    Ok(())
}

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.account_id,
            by_link: row.by_link,
            address: row.address,
            agent: row.agent,
            created_at: row.created_at.into(),
            seen_at: row.seen_at.into(),
            ends_at: row.ends_at.into(),
        }
    }
}
