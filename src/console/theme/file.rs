//! Theme files: read, extended, all their faults told at once.

use super::colour::{Ink, Rgb, contrast};
use super::{Look, Role};
use crate::console::fault::{Fault, Faults, nearest};
use crate::visible;
use ratatui::style::Modifier;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The shipped themes, by name: the files themselves.
pub const SHIPPED: [(&str, &str); 7] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("contrast-dark", include_str!("../../../themes/contrast-dark.toml")),
    ("contrast-light", include_str!("../../../themes/contrast-light.toml")),
    ("colour-blind", include_str!("../../../themes/colour-blind.toml")),
    ("ansi16", include_str!("../../../themes/ansi16.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// No shipped theme has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no theme `{name}`; take auto, dark, light, contrast-dark, contrast-light, colour-blind, ansi16 or mono"
)]
pub struct UnknownTheme {
    /// What was asked for, made safe to show.
    pub name: String,
}

/// Dark or light: what a theme is made for, and what a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// Light letters on dark.
    #[default]
    Dark,
    /// Dark letters on light.
    Light,
}

impl Ground {
    /// Light if black reads better on it than white.
    pub fn of(background: Rgb) -> Self {
        let on = |letters| contrast(letters, background);
        if on(Rgb(0, 0, 0)) > on(Rgb(255, 255, 255)) { Self::Light } else { Self::Dark }
    }
}

/// What a theme file says, with what it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    name: String,
    about: String,
    ground: Ground,
    background: Option<Rgb>,
    paint: bool,
    palette: BTreeMap<String, Ink>,
    roles: BTreeMap<Role, Spec>,
}

/// One role's line. Colours are kept by name, so that a file that extends this one can change the palette alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Spec {
    ink: Option<Word>,
    under: Option<Word>,
    weight: Option<Modifier>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Exact(Ink),
    Palette(String),
}

const WEIGHTS: [(&str, Modifier); 6] = [
    ("plain", Modifier::empty()),
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

const KEYS: [&str; 7] = ["extends", "about", "ground", "background", "paint", "palette", "roles"];

impl Sheet {
    /// A shipped sheet by name.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn shipped(name: &str) -> Result<Self, UnknownTheme> {
        let (name, text) = SHIPPED
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| UnknownTheme { name: visible::line(name).into_owned() })?;
        Ok(Self::read(name, &format!("themes/{name}.toml"), text).0)
    }

    /// Reads a theme file. `path` is for its faults and must be safe to show. Sound lines count even where others
    /// are faulty.
    pub fn read(name: &str, path: &str, text: &str) -> (Self, Vec<Fault>) {
        let mut faults = Faults::new(path, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let what = error.message().to_owned();
            faults.add(&error.span().unwrap_or(0..0), what, "write it as in the shipped themes");
        }
        let mut reader = Reader { faults, sheet: Self { name: name.to_owned(), ..Self::default() } };
        reader.document(document.get_ref());
        (reader.sheet, reader.faults.into_vec())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// One line about it.
    pub fn about(&self) -> &str {
        &self.about
    }
    /// What it is made for.
    pub const fn ground(&self) -> Ground {
        self.ground
    }
    /// The background for which its contrasts hold.
    pub const fn background(&self) -> Option<Rgb> {
        self.background
    }
    /// The background it fills the screen with; none where it leaves the terminal's own.
    pub const fn painted(&self) -> Option<Rgb> {
        if self.paint { self.background } else { None }
    }

    /// What a role looks like: what its own line leaves out comes from its fallback.
    pub fn look(&self, role: Role) -> Look {
        let mut look = Look::default();
        let mut next = Some(role);
        while let Some(role) = next {
            if let Some(spec) = self.roles.get(&role) {
                look.ink = look.ink.or_else(|| self.ink(spec.ink.as_ref()?));
                look.under = look.under.or_else(|| self.ink(spec.under.as_ref()?));
                look.weight = look.weight.or(spec.weight);
            }
            next = role.fallback();
        }
        look
    }

    fn ink(&self, word: &Word) -> Option<Ink> {
        match word {
            Word::Exact(ink) => Some(*ink),
            Word::Palette(name) => self.palette.get(name).copied(),
        }
    }
}

struct Reader<'a> {
    faults: Faults<'a>,
    sheet: Sheet,
}

impl Reader<'_> {
    fn document(&mut self, document: &DeTable<'_>) {
        if let Some((key, value)) = document.get_key_value("extends")
            && let Some(base) = self.string(key.get_ref(), value)
        {
            match Sheet::shipped(&base) {
                Ok(base) => self.sheet = Sheet { name: std::mem::take(&mut self.sheet.name), ..base },
                Err(unknown) => {
                    let hint = match nearest(&base, SHIPPED.map(|(name, _)| name)) {
                        Some(name) => format!("did you mean `{name}`?"),
                        None => format!("take one of {}", SHIPPED.map(|(name, _)| name).join(", ")),
                    };
                    self.faults.add(&value.span(), format!("there is no theme `{}`", unknown.name), hint);
                }
            }
        }
        // The palette before the roles, which name its colours.
        for key in KEYS {
            if let Some((name, value)) = document.get_key_value(key) {
                self.entry(name.get_ref(), value);
            }
        }
        for (key, _) in document.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            self.unknown("setting", key, KEYS);
        }
    }

    fn entry(&mut self, key: &str, value: &Spanned<DeValue<'_>>) {
        match key {
            "about" => {
                if let Some(about) = self.string(key, value) {
                    self.sheet.about = visible::line(&about).into_owned();
                }
            }
            "ground" => match self.string(key, value).as_deref() {
                Some("dark") => self.sheet.ground = Ground::Dark,
                Some("light") => self.sheet.ground = Ground::Light,
                Some(_) => self.faults.add(&value.span(), "this is no ground", "write \"dark\" or \"light\""),
                None => {}
            },
            "background" => match self.string(key, value).as_deref().map(Ink::parse) {
                Some(Some(Ink::Rgb(rgb))) => self.sheet.background = Some(rgb),
                Some(_) => {
                    self.faults.add(&value.span(), "this is no exact colour", "write \"#rrggbb\"");
                }
                None => {}
            },
            "paint" => match value.get_ref().as_bool() {
                Some(paint) => self.sheet.paint = paint,
                None => self.faults.add(&value.span(), "`paint` is no yes or no", "write true or false"),
            },
            "palette" => {
                for (name, value) in self.table(key, value) {
                    self.colour(name, value);
                }
            }
            "roles" => {
                for (name, value) in self.table(key, value) {
                    self.role(name, value);
                }
            }
            _ => {}
        }
    }

    fn colour(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let Some(text) = self.string(name.get_ref(), value) else { return };
        match Ink::parse(&text) {
            Some(ink) => {
                self.sheet.palette.insert(name.get_ref().to_string(), ink);
            }
            None => self.bad_colour(&value.span(), &text, false),
        }
    }

    fn role(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let Some(role) = Role::ALL.iter().copied().find(|role| role.name() == name.get_ref().as_ref()) else {
            self.unknown("role", name, Role::ALL.iter().map(|role| role.name()));
            return;
        };
        let Some(text) = self.string(name.get_ref(), value) else { return };
        let mut spec = Spec::default();
        let mut under = false;
        let mut sound = true;
        for word in text.split_whitespace() {
            if let Some((_, weight)) = WEIGHTS.into_iter().find(|(known, _)| *known == word) {
                spec.weight = Some(spec.weight.unwrap_or_default() | weight);
                continue;
            }
            if word == "on" {
                under = true;
                continue;
            }
            let colour = if self.sheet.palette.contains_key(word) {
                Some(Word::Palette(word.to_owned()))
            } else {
                Ink::parse(word).map(Word::Exact)
            };
            let place = if under { &mut spec.under } else { &mut spec.ink };
            match colour {
                Some(colour) if place.is_none() => *place = Some(colour),
                Some(_) => {
                    sound = false;
                    self.faults.add(
                        &value.span(),
                        "two colours for one thing",
                        "write \"INK on GROUND bold\"",
                    );
                }
                None => {
                    sound = false;
                    self.bad_colour(&value.span(), word, true);
                }
            }
        }
        if under && spec.under.is_none() && sound {
            self.faults.add(&value.span(), "no colour after `on`", "write \"INK on GROUND bold\"");
        } else if sound {
            self.sheet.roles.insert(role, spec);
        }
    }

    fn bad_colour(&mut self, at: &Range<usize>, word: &str, in_role: bool) {
        let palette: Vec<String> = self.sheet.palette.keys().cloned().collect();
        let mut known: Vec<&str> = Ink::names().collect();
        if in_role {
            known.extend(WEIGHTS.map(|(name, _)| name));
            known.extend(palette.iter().map(String::as_str));
        }
        let hint = match nearest(word, known) {
            Some(name) => format!("did you mean `{name}`?"),
            None if in_role => {
                "write \"#rrggbb\", a name of [palette], or bold, dim, underline, reverse".to_owned()
            }
            None => "write \"#rrggbb\", `default`, or a name such as `bright_blue`".to_owned(),
        };
        self.faults.add(at, format!("`{}` is no colour", visible::line(word)), hint);
    }

    fn unknown<'n>(
        &mut self,
        what: &str,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let hint = match nearest(name.get_ref(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`countersign themes show dark` has all names".to_owned(),
        };
        let name_shown = visible::line(name.get_ref()).into_owned();
        self.faults.add(&name.span(), format!("there is no {what} `{name_shown}`"), hint);
    }

    fn string(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.faults.add(
                &value.span(),
                format!("`{}` is no text", visible::line(key)),
                "write it in quotation marks",
            );
        }
        text
    }

    fn table<'v, 'i>(
        &mut self,
        key: &str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> impl Iterator<Item = (&'v Spanned<std::borrow::Cow<'i, str>>, &'v Spanned<DeValue<'i>>)> + use<'v, 'i>
    {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.faults.add(
                &value.span(),
                format!("`{key}` is no table"),
                format!("write [{key}] above its lines"),
            );
        }
        table.into_iter().flatten()
    }
}
