//! Decisions in groups, and which groups may be shown to whom.

use super::record::{Decided, Id, Known, Name, Record};
use super::{LEAST, TEAM};
use crate::review::{Emotion, Stamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

/// What decisions are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The emotion: a person's word before the recogniser's.
    Emotion,
    /// The verdict.
    Verdict,
    /// How the reply leaves.
    Channel,
    /// The conversation's language.
    Lang,
    /// The model that drafted.
    Model,
    /// Risk by policy.
    Risk,
    /// The UTC day.
    Day,
    /// The UTC hour of the day.
    Hour,
    /// Who decided, as far as [`Eyes`] allow.
    Agent,
    /// What the item is about; a decision counts under each of its topics. The queue knows.
    Topic,
    /// The customer's segment. The queue knows.
    Segment,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Emotion,
        Self::Verdict,
        Self::Channel,
        Self::Lang,
        Self::Model,
        Self::Risk,
        Self::Day,
        Self::Hour,
        Self::Agent,
        Self::Topic,
        Self::Segment,
    ];
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emotion => "emotion",
            Self::Verdict => "verdict",
            Self::Channel => "channel",
            Self::Lang => "lang",
            Self::Model => "model",
            Self::Risk => "risk",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Agent => "agent",
            Self::Topic => "topic",
            Self::Segment => "segment",
        }
    }
    /// Whether the log alone cannot tell it.
    pub const fn needs_queue(self) -> bool {
        matches!(self, Self::Topic | Self::Segment)
    }
    /// Whether its labels have an order of their own; others stand by size.
    const fn is_ordered(self) -> bool {
        matches!(self, Self::Emotion | Self::Verdict | Self::Day | Self::Hour | Self::Agent)
    }
}

/// The word names nothing to group by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of emotion, verdict, channel, lang, model, risk, day, hour, agent, topic, segment")]
pub struct UnknownBy;

impl FromStr for By {
    type Err = UnknownBy;
    fn from_str(word: &str) -> Result<Self, UnknownBy> {
        Self::ALL.into_iter().find(|by| by.as_str() == word).ok_or(UnknownBy)
    }
}

/// Who looks, and what the firm allows them to see of others (DESIGN.md, section 12).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Eyes {
    /// Who looks: sees the own figures.
    pub me: String,
    /// Teams by name; figures of those in which five or more decided are shown.
    pub teams: BTreeMap<String, BTreeSet<String>>,
    /// The purpose for which the firm's policy lets others see figures about one agent. Each such look is logged.
    pub purpose: Option<String>,
}

/// What those who are in no team are called.
const OTHERS: &str = "all others";

/// The label of a group, so that labels sort as they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Label {
    Word(u8, &'static str),
    Hour(u8),
    /// Days since 1970.
    Day(i64),
    Name(Name),
    /// A team, by its place among the eyes' teams; one past them: no team.
    Team(usize),
    Unknown,
}

/// Decisions of one kind.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// What they have in common, one word for each thing asked for. Foreign text.
    pub labels: Vec<String>,
    /// The decisions, those that do not stand among them.
    pub rows: Vec<&'a Decided>,
    /// Whether how fast they were made may be shown: five or more others took part, or nobody but who looks.
    pub speed: bool,
}

/// All groups.
#[derive(Clone, Debug, Default)]
pub struct Groups<'a> {
    /// Those that may be shown.
    pub shown: Vec<Group<'a>>,
    /// How many were hidden for having fewer than ten decisions.
    pub small: usize,
    /// How many were hidden because they would tell of fewer than five agents.
    pub private: usize,
    /// Agents, other than who looks, whose figures are shown by name: each must be told.
    pub named: Vec<String>,
}

/// How many agents other than who looks took part.
fn others(rows: &[&Decided], me: Option<Name>) -> usize {
    rows.iter().map(|row| row.agent).filter(|agent| Some(*agent) != me).collect::<BTreeSet<_>>().len()
}

/// Whether figures about how people work may be shown of these decisions.
pub fn speed_may_be_shown(record: &Record, rows: &[&Decided], eyes: &Eyes) -> bool {
    matches!(others(rows, me(record, eyes)), 0 | TEAM..)
}

fn me(record: &Record, eyes: &Eyes) -> Option<Name> {
    record.names.find(&eyes.me)
}

struct Sorter<'a> {
    record: &'a Record,
    known: &'a Known,
    eyes: &'a Eyes,
    me: Option<Name>,
    /// By agent: the place of the team.
    teams: HashMap<Name, usize>,
}

impl<'a> Sorter<'a> {
    fn new(record: &'a Record, known: &'a Known, eyes: &'a Eyes) -> Self {
        let mut teams = HashMap::new();
        for (place, members) in eyes.teams.values().enumerate() {
            for name in members.iter().filter_map(|agent| record.names.find(agent)) {
                teams.entry(name).or_insert(place);
            }
        }
        Self { record, known, eyes, me: me(record, eyes), teams }
    }

    fn labels(&self, by: By, row: &Decided, labels: &mut Vec<Label>) {
        let named = |name: Option<Name>| name.map_or(Label::Unknown, Label::Name);
        let about = |item: Id| self.known.items.get(&item);
        labels.clear();
        labels.push(match by {
            By::Emotion => row.felt().map_or(Label::Unknown, word),
            By::Verdict => Label::Word(row.verdict as u8, row.verdict.as_str()),
            By::Channel => Label::Word(row.channel as u8, row.channel.as_str()),
            By::Risk => Label::Word(row.risk as u8, row.risk.as_str()),
            By::Lang => named(row.lang),
            By::Model => named(row.model),
            By::Day => Label::Day(row.at.0.div_euclid(86_400_000)),
            By::Hour => Label::Hour(hour(row.at)),
            By::Agent if self.eyes.purpose.is_some() || Some(row.agent) == self.me => Label::Name(row.agent),
            By::Agent => Label::Team(self.teams.get(&row.agent).copied().unwrap_or(self.eyes.teams.len())),
            By::Segment => named(about(row.item).and_then(|about| about.segment)),
            By::Topic => match about(row.item) {
                Some(about) if !about.topics.is_empty() => {
                    labels.extend(about.topics.iter().copied().map(Label::Name));
                    return;
                }
                _ => Label::Unknown,
            },
        });
    }

    fn text(&self, by: By, label: Label) -> String {
        match label {
            Label::Word(_, word) => word.to_owned(),
            Label::Hour(hour) => format!("{hour:02}"),
            Label::Day(day) => Stamp(day * 86_400_000).utc_day(),
            Label::Name(name) => self.record.names.text(name).to_owned(),
            Label::Team(place) => self.eyes.teams.keys().nth(place).map_or(OTHERS, String::as_str).to_owned(),
            Label::Unknown if by == By::Emotion => "unread".to_owned(),
            Label::Unknown => "unknown".to_owned(),
        }
    }
}

fn word(emotion: Emotion) -> Label {
    Label::Word(emotion as u8, emotion.as_str())
}

fn hour(at: Stamp) -> u8 {
    u8::try_from(at.0.rem_euclid(86_400_000) / 3_600_000).unwrap_or_default()
}

/// Puts decisions into groups by one or more things at once.
pub fn groups<'a>(
    record: &'a Record,
    rows: impl IntoIterator<Item = &'a Decided>,
    known: &'a Known,
    by: &[By],
    eyes: &'a Eyes,
) -> Groups<'a> {
    let sorter = Sorter::new(record, known, eyes);
    let mut found: HashMap<Vec<Label>, Vec<&Decided>> = HashMap::new();
    let mut labels = Vec::new();
    let mut keys: Vec<Vec<Label>> = Vec::new();
    for row in rows {
        keys.clear();
        keys.push(Vec::with_capacity(by.len()));
        for by in by {
            sorter.labels(*by, row, &mut labels);
            keys = keys
                .iter()
                .flat_map(|key| labels.iter().map(|label| [&key[..], &[*label]].concat()))
                .collect();
        }
        for key in &keys {
            match found.get_mut(key) {
                Some(rows) => rows.push(row),
                None => drop(found.insert(key.clone(), vec![row])),
            }
        }
    }
    arrange(&sorter, by, found)
}

fn arrange<'a>(sorter: &Sorter<'a>, by: &[By], found: HashMap<Vec<Label>, Vec<&'a Decided>>) -> Groups<'a> {
    // By size where labels have no order of their own: how many decisions each label has in all.
    let mut sizes: HashMap<(usize, Label), usize> = HashMap::new();
    for (key, rows) in &found {
        for (place, label) in key.iter().enumerate() {
            *sizes.entry((place, *label)).or_default() += rows.len();
        }
    }
    let order = |key: &[Label]| -> Vec<_> {
        let rank = |place: usize, label: Label| {
            let size = if by[place].is_ordered() { 0 } else { sizes[&(place, label)] };
            // People stand by name: whoever stands first is not the best.
            let name = if by[place] == By::Agent { sorter.text(By::Agent, label) } else { String::new() };
            (label == Label::Unknown, std::cmp::Reverse(size), name, label)
        };
        key.iter().enumerate().map(|(place, label)| rank(place, *label)).collect()
    };
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_cached_key(|(key, _)| order(key));
    let mut groups = Groups::default();
    let mut named = BTreeSet::new();
    for (key, rows) in found {
        let others = others(&rows, sorter.me);
        let of_people = by.contains(&By::Agent);
        if rows.iter().filter(|row| row.stands()).count() < LEAST {
            groups.small += 1;
            continue;
        }
        let allowed = sorter.eyes.purpose.is_some();
        if of_people && !allowed && matches!(others, 1..TEAM) {
            groups.private += 1;
            continue;
        }
        if of_people && allowed {
            let agents = rows.iter().map(|row| row.agent).filter(|agent| Some(*agent) != sorter.me);
            named.extend(agents.map(|agent| sorter.record.names.text(agent).to_owned()));
        }
        let labels = by.iter().zip(&key).map(|(by, label)| sorter.text(*by, *label)).collect();
        let speed = matches!(others, 0 | TEAM..) || (of_people && allowed);
        groups.shown.push(Group { labels, rows, speed });
    }
    groups.named = named.into_iter().collect();
    groups
}

#[cfg(test)]
mod tests {
    use super::super::record::About;
    use super::super::record::tests::record;
    use super::*;
    use crate::review::Verdict;

    fn eyes(me: &str) -> Eyes {
        Eyes { me: me.to_owned(), ..Eyes::default() }
    }

    fn told(groups: &Groups<'_>) -> Vec<String> {
        groups
            .shown
            .iter()
            .map(|g| format!("{} {}{}", g.labels.join("/"), g.rows.len(), if g.speed { "" } else { " -" }))
            .collect()
    }

    #[test]
    fn groups_have_their_order_and_small_ones_are_hidden() {
        let record = record(45, |n, _, row| {
            row.emotion = match n {
                0..20 => Some(Emotion::Neutral),
                20..32 => Some(Emotion::Anger),
                32..42 => None,
                _ => Some(Emotion::Joy),
            };
            row.verdict = if n % 2 == 0 { Verdict::Approve } else { Verdict::Edit };
        });
        let (known, eyes) = (Known::default(), eyes("anna"));
        let by = |by: &[By]| groups(&record, &record.decisions, &known, by, &eyes);
        let found = by(&[By::Emotion]);
        assert_eq!(told(&found), ["anger 12", "neutral 20", "unread 10"]);
        assert_eq!((found.small, found.private), (1, 0));
        let two = by(&[By::Verdict, By::Emotion]);
        assert_eq!(told(&two), ["approve/neutral 10", "edit/neutral 10"]);
        assert_eq!(two.small, 6);
        assert_eq!(told(&by(&[])), [" 45"]);
    }

    #[test]
    fn a_decision_counts_under_each_of_its_topics_and_the_largest_stands_first() {
        let mut record = record(12, |_, _, _| ());
        let mut known = Known::default();
        let (refund, late) = (record.names.keep("refund"), record.names.keep("late"));
        for (n, row) in record.decisions.iter().enumerate() {
            let topics = if n < 11 { vec![late, refund] } else { vec![refund] };
            known.items.insert(row.item, About { topics, ..About::default() });
        }
        let eyes = eyes("anna");
        let found = groups(&record, &record.decisions, &known, &[By::Topic], &eyes);
        assert_eq!(told(&found), ["refund 12", "late 11"]);
    }

    #[test]
    fn others_are_seen_only_as_teams_of_five_unless_the_policy_names_a_purpose() {
        let names = ["anna", "ben", "cleo", "dan", "eva", "fay", "gus"];
        let record = record(140, |n, record, row| {
            row.agent = record.names.keep(names[usize::try_from(n).unwrap() % 7]);
        });
        let known = Known::default();
        let look = |eyes: &Eyes| {
            let found = groups(&record, &record.decisions, &known, &[By::Agent], eyes);
            (told(&found), found.private, found.named)
        };
        let mut eyes = eyes("anna");
        assert_eq!(look(&eyes), (vec!["all others 120".to_owned(), "anna 20".to_owned()], 0, vec![]));
        let team = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
        eyes.teams.insert("north".to_owned(), team(&names[1..6]));
        // Five others make a team; the one who is left does not.
        assert_eq!(look(&eyes), (vec!["anna 20".to_owned(), "north 100".to_owned()], 1, vec![]));
        eyes.teams.insert("north".to_owned(), team(&names[1..5]));
        assert_eq!(look(&eyes), (vec!["anna 20".to_owned()], 2, vec![]));
        eyes.purpose = Some("coaching".to_owned());
        let (shown, private, named) = look(&eyes);
        assert_eq!((shown.len(), private), (7, 0));
        assert_eq!(named, names[1..], "each of them is told");
    }

    #[test]
    fn how_fast_a_few_people_work_is_not_shown_in_any_group() {
        let record = record(40, |n, record, row| {
            let agent = if n < 20 { "anna" } else { ["anna", "ben"][usize::try_from(n).unwrap() % 2] };
            row.agent = record.names.keep(agent);
            row.verdict = if n < 20 { Verdict::Approve } else { Verdict::Edit };
        });
        let known = Known::default();
        let look = |me: &str| {
            let eyes = eyes(me);
            told(&groups(&record, &record.decisions, &known, &[By::Verdict], &eyes))
        };
        assert_eq!(look("anna"), ["approve 20", "edit 20 -"]);
        assert_eq!(look("supervisor"), ["approve 20 -", "edit 20 -"]);
    }

    #[test]
    fn words_read_back() {
        for by in By::ALL {
            assert_eq!(by.as_str().parse(), Ok(by));
            assert!(UnknownBy.to_string().contains(by.as_str()), "{by:?}");
        }
        assert_eq!("colour".parse::<By>(), Err(UnknownBy));
    }
}
