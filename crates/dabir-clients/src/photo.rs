//! A client's reference photo, as far as it is kept: what it is, not the picture itself.

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A photo that was decoded and found whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClientPhoto)]
pub struct Photo {
    /// The file below the folder of available clients.
    pub file: String,
    /// `jpeg`, `png` or `webp`.
    pub format: String,
    pub width: u32,
    pub height: u32,
    pub size_bytes: u64,
    pub modified_at: Timestamp,
}
