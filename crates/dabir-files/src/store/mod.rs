//! SQL of files, one function a question.

pub(crate) mod uploads;
pub(crate) mod files;
pub(crate) mod results;
