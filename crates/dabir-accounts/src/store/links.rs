//! The table of links that work once. Their keys are kept as hashes.

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, Set};

use crate::model::LinkKind;

mod one_time_link {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub kind: String,
        pub account_id: Option<String>,
        pub expires_at: Ts,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use one_time_link::{Column, Entity};

/// A link as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) kind: LinkKind,
    pub(crate) user_id: Option<String>,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    hash: &str,
    link: &Link,
) -> Result<(), DbErr> {
    let row = one_time_link::ActiveModel {
        hash: Set(hash.to_owned()),
        kind: Set(word(link.kind).to_owned()),
        account_id: Set(link.user_id.clone()),
        expires_at: Set(link.expires_at.into()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The link with this hash, while it is good.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    hash: &str,
    now: Timestamp,
) -> Result<Option<Link>, DbErr> {
    let row = Entity::find_by_id(hash)
        .filter(Column::ExpiresAt.gt(Ts::from(now)))
        .one(db)
        .await?;
    Ok(row.map(|row| Link {
        kind: kind(&row.kind),
        user_id: row.account_id,
        expires_at: row.expires_at.into(),
    }))
}

/// Uses a link up; `false` when somebody else did.
pub(crate) async fn delete(tx: &impl ConnectionTrait, hash: &str) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(hash).exec(tx).await?;
    Ok(deleted.rows_affected == 1)
}

/// Makes all of a person's links worthless.
pub(crate) async fn delete_of(tx: &impl ConnectionTrait, user_id: &str) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(user_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets links that are too old.
pub(crate) async fn delete_old(tx: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(Ts::from(now)))
        .exec(tx)
        .await?;
    Ok(())
}

fn word(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::FirstRun | LinkKind::Start => "start",
        LinkKind::Invite => "invite",
        LinkKind::Reset => "reset",
    }
}

fn kind(word: &str) -> LinkKind {
    match word {
        "start" => LinkKind::Start,
        "invite" => LinkKind::Invite,
        _ => LinkKind::Reset,
    }
}
