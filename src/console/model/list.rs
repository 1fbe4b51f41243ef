//! The list: a window of the queue in the order it had when loaded. It never moves under the cursor.

use super::super::message::Scope;
use crate::review::{Holder, ItemId, Row, State};

/// What has become of an item that still stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Waits.
    Waiting,
    /// Somebody decided it.
    Decided,
    /// Closed, forgotten or replaced.
    Closed,
    /// Hidden for a while.
    Snoozed,
}

/// A row with what has become of it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As the queue has it now; its place is that of when the list was loaded.
    pub row: Row,
    /// What has become of it.
    pub fate: Fate,
}

impl Line {
    /// A line of `row` as it stands.
    pub fn new(row: Row) -> Self {
        let fate = match row.state {
            _ if row.snoozed_until.is_some() && row.state == State::Open => Fate::Snoozed,
            State::Open | State::Second => Fate::Waiting,
            State::Decided => Fate::Decided,
            State::Closed => Fate::Closed,
        };
        Self { row, fate }
    }
}

/// A window of the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Rows in queue order of when they were loaded.
    pub lines: Vec<Line>,
    /// Index of the selected row.
    pub cursor: usize,
    /// Index of the first row on screen in the last frame.
    pub top: usize,
    /// Fuzzy words in force.
    pub filter: String,
    /// Which items.
    pub scope: Scope,
    /// Rows that have come in since and wait to be merged.
    pub newcomers: Vec<Row>,
    /// The end of the queue is loaded.
    pub complete: bool,
    /// A first page has been loaded.
    pub loaded: bool,
}

impl List {
    /// The selected row.
    pub fn selected(&self) -> Option<&Line> {
        self.lines.get(self.cursor)
    }
    /// The row of an item.
    pub fn row(&self, item: &ItemId) -> Option<&Row> {
        self.position(item).map(|n| &self.lines[n].row)
    }
    /// Where an item stands.
    pub fn position(&self, item: &ItemId) -> Option<usize> {
        // The selected one is asked about most.
        if self.selected().is_some_and(|l| l.row.id == *item) {
            return Some(self.cursor);
        }
        self.lines.iter().position(|l| l.row.id == *item)
    }
    /// How many newcomers belong above the cursor.
    pub fn new_above(&self) -> usize {
        let Some(here) = self.selected() else { return self.newcomers.len() };
        self.newcomers.iter().filter(|r| (r.rank, &r.id) < (here.row.rank, &here.row.id)).count()
    }

    /// A row has changed, or is new; a new one matches the words in force.
    pub fn heard(&mut self, row: Row) {
        if let Some(n) = self.position(&row.id) {
            self.lines[n] = Line::new(row);
            return;
        }
        self.newcomers.retain(|r| r.id != row.id);
        let fits = match self.scope {
            Scope::Waiting => Line::new(row.clone()).fate == Fate::Waiting,
            Scope::Snoozed => Line::new(row.clone()).fate == Fate::Snoozed,
            Scope::All => true,
        };
        let beyond = !self.complete
            && self.lines.last().is_some_and(|l| (row.rank, &row.id) > (l.row.rank, &l.row.id));
        if fits && !beyond {
            self.newcomers.push(row);
        }
    }

    /// Whether only the queue can tell if this row belongs here: it is new, and words narrow the list down.
    pub fn cannot_tell(&self, row: &Row) -> bool {
        !self.filter.is_empty() && self.position(&row.id).is_none()
    }

    /// An item has another holder.
    pub fn held_by(&mut self, item: &ItemId, holder: Holder) {
        if let Some(n) = self.position(item) {
            self.lines[n].row.holder = Some(holder);
        }
    }

    /// An item is no longer in the queue.
    pub fn vanished(&mut self, item: &ItemId) {
        self.newcomers.retain(|r| r.id != *item);
        if let Some(n) = self.position(item) {
            self.lines[n].fate = Fate::Closed;
        }
    }

    /// Brings newcomers in and puts the departed out, in queue order; the cursor stays on its item, or goes to
    /// the one that followed it. `keep` stays although it has departed.
    pub fn merge(&mut self, keep: Option<&ItemId>) {
        let here = self.selected().map(|l| l.row.id.clone());
        let waits = match self.scope {
            Scope::Waiting => Fate::Waiting,
            Scope::Snoozed => Fate::Snoozed,
            Scope::All => return self.merge_all(here.as_ref()),
        };
        // The item that takes over the cursor if its own leaves: the next that stays.
        let stays = |l: &Line| l.fate == waits || keep == Some(&l.row.id);
        let next = self
            .lines
            .iter()
            .skip(self.cursor)
            .find(|l| stays(l))
            .or_else(|| self.lines.iter().take(self.cursor).rev().find(|l| stays(l)))
            .map(|l| l.row.id.clone());
        self.lines.retain(stays);
        self.merge_all(next.as_ref());
    }

    fn merge_all(&mut self, cursor: Option<&ItemId>) {
        self.lines.extend(self.newcomers.drain(..).map(Line::new));
        self.lines.sort_by(|a, b| (a.row.rank, &a.row.id).cmp(&(b.row.rank, &b.row.id)));
        self.cursor = cursor.and_then(|id| self.position(id)).unwrap_or(0);
    }

    /// A page has come in: the first one replaces, the others are appended.
    pub fn loaded(&mut self, rows: Vec<Row>, first: bool, complete: bool) {
        let here = self.selected().map(|l| l.row.id.clone());
        if first {
            self.lines = rows.into_iter().map(Line::new).collect();
            self.newcomers.clear();
            let old = self.cursor.min(self.lines.len().saturating_sub(1));
            self.cursor = here.and_then(|id| self.position(&id)).unwrap_or(old);
        } else {
            for row in rows {
                if self.position(&row.id).is_none() {
                    self.lines.push(Line::new(row));
                }
            }
        }
        self.complete = complete;
        self.loaded = true;
    }
}
