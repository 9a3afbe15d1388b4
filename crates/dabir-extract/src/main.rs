//! The `dabir-extract` executable.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use dabir_extract::{Kind, pdf, read};

const USAGE: &str = "usage: dabir-extract pdf|package|html|markdown|text|csv|picture < FILE\n\
    Reads a file that nobody trusts, without files, network and other programs, and writes what is in\n\
    it as lines of JSON. The server starts it; it is of no use by hand but to see what it makes of a file.\n";

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let first = args.first().and_then(|word| word.to_str());
    if first == Some(pdf::BECOME) {
        let error = pdf::become_reader(&args[1..]);
        let _ = writeln!(io::stderr(), "dabir-extract: {error}");
        return ExitCode::FAILURE;
    }
    match first.and_then(Kind::parse) {
        Some(kind) if args.len() == 1 => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            match read::run(kind, &mut out) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        _ => {
            let _ = io::stderr().write_all(USAGE.as_bytes());
            ExitCode::from(2)
        }
    }
}
