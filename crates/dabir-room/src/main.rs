//! The `dabir-room` executable.

fn main() {}
