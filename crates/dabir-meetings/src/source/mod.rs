//! Where meetings come from: the Django API's list, read with distrust.

mod rows;
mod list;
mod django;

pub use django::{Django, FetchError, Fetched};
pub use list::{Listed, parse_page};
pub(crate) use rows::clean_name;
pub use rows::{BadRow, UpstreamRow};
