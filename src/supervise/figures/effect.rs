//! What followed a reply: how the customer felt in their next message, whether they had to write again, and how long who
//! asked for a person waited for one.

use super::record::{Asking, Decided, Id, Known, Period, Record};
use super::share::Share;
use super::spread::Spread;
use crate::review::{CloseReason, Emotion, Outcome, Span, Stamp, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A customer who writes again within this time was not helped for good.
const AGAIN: Span = Span::hours(7 * 24);

/// A reply and what followed it.
#[derive(Clone, Copy, Debug)]
pub struct After<'a> {
    /// The decision.
    pub row: &'a Decided,
    /// Whether the customer has written since.
    pub followed: bool,
    /// The emotion in the customer's next message; none if there is none, or none was read.
    pub next: Option<Emotion>,
    /// Whether the customer wrote again within seven days, other than to say thanks; none where seven days have not passed yet.
    pub again: Option<bool>,
}

/// The effect of some replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Replies that left.
    pub replies: u64,
    /// Of customers who suffered before and wrote again: those who did not suffer any more.
    pub eased: Share,
    /// Of customers who did not suffer before and wrote again: those who did then.
    pub worsened: Share,
    /// Of replies at least seven days old: customers who wrote again within seven days, other than to say thanks.
    pub again: Share,
    /// Replies whose next message counts in neither share: no feeling was read in it yet, or none surely.
    pub unread: u64,
}

impl Effect {
    /// Of these replies.
    pub fn of<'a>(replies: impl IntoIterator<Item = &'a After<'a>>) -> Self {
        let mut effect = Self::default();
        for after in replies {
            effect.replies += 1;
            effect.unread += u64::from(after.followed && after.next.is_none());
            if let (Some(before), Some(next)) = (after.row.felt(), after.next) {
                let (share, so) = if before.is_negative() {
                    (&mut effect.eased, !next.is_negative())
                } else {
                    (&mut effect.worsened, next.is_negative())
                };
                share.of += 1;
                share.count += u64::from(so);
            }
            if let Some(again) = after.again {
                effect.again.of += 1;
                effect.again.count += u64::from(again);
            }
        }
        effect
    }
}

/// What is said of [`Effect::unread`].
pub fn unread(n: u64) -> String {
    let messages = if n == 1 { "1 next message".to_owned() } else { format!("{n} next messages") };
    format!("{messages} in which no feeling was read surely, or none yet (an open console reads on)")
}

/// A message of the customer after a reply.
struct Next {
    at: Stamp,
    emotion: Option<Emotion>,
    trouble: bool,
}

/// What followed each reply of a period. Later decisions in the same conversation tell of the customer's next message; where
/// nobody has decided on it yet, or it was closed, the queue does (`known`). `now` is the moment up to which the log reaches.
pub fn after<'a>(record: &'a Record, known: &Known, period: Period, now: Stamp) -> Vec<After<'a>> {
    let mut talks: HashMap<Id, Vec<&Decided>> = HashMap::new();
    for row in record.decisions.iter().filter(|row| row.stands()) {
        talks.entry(row.conversation).or_default().push(row);
    }
    let left =
        |row: &&Decided| row.stands() && !matches!(row.reply, Some(Outcome::Dead)) && period.holds(row.at);
    let follow = |row: &'a Decided| {
        let next = next_message(row, &talks[&row.conversation], known);
        let old = now.since(row.at) >= AGAIN;
        let again = next.as_ref().is_some_and(|next| next.trouble && next.at.since(row.at) <= AGAIN);
        let followed = next.is_some();
        After { row, followed, next: next.and_then(|next| next.emotion), again: old.then_some(again) }
    };
    record.decisions.iter().filter(left).map(follow).collect()
}

fn next_message(row: &Decided, talk: &[&Decided], known: &Known) -> Option<Next> {
    let later = |other: &&&Decided| other.at > row.at && other.message != row.message;
    let decided = talk.iter().filter(later).min_by_key(|other| other.at).map(|other| Next {
        at: Stamp(other.at.0 - other.waited_ms.unwrap_or(0)).max(row.at),
        emotion: other.felt(),
        trouble: true,
    });
    decided.or_else(|| {
        let newest = known.newest.get(&row.conversation)?;
        (newest.message != row.message && newest.at > row.at).then_some(Next {
            at: newest.at,
            emotion: newest.emotion,
            trouble: !matches!(
                newest.closed,
                Some(
                    CloseReason::Thanks | CloseReason::Spam | CloseReason::AutoReply | CloseReason::Duplicate
                )
            ),
        })
    })
}

/// How long customers who asked for a person waited for the first words a person wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// From asking to the first take-over or reply in the conversation, in milliseconds.
    pub answered_ms: Option<Spread>,
    /// Those who still wait.
    pub waiting: u64,
}

/// Of those who asked in a period. Asking again before anybody has answered is the same wait. The log's word counts before
/// the conversation's, which cannot tell what a person wrote from what a person let pass.
pub fn asked(record: &Record, known: &Known, period: Period) -> Asked {
    let by_person =
        |row: &&Decided| row.stands() && matches!(row.verdict, Verdict::TakeOver | Verdict::Reply);
    let written: BTreeSet<(Id, Stamp)> =
        record.decisions.iter().filter(by_person).map(|row| (row.conversation, row.at)).collect();
    let answered = |ask: &Asking| {
        let next = written.range((ask.conversation, ask.at)..).next();
        next.filter(|(same, _)| *same == ask.conversation).map(|(_, at)| *at).or(ask.answered)
    };
    let mut waits: BTreeMap<(Id, Option<Stamp>), Stamp> = BTreeMap::new();
    for ask in &known.asked {
        let first = waits.entry((ask.conversation, answered(ask))).or_insert(ask.at);
        *first = ask.at.min(*first);
    }
    waits.retain(|_, first| period.holds(*first));
    let waiting = waits.keys().filter(|(_, answered)| answered.is_none()).count() as u64;
    let lengths = waits.iter().filter_map(|((_, answered), first)| Some(answered.as_ref()?.since(*first).0));
    Asked { answered_ms: Spread::of(lengths), waiting }
}

#[cfg(test)]
mod tests {
    use super::super::record::Newest;
    use super::super::record::tests::record;
    use super::*;

    const DAY: i64 = 24 * 60;

    /// Conversation `c`, decisions at these minutes on these messages with these emotions.
    fn talk(steps: &[(i64, &str, Emotion)]) -> Record {
        record(i64::try_from(steps.len()).unwrap(), |n, _, row| {
            let (minutes, message, emotion) = steps[usize::try_from(n).unwrap()];
            row.at = Stamp(minutes * 60_000);
            (row.conversation, row.message, row.emotion) = (Id::of("c"), Id::of(message), Some(emotion));
        })
    }

    fn effect(record: &Record, known: &Known, now: i64) -> Effect {
        Effect::of(&after(record, known, Period::default(), Stamp(now * 60_000)))
    }

    #[test]
    fn the_next_message_tells_how_the_reply_was_taken() {
        use Emotion::{Anger, Gratitude, Neutral, Worry};
        let talk = talk(&[(0, "m1", Anger), (1, "m1", Anger), (DAY, "m2", Neutral), (20 * DAY, "m3", Worry)]);
        let found = effect(&talk, &Known::default(), 40 * DAY);
        // Both decisions on m1 (a second pair of eyes) were followed by m2 in time; m2 by m3, too late to count as again.
        assert_eq!(found.replies, 4);
        assert_eq!((found.eased, found.worsened), (Share::new(2, 2), Share::new(1, 1)));
        assert_eq!(found.again, Share::new(2, 4));
        // Of the last reply nothing is known before seven days have passed.
        assert_eq!(effect(&talk, &Known::default(), 26 * DAY).again, Share::new(2, 3));
        let mut known = Known::default();
        let message = Newest {
            message: Id::of("m4"),
            at: Stamp(21 * DAY * 60_000),
            emotion: Some(Gratitude),
            closed: None,
        };
        known.newest.insert(Id::of("c"), message);
        let waits = effect(&talk, &known, 40 * DAY);
        assert_eq!((waits.eased, waits.again), (Share::new(3, 3), Share::new(3, 4)));
        known.newest.insert(Id::of("c"), Newest { closed: Some(CloseReason::Thanks), ..message });
        let thanked = effect(&talk, &known, 40 * DAY);
        assert_eq!((thanked.eased, thanked.again), (Share::new(3, 3), Share::new(2, 4)));
        // A message that nobody has read yet counts in neither share, and is told of.
        known.newest.insert(Id::of("c"), Newest { emotion: None, ..message });
        let unread = effect(&talk, &known, 40 * DAY);
        assert_eq!((unread.eased, unread.unread, thanked.unread), (Share::new(2, 2), 1, 0));
    }

    #[test]
    fn a_reply_that_never_left_has_no_effect() {
        let mut talk = talk(&[(0, "m1", Emotion::Anger), (5, "m2", Emotion::Joy)]);
        talk.decisions[0].reply = Some(Outcome::Dead);
        assert_eq!(effect(&talk, &Known::default(), DAY).replies, 1);
    }

    #[test]
    fn who_asked_for_a_person_waited_until_a_person_wrote() {
        let mut talk =
            talk(&[(0, "m1", Emotion::Anger), (10, "m2", Emotion::Anger), (30, "m2", Emotion::Anger)]);
        talk.decisions[2].verdict = Verdict::TakeOver;
        let asked_at = |minutes: i64| Stamp(minutes * 60_000);
        let ask = |conversation: &str, minutes, answered: Option<i64>| Asking {
            conversation: Id::of(conversation),
            at: asked_at(minutes),
            answered: answered.map(asked_at),
        };
        let asking = vec![
            ask("c", 5, None),
            ask("c", 7, None),
            ask("c", 5, None),
            ask("c", 31, None),
            ask("d", 1, None),
            // Answered before this program came.
            ask("e", 2, Some(12)),
        ];
        let known = Known { asked: asking, ..Known::default() };
        let found = asked(&talk, &known, Period::default());
        assert_eq!(found.answered_ms, Spread::of([10 * 60_000, 25 * 60_000]));
        assert_eq!(found.waiting, 2);
        let late = Period { since: Some(asked_at(6)), until: None };
        assert_eq!(asked(&talk, &known, late), Asked { answered_ms: None, waiting: 1 });
    }
}
