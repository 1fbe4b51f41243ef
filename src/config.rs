//! Folders (XDG), `config.toml`, environment, and where each value came from.
//!
//! Two stages: what was said in each place, then one decided [`Config`]; the rest of the program sees only the
//! second. Invariant: nothing falls back silently; a file that is faulty or unreadable is an error with its place.

use crate::review::Policy;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--agent`.
    pub agent: Option<String>,
}

/// `config.toml` as it may be written; every key may be absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
struct File {
    agent: Option<String>,
    data: Option<PathBuf>,
    theme: Option<String>,
    keymap: Option<String>,
    mouse: Option<bool>,
    bell: Option<bool>,
    log: LogFile,
    policy: Policy,
}

/// `[log]` as it may be written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
struct LogFile {
    witness: Option<PathBuf>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// The configuration file.
    File,
    /// Built in.
    Default,
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(name) => write!(f, "${name}"),
            Self::File => f.write_str("config.toml"),
            Self::Default => f.write_str("built in"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub from: From,
}

/// All settings, decided.
#[derive(Clone, Debug)]
pub struct Config {
    /// The configuration file, there or not.
    pub path: PathBuf,
    /// Whether it is there.
    pub exists: bool,
    /// The data folder.
    pub data: Sourced<PathBuf>,
    /// The agent's name in the log.
    pub agent: Sourced<String>,
    /// `auto` or a theme's name.
    pub theme: Sourced<String>,
    /// A keymap's name.
    pub keymap: Sourced<String>,
    /// Whether the mouse is captured at start.
    pub mouse: Sourced<bool>,
    /// Whether to ring when something needs attention and the terminal has no focus.
    pub bell: Sourced<bool>,
    /// The folder to which checkpoints of the log go as well, best another user's.
    pub witness: Option<PathBuf>,
    /// The firm's policy.
    pub policy: Policy,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: cannot be read ({why}); mend its rights or name another with --config")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file is faulty.
    #[error("{path}:{line}:{column}: {what}; `countersign config show` lists what can be set")]
    Faulty {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// The system names no home folder.
    #[error("this user has no home folder; name a folder with --data and a file with --config")]
    NoHome,
    /// The agent has no usable name.
    #[error(
        "{from}: the agent's name must have 1 to 64 characters and no control characters; use --agent NAME"
    )]
    BadAgent {
        /// Where it was said.
        from: From,
    },
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

impl Config {
    /// Reads all sources and decides.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(said: &Said) -> Result<Self, ConfigError> {
        let folders = directories::ProjectDirs::from("", "", "countersign");
        let named = said.config.clone().or_else(|| environment("COUNTERSIGN_CONFIG").map(PathBuf::from));
        let must_exist = named.is_some();
        let path = match (named, &folders) {
            (Some(path), _) => path,
            (None, Some(folders)) => folders.config_dir().join("config.toml"),
            (None, None) => return Err(ConfigError::NoHome),
        };
        let (file, exists) = match std::fs::read_to_string(&path) {
            Ok(text) => (parse(&path, &text)?, true),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound && !must_exist => (File::default(), false),
            Err(why) => return Err(ConfigError::Unreadable { path, why }),
        };
        let data = match (&said.data, environment("COUNTERSIGN_DATA"), file.data) {
            (Some(dir), ..) => Sourced { value: dir.clone(), from: From::Flag("--data") },
            (None, Some(dir), _) => {
                Sourced { value: dir.into(), from: From::Environment("COUNTERSIGN_DATA") }
            }
            (None, None, Some(dir)) => Sourced { value: dir, from: From::File },
            (None, None, None) => {
                let dir = folders.as_ref().ok_or(ConfigError::NoHome)?.data_dir().to_owned();
                Sourced { value: dir, from: From::Default }
            }
        };
        Ok(Self {
            path,
            exists,
            data,
            agent: agent(said, file.agent)?,
            theme: or(file.theme, || "auto".to_owned()),
            keymap: or(file.keymap, || "default".to_owned()),
            mouse: or(file.mouse, || false),
            bell: or(file.bell, || true),
            witness: file.log.witness,
            policy: file.policy,
        })
    }

    /// The folder of the user's own keymaps and themes.
    pub fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Each setting with its value and source, one a line.
    pub fn listing(&self) -> String {
        let file = if self.exists { "" } else { " (not there)" };
        let rows = [
            ("file", format!("{}{file}", shown(&self.path)), From::Default),
            ("data", shown(&self.data.value), self.data.from.clone()),
            ("agent", self.agent.value.clone(), self.agent.from.clone()),
            ("theme", self.theme.value.clone(), self.theme.from.clone()),
            ("keymap", self.keymap.value.clone(), self.keymap.from.clone()),
            ("mouse", self.mouse.value.to_string(), self.mouse.from.clone()),
            ("bell", self.bell.value.to_string(), self.bell.from.clone()),
        ];
        let mut text: String = rows
            .iter()
            .map(|(name, value, from)| match *name {
                "file" => format!("{name:<8} {value}\n"),
                _ => format!("{name:<8} {value}  ({from})\n"),
            })
            .collect();
        if let Some(witness) = &self.witness {
            // The one key that has no built-in value.
            text.extend(["\n[log]\nwitness = ", &shown(witness), "  (config.toml)\n"]);
        }
        text.push_str("\n[policy]\n");
        text.push_str(&toml::to_string(&self.policy).unwrap_or_default());
        text
    }
}

/// A path on one line, whatever its name holds.
fn shown(path: &Path) -> String {
    crate::visible::line(&path.display().to_string()).into_owned()
}

fn or<T>(value: Option<T>, default: impl FnOnce() -> T) -> Sourced<T> {
    match value {
        Some(value) => Sourced { value, from: From::File },
        None => Sourced { value: default(), from: From::Default },
    }
}

fn agent(said: &Said, file: Option<String>) -> Result<Sourced<String>, ConfigError> {
    let user =
        || environment("USER").or_else(|| environment("LOGNAME")).unwrap_or_else(|| "agent".to_owned());
    let agent = match (&said.agent, environment("COUNTERSIGN_AGENT"), file) {
        (Some(name), ..) => Sourced { value: name.clone(), from: From::Flag("--agent") },
        (None, Some(name), _) => Sourced { value: name, from: From::Environment("COUNTERSIGN_AGENT") },
        (None, None, Some(name)) => Sourced { value: name, from: From::File },
        (None, None, None) => Sourced { value: user(), from: From::Environment("USER") },
    };
    let name = agent.value.trim();
    if name.is_empty() || name.chars().count() > 64 || crate::visible::hidden_chars(name) > 0 {
        return Err(ConfigError::BadAgent { from: agent.from });
    }
    Ok(agent)
}

fn parse(path: &Path, text: &str) -> Result<File, ConfigError> {
    toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        ConfigError::Faulty {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1,
            what: e.message().lines().next().unwrap_or_default().to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p10_a_fault_names_file_line_column_and_what() {
        for (text, place, what) in [
            ("theme = 7\n", "1:9", "expected a string"),
            ("\n\ncolour = true\n", "3:1", "unknown field"),
            ("[policy]\nemail_window_ms = \"x\"\n", "2:19", "expected i64"),
            ("theme = \n", "1:9", ""),
        ] {
            let error = parse(Path::new("config.toml"), text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("config.toml:{place}: ")), "{error}");
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn flags_beat_the_file_and_the_listing_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "agent = \"ben\"\ntheme = \"light\"\n").unwrap();
        let said = Said { data: Some("/tmp/d".into()), config: Some(path), agent: Some("anna".to_owned()) };
        let config = Config::load(&said).unwrap();
        assert_eq!(config.agent, Sourced { value: "anna".to_owned(), from: From::Flag("--agent") });
        assert_eq!(config.theme, Sourced { value: "light".to_owned(), from: From::File });
        let listing = config.listing();
        assert!(
            listing.contains("agent    anna  (--agent)") && listing.contains("email_window_ms"),
            "{listing}"
        );
    }

    #[test]
    fn a_file_named_and_missing_is_an_error_and_so_is_a_hostile_name() {
        let said = Said { config: Some("/nowhere/c.toml".into()), ..Said::default() };
        assert!(matches!(Config::load(&said), Err(ConfigError::Unreadable { .. })));
        for bad in ["", "  ", "a\u{1b}[31m", "x\u{202e}y", &"n".repeat(65)] {
            let said = Said { agent: Some(bad.to_owned()), data: Some("/tmp/d".into()), config: None };
            assert!(matches!(Config::load(&said), Err(ConfigError::BadAgent { .. })), "{bad:?}");
        }
    }
}
