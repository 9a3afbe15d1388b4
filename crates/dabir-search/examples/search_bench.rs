//! How long a search takes among many texts: fills a new database and asks it, kind by kind.
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use clap::Parser;
use dabir_core::{Findable, Timestamp};
use dabir_db::Db;
use dabir_search::{Entry, Query, Search, Sources, put};
use dabir_testing::Postgres;

#[derive(Parser)]
struct Args {
    /// How many texts there are.
    #[arg(long, default_value_t = 100_000)]
    texts: usize,
    /// How many queries of each kind are asked.
    #[arg(long, default_value_t = 200)]
    queries: usize,
    /// A PostgreSQL of its own in place of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Where to keep the database for the next time; a new folder when not given.
    #[arg(long)]
    dir: Option<std::path::PathBuf>,
}

/// So many different words there are.
const VOCABULARY: usize = 40_000;
/// Texts and queries of people: their words stand among those that are made up, one in so many.
const GOLDEN: &str = include_str!("../tests/golden.txt");
const SPREAD: usize = 20;
/// The words that stand in nearly every text.
const COMMON: [&str; 16] = [
    "و", "در", "به", "از", "که", "را", "با", "این", "the", "of", "and", "to", "in", "است", "برای",
    "آن",
];
/// The end of the words that are made up; so that there are forms of one word.
const ENDINGS: [&str; 6] = ["", "", "", "‌ها", "‌های", "ی"];
const SYLLABLES: [&str; 24] = [
    "با", "بر", "پا", "تا", "جان", "چا", "خو", "دا", "دان", "را", "ری", "زن", "سا", "سر", "شا",
    "فر", "کا", "کر", "گا", "لا", "مان", "نا", "ور", "یا",
];
/// The words that one reader in a hundred texts has.
const READERS: usize = 100;
/// So many texts are put in one transaction.
const BATCH: usize = 500;

#[tokio::main]
async fn main() {
    let args = Args::parse();
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = args.postgres.then(Postgres::start);
    let url = postgres.as_ref().map_or(String::new(), Postgres::database);
    let dir = args.dir.unwrap_or_else(|| folder.path().to_owned());
    let db = Db::open(&url, &dir).await.expect("a database");
    let texts = Texts::new();
    let began = Instant::now();
    fill(&db, &texts, args.texts).await;
    let each = began.elapsed() / u32::try_from(args.texts).expect("few enough");
    println!("{}: {} texts, {each:.0?} a put", db.kind(), args.texts);
    let search = Search::new(db.clone(), Sources::default());
    let mut all = Vec::new();
    for (name, make) in KINDS {
        let mut chance = Chance(7);
        let mut took = Vec::new();
        let mut hits = 0;
        for n in 0..args.queries {
            let text = texts.text(chance.below(args.texts));
            let query = Query {
                text: make(&texts, &text, &mut chance),
                limit: 20,
                ..Query::default()
            };
            let readers = if n % 10 == 9 { "user:7" } else { "everyone" };
            let began = Instant::now();
            let page = search.find(&query, &[readers.to_owned()]).await;
            took.push(began.elapsed());
            hits += page.expect("an answer").items.len();
        }
        report(name, &mut took, hits);
        all.extend(took);
    }
    report("all", &mut all, 0);
}

fn report(name: &str, took: &mut [Duration], hits: usize) {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    let hits = hits as f64 / took.len() as f64;
    let (p50, p95, max) = (at(50), at(95), at(100));
    println!("{name:12} p50 {p50:>8.2?}  p95 {p95:>8.2?}  max {max:>8.2?}  {hits:.1} hits");
}

async fn fill(db: &Db, texts: &Texts, count: usize) {
    for batch in (0..count).collect::<Vec<_>>().chunks(BATCH) {
        let tx = db.write().await.expect("a transaction");
        for number in batch {
            let entry = Entry::of(texts.entry(*number)).await.expect("an entry");
            put(&tx, entry).await.expect("it is put");
        }
        tx.commit().await.expect("a commit");
    }
}

type Make = fn(&Texts, &str, &mut Chance) -> String;

/// What people ask for, of a text that is there.
const KINDS: [(&str, Make); 11] = [
    ("of people", |texts, _, chance| {
        texts.queries[chance.below(texts.queries.len())].clone()
    }),
    ("a word", |_, text, chance| {
        format!("{} ", chance.words(text, 1))
    }),
    ("two words", |_, text, chance| {
        format!("{} {} ", chance.words(text, 1), chance.words(text, 1))
    }),
    ("three words", |_, text, chance| {
        let mut word = || chance.words(text, 1);
        format!("{} {} {} ", word(), word(), word())
    }),
    ("as typed", |_, text, chance| {
        let (word, letters) = (chance.words(text, 1), 1 + chance.below(5));
        word.chars().take(letters).collect()
    }),
    ("two, typed", |_, text, chance| {
        let (word, letters) = (chance.words(text, 1), 2 + chance.below(4));
        let begun: String = word.chars().take(letters).collect();
        format!("{} {begun}", chance.words(text, 1))
    }),
    ("phrase", |_, text, chance| {
        format!("\"{}\"", chance.words(text, 3))
    }),
    ("not", |texts, text, chance| {
        format!("{} -{} ", chance.words(text, 1), texts.word(chance))
    }),
    ("frequent", |texts, _, chance| {
        format!("{} {} ", texts.frequent(chance), texts.frequent(chance))
    }),
    ("empty words", |_, _, chance| {
        let word = COMMON[chance.below(COMMON.len())];
        format!("{word} {} ", COMMON[chance.below(COMMON.len())])
    }),
    ("a paragraph", |_, text, chance| chance.words(text, 60)),
];

/// Made up, the same each time: common words, and others that are the rarer the later they come.
struct Texts {
    words: Vec<String>,
    /// What people ask for.
    queries: Vec<String>,
}

impl Texts {
    fn new() -> Self {
        let mut chance = Chance(1);
        let word = |_| {
            let length = 2 + chance.below(3);
            let syllables = (0..length).map(|_| SYLLABLES[chance.below(SYLLABLES.len())]);
            syllables.collect()
        };
        let mut words: Vec<String> = (0..VOCABULARY).map(word).collect();
        let is_text = |line: &&str| !line.starts_with(['?', '#']);
        let golden = GOLDEN.lines().filter(is_text);
        let golden: BTreeSet<&str> = golden.flat_map(str::split_whitespace).collect();
        for (place, word) in words.iter_mut().step_by(SPREAD).zip(golden) {
            *place = word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        }
        let queries = GOLDEN.lines().filter_map(|line| line.strip_prefix("? "));
        let queries = queries.filter_map(|line| Some(line.rsplit_once(':')?.0.trim_end()));
        let query = |query: &str| match query.strip_suffix('…') {
            Some(begun) => begun.to_owned(),
            None => format!("{query} "),
        };
        Self {
            words,
            queries: queries.map(query).collect(),
        }
    }

    /// Zipf's law: the word of rank n comes once where the first comes n times.
    fn word(&self, chance: &mut Chance) -> &str {
        let rank = (VOCABULARY as f64).powf(chance.share());
        &self.words[rank as usize - 1]
    }

    /// One of those that stand in many texts.
    fn frequent(&self, chance: &mut Chance) -> &str {
        &self.words[chance.below(20)]
    }

    fn run(&self, length: usize, chance: &mut Chance) -> String {
        let mut text = String::new();
        for _ in 0..length {
            let is_common = chance.below(100) < 35;
            if is_common {
                text += COMMON[chance.below(COMMON.len())];
            } else {
                text += self.word(chance);
                text += ENDINGS[chance.below(ENDINGS.len())];
            }
            text += if chance.below(12) == 0 { "، " } else { " " };
        }
        text
    }

    fn text(&self, number: usize) -> String {
        let mut chance = Chance(number as u64 + 99);
        let length = 20 + chance.below(360);
        self.run(length, &mut chance)
    }

    fn entry(&self, number: usize) -> Findable {
        let mut chance = Chance(number as u64 + 7_000_099);
        let at = 1_700_000_000_000 + chance.below(60_000_000_000) as i64;
        let everyone = if number.is_multiple_of(10) {
            "role:admin"
        } else {
            "everyone"
        };
        Findable {
            kind: ["document", "task", "file"][number % 3].to_owned(),
            id: number.to_string(),
            title: self.run(5, &mut chance),
            body: self.text(number),
            updated_at: Timestamp::from_millisecond(at).expect("a time"),
            readers: vec![everyone.to_owned(), format!("user:{}", number % READERS)],
        }
    }
}

/// Numbers that are the same each time (Marsaglia's xorshift).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    /// So many words of a text, one after the other.
    fn words(&mut self, text: &str, count: usize) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let at = self.below(words.len().saturating_sub(count) + 1);
        let words = words[at..].iter().take(count);
        let bare = words.map(|word| word.trim_end_matches('،'));
        bare.collect::<Vec<_>>().join(" ")
    }
}
