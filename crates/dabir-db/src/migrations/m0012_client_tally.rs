//! Clients counted by room and time, and how far they follow the directory.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, string, string_len, text};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

/// The longest username, in characters.
const NAME: u32 = 128;

const TABLES: [&str; 4] = [
    "client_tally",
    "client_level",
    "client_person",
    "client_directory",
];

const STATEMENTS: [&str; 4] = [
    "CREATE INDEX client_tally_room ON client_tally (room, at)",
    "CREATE INDEX client_person_of ON client_person (username)",
    // Whoever is connected already is counted from the start.
    "INSERT INTO client_level (room, connected, since) \
     SELECT place, COUNT(*), MAX(since) FROM client_presence \
     WHERE state = 'connected' AND place <> 'redis' GROUP BY place",
    "INSERT INTO client_level (room, connected, since) \
     SELECT '', COUNT(DISTINCT username), COALESCE(MAX(since), 0) FROM client_presence \
     WHERE state = 'connected'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [tallies(), levels(), people(), directories()] {
            manager.create_table(table).await?;
        }
        for statement in STATEMENTS {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// What happened in a room, or in the house where it is empty, from `at` on for `span` seconds.
fn tallies() -> TableCreateStatement {
    Table::create()
        .table("client_tally")
        .col(integer("span"))
        .col(big_integer("at"))
        .col(string("room"))
        .col(big_integer("peak"))
        .col(big_integer("area"))
        .col(big_integer("joins"))
        .col(big_integer("lost"))
        .col(big_integer("pauses"))
        .col(big_integer("blocks"))
        .primary_key(Index::create().col("span").col("at").col("room"))
        .to_owned()
}

/// How many are connected since when.
fn levels() -> TableCreateStatement {
    Table::create()
        .table("client_level")
        .col(string("room").primary_key())
        .col(big_integer("connected"))
        .col(big_integer("since"))
        .to_owned()
}

/// Which client a person of the directory is.
fn people() -> TableCreateStatement {
    Table::create()
        .table("client_person")
        .col(string("source"))
        .col(text("person"))
        .col(string_len("username", NAME))
        .primary_key(Index::create().col("source").col("person"))
        .to_owned()
}

/// How far a source of the directory was followed: every run up to `done`, and of those up to
/// `target` the people up to `person`.
fn directories() -> TableCreateStatement {
    Table::create()
        .table("client_directory")
        .col(string("source").primary_key())
        .col(text("rules"))
        .col(big_integer("done"))
        .col(big_integer("target"))
        .col(text("person"))
        .to_owned()
}
