//! The `dabir-room` executable.

use std::error::Error;
use std::process::ExitCode;

use dabir_core::Clock;
use dabir_room::args::{self, Command};
use dabir_room::{guard, log, run};

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            log::say(args::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(options)) => run::run(&options).unwrap_or_else(|error| {
            log::line(&Clock::system(), format_args!("error: {}", causes(&error)));
            ExitCode::FAILURE
        }),
        Ok(Command::Guard(options)) => guard::run(&options).unwrap_or_else(|error| {
            log::line(&Clock::system(), format_args!("error: {error}"));
            ExitCode::FAILURE
        }),
        Err(wrong) => {
            log::complain(format_args!("dabir-room: {wrong}\n{}", args::USAGE));
            ExitCode::from(2)
        }
    }
}

/// The error and what led to it, in one line.
fn causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
