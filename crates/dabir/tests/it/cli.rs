//! Commands as an operator types them: what they print, where, and with which exit code.

use std::process::Output;

use dabir_testing::eventually;
use dabir_testing::process::kill9;
use serde_json::{Value, json};

use crate::house::{House, SOON, process_of};

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
    let page = reqwest::get(&link).await.unwrap();
    assert!(page.text().await.unwrap().contains("Sign in"));
}

#[tokio::test]
async fn tasks_are_made_changed_and_found_with_and_without_a_server() {
    let mut house = House::furnished("");
    let made = done(&house.run(&[
        "task",
        "add",
        "بررسی بودجه",
        "--due",
        "2026-12-01",
        "--label",
        "مالی,فوری",
    ]));
    for words in ["number       1", "بررسی بودجه", "2026-12-01", "مالی, فوری"] {
        assert!(made.contains(words), "{words}: {made}");
    }
    let set = done(&house.run(&["task", "set", "1", "--due", "", "--priority", "high"]));
    assert!(
        set.contains("priority     high") && !set.contains("2026-12-01"),
        "{set}"
    );
    let wrong = refused(&house.run(&["task", "set", "1", "--priority", "huge"]), 2);
    assert!(
        wrong.contains("priority") && wrong.contains("urgent"),
        "{wrong}"
    );
    refused(&house.run(&["task", "done", "7"]), 3);
    house.start(&[]);
    done(&house.run(&["task", "comment", "1", "نامه فرستاده شد"]));
    done(&house.run(&["task", "done", "1"]));
    let shown = done(&house.run(&["task", "show", "1"]));
    assert!(
        shown.contains("status       done") && shown.contains("نامه فرستاده شد"),
        "{shown}"
    );
    let list = done(&house.run(&["task", "list", "--search", "بودجه"]));
    assert!(list.contains("بررسی بودجه"), "{list}");
    let find = ["doc", "find", "نامه‌ها"];
    eventually("the index", SOON, async || {
        done(&house.run(&find))
            .contains("بررسی بودجه")
            .then_some(())
    })
    .await;
    done(&house.run(&["task", "remove", "1"]));
    refused(&house.run(&["task", "show", "1"]), 3);
}

#[test]
fn documents_go_in_and_out_by_files() {
    let house = House::furnished("");
    let text = "# گزارش\n\nیک **بند** دربارهٔ کتاب‌ها.\n";
    let (source, out) = (house.path().join("in.md"), house.path().join("out.md"));
    std::fs::write(&source, text).unwrap();
    let (source, to) = (source.to_str().unwrap(), out.to_str().unwrap());
    let made = done(&house.run(&["--json", "doc", "add", "Report", "--file", source]));
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let id = made["id"].as_str().unwrap();
    done(&house.run(&["doc", "export", id, "--to", to]));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
    let again = refused(&house.run(&["doc", "export", id, "--to", to]), 2);
    assert!(again.contains("out.md"), "{again}");
    let page = done(&house.run(&["doc", "export", id, "--format", "html"]));
    assert!(page.contains("<strong>بند</strong>"), "{page}");
    let gone = house.path().join("gone.md");
    refused(
        &house.run(&["doc", "export", "none", "--to", gone.to_str().unwrap()]),
        3,
    );
    let left = std::fs::read_dir(house.path()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let half: Vec<String> = names
        .filter(|name| name.starts_with(".tmp") || name == "gone.md")
        .collect();
    assert_eq!(half, [""; 0]);
    let shown = done(&house.run(&["doc", "show", id]));
    assert!(shown.contains("- گزارش"), "{shown}");
    refused(&house.run(&["doc", "add", "x", "--file", "/nowhere"]), 2);
    done(&house.run(&["doc", "remove", id]));
    assert!(done(&house.run(&["doc", "list"])).contains("no such documents"));
}

#[tokio::test]
async fn without_a_supervisor_the_truth_about_rooms_is_told() {
    let mut house = House::open("").await;
    let lives = house.running_meeting("lives").await;
    let dies = house.running_meeting("dies").await;
    house.server().kill9();
    kill9(process_of(
        &house.record(dies["id"].as_str().unwrap()).unwrap(),
    ));

    let listed = house.run(&["meeting", "list", "--json"]);
    let error = text(&listed.stderr);
    assert!(
        error.contains("no supervisor runs") && error.contains("1 room goes on"),
        "{error}"
    );
    let listed: Value = serde_json::from_str(&done(&listed)).unwrap();
    let of = |name: &str| {
        let items = listed["items"].as_array().unwrap();
        items
            .iter()
            .find(|meeting| meeting["name"] == name)
            .unwrap()
    };
    assert_eq!(
        (&of("lives")["state"], &of("lives")["pid"]),
        (&lives["state"], &lives["pid"])
    );
    assert_eq!(of("lives")["port"], lives["port"]);
    assert_eq!(
        (&of("dies")["state"], &of("dies")["pid"]),
        (&json!("scheduled"), &Value::Null)
    );

    let planned = house.run(&["meeting", "plan"]);
    assert!(text(&planned.stderr).contains("the next `dabir serve` does this"));
    let plan = done(&planned);
    assert!(
        plan.contains("its room runs until") && plan.contains("it takes a free port"),
        "{plan}"
    );

    let stopped = house.run(&["meeting", "stop", "lives"]);
    let error = text(&stopped.stderr);
    assert!(
        error.contains("takes effect with the next `dabir serve`"),
        "{error}"
    );
    done(&stopped);
    let room = process_of(&house.record(lives["id"].as_str().unwrap()).unwrap());
    assert!(
        room.is_alive(),
        "nobody was put out by a command that only looks and notes"
    );
    refused(&house.run(&["meeting", "stop", "lives"]), 4);

    house.start(&[]);
    house.state_of(lives["id"].as_str().unwrap(), "ended").await;
    house
        .state_of(dies["id"].as_str().unwrap(), "running")
        .await;
    assert_eq!(text(&house.run(&["meeting", "plan"]).stderr), "");
}

#[tokio::test]
async fn a_taken_address_refuses_the_start() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let house = House::furnished("");
    let mut command = house.command();
    command.arg("serve").env("DABIR_SERVER__LISTEN", &address);
    let error = refused(&command.output().unwrap(), 4);
    for part in [address.as_str(), "does not start", "[server] listen"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_its_line() {
    let house = House::furnished("[meetings]\npoll_interval = \"often\"\n");
    let error = refused(&house.run(&["serve"]), 2);
    assert!(
        error.contains("dabir.toml:9") && error.contains("`5s`"),
        "{error}"
    );
    let house = House::furnished("");
    assert!(done(&house.run(&["config", "check"])).contains("is fine"));
    let house = House::furnished("[storage]\nurl = \"s3://files\"\n");
    let checked = done(&house.run(&["--json", "config", "check"]));
    let checked: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!(checked, json!({ "valid": true, "file": "dabir.toml" }));
    assert!(done(&house.run(&["config", "show"])).contains("poll_interval = \"5s\""));
}

#[test]
fn a_healthy_installation_passes_the_doctor() {
    let house = House::furnished("");
    let report = done(&house.run(&["doctor"]));
    assert!(report.contains("the first start makes it"), "{report}");
    assert!(
        !house.path().join("data/dabir.db").exists(),
        "it only looks"
    );
    done(&house.run(&["migrate"]));
    let report = done(&house.run(&["doctor"]));
    assert!(report.contains("sqlite answers"), "{report}");
}

#[test]
fn a_service_that_would_end_the_rooms_fails_the_doctor() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::furnished("");
    let systemctl = house.path().join("systemctl");
    let script = "#!/bin/sh\necho LoadState=loaded\necho KillMode=control-group\n";
    std::fs::write(&systemctl, script).unwrap();
    std::fs::set_permissions(&systemctl, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        house.path().display(),
        std::env::var("PATH").unwrap()
    );
    let report = house
        .command()
        .arg("doctor")
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(report.status.code(), Some(1));
    let words = text(&report.stdout);
    assert!(
        words.contains("dabir.service says KillMode=control-group"),
        "{words}"
    );
}

#[test]
fn wrong_words_are_wrong_usage() {
    let house = House::furnished("");
    assert_eq!(house.run(&["prot", "pick"]).status.code(), Some(2));
    assert_eq!(house.run(&[]).status.code(), Some(2));
}
