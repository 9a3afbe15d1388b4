//! Sync of the whole product: sources from the command line, runs that outlive their processes.

use std::collections::BTreeMap;
use std::fs;
use std::process::Output;
use std::time::Duration;

use dabir_testing::gateway::{Behaviour, Gateway};
use dabir_testing::{Running, eventually};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::house::House;

/// Leases of the dead are taken back after ten seconds.
const PATIENCE: Duration = Duration::from_secs(90);
const PASSWORD: &str = "correct horse";

/// A house whose file has the source `students` of this gateway.
pub(crate) fn furnished(gateway: &Gateway) -> House {
    furnished_with(gateway, "")
}

fn furnished_with(gateway: &Gateway, more: &str) -> House {
    House::furnished(&format!(
        "{more}[[sync.sources]]\nname = \"students\"\ntable = \"Students\"\nkey = [\"studentnum\"]\n\
         request = {{ method = \"POST\", url = \"{}\" }}\n\
         body = {{ codePardis = \"{{campus}}\", term = \"{{term}}\", paging = {{ pageNumber = \"{{page}}\", pageSize = \"{{page_size}}\" }}, Filter = {{}} }}\n\
         login = {{ url = \"{}\", body = {{ userName = \"dabir\", password = \"{PASSWORD}\" }}, token = \"data.token\" }}\n\
         records = \"data\"\ntotal = \"totalCount\"\npage_size = 10\nenabled = false\n\
         partitions = {{ campus = [\"1100\", \"1101\"], term = [\"4001\", \"4002\"] }}\n",
        gateway.url(),
        gateway.login_url(),
    ))
}

fn told(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn ran(house: &House, words: &[&str], code: i32) -> String {
    let output = house.run(words);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
    assert!(!text.contains(PASSWORD), "{words:?}: {text}");
    text
}

async fn started(house: &House) -> i64 {
    let run = house
        .post("/api/v1/sources/students/sync", json!({ "mode": "full" }))
        .await;
    run["id"].as_i64().unwrap()
}

async fn until_rows(house: &House, run: i64, rows: u64) {
    let path = format!("/api/v1/runs/{run}");
    eventually("rows are there", PATIENCE, || async {
        let run = house.get(&path).await;
        (run["records_count"].as_u64()? >= rows).then_some(())
    })
    .await;
}

async fn ended(house: &House, run: i64) -> Value {
    let path = format!("/api/v1/runs/{run}");
    eventually("the run ends", PATIENCE, || async {
        let run = house.get(&path).await;
        let is_over = !matches!(run["status"].as_str(), Some("pending" | "running"));
        is_over.then_some(run)
    })
    .await
}

/// All is there once, and of each hand a page at most was asked for twice after each of `cuts`.
async fn each_row_once(house: &House, gateway: &Gateway, run: &Value, cuts: usize) {
    assert_eq!(run["status"], "success", "{run}");
    assert_eq!(
        (&run["new"], &run["records_count"]),
        (&json!(400), &json!(400))
    );
    let source = house.get("/api/v1/sources/students").await;
    assert_eq!(source["rows"], 400);
    let mut served: BTreeMap<_, usize> = BTreeMap::new();
    for asked in gateway.served() {
        *served
            .entry((asked.campus, asked.term, asked.page))
            .or_default() += 1;
    }
    assert_eq!(served.len(), 40);
    let repeated: usize = served.values().map(|times| times - 1).sum();
    assert!(repeated <= 4 * cuts, "{served:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_predefined_source_is_set_up_tried_and_synced_by_hand() {
    let gateway = Gateway::start(Behaviour::default()).await;
    let house = House::open("[egress]\nprivate = [\"127.0.0.1\"]\n").await;
    let listed = ran(&house, &["source", "list"], 0);
    assert!(
        listed.contains("faculty") && listed.contains("students"),
        "{listed}"
    );
    let secret = house.path().join("password");
    fs::write(&secret, format!("{PASSWORD}\n")).unwrap();
    let changes = [
        format!("request.url={}", gateway.url()),
        format!("login.url={}", gateway.login_url()),
        "login.body.userName=dabir".to_owned(),
        format!("login.body.password=@{}", secret.display()),
        "page_size=50".to_owned(),
    ];
    let words = ["source", "set", "students"].into_iter();
    let words: Vec<&str> = words.chain(changes.iter().map(String::as_str)).collect();
    ran(&house, &words, 0);
    let tested = ran(&house, &["source", "test", "students"], 0);
    assert!(tested.contains("studentnum"), "{tested}");
    let synced = ran(&house, &["source", "sync", "students", "--wait"], 0);
    assert!(
        synced.contains("400 new") && synced.contains("1101/4002"),
        "{synced}"
    );
    let again = ran(
        &house,
        &["--json", "source", "sync", "students", "--wait"],
        0,
    );
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["same"], &again["new"]), (&json!(400), &json!(0)));
    assert!(ran(&house, &["source", "runs", "students"], 0).contains("success"));
    ran(&house, &["source", "cancel", "students"], 4);
    ran(&house, &["source", "show", "nobody"], 3);
    ran(&house, &["source", "set", "students", "page_size=0"], 2);
    ran(
        &house,
        &["source", "set", "students", "login.body.password=open"],
        2,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_campus_costs_itself_and_the_command_says_so() {
    let gateway = Gateway::start(Behaviour {
        broken: Some(("1101".to_owned(), 404)),
        ..Behaviour::default()
    })
    .await;
    let mut house = furnished(&gateway);
    house.start(&[]);
    let told = ran(&house, &["source", "sync", "students", "--wait"], 1);
    assert!(told.contains("2 of 4 partitions failed"), "{told}");
    assert_eq!(house.get("/api/v1/sources/students").await["rows"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_the_middle_goes_on_where_it_stopped() {
    let gateway = Gateway::start(Behaviour {
        gated: true,
        ..Behaviour::default()
    })
    .await;
    let mut house = furnished(&gateway);
    house.start(&[]);
    let run = started(&house).await;
    for (cut, pages) in [(1, 7), (2, 16)] {
        gateway.let_pass(pages);
        until_rows(&house, run, 60 * cut).await;
        house.server().kill9();
        house.start(&[]);
    }
    gateway.let_pass(1_000);
    let run = ended(&house, run).await;
    each_row_once(&house, &gateway, &run, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_is_followed_by_another() {
    let gateway = Gateway::start(Behaviour {
        gated: true,
        ..Behaviour::default()
    })
    .await;
    let mut house = furnished(&gateway);
    house.start(&["--roles", "api,supervisor"]);
    let worker = || {
        let mut command = house.command();
        command.arg("worker");
        Running::spawn(command)
    };
    let first = worker();
    let run = started(&house).await;
    gateway.let_pass(15);
    until_rows(&house, run, 120).await;
    first.kill9();
    let second = worker();
    gateway.let_pass(1_000);
    let run = ended(&house, run).await;
    each_row_once(&house, &gateway, &run, 1).await;
    second.signal(Signal::TERM);
    assert!(second.wait_for_exit(PATIENCE).success());
}

#[tokio::test(flavor = "multi_thread")]
async fn students_become_clients_and_follow_the_directory() {
    let gateway = Gateway::start(Behaviour::default()).await;
    let mut house = furnished_with(&gateway, "[clients]\ndirectory = true\n");
    house.start(&[]);
    let key = "1100400100000001";
    house
        .post("/api/v1/clients", json!({ "username": key }))
        .await;
    let run = started(&house).await;
    assert_eq!(ended(&house, run).await["status"], "success");
    let all = || async {
        let page = house.get("/api/v1/clients?source=directory&limit=1").await;
        (page["totals"]["all"] == 400).then_some(())
    };
    eventually("all students are clients", PATIENCE, all).await;
    let by_hand = house.get(&format!("/api/v1/clients/{key}")).await;
    assert_eq!(
        (&by_hand["source"], &by_hand["name"]),
        (&json!("hand"), &json!(key))
    );
    gateway.set(|gateway| gateway.left = [2].into());
    let run = started(&house).await;
    assert_eq!(ended(&house, run).await["status"], "success");
    let gone = || async {
        let client = house.get("/api/v1/clients/1100400100000002").await;
        (client["available"] == false).then_some(client)
    };
    let gone = eventually("whoever left is not counted on", PATIENCE, gone).await;
    assert!(gone["name"].as_str().unwrap().starts_with("علی"), "{gone}");
}
