//! Commands as an operator types them: what they print, where, and with which exit code.

use std::process::Output;

use serde_json::Value;

use crate::house::House;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().trim().to_owned()
}

fn done(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{:?}: {}",
        output.status,
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn refused(output: &Output, code: i32) -> String {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.starts_with("dabir: "), "{error}");
    assert_eq!(text(&output.stdout), "", "errors go to standard error");
    error
}

#[test]
fn ports_are_picked_and_released_without_a_server() {
    let house = House::furnished("");
    let first: u32 = done(&house.run(&["port", "pick"])).parse().unwrap();
    assert_eq!(first, house.port(0), "the lowest");
    let second: u32 = done(&house.run(&["port", "pick"])).parse().unwrap();
    assert_ne!(first, second);
    let used: Value = serde_json::from_str(&done(&house.run(&["port", "used", "--json"]))).unwrap();
    assert_eq!(used["used_ports"].as_array().unwrap().len(), 2);
    done(&house.run(&["port", "release", &first.to_string()]));
    refused(&house.run(&["port", "release", &first.to_string()]), 3);
    assert!(!done(&house.run(&["port", "backup", "list"])).is_empty());
    refused(
        &house.run(&["port", "backup", "restore", "../../etc/passwd"]),
        3,
    );
}

#[test]
fn a_service_may_have_its_own_file_and_range() {
    let house = House::furnished("");
    let one = house.port(40).to_string();
    let range = format!("{one}-{one}");
    let words = [
        "port",
        "--state",
        "mine.json",
        "--range",
        range.as_str(),
        "pick",
    ];
    assert_eq!(done(&house.run(&words)), one);
    let error = refused(&house.run(&words), 4);
    assert!(error.contains("no free port"), "{error}");
    assert!(house.path().join("mine.json").is_file());
}

#[tokio::test]
async fn meetings_are_made_and_seen_with_and_without_a_server() {
    let mut house = House::furnished("");
    done(&house.run(&["meeting", "add", "first", "--at", "2199-01-01T10:00:00Z"]));
    assert!(done(&house.run(&["meeting", "list"])).contains("scheduled"));
    house.start(&[]);
    let listed: Value =
        serde_json::from_str(&done(&house.run(&["meeting", "list", "--json"]))).unwrap();
    assert_eq!(listed["items"][0]["name"], "first");
    let plan = done(&house.run(&["meeting", "plan"]));
    assert!(plan.contains("it begins at 2199-01-01T10:00:00Z"), "{plan}");
    let shown = done(&house.run(&["meeting", "start", "first"]));
    assert!(shown.contains("first"), "{shown}");
    refused(&house.run(&["meeting", "show", "nobody"]), 3);
    refused(&house.run(&["meeting", "extend", "first", "0"]), 2);
    let link = done(&house.run(&["admin", "link"]));
    let page = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let first = page.get(&link).send().await.unwrap();
    assert_eq!(first.headers()["location"], "/");
    assert_eq!(
        page.get(&link).send().await.unwrap().status(),
        404,
        "it works once"
    );
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_its_line() {
    let house = House::furnished("[meetings]\npoll_interval = \"often\"\n");
    let error = refused(&house.run(&["serve"]), 2);
    assert!(
        error.contains("dabir.toml:6") && error.contains("`5s`"),
        "{error}"
    );
    let house = House::furnished("");
    assert!(done(&house.run(&["config", "check"])).contains("is fine"));
    assert!(done(&house.run(&["config", "show"])).contains("poll_interval = \"5s\""));
}

#[test]
fn a_healthy_installation_passes_the_doctor() {
    let house = House::furnished("");
    let report = done(&house.run(&["doctor"]));
    assert!(report.contains("sqlite answers"), "{report}");
    done(&house.run(&["migrate"]));
}

#[test]
fn wrong_words_are_wrong_usage() {
    let house = House::furnished("");
    assert_eq!(house.run(&["prot", "pick"]).status.code(), Some(2));
    assert_eq!(house.run(&[]).status.code(), Some(2));
}
