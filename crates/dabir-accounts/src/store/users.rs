//! The table of people.

use dabir_core::Timestamp;
use dabir_db::Ts;
use dabir_http::Role;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict};
use sea_orm::{Condition, ConnectionTrait, Iterable, QueryOrder, QuerySelect, Set};
use serde_json::json;

use crate::model::{Blocked, Language, Preferences, User, UserFilter, UserState, email_key};

mod account {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub email: String,
        pub email_key: String,
        pub name: String,
        pub role: String,
        pub language: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub preferences: Option<String>,
        pub password: Option<String>,
        pub blocked_at: Option<Ts>,
        pub blocked_reason: Option<String>,
        pub signed_in_at: Option<Ts>,
        pub created_at: Ts,
        pub updated_at: Ts,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use account::{Column, Entity};

/// Writes somebody, new or known.
pub(crate) async fn save(tx: &impl ConnectionTrait, user: &User) -> Result<(), DbErr> {
    let update = OnConflict::column(Column::Id)
        .update_columns(Column::iter().filter(|c| !matches!(c, Column::Id | Column::CreatedAt)))
        .to_owned();
    Entity::insert(row(user))
        .on_conflict(update)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<User>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(row.map(User::from))
}

/// Those of these ids who have an account, in any order.
pub(crate) async fn find_all(db: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<User>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

pub(crate) async fn find_by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<User>, DbErr> {
    let key = email_key(email);
    let row = Entity::find()
        .filter(Column::EmailKey.eq(key))
        .one(db)
        .await?;
    Ok(row.map(User::from))
}

/// One page, by e-mail address.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &UserFilter,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<User>, DbErr> {
    let named = filter.query.as_deref().map(|query| {
        let pattern = format!("%{}%", escape_like(&query.to_lowercase()));
        let like = || LikeExpr::new(pattern.clone()).escape('\\');
        let name = Func::lower(Expr::col(Column::Name));
        Condition::any()
            .add(Expr::col(Column::EmailKey).like(like()))
            .add(Expr::expr(name).like(like()))
    });
    let rows = Entity::find()
        .filter(
            Condition::all()
                .add_option(after.map(|key| Column::EmailKey.gt(key)))
                .add_option(filter.role.map(|role| Column::Role.eq(role.as_str())))
                .add_option(filter.state.map(is))
                .add_option(named),
        )
        .order_by_asc(Column::EmailKey)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Admins who may come in, the first one first.
pub(crate) async fn admins(db: &impl ConnectionTrait) -> Result<Vec<User>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(is(UserState::Active))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

fn is(state: UserState) -> Condition {
    let (free, invited) = (Column::BlockedAt.is_null(), Column::Password.is_null());
    match state {
        UserState::Active => Condition::all().add(free).add(invited.not()),
        UserState::Invited => Condition::all().add(free).add(invited),
        UserState::Blocked => Condition::all().add(free.not()),
    }
}

/// Removes somebody with all that is theirs here.
pub(crate) async fn delete(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// A word in which `%` and `_` stand for themselves.
fn escape_like(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn row(user: &User) -> account::ActiveModel {
    account::ActiveModel {
        id: Set(user.id.clone()),
        email: Set(user.email.clone()),
        email_key: Set(email_key(&user.email)),
        name: Set(user.name.clone()),
        role: Set(user.role.as_str().to_owned()),
        language: Set(user.language.as_str().to_owned()),
        preferences: Set(Some(json!(user.preferences).to_string())),
        password: Set(user.password.clone()),
        blocked_at: Set(user.blocked.as_ref().map(|blocked| blocked.at.into())),
        blocked_reason: Set(user.blocked.as_ref().map(|blocked| blocked.reason.clone())),
        signed_in_at: Set(user.signed_in_at.map(Ts::from)),
        created_at: Set(user.created_at.into()),
        updated_at: Set(user.updated_at.into()),
    }
}

/// What another version wrote and this one does not know is as if nothing was chosen.
fn preferences_of(kept: Option<&str>) -> Preferences {
    let read = kept.and_then(|kept| serde_json::from_str(kept).ok());
    read.unwrap_or_default()
}

impl From<account::Model> for User {
    fn from(row: account::Model) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            // A word that no version of ours wrote gives no rights.
            role: Role::parse(&row.role).unwrap_or(Role::Participant),
            language: Language::parse(&row.language),
            preferences: preferences_of(row.preferences.as_deref()),
            password: row.password,
            blocked: row.blocked_at.map(|at| Blocked {
                at: at.into(),
                reason: row.blocked_reason.unwrap_or_default(),
            }),
            signed_in_at: row.signed_in_at.map(Timestamp::from),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}
