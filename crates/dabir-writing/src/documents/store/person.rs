//! The table of what a document is to a person.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, millis, millis_if_any, query};

/// Keeps when somebody had a document open.
pub(crate) async fn see(
    tx: &impl ConnectionTrait,
    user: &str,
    document: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    set(tx, user, document, "seen_at", Some(at)).await
}

/// Keeps that somebody marked a document, or does not any more.
pub(crate) async fn star(
    tx: &impl ConnectionTrait,
    user: &str,
    document: &str,
    at: Option<Timestamp>,
) -> Result<(), DbErr> {
    set(tx, user, document, "starred_at", at).await
}

/// Keeps when it was told that somebody writes in a document.
pub(crate) async fn tell(
    tx: &impl ConnectionTrait,
    user: &str,
    document: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    set(tx, user, document, "told_at", Some(at)).await
}

async fn set(
    tx: &impl ConnectionTrait,
    user: &str,
    document: &str,
    column: &'static str,
    at: Option<Timestamp>,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO document_person (user_id, document_id, {column}) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id, document_id) DO UPDATE SET {column} = excluded.{column}"
    );
    let values = [user.into(), document.into(), millis_if_any(at).into()];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Whether it was told after `since` that somebody writes in a document.
pub(crate) async fn was_told(
    tx: &impl ConnectionTrait,
    user: &str,
    document: &str,
    since: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS one FROM document_person \
        WHERE user_id = $1 AND document_id = $2 AND told_at > $3";
    let values = [user.into(), document.into(), millis(since).into()];
    Ok(!query(tx, sql, values).await?.is_empty())
}
