//! Background work of the whole product: the server's own workers, and those beside it.

use std::time::Duration;

use dabir_testing::{Running, eventually};
use rustix::process::Signal;
use serde_json::Value;

use crate::house::{House, SOON};

async fn workers(house: &House) -> usize {
    let workers = house.get("/api/v1/workers").await;
    workers["items"].as_array().unwrap().len()
}

async fn until_there_are(house: &House, wanted: usize) {
    eventually("the workers come", SOON, || async {
        (workers(house).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_beside_the_server_comes_and_goes() {
    let house = House::open("").await;
    until_there_are(&house, 1).await;
    let mut command = house.command();
    command.arg("worker");
    let worker = Running::spawn(command);
    until_there_are(&house, 2).await;
    worker.signal(Signal::TERM);
    let exit = worker.wait_for_exit(Duration::from_secs(10));
    assert!(exit.success(), "{exit}");
    assert_eq!(workers(&house).await, 1);
}

#[tokio::test]
async fn without_the_role_nobody_works() {
    let mut house = House::furnished("");
    house.start(&["--roles", "api,supervisor"]);
    assert_eq!(workers(&house).await, 0);
    let jobs = house.run(&["--json", "job", "list"]);
    let page: Value = serde_json::from_slice(&jobs.stdout).unwrap();
    assert!(page["items"].is_array(), "{page}");
}
