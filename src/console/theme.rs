//! Looks for meanings: a view names a [`Role`], a theme says what it looks like on this terminal.
//!
//! The shipped themes are files in `themes/`, which are also the documentation; a user's file extends one of them.
//! Knows no view and reads no file or environment: texts, the terminal's colours and its background come in as
//! arguments. Invariant: every role has a look in every theme, down to a terminal without colour.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};

mod colour;
mod file;
mod listing;
mod role;

pub use colour::{Depth, Rgb, contrast};
pub use file::{Ground, SHIPPED, Sheet, UnknownTheme};
pub use listing::listing;
pub use role::Role;

pub use colour::Ink;

/// The name that stands for the theme that fits the terminal's background.
pub const AUTO: &str = "auto";

/// The looks of all roles, ready for one terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    name: String,
    ground: Style,
    styles: Vec<Style>,
}

/// What one role looks like, as far as it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colour of the letters.
    pub ink: Option<Ink>,
    /// The colour under them.
    pub under: Option<Ink>,
    /// Bold, dim, italic, underline, reverse.
    pub weight: Option<Modifier>,
}

impl Theme {
    /// The theme of a sheet on a terminal with so many colours. Without colours every sheet looks like `mono`.
    pub fn new(sheet: &Sheet, depth: Depth) -> Self {
        let styles = Role::ALL.iter().map(|role| style(*role, sheet.look(*role), depth)).collect();
        let mut ground = Style::reset();
        if let Some(background) = sheet.painted().filter(|_| depth != Depth::None) {
            ground = ground.bg(Ink::Rgb(background).color(depth));
        }
        let theme = Self { name: sheet.name().to_owned(), ground, styles };
        if depth == Depth::None && sheet.name() != "mono" {
            Self { name: theme.name, ..Self::mono() }
        } else {
            theme
        }
    }

    /// A shipped theme by name. `auto` takes `dark` or `light` by the terminal's background (dark where it is not
    /// known), and on sixteen colours the terminal's own palette.
    ///
    /// # Errors
    /// No shipped theme has this name.
    pub fn shipped(name: &str, background: Option<Ground>, depth: Depth) -> Result<Self, UnknownTheme> {
        let chosen = match (name, depth, background) {
            (AUTO, Depth::Ansi16, _) => "ansi16",
            (AUTO, _, Some(Ground::Light)) => "light",
            (AUTO, ..) => "dark",
            _ => name,
        };
        Ok(Self::new(&Sheet::shipped(chosen)?, depth))
    }

    /// Bold, dim, underline and reverse only.
    pub fn mono() -> Self {
        // A test reads every shipped sheet; an empty one is plain text, which can still be read.
        Self::new(&Sheet::shipped("mono").unwrap_or_default(), Depth::None)
    }

    /// For screen snapshots: each style names its role, which [`Theme::role_of`] reads back from a cell.
    pub fn roles() -> Self {
        let styles = Role::ALL
            .iter()
            .map(|role| match role {
                Role::Selection | Role::Popup | Role::NoteGround => Style::new().bg(code(*role)),
                role => Style::new().fg(code(*role)),
            })
            .collect();
        Self { name: "roles".to_owned(), ground: Style::reset(), styles }
    }

    /// With [`Theme::roles`]: which role a cell of the finished buffer has, and on which ground it lies.
    pub fn role_of(cell: &Cell) -> (Option<Role>, Option<Role>) {
        (decode(cell.fg), decode(cell.bg))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What a role looks like.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }
    /// What the whole screen is filled with first.
    pub const fn ground(&self) -> Style {
        self.ground
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::mono()
    }
}

fn style(role: Role, look: Look, depth: Depth) -> Style {
    let mut style = Style::new();
    let mut weight = look.weight.unwrap_or_default();
    if let Some(ink) = look.ink
        && depth != Depth::None
    {
        style = style.fg(ink.color(depth));
    }
    match (look.under, depth) {
        // Sixteen colours hold no shade between the ground and its neighbours: the marked row is turned round.
        (Some(Ink::Rgb(_)), Depth::Ansi16) if role.is_overlay() => {
            if matches!(role, Role::Selection | Role::Caret) {
                // One ink for the whole row: turned round, each word's colour would be a bar of its own.
                style = style.fg(Color::Reset);
                weight |= Modifier::REVERSED;
            }
        }
        (Some(ink), Depth::Ansi16 | Depth::Indexed | Depth::True) => style = style.bg(ink.color(depth)),
        (_, _) => {}
    }
    style.add_modifier(weight)
}

// The first sixteen mean the terminal's own colours, so that a role is never taken for one of them.
fn code(role: Role) -> Color {
    Color::Indexed(16 + role as u8)
}

fn decode(color: Color) -> Option<Role> {
    match color {
        Color::Indexed(code) => Role::ALL.get(usize::from(code.checked_sub(16)?)).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
