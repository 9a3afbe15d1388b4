//! Makes, changes, looks at and lists tasks, for measurements: how many requests a second the router
//! does for so many callers at once, without a network.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use dabir_core::{Clock, Events, Timestamp};
use dabir_db::Db;
use dabir_http::{Identity, Role};
use dabir_writing::{Doer, File, Files, People, Person, Tasks, TasksSetup};
use futures_util::future::try_join_all;
use jiff::tz::TimeZone;
use sea_orm::{DatabaseTransaction, DbErr};
use tower::ServiceExt;

const USAGE: &str = "tasks_bench DIR URL CALLERS REQUESTS";

/// Everybody is a writer, and no file is anywhere.
struct House;

#[async_trait]
impl People for House {
    async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Person>, DbErr> {
        let person = |id: &&str| Person {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            role: Role::Writer,
            is_blocked: false,
        };
        Ok(ids.iter().map(person).collect())
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<Person>, DbErr> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Files for House {
    async fn by_ids(&self, _: &[&str]) -> Result<Vec<File>, DbErr> {
        Ok(Vec::new())
    }

    async fn held_by(&self, _: &Doer, _: &[&str]) -> Result<Vec<String>, DbErr> {
        Ok(Vec::new())
    }

    async fn attach(
        &self,
        _: &DatabaseTransaction,
        _: Timestamp,
        _: &str,
        _: &[String],
    ) -> Result<(), DbErr> {
        Ok(())
    }
}

/// What is asked for, the `n`th time.
type Ask = fn(usize) -> (&'static str, String, String);

const ASKS: [(&str, Ask); 5] = [
    ("make", |n| {
        let body = format!(
            r#"{{"title":"کار {n}","description":"متن","assignees":["u{}"],"labels":["l{}"],"due":"2027-01-01"}}"#,
            n % 50,
            n % 7
        );
        ("POST", String::new(), body)
    }),
    ("change", |n| {
        let status = ["doing", "review", "done", "todo"][n / 7 % 4];
        let body = format!(r#"{{"status":"{status}","title":"کار {n}"}}"#);
        ("PATCH", format!("/{}", n % 100 + 1), body)
    }),
    ("look", |n| {
        ("GET", format!("/{}", n % 100 + 1), String::new())
    }),
    ("list 20", |_| {
        ("GET", "?limit=20".to_owned(), String::new())
    }),
    ("list mine by due", |n| {
        let path = format!("?assignee=u{}&sort=due&limit=20", n % 50);
        ("GET", path, String::new())
    }),
];

async fn ask(router: &Router, ask: Ask, n: usize) -> Result<(), Box<dyn Error>> {
    let (method, path, body) = ask(n);
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1/tasks{path}"))
        .header("content-type", "application/json")
        .extension(Identity::of("ali", Role::Writer));
    let response = router
        .clone()
        .oneshot(request.body(Body::from(body))?)
        .await?;
    let status = response.status();
    let answer = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(())
}

async fn measure(
    router: &Router,
    (name, kind): (&str, Ask),
    callers: usize,
    requests: usize,
) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let each = |caller: usize| async move {
        for n in (caller..requests).step_by(callers) {
            ask(router, kind, n).await?;
        }
        Ok::<(), Box<dyn Error>>(())
    };
    try_join_all((0..callers).map(each)).await?;
    let rate = requests as f64 / begun.elapsed().as_secs_f64();
    println!("{name}: {rate:.0} a second");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, url, callers, requests] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let (callers, requests) = (callers.parse()?, requests.parse()?);
    let db = Db::open(url, &PathBuf::from(dir)).await?;
    let tasks = Tasks::new(TasksSetup {
        db,
        clock: Clock::system(),
        events: Events::default(),
        people: Arc::new(House),
        files: Arc::new(House),
        timezone: TimeZone::get("Asia/Tehran")?,
    });
    let (router, _) = dabir_writing::tasks::routes()
        .with_state(tasks)
        .split_for_parts();
    for kind in ASKS {
        measure(&router, kind, callers, requests).await?;
    }
    Ok(())
}
