//! `keys`, `themes`, `config`, and finding a keymap or theme by name or file.

use super::args::{ConfigCommand, TableCommand};
use super::{Done, Failure};
use crate::config::{Config, Said};
use crate::console::fault::Fault;
use crate::console::keymap::{self, Keymap};
use crate::console::theme::{self, AUTO, Depth, Ground, Sheet, Theme};
use crate::desk::Folder;
use crate::visible;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A keymap or a theme sheet: made from text, shipped by name.
trait Table: Sized {
    /// The folder's and the command's word.
    const PLURAL: &'static str;
    /// The shipped ones.
    fn shipped() -> Vec<(&'static str, &'static str)>;
    fn read(name: &str, path: &str, text: &str) -> (Self, Vec<Fault>);
}

impl Table for Keymap {
    const PLURAL: &'static str = "keymaps";
    fn shipped() -> Vec<(&'static str, &'static str)> {
        keymap::SHIPPED.to_vec()
    }
    fn read(name: &str, path: &str, text: &str) -> (Self, Vec<Fault>) {
        Self::read(name, path, text)
    }
}

impl Table for Sheet {
    const PLURAL: &'static str = "themes";
    fn shipped() -> Vec<(&'static str, &'static str)> {
        theme::SHIPPED.to_vec()
    }
    fn read(name: &str, path: &str, text: &str) -> (Self, Vec<Fault>) {
        Self::read(name, path, text)
    }
}

/// A table's text, and where it is.
struct Found {
    name: String,
    path: String,
    text: String,
    /// Named as a file: its faults are errors.
    as_file: bool,
}

/// A path on one line, whatever its name holds.
fn shown(path: &Path) -> String {
    visible::line(&path.display().to_string()).into_owned()
}

fn folder<T: Table>(config: &Config) -> PathBuf {
    config.folder().join(T::PLURAL)
}

/// A file where the name has a slash or ends in `.toml`; else the user's own, else a shipped one.
fn find<T: Table>(config: &Config, name: &str) -> Result<Found, Failure> {
    let as_file = name.contains('/') || Path::new(name).extension().is_some_and(|e| e == "toml");
    let path = if as_file { PathBuf::from(name) } else { folder::<T>(config).join(format!("{name}.toml")) };
    let shown = shown(&path);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let stem = path.file_stem().map_or(name.into(), |s| s.to_string_lossy().into_owned());
            Ok(Found { name: stem, path: shown, text, as_file })
        }
        Err(e) if as_file || e.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::usage(format!("{shown}: cannot be read ({e})")))
        }
        Err(_) => {
            if let Some((known, text)) = T::shipped().into_iter().find(|(known, _)| *known == name) {
                let path = format!("{}/{known}.toml", T::PLURAL);
                Ok(Found { name: known.to_owned(), path, text: text.to_owned(), as_file: false })
            } else {
                let known: Vec<_> = T::shipped().into_iter().map(|(name, _)| name).collect();
                let name = visible::line(name);
                let known = known.join(", ");
                Err(Failure::usage(format!(
                    "there is no {name} among the {}; take {known} or a file",
                    T::PLURAL
                )))
            }
        }
    }
}

/// The table of this name, and what the console must say about it. A faulty file named as a file is an error; in the
/// user's folder its sound lines count.
fn load<T: Table>(config: &Config, name: &str) -> Result<(T, Vec<String>), Failure> {
    let found = find::<T>(config, name)?;
    let (table, faults) = T::read(&found.name, &found.path, &found.text);
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    if found.as_file && !told.is_empty() {
        return Err(Failure::all(&told));
    }
    Ok((table, told))
}

/// The keymap of this name or file, and notices about it.
pub fn keymap(config: &Config, name: &str) -> Result<(Keymap, Vec<String>), Failure> {
    load::<Keymap>(config, name)
}

/// The theme of this name or file, made for a terminal, and notices about it.
pub fn theme(
    config: &Config,
    name: &str,
    background: Option<Ground>,
    depth: Depth,
) -> Result<(Theme, Vec<String>), Failure> {
    if name == AUTO {
        let theme = Theme::shipped(name, background, depth).map_err(|e| Failure::usage(e.to_string()))?;
        return Ok((theme, Vec::new()));
    }
    let (sheet, notices) = load::<Sheet>(config, name)?;
    Ok((Theme::new(&sheet, depth), notices))
}

fn print(text: &str) -> Done {
    Ok(std::io::stdout().write_all(visible::text(text).as_bytes())?)
}

fn check<T: Table>(config: &Config, name: &str) -> Done {
    let found = find::<T>(config, name)?;
    let (_, faults) = T::read(&found.name, &found.path, &found.text);
    if faults.is_empty() {
        return print(&format!("{}: no faults\n", found.path));
    }
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    print(&(told.join("\n") + "\n"))?;
    Err(Failure { code: 1, message: String::new() })
}

fn own<T: Table>(config: &Config) -> String {
    let Ok(entries) = std::fs::read_dir(folder::<T>(config)) else { return String::new() };
    let mut names: Vec<String> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| format!("  {}\n", shown(&p)))
        .collect();
    names.sort();
    names.concat()
}

fn path<T: Table>(config: &Config) -> Done {
    print(&format!("{}\n", shown(&folder::<T>(config))))
}

pub fn keys(config: &Config, what: Option<TableCommand>) -> Done {
    let in_use = config.keymap.value.as_str();
    match what {
        None => print(&keymap::listing(&keymap(config, in_use)?.0)),
        Some(TableCommand::List) => {
            let names: String = keymap::SHIPPED.iter().map(|(name, _)| format!("  {name}\n")).collect();
            print(&(names + &own::<Keymap>(config)))
        }
        Some(TableCommand::Show { name }) => {
            print(&keymap::listing(&keymap(config, name.as_deref().unwrap_or(in_use))?.0))
        }
        Some(TableCommand::Check { file }) => check::<Keymap>(config, file.as_deref().unwrap_or(in_use)),
        Some(TableCommand::Path) => path::<Keymap>(config),
    }
}

pub fn themes(config: &Config, what: Option<TableCommand>) -> Done {
    let in_use = config.theme.value.as_str();
    match what {
        None | Some(TableCommand::List) => {
            let current = theme(config, in_use, None, Depth::True)?.0;
            print(&(theme::listing(&current) + &own::<Sheet>(config)))
        }
        Some(TableCommand::Show { name }) => {
            let name = name.as_deref().unwrap_or(in_use);
            print(&find::<Sheet>(config, if name == AUTO { "dark" } else { name })?.text)
        }
        Some(TableCommand::Check { file }) => match file.as_deref().unwrap_or(in_use) {
            AUTO => print("auto: no faults\n"),
            name => check::<Sheet>(config, name),
        },
        Some(TableCommand::Path) => path::<Sheet>(config),
    }
}

pub fn config(said: &Said, what: Option<ConfigCommand>) -> Done {
    let config = Config::load(said)?;
    match what {
        Some(ConfigCommand::Path) => print(&format!("{}\n", shown(&config.path))),
        None | Some(ConfigCommand::Show) => print(&config.listing()),
        Some(ConfigCommand::Key) => {
            let folder = Folder { root: config.data.value };
            print(&format!("{}\n", folder.public_key()?))
        }
        Some(ConfigCommand::Check) => {
            keymap(&config, &config.keymap.value)?;
            theme(&config, &config.theme.value, None, Depth::True)?;
            print(&format!("{}: no faults\n", shown(&config.path)))
        }
    }
}
