//! The one way out: a client for addresses that people and programs give us. It reaches public
//! addresses, and private ones only when the configuration file names them; it follows no redirect
//! and uses no proxy of the environment.
//!
//! The check sits where names become addresses: what a connection is made to is what was checked.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, Url};

/// Which private networks may be reached. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    private: Arc<[IpNet]>,
    /// `None`: the machine's.
    names: Option<Arc<dyn Names>>,
}

/// Who knows which addresses a name has.
pub trait Names: fmt::Debug + Send + Sync {
    /// The addresses of `name`; their ports do not count.
    fn look_up(&self, name: &str) -> LookUp;
}

/// The answer to a question for a name.
pub type LookUp = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Who gave an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The configuration file: it may be anywhere.
    InFile,
    /// Whoever may use the API: it may not be inside.
    ByApi,
}

/// Why nothing is sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    #[error("`{0}` is no address; write `https://host/path`")]
    Url(String),
    #[error(
        "`{0}` is an address inside; the configuration file has to list it in `[egress] private`"
    )]
    Private(String),
    #[error("no client could be made: {0}")]
    Client(String),
}

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    #[error("the answer broke off")]
    Broken(#[from] reqwest::Error),
}

/// An address as an error may show it: a password in it is nobody's business.
#[must_use]
pub fn without_password(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..]
        .find(['/', '?', '#'])
        .map_or(address.len(), |at| start + at);
    let shown = match address[start..end].rfind('@') {
        Some(at) => format!("{}…{}", &address[..start], &address[start + at..]),
        None => address.to_owned(),
    };
    dabir_core::text::one_line(&shown)
}

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

impl Egress {
    #[must_use]
    pub fn new(private: Vec<IpNet>) -> Self {
        Self {
            private: private.into(),
            names: None,
        }
    }

    /// Asks `names` in place of the machine's resolver. What they answer is checked all the same.
    #[must_use]
    pub fn asking(self, names: Arc<dyn Names>) -> Self {
        Self {
            names: Some(names),
            ..self
        }
    }

    /// A client for addresses that were given so. One request takes `timeout` at most, from its
    /// first byte out to its last byte in.
    ///
    /// # Errors
    /// When the operating system gives no randomness or no certificates.
    pub fn client(&self, given: Given, timeout: Duration) -> Result<Client, EgressError> {
        let resolver = Checked {
            egress: self.clone(),
            given,
        };
        Client::builder()
            .dns_resolver(resolver)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .user_agent(concat!("dabir/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EgressError::Client(error.to_string()))
    }

    /// Reads an address, and refuses what can be refused without asking a name server. A client
    /// resolves names through the check, but takes numbers as they are: so ask here first.
    ///
    /// # Errors
    /// When it is no address of HTTP, carries a password, or lies inside.
    pub fn check(&self, given: Given, text: &str) -> Result<Url, EgressError> {
        let refuse = || EgressError::Url(without_password(text));
        let url: Url = text.parse().map_err(|_| refuse())?;
        let is_http = matches!(url.scheme(), "http" | "https");
        if !is_http || !url.username().is_empty() || url.password().is_some() {
            return Err(refuse());
        }
        let host = url.host_str().ok_or_else(refuse)?;
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(ip) if !self.allows(given, ip) => Err(EgressError::Private(host.to_owned())),
            _ => Ok(url),
        }
    }

    async fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        match &self.names {
            Some(names) => names.look_up(name).await,
            None => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
        }
    }

    fn allows(&self, given: Given, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        given == Given::InFile || is_global(ip) || self.private.iter().any(|net| net.contains(&ip))
    }
}

/// Reads a body whole, `most` bytes of it.
///
/// # Errors
/// When it is larger, or breaks off.
pub async fn read_body(response: Response, most: usize) -> Result<Bytes, BodyError> {
    let promised = response.content_length().unwrap_or(0);
    if promised > most as u64 {
        return Err(BodyError::TooLarge(most));
    }
    let mut body = BytesMut::with_capacity(usize::try_from(promised).unwrap_or(0));
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > most {
            return Err(BodyError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Turns names into addresses that may be reached.
struct Checked {
    egress: Egress,
    given: Given,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (egress, given) = (self.egress.clone(), self.given);
        Box::pin(async move {
            let found = egress.look_up(name.as_str()).await?;
            // All of them: a name with one foot inside is not to be tried at all.
            if let Some(inside) = found.iter().find(|at| !egress.allows(given, at.ip())) {
                let inside = format!("{} ({})", name.as_str(), inside.ip());
                return Err(io::Error::other(EgressError::Private(inside)).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the internet's: what is local, private, shared, reserved, for many
/// at once or a way around through another family is not.
fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => is_global_v6(ip),
    }
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocol
        || relay
        || benchmark)
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // 2000::/3 is all that was given out; of it, tunnels and documentation are left away.
    let given_out = a & 0xe000 == 0x2000;
    let teredo_and_orchid = a == 0x2001 && b < 0x0200;
    let documentation = (a == 0x2001 && b == 0x0db8) || a == 0x3fff;
    let six_to_four = a == 0x2002;
    given_out && !teredo_and_orchid && !documentation && !six_to_four
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_reached_unless_listed() {
        let egress = Egress::new(vec!["10.0.0.5/32".parse().unwrap()]);
        for inside in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://10.0.0.6/",
            "http://172.16.9.9/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest",
            "http://100.64.0.1/",
            "http://192.0.0.8/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001::1]/",
            "http://[fc00::1]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
        ] {
            let refused = egress.check(Given::ByApi, inside);
            assert!(matches!(refused, Err(EgressError::Private(_))), "{inside}");
            assert!(egress.check(Given::InFile, inside).is_ok(), "{inside}");
        }
        for fine in [
            "https://93.184.216.34/x",
            "http://[2606:4700::1]:8080/",
            "https://api.example/",
            "http://10.0.0.5/",
        ] {
            assert!(egress.check(Given::ByApi, fine).is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_is_no_address_of_http_is_refused() {
        for wrong in [
            "",
            "api.example",
            "ftp://api.example/",
            "file:///etc/passwd",
            "http://u:p@api.example/",
            "http://u@api.example/",
            "javascript:alert(1)",
            "http://",
        ] {
            let refused = Egress::default().check(Given::InFile, wrong);
            assert!(matches!(refused, Err(EgressError::Url(_))), "{wrong}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        for (address, shown) in [
            ("http://u:p@api.example/x@y", "http://…@api.example/x@y"),
            ("u:p@h@api.example", "…@api.example"),
            ("https://api.example/a", "https://api.example/a"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let client = Egress::default()
            .client(Given::ByApi, Duration::from_secs(5))
            .unwrap();
        let error = client.get("http://localhost:9/").send().await.unwrap_err();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        assert!(cause.to_string().contains("[egress] private"), "{cause}");
    }
}
