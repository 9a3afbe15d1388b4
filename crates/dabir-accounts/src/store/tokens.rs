//! The table of tokens for programs.

use dabir_core::Timestamp;
use dabir_db::Ts;
use dabir_http::Scope;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, Set};

use crate::model::TokenView;

mod api_token {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub hash: String,
        pub account_id: String,
        pub name: String,
        pub scopes: String,
        pub created_at: Ts,
        pub expires_at: Option<Ts>,
        pub used_at: Option<Ts>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use api_token::{Column, Entity};

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    token: &TokenView,
    hash: &str,
) -> Result<(), DbErr> {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let row = api_token::ActiveModel {
        id: Set(token.id.clone()),
        hash: Set(hash.to_owned()),
        account_id: Set(token.user_id.clone()),
        name: Set(token.name.clone()),
        scopes: Set(scopes.join(" ")),
        created_at: Set(token.created_at.into()),
        expires_at: Set(token.expires_at.map(Ts::from)),
        used_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Tokens of one person, or of all, with their hashes; the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user_id: Option<&str>,
) -> Result<Vec<(String, TokenView)>, DbErr> {
    let mine = user_id.map(|id| Column::AccountId.eq(id));
    let rows = Entity::find()
        .filter(Condition::all().add_option(mine))
        .order_by_desc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.hash.clone(), row.into()))
        .collect())
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<TokenView>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.map(TokenView::from))
}

pub(crate) async fn delete(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

pub(crate) async fn touch(
    tx: &impl ConnectionTrait,
    id: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(Ts::from(now)))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

impl From<api_token::Model> for TokenView {
    fn from(row: api_token::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.account_id,
            name: row.name,
            scopes: row.scopes.split(' ').filter_map(Scope::parse).collect(),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Timestamp::from),
            used_at: row.used_at.map(Timestamp::from),
        }
    }
}
