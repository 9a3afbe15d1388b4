//! Embeds the built page of `web/dist/room`: each file becomes an entry of `assets::FILES`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const DIST: &str = "../../web/dist/room";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DIST}");
    match table(Path::new(DIST)) {
        Ok(table) => {
            let out = env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .unwrap_or_default();
            fs::write(out.join("files.rs"), table)
        }
        Err(e) => {
            println!(
                "cargo::error=the room's page is not built ({DIST}: {e}); run `make web` first"
            );
            Ok(())
        }
    }
}

/// The source of a sorted table `[(name, bytes, whether they are gzip)]`.
fn table(dist: &Path) -> io::Result<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dist.canonicalize()?)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    let mut source = String::from("[");
    for path in paths.iter().filter(|path| is_served(path)) {
        let zipped = PathBuf::from(format!("{}.gz", path.display()));
        let gzip = paths.contains(&zipped);
        let body = if gzip { &zipped } else { path };
        let name = path.file_name().unwrap_or_default();
        let _ = write!(source, "({name:?}, include_bytes!({body:?}), {gzip}),");
    }
    if source.len() == 1 {
        return Err(io::Error::other("it is empty"));
    }
    Ok(source + "]")
}

fn is_served(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension != "gz")
}
