//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::guard;
use crate::run::Options;

/// What `--help` says.
pub const USAGE: &str = "\
usage: dabir-room PORT [--dir DIR] [--host HOST] [--name NAME] [--ends-at RFC3339] [--control-stdin]
       dabir-room guard DIR PROGRAM [ARGUMENT…]

Serves one meeting on PORT. With --dir the meeting is what DIR/room.json says; without it the room
is open to guests and prints a link for its moderator.
  --host HOST        where to listen, unless the socket is inherited (default 127.0.0.1)
  --name NAME        what the meeting is called, without --dir
  --ends-at RFC3339  when it ends, without --dir
  --control-stdin    standard input is the listening Unix socket of the control channel
`guard` runs PROGRAM as the room, and ends it when the meeting of DIR/room.json ends.";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Run(Options),
    Guard(guard::Options),
    Help,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// One sentence on what is wrong.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut args = args.into_iter().peekable();
    if args.next_if(|first| first == "guard").is_some() {
        return guarded(args);
    }
    let mut port = None;
    let mut options = Options {
        port: 0,
        dir: None,
        host: "127.0.0.1".to_owned(),
        name: "Dabir".to_owned(),
        ends_at: None,
        control_stdin: false,
    };
    while let Some(arg) = args.next() {
        let mut value = || {
            args.next()
                .ok_or(format!("{} wants a value", arg.display()))
        };
        match arg.to_str() {
            Some("--help" | "-h") => return Ok(Command::Help),
            Some("--control-stdin") => options.control_stdin = true,
            Some("--dir") => options.dir = Some(PathBuf::from(value()?)),
            Some("--host") => options.host = text(value()?)?,
            Some("--name") => options.name = text(value()?)?,
            Some("--ends-at") => options.ends_at = Some(time(value()?)?),
            Some(number) if port.is_none() && !number.starts_with('-') => {
                port = Some(port_number(number)?);
            }
            _ => return Err(format!("`{}` is not understood", arg.display())),
        }
    }
    options.port = port.ok_or("a port is missing")?;
    Ok(Command::Run(options))
}

fn guarded(mut args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let dir = PathBuf::from(args.next().ok_or("the room's folder is missing")?);
    let words: Vec<OsString> = args.collect();
    if words.is_empty() {
        return Err("the program is missing".to_owned());
    }
    Ok(Command::Guard(guard::Options { dir, words }))
}

fn port_number(number: &str) -> Result<u16, String> {
    let port = number.parse();
    port.map_err(|_| format!("`{number}` is no port: 0 to 65535, 0 for any free one"))
}

fn text(value: OsString) -> Result<String, String> {
    let text = value.into_string();
    text.map_err(|value| format!("`{}` is not UTF-8", value.display()))
}

fn time(value: OsString) -> Result<dabir_core::Timestamp, String> {
    let value = text(value)?;
    let time = value.parse();
    time.map_err(|error| format!("`{value}` is no time as 2026-11-21T15:00:00Z: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn arguments_come_in_any_order() {
        let Ok(Command::Run(options)) = check("--dir /srv/r1 8081 --control-stdin") else {
            panic!("not understood");
        };
        assert_eq!(options.port, 8081);
        assert_eq!(options.dir, Some(PathBuf::from("/srv/r1")));
        assert!(options.control_stdin);
        assert_eq!(check("--help"), Ok(Command::Help));
    }

    #[test]
    fn wrong_usage_is_explained() {
        for (line, part) in [
            ("", "port is missing"),
            ("http", "`http` is no port"),
            ("70000", "`70000` is no port"),
            ("1 2", "`2` is not understood"),
            ("1 --dri x", "`--dri` is not understood"),
            ("1 --dir", "--dir wants a value"),
            ("1 --ends-at noon", "`noon` is no time"),
            ("guard", "folder is missing"),
            ("guard /srv/r1", "program is missing"),
        ] {
            let error = check(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
