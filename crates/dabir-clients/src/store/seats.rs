//! Capacities, and who waits for a place.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{execute, query};
use crate::model::Seat;
use crate::name::Username;
use crate::seats::{Seats, Target, Wait};

/// Everything about seats but who has one.
pub(crate) async fn load(db: &impl ConnectionTrait) -> Result<Seats, DbErr> {
    let mut targets = Vec::new();
    for kind in Seat::ALL {
        let sql = format!(
            "SELECT name, capacity, (SELECT COUNT(*) FROM client WHERE client.{kind} = t.name) \
             AS taken FROM client_target t WHERE t.kind = $1",
            kind = kind.as_str()
        );
        let rows = query(db, sql, [kind.as_str().into()]).await?;
        let found: Result<Vec<Target>, DbErr> = rows.iter().map(|row| target(kind, row)).collect();
        targets.extend(found?);
    }
    let sql = "SELECT username, kind, name, turn FROM client_wait";
    let waits = query(db, sql, []).await?;
    let waits: Result<Vec<Wait>, DbErr> = waits.iter().map(wait).collect();
    Ok(Seats::new(targets, waits?))
}

fn target(kind: Seat, row: &QueryResult) -> Result<Target, DbErr> {
    let number = |column| -> Result<u64, DbErr> {
        let number: i64 = row.try_get("", column)?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    Ok(Target {
        kind,
        name: row.try_get("", "name")?,
        capacity: number("capacity")?,
        taken: number("taken")?,
    })
}

fn wait(row: &QueryResult) -> Result<Wait, DbErr> {
    let username: String = row.try_get("", "username")?;
    let kind: String = row.try_get("", "kind")?;
    Ok(Wait {
        username: Username::kept(&username),
        kind: match kind.as_str() {
            "pipeline" => Seat::Pipeline,
            _ => Seat::Room,
        },
        name: row.try_get("", "name")?,
        turn: row.try_get("", "turn")?,
    })
}

/// How many are assigned to a target.
pub(crate) async fn taken(db: &impl ConnectionTrait, kind: Seat, name: &str) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM client WHERE {} = $1",
        kind.as_str()
    );
    let rows = query(db, sql, [name.into()]).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "n"))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Writes what changed.
pub(crate) async fn save(tx: &impl ConnectionTrait, seats: &Seats) -> Result<(), DbErr> {
    for (kind, name) in &seats.changed_targets {
        let key = [kind.as_str().into(), name.as_str().into()];
        let sql = "DELETE FROM client_target WHERE kind = $1 AND name = $2";
        execute(tx, sql, key.clone()).await?;
        if let Some(target) = seats.target(*kind, name) {
            let capacity = i64::try_from(target.capacity).unwrap_or(i64::MAX);
            let sql = "INSERT INTO client_target (kind, name, capacity) VALUES ($1, $2, $3)";
            execute(tx, sql, key.into_iter().chain([capacity.into()])).await?;
        }
    }
    for (kind, username) in &seats.changed_waits {
        let key = [kind.as_str().into(), username.as_str().into()];
        let sql = "DELETE FROM client_wait WHERE kind = $1 AND username = $2";
        execute(tx, sql, key.clone()).await?;
        if let Some(wait) = seats.wait_of(*kind, username) {
            let rest = [wait.name.as_str().into(), wait.turn.into()];
            let sql = "INSERT INTO client_wait (kind, username, name, turn) \
                       VALUES ($1, $2, $3, $4)";
            execute(tx, sql, key.into_iter().chain(rest)).await?;
        }
    }
    Ok(())
}
