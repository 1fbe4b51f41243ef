//! The raw command line. What the rest of the program sees are the decided values of `config`.

use crate::ledger::PublicKey;
use crate::review::{AiError, ReportState};
use crate::supervise::figures::group::By;
use crate::supervise::figures::quality::WORDS_PER_MINUTE;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The terminal console where support agents review AI-drafted replies before a customer sees them.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// The folder of queue, desk and log
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The name that the log gives you, beside the system's user
    #[arg(long, global = true, value_name = "NAME")]
    pub agent: Option<String>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    #[command(flatten)]
    pub console: ConsoleArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// As the terminal and `NO_COLOR` say.
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

/// What the console itself takes.
#[derive(Clone, Debug, Default, Args)]
pub struct ConsoleArgs {
    /// No full screen: lines, numbered choices, for screen readers and scripts
    #[arg(long)]
    pub plain: bool,
    /// A theme's name, or a theme file
    #[arg(long, value_name = "NAME|FILE")]
    pub theme: Option<String>,
    /// A keymap's name, or a keymap file
    #[arg(long, value_name = "NAME|FILE")]
    pub keymap: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The console on a sample queue, in a throw-away folder
    Demo {
        #[command(flatten)]
        console: ConsoleArgs,
    },
    /// Take items in, one JSON object a line
    Import {
        /// Files of `countersign.item/1` lines; - is the standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// One JSON object a file and refusal
        #[arg(long)]
        json: bool,
    },
    /// The queue
    List {
        /// Words that must be found, fuzzily
        #[arg(value_name = "WORDS")]
        words: Vec<String>,
        /// Also snoozed, decided and closed items
        #[arg(long)]
        all: bool,
        /// At most so many
        #[arg(short = 'n', long, default_value_t = 100, value_name = "N")]
        limit: usize,
        /// One JSON object an item
        #[arg(long)]
        json: bool,
    },
    /// One item; with --json also the `seen` token that decide wants
    Show {
        #[arg(value_name = "ITEM")]
        item: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// A verdict without the screen; no undo window
    Decide {
        #[arg(value_name = "ITEM")]
        item: String,
        #[command(flatten)]
        verdict: VerdictArgs,
        /// What you saw: `seen` of `show ITEM --json`
        #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
        seen: String,
        /// Send although a check blocks the text; the log counts it
        #[arg(long)]
        override_checks: bool,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// The decision log, live: rows on a terminal, else ASCII JSON
    Tail {
        #[command(flatten)]
        tail: TailArgs,
    },
    /// The supervisor's screen: the log live, the queue, what is felt and decided
    Watch {
        /// A theme's name, or a theme file
        #[arg(long, value_name = "NAME|FILE")]
        theme: Option<String>,
        /// From this moment on: 2026-11-20T09:01:00Z, 2026-11-20, 10m, 2h, yesterday
        #[arg(long, value_name = "WHEN", default_value = "1d")]
        since: String,
    },
    /// Decisions as a table, or as pairs of draft and sent text; the log notes each export
    Export {
        #[arg(long, value_enum)]
        format: ExportFormat,
        #[command(flatten)]
        which: WhichArgs,
    },
    /// Figures: what was decided, how fast, how much was changed, and what followed
    Stats {
        #[command(flatten)]
        stats: StatsArgs,
    },
    /// The report for people without a terminal; also errors of the AI: report one, list them, look into one
    #[command(args_conflicts_with_subcommands = true)]
    Report {
        #[command(subcommand)]
        what: Option<ReportCommand>,
        #[command(flatten)]
        report: ReportArgs,
        #[command(flatten)]
        page: PageArgs,
    },
    /// What the customer may be told: who wrote the reply, from what, and how to object
    Explain {
        #[arg(value_name = "ITEM")]
        item: String,
        /// In this language: en, de, es, ru, zh; the conversation's without
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
    },
    /// Prove that the log is whole
    Verify {
        /// A key you trust, as `config key` printed it; may be repeated
        #[arg(long, value_name = "PUB")]
        key: Vec<PublicKey>,
        /// The witness's folder
        #[arg(long, value_name = "DIR")]
        witness: Option<PathBuf>,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Sign how the log stands, for instance from cron
    Checkpoint,
    /// Read the emotion in a message, offline; without TEXT one message a line from the standard input
    Emotion {
        /// The message
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: Option<String>,
        /// One JSON object a message
        #[arg(long)]
        json: bool,
        /// Measure the recogniser on labelled lines, TSV or JSONL
        #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "json"])]
        eval: Option<PathBuf>,
    },
    /// Write down a customer's word on AI
    Consent {
        /// The customer's id
        #[arg(long, value_name = "ID")]
        customer: String,
        #[arg(value_enum)]
        word: ConsentWord,
    },
    /// Destroy a customer's texts; the log stays valid
    Forget {
        /// The customer's id
        #[arg(long, value_name = "ID")]
        customer: String,
        /// Do it; without this nothing is destroyed
        #[arg(long)]
        yes: bool,
    },
    /// Keymaps: list, check, show, path
    Keys {
        #[command(subcommand)]
        what: Option<TableCommand>,
    },
    /// Themes: list, check, show, path
    Themes {
        #[command(subcommand)]
        what: Option<TableCommand>,
    },
    /// Settings: path, show, check, key
    Config {
        #[command(subcommand)]
        what: Option<ConfigCommand>,
    },
    /// Completions for a shell, to be sourced
    Completions { shell: clap_complete::Shell },
    /// The manual page, in roff
    Man,
}

/// Which entries of the log are meant.
#[derive(Clone, Debug, Args)]
pub struct WhichArgs {
    /// From this moment on: 2026-11-20T09:01:00Z, 2026-11-20, 10m, 2h, yesterday
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only lines like verdict=edit, agent!=anna, `active_ms>30s`, model~mini; several must all hold
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    pub conditions: Vec<String>,
}

/// What `export` makes of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table; no formula, no text, no agent's name.
    Csv,
    /// What the AI wrote and what was sent, one JSON object a line, where the customer has not said no.
    Pairs,
    /// The format file for the log viewer lnav: `countersign export --format lnav > f.json; lnav -i f.json`.
    Lnav,
}

/// What `tail` shows, and how.
#[expect(clippy::struct_excessive_bools, reason = "flags that have nothing to do with each other")]
#[derive(Clone, Debug, Args)]
pub struct TailArgs {
    /// Go on as it grows; each line is held against the one before, exit code 2 if one was broken
    #[arg(short = 'f', long, conflicts_with = "until")]
    pub follow: bool,
    /// How many lines from the end; 10, or all if you ask for some with --where or --since
    #[arg(short = 'n', long, value_name = "N")]
    pub lines: Option<u64>,
    #[command(flatten)]
    pub which: WhichArgs,
    /// Hold each line against the one before; exit code 2 if one is broken
    #[arg(long)]
    pub check: bool,
    /// JSON lines, also on a terminal
    #[arg(long, conflicts_with = "pretty")]
    pub json: bool,
    /// Rows for people, also where there is no terminal
    #[arg(long)]
    pub pretty: bool,
}

/// Which figures, of which time, for whom to read.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// By one or two at once of emotion, verdict, channel, lang, model, risk, day, hour, agent, topic, segment
    #[arg(long, value_name = "KEY[,KEY]", value_delimiter = ',')]
    pub by: Vec<By>,
    /// From this moment on, against the same length of time before: 2026-11-20, 7d, yesterday
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    #[command(flatten)]
    pub view: ViewArgs,
    /// Approvals above so many words a minute count as not read
    #[arg(long, value_name = "WORDS", default_value_t = WORDS_PER_MINUTE, requires = "quality")]
    pub reading_limit: u32,
    /// One JSON object a row
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// One line of CSV a number
    #[arg(long)]
    pub csv: bool,
}

/// Other figures than those of the decisions themselves.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ViewArgs {
    /// What followed the replies: emotions after, customers who wrote again, who asked for a person
    #[arg(long)]
    pub effect: bool,
    /// Whether drafts are read, and where recogniser and models do worse
    #[arg(long, conflicts_with = "by")]
    pub quality: bool,
    /// Errors of the AI that were reported, by model and reason
    #[arg(long, conflicts_with = "by")]
    pub errors: bool,
}

/// Exactly one verdict.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct VerdictArgs {
    /// Send the draft as it is
    #[arg(long)]
    pub approve: bool,
    /// Send this text in place of the draft
    #[arg(long, value_name = "FILE")]
    pub edit: Option<PathBuf>,
    /// Answer yourself and keep the conversation; the AI is silent from now on
    #[arg(long, value_name = "FILE")]
    pub take_over: Option<PathBuf>,
    /// Answer where there is no draft
    #[arg(long, value_name = "FILE")]
    pub reply: Option<PathBuf>,
}

/// An error of the AI.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The item whose draft or reply is wrong
    #[arg(long, value_name = "ITEM", requires = "reason")]
    pub item: Option<String>,
    /// What is wrong with it
    #[arg(long, value_parser = words(AiError::ALL.map(AiError::as_str)), requires = "item")]
    pub reason: Option<String>,
    /// Who found it
    #[arg(long, value_enum, default_value_t = ReportedBy::Agent)]
    pub by: ReportedBy,
}

/// The report as files.
#[derive(Debug, Args)]
#[group(id = "page", multiple = true, conflicts_with_all = ["item", "reason"])]
pub struct PageArgs {
    /// One page that needs no network; - is the standard output
    #[arg(long, value_name = "FILE", help_heading = "The report")]
    pub html: Option<PathBuf>,
    /// The same as Markdown
    #[arg(long, value_name = "FILE", help_heading = "The report")]
    pub markdown: Option<PathBuf>,
    /// Its tables as CSV
    #[arg(long, value_name = "FILE", help_heading = "The report")]
    pub csv: Option<PathBuf>,
    /// From this moment on: RFC 3339, 30d, yesterday
    #[arg(long, value_name = "MOMENT", help_heading = "The report")]
    pub since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "MOMENT", help_heading = "The report")]
    pub until: Option<String>,
    /// A folder for auditors: the proof, changed rules, a sample, accesses, erasures
    #[arg(long, value_name = "DIR", help_heading = "The report", conflicts_with_all = ["html", "markdown", "csv", "since", "until"])]
    pub audit: Option<PathBuf>,
    /// What decides which decisions are in the sample
    #[arg(long, value_name = "TEXT", help_heading = "The report", requires = "audit")]
    pub seed: Option<String>,
    /// How many decisions are in the sample
    #[arg(long, value_name = "N", help_heading = "The report", requires = "audit", default_value_t = 50)]
    pub sample: usize,
}

impl PageArgs {
    /// Whether a page or a pack is asked for.
    pub const fn is_asked(&self) -> bool {
        self.html.is_some() || self.markdown.is_some() || self.csv.is_some() || self.audit.is_some()
    }
}

/// Who found an error.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ReportedBy {
    /// You.
    Agent,
    /// The customer; you write it down.
    Customer,
}

/// What there is to do with reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Reports that are open or confirmed, oldest first
    List {
        /// Those in this state
        #[arg(long, value_parser = words(ReportState::ALL.map(ReportState::as_str)))]
        state: Option<String>,
        /// Also those that are fixed or were no error
        #[arg(long, conflicts_with = "state")]
        all: bool,
        /// One JSON object a report
        #[arg(long)]
        json: bool,
    },
    /// How far a report is looked into, and by whom
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Set {
        /// The report, as `report list` names it
        #[arg(value_name = "REPORT")]
        report: String,
        /// Its state from now on
        #[arg(long, value_parser = words(ReportState::ALL.map(ReportState::as_str)), group = "change")]
        state: Option<String>,
        /// Who looks into it from now on; nobody with an empty name
        #[arg(long, value_name = "NAME", group = "change")]
        owner: Option<String>,
    },
}

/// Exactly these words, named in help and errors.
fn words<const N: usize>(words: [&'static str; N]) -> clap::builder::PossibleValuesParser {
    words.into()
}

/// A customer's word on AI.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ConsentWord {
    /// AI may draft.
    Yes,
    /// No AI.
    No,
    /// Policy decides.
    Unknown,
}

/// What there is to know of keymaps and themes.
#[derive(Debug, Subcommand)]
pub enum TableCommand {
    /// All there are
    List,
    /// Whether a file holds, all faults at once
    Check {
        /// A name or file; the one in use without
        #[arg(value_name = "NAME|FILE")]
        file: Option<String>,
    },
    /// One of them as text
    Show {
        /// A name; the one in use without
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Where your own ones go
    Path,
}

/// What there is to know of settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Where the file is looked for
    Path,
    /// Each value and where it came from
    Show,
    /// Whether the file holds
    Check,
    /// The public part of this workstation's key, for whoever verifies the log
    Key,
}
