//! Tasks: what is to be done, by whom and until when, on a board that all writers share.

pub mod model;
pub(crate) mod rank;
mod due;
mod edit;
mod list;
mod changes;
pub mod service;
mod store;
pub mod routes;
pub mod worker;

pub use edit::MAX_FILES;
pub use model::{Due, Priority, Status, Task};
pub use routes::routes;
pub use service::{Tasks, TasksSetup};
