//! How far a database's tables are, compared with the steps that this version knows.

use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, SchemaManager, seaql_migrations};

use crate::connect::kind_of;
use crate::migrations::Migrator;

/// Which steps a database has behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// Steps that the next start takes.
    pub pending: Vec<String>,
    /// Steps that another version took and this one does not know.
    pub unknown: Vec<String>,
}

impl Tables {
    pub(crate) async fn of(connection: &DatabaseConnection) -> Result<Self, DbErr> {
        let applied = applied(connection).await?;
        let known: Vec<String> = Migrator::migrations()
            .iter()
            .map(|step| step.name().to_owned())
            .collect();
        let missing_in = |steps: &[String], others: &[String]| {
            let missing = steps.iter().filter(|step| !others.contains(step));
            missing.cloned().collect()
        };
        Ok(Self {
            kind: kind_of(connection),
            pending: missing_in(&known, &applied),
            unknown: missing_in(&applied, &known),
        })
    }
}

/// Read by hand: the migrator makes its table when it is asked.
async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let schema = SchemaManager::new(connection);
    if !schema.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let steps = seaql_migrations::Entity::find().all(connection).await?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}
