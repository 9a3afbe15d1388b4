//! The table of second factors.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Iterable, Set};

mod totp {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "totp")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: String,
        #[sea_orm(column_type = "Text")]
        pub sealed: String,
        pub is_on: bool,
        pub last_step: i64,
        #[sea_orm(column_type = "Text")]
        pub recovery_hashes: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use totp::{Column, Entity};

/// Somebody's second factor.
#[derive(Clone, Debug)]
pub(crate) struct Totp {
    pub(crate) user_id: String,
    /// The secret, encrypted.
    pub(crate) sealed: String,
    /// `false` until a first code proved that the secret arrived.
    pub(crate) is_on: bool,
    /// The newest half minute whose code was used.
    pub(crate) last_step: i64,
    /// Of the recovery codes that are left.
    pub(crate) recovery_hashes: Vec<String>,
}

pub(crate) async fn save(tx: &impl ConnectionTrait, factor: &Totp) -> Result<(), DbErr> {
    let row = totp::ActiveModel {
        account_id: Set(factor.user_id.clone()),
        sealed: Set(factor.sealed.clone()),
        is_on: Set(factor.is_on),
        last_step: Set(factor.last_step),
        recovery_hashes: Set(factor.recovery_hashes.join(" ")),
    };
    let update = OnConflict::column(Column::AccountId)
        .update_columns(Column::iter().filter(|c| !matches!(c, Column::AccountId)))
        .to_owned();
    Entity::insert(row)
        .on_conflict(update)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, user_id: &str) -> Result<Option<Totp>, DbErr> {
    let row = Entity::find_by_id(user_id).one(db).await?;
    Ok(row.map(|row| Totp {
        user_id: row.account_id,
        sealed: row.sealed,
        is_on: row.is_on,
        last_step: row.last_step,
        recovery_hashes: row
            .recovery_hashes
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    }))
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, user_id: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(user_id).exec(tx).await?;
    Ok(())
}
