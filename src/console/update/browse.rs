//! Moving through the queue and the panes, and the commands that open something else.

use super::super::command::Command;
use super::super::editor::Editor;
use super::super::message::{Effect, Extent, KeyPress, Pane};
use super::super::model::{Fate, Front, Prompt, PromptKind, Scroll, Sheet, SlipState, Tone};
use super::Step;
use crate::review::{Owner, Routing};

/// Own decisions shown by their list.
const DECISIONS: usize = 50;

impl Step<'_> {
    /// A command while the panes have the keys.
    pub(super) fn browse(&mut self, command: Command, count: Option<u32>, key: Option<&KeyPress>) {
        let n = usize::try_from(count.unwrap_or(1).max(1)).unwrap_or(1);
        let lines = isize::try_from(n).unwrap_or(1);
        match command {
            Command::Approve => self.approve(key),
            Command::TakeOver => self.take_over(key),
            Command::Edit => self.edit(),
            Command::Reply => self.reply(),
            Command::EditExternal => self.edit_outside(),
            Command::ShowDifference => self.difference_of_kept(),
            Command::Snooze => self.ask_snooze(),
            Command::Close => self.ask_close(),
            Command::Correct => self.ask_emotion(),
            Command::SendBack => self.ask_send_back(),
            Command::Report => self.ask_report(),
            Command::Theme => self.ask_theme(),
            Command::Transfer => self.ask_line(PromptKind::TransferTo),
            Command::Note => self.ask_line(PromptKind::Note),
            Command::HandBack => self.hand_back(),
            Command::Release => self.release_here(),
            Command::ForceClaim => self.force_claim(),
            Command::AcceptNewDraft => self.accept_new_draft(),
            Command::Undo => self.undo_newest(),
            Command::Find => {
                let before = self.model.list.filter.clone();
                let line = Editor::new(&before, before.len());
                self.model.front =
                    Front::Prompt(Box::new(Prompt { kind: PromptKind::Find { before }, line }));
            }
            Command::Refresh => {
                let keep = self.model.list.selected().map(|l| l.row.id.clone());
                self.model.list.merge(keep.filter(|i| self.model.lease(i).is_some()).as_ref());
                self.load_list();
                self.effects.push(Effect::LoadCounts);
            }
            Command::Held => {
                self.model.front = Front::Sheet(Sheet::Held(0));
                self.effects.push(Effect::LoadHeld);
            }
            Command::Tray => self.open_newest_refused(),
            Command::Decisions => {
                self.model.front = Front::Sheet(Sheet::Decisions(0));
                self.effects.push(Effect::LoadDecisions { limit: DECISIONS });
            }
            Command::Me => {
                self.model.front = Front::Sheet(Sheet::Me(0));
                self.effects.push(Effect::LoadMe);
            }
            Command::Packet => self.turn_packet(),
            Command::Open => self.open_here(),
            Command::Next | Command::NextMatch => self.go_to(self.model.list.cursor.saturating_add(n)),
            Command::Previous | Command::PreviousMatch => {
                self.go_to(self.model.list.cursor.saturating_sub(n));
            }
            Command::First => {
                self.model.list.merge(None);
                self.go_to(count.map_or(0, |_| n - 1));
            }
            Command::Last => self.go_to(count.map_or(usize::MAX, |_| n - 1)),
            Command::PageDown => self.scroll_page(1, 1),
            Command::PageUp => self.scroll_page(-1, 1),
            Command::HalfPageDown => self.scroll_page(1, 2),
            Command::HalfPageUp => self.scroll_page(-1, 2),
            Command::ScrollConversationDown => self.scroll(Pane::Conversation, lines),
            Command::ScrollConversationUp => self.scroll(Pane::Conversation, -lines),
            Command::ScrollDraftDown => self.scroll(Pane::Draft, lines),
            Command::ScrollDraftUp => self.scroll(Pane::Draft, -lines),
            Command::FocusNext => self.turn(1),
            Command::FocusPrevious => self.turn(-1),
            Command::Zoom => {
                self.model.zoom = if self.model.zoom.is_some() { None } else { Some(self.model.focus) };
            }
            Command::Palette => self.model.front = Front::Palette(Box::default()),
            Command::Help => self.open_help(),
            Command::Mouse => {
                self.model.mouse = !self.model.mouse;
                self.effects.push(Effect::SetMouse(self.model.mouse));
                self.say(if self.model.mouse {
                    "the mouse clicks here now; shift and drag selects text"
                } else {
                    "the mouse selects text again"
                });
            }
            Command::Cancel => self.step_back(),
            _ => {}
        }
    }

    /// Esc in the panes undoes one thing that changed what is on screen, the one that covers most first: the zoom, the
    /// packet, the filter. A notice never costs a press of its own: it goes with whatever else goes.
    fn step_back(&mut self) {
        self.model.notice = None;
        if self.model.zoom.take().is_some() {
            return;
        }
        if self.model.packet {
            self.turn_packet();
        } else if !self.model.list.filter.is_empty() {
            self.model.list.filter.clear();
            self.load_list();
        }
    }

    /// Shows or hides the packet; the conversation beside it has another height then and begins anew.
    pub(super) fn turn_packet(&mut self) {
        self.model.packet = !self.model.packet;
        if let Some(looking) = &mut self.model.looking {
            looking.conversation = Scroll::Auto;
        }
    }

    /// Selects a row by index, as far as there are rows.
    pub(super) fn go_to(&mut self, index: usize) {
        let list = &mut self.model.list;
        let from = list.cursor;
        list.cursor = index.min(list.lines.len().saturating_sub(1));
        if list.cursor != from {
            // What was said of the item that one leaves would be untrue of the next; what is to be heeded stays.
            self.model.notice.take_if(|notice| notice.tone == Tone::Plain);
        }
    }

    fn extent(&self, pane: Pane) -> Extent {
        match pane {
            Pane::Queue => self.shown.list,
            Pane::Conversation => self.shown.conversation,
            Pane::Draft => self.shown.draft_lines,
        }
    }

    /// Scrolls a region by lines; the list by rows.
    pub(super) fn scroll(&mut self, pane: Pane, by: isize) {
        if pane == Pane::Queue {
            return self.go_to(self.model.list.cursor.saturating_add_signed(by));
        }
        let extent = self.extent(pane);
        let Some(looking) = &mut self.model.looking else { return };
        let scroll = if pane == Pane::Conversation { &mut looking.conversation } else { &mut looking.draft };
        let from = match *scroll {
            Scroll::Auto => extent.top,
            Scroll::At(line) => line,
        };
        let last = extent.lines.saturating_sub(extent.height);
        // A region may begin further down than its last page; going on must not bring it back.
        *scroll = Scroll::At(from.saturating_add_signed(by).min(last.max(from)));
    }

    fn scroll_page(&mut self, sign: isize, part: usize) {
        let pane = self.model.focus;
        let page = (self.extent(pane).height / part).saturating_sub(usize::from(part == 1)).max(1);
        self.scroll(pane, sign * isize::try_from(page).unwrap_or(1));
    }

    /// Turns to the next region; where the queue is folded to a line it is left out.
    pub(super) fn turn(&mut self, by: isize) {
        let all = [Pane::Queue, Pane::Conversation, Pane::Draft];
        let panes = if self.shown.panes == 2 { &all[1..] } else { &all[..] };
        let here = panes.iter().position(|p| *p == self.model.focus).unwrap_or(0);
        let count = isize::try_from(panes.len()).unwrap_or(1);
        let next = (isize::try_from(here).unwrap_or(0) + by).rem_euclid(count);
        self.model.focus = panes[usize::try_from(next).unwrap_or(0)];
        if self.model.zoom.is_some() {
            self.model.zoom = Some(self.model.focus);
        }
    }

    /// Enter on a row: reads on, or turns to the text where only one pane fits.
    pub(super) fn open_here(&mut self) {
        if self.shown.panes == 1 && self.model.focus == Pane::Queue {
            self.model.focus = Pane::Conversation;
        } else if let Some(looking) = &self.model.looking {
            let item = looking.item.clone();
            self.claim(&item);
        }
    }

    fn hand_back(&mut self) {
        let Some(open) = self.open() else { return };
        if open.owner == Owner::Ai {
            return self.say("the AI answers here already; there is nothing to hand back");
        }
        let item = open.item.id.clone();
        self.effects.push(Effect::Route { item, act: Routing::HandBack });
    }

    fn release_here(&mut self) {
        let Some(item) = self.here() else { return };
        if self.model.lease(&item).is_none() {
            return self.say("you hold no claim on this item");
        }
        self.model.resting = None;
        self.release(&item);
        self.say("claim given back");
    }

    fn force_claim(&mut self) {
        let Some(item) = self.here() else { return };
        if self.model.lease(&item).is_some_and(|l| l.until > self.now) {
            return self.say("you hold this item already");
        }
        self.model.under_way.claims.push(item.clone());
        self.effects.push(Effect::Claim { item, force: true });
    }

    /// Puts the newer draft in place of the one on screen, at the agent's word.
    pub(super) fn accept_new_draft(&mut self) {
        let Some(looking) = &mut self.model.looking else { return };
        let Some(offered) = looking.offered.take() else {
            return self.say("no newer draft has come in");
        };
        looking.show(offered);
        if let Front::Edit(edit) = &self.model.front
            && edit.is_changed()
        {
            self.leave_edit();
            self.say("the new draft is on screen; your text is kept");
        } else if self.model.front.edit().is_some() {
            self.model.front = Front::Browse;
        }
    }

    /// The item looked at.
    pub(super) fn here(&self) -> Option<crate::review::ItemId> {
        self.model.looking.as_ref().map(|l| l.item.clone())
    }

    /// The item looked at, with all that its screen shows; says so while it loads.
    pub(super) fn open(&mut self) -> Option<std::sync::Arc<crate::review::OpenItem>> {
        let open = self.model.looking.as_ref().and_then(|l| l.open.clone());
        if open.is_none() {
            self.say(if self.model.looking.is_some() { "still loading" } else { "no item is selected" });
        }
        open
    }

    fn ask_line(&mut self, kind: impl FnOnce(crate::review::ItemId) -> PromptKind) {
        let Some(item) = self.here() else { return self.say("no item is selected") };
        self.model.front = Front::Prompt(Box::new(Prompt { kind: kind(item), line: Editor::default() }));
    }

    fn open_help(&mut self) {
        let over = std::mem::take(&mut self.model.front);
        self.model.front = Front::Help(0, Box::new(over));
    }

    fn open_newest_refused(&mut self) {
        let refused = |s: &super::super::model::Slip| matches!(s.state, SlipState::Refused { .. });
        match self.model.tray.slips.iter().rev().find(|s| refused(s)).map(|s| s.decision) {
            Some(decision) => self.open_slip(decision),
            None => self.say("no verdict was refused"),
        }
    }

    /// What has become of the selected item, if it no longer waits.
    pub(super) fn departed(&self) -> Option<&'static str> {
        let item = self.here()?;
        let at = self.model.list.position(&item)?;
        match self.model.list.lines[at].fate {
            Fate::Waiting => None,
            Fate::Decided => Some("this item is decided already"),
            Fate::Closed => Some("this item is closed"),
            Fate::Snoozed => Some("this item is snoozed"),
        }
    }
}
