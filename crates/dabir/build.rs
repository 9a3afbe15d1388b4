//! Says in words when the console, which the executable carries, was not built yet.

use std::env;
use std::path::Path;

const DIST: &str = "../../web/dist/console";

fn main() {
    // A debug build reads the files where they stand.
    let embeds = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none();
    println!(
        "cargo::rerun-if-changed={}",
        if embeds { DIST } else { "build.rs" }
    );
    if !Path::new(DIST).join("index.html").is_file() {
        println!(
            "cargo::error=the console is not built ({DIST}/index.html is missing); run `make web` first"
        );
    }
}
