//! Backups as an operator makes and restores them: beside a running server, killed at any instant, on
//! a full disk.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use dabir_room::record;
use dabir_testing::{Postgres, Running, eventually};
use reqwest::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::house::{House, SOON};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[track_caller]
fn done(output: &Output) -> String {
    let error = text(&output.stderr);
    assert!(output.status.success(), "{:?}: {error}", output.status);
    text(&output.stdout)
}

#[track_caller]
fn refused(output: &Output, code: i32) -> String {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    error
}

fn list(house: &House) -> Vec<Value> {
    let json = done(&house.run(&["backup", "list", "--json"]));
    serde_json::from_str(&json).unwrap()
}

/// Makes a backup and answers its name.
fn create(house: &House) -> String {
    let made = done(&house.run(&["backup", "create", "--json"]));
    let made: Value = serde_json::from_str(&made).unwrap();
    made["name"].as_str().unwrap().to_owned()
}

fn data(house: &House) -> PathBuf {
    house.path().join("data")
}

/// Bytes that nothing makes smaller, others for each seed.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

#[tokio::test]
async fn a_house_in_use_is_backed_up_and_comes_back() {
    let mut house = House::open("").await;
    house
        .post(
            "/api/v1/meetings",
            json!({ "name": "kept", "date_time": "2199-01-01T10:00:00Z" }),
        )
        .await;
    let name = create(&house);
    assert_eq!(list(&house)[0]["state"], "verified");
    let verified = done(&house.run(&["backup", "verify", &name]));
    assert!(verified.contains("is whole"), "{verified}");
    let audit = house.get("/api/v1/audit?action=backup").await;
    assert_eq!(audit["items"][0]["target_name"], name.as_str());
    let ready = done(&house.run(&["doctor", "--json"]));
    assert!(
        ready.contains("the newest verified one is 0 h old"),
        "{ready}"
    );
    house
        .post(
            "/api/v1/meetings",
            json!({ "name": "later", "date_time": "2199-01-01T10:00:00Z" }),
        )
        .await;

    let error = refused(&house.run(&["backup", "restore", &name, "--yes"]), 4);
    assert!(error.contains("in use"), "{error}");
    house.server().kill9();
    refused(&house.run(&["backup", "restore", &name]), 2);
    refused(
        &house.run(&[
            "backup",
            "restore",
            "dabir_20200101_000000.tar.zst",
            "--yes",
        ]),
        3,
    );
    let told = done(&house.run(&["backup", "restore", &name, "--yes"]));
    assert!(told.contains("to go back: mv data data.tried"), "{told}");
    house.start(&[]);
    let meetings = house.get("/api/v1/meetings").await;
    let names: Vec<&str> = meetings["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["name"].as_str())
        .collect();
    assert_eq!(names, ["kept"]);
    let verdict = house.get("/api/v1/audit/verify").await;
    assert_eq!(verdict["whole"], true, "{verdict}");
}

#[tokio::test]
async fn rooms_that_run_keep_a_restore_away() {
    let mut house = House::open("").await;
    let meeting = house.running_meeting("busy").await;
    let name = create(&house);
    house.server().kill9();
    let error = refused(&house.run(&["backup", "restore", &name, "--yes"]), 4);
    assert!(
        error.contains("1 rooms of this folder still run"),
        "{error}"
    );
    house.start(&[]);
    house.stop(meeting["id"].as_str().unwrap()).await;
    house.server().kill9();
    done(&house.run(&["backup", "restore", &name, "--yes"]));
    // Its time is not over: it runs again, once, and everything is where it was.
    house.start(&[]);
    house
        .state_of(meeting["id"].as_str().unwrap(), "running")
        .await;
}

#[tokio::test]
async fn a_room_that_comes_back_counts_anew_what_it_says() {
    let house = House::open("").await;
    house.server().kill9();
    let journal = house.room_folder("k3v9").join("journal.jsonl");
    fs::create_dir_all(journal.parent().unwrap()).unwrap();
    let head = record::encode_head("before").unwrap();
    fs::write(&journal, [&head[..], b"what was said\n"].concat()).unwrap();
    let name = create(&house);
    done(&house.run(&["backup", "restore", &name, "--yes"]));
    let restored = fs::read(&journal).unwrap();
    let end = restored.iter().position(|byte| *byte == b'\n').unwrap();
    let (head, said) = restored.split_at(end + 1);
    assert_eq!(said, b"what was said\n");
    let epoch = record::decode_head(head).unwrap();
    assert_ne!(epoch, "before");
}

#[tokio::test]
async fn the_api_makes_verifies_and_hands_out_backups() {
    let mut house = House::open("").await;
    let (status, job) = house.send(Method::POST, "/api/v1/backups", None).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    let result = result(&house, &job).await;
    let name = result["name"].as_str().unwrap();
    let listed = house.get("/api/v1/backups").await;
    assert_eq!(listed["items"][0]["name"], name);
    let path = format!("/api/v1/backups/{name}/download");
    let answer = house
        .request(Method::GET, &path)
        .bearer_auth(house.token())
        .send()
        .await
        .unwrap();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(
        bytes,
        fs::read(data(&house).join("backups").join(name)).unwrap()
    );
    let job = house
        .post(&format!("/api/v1/backups/{name}/verify"), Value::Null)
        .await;
    assert_eq!(self::result(&house, &job).await["rows"], result["rows"]);
    for wrong in [
        "dabir_20200101_000000.tar.zst",
        "..%2fsecrets%2fadmin.token",
        "x",
    ] {
        let path = format!("/api/v1/backups/{wrong}/download");
        assert_eq!(
            house.send(Method::GET, &path, None).await.0,
            StatusCode::NOT_FOUND
        );
        let path = format!("/api/v1/backups/{wrong}/verify");
        assert_eq!(
            house.send(Method::POST, &path, None).await.0,
            StatusCode::NOT_FOUND
        );
    }
    let metrics = house.request(Method::GET, "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("dabir_backup_last_verified_age_seconds"),
        "{metrics}"
    );
    let schedules = house.get("/api/v1/schedules").await;
    let schedules = schedules["items"].as_array().unwrap();
    assert!(
        schedules
            .iter()
            .any(|one| one["name"] == "backup" && one["cron"] == "30 3 * * *")
    );

    // The same from elsewhere.
    let (url, token) = (house.url().to_owned(), house.token());
    house.set("DABIR_URL", &url);
    house.set("DABIR_TOKEN", &token);
    let told = done(&house.run(&["backup", "create", "--to", "copy.tar.zst"]));
    assert!(told.contains("made and verified"), "{told}");
    assert!(house.path().join("copy.tar.zst").metadata().unwrap().len() > 1_000);
    let again = house.run(&["backup", "create", "--to", "copy.tar.zst"]);
    assert!(refused(&again, 4).contains("is there already"));
    let told = done(&house.run(&["backup", "verify", name]));
    assert!(told.contains("is whole"), "{told}");
    assert_eq!(list(&house).len(), 2);
    refused(&house.run(&["backup", "restore", name, "--yes"]), 2);
    house.set("DABIR_TOKEN", "wrong");
    let failed = house.run(&["backup", "create", "--to", "none.tar.zst"]);
    assert!(!failed.status.success(), "{failed:?}");
    let left = fs::read_dir(house.path()).unwrap().flatten();
    let left = left.filter(|file| file.file_name().to_string_lossy().contains("none"));
    assert_eq!(left.count(), 0, "no file tells of a backup that is none");
}

#[tokio::test]
async fn a_worker_that_starts_before_the_server_makes_backups_too() {
    let postgres = Postgres::start();
    let config = format!("[database]\nurl = \"{}\"\n", postgres.database());
    let mut house = House::open(&config).await;
    house
        .post("/api/v1/meetings", json!({ "name": "noted in the audit" }))
        .await;
    house.server().signal(Signal::TERM);
    house.server().wait_for_exit(SOON);
    let mut worker = house.command();
    worker.args(["worker", "--listen", "127.0.0.1:0"]);
    let worker = Running::spawn(worker);
    worker.wait_for_line(SOON, |line| line.contains(" worker is ready at http"));
    house.start(&["--roles", "api,supervisor"]);
    let job = house.post("/api/v1/backups", Value::Null).await;
    assert!(result(&house, &job).await["rows"].is_u64());
}

/// What a job answered once it ended well.
async fn result(house: &House, job: &Value) -> Value {
    let path = format!("/api/v1/jobs/{}", job["id"]);
    let mut job = eventually("the job ends well", SOON, async || {
        let job = house.get(&path).await;
        (job["state"] == "succeeded").then_some(job)
    })
    .await;
    job["result"].take()
}

#[tokio::test]
async fn what_lies_outside_the_data_folder_is_named() {
    let config = "[clients]\ndir = \"clients\"\navailable_dir = \"data/available\"\n";
    let house = House::open(config).await;
    fs::create_dir_all(data(&house).join("available")).unwrap();
    let told = done(&house.run(&["backup", "create"]));
    let left_out: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("left out"))
        .collect();
    assert_eq!(left_out.len(), 1, "{told}");
    assert!(left_out[0].contains("/clients: it lies outside"), "{told}");
}

#[tokio::test]
async fn a_damaged_backup_is_told_of() {
    let house = House::open("").await;
    let name = create(&house);
    let path = data(&house).join("backups").join(&name);
    let mut bytes = fs::read(&path).unwrap();
    bytes[500] ^= 1;
    fs::write(&path, bytes).unwrap();
    let job = house
        .post(&format!("/api/v1/backups/{name}/verify"), Value::Null)
        .await;
    let path = format!("/api/v1/jobs/{}", job["id"]);
    eventually("the job fails", SOON, async || {
        (house.get(&path).await["state"] == "failed").then_some(())
    })
    .await;
    let recent = house.get("/api/v1/events/recent").await;
    let told = recent["items"].as_array().unwrap();
    let told = told
        .iter()
        .find(|event| event["type"] == "backup_changed")
        .unwrap();
    assert_eq!(
        (&told["name"], &told["status"]),
        (&json!(name), &json!("failed"))
    );
    assert_eq!(list(&house)[0]["state"], "failed");
    let doctor = house.run(&["doctor"]);
    assert!(
        text(&doctor.stdout).contains("there is no verified backup"),
        "{doctor:?}"
    );
    refused(&house.run(&["backup", "verify", &name]), 3);
}

/// A house with enough in it that work on it takes a while.
async fn full_house() -> House {
    let house = House::open("").await;
    house.server().kill9();
    let files = data(&house).join("files");
    fs::create_dir_all(&files).unwrap();
    for number in 0..40 {
        fs::write(files.join(number.to_string()), noise(number, 400_000)).unwrap();
    }
    house
}

/// Runs a command and kills it after this time. Answers whether it had ended by itself.
fn cut_off(house: &House, words: &[&str], after: Duration) -> bool {
    let mut command = house.command();
    command
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().unwrap().success()
}

#[tokio::test]
async fn whenever_making_one_is_killed_nothing_half_counts() {
    let house = full_house().await;
    let mut step = 0;
    while !cut_off(
        &house,
        &["backup", "create"],
        Duration::from_millis(40 * step),
    ) {
        step += 1;
        let bad = list(&house)
            .into_iter()
            .find(|backup| backup["state"] == "failed");
        assert_eq!(bad, None, "killed after {} ms", 40 * step);
    }
    assert!(step > 2, "it was killed on the way");
    for backup in list(&house) {
        done(&house.run(&["backup", "verify", backup["name"].as_str().unwrap()]));
    }
    let left = fs::read_dir(data(&house).join("backups"))
        .unwrap()
        .flatten();
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".work"));
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn whenever_a_restore_is_killed_the_house_is_the_old_or_the_new_one() {
    let house = full_house().await;
    let state = data(&house).join("files/state");
    fs::write(&state, "new").unwrap();
    let name = create(&house);
    fs::write(&state, "old").unwrap();
    let words = ["backup", "restore", &name, "--yes"];
    let mut step = 0;
    while !cut_off(&house, &words, Duration::from_millis(40 * step)) {
        step += 1;
        let now = fs::read_to_string(&state).unwrap();
        assert!(now == "old" || now == "new", "{now}");
        for number in 0..40 {
            let size = data(&house)
                .join("files")
                .join(number.to_string())
                .metadata();
            assert_eq!(size.unwrap().len(), 400_000, "after {} ms", 40 * step);
        }
        assert!(data(&house).join("dabir.db").exists());
    }
    assert!(step > 2, "it was killed on the way");
    assert_eq!(fs::read_to_string(&state).unwrap(), "new");
    let neighbours = fs::read_dir(house.path()).unwrap().flatten();
    let names: Vec<String> = neighbours
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    let unfinished = names
        .iter()
        .find(|name| name.ends_with(".restoring") || name.ends_with(".discarded"));
    assert_eq!(unfinished, None, "{names:?}");
    let is_old = |name: &String| {
        let state = house.path().join(name).join("files/state");
        name.starts_with("data.before-restore-") && fs::read_to_string(state).unwrap() == "old"
    };
    // One that was killed behind the swap left it, and the next one swapped the new for the new.
    assert!(names.iter().any(is_old), "{names:?}");
    done(&house.run(&["backup", "create"]));
}

#[tokio::test]
async fn a_full_disk_is_told_of_and_nothing_half_stays() {
    let house = full_house().await;
    let dabir = house.command();
    let mut limited = Command::new("sh");
    limited
        .current_dir(house.path())
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 4000; exec \"$0\" backup create",
        ])
        .arg(dabir.get_program());
    let error = refused(&limited.output().unwrap(), 1);
    assert!(error.contains("no room is left"), "{error}");
    assert!(error.contains("[backup.keep]"), "{error}");
    let left: Vec<_> = fs::read_dir(data(&house).join("backups"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "the lock alone: {left:?}");
}

#[tokio::test]
async fn nobody_starts_on_half_a_house() {
    let mut house = House::open("").await;
    let name = create(&house);
    house.server().kill9();
    fs::write(data(&house).join(".restoring"), "").unwrap();
    for words in [&["serve"][..], &["meeting", "list"]] {
        let error = refused(&house.run(words), 1);
        assert!(error.contains("a restore was cut off"), "{error}");
    }
    let doctor = text(&house.run(&["doctor"]).stdout);
    assert!(doctor.contains("a restore was cut off"), "{doctor}");
    done(&house.run(&["backup", "restore", &name, "--yes"]));
    house.start(&[]);
}
