//! What is claimed and what is loaded ahead. Browsing does not claim: resting on an item does, and one item further
//! is claimed and opened ahead, so that after a verdict the next one is there at once.

use super::super::message::{Effect, ListAsk};
use super::super::model::{Fate, Line, PAGE};
use super::Step;
use crate::review::{ItemId, Routing};

/// Rows left below the cursor at which the next page is asked for.
const MARGIN: usize = 60;

impl Step<'_> {
    /// The item that comes after the selected one when a verdict is given.
    pub(super) fn ahead(&self) -> Option<ItemId> {
        let list = &self.model.list;
        list.lines
            .iter()
            .skip(list.cursor + 1)
            .find(|l| self.is_for_us(l) && self.model.held_by_other(&l.row.id).is_none())
            .map(|l| l.row.id.clone())
    }

    /// Waits, and was given to nobody else: what is for a colleague is not claimed in passing.
    fn is_for_us(&self, line: &Line) -> bool {
        line.fate == Fate::Waiting && self.model.given_to_other(&line.row).is_none()
    }

    /// The cursor has rested: claims what is looked at and one ahead, gives back what was only passed by.
    pub(super) fn settle_claims(&mut self) {
        let here = self.model.list.selected().filter(|l| self.is_for_us(l)).map(|l| l.row.id.clone());
        let wanted: Vec<ItemId> = here.into_iter().chain(self.ahead()).collect();
        let passed: Vec<ItemId> = self
            .model
            .claims
            .iter()
            .map(|lease| lease.item.clone())
            .filter(|item| !wanted.contains(item) && !self.keeps(item))
            .collect();
        for item in passed {
            self.release(&item);
        }
        for item in wanted {
            self.claim(&item);
        }
    }

    /// A text is being written for it, or its conversation is ours: it is not given back in passing.
    fn keeps(&self, item: &ItemId) -> bool {
        let model = &self.model;
        model.is_writing(item)
            || model.front.edit().is_some_and(|e| e.item == *item)
            || model.list.row(item).is_some_and(|r| r.assigned.as_deref() == Some(&model.setup.agent))
    }

    /// Claims an item unless it is ours, somebody else's, or asked for already.
    pub(super) fn claim(&mut self, item: &ItemId) {
        let model = &mut *self.model;
        let live = model.lease(item).is_some_and(|l| l.until > model.now);
        if live || model.held_by_other(item).is_some() || model.under_way.claims.contains(item) {
            return;
        }
        model.under_way.claims.push(item.clone());
        self.effects.push(Effect::Claim { item: item.clone(), force: false });
    }

    /// Gives a claim back.
    pub(super) fn release(&mut self, item: &ItemId) {
        self.model.claims.retain(|l| l.item != *item);
        self.effects.push(Effect::Route { item: item.clone(), act: Routing::Release });
    }

    /// Asks for the first page of the list, as often as need be but never twice at once.
    pub(super) fn load_list(&mut self) {
        if self.model.under_way.list.is_some() {
            self.model.under_way.list_again = true;
            return;
        }
        self.model.under_way.comparing = false;
        let list = &self.model.list;
        let limit = list.lines.len().clamp(PAGE, PAGE * 5);
        let ask = ListAsk { filter: list.filter.clone(), scope: list.scope, after: None, limit };
        self.model.under_way.list = Some(self.now);
        self.model.under_way.failed.clear();
        self.effects.push(Effect::LoadList(ask));
    }

    /// Asks for what the list shows once more, to compare: so much has changed that rows were not named one by one.
    pub(super) fn compare_when_wanted(&mut self) {
        let list = &self.model.list;
        if !self.model.under_way.compare || self.model.under_way.list.is_some() || !list.loaded {
            return;
        }
        self.model.under_way.compare = false;
        self.load_list();
        self.model.under_way.comparing = !self.model.list.lines.is_empty();
    }

    /// Asks for the next page as the cursor nears the end.
    pub(super) fn load_more(&mut self) {
        let list = &self.model.list;
        let near = list.cursor + MARGIN >= list.lines.len();
        if !list.loaded || list.complete || !near || self.model.under_way.list.is_some() {
            return;
        }
        let Some(last) = list.lines.last() else { return };
        let after = Some((last.row.rank, last.row.id.clone()));
        let ask = ListAsk { filter: list.filter.clone(), scope: list.scope, after, limit: PAGE };
        self.model.under_way.list = Some(self.now);
        self.effects.push(Effect::LoadList(ask));
    }

    /// Opens what is looked at, then its neighbours; one at a time, so that a held-down key asks for nothing it
    /// only passes.
    pub(super) fn open_wanted(&mut self) {
        if self.model.under_way.open.is_some() {
            return;
        }
        let Some(item) = self.next_to_open() else { return };
        self.model.under_way.open = Some((item.clone(), self.now));
        self.effects.push(Effect::Open { item });
    }

    fn next_to_open(&self) -> Option<ItemId> {
        let model = &self.model;
        let list = &model.list;
        let stale = |item: &ItemId| {
            if model.under_way.failed.contains(item) {
                return false;
            }
            let newest = list.row(item).map(|r| r.revision);
            let here = model.at_hand.iter().find(|o| o.item.id == *item).map(|o| o.row.revision);
            here.is_none() || here < newest
        };
        if let Some(looking) = &model.looking
            && stale(&looking.item)
        {
            return Some(looking.item.clone());
        }
        let cursor = list.cursor;
        [cursor + 1, cursor + 2, cursor.wrapping_sub(1)]
            .into_iter()
            .filter_map(|n| list.lines.get(n))
            .filter(|l| l.fate == Fate::Waiting)
            .map(|l| &l.row.id)
            .find(|item| stale(item))
            .cloned()
    }
}
