//! The real executable, spoken to as browsers and supervisors do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;
mod talk;
mod door;
mod meeting;
mod orders;
mod crash;
mod slow;
mod hostile;
mod house;
mod page;
