//! A connection to Redis, and what stands there.
//!
//! Whatever is written was read before under `WATCH`: when somebody else wrote in between, nothing is
//! written. Where the server can, it says by itself that the key changed (`CLIENT TRACKING`, Redis 6
//! and later); then nothing needs to be read again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisResult, Value, cmd, pipe,
};
use tokio::sync::Notify;

use super::status::{self, Fields, KEY, MAX_FIELD, NOTE};
use crate::config::RedisEncoding;

/// One connection. It has a `WATCH` of its own, and is used for one thing after the other.
pub(super) struct Link {
    connection: MultiplexedConnection,
    encoding: RedisEncoding,
    /// The server says when the key changes.
    pub(super) is_told: bool,
    told: Arc<Told>,
}

#[derive(Debug, Default)]
struct Told {
    is_other: AtomicBool,
    woken: Notify,
}

/// What stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) fields: Fields,
    /// Why nothing of it can be used or written.
    pub(super) broken: Option<String>,
    /// Fields that are too long to be read.
    pub(super) too_long: Vec<String>,
    /// Under which epoch it was written.
    pub(super) epoch: i64,
    /// Which active names we wrote, as they stand there.
    pub(super) active: Option<Vec<u8>>,
}

/// What is to stand there.
#[derive(Debug, Default)]
pub(super) struct Writing {
    pub(super) fields: Vec<(&'static str, Vec<u8>)>,
    pub(super) epoch: i64,
    pub(super) active: Option<Vec<u8>>,
}

const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(5);

impl Link {
    pub(super) async fn open(url: &str, encoding: RedisEncoding) -> RedisResult<Self> {
        let info: ConnectionInfo = url.parse()?;
        match Self::connect(&info, encoding, ProtocolVersion::RESP3).await {
            // An older server does not know that protocol; whatever else is wrong shows again.
            Err(_) => Self::connect(&info, encoding, ProtocolVersion::RESP2).await,
            opened => opened,
        }
    }

    async fn connect(
        info: &ConnectionInfo,
        encoding: RedisEncoding,
        protocol: ProtocolVersion,
    ) -> RedisResult<Self> {
        let settings = info.redis_settings().clone().set_protocol(protocol);
        let client = Client::open(info.clone().set_redis_settings(settings))?;
        let told = Arc::new(Told::default());
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        let may_tell = protocol == ProtocolVersion::RESP3;
        if may_tell {
            let told = told.clone();
            config = config.set_push_sender(move |push: PushInfo| told.hear(&push));
        }
        let opened = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = opened.await?;
        let mut tracking = cmd("CLIENT");
        tracking.arg("TRACKING").arg("ON").arg("NOLOOP");
        let is_told = may_tell && tracking.exec_async(&mut connection).await.is_ok();
        Ok(Self {
            connection,
            encoding,
            is_told,
            told,
        })
    }

    /// From here on, a change by somebody else makes the next [`Link::write`] do nothing. Tells whether
    /// there was one since the last time.
    pub(super) async fn watch(&mut self) -> RedisResult<bool> {
        let mut watch = cmd("WATCH");
        watch.arg(KEY).arg(NOTE);
        watch.exec_async(&mut self.connection).await?;
        // What the server told before its answer came before it.
        let is_other = self.told.is_other.swap(false, Ordering::AcqRel);
        Ok(is_other || !self.is_told)
    }

    pub(super) async fn unwatch(&mut self) -> RedisResult<()> {
        cmd("UNWATCH").exec_async(&mut self.connection).await
    }

    /// Waits until the server says that something changed.
    pub(super) async fn changed(&self) {
        self.told.woken.notified().await;
    }

    pub(super) async fn read(&mut self) -> RedisResult<Found> {
        let mut asked = pipe();
        asked.cmd("TYPE").arg(KEY);
        asked.cmd("HMGET").arg(NOTE).arg("epoch").arg("active");
        let (kind, (epoch, active)): (String, (Option<i64>, Option<Vec<u8>>)) =
            asked.query_async(&mut self.connection).await?;
        let mut found = Found {
            epoch: epoch.unwrap_or_default(),
            active,
            ..Found::default()
        };
        let wanted = match self.encoding {
            RedisEncoding::Hash => "hash",
            RedisEncoding::Json => "string",
        };
        match kind.as_str() {
            "none" => {}
            kind if kind != wanted => {
                found.broken = Some(format!(
                    "it is a {kind}, and `clients.redis_encoding` wants a {wanted}"
                ));
            }
            "hash" => self.read_hash(&mut found).await?,
            _ => self.read_text(&mut found).await?,
        }
        Ok(found)
    }

    async fn read_hash(&mut self, found: &mut Found) -> RedisResult<()> {
        let mut lengths = pipe();
        for field in status::fields() {
            lengths.cmd("HSTRLEN").arg(KEY).arg(field);
        }
        let lengths: Vec<u64> = lengths.query_async(&mut self.connection).await?;
        let all = status::fields().zip(lengths);
        let (short, long): (Vec<_>, Vec<_>) = all.partition(|(_, length)| *length <= MAX_FIELD);
        found.too_long = long
            .into_iter()
            .map(|(field, _)| field.to_owned())
            .collect();
        let mut get = cmd("HMGET");
        get.arg(KEY);
        for (field, _) in &short {
            get.arg(field);
        }
        let texts: Vec<Option<Vec<u8>>> = get.query_async(&mut self.connection).await?;
        let known = short.into_iter().zip(texts);
        let known = known.filter_map(|((field, _), text)| Some((field.to_owned(), text?)));
        found.fields = known.collect();
        Ok(())
    }

    async fn read_text(&mut self, found: &mut Found) -> RedisResult<()> {
        let most = MAX_FIELD * status::fields().count() as u64;
        let length: u64 = cmd("STRLEN")
            .arg(KEY)
            .query_async(&mut self.connection)
            .await?;
        if length > most {
            found.broken = Some(format!("it is larger than {} MiB", most >> 20));
            return Ok(());
        }
        let text: Vec<u8> = cmd("GET")
            .arg(KEY)
            .query_async(&mut self.connection)
            .await?;
        match status::unpack(&text) {
            Ok(fields) => found.fields = fields,
            Err(why) => found.broken = Some(why),
        }
        Ok(())
    }

    /// Writes all of it, or nothing when somebody else wrote since [`Link::watch`]. Tells which.
    pub(super) async fn write(&mut self, found: &mut Found, new: Writing) -> RedisResult<bool> {
        let mut writing = pipe();
        writing.atomic();
        let fields = new.fields.iter();
        let fields = fields.map(|(field, text)| ((*field).to_owned(), text.clone()));
        let mut all = found.fields.clone();
        all.extend(fields);
        if !new.fields.is_empty() {
            match self.encoding {
                RedisEncoding::Hash => writing.cmd("HSET").arg(KEY).arg(&new.fields),
                RedisEncoding::Json => writing.cmd("SET").arg(KEY).arg(status::pack(&all)),
            };
        }
        let note = writing.cmd("HSET").arg(NOTE).arg("epoch").arg(new.epoch);
        if let Some(active) = &new.active {
            note.arg("active").arg(active);
        }
        // Our own write ends the server's watching for us, and a question begins it anew.
        writing.cmd("EXISTS").arg(KEY).arg(NOTE);
        let done: Option<Vec<Value>> = writing.query_async(&mut self.connection).await?;
        if done.is_none() {
            return Ok(false);
        }
        (found.fields, found.epoch) = (all, new.epoch);
        found.active = new.active.or(found.active.take());
        Ok(true)
    }
}

impl Told {
    fn hear(&self, push: &PushInfo) -> Result<(), redis::aio::SendError> {
        if matches!(push.kind, PushKind::Invalidate | PushKind::Disconnection) {
            self.is_other.store(true, Ordering::Release);
            self.woken.notify_one();
        }
        Ok(())
    }
}
