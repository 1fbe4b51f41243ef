//! Leaving: nothing that is written or on its way is forgotten.

use super::super::message::{Effect, Signal};
use super::super::model::{Choice, Front, Leaving, Menu, Pick, QuitPick, SlipState};
use super::Step;

impl Step<'_> {
    /// `quit`: at once if nothing is on the way and nothing is being written, else a question.
    pub(super) fn ask_to_leave(&mut self) {
        self.save_now();
        let held = self.model.tray.on_the_way();
        let writing = self.model.front.edit().is_some_and(super::super::model::Edit::is_changed);
        if held == 0 && !writing {
            return self.go(false);
        }
        // Asked twice, the question stands as it is.
        if let Front::Menu(menu) = &self.model.front
            && menu.choices.iter().any(|c| matches!(c.pick, Pick::Quit(_)))
        {
            return;
        }
        let choice = |label: &str, detail: &str, pick| Choice {
            label: label.to_owned(),
            detail: detail.to_owned(),
            pick: Pick::Quit(pick),
        };
        let (mut choices, mut reasons) = (Vec::new(), Vec::new());
        if writing {
            reasons.push("a text is being written; it is kept and offered next time".to_owned());
        }
        if held == 0 {
            choices.push(choice("leave", "the text is kept", QuitPick::Now));
        } else {
            let replies = if held == 1 { "one reply is".to_owned() } else { format!("{held} replies are") };
            reasons.push(format!("{replies} still held"));
            choices.push(choice("wait", "leave when they are sent", QuitPick::Wait));
            choices.push(choice("send", "send them now and leave", QuitPick::Send));
            choices.push(choice("take back", "take them back and leave", QuitPick::TakeBack));
        }
        let over = std::mem::take(&mut self.model.front);
        let menu = Menu::question("Leave?", reasons.join("; "), choices).over(over);
        self.model.front = Front::Menu(Box::new(menu));
    }

    /// The answer.
    pub(super) fn leave(&mut self, how: QuitPick) {
        match how {
            QuitPick::Now => self.go(false),
            QuitPick::Send => self.go(true),
            QuitPick::Wait => {
                self.model.leaving = Some(Leaving::Sent);
                self.say("leaving when the held replies are sent");
            }
            QuitPick::TakeBack => {
                self.model.leaving = Some(Leaving::TakenBack);
                let takes = |s: &SlipState| matches!(s, SlipState::Held { .. } | SlipState::Signing);
                let all: Vec<_> =
                    self.model.tray.slips.iter().filter(|s| takes(&s.state)).map(|s| s.decision).collect();
                for decision in all {
                    self.take_back(decision);
                }
                self.say("taking the held replies back, then leaving");
            }
        }
    }

    /// Leaves as soon as what was waited for is done.
    pub(super) fn leave_when_done(&mut self) {
        if self.model.leaving.is_some() && self.model.tray.on_the_way() == 0 {
            self.go(false);
        }
    }

    fn go(&mut self, send_held: bool) {
        self.model.leaving = None;
        self.save_now();
        self.effects.push(Effect::Quit { send_held });
    }

    /// A signal: what is written is saved, what is held goes its way by the outbox.
    pub(super) fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Leave => self.go(false),
            Signal::Continue => self.effects.push(Effect::Redraw),
        }
    }
}
