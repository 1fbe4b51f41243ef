//! The keys as text, for `countersign keys`.

use super::Keymap;
use crate::console::command::{Command, Group, Mode};
use std::fmt::Write;

/// Every command with its keys and its meaning, by mode and group; a command without a key is in the palette only.
pub fn listing(map: &Keymap) -> String {
    let mut out = format!("keymap {}\n", map.name());
    for mode in Mode::ALL {
        let _ = writeln!(out, "\n[{}]", mode.name());
        for group in Group::ALL {
            for command in Command::of(mode).filter(|command| command.entry().group == group) {
                let keys = map.keys_for(mode, command).join(", ");
                // Commands that no key reaches are said once, where the palette offers them.
                if keys.is_empty() && mode != Mode::Normal {
                    continue;
                }
                // Writing into a string cannot fail.
                let _ = writeln!(out, "  {keys:<22}{:<26}{}", command.name(), command.what());
            }
        }
    }
    out
}
