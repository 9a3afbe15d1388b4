//! A foreign room command: the small Python server that existing installations run.

use std::path::PathBuf;

use crate::paths;

/// Where `mini_server.py` is: run it as `python3 mini_server.py PORT`; `--help` lists its bad manners.
#[must_use]
pub fn script() -> PathBuf {
    paths::own("mini_server.py")
}

/// The value of `[rooms] command` that starts it, with `manners` such as `--ignore-sigterm`.
#[must_use]
pub fn command(manners: &[&str]) -> Vec<String> {
    let script = script().display().to_string();
    ["python3", script.as_str(), "{port}"]
        .iter()
        .chain(manners)
        .map(ToString::to_string)
        .collect()
}
