//! Writes screens as ANSI into the folder named by COUNTERSIGN_LOOK, to be drawn as pictures. Without it, nothing.

use super::stage::{Stage, ansi};
use countersign::console::theme::{Depth, Theme};

#[test]
fn screens_to_look_at() {
    let Some(folder) = std::env::var_os("COUNTERSIGN_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    let stories: [(&str, &str); 12] = [
        ("main", ""),
        ("edit", "j e text:Hello_there,_ "),
        ("difference", "j e text:Hello_there,_ ctrl-s"),
        ("takeover", "t text:Dear_Maria,"),
        ("menu", "x"),
        ("palette", ": text:sn"),
        ("help", "?"),
        ("which", "o"),
        ("held", "j a j a o h"),
        ("blocked", "a wait:1200 a wait:1200 a"),
        ("tray", "j a"),
        ("noconsent", "G k k"),
    ];
    for (columns, rows) in [(160, 45), (120, 40), (80, 24), (70, 20), (50, 12)] {
        for (name, keys) in stories {
            let mut stage = Stage::sample(columns, rows);
            stage.press(keys);
            for theme in ["dark", "light", "mono"] {
                let depth = if theme == "mono" { Depth::None } else { Depth::True };
                let Ok(theme_look) = Theme::shipped(theme, None, depth) else { continue };
                let text = ansi(&stage.draw(&theme_look));
                std::fs::write(folder.join(format!("{name}-{columns}x{rows}-{theme}.ans")), text).unwrap();
            }
        }
    }
}
