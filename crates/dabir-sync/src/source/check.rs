//! What makes a source right, beyond its shape.

use std::time::Duration;

use dabir_core::Span;
use dabir_http::Egress;
use dabir_http::egress::{Given, without_password};
use regex::Regex;
use serde_json::Value;

use super::{Partition, Source, SourceKind, secret};
use crate::template;

/// A key and what is allowed there.
type Problem = (String, String);

const MAX_VALUES: usize = 10_000;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

impl Source {
    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Found(Vec::new());
        found.unless(
            is_name(&self.name),
            "name",
            "write 1 to 63 of a-z, 0-9, `-` and `_`, a letter or a digit first",
        );
        match self.kind {
            SourceKind::Http => self.check_http(&mut found),
            SourceKind::Command => self.check_command(&mut found),
        }
        found.span("timeout", self.timeout, Duration::from_secs(1), DAY);
        found.span(
            "request_timeout",
            self.request_timeout,
            Duration::from_millis(100),
            DAY,
        );
        found.span("interval", self.interval, MINUTE, 30 * DAY);
        found.0
    }

    fn check_http(&self, found: &mut Found) {
        found.unless(
            is_table(&self.table),
            "table",
            "write the name of a table: letters, digits and `_`, 1 to 63 bytes, a letter first",
        );
        found.unless(
            !self.key.is_empty()
                && self.key.len() <= 8
                && self.key.iter().all(|field| !field.is_empty()),
            "key",
            "name the 1 to 8 fields that tell one row from another",
        );
        found.unless(
            (1..=10_000).contains(&self.page_size),
            "page_size",
            "write 1 to 10000",
        );
        found.unless(self.first_page <= 1, "first_page", "write 0 or 1");
        found.unless(self.retries <= 50, "retries", "write 0 to 50");
        found.unless(
            (1..=64).contains(&self.concurrency),
            "concurrency",
            "write 1 to 64",
        );
        let none = self.command.is_empty()
            && self.dir.is_none()
            && self.count.is_none()
            && self.database.is_none();
        found.unless(
            none,
            "command",
            "`command`, `dir`, `count` and `database` belong to `kind = \"command\"`",
        );
        self.check_request(found);
        self.check_login(found);
        self.check_partitions(found);
        if let Some(incremental) = &self.incremental {
            found.unless(
                !incremental.field.is_empty(),
                "incremental.field",
                "name a field of the rows",
            );
            found.unless(
                !incremental.param.is_empty(),
                "incremental.param",
                "name a place in the body, such as `Filter.since`",
            );
        }
    }

    fn check_request(&self, found: &mut Found) {
        let Some(request) = &self.request else {
            found.add(
                "request",
                "write `{ method = \"POST\", url = \"https://…\" }`",
            );
            return;
        };
        found.url("request.url", &request.url);
        found.headers("request.headers", request.headers.iter());
        let mut texts: Vec<&str> = vec![&request.url];
        texts.extend(request.query.values().map(String::as_str));
        if let Some(body) = &self.body {
            strings(body, &mut texts);
        }
        for name in texts.into_iter().flat_map(template::names) {
            let known = template::OWN.contains(&name) || self.partitions.contains_key(name);
            found.unless(known, "body", format!("`{{{name}}}` is no partition; known are page, page_size and the names in `partitions`"));
        }
    }

    fn check_login(&self, found: &mut Found) {
        let Some(login) = &self.login else { return };
        found.url("login.url", &login.url);
        found.headers("login.headers", login.headers.iter());
        found.unless(
            !login.token.is_empty(),
            "login.token",
            "name the place of the token in the answer, such as `data.token`",
        );
        let name = login.header.split(':').next().unwrap_or_default().trim();
        found.unless(
            is_header(name),
            "login.header",
            "write a header and what stands before the token, such as `Authorization: Bearer`",
        );
    }

    fn check_partitions(&self, found: &mut Found) {
        found.unless(self.partitions.len() <= 4, "partitions", "write at most 4");
        for (name, partition) in &self.partitions {
            let key = format!("partitions.{name}");
            let is_word =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            found.unless(
                is_word && !template::OWN.contains(&name.as_str()),
                &key,
                "name it with a-z, 0-9 and `_`, and neither `page` nor `page_size`",
            );
            if let Partition::List(values) = partition {
                let fine = (1..=MAX_VALUES).contains(&values.len())
                    && values.iter().all(|value| {
                        !value.is_empty() && value.len() <= 100 && !value.contains(['/', '\n'])
                    });
                found.unless(
                    fine,
                    &key,
                    "write 1 to 10000 texts of 1 to 100 bytes, without `/`",
                );
            }
        }
    }

    fn check_command(&self, found: &mut Found) {
        found.unless(
            self.command.first().is_some_and(|word| !word.is_empty()),
            "command",
            "write the program and its arguments, such as `[\"python3\", \"students_main.py\"]`",
        );
        found.unless(
            self.request.is_none() && self.body.is_none() && self.login.is_none(),
            "request",
            "`request`, `body` and `login` belong to `kind = \"http\"`",
        );
        found.unless(
            self.database.is_none() || is_table(&self.table),
            "table",
            "name the table of `database` whose rows are counted",
        );
        if let Some(count) = &self.count {
            let has_group = Regex::new(count).is_ok_and(|regex| regex.captures_len() > 1);
            found.unless(
                has_group,
                "count",
                "write a regular expression with one group, such as `Students count: (\\d+)`",
            );
        }
    }
}

struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, key: &str, allowed: impl Into<String>) {
        self.0.push((key.to_owned(), allowed.into()));
    }

    fn unless(&mut self, fine: bool, key: &str, allowed: impl Into<String>) {
        if !fine {
            self.add(key, allowed);
        }
    }

    fn span(&mut self, key: &str, span: Span, least: Duration, most: Duration) {
        let fine = (least..=most).contains(&span.get());
        let least = Span::from_millis(u64::try_from(least.as_millis()).unwrap_or(u64::MAX));
        self.unless(
            fine,
            key,
            format!("write {least} to {}d", most.as_secs() / 86_400),
        );
    }

    fn url(&mut self, key: &str, text: &str) {
        // Whoever gives it may reach the inside is asked elsewhere.
        let url = Egress::default().check(Given::InFile, text);
        let Ok(url) = url else {
            return self.add(
                key,
                format!(
                    "`{}` is no address; write `https://host/path`, without a password",
                    without_password(text)
                ),
            );
        };
        let host = url.host_str().unwrap_or_default();
        self.unless(
            !host.contains(['{', '%']),
            key,
            "no placeholder may stand in the host",
        );
        let tells = url
            .query_pairs()
            .any(|(name, _)| secret::is_secret_name(&name));
        self.unless(
            !tells,
            key,
            "a secret may not stand in the address; write it into `query`, `headers` or `body`",
        );
    }

    fn headers<'a>(&mut self, key: &str, headers: impl Iterator<Item = (&'a String, &'a String)>) {
        for (name, value) in headers {
            let fine = is_header(name) && reqwest::header::HeaderValue::from_str(value).is_ok();
            self.unless(
                fine,
                key,
                format!(
                    "`{}` is no header that can be sent",
                    dabir_core::text::one_line(name)
                ),
            );
        }
    }
}

fn strings<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(list) => list.iter().for_each(|inner| strings(inner, texts)),
        Value::Object(map) => map.values().for_each(|inner| strings(inner, texts)),
        _ => {}
    }
}

fn is_header(name: &str) -> bool {
    reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
}

fn is_name(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=63).contains(&name.len()) && name.bytes().all(inner) && !name.starts_with(['-', '_'])
}

/// Whether a synced table may be called so.
fn is_table(name: &str) -> bool {
    let reserved = ["sqlite_", "pg_", "sync_", "seaql_", "data_syncs"];
    let lower = name.to_lowercase();
    (1..=63).contains(&name.len())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !reserved.iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let base = json!({
            "name": "s", "table": "t", "key": ["id"],
            "request": { "url": "https://gateway.example/x" },
        });
        for (pointer, value, key) in [
            ("/name", json!("A b"), "name"),
            ("/table", json!("users; drop"), "table"),
            ("/table", json!("sync_source"), "table"),
            ("/key", json!([]), "key"),
            ("/page_size", json!(0), "page_size"),
            ("/concurrency", json!(1_000), "concurrency"),
            ("/interval", json!("5s"), "interval"),
            ("/timeout", json!("48h"), "timeout"),
            ("/request/url", json!("ftp://x/"), "request.url"),
            (
                "/request/url",
                json!("https://{campus}.example/"),
                "request.url",
            ),
            (
                "/request/url",
                json!("https://a.example/?token=1"),
                "request.url",
            ),
            ("/body", json!({ "c": "{campus}" }), "body"),
            ("/partitions", json!({ "page": ["1"] }), "partitions.page"),
            ("/partitions", json!({ "campus": [] }), "partitions.campus"),
            ("/command", json!(["sh"]), "command"),
        ] {
            let mut wrong = base.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            wrong.pointer_mut(parent).unwrap()[name] = value.clone();
            let source: Source = serde_json::from_value(wrong).unwrap();
            let problems = source.problems();
            assert!(
                problems.iter().any(|(at, _)| at == key),
                "{value}: {problems:?}"
            );
        }
    }
}
