//! Whether the state file can be kept, as the turns find it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::PortError;
use crate::news::News;

/// The error of the last turn that could not lock, read or save the file, until one saved it again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health(Arc<Mutex<Option<PortError>>>);

impl Health {
    pub(crate) fn failure(&self) -> Option<PortError> {
        let failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone()
    }

    /// Takes down how a turn went, and answers what is new. A turn that had nothing to save proves
    /// nothing.
    pub(crate) fn learn(&self, outcome: &Result<(), PortError>, saved: bool) -> Option<News> {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failure.as_ref().map(ToString::to_string);
        match outcome {
            Err(error) => {
                *failure = Some(error.clone());
                let error = error.to_string();
                (known.as_ref() != Some(&error)).then_some(News::Failed { error })
            }
            Ok(()) if saved => failure.take().map(|_| News::Recovered),
            Ok(()) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once_and_lasts_until_a_save() {
        let health = Health::default();
        let failed = Err(PortError::Stopped);
        assert!(matches!(
            health.learn(&failed, false),
            Some(News::Failed { .. })
        ));
        assert_eq!(health.learn(&failed, false), None);
        assert_eq!(health.learn(&Ok(()), false), None);
        assert!(health.failure().is_some());
        assert_eq!(health.learn(&Ok(()), true), Some(News::Recovered));
        assert_eq!(health.learn(&Ok(()), true), None);
        assert!(health.failure().is_none());
    }
}
