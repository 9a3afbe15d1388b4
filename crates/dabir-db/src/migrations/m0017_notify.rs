//! Telling others: webhooks with what is sent to them, and people's inboxes with what they chose.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, integer_null, string, string_null, text,
    text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

const TABLES: [&str; 8] = [
    "webhook",
    "webhook_delivery",
    "webhook_attempt",
    "notification",
    "notify_choice",
    "notify_person",
    "notify_waiting",
    "notify_sms",
];

const INDEXES: [&str; 10] = [
    "CREATE UNIQUE INDEX webhook_delivery_line ON webhook_delivery (webhook_id, position) \
     WHERE state = 'waiting'",
    "CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, id)",
    "CREATE INDEX webhook_delivery_old ON webhook_delivery (state, created_at)",
    "CREATE INDEX webhook_attempt_of ON webhook_attempt (delivery_id)",
    "CREATE INDEX notification_of ON notification (user_id, at, id)",
    "CREATE INDEX notification_unread ON notification (user_id, event, subject_id) \
     WHERE seen_at IS NULL",
    "CREATE INDEX notification_asleep ON notification (snoozed_until) \
     WHERE snoozed_until IS NOT NULL",
    "CREATE INDEX notification_old ON notification (at)",
    "CREATE INDEX notify_waiting_of ON notify_waiting (user_id, due_at)",
    "CREATE INDEX notify_sms_of ON notify_sms (user_id, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [
            webhooks(),
            deliveries(),
            attempts(),
            notifications(),
            choices(),
            people(),
            waiting(),
            messages(),
        ];
        for table in made {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
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

fn webhooks() -> TableCreateStatement {
    Table::create()
        .table("webhook")
        .col(string("id").primary_key())
        .col(text("url"))
        .col(text("description"))
        .col(text("events"))
        .col(string("state"))
        .col(text_null("state_reason"))
        .col(big_integer("state_at"))
        .col(text("sealed"))
        // The secret before the last one, while both sign.
        .col(text_null("old_sealed"))
        .col(big_integer_null("old_until"))
        .col(big_integer("last_position").default(0))
        // When the head of the line is to be tried; nothing waits without it.
        .col(big_integer_null("due_at"))
        .col(big_integer_null("failing_since"))
        .col(big_integer_null("succeeded_at"))
        .col(string("created_by"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .to_owned()
}

/// What goes with its owner.
fn of(table: &'static str, column: &'static str, owner: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(owner, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("webhook_delivery")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("webhook_id"))
        // Its place in the line of its webhook.
        .col(big_integer("position"))
        .col(string("message_id"))
        .col(string("event"))
        .col(text("subject"))
        .col(text("body"))
        .col(string("state"))
        .col(boolean("is_test").default(false))
        .col(integer("attempts").default(0))
        .col(big_integer_null("first_at"))
        .col(big_integer_null("next_at"))
        .col(integer_null("last_status"))
        .col(text_null("last_error"))
        .col(big_integer("created_at"))
        .col(big_integer_null("ended_at"))
        .foreign_key(&mut of("webhook_delivery", "webhook_id", "webhook"))
        .to_owned()
}

fn attempts() -> TableCreateStatement {
    Table::create()
        .table("webhook_attempt")
        .col(big_integer("id").primary_key().auto_increment())
        .col(big_integer("delivery_id"))
        .col(big_integer("at"))
        .col(big_integer("latency_ms"))
        .col(integer_null("status"))
        .col(text_null("error"))
        .col(text("request"))
        .col(text_null("response_headers"))
        .col(text_null("response_body"))
        .foreign_key(&mut of(
            "webhook_attempt",
            "delivery_id",
            "webhook_delivery",
        ))
        .to_owned()
}

/// Nothing here points at accounts: what happened is told also when somebody has just gone.
fn notifications() -> TableCreateStatement {
    Table::create()
        .table("notification")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("user_id"))
        .col(string("event"))
        .col(string("subject_kind"))
        .col(text("subject_id"))
        .col(text("subject_name"))
        .col(text("by_name"))
        .col(integer("times").default(1))
        .col(text("data"))
        .col(big_integer("first_at"))
        .col(big_integer("at"))
        .col(big_integer_null("seen_at"))
        .col(big_integer_null("snoozed_until"))
        .to_owned()
}

/// What somebody chose otherwise than an event has it by itself.
fn choices() -> TableCreateStatement {
    Table::create()
        .table("notify_choice")
        .col(string("user_id"))
        .col(string("event"))
        .col(boolean("inbox"))
        .col(boolean("mail"))
        .col(boolean("sms"))
        .primary_key(Index::create().col("user_id").col("event"))
        .to_owned()
}

fn people() -> TableCreateStatement {
    Table::create()
        .table("notify_person")
        .col(string("user_id").primary_key())
        .col(string("digest"))
        .col(integer("digest_hour"))
        .col(string("timezone"))
        .col(string_null("phone"))
        .col(big_integer("updated_at"))
        .to_owned()
}

/// What waits for somebody's next digest.
fn waiting() -> TableCreateStatement {
    Table::create()
        .table("notify_waiting")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("user_id"))
        .col(big_integer("due_at"))
        .col(text("item"))
        .to_owned()
}

/// When somebody was sent messages to their telephone: there is a limit.
fn messages() -> TableCreateStatement {
    Table::create()
        .table("notify_sms")
        .col(big_integer("id").primary_key().auto_increment())
        .col(string("user_id"))
        .col(big_integer("at"))
        .to_owned()
}
