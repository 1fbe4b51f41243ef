//! Writing: the editor, the difference, `$EDITOR`, and keeping what is half written (P9).

use super::super::command::Command;
use super::super::message::{Base, EditKey, Effect, KeyPress, Pane, SavedEdit};
use super::super::model::{Choice, Edit, Front, Menu, Pick};
use super::Step;
use crate::review::{ItemId, OpenItem, Owner};

impl Step<'_> {
    /// A command while a text is written.
    pub(super) fn write(&mut self, command: Command, key: Option<&KeyPress>) {
        match command {
            Command::Sign => self.sign_or_show_difference(key),
            Command::ShowDifference => self.show_difference(),
            Command::EditExternal => self.send_outside(),
            Command::Cancel => {
                self.leave_edit();
            }
            Command::Discard => self.ask_discard(),
            Command::UndoTyping => self.edit_key(EditKey::Undo),
            Command::RedoTyping => self.edit_key(EditKey::Redo),
            Command::AcceptNewDraft => self.accept_new_draft(),
            Command::Packet => self.turn_packet(),
            Command::FocusNext => self.turn(1),
            Command::FocusPrevious => self.turn(-1),
            _ => {}
        }
    }

    /// `edit`: the draft opens in place, with the text that was kept if there is one.
    pub(super) fn edit(&mut self) {
        if let Some((open, base)) = self.what_to_write() {
            let item = open.item.id.clone();
            self.begin_text(&open, base);
            self.claim(&item);
        }
    }

    /// `reply`: a person's own words where there is no draft.
    pub(super) fn reply(&mut self) {
        let Some(open) = self.open() else { return };
        if open.ai_may_speak() {
            let (edit, take) = (self.key(Command::Edit), self.key(Command::TakeOver));
            return self.say(format!("there is a draft: {edit} edits it, {take} takes over and writes anew"));
        }
        self.edit();
    }

    /// The item and what a text for it is made of; none, and a word why, where nothing may be written.
    fn what_to_write(&mut self) -> Option<(std::sync::Arc<OpenItem>, Base)> {
        let open = self.open()?;
        if !self.may_write(&open) {
            return None;
        }
        let base = match &open.item.draft {
            Some(d) if open.ai_may_speak() => {
                Base::Draft { id: d.id.clone(), version: d.version, text: d.text.clone() }
            }
            // A take-over that was begun here goes on as one.
            _ => match self.model.edit_of(&open.item.id, true) {
                Some(SavedEdit { base: Base::TakeOver, .. }) if open.owner == Owner::Person => Base::TakeOver,
                _ => Base::Reply,
            },
        };
        Some((open, base))
    }

    /// What keeps any text or verdict for this item from being begun; says so.
    pub(super) fn may_write(&mut self, open: &OpenItem) -> bool {
        if let Some(what) = self.departed() {
            self.warn(what);
            return false;
        }
        if let Some(holder) = self.model.held_by_other(&open.item.id).map(str::to_owned) {
            let key = self.key(Command::ForceClaim);
            self.warn(format!("{holder} holds this item; ask them, or {key} takes the claim"));
            return false;
        }
        true
    }

    /// Something was typed: it is saved within the second.
    pub(super) fn touched(&mut self) {
        let now = self.now;
        if let Front::Edit(edit) = &mut self.model.front {
            edit.unsaved.get_or_insert(now);
            // Nobody writes blindly: where another pane was turned to, the text comes back.
            self.model.focus = Pane::Draft;
            self.model.zoom = self.model.zoom.map(|_| Pane::Draft);
        }
    }

    /// Gives the text being written to the desk.
    pub(super) fn save_now(&mut self) {
        let now = self.now;
        let Some(edit) = self.model.front.edit_mut() else { return };
        if edit.unsaved.take().is_none() {
            return;
        }
        let saved = Self::saved(edit, now);
        self.keep(saved);
    }

    fn saved(edit: &Edit, at: crate::review::Stamp) -> SavedEdit {
        SavedEdit {
            item: edit.item.clone(),
            base: edit.base.clone(),
            text: edit.editor.text(),
            caret: edit.editor.caret(),
            at,
        }
    }

    pub(super) fn keep(&mut self, saved: SavedEdit) {
        self.forget_edit(&saved.item, saved.base.is_own_words());
        self.model.edits.push(saved.clone());
        self.effects.push(Effect::SaveEdit(Box::new(saved)));
    }

    /// Back to the panes; the text is kept, unless nothing was changed.
    pub(super) fn leave_edit(&mut self) {
        let front = std::mem::take(&mut self.model.front);
        let (Front::Edit(edit) | Front::Difference(edit, _)) = front else { return };
        if let Some(looking) = &mut self.model.looking {
            looking.draft = super::super::model::Scroll::Auto;
        }
        let own_words = edit.base.is_own_words();
        let known = self.model.edit_of(&edit.item, own_words).is_some();
        if edit.is_changed() {
            let saved = Self::saved(&edit, self.now);
            self.keep(saved);
            let key = self.key(Command::Edit);
            self.say(format!("your text is kept; {key} goes on with it"));
        } else if known {
            self.drop_edit(&edit.item, own_words);
        }
    }

    fn drop_edit(&mut self, item: &ItemId, own_words: bool) {
        self.forget_edit(item, own_words);
        self.effects.push(Effect::DropEdit { item: item.clone(), own_words });
    }

    pub(super) fn forget_edit(&mut self, item: &ItemId, own_words: bool) {
        self.model.edits.retain(|e| e.item != *item || e.base.is_own_words() != own_words);
    }

    fn ask_discard(&mut self) {
        let Some(edit) = self.model.front.edit() else { return };
        if !edit.is_changed() {
            return self.leave_edit();
        }
        let choices = vec![Choice {
            label: "throw it away".to_owned(),
            detail: String::new(),
            pick: Pick::Discard { item: edit.item.clone(), own_words: edit.base.is_own_words() },
        }];
        let over = std::mem::take(&mut self.model.front);
        let menu = Menu::question("Throw this text away?", "", choices).over(over);
        self.model.front = Front::Menu(Box::new(menu));
    }

    /// A changed draft is shown against the draft before it is signed; own words are signed as they stand.
    fn sign_or_show_difference(&mut self, key: Option<&KeyPress>) {
        let Some(edit) = self.model.front.edit() else { return };
        let shows = matches!(edit.base, Base::Draft { .. }) && edit.is_changed();
        if !shows {
            return self.sign_written(key);
        }
        if self.counts(Command::Sign, key) {
            self.show_difference();
        }
    }

    fn show_difference(&mut self) {
        self.save_now();
        if let Front::Edit(edit) = std::mem::take(&mut self.model.front) {
            self.model.front = Front::Difference(edit, 0);
        }
    }

    /// From the panes: the kept text against its draft.
    pub(super) fn difference_of_kept(&mut self) {
        let Some((open, base)) = self.what_to_write() else { return };
        if self.model.edit_of(&open.item.id, base.is_own_words()).is_none() {
            return self.say("no text of yours is kept for this item");
        }
        self.edit();
        self.show_difference();
    }

    /// A command while the difference is shown.
    pub(super) fn difference(&mut self, command: Command, count: Option<u32>, key: Option<&KeyPress>) {
        match command {
            Command::Sign => return self.sign_written(key),
            Command::EditExternal => return self.send_outside(),
            Command::Edit | Command::EditAgain | Command::ShowDifference | Command::Cancel => {
                return self.back_to_editor();
            }
            Command::AcceptNewDraft => return self.accept_new_draft(),
            Command::Help => {
                let over = std::mem::take(&mut self.model.front);
                self.model.front = Front::Help(0, Box::new(over));
                return;
            }
            _ => {}
        }
        let extent = self.shown.draft_lines;
        if let Front::Difference(_, top) = &mut self.model.front {
            *top = super::choose::moved(command, count, *top, extent.height, extent.lines, true);
        }
    }

    fn back_to_editor(&mut self) {
        if let Front::Difference(edit, _) = std::mem::take(&mut self.model.front) {
            self.model.front = Front::Edit(edit);
        }
    }

    /// `$EDITOR` from the panes.
    pub(super) fn edit_outside(&mut self) {
        self.edit();
        self.send_outside();
    }

    fn send_outside(&mut self) {
        let Some(edit) = self.model.front.edit_mut() else { return };
        // Saved first: the editor may take the whole machine down with it.
        let now = self.now;
        edit.unsaved.get_or_insert(now);
        let (item, text) = (edit.item.clone(), edit.editor.text());
        self.save_now();
        self.effects.push(Effect::ExternalEditor { item, text });
    }

    /// `$EDITOR` is back: never straight to sending, but to the difference.
    pub(super) fn came_back(&mut self, item: &ItemId, text: Result<String, String>) {
        let text = match text {
            Ok(text) => text,
            Err(why) => return self.fail(format!("{why}; the text is as it was")),
        };
        let now = self.now;
        let Some(edit) = self.model.front.edit_mut().filter(|e| e.item == *item) else {
            return self.warn("the text came back for an item that is no longer open; it was not taken");
        };
        // Editors end a file with a line feed that the text did not have.
        let had = edit.editor.text().ends_with('\n');
        let text = if had { text.as_str() } else { text.strip_suffix('\n').unwrap_or(&text) };
        edit.editor.replace(text);
        edit.unsaved = Some(now);
        self.save_now();
        if let Front::Edit(edit) = std::mem::take(&mut self.model.front) {
            self.model.front = Front::Difference(edit, 0);
        }
    }

    /// The text is thrown away, by the agent's own word.
    pub(super) fn discard(&mut self, item: &ItemId, own_words: bool) {
        self.model.front = Front::Browse;
        if let Some(looking) = &mut self.model.looking {
            looking.draft = super::super::model::Scroll::Auto;
        }
        self.drop_edit(item, own_words);
        self.say("the text is thrown away");
    }

    /// A kept text came with an item; what was written here since is newer.
    pub(super) fn found_kept(&mut self, saved: SavedEdit) {
        let own_words = saved.base.is_own_words();
        let is_it = |base: &Base, item: &ItemId| *item == saved.item && base.is_own_words() == own_words;
        let writing = self.model.front.edit().is_some_and(|e| is_it(&e.base, &e.item));
        if !writing && self.model.edit_of(&saved.item, own_words).is_none_or(|mine| mine.at < saved.at) {
            self.forget_edit(&saved.item, own_words);
            self.model.edits.push(saved);
        }
    }
}
