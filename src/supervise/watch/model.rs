//! What the supervisor's screen knows: the rows of the log, the queue's state, where one looks.

use super::super::figures::TEAM;
use super::super::figures::spread::Spread;
use super::super::filter::{BadCondition, Condition};
use super::super::told::{Joined, Times, decision_of, told};
use super::command::Mode;
use crate::ledger::Parsed;
use crate::ledger::scan::{Keys, Text, Value};
use crate::review::{Counts, Decision, DecisionId, Emotion, ItemId, Span, Stamp, Verdict};
use crate::visible;
use jiff::tz::TimeZone;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::LazyLock;

/// Entries kept: the feed goes back so far, and what is counted is counted over them.
pub const KEPT: usize = 3_000;
/// The smallest screen.
pub const LEAST: (u16, u16) = (60, 15);
/// How long the queue is not asked again after an answer, with news and without.
const SOON: Span = Span::seconds(1);
const LATER: Span = Span::seconds(15);

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts up as rows come.
    pub n: u64,
    /// The line, without its line feed.
    pub raw: Vec<u8>,
    /// Why it does not follow from the line before.
    pub fault: Option<String>,
    /// Whether the filter lets it through.
    pub wanted: bool,
}

impl Entry {
    /// Its keys; none for what is no line of a log.
    pub fn parsed(&self) -> Option<Parsed> {
        std::str::from_utf8(&self.raw).ok().and_then(Parsed::read)
    }
}

/// Which rows are shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// As it was written.
    pub text: String,
    conditions: Vec<Condition>,
    words: Vec<String>,
    /// Whether a condition is about who did it.
    of_people: bool,
}

/// The keys by which one person's rows are found.
const OF_PEOPLE: [&str; 5] = ["agent", "session", "os_uid", "owner", "subject"];

/// The filter cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    /// One of its conditions is none.
    #[error(transparent)]
    Condition(#[from] BadCondition),
    /// It asks how fast somebody works.
    #[error("`{0}`: times of single decisions are not looked through here; `countersign stats` has a team's")]
    Times(String),
}

impl Filter {
    /// Reads conditions and words, parted by blanks.
    ///
    /// # Errors
    /// A condition cannot be read, or is about times.
    pub fn read(text: &str) -> Result<Self, BadFilter> {
        let mut filter = Self { text: text.trim().to_owned(), ..Self::default() };
        for word in text.split_whitespace() {
            if !word.contains(['=', '>', '<', '~', '!']) {
                filter.words.push(word.to_lowercase());
                continue;
            }
            let field: String = word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if field.ends_with("_ms") {
                return Err(BadFilter::Times(field));
            }
            filter.of_people |= OF_PEOPLE.contains(&field.as_str());
            filter.conditions.push(word.parse()?);
        }
        Ok(filter)
    }

    /// Whether it looks for some people's rows: by who decided, in which session, or by a word that is in one's name.
    fn is_about_people(&self, names: &HashSet<String>) -> bool {
        let one_of = |word: &String| names.iter().any(|name| name.contains(word.as_str()));
        self.of_people || self.words.iter().any(one_of)
    }

    fn holds(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|c| c.holds(&entry.raw))
            && (self.words.is_empty() || {
                let row = entry.parsed().map(|p| told(&p, None, Times::LeftOut)).unwrap_or_default();
                let row: String = row.into_iter().map(|(text, _)| text.to_lowercase()).collect();
                self.words.iter().all(|word| row.contains(word))
            })
    }
}

/// What is counted over the rows that are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Decisions.
    pub decisions: u64,
    /// By verdict, in the order of [`VERDICTS`].
    pub verdicts: [u64; 4],
    /// By emotion as it stands, in the order of `Emotion::ALL`.
    pub emotions: [u64; Emotion::ALL.len()],
    /// Decisions with checks that warned, and with checks overridden.
    pub checks: [u64; 2],
    /// Emotions corrected, errors of the AI reported, replies taken back, verdicts refused.
    pub acts: [u64; 4],
    /// Half of the decisions at a screen took at most this active time; none where fewer than five others decided.
    pub active: Option<Span>,
    /// Whether the filter has found fewer than five other people: then it counts nothing, or it would be a figure about them.
    pub private: bool,
}

/// The verdicts in the order they are shown.
pub const VERDICTS: [Verdict; 4] = [Verdict::Approve, Verdict::Edit, Verdict::TakeOver, Verdict::Reply];

/// In the order in which a line holds them.
static COUNTED: LazyLock<Keys<9>> = LazyLock::new(|| {
    Keys::new([
        "type",
        "agent",
        "verdict",
        "emotion",
        "emotion_corrected",
        "checks_warned",
        "checks_overridden",
        "active_ms",
        "what",
    ])
});

impl Tally {
    /// Of these rows, which a filter has left, for the eyes of `me`.
    fn of<'a>(rows: impl Iterator<Item = &'a Entry>, filter: &Filter, me: &str) -> Self {
        let mut tally = Self::default();
        let (mut agents, mut times) = (HashSet::new(), Vec::new());
        for row in rows {
            let [kind, agent, verdict, read, corrected, warned, overridden, active, what] =
                COUNTED.read(&row.raw);
            let word = |value: Option<Value<'a>>| value.and_then(Value::text).map(Text::escaped);
            let above = |value: Option<Value<'_>>| value.and_then(Value::int).is_some_and(|n| n > 0);
            agents.extend(agent.and_then(Value::text));
            match word(kind) {
                Some("decision") => {
                    tally.decisions += 1;
                    let at = VERDICTS.iter().position(|v| Some(v.as_str()) == word(verdict));
                    if let Some(at) = at {
                        tally.verdicts[at] += 1;
                    }
                    let emotion = word(corrected).or(word(read));
                    let at = Emotion::ALL.iter().position(|e| Some(e.as_str()) == emotion);
                    if let Some(at) = at {
                        tally.emotions[at] += 1;
                    }
                    tally.checks[0] += u64::from(above(warned));
                    tally.checks[1] += u64::from(above(overridden));
                    // A script's verdict took nobody's time.
                    times.extend(active.and_then(Value::int).filter(|ms| *ms > 0));
                }
                Some("correction") => tally.acts[0] += 1,
                Some("report") => tally.acts[1] += 1,
                Some("outcome") if word(what) == Some("undone") => tally.acts[2] += 1,
                Some("outcome") if word(what) == Some("refused") => tally.acts[3] += 1,
                _ => {}
            }
        }
        let name = |text: &str| visible::line(text).to_lowercase();
        let agents: HashSet<String> = agents.into_iter().map(|agent: Text<'_>| name(&agent.read())).collect();
        let me = name(me);
        let others = agents.iter().filter(|agent| **agent != me).count();
        if matches!(others, 1..TEAM) && filter.is_about_people(&agents) {
            return Self { private: true, ..Self::default() };
        }
        tally.active = Spread::of(times).filter(|_| others >= TEAM).map(|spread| Span(spread.p50));
        tally
    }
}

/// An opened decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its entry, or the entry about it.
    pub entry: Entry,
    /// Which.
    pub id: DecisionId,
    /// What the store has of it.
    pub text: TextState,
    /// The first row that is shown.
    pub top: usize,
}

/// What is known of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextState {
    /// Asked for.
    Awaited,
    /// Here it is.
    Here(Box<Decision>),
    /// It does not exist any more.
    Gone,
    /// It was not shown; why, and what to do.
    Failed(String),
}

/// What lies in front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Front {
    /// The feed.
    #[default]
    Feed,
    /// A filter is being written.
    Filter(String),
    /// A decision.
    Decision(Box<Opened>),
    /// The keys; from row so many on.
    Help(usize),
}

/// The queue as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// The header's figures.
    pub counts: Counts,
    /// Replies held or on their way.
    pub under_way: u64,
    /// Replies that will not go, or of which nobody knows: a person must decide.
    pub troubled: u64,
}

/// All that is shown.
#[derive(Clone, Debug)]
pub struct Model {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The time.
    pub now: Stamp,
    /// Whose midnight parts the days.
    pub zone: TimeZone,
    /// Who looks.
    pub agent: String,
    /// Since when each new line is held against the one before.
    pub begun: Stamp,
    /// The rows, oldest first.
    pub rows: VecDeque<Entry>,
    next: u64,
    /// Which item a decision among them was about.
    items: HashMap<DecisionId, ItemId>,
    /// The row one looks at; none goes with the newest.
    pub selected: Option<u64>,
    /// Which rows are shown.
    pub filter: Filter,
    /// What they come to.
    pub tally: Tally,
    /// The queue; none until it has answered.
    pub queue: Option<Queue>,
    /// When it was asked last, and whether something has happened since.
    pub asked: Stamp,
    pub(super) news: bool,
    /// What lies in front.
    pub front: Front,
    /// The newest fault of the log.
    pub broken: Option<String>,
    /// One line for the supervisor.
    pub notice: Option<String>,
}

/// Which decision a line is, and about which item.
fn decided(raw: &[u8]) -> Option<(DecisionId, ItemId)> {
    let [kind, id, item] = DECIDED.read(raw).map(|value| value.and_then(Value::text).map(Text::escaped));
    let is_decision = kind == Some("decision");
    is_decision.then(|| Some((DecisionId(id?.parse().ok()?), item?.parse().ok()?))).flatten()
}

static DECIDED: LazyLock<Keys<3>> = LazyLock::new(|| Keys::new(["type", "id", "item"]));

impl Model {
    /// A screen that has seen nothing yet.
    pub fn new(agent: String, zone: TimeZone, size: (u16, u16), now: Stamp) -> Self {
        Self {
            size,
            now,
            zone,
            agent,
            rows: VecDeque::new(),
            next: 0,
            items: HashMap::new(),
            begun: now,
            selected: None,
            filter: Filter::default(),
            tally: Tally::default(),
            queue: None,
            asked: now,
            news: false,
            front: Front::Feed,
            broken: None,
            notice: None,
        }
    }

    /// What keys mean now.
    pub const fn mode(&self) -> Mode {
        match self.front {
            Front::Feed => Mode::Feed,
            Front::Filter(_) => Mode::Filter,
            Front::Decision(_) => Mode::Decision,
            Front::Help(_) => Mode::Help,
        }
    }

    /// Whether the screen is too small to show anything.
    pub const fn is_too_small(&self) -> bool {
        self.size.0 < LEAST.0 || self.size.1 < LEAST.1
    }

    /// When something is due without a key or a line.
    pub fn next_deadline(&self) -> Stamp {
        self.asked.plus(if self.news { SOON } else { LATER })
    }

    pub(super) fn add(&mut self, raw: Vec<u8>, fault: Option<String>) {
        let mut entry = Entry { n: self.next, raw, fault, wanted: true };
        entry.wanted = entry.fault.is_some() || self.filter.holds(&entry);
        self.next += 1;
        self.items.extend(decided(&entry.raw));
        self.rows.push_back(entry);
        if self.rows.len() > KEPT
            && let Some((id, _)) = self.rows.pop_front().and_then(|old| decided(&old.raw))
        {
            self.items.remove(&id);
        }
    }

    /// What is known here of the decision that an entry is about. No text: to open one is another thing.
    pub fn joined(&self, entry: &Parsed) -> Option<Joined> {
        let about = decision_of(entry).filter(|_| entry.text("type") != Some("decision"))?;
        self.items.get(&about).map(|item| Joined { item: item.clone(), text: String::new() })
    }

    pub(super) fn use_filter(&mut self, filter: Filter) {
        for entry in &mut self.rows {
            entry.wanted = entry.fault.is_some() || filter.holds(entry);
        }
        self.filter = filter;
        self.selected = self.selected.filter(|n| self.wanted().any(|e| e.n == *n));
    }

    pub(super) fn count(&mut self) {
        self.tally = Tally::of(self.rows.iter().filter(|e| e.wanted), &self.filter, &self.agent);
    }

    /// The rows that are shown, oldest first.
    pub fn wanted(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.rows.iter().filter(|e| e.wanted)
    }

    /// The row one looks at.
    pub fn current(&self) -> Option<&Entry> {
        match self.selected {
            Some(n) => self.wanted().find(|e| e.n >= n),
            None => self.wanted().next_back(),
        }
    }
}
