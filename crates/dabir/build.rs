//! Says in words when the pages that the executable carries were not built yet.

use std::env;
use std::path::Path;

const CONSOLE: &str = "../../web/dist/console";
const JOIN: &str = "../../web/dist/join";

fn main() {
    // A debug build reads the files where they stand.
    let embeds = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none();
    println!(
        "cargo::rerun-if-changed={}",
        if embeds { CONSOLE } else { "build.rs" }
    );
    for (what, folder, file) in [
        ("the console", CONSOLE, "index.html"),
        ("the join page", JOIN, "join.js"),
    ] {
        if !Path::new(folder).join(file).is_file() {
            println!(
                "cargo::error={what} is not built ({folder}/{file} is missing); run `make web` first"
            );
        }
    }
}
