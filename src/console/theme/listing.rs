//! The themes as text, for `countersign themes`.

use super::{AUTO, SHIPPED, Sheet, Theme};
use std::fmt::Write;

/// The shipped themes, one a line, the one in force marked.
pub fn listing(current: &Theme) -> String {
    let mut out = format!("  {AUTO:<16}dark or light, as the terminal's background is\n");
    for (name, _) in SHIPPED {
        let mark = if name == current.name() { '*' } else { ' ' };
        let about = Sheet::shipped(name).map(|sheet| sheet.about().to_owned()).unwrap_or_default();
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{mark} {name:<16}{about}");
    }
    out
}
