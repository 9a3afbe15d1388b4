//! Clients: what is known of them, what is ordered about them, where they are, what happened to them,
//! and who is to sit where.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_len, string_null, text,
    text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

/// The longest username, in characters.
const NAME: u32 = 128;

const TABLES: [&str; 7] = [
    "client",
    "client_order",
    "client_presence",
    "client_event",
    "client_offset",
    "client_target",
    "client_wait",
];

const STATEMENTS: [&str; 7] = [
    "CREATE INDEX client_room ON client (room) WHERE room IS NOT NULL",
    "CREATE INDEX client_pipeline ON client (pipeline) WHERE pipeline IS NOT NULL",
    "CREATE INDEX client_presence_heard ON client_presence (state, heartbeat_at)",
    "CREATE INDEX client_event_of ON client_event (username, id)",
    "CREATE INDEX client_event_at ON client_event (at)",
    "CREATE INDEX client_wait_turn ON client_wait (kind, name, turn)",
    "INSERT INTO client_offset (id, value) VALUES (1, 0)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [
            clients(),
            orders(),
            presence(),
            events(),
            offset(),
            targets(),
            waits(),
        ];
        for table in made {
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

fn clients() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(string_len("username", NAME).primary_key())
        .col(text("name"))
        .col(string("source"))
        .col(text_null("photo"))
        .col(string_null("room"))
        .col(string_null("pipeline"))
        .col(boolean("available"))
        .col(big_integer_null("last_seen"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .to_owned()
}

/// Orders stand for names that nobody knows, too: no reference to `client`.
fn orders() -> TableCreateStatement {
    Table::create()
        .table("client_order")
        .col(string_len("username", NAME))
        .col(string("kind"))
        .col(text("reason"))
        .col(big_integer_null("until"))
        .col(text("by"))
        .col(big_integer("at"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("username").col("kind"))
        .to_owned()
}

fn presence() -> TableCreateStatement {
    Table::create()
        .table("client_presence")
        .col(string_len("username", NAME))
        .col(string("place"))
        .col(string("state"))
        .col(big_integer("since"))
        .col(big_integer_null("heartbeat_at"))
        .primary_key(Index::create().col("username").col("place"))
        .to_owned()
}

/// What happened, by the offsets of the stream.
fn events() -> TableCreateStatement {
    Table::create()
        .table("client_event")
        .col(big_integer("id").primary_key())
        .col(string_len("username", NAME))
        .col(string("kind"))
        .col(text("detail"))
        .col(text("by"))
        .col(big_integer("at"))
        .to_owned()
}

/// One row: the offset of the newest event. Whoever changes it has the turn to change clients.
fn offset() -> TableCreateStatement {
    Table::create()
        .table("client_offset")
        .col(integer("id").primary_key())
        .col(big_integer("value"))
        .to_owned()
}

/// Rooms and pipelines that have room for so many and no more.
fn targets() -> TableCreateStatement {
    Table::create()
        .table("client_target")
        .col(string("kind"))
        .col(string("name"))
        .col(big_integer("capacity"))
        .primary_key(Index::create().col("kind").col("name"))
        .to_owned()
}

/// Who waits for a place in a full one, in the order of `turn`.
fn waits() -> TableCreateStatement {
    Table::create()
        .table("client_wait")
        .col(string_len("username", NAME))
        .col(string("kind"))
        .col(string("name"))
        .col(big_integer("turn"))
        .primary_key(Index::create().col("username").col("kind"))
        .to_owned()
}
