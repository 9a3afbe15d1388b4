//! The photos of clients, for pages.

use super::Clients;
use crate::model::Refused;
use crate::name::Username;
use crate::portrait::{Portrait, draw, tag};

impl Clients {
    /// The photo of a client, for whoever `has` those of some tags; `None` when there is none that
    /// can be shown.
    ///
    /// # Errors
    /// When nothing is known of the name.
    pub async fn portrait(
        &self,
        username: &Username,
        has: impl Fn(&str) -> bool,
    ) -> Result<Option<Portrait>, Refused> {
        let dir = self.config().available_dir;
        let Some(photo) = self.get(username)?.photo else {
            return Ok(None);
        };
        if dir.as_os_str().is_empty() {
            return Ok(None);
        }
        let (below, file) = (dir.clone(), photo.file.clone());
        let tag = tokio::task::spawn_blocking(move || tag(&below, &file)).await;
        let Ok(Ok(tag)) = tag else {
            return Ok(None);
        };
        if has(&tag) {
            return Ok(Some(Portrait { tag, jpeg: None }));
        }
        let key = (photo.file, tag.clone());
        let drawing = key.clone();
        let portraits = &self.shared.portraits;
        let jpeg = portraits.get(key, move || draw(&dir, &drawing)).await;
        let shown = |jpeg| Portrait {
            tag,
            jpeg: Some(jpeg),
        };
        Ok(jpeg.map(shown))
    }
}
