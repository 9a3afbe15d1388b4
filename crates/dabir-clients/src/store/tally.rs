//! What was counted, and how many are connected since when.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{execute, insert, query, query_names};
use crate::tally::{Level, Levels, Tallies, Tally};

/// How long the shortest stretches are, in seconds.
pub(crate) const SHORTEST: i32 = 15 * 60;

const LEVEL: &str = "SELECT room, connected, since FROM client_level";
const SUMS: &str = "MAX(peak) AS peak, CAST(SUM(area) AS BIGINT) AS area, \
                    CAST(SUM(joins) AS BIGINT) AS joins, CAST(SUM(lost) AS BIGINT) AS lost, \
                    CAST(SUM(pauses) AS BIGINT) AS pauses, CAST(SUM(blocks) AS BIGINT) AS blocks";

/// A time, in milliseconds, and the next one that is no longer meant.
pub(crate) type Within = (i64, i64);

/// How many are connected in these rooms.
pub(crate) async fn levels(db: &impl ConnectionTrait, rooms: &[&str]) -> Result<Levels, DbErr> {
    let sql = format!("{LEVEL} WHERE room IN {{names}}");
    read_levels(&query_names(db, &sql, rooms).await?)
}

/// How many are connected, wherever any are.
pub(crate) async fn all_levels(db: &impl ConnectionTrait) -> Result<Levels, DbErr> {
    let sql = format!("{LEVEL} WHERE connected > 0");
    read_levels(&query(db, sql, []).await?)
}

fn read_levels(rows: &[QueryResult]) -> Result<Levels, DbErr> {
    let level = |row: &QueryResult| {
        let level = Level {
            connected: row.try_get("", "connected")?,
            since: row.try_get("", "since")?,
        };
        Ok((row.try_get("", "room")?, level))
    };
    rows.iter().map(level).collect()
}

/// Keeps what a change counted. Whoever calls has the turn.
pub(crate) async fn keep(
    tx: &impl ConnectionTrait,
    levels: &Levels,
    tallies: &Tallies,
) -> Result<(), DbErr> {
    add(tx, SHORTEST, tallies).await?;
    let rows = levels.iter().map(|(room, level)| {
        vec![
            room.as_str().into(),
            level.connected.into(),
            level.since.into(),
        ]
    });
    let into = "INSERT INTO client_level (room, connected, since)";
    let after = "ON CONFLICT (room) DO UPDATE SET connected = excluded.connected, \
                 since = excluded.since";
    insert(tx, into, 3, rows.collect(), after).await
}

async fn add(tx: &impl ConnectionTrait, span: i32, tallies: &Tallies) -> Result<(), DbErr> {
    let rows = tallies.iter().map(|((at, room), tally)| {
        let Tally {
            peak,
            area,
            joins,
            lost,
            pauses,
            blocks,
        } = *tally;
        let numbers = [peak, area, joins, lost, pauses, blocks];
        let key = [span.into(), (*at).into(), room.as_str().into()];
        let numbers = numbers.map(sea_orm::Value::from);
        key.into_iter().chain(numbers).collect()
    });
    let into = "INSERT INTO client_tally (span, at, room, peak, area, joins, lost, pauses, blocks)";
    let after = "ON CONFLICT (span, at, room) DO UPDATE SET \
                 peak = CASE WHEN excluded.peak > client_tally.peak THEN excluded.peak \
                 ELSE client_tally.peak END, \
                 area = client_tally.area + excluded.area, \
                 joins = client_tally.joins + excluded.joins, \
                 lost = client_tally.lost + excluded.lost, \
                 pauses = client_tally.pauses + excluded.pauses, \
                 blocks = client_tally.blocks + excluded.blocks";
    insert(tx, into, 9, rows.collect(), after).await
}

/// What was counted in a room.
pub(crate) async fn of_room(
    db: &impl ConnectionTrait,
    room: &str,
    (from, to): Within,
) -> Result<Vec<(i64, Tally)>, DbErr> {
    let sql = format!(
        "SELECT at, {SUMS} FROM client_tally WHERE room = $1 AND at >= $2 AND at < $3 GROUP BY at"
    );
    let rows = query(db, sql, [room.into(), from.into(), to.into()]).await?;
    let one = |row: &QueryResult| Ok((row.try_get("", "at")?, tally(row)?));
    rows.iter().map(one).collect()
}

/// What was counted in each room, all time together.
pub(crate) async fn by_room(
    db: &impl ConnectionTrait,
    (from, to): Within,
) -> Result<Vec<(String, Tally)>, DbErr> {
    let sql = format!(
        "SELECT room, {SUMS} FROM client_tally WHERE at >= $1 AND at < $2 AND room <> '' \
         GROUP BY room"
    );
    let rows = query(db, sql, [from.into(), to.into()]).await?;
    let one = |row: &QueryResult| Ok((row.try_get("", "room")?, tally(row)?));
    rows.iter().map(one).collect()
}

/// What was counted in the house and in each room, `limit` lines at most.
pub(crate) async fn each(
    db: &impl ConnectionTrait,
    (from, to): Within,
    limit: usize,
) -> Result<Vec<((i64, String), Tally)>, DbErr> {
    let sql = format!(
        "SELECT at, room, {SUMS} FROM client_tally WHERE at >= $1 AND at < $2 \
         GROUP BY at, room ORDER BY at LIMIT {limit}"
    );
    let rows = query(db, sql, [from.into(), to.into()]).await?;
    let one = |row: &QueryResult| {
        let key = (row.try_get("", "at")?, row.try_get("", "room")?);
        Ok((key, tally(row)?))
    };
    rows.iter().map(one).collect()
}

fn tally(row: &QueryResult) -> Result<Tally, DbErr> {
    Ok(Tally {
        peak: row.try_get("", "peak")?,
        area: row.try_get("", "area")?,
        joins: row.try_get("", "joins")?,
        lost: row.try_get("", "lost")?,
        pauses: row.try_get("", "pauses")?,
        blocks: row.try_get("", "blocks")?,
    })
}

/// The beginning of the oldest stretch of this length.
pub(crate) async fn oldest(db: &impl ConnectionTrait, span: i32) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT MIN(at) AS at FROM client_tally WHERE span = $1";
    let rows = query(db, sql, [span.into()]).await?;
    rows.first().map_or(Ok(None), |row| row.try_get("", "at"))
}

/// Makes one stretch of those of a shorter length that are in it.
pub(crate) async fn roll(
    tx: &impl ConnectionTrait,
    shorter: i32,
    longer: i32,
    (from, to): Within,
) -> Result<(), DbErr> {
    let which = "FROM client_tally WHERE span = $1 AND at >= $2 AND at < $3";
    let sql = format!("SELECT room, {SUMS} {which} GROUP BY room");
    let values = || [shorter.into(), from.into(), to.into()];
    let rows = query(tx, sql, values()).await?;
    let one = |row: &QueryResult| Ok(((from, row.try_get("", "room")?), tally(row)?));
    let together: Result<Tallies, DbErr> = rows.iter().map(one).collect();
    execute(tx, format!("DELETE {which}"), values()).await?;
    add(tx, longer, &together?).await
}

/// Forgets what was before `before`, and the oldest of rooms beyond `most` lines.
pub(crate) async fn forget(tx: &impl ConnectionTrait, before: i64, most: u64) -> Result<(), DbErr> {
    let sql = "DELETE FROM client_tally WHERE at < $1";
    execute(tx, sql, [before.into()]).await?;
    let sql = "DELETE FROM client_level WHERE connected = 0";
    execute(tx, sql, []).await?;
    let sql = format!(
        "DELETE FROM client_tally WHERE room <> '' AND at <= \
         (SELECT at FROM client_tally ORDER BY at DESC LIMIT 1 OFFSET {most})"
    );
    execute(tx, sql, []).await?;
    Ok(())
}
