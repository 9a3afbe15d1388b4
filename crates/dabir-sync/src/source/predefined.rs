//! The sources that every house has from the start, in the shape that the university's gateway
//! asks for. They wait, switched off, for a login and for the campuses and terms that are wanted.

use std::collections::BTreeMap;

use dabir_core::Span;
use serde_json::json;

use super::{Login, Method, Partition, Request, Source, SourceKind};

const GATEWAY: &str = "https://api.cfu.ac.ir";
const HOUR: u64 = 3_600;

/// `faculty` and `students`.
#[must_use]
pub fn predefined() -> Vec<Source> {
    let mut faculty = source("faculty", "faculty", "Faculty");
    faculty.key = vec!["professorCode".to_owned()];
    faculty.timeout = Span::from_secs(HOUR);
    faculty.body = Some(json!({
        "paging": { "pageNumber": "{page}", "pageSize": "{page_size}" }, "Filter": {},
    }));
    let mut students = source("students", "Students", "Students_2");
    students.key = vec!["studentnum".to_owned()];
    students.timeout = Span::from_secs(2 * HOUR);
    students.body = Some(json!({
        "codePardis": "{campus}", "term": "{term}",
        "paging": { "pageNumber": "{page}", "pageSize": "{page_size}" }, "Filter": {},
    }));
    students.partitions = BTreeMap::from([
        list("campus", &["1100", "1101"]),
        list("term", &["4001", "4002"]),
    ]);
    vec![faculty, students]
}

fn list(name: &str, values: &[&str]) -> (String, Partition) {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    (name.to_owned(), Partition::List(values))
}

fn source(name: &str, table: &str, endpoint: &str) -> Source {
    Source {
        name: name.to_owned(),
        kind: SourceKind::Http,
        table: table.to_owned(),
        key: Vec::new(),
        request: Some(Request {
            method: Method::Post,
            url: format!("{GATEWAY}/API/Golestan/{endpoint}"),
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
        }),
        body: None,
        login: Some(Login {
            url: format!("{GATEWAY}/Login"),
            body: json!({ "userName": "", "password": "" }),
            headers: BTreeMap::new(),
            token: "data.token".to_owned(),
            header: super::default::header(),
        }),
        records: "data".to_owned(),
        total: Some("totalCount".to_owned()),
        page_size: super::default::page_size(),
        first_page: super::default::first_page(),
        partitions: BTreeMap::new(),
        incremental: None,
        timeout: super::default::timeout(),
        request_timeout: super::default::request_timeout(),
        retries: super::default::retries(),
        concurrency: super::default::concurrency(),
        interval: super::default::interval(),
        enabled: false,
        command: Vec::new(),
        dir: None,
        count: None,
        database: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predefined_sources_are_right_and_switched_off() {
        for source in predefined() {
            assert_eq!(source.problems(), [], "{}", source.name);
            assert!(!source.enabled);
        }
    }
}
