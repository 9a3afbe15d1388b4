//! Kinds of jobs: their names, the type of their arguments, how they are tried again, and the code
//! that does them.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::backoff::Backoff;
use crate::context::JobContext;
use crate::error::{JobError, JobsError};
use crate::model::{KindView, NewJob};

/// One kind of job with arguments of type `A`. Kinds are constants of the domain that has them.
pub struct Kind<A> {
    /// `sync.run`: the domain and what is done, in small letters and dots.
    pub name: &'static str,
    pub queue: &'static str,
    pub max_attempts: i32,
    pub backoff: Backoff,
    /// How long one attempt may take; then it counts as an error.
    pub timeout: Option<Duration>,
    args: PhantomData<fn(A)>,
}

impl<A> Kind<A> {
    /// A kind that is tried five times, without a limit of time.
    #[must_use]
    pub const fn new(name: &'static str, queue: &'static str) -> Self {
        Self {
            name,
            queue,
            max_attempts: 5,
            backoff: Backoff::DEFAULT,
            timeout: None,
            args: PhantomData,
        }
    }

    #[must_use]
    pub const fn max_attempts(mut self, max_attempts: i32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<A: Serialize> Kind<A> {
    /// A job of this kind.
    ///
    /// # Errors
    /// When the arguments cannot be written as JSON.
    pub fn job(&self, args: &A) -> Result<NewJob, JobsError> {
        let args = serde_json::to_value(args).map_err(|error| JobsError::Args {
            kind: self.name.to_owned(),
            detail: error.to_string(),
        })?;
        Ok(NewJob {
            kind: self.name.to_owned(),
            queue: self.queue.to_owned(),
            args,
            priority: 0,
            run_at: None,
            unique_key: None,
            lane: None,
            lane_limit: None,
            max_attempts: self.max_attempts,
            created_by: "system".to_owned(),
        })
    }
}

pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Value, JobError>> + Send>>;

/// Whether these are arguments of the kind, or what is wrong with them.
type Check = dyn Fn(&Value) -> Result<(), String> + Send + Sync;

/// What a worker knows of a kind.
pub(crate) struct Handler {
    pub(crate) queue: &'static str,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Option<Duration>,
    check: Box<Check>,
    begin: Box<dyn Fn(JobContext, Value) -> Work + Send + Sync>,
}

/// The code of every kind that this program knows.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: Arc<HashMap<&'static str, Handler>>,
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.by_kind.keys()).finish()
    }
}

/// Collects the code of the kinds before the workers begin.
#[derive(Default)]
pub struct HandlersBuilder {
    by_kind: HashMap<&'static str, Handler>,
}

impl HandlersBuilder {
    /// Says what is done for jobs of `kind`. What it answers is kept as the job's result.
    ///
    /// # Panics
    /// When the kind was named before: two pieces of code cannot do one job.
    #[must_use]
    pub fn on<A, W, F, R>(mut self, kind: &Kind<A>, work: W) -> Self
    where
        A: DeserializeOwned + Send + 'static,
        W: Fn(JobContext, A) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, JobError>> + Send + 'static,
        R: Serialize,
    {
        let handler = Handler {
            queue: kind.queue,
            backoff: kind.backoff,
            timeout: kind.timeout,
            check: Box::new(|args| A::deserialize(args).map(drop).map_err(|e| e.to_string())),
            begin: Box::new(move |ctx, args| match serde_json::from_value(args) {
                Ok(args) => {
                    let work = work(ctx, args);
                    Box::pin(
                        async move { Ok(serde_json::to_value(work.await?).unwrap_or(Value::Null)) },
                    )
                }
                Err(error) => Box::pin(async move {
                    Err(JobError::fail(format!(
                        "its arguments are not understood: {error}"
                    )))
                }),
            }),
        };
        let taken = self.by_kind.insert(kind.name, handler);
        assert!(taken.is_none(), "`{}` is done in one place", kind.name);
        self
    }

    #[must_use]
    pub fn build(self) -> Handlers {
        Handlers {
            by_kind: Arc::new(self.by_kind),
        }
    }
}

impl Handlers {
    #[must_use]
    pub fn builder() -> HandlersBuilder {
        HandlersBuilder::default()
    }

    /// The kinds that this program can do.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_kind.keys().copied()
    }

    /// The kinds with their queues, by name.
    #[must_use]
    pub fn list(&self) -> Vec<KindView> {
        let kinds = self.by_kind.iter();
        let mut list: Vec<_> = kinds
            .map(|(name, handler)| KindView {
                name: (*name).to_owned(),
                queue: handler.queue.to_owned(),
            })
            .collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }

    /// The queues of these kinds, each once.
    #[must_use]
    pub fn queues(&self) -> Vec<&'static str> {
        let mut queues: Vec<_> = self.by_kind.values().map(|handler| handler.queue).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    pub(crate) fn find(&self, kind: &str) -> Option<&Handler> {
        self.by_kind.get(kind)
    }

    /// Whether `args` are arguments of `kind`.
    ///
    /// # Errors
    /// When the kind is unknown, or what is wrong with the arguments.
    pub fn check(&self, kind: &str, args: &Value) -> Result<(), JobsError> {
        let handler = self
            .find(kind)
            .ok_or_else(|| JobsError::UnknownKind(kind.to_owned()))?;
        (handler.check)(args).map_err(|detail| JobsError::Args {
            kind: kind.to_owned(),
            detail,
        })
    }
}

impl Handler {
    pub(crate) fn begin(&self, ctx: JobContext, args: Value) -> Work {
        (self.begin)(ctx, args)
    }
}
