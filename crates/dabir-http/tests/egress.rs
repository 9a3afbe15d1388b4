//! Ten thousand ways to have a private address called: none of them reaches one.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dabir_http::Egress;
use dabir_http::egress::{EgressError, Given, LookUp, Names};
use futures_util::StreamExt;
use reqwest::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Stands for an address of the internet: listed, so that it may be reached, and of this machine, so
/// that no test talks to the world.
const OUTSIDE: &str = "127.0.0.2";

/// Listens on every address of this machine, and counts who comes to one that is inside.
struct Canary {
    port: u16,
    came: Arc<AtomicUsize>,
}

impl Canary {
    async fn listen() -> Self {
        let came = Arc::new(AtomicUsize::new(0));
        let any = TcpListener::bind("[::]:0").await;
        let listener = match any {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        let port = listener.local_addr().unwrap().port();
        let counted = came.clone();
        tokio::spawn(async move {
            let outside: IpAddr = OUTSIDE.parse().unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let called = stream.local_addr().unwrap().ip().to_canonical();
                counted.fetch_add(usize::from(called != outside), Ordering::SeqCst);
            }
        });
        Self { port, came }
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

/// Names that lead inside: `10-0-0-1.inside`, one foot inside (`….mixed`), or every other time
/// (`….turning`). All others lead outside.
#[derive(Debug, Default)]
struct HostileNames {
    asked: AtomicUsize,
}

impl Names for HostileNames {
    fn look_up(&self, name: &str) -> LookUp {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst);
        let name = name.trim_end_matches('.').to_lowercase();
        let outside: IpAddr = OUTSIDE.parse().unwrap();
        let (first, kind) = name.split_once('.').unwrap_or((&name, ""));
        let inside = first.replace('-', ".").parse().ok();
        let inside = inside.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let found = match kind {
            "mixed" => vec![outside, inside],
            "turning" if nth.is_multiple_of(2) => vec![outside],
            "outside" => vec![outside],
            "nowhere" => Vec::new(),
            _ => vec![inside],
        };
        let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
        Box::pin(async move { io::Result::Ok(found) })
    }
}

/// Addresses that nobody outside has.
fn inside() -> Vec<Ipv4Addr> {
    let mut all: Vec<Ipv4Addr> = [
        "127.0.0.1",
        "127.0.0.3",
        "127.1.2.3",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.1",
        "192.168.255.255",
        "169.254.169.254",
        "169.254.0.1",
        "100.64.0.1",
        "100.127.255.254",
        "192.0.0.1",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.9",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
    ]
    .iter()
    .map(|text| text.parse().unwrap())
    .collect();
    all.extend((0..23_u8).map(|n| Ipv4Addr::new(10, n.wrapping_mul(11), n, 255 - n)));
    all
}

/// All ways to write it that some program understands.
fn notations(ip: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = ip.octets();
    let whole = u32::from(ip);
    let (high, low) = (whole >> 16, whole & 0xffff);
    let dotted = ip.to_string();
    let wide: String = dotted
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(0xff10 + digit).unwrap(),
            None => '。',
        })
        .collect();
    let percent: String = dotted.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let arabic = dabir_core::text::persian_digits(&dotted);
    vec![
        format!("{dotted}."),
        wide,
        percent,
        arabic,
        whole.to_string(),
        format!("{whole:#x}"),
        format!("{whole:#X}").replace("0X", "0x"),
        format!("0{whole:o}"),
        format!("0x{whole:016x}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("000{a:o}.000{b:o}.000{c:o}.000{d:o}"),
        format!("{a:#x}.{b}.0{c:o}.{d}"),
        format!("{a}.{}", whole & 0x00ff_ffff),
        format!("{a:#x}.{:#x}", whole & 0x00ff_ffff),
        format!("{a}.{b}.{low}"),
        format!("0{a:o}.{b:#x}.0{low:o}"),
        format!("[::ffff:{dotted}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0:0:0:0:0:FFFF:{high:X}:{low:X}]"),
        format!("[::{dotted}]"),
        format!("[::ffff:0:{dotted}]"),
        format!("[64:ff9b::{dotted}]"),
        format!("[64:ff9b:1::{high:x}:{low:x}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("[2001:0:{high:x}:{low:x}::1]"),
        format!(
            "[2001:0:5ef5:79fb:0:0:{:x}:{:x}]",
            !high & 0xffff,
            !low & 0xffff
        ),
        format!("[fe80::5efe:{dotted}]"),
        format!("[fd00::{high:x}:{low:x}]"),
        dotted,
    ]
}

/// Names with which a resolver answers such an address.
fn names(ip: Ipv4Addr) -> Vec<String> {
    let dashed = ip.to_string().replace('.', "-");
    vec![
        format!("{dashed}.inside"),
        format!("{dashed}.INSIDE."),
        format!("{dashed}.mixed"),
        format!("{dashed}.turning"),
        format!("{dashed}.turning."),
        format!("{dashed}.درون"),
        format!("{dashed}.xn--4gbrim"),
        format!("{dashed}.local\u{ad}host"),
    ]
}

/// What is written around a host to have it taken for another one.
fn around(host: &str, port: u16) -> Vec<String> {
    vec![
        format!("http://{host}:{port}/"),
        format!("https://{host}:{port}/x?y=1"),
        format!("HTTP://{host}:{port}"),
        format!("http://{host}/"),
        format!("https://{host}:443/"),
        format!("http:{host}:{port}/"),
        format!("http:\\\\{host}:{port}\\"),
        format!(" \thttp://{host}:{port}/"),
        format!("ht\ntp://{host}:{port}/"),
    ]
}

fn tricks(host: &str, port: u16) -> Vec<String> {
    vec![
        format!("http://a.outside@{host}:{port}/"),
        format!("http://a.outside:80@{host}:{port}/"),
        format!("http://a.outside%40{host}:{port}/"),
        format!("http://a.outside\\@{host}:{port}/"),
        format!("http://a.outside#@{host}:{port}/"),
        format!("http://a.outside?@{host}:{port}/"),
        format!("http://a.outside/@{host}:{port}/"),
        format!("http://{host}:{port}@a.outside/"),
        format!("http://{host}:{port}#@a.outside/"),
        format!("http://{host}%00.a.outside:{port}/"),
        format!("http://{host}%09:{port}/"),
        format!("file://{host}:{port}/etc/passwd"),
        format!("gopher://{host}:{port}/_x"),
        format!("//{host}:{port}/"),
    ]
}

fn vectors(port: u16) -> Vec<String> {
    let mut vectors = Vec::new();
    for ip in inside() {
        for host in notations(ip) {
            vectors.extend(around(&host, port));
        }
        for host in names(ip) {
            vectors.extend(around(&host, port).into_iter().take(4));
        }
        vectors.extend(tricks(&ip.to_string(), port));
    }
    for host in [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
    ] {
        vectors.extend(around(host, port));
        vectors.extend(tricks(host, port));
    }
    vectors
}

/// How a request to `url` was refused.
async fn refusal(egress: &Egress, client: &Client, url: &str) -> &'static str {
    let url = match egress.check(Given::ByApi, url) {
        Ok(url) => url,
        Err(EgressError::Private(_)) => return "inside",
        Err(_) => return "no address",
    };
    let error = match client.get(url.clone()).send().await {
        Ok(answer) => panic!("{url} was answered {}", answer.status()),
        Err(error) => error,
    };
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.to_string() {
        text if text.contains("[egress] private") => "a name inside",
        _ => "nobody outside",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_ways_in_reach_nothing_inside() {
    let canary = Canary::listen().await;
    let egress = Egress::new(vec![format!("{OUTSIDE}/32").parse().unwrap()]);
    let egress = egress.asking(Arc::new(HostileNames::default()));
    let client = egress
        .client(Given::ByApi, Duration::from_secs(20))
        .unwrap();
    let vectors = vectors(canary.port);
    assert!(vectors.len() >= 10_000, "{}", vectors.len());
    let refused = futures_util::stream::iter(&vectors)
        .map(|url| refusal(&egress, &client, url))
        .buffer_unordered(32)
        .collect::<Vec<_>>()
        .await;
    let mut counts = BTreeMap::new();
    for why in refused {
        *counts.entry(why).or_insert(0) += 1;
    }
    println!("{} ways: {counts:?}", vectors.len());
    // Only the names that turn, and what hides a host behind another, may have led outside.
    assert!(counts["nobody outside"] < vectors.len() / 10, "{counts:?}");
    assert_eq!(canary.came(), 0, "{counts:?}");
}

/// A server outside that sends everybody on to `to`.
async fn redirecting(status: u16, to: String) -> u16 {
    let listener = TcpListener::bind((OUTSIDE, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let _ = stream.read(&mut request).await.unwrap();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    port
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let canary = Canary::listen().await;
    let egress = Egress::new(vec![format!("{OUTSIDE}/32").parse().unwrap()]);
    let egress = egress.asking(Arc::new(HostileNames::default()));
    let client = egress
        .client(Given::ByApi, Duration::from_secs(20))
        .unwrap();
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for to in [
            "http://127.0.0.1",
            "//127.0.0.1",
            "http://[::1]",
            "http://0-0-0-0.inside",
        ] {
            let port = redirecting(status, format!("{to}:{}/", canary.port)).await;
            let url = format!("http://a.outside:{port}/");
            let url = egress.check(Given::ByApi, &url).unwrap();
            let answer = client.post(url).body("x").send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status);
        }
    }
    assert_eq!(canary.came(), 0);
}

#[tokio::test]
async fn the_canary_sings() {
    let canary = Canary::listen().await;
    let open = Egress::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let client = open
        .client(Given::ByApi, Duration::from_millis(200))
        .unwrap();
    let url = format!("http://127.0.0.1:{}/", canary.port);
    let url = open.check(Given::ByApi, &url).unwrap();
    assert!(client.get(url).send().await.is_err(), "it answers nothing");
    assert_eq!(canary.came(), 1);
}
