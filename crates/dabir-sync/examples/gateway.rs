//! A university's gateway for measurements: it serves students in pages as fast as memory is copied,
//! so that it is not what is measured. Its rows are stencils into which numbers are set.
//!
//! It prints `listening ADDRESS`. `POST /Change` has every hundredth student change.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use clap::Parser;
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Parser)]
struct Args {
    /// How many students each campus has in each term.
    #[arg(long)]
    rows: u64,
    #[arg(long, default_value_t = 25)]
    columns: usize,
    /// How long each page takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
}

struct Gateway {
    args: Args,
    /// How often students changed.
    version: AtomicU8,
}

/// A student of one campus and term, without numbers.
struct Stencil {
    text: Vec<u8>,
    /// Where the student's number goes.
    numbers: Vec<usize>,
    /// Where the digit goes that changes.
    version: usize,
}

/// As many digits as a student's number has.
const NUMBER: &str = "########";
const VERSION: &str = "@";
/// Every so many students change.
const CHANGING: u64 = 100;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    println!("listening {}", listener.local_addr().expect("an address"));
    let gateway = Gateway {
        args: Args::parse(),
        version: AtomicU8::new(0),
    };
    let router = Router::new()
        .route("/Login", post(login))
        .route("/API/Golestan/Students_2", post(students))
        .route("/Change", post(change))
        .with_state(Arc::new(gateway));
    axum::serve(listener, router).await.expect("it serves");
}

async fn login() -> Json<Value> {
    Json(json!({ "data": { "token": "a token" } }))
}

async fn change(State(gateway): State<Arc<Gateway>>) {
    gateway.version.fetch_add(1, Ordering::Relaxed);
}

async fn students(State(gateway): State<Arc<Gateway>>, asked: Json<Value>) -> impl IntoResponse {
    tokio::time::sleep(Duration::from_millis(gateway.args.delay)).await;
    let paging = &asked["paging"];
    let number = |value: &Value| value.as_u64().unwrap_or(1);
    let size = number(&paging["pageSize"]);
    let first = (number(&paging["pageNumber"]) - 1) * size;
    let last = (first + size).min(gateway.args.rows);
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let stencil = Stencil::new(text("codePardis"), text("term"), gateway.args.columns);
    let page = stencil.page(first..last, gateway.args.rows, gateway.version());
    ([(CONTENT_TYPE, "application/json")], Bytes::from(page))
}

impl Gateway {
    fn version(&self) -> u8 {
        b'0' + self.version.load(Ordering::Relaxed) % 10
    }
}

impl Stencil {
    fn new(campus: &str, term: &str, columns: usize) -> Self {
        let mut text = format!(
            "{{\"studentnum\":\"{campus}{term}{NUMBER}\",\"firstName\":\"علی {NUMBER}\",\
             \"lastName\":\"رضایی {VERSION}\",\"campus\":\"{campus}\",\"term\":\"{term}\""
        );
        for column in 5..columns {
            text.push_str(&format!(",\"c{column}\":\"value {NUMBER} of {column:02}\""));
        }
        text.push('}');
        Self {
            numbers: text.match_indices(NUMBER).map(|(at, _)| at).collect(),
            version: text.find(VERSION).expect("it stands there"),
            text: text.into_bytes(),
        }
    }

    fn page(&self, rows: std::ops::Range<u64>, total: u64, version: u8) -> Vec<u8> {
        let count = usize::try_from(rows.end.saturating_sub(rows.start)).unwrap_or(0);
        let mut page = Vec::with_capacity((self.text.len() + 1) * count + 64);
        page.extend_from_slice(b"{\"data\":[");
        for n in rows.clone() {
            if n > rows.start {
                page.push(b',');
            }
            self.row(&mut page, n, version);
        }
        page.extend_from_slice(format!("],\"totalCount\":{total}}}").as_bytes());
        page
    }

    fn row(&self, page: &mut Vec<u8>, n: u64, version: u8) {
        let from = page.len();
        page.extend_from_slice(&self.text);
        let row = &mut page[from..];
        let digits = format!("{n:08}");
        for at in &self.numbers {
            row[*at..at + NUMBER.len()].copy_from_slice(digits.as_bytes());
        }
        row[self.version] = if n.is_multiple_of(CHANGING) {
            version
        } else {
            b'0'
        };
    }
}
