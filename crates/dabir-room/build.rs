//! Embeds the built page of `web/dist/room`: its style goes into the page's template, and each file
//! becomes an entry of `assets::FILES`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const DIST: &str = "../../web/dist/room";
const TEMPLATE: &str = "page/page.html";

/// What stands for the style in the template: a browser that had to ask for it would paint later.
const STYLE: &str = "/* room.css */";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DIST}");
    println!("cargo::rerun-if-changed={TEMPLATE}");
    let dist = Path::new(DIST);
    match table(dist).and_then(|table| Ok((table, page(dist)?))) {
        Ok((table, page)) => {
            let out = env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .unwrap_or_default();
            fs::write(out.join("files.rs"), table)?;
            fs::write(out.join("page.html"), page)
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
    let paths = files(dist)?;
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

/// The page's template with its style, whose addresses lead from the page instead.
fn page(dist: &Path) -> io::Result<String> {
    let style = files(dist)?.into_iter().find(|path| is(path, "css"));
    let style = style.ok_or_else(|| io::Error::other("it has no style"))?;
    let style = fs::read_to_string(style)?.replace("url(./", "url(assets/");
    if style.contains("{{") || style.contains("</") {
        return Err(io::Error::other("its style cannot stand in a template"));
    }
    Ok(fs::read_to_string(TEMPLATE)?.replace(STYLE, style.trim()))
}

fn files(dist: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dist.canonicalize()?)?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn is_served(path: &Path) -> bool {
    // The style is served as well: the house's own pages link to it.
    path.is_file() && !is(path, "gz")
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
