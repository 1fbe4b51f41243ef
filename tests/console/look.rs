//! Writes screens as ANSI into the folder named by `COUNTERSIGN_LOOK`, to be drawn as pictures. Without it, nothing.

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

/// Bytes to the terminal and time per key, of `j` through a full queue: `cargo test --test console -- --ignored measure --nocapture`.
#[test]
#[ignore = "a measurement, not a judgement"]
fn measure() {
    use countersign::console::view::View;
    let mut world = super::stage::sample();
    for n in 0..300_u16 {
        let words = "The parcel has not arrived and nobody answers. ".repeat(1 + usize::from(n % 7));
        world.add(&super::stage::line(
            &serde_json::json!({"id": format!("x{n}"), "conversation": {"id": format!("cx{n}"),
            "language": "en", "customer": {"id": format!("ux{n}"), "name": format!("Customer {n}")},
            "messages": [{"id": "m", "from": "customer", "at": "2026-11-20T08:00:00Z", "text": words}]},
            "draft": {"id": "d", "text": format!("Dear customer,\n\n{}\n\nKind regards", words.repeat(2))},
            "emotion": {"label": "frustration", "confidence": 0.7, "intensity": 0.1 * f64::from(n % 10)}}),
        ));
    }
    let mut stage = Stage::on(world, 120, 40);
    let theme = Theme::shipped("dark", None, Depth::True).unwrap();
    let mut out = Vec::new();
    let backend = ratatui::backend::CrosstermBackend::new(&mut out);
    let options = ratatui::TerminalOptions {
        viewport: ratatui::Viewport::Fixed(ratatui::layout::Rect::new(0, 0, 120, 40)),
    };
    let mut terminal = ratatui::Terminal::with_options(backend, options).unwrap();
    let mut view = View::new();
    terminal
        .draw(|f| {
            view.draw(&stage.model, &theme, f);
        })
        .unwrap();
    let mut spent = std::time::Duration::ZERO;
    for _ in 0..200 {
        stage.now = stage.now.plus(countersign::review::Span(100));
        stage.chord(countersign::console::chord::Chord::char('j'), true);
        let begun = std::time::Instant::now();
        terminal
            .draw(|f| {
                view.draw(&stage.model, &theme, f);
            })
            .unwrap();
        spent += begun.elapsed();
    }
    drop(terminal);
    eprintln!("{} bytes a key, {:?} a frame", out.len() / 201, spent / 200);
}
