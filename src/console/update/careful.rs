//! Verdict keys are careful: a slip, a stuck key or a paste must not sign anything.

use super::super::command::Command;
use super::super::message::KeyPress;
use super::super::model::{REPEAT, SETTLE};
use super::Step;

impl Step<'_> {
    /// Whether this press of a verdict key counts. One that does not says so, and the next one is judged anew.
    pub(super) fn counts(&mut self, command: Command, key: Option<&KeyPress>) -> bool {
        let Some(key) = key else {
            let chord = self.key_in(self.model.mode(), command);
            self.say(format!("{} is signed by its own key: {chord}", command.hint()));
            return false;
        };
        let repeated = self
            .model
            .careful
            .last
            .as_ref()
            .is_some_and(|(chord, at)| *chord == key.chord && key.at.since(*at) < REPEAT);
        self.model.careful.last = Some((key.chord.clone(), key.at));
        let changed = self
            .model
            .looking
            .as_ref()
            .and_then(|l| l.on_screen.as_ref())
            .is_some_and(|(_, since)| key.at.since(*since) < SETTLE);
        let chord = &key.chord;
        let why = if !key.alone {
            format!("{chord} was not taken: it came together with other keys; press it again")
        } else if repeated {
            format!("{chord} was not taken: pressed twice within a second; press it again")
        } else if changed {
            format!("{chord} was not taken: the screen had just changed; look, then press it again")
        } else {
            return true;
        };
        self.warn(why);
        false
    }
}
