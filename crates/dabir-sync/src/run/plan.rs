//! Which page is asked for next: first one page of each of a few cells, so that a crash repeats one
//! page a cell; several of one cell only when there are more hands than cells.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::cell::Cell;
use crate::model::Status;

/// A page to be asked for.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Which of the plan's cells.
    pub(crate) cell: usize,
    pub(crate) page: u64,
    pub(crate) pass: i32,
}

/// The cells of a run, shared by those who ask and the one who writes.
pub(crate) struct Plan {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    cells: Vec<Planned>,
    stopped: bool,
}

struct Planned {
    cell: Cell,
    /// The next page that nobody has asked for.
    ahead: u64,
    in_flight: u32,
}

impl Plan {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        let planned = cells.into_iter().map(|cell| Planned {
            ahead: cell.next_page,
            in_flight: 0,
            cell,
        });
        Self {
            state: Mutex::new(State {
                cells: planned.collect(),
                stopped: false,
            }),
            changed: Notify::new(),
        }
    }

    /// The next page, and the cell as it is now; waits while others may still make one. `None` when
    /// there is no more.
    pub(crate) async fn next(&self) -> Option<(Work, Cell)> {
        loop {
            // Before the look, so that no change between the two is missed.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.state();
                if state.stopped || state.cells.iter().all(|p| p.cell.status.is_end()) {
                    return None;
                }
                if let Some(n) = state.choose() {
                    return Some(state.begin(n));
                }
            }
            changed.await;
        }
    }

    /// No further page is given out.
    pub(crate) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_waiters();
    }

    pub(crate) fn cell(&self, n: usize) -> Cell {
        self.state().cells[n].cell.clone()
    }

    pub(crate) fn cells(&self) -> Vec<Cell> {
        let state = self.state();
        state.cells.iter().map(|p| p.cell.clone()).collect()
    }

    /// Whether a page that was asked for is still wanted, and its turn has come.
    pub(crate) fn turn(&self, work: &Work) -> Turn {
        let state = self.state();
        let cell = &state.cells[work.cell].cell;
        if cell.status.is_end() || cell.pass != work.pass || work.page < cell.next_page {
            Turn::Over
        } else if work.page > cell.next_page {
            Turn::Later
        } else {
            Turn::Now
        }
    }

    /// One of a cell's pages has come to its end, written or not.
    pub(crate) fn done(&self, n: usize) {
        let mut state = self.state();
        let planned = &mut state.cells[n];
        planned.in_flight = planned.in_flight.saturating_sub(1);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Takes over what was written of cells.
    pub(crate) fn keep(&self, cells: BTreeMap<usize, Cell>) {
        let mut state = self.state();
        for (n, cell) in cells {
            let planned = &mut state.cells[n];
            // A second pass begins at the front.
            if cell.pass != planned.cell.pass {
                planned.ahead = 0;
            }
            planned.ahead = planned.ahead.max(cell.next_page);
            planned.cell = cell;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be done with a page that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Now,
    /// One before it has not come yet.
    Later,
    /// Nobody wants it any more.
    Over,
}

impl State {
    fn choose(&self) -> Option<usize> {
        let idle = |status| {
            self.cells
                .iter()
                .position(|p| p.cell.status == status && p.in_flight == 0)
        };
        let has_more = |p: &Planned| {
            p.cell.status == Status::Running && p.cell.pages().is_some_and(|pages| p.ahead < pages)
        };
        idle(Status::Running)
            .or_else(|| idle(Status::Pending))
            .or_else(|| self.cells.iter().position(has_more))
    }

    fn begin(&mut self, n: usize) -> (Work, Cell) {
        let planned = &mut self.cells[n];
        planned.cell.status = Status::Running;
        planned.in_flight += 1;
        let work = Work {
            cell: n,
            page: planned.ahead,
            pass: planned.cell.pass,
        };
        planned.ahead += 1;
        (work, planned.cell.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(count: i32) -> Plan {
        let cells = (0..count).map(|n| Cell::new(n, BTreeMap::from([("c".into(), n.to_string())])));
        Plan::new(cells.collect())
    }

    async fn next(plan: &Plan) -> (usize, u64) {
        let (work, _) = plan.next().await.unwrap();
        (work.cell, work.page)
    }

    fn known(plan: &Plan, n: usize, total: u64) {
        let mut cell = plan.cell(n);
        cell.next_page = 1;
        cell.total = Some(total);
        cell.page_rows = Some(100);
        plan.keep(BTreeMap::from([(n, cell)]));
        plan.done(n);
    }

    #[tokio::test]
    async fn cells_come_before_further_pages_of_one() {
        let plan = plan(2);
        assert_eq!((next(&plan).await, next(&plan).await), ((0, 0), (1, 0)));
        known(&plan, 0, 400);
        assert_eq!(next(&plan).await, (0, 1), "it is idle");
        assert_eq!(next(&plan).await, (0, 2), "there are hands left");
        plan.stop();
        assert!(plan.next().await.is_none());
    }

    #[tokio::test]
    async fn pages_are_written_in_turn_and_dropped_when_nobody_wants_them() {
        let plan = plan(1);
        next(&plan).await;
        known(&plan, 0, 400);
        let (first, _) = plan.next().await.unwrap();
        let (second, _) = plan.next().await.unwrap();
        assert_eq!(
            (plan.turn(&second), plan.turn(&first)),
            (Turn::Later, Turn::Now)
        );
        let mut cell = plan.cell(0);
        cell.fail("x");
        plan.keep(BTreeMap::from([(0, cell)]));
        assert_eq!(plan.turn(&second), Turn::Over);
        assert!(plan.next().await.is_none(), "all cells have ended");
    }
}
