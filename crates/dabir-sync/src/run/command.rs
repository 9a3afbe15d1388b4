//! A run whose work is an existing program's: its output is the log, its count the result.

use std::path::{Path, PathBuf};

use dabir_jobs::command::{Command, CommandError, Ended};
use dabir_jobs::{JobContext, JobError};
use regex::Regex;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row};

use super::Cut;
use crate::columns::quoted;
use crate::model::{Run, Status};
use crate::service::Syncs;
use crate::source::Source;
use crate::store::runs;

/// What a later attempt has to know: how to find what this one has left behind.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Checkpoint {
    mark: String,
}

/// How much of its last words becomes the error.
const LAST_LINES: usize = 8;
/// Of them, how many characters.
const MAX_WORDS: usize = 450;

pub(super) async fn work(
    syncs: &Syncs,
    ctx: &JobContext,
    run: &Run,
    source: &Source,
) -> Result<(), Cut> {
    let mark = leave_a_mark(syncs, ctx).await?;
    let counter = source
        .count
        .as_deref()
        .and_then(|count| Regex::new(count).ok());
    let mut counted = None;
    let command = Command {
        words: source.command.clone(),
        dir: source.dir.clone(),
        environment: syncs.environment().to_vec(),
        timeout: source.timeout.get(),
        mark,
    };
    let ended = command
        .run(ctx, |line| {
            counted = count_in(counter.as_ref(), line).or(counted);
        })
        .await;
    let ended = ended.map_err(|error| match error {
        CommandError::ToEnd => Cut::Job(JobError::Cancelled),
        CommandError::TimedOut => Cut::Failed(format!("it was not done within {}", source.timeout)),
        CommandError::NotStarted(error) => {
            let program = source.command.first().map_or("", String::as_str);
            Cut::Failed(format!("`{program}` cannot be started: {error}"))
        }
    })?;
    refuse_failure(&ended)?;
    let records = match (&source.database, counted) {
        (Some(database), _) => count_rows(source, database).await?,
        (None, counted) => counted.unwrap_or(0),
    };
    conclude(syncs, ctx, run, records).await
}

/// The word by which its processes are known, the same for all attempts at one run.
async fn leave_a_mark(syncs: &Syncs, ctx: &JobContext) -> Result<String, Cut> {
    if let Some(before) = ctx.checkpoint::<Checkpoint>() {
        return Ok(before.mark);
    }
    let checkpoint = Checkpoint {
        mark: dabir_core::id::random_text(26),
    };
    let tx = syncs.db().write().await?;
    ctx.lease().save(&tx, &checkpoint).await?;
    tx.commit().await?;
    Ok(checkpoint.mark)
}

fn count_in(counter: Option<&Regex>, line: &str) -> Option<u64> {
    let found = counter?.captures(line)?;
    let digits = dabir_core::text::ascii_digits(&found[1]).replace([',', '٬'], "");
    digits.parse().ok()
}

fn refuse_failure(ended: &Ended) -> Result<(), Cut> {
    if ended.code == Some(0) {
        return Ok(());
    }
    let how = match ended.code {
        Some(code) => format!("it ended with {code}"),
        None => "it was killed".to_owned(),
    };
    let from = ended.last_lines.len().saturating_sub(LAST_LINES);
    // What was said last is worth most: Python names the error there.
    let words: String = ended.last_lines[from..].join("; ");
    let start = words.chars().count().saturating_sub(MAX_WORDS);
    let words: String = words.chars().skip(start).collect();
    Err(Cut::Failed(format!("{how}: {words}")))
}

/// Counts the rows of its own SQLite file.
async fn count_rows(source: &Source, database: &Path) -> Result<u64, Cut> {
    let base = source.dir.clone().unwrap_or_default();
    let path: PathBuf = base.join(database);
    let counted: Result<i64, sqlx::Error> = async {
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut connection = options.connect().await?;
        let sql = format!("SELECT COUNT(*) FROM {}", quoted(&source.table));
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut connection)
            .await?;
        let count = row.try_get(0)?;
        connection.close().await?;
        Ok(count)
    }
    .await;
    let counted = counted.map_err(|error| {
        Cut::Failed(format!(
            "the rows of `{}` in `{}` cannot be counted: {error}",
            source.table,
            path.display()
        ))
    })?;
    Ok(u64::try_from(counted).unwrap_or(0))
}

async fn conclude(syncs: &Syncs, ctx: &JobContext, run: &Run, records: u64) -> Result<(), Cut> {
    let tx = syncs.db().write().await?;
    runs::set_records(&tx, run.id, records).await?;
    runs::finish(&tx, run.id, Status::Success, None, syncs.now()).await?;
    super::fence(ctx, &tx).await?;
    tx.commit().await?;
    syncs.changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_from_a_line_in_any_digits() {
        let regex = Regex::new(r"Students count: ([\d,]+)").unwrap();
        assert_eq!(
            count_in(Some(&regex), "Students count: 12,345"),
            Some(12_345)
        );
        assert_eq!(count_in(Some(&regex), "Students count: ۱۲"), Some(12));
        assert_eq!(count_in(Some(&regex), "done"), None);
        assert_eq!(count_in(None, "Students count: 1"), None);
    }
}
