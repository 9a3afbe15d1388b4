//! The page as browsers get it: zipping costs five times what rendering does, so that a page is kept
//! for a second and a flood of requests costs little.

use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::page::Lang;

/// How old a page may be that somebody gets.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// The newest page of each language.
#[derive(Debug, Default)]
pub struct Zipped(RefCell<[Option<Page>; 2]>);

#[derive(Clone, Debug)]
struct Page {
    made_at: Instant,
    body: Bytes,
}

impl Zipped {
    /// The page in this language, made by `render` unless there is one from just now.
    pub fn page(&self, lang: Lang, now: Instant, render: impl FnOnce() -> String) -> Bytes {
        let place = &mut self.0.borrow_mut()[lang as usize];
        let is_fresh = |page: &Page| now.saturating_duration_since(page.made_at) < KEPT_FOR;
        match place.take().filter(is_fresh) {
            Some(page) => place.insert(page),
            None => place.insert(Page {
                made_at: now,
                body: gzip(&render()),
            }),
        }
        .body
        .clone()
    }
}

/// Fast rather than small: the best would save a quarter and take three times as long.
fn gzip(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_flood_of_requests_is_one_page_a_second_and_language() {
        let zipped = Zipped::default();
        let (start, renders) = (Instant::now(), Cell::new(0));
        let page = |lang, millis| {
            zipped.page(lang, start + Duration::from_millis(millis), || {
                renders.update(|renders| renders + 1);
                format!("{lang:?} {millis}")
            })
        };
        let first = page(Lang::Fa, 0);
        for millis in 0..1_000 {
            assert_eq!(page(Lang::Fa, millis), first);
            assert_ne!(page(Lang::En, millis), first);
        }
        assert_eq!(renders.get(), 2);
        assert_ne!(page(Lang::Fa, 1_000), first);
        assert_eq!(renders.get(), 3);
    }
}
