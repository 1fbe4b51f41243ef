//! What the log says, as far as figures need it, in memory: one small row a decision, names kept once.

use super::agreement::Judged;
use crate::review::{
    AiError, Channel, CloseReason, DecisionId, Emotion, Outcome, ReportState, Reporter, Risk, Stamp, Verdict,
};
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Uuid;

/// An id of the log, as a 64-bit hash: rows are compared, never shown, by it. Among a million ids two meet with a chance
/// of one in thirty-seven million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    /// Of an item, conversation, message or draft.
    pub fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// A name, kept once in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u32);

/// Agents, languages, models, topics.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The name that says `text`.
    pub fn keep(&mut self, text: &str) -> Name {
        if let Some(n) = self.numbers.get(text) {
            return Name(*n);
        }
        // Four billion names do not fit into memory.
        let n = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), n);
        Name(n)
    }
    /// The name that says `text`, if any row has it.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied().map(Name)
    }
    /// What it says. Foreign: it goes through `visible` before it is shown.
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }
}

/// Whether a decision stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Signed; what the queue says to it is not in the log yet.
    #[default]
    Signed,
    /// The queue accepted it.
    Settled,
    /// The queue refused it.
    Refused,
    /// It was taken back.
    Undone,
    /// It never counted.
    Withdrawn,
}

impl Fate {
    /// What an outcome makes of it. The order in which outcomes are told does not matter, nor how often.
    #[must_use]
    pub const fn after(self, outcome: Outcome) -> Self {
        match (self, outcome) {
            (_, Outcome::Undone) | (Self::Undone, _) => Self::Undone,
            (_, Outcome::Refused) | (Self::Refused, _) => Self::Refused,
            (_, Outcome::Withdrawn) | (Self::Withdrawn, _) => Self::Withdrawn,
            // What was sent, or was tried to, had been settled.
            _ => Self::Settled,
        }
    }
}

/// One decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// When it was logged.
    pub at: Stamp,
    /// Its id.
    pub id: DecisionId,
    /// The item.
    pub item: Id,
    /// The conversation.
    pub conversation: Id,
    /// The newest message as seen.
    pub message: Id,
    /// From the customer's first unanswered message to the verdict.
    pub waited_ms: Option<i64>,
    /// Time with a key in the last minute.
    pub active_ms: u32,
    /// Words of the draft, 0 without one.
    pub draft_words: u32,
    /// Characters of the draft, 0 without one.
    pub draft_chars: u32,
    /// Graphemes changed.
    pub edit_distance: Option<u16>,
    /// The recogniser's confidence, 0 to 1000.
    pub confidence_milli: Option<u16>,
    /// Who decided.
    pub agent: Name,
    /// BCP 47 tag.
    pub lang: Option<Name>,
    /// The model that drafted.
    pub model: Option<Name>,
    /// The label on screen.
    pub emotion: Option<Emotion>,
    /// What the agent says it is.
    pub corrected: Option<Emotion>,
    /// What was decided.
    pub verdict: Verdict,
    /// How it leaves.
    pub channel: Channel,
    /// Risk by policy.
    pub risk: Risk,
    /// Whether a blocking check was overridden.
    pub overridden: bool,
    /// Whether it stands.
    pub fate: Fate,
    /// What is known last of its reply: sent, dead or unsure.
    pub reply: Option<Outcome>,
}

impl Decided {
    /// Whether it counts.
    pub const fn stands(&self) -> bool {
        matches!(self.fate, Fate::Signed | Fate::Settled)
    }
    /// The emotion as far as is known: a person's word before the recogniser's.
    pub fn felt(&self) -> Option<Emotion> {
        self.corrected.or(self.emotion)
    }
    /// Whether there was a draft to judge.
    pub const fn had_draft(&self) -> bool {
        self.draft_chars > 0
    }
}

/// A corrected emotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// When.
    pub at: Stamp,
    /// The item.
    pub item: Id,
    /// The message.
    pub message: Id,
    /// What was read.
    pub read: Option<Emotion>,
    /// How sure it was.
    pub confidence_milli: Option<u16>,
    /// What it is.
    pub truth: Emotion,
}

/// A reported error of the AI, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The report's own id.
    pub id: Uuid,
    /// When it was reported.
    pub at: Stamp,
    /// The item.
    pub item: String,
    /// The decision it is about.
    pub decision: Option<DecisionId>,
    /// The draft it is about, with its version.
    pub draft: Option<(String, u32)>,
    /// Who says so.
    pub by: Reporter,
    /// The agent who wrote it down. Shown to nobody as a figure.
    pub agent: String,
    /// What kind of error.
    pub error: AiError,
    /// How far it is looked into.
    pub state: ReportState,
    /// Who looks into it.
    pub owner: Option<String>,
    /// When state or owner last changed.
    pub changed: Stamp,
}

/// Somebody looked at figures about, or texts of, one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// When.
    pub at: Stamp,
    /// Who looked.
    pub agent: String,
    /// At whose.
    pub subject: String,
    /// What for.
    pub purpose: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The names in the rows.
    pub names: Names,
    /// Decisions in the order of the log, those that do not stand among them.
    pub decisions: Vec<Decided>,
    /// Corrections in the order of the log.
    pub corrections: Vec<Corrected>,
    /// Reports in the order of the log.
    pub reports: Vec<Reported>,
    /// Looks in the order of the log.
    pub looks: Vec<Looked>,
    /// Moment of the last entry.
    pub newest: Stamp,
    /// Lines read.
    pub lines: u64,
    /// Lines that are no entries this program can read; `verify` says more.
    pub unreadable: u64,
}

/// A stretch of time, without its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// From here on; none from the first entry.
    pub since: Option<Stamp>,
    /// Before this; none to the last entry.
    pub until: Option<Stamp>,
}

impl Period {
    /// Whether a moment lies in it.
    pub fn holds(&self, at: Stamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }
    /// The stretch of the same length just before; `now` stands for an open end. None where there is no beginning.
    pub fn before(&self, now: Stamp) -> Option<Self> {
        let since = self.since?;
        let length = self.until.unwrap_or(now).since(since);
        (length.0 > 0).then(|| Self { since: Some(since.minus(length)), until: Some(since) })
    }
}

impl Record {
    /// The decisions of a period, those that do not stand among them.
    pub fn within(&self, period: Period) -> impl Iterator<Item = &Decided> {
        self.decisions.iter().filter(move |row| period.holds(row.at))
    }

    /// Each message that the recogniser has read and a person has seen, once, with its truth. A reading that nobody
    /// corrected counts as right: the true agreement is at most what follows from this.
    pub fn judged(&self, period: Period) -> Vec<Judged> {
        let mut judged: BTreeMap<(Id, Id), Judged> = BTreeMap::new();
        for row in self.within(period).filter(|row| row.stands()) {
            let Some(read) = row.emotion else { continue };
            // What a person corrected is told by the correction's own entry, with the confidence of the reading.
            let truth = row.corrected.unwrap_or(read);
            judged.insert(
                (row.item, row.message),
                Judged { read, confidence_milli: row.confidence_milli, truth },
            );
        }
        let mut first: HashMap<(Id, Id), (Emotion, Option<u16>)> = HashMap::new();
        for one in self.corrections.iter().filter(|one| period.holds(one.at)) {
            let Some(read) = one.read else { continue };
            let place = (one.item, one.message);
            // A second correction corrects a person: the recogniser's word is the first one's.
            let (read, confidence_milli) = *first.entry(place).or_insert((read, one.confidence_milli));
            judged.insert(place, Judged { read, confidence_milli, truth: one.truth });
        }
        judged.into_values().collect()
    }
}

/// What the log does not hold and the queue knows, as long as the item's text is there.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By item.
    pub items: HashMap<Id, About>,
    /// The newest customer message of each conversation.
    pub newest: HashMap<Id, Newest>,
    /// Customers' words that asked for a person; the same more than once where several items hold them.
    pub asked: Vec<Asking>,
}

/// A customer asked for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asking {
    /// In which conversation.
    pub conversation: Id,
    /// When.
    pub at: Stamp,
    /// When a person of the firm wrote next, as the conversation itself tells.
    pub answered: Option<Stamp>,
}

/// What the queue knows about an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What it is about.
    pub topics: Vec<Name>,
    /// The customer's segment.
    pub segment: Option<Name>,
    /// The model of its newest draft.
    pub model: Option<Name>,
}

/// The newest customer message of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Which.
    pub message: Id,
    /// When it came.
    pub at: Stamp,
    /// The emotion in it.
    pub emotion: Option<Emotion>,
    /// Closed without a reply, and why: thanks are no new trouble.
    pub closed: Option<CloseReason>,
}

#[cfg(test)]
pub(in crate::supervise) mod tests {
    use super::*;

    /// A settled approval at `minutes`, to be changed by the caller.
    pub fn row(record: &mut Record, minutes: i64, agent: &str) -> Decided {
        let number = record.decisions.len() as u128 + 1;
        Decided {
            at: Stamp(minutes * 60_000),
            id: DecisionId(Uuid::from_u128(number)),
            item: Id::of(&format!("i{number}")),
            conversation: Id::of(&format!("c{number}")),
            message: Id::of("m1"),
            waited_ms: Some(60_000),
            active_ms: 10_000,
            draft_words: 50,
            draft_chars: 300,
            edit_distance: Some(0),
            confidence_milli: Some(800),
            agent: record.names.keep(agent),
            lang: Some(record.names.keep("en")),
            model: Some(record.names.keep("m-1")),
            emotion: Some(Emotion::Anger),
            corrected: None,
            verdict: Verdict::Approve,
            channel: Channel::Email,
            risk: Risk::Normal,
            overridden: false,
            fate: Fate::Settled,
            reply: Some(Outcome::Sent),
        }
    }

    /// A record of rows made by `change` from the plain one.
    pub fn record(n: i64, mut change: impl FnMut(i64, &mut Record, &mut Decided)) -> Record {
        let mut record = Record::default();
        for minute in 0..n {
            let mut row = row(&mut record, minute, "anna");
            change(minute, &mut record, &mut row);
            record.newest = row.at;
            record.decisions.push(row);
        }
        record
    }

    #[test]
    fn outcomes_in_any_order_and_number_give_one_fate() {
        use Outcome::{Refused, Sent, Settled, Undone, Withdrawn};
        for (outcomes, fate) in [
            (&[][..], Fate::Signed),
            (&[Settled], Fate::Settled),
            (&[Sent], Fate::Settled),
            (&[Settled, Undone], Fate::Undone),
            (&[Undone, Settled, Settled], Fate::Undone),
            (&[Undone, Refused], Fate::Undone),
            (&[Refused, Refused], Fate::Refused),
            (&[Withdrawn], Fate::Withdrawn),
        ] {
            let told = outcomes.iter().fold(Fate::default(), |fate, outcome| fate.after(*outcome));
            assert_eq!(told, fate, "{outcomes:?}");
        }
    }

    #[test]
    fn a_period_ends_before_its_end_and_has_one_before_it() {
        let period = Period { since: Some(Stamp(100)), until: Some(Stamp(150)) };
        assert!(period.holds(Stamp(100)) && !period.holds(Stamp(150)) && !period.holds(Stamp(99)));
        let before = period.before(Stamp(999)).unwrap();
        assert_eq!((before.since, before.until), (Some(Stamp(50)), Some(Stamp(100))));
        let open = Period { until: None, ..period };
        assert_eq!(open.before(Stamp(120)).unwrap().since, Some(Stamp(80)));
        assert_eq!(Period::default().before(Stamp(1)), None);
    }

    #[test]
    fn each_message_is_judged_once_by_the_recognisers_first_word_and_the_persons_last() {
        let mut record = record(3, |n, _, row| {
            // Decided, undone, and decided again.
            (row.item, row.fate) = (Id::of("i"), if n == 0 { Fate::Undone } else { Fate::Settled });
        });
        let (item, message) = (Id::of("i"), Id::of("m1"));
        let plain = Judged { read: Emotion::Anger, confidence_milli: Some(800), truth: Emotion::Anger };
        assert_eq!(record.judged(Period::default()), [plain]);
        for (read, milli, truth) in
            [(Emotion::Anger, 700, Emotion::Worry), (Emotion::Worry, 1_000, Emotion::Sadness)]
        {
            let confidence_milli = Some(milli);
            record.corrections.push(Corrected {
                at: Stamp(0),
                item,
                message,
                read: Some(read),
                confidence_milli,
                truth,
            });
        }
        let told = Judged { read: Emotion::Anger, confidence_milli: Some(700), truth: Emotion::Sadness };
        assert_eq!(record.judged(Period::default()), [told]);
    }
}
