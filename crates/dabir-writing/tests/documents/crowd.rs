//! Many pages, in any order, cut at any time, with what they said already: at the end all say the same,
//! and nothing is lost.

use dabir_writing::Documents;
use yrs::{Text as _, Transact as _};

use crate::bench::Bench;
use crate::page::{Page, first_text, insert};

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

async fn all_pages_say_the_same_at_the_end(bench: Bench) {
    for seed in 1..=3 {
        converge(&bench, seed).await;
    }
}

async fn converge(bench: &Bench, seed: u64) {
    let id = bench.make("t", "").await;
    let there = bench.another().await;
    let hearing = tokio::spawn({
        let there = there.clone();
        async move { there.hear().await }
    });
    let servers: [&Documents; 2] = [&bench.documents, &there];
    let mut dice = Dice(seed);
    let mut pages: Vec<Page> = (0..5).map(|_| Page::of("ali")).collect();
    let mut words = 0;
    for _ in 0..250 {
        let page = dice.below(pages.len());
        let page = &mut pages[page];
        match dice.below(12) {
            0 => page.cut(),
            1..=3 if page.line.is_none() => page.connect(servers[dice.below(2)], &id).await,
            // What the journal has is said once more, as after a crash of the page.
            4 if page.line.is_some() => {
                page.cut();
                page.connect(servers[dice.below(2)], &id).await;
            }
            5 => page.hear_all().await,
            6 => {
                let at = u32::try_from(dice.below(40)).unwrap();
                page.change(|doc| delete_space(doc, at)).await;
            }
            _ => {
                words += 1;
                let at = u32::try_from(dice.below(200)).unwrap();
                let word = format!(" w{words}ی ");
                page.change(|doc| insert_between(doc, at, &word)).await;
            }
        }
    }
    for page in &mut pages {
        if page.line.is_none() || page.closed.is_some() {
            page.connect(servers[0], &id).await;
        }
        page.sync().await;
        page.settle().await;
    }
    let kept = Page::open("ali", &bench.documents, &id).await;
    let kept = kept.text();
    for word in 1..=words {
        assert!(
            kept.contains(&format!("w{word}ی")),
            "seed {seed}: w{word} is lost in {kept:?}"
        );
    }
    for (number, page) in pages.iter_mut().enumerate() {
        page.cut();
        page.connect(&bench.documents, &id).await;
        page.sync().await;
        assert_eq!(page.text(), kept, "seed {seed}: page {number}");
    }
    hearing.abort();
}

/// Only at a space: words stay whole.
fn insert_between(doc: &yrs::Doc, at: u32, word: &str) {
    let text = first_text(doc).map(|text| yrs::GetString::get_string(&text, &doc.transact()));
    let units: Vec<u16> = text.unwrap_or_default().encode_utf16().collect();
    let from = usize::try_from(at).unwrap().min(units.len());
    let space = units[from..]
        .iter()
        .position(|unit| *unit == u16::from(b' '));
    let place = space.map_or(units.len(), |space| from + space);
    insert(doc, u32::try_from(place).unwrap(), word);
}

fn delete_space(doc: &yrs::Doc, at: u32) {
    let Some(text) = first_text(doc) else { return };
    let units: Vec<u16> = yrs::GetString::get_string(&text, &doc.transact())
        .encode_utf16()
        .collect();
    let is_space = |at: usize| units.get(at) == Some(&u16::from(b' '));
    let place = usize::try_from(at).unwrap();
    if is_space(place) && is_space(place + 1) {
        text.remove_range(&mut doc.transact_mut(), at, 1);
    }
}

dabir_testing::on_both!(all_pages_say_the_same_at_the_end);
