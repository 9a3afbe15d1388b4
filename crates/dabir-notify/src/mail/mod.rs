//! Mail: a server that takes it, and what is written.

mod letter;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, PoolConfig, SMTP_PORT, SUBMISSIONS_PORT};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::Url;

use crate::config::{MailConfig, Wrong};
use crate::error::Refused;

pub(crate) use letter::{Letter, Reader};

/// Hands mail to the configured server.
#[derive(Clone)]
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// How many connections there are at once, at most.
const MOST: u32 = 4;

impl Mailer {
    /// `None` when no server is configured. Its pool of connections needs a runtime to live in.
    ///
    /// # Errors
    /// The key that is wrong, and what is allowed.
    pub(crate) fn new(config: &MailConfig) -> Result<Option<Self>, Wrong> {
        let Some((builder, from)) = read(config)? else {
            return Ok(None);
        };
        let pool = PoolConfig::new().max_size(MOST);
        let transport = builder.timeout(Some(ANSWER)).pool_config(pool).build();
        Ok(Some(Self { transport, from }))
    }

    /// Hands a letter over. The same `id` names the same mail, however often it is sent.
    pub(crate) async fn send(
        &self,
        reader: &Reader,
        letter: &Letter,
        id: &str,
    ) -> Result<(), Refused> {
        let message = self.message(reader, letter, id)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Refused {
                is_final: error.is_permanent(),
                why: why(&error),
            }),
        }
    }

    fn message(&self, reader: &Reader, letter: &Letter, id: &str) -> Result<Message, Refused> {
        letter
            .message(&self.from, reader, id)
            .map_err(|error| Refused {
                why: error.to_string(),
                is_final: true,
            })
    }
}

/// Server and sender of a configuration; `None` when it has none.
///
/// # Errors
/// The key that is wrong, and what is allowed.
pub(crate) fn read(
    config: &MailConfig,
) -> Result<Option<(AsyncSmtpTransportBuilder, Mailbox)>, Wrong> {
    let url = config.url.expose();
    if url.is_empty() {
        return Ok(None);
    }
    // What stands in it may be a password, so it is not repeated.
    let allowed = "write `smtp://user:password@host:587` (which asks for STARTTLS), \
                   `smtps://…`, or `smtp://host:25?tls=none`";
    let wrong = || ("url", allowed.to_owned());
    let url = server(url).ok_or_else(wrong)?;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_| wrong())?;
    let from = config.from.parse().map_err(|_| {
        let allowed = "write an address, such as `Dabir <dabir@example.org>`";
        ("from", allowed.to_owned())
    })?;
    Ok(Some((builder, from)))
}

/// The address of a server in lettre's words: TLS unless it is told not to be.
fn server(text: &str) -> Option<String> {
    let mut url: Url = text.parse().ok()?;
    url.host_str().filter(|host| !host.is_empty())?;
    let tls = match (url.scheme(), url.query()) {
        ("smtp", None) => Some("tls=required"),
        ("smtp", Some("tls=none")) | ("smtps", None) => None,
        _ => return None,
    };
    let default = match url.scheme() {
        "smtps" => SUBMISSIONS_PORT,
        _ => SMTP_PORT,
    };
    let port = url.port().unwrap_or(default);
    url.set_port(Some(port)).ok()?;
    url.set_query(tls);
    url.set_fragment(None);
    Some(url.to_string())
}

/// What the server said, on one line.
fn why(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text += &format!(": {said}");
        }
        cause = error.source();
    }
    dabir_core::text::cut(&dabir_core::text::one_line(&text), 500)
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}
