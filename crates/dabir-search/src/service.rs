//! Finding: what somebody may see of what they look for.

use dabir_core::Page;
use dabir_db::Db;
use dabir_http::Identity;
use dabir_text::search::{Expression, Marks};
use dabir_text::{search, snippet};
use sea_orm::DbErr;

use crate::error::SearchError;
use crate::language::Question;
use crate::model::{Cursor, Hit, Query};
use crate::readers::readers;
use crate::source::Sources;
use crate::store::{self, Asking, Found, Shown};
use crate::terms::{kind, one_of, reader};

/// The most hits that a page may have.
const MAX_LIMIT: u32 = 50;
/// So much is asked for at once, when the index has much that somebody may not see.
const MAX_ASKED: u32 = 500;
/// How long a snippet is, in letters.
const SNIPPET: usize = 200;

/// The index, for whoever looks for something. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Search {
    db: Db,
    sources: Sources,
}

impl Search {
    #[must_use]
    pub fn new(db: Db, sources: Sources) -> Self {
        Self { db, sources }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What `who` may see of what is looked for, the best first. The index may be a moment behind, so
    /// everything that it finds is asked for at its source; nothing of the answer, its cursor neither,
    /// comes from what `who` may not see.
    ///
    /// # Errors
    /// When the cursor is none of ours, or the database does not answer.
    pub async fn find_for(&self, who: &Identity, query: &Query) -> Result<Page<Hit>, SearchError> {
        let asked = Asked::of(query, &readers(who))?;
        let wanted = asked.limit + 1;
        let (mut seen, mut place, mut most) = (Vec::new(), asked.place, wanted);
        loop {
            let found = self.ask(&asked.questions, place, most).await?;
            let is_end = found.len() < most as usize;
            place = found.last().map(|(place, _)| *place);
            let things = found.iter().map(|(_, found)| (&*found.kind, &*found.id));
            let may = self.sources.seen(who, things).await?;
            let is_seen = |found: &Found| may.contains(&(found.kind.clone(), found.id.clone()));
            seen.extend(found.into_iter().filter(|(_, found)| is_seen(found)));
            if is_end || seen.len() >= wanted as usize {
                return self.page(asked, seen).await;
            }
            most = MAX_ASKED.min(most * 2);
        }
    }

    /// What the index has for somebody with these words, the best first.
    ///
    /// # Errors
    /// When the cursor is none of ours, or the database does not answer.
    pub async fn find(&self, query: &Query, readers: &[String]) -> Result<Page<Hit>, SearchError> {
        let asked = Asked::of(query, readers)?;
        let found = self
            .ask(&asked.questions, asked.place, asked.limit + 1)
            .await?;
        self.page(asked, found).await
    }

    /// Asks rank by rank until there is enough.
    async fn ask(
        &self,
        questions: &[Question],
        cursor: Option<Cursor>,
        most: u32,
    ) -> Result<Vec<(Cursor, Found)>, DbErr> {
        let asking = Asking::begin(&self.db).await?;
        let wanted = most as usize;
        let mut found: Vec<(Cursor, Found)> = Vec::new();
        let first = cursor.map_or(0, |cursor| cursor.rank);
        for (rank, question) in questions.iter().enumerate().skip(first) {
            if found.len() >= wanted {
                break;
            }
            let before = cursor.filter(|cursor| cursor.rank == rank);
            let before = before.map_or(i64::MAX, |cursor| cursor.stand);
            // From the beginning on, all that was found before is at hand: it is cheaper to leave it out
            // than to ask without it.
            let question = match cursor {
                None => &Question {
                    before: None,
                    ..question.clone()
                },
                Some(_) => question,
            };
            let rows = asking.ask(question, before, most).await?;
            let is_new = |row: &Found| found.iter().all(|(_, had)| had.stand != row.stand);
            let new: Vec<Found> = rows.into_iter().filter(is_new).collect();
            let left = wanted - found.len();
            found.extend(new.into_iter().take(left).map(|row| {
                let stand = row.stand;
                (Cursor { rank, stand }, row)
            }));
        }
        asking.end().await?;
        Ok(found)
    }

    /// The page of what was found, which may be more than it holds.
    async fn page(
        &self,
        asked: Asked,
        found: Vec<(Cursor, Found)>,
    ) -> Result<Page<Hit>, SearchError> {
        let page = Page::cut(found, asked.limit, |(cursor, _)| cursor.write());
        let found: Vec<&Found> = page.items.iter().map(|(_, found)| found).collect();
        let mut shown = store::shown(self.db.read(), &found).await?;
        let place = |shown: &Shown| {
            found
                .iter()
                .position(|one| (&one.kind, &one.id) == (&shown.kind, &shown.id))
        };
        shown.sort_by_key(place);
        let marks = asked.marks;
        let hits = move || shown.into_iter().map(|shown| hit(shown, &marks)).collect();
        let items = tokio::task::spawn_blocking(hits).await;
        Ok(Page {
            items: items.map_err(|error| DbErr::Custom(error.to_string()))?,
            next_cursor: page.next_cursor,
        })
    }
}

/// A query as it is put to the index.
struct Asked {
    /// For each rank one; none when nothing is looked for, or by nobody.
    questions: Vec<Question>,
    marks: Marks,
    limit: u32,
    /// Behind which it goes on.
    place: Option<Cursor>,
}

impl Asked {
    fn of(query: &Query, readers: &[String]) -> Result<Self, SearchError> {
        let asked = search::Query::of(&query.text);
        let cursor = query.cursor.as_ref();
        let place =
            cursor.map(|text| Cursor::read(text).ok_or_else(|| SearchError::Cursor(text.clone())));
        let questions = match one_of(readers, reader) {
            Some(readers) if !asked.is_empty() => questions(&asked, &readers, &query.kinds),
            _ => Vec::new(),
        };
        Ok(Self {
            questions,
            marks: asked.marks(),
            limit: query.limit.clamp(1, MAX_LIMIT),
            place: place.transpose()?,
        })
    }
}

/// For each rank what is found with it and not with a better one.
fn questions(asked: &search::Query, readers: &Expression, kinds: &[String]) -> Vec<Question> {
    let ranks = asked.ranks();
    let excluded = asked.excluded();
    let kinds = one_of(kinds, kind);
    let question = |(n, rank): (usize, &Expression)| {
        // What is found with the first rank is found with the second one too.
        let better = ranks[..n].iter().skip(usize::from(n > 1));
        let all = [rank, readers].into_iter().chain(&kinds).cloned();
        Some(Question {
            is: Expression::all(all.collect())?,
            before: Expression::any(better.cloned().collect()),
            is_not: excluded.clone(),
        })
    };
    ranks.iter().enumerate().filter_map(question).collect()
}

fn hit(shown: Shown, marks: &Marks) -> Hit {
    Hit {
        kind: shown.kind,
        id: shown.id,
        title: shown.title,
        snippet: snippet(&shown.body, marks, SNIPPET),
        updated_at: shown.updated_at,
    }
}
