//! What was changed here, as it stands in the database.

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, IntoActiveModel, QueryOrder};

#[expect(
    unreachable_pub,
    reason = "the derived parts of an entity are public, and so is what they name"
)]
mod row {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "settings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
        pub changed_at: Ts,
        pub changed_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A value that was changed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: String,
    /// JSON, unless somebody damaged it.
    pub(crate) value: String,
    pub(crate) changed_at: Timestamp,
    /// The name of whoever did it.
    pub(crate) changed_by: Option<String>,
}

/// Everything that was changed here.
pub(crate) async fn list(db: &impl ConnectionTrait) -> Result<Vec<Stored>, DbErr> {
    let rows = row::Entity::find()
        .order_by_asc(row::Column::Key)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// Lets nobody else decide from what is read now until this transaction ends. SQLite has one writer
/// anyway.
pub(crate) async fn take_turn(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE")
            .await?;
    }
    Ok(())
}

pub(crate) async fn save(tx: &DatabaseTransaction, stored: Stored) -> Result<(), DbErr> {
    use row::Column;
    let row = row::Model {
        key: stored.key,
        value: stored.value,
        changed_at: stored.changed_at.into(),
        changed_by: stored.changed_by,
    };
    let replace = OnConflict::column(Column::Key)
        .update_columns([Column::Value, Column::ChangedAt, Column::ChangedBy])
        .to_owned();
    row::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &DatabaseTransaction, key: &str) -> Result<(), DbErr> {
    row::Entity::delete_by_id(key.to_owned()).exec(tx).await?;
    Ok(())
}

impl From<row::Model> for Stored {
    fn from(row: row::Model) -> Self {
        Self {
            key: row.key,
            value: row.value,
            changed_at: row.changed_at.into(),
            changed_by: row.changed_by,
        }
    }
}
