//! Hints between the processes of one PostgreSQL that there is news. A hint may get lost: whoever hears
//! them looks by itself too, only less often.

use std::io::ErrorKind;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

use crate::Db;
use crate::sql::{execute, is_postgres};

/// How long no hint may come before it is asked whether any would.
const SILENCE: Duration = Duration::from_secs(30);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a broken connection for hints stays broken.
const AGAIN: Duration = Duration::from_secs(5);

/// Says `word` on `channel` once the transaction is committed; says nothing on SQLite, where nobody
/// else is.
///
/// # Errors
/// When the database does not take it.
pub async fn say(tx: &impl ConnectionTrait, channel: &str, word: &str) -> Result<(), DbErr> {
    if is_postgres(tx) {
        let values = [channel.into(), word.into()];
        execute(tx, "SELECT pg_notify($1, $2)", values).await?;
    }
    Ok(())
}

/// Hears each word that is said on `channel`, until it is dropped, and an empty one when any may have
/// been missed. On SQLite nothing is ever heard.
pub async fn hear(db: &Db, channel: &str, heard: impl FnMut(&str)) {
    hear_within(db, channel, SILENCE, heard).await;
}

async fn hear_within(db: &Db, channel: &str, silence: Duration, mut heard: impl FnMut(&str)) {
    if !is_postgres(db.read()) {
        return std::future::pending().await;
    }
    loop {
        if let Err(error) = listen(db, channel, silence, &mut heard).await {
            tracing::debug!(%error, channel, "hints are not heard for a while: {error}");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(
    db: &Db,
    channel: &str,
    silence: Duration,
    heard: &mut impl FnMut(&str),
) -> Result<(), sqlx::Error> {
    let mut listener = answer(open(db, channel)).await?;
    heard("");
    loop {
        match timeout(silence, listener.recv()).await {
            Ok(hint) => heard(hint?.payload()),
            // Nobody would tell that the connection is dead.
            Err(_) => {
                answer(listener.execute("SELECT 1")).await?;
                heard("");
            }
        }
    }
}

/// Listens on a connection outside of the pool: one that is dead is given up and takes nobody's place.
async fn open(db: &Db, channel: &str) -> Result<PgListener, sqlx::Error> {
    let options = db.read().get_postgres_connection_pool().connect_options();
    let own = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with((*options).clone());
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen(channel).await?;
    Ok(listener)
}

async fn answer<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let silent = |_| sqlx::Error::Io(ErrorKind::TimedOut.into());
    timeout(ANSWER, asked).await.map_err(silent)?
}

#[cfg(test)]
mod tests {
    use dabir_testing::{Postgres, Wire, eventually};
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_was_forgotten_hears_again() {
        let postgres = Postgres::start_to_crash();
        let wire = Wire::to(postgres.address()).await;
        let folder = tempfile::tempdir().unwrap();
        let (near, far) = (postgres.address(), wire.address());
        let url = postgres.database();
        let here = Db::open(&url, folder.path()).await.unwrap();
        let through = url.replace(&near.to_string(), &far.to_string());
        let there = Db::open(&through, folder.path()).await.unwrap();
        let (heard, mut words) = mpsc::unbounded_channel();
        let hearing = tokio::spawn(async move {
            let tell = |word: &str| heard.send(word.to_owned()).unwrap();
            hear_within(&there, "news", Duration::from_millis(200), tell).await;
        });
        for said in ["before", "after"] {
            eventually(said, Duration::from_secs(30), async || {
                say(here.read(), "news", said).await.unwrap();
                std::iter::from_fn(|| words.try_recv().ok()).find(|word| word == said)
            })
            .await;
            // What was opened before says nothing any more, and nobody is told.
            wire.mend_for_new();
        }
        hearing.abort();
    }
}
