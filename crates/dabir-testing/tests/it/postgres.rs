//! A server of one's own comes, serves, and leaves nothing behind.

use std::process::Command;

use dabir_testing::Postgres;

fn ask(url: &str, sql: &str) -> String {
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-d", url, "-c", sql])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn each_database_is_empty_and_apart() {
    let server = Postgres::start();
    let (one, two) = (server.database(), server.database());
    assert_ne!(one, two);
    ask(&one, "CREATE TABLE seen (x int)");
    let exists = "SELECT to_regclass('seen') IS NOT NULL";
    assert_eq!(
        (ask(&one, exists), ask(&two, exists)),
        ("t".into(), "f".into())
    );
    assert_eq!(ask(&one, "SHOW server_encoding"), "UTF8");
    drop(server);
    assert_eq!(ask(&one, "SELECT 1"), "", "it must be gone");
}

#[test]
fn from_a_server_that_is_not_ours_only_our_databases_go() {
    let server = Postgres::start();
    let theirs = server.database();
    let borrowed = Postgres::at(theirs.clone());
    let ours = borrowed.database();
    assert_eq!(ask(&ours, "SELECT 1"), "1");
    drop(borrowed);
    assert_eq!(ask(&ours, "SELECT 1"), "", "it must be gone");
    assert_eq!(ask(&theirs, "SELECT 1"), "1");
}
