//! A connection to Redis, and what stands there.
//!
//! Whatever is written was read before under `WATCH`: when somebody else wrote in between, nothing is
//! written. Where the server can, it says by itself that the key changed (`CLIENT TRACKING`, Redis 6
//! and later); then nothing needs to be read again and again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, ProtocolVersion, PushInfo, PushKind,
    RedisError, RedisResult, TlsCertificates, Value, cmd, pipe,
};
use tokio::sync::Notify;

use super::status::{self, Fields, KEY, Lengths, NOTE};
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
    /// Why our own note says nothing; it is written anew.
    pub(super) odd_note: Option<String>,
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
/// No lease ever came so far: a greater number was not written by us, and counting on from it would
/// come to an end.
const MAX_EPOCH: i64 = 1 << 53;

/// Why the server answered that it does not do it, as one that is full or a copy of another one; else
/// the error.
pub(super) fn refusal(error: RedisError) -> Result<String, RedisError> {
    if !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension) {
        return Err(error);
    }
    // One for each command, of which there is another number each time.
    let all = error.clone().into_server_errors();
    let first = all.and_then(|all| all.first().map(|(_, first)| first.clone()));
    let first = first.ok_or(error)?;
    let details = first.details().unwrap_or_default();
    Ok(format!("{} {details}", first.code()))
}

/// The file that an address names for the authority behind a server's certificate, with the word that
/// PostgreSQL's addresses have for it.
fn authority(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&');
    pairs.find_map(|pair| pair.strip_prefix("sslrootcert="))
}

fn read_authority(url: &str) -> RedisResult<Option<Vec<u8>>> {
    let Some(path) = authority(url) else {
        return Ok(None);
    };
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"));
    Ok(Some(std::fs::read(path).map_err(told)?))
}

impl Link {
    pub(super) async fn open(url: &str, encoding: RedisEncoding) -> RedisResult<Self> {
        let info: ConnectionInfo = url.parse()?;
        let root = read_authority(url)?;
        let root = root.as_deref();
        match Self::connect(&info, root, encoding, ProtocolVersion::RESP3).await {
            // An older server does not know that protocol; whatever else is wrong shows again.
            Err(_) => Self::connect(&info, root, encoding, ProtocolVersion::RESP2).await,
            opened => opened,
        }
    }

    async fn connect(
        info: &ConnectionInfo,
        root: Option<&[u8]>,
        encoding: RedisEncoding,
        protocol: ProtocolVersion,
    ) -> RedisResult<Self> {
        let settings = info.redis_settings().clone().set_protocol(protocol);
        let info = info.clone().set_redis_settings(settings);
        let client = match root {
            None => Client::open(info)?,
            Some(root) => {
                let certificates = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(root.to_vec()),
                };
                Client::build_with_tls(info, certificates)?
            }
        };
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

    /// What stands there, but for those of our fields whose length shows that they are wrong.
    pub(super) async fn read(&mut self, ours: &Lengths) -> RedisResult<Found> {
        let mut asked = pipe();
        asked.cmd("TYPE").arg(KEY);
        asked.cmd("TYPE").arg(NOTE);
        let (kind, note): (String, String) = asked.query_async(&mut self.connection).await?;
        let mut found = Found::default();
        match note.as_str() {
            "hash" => self.read_note(&mut found).await?,
            "none" => {}
            other => found.odd_note = Some(format!("it is a {other}")),
        }
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
            "hash" => self.read_hash(&mut found, ours).await?,
            _ => self.read_text(&mut found, ours).await?,
        }
        Ok(found)
    }

    async fn read_note(&mut self, found: &mut Found) -> RedisResult<()> {
        let mut get = cmd("HMGET");
        get.arg(NOTE).arg("epoch").arg("active");
        let (epoch, active): (Option<Vec<u8>>, Option<Vec<u8>>) =
            get.query_async(&mut self.connection).await?;
        let epoch = epoch.map(|epoch| String::from_utf8_lossy(&epoch).into_owned());
        match epoch.as_deref().unwrap_or("0").parse() {
            Ok(epoch @ 0..=MAX_EPOCH) => found.epoch = epoch,
            _ => found.odd_note = Some("its epoch is none of ours".to_owned()),
        }
        match status::names(active.as_deref()) {
            Ok(_) => found.active = active,
            Err(why) => found.odd_note = Some(why),
        }
        Ok(())
    }

    async fn read_hash(&mut self, found: &mut Found, ours: &Lengths) -> RedisResult<()> {
        let mut lengths = pipe();
        for field in status::fields() {
            lengths.cmd("HSTRLEN").arg(KEY).arg(field);
        }
        let lengths: Vec<u64> = lengths.query_async(&mut self.connection).await?;
        let all = status::fields().zip(lengths);
        let (short, long): (Vec<_>, Vec<_>) =
            all.partition(|(field, length)| status::is_read(field, *length, ours));
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

    async fn read_text(&mut self, found: &mut Found, ours: &Lengths) -> RedisResult<()> {
        let most = status::most(ours);
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
        if found.odd_note.is_some() {
            writing.cmd("DEL").arg(NOTE);
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
        found.odd_note = None;
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
