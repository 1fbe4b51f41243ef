//! A queue in memory that answers effects at once: enough of one for stories, not a model of the real one.

use countersign::console::message::{CommitState, Effect, Outcome, TakenBack};
use countersign::review::{
    Corrected, Decision, DecisionId, DraftState, Held, Holder, Item, ItemId, Lease, Need, Note, OpenItem,
    Opinions, Owner, Policy, Reading, ReadingSource, Refusal, ReplyState, Routing, Row, SessionId, Span,
    Stamp, State,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// 2026-11-20T09:05:00Z, a Friday.
pub const NOW: Stamp = Stamp(1_795_165_500_000);

pub fn session() -> SessionId {
    SessionId(Uuid::from_u128(7))
}

#[derive(Default)]
pub struct World {
    pub items: BTreeMap<ItemId, OpenItem>,
    pub revision: u64,
    pub signed: Vec<Decision>,
    /// Changed drafts that are kept.
    pub saved: BTreeMap<ItemId, String>,
    /// Texts in own words that are kept.
    pub own_words: BTreeMap<ItemId, String>,
    /// What the next commits are refused with.
    pub refuse: Vec<Refusal>,
    pub log: Vec<String>,
}

impl World {
    pub fn add(&mut self, line: &str) -> ItemId {
        self.add_at(line, NOW)
    }

    pub fn add_at(&mut self, line: &str, arrived: Stamp) -> ItemId {
        let item = Item::parse(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let id = item.id.clone();
        self.revision += 1;
        let before = self.items.remove(&id);
        let mut readings = before.map(|b| b.readings).unwrap_or_default();
        if let Some(reading) = &item.emotion {
            readings.retain(|r| r.message != reading.message);
            readings.push(reading.clone());
        }
        let policy = Policy::default();
        let (rank, why, _) = Need::of(
            &item,
            readings.last(),
            readings.last().is_some_and(|r| r.asks_person),
            arrived,
            &policy,
        )
        .rank(NOW);
        let consent = item.conversation.customer.as_ref().map(|c| c.ai_consent).unwrap_or_default();
        let mut item = item;
        let draft = if !policy.allows_ai(consent) {
            item.draft = None;
            readings.clear();
            DraftState::NoConsent
        } else if item.draft.is_some() {
            DraftState::Ready
        } else {
            DraftState::Absent
        };
        let conversation = &item.conversation;
        let row = Row {
            id: id.clone(),
            conversation: conversation.id.clone(),
            customer: conversation.customer.as_ref().and_then(|c| c.name.clone()),
            preview: conversation.last_customer_message().map(|m| m.text.clone()).unwrap_or_default(),
            channel: conversation.channel,
            language: conversation.language.clone(),
            state: State::Open,
            draft,
            reading: readings.last().cloned(),
            risk: policy.risk(&item),
            rank,
            why,
            holder: None,
            assigned: None,
            snoozed_until: None,
            unanswered: u32::try_from(conversation.unanswered()).unwrap(),
            revision: self.revision,
        };
        let owner = conversation.owner;
        let open = OpenItem {
            item,
            row,
            fence: 1,
            owner,
            silenced: None,
            notes: Vec::new(),
            readings,
            second_opinions: Vec::new(),
            corrected: Vec::new(),
            past: Vec::new(),
        };
        self.items.insert(id.clone(), open);
        id
    }

    pub fn change(&mut self, id: &ItemId, change: impl FnOnce(&mut OpenItem)) {
        self.revision += 1;
        let open = self.items.get_mut(id).unwrap();
        change(open);
        open.row.revision = self.revision;
    }

    /// The recogniser has read a message.
    pub fn read(&mut self, id: &ItemId, reading: Reading) {
        self.change(id, |o| o.hear(vec![reading]));
    }

    pub fn held_by(&mut self, id: &ItemId, agent: &str) {
        let holder = Holder {
            agent: agent.to_owned(),
            session: SessionId(Uuid::from_u128(8)),
            until: NOW.plus(Span::hours(1)),
        };
        self.change(id, |o| o.row.holder = Some(holder));
    }

    fn waiting(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self
            .items
            .values()
            .filter(|o| o.row.state == State::Open && o.row.snoozed_until.is_none())
            .map(|o| o.row.clone())
            .collect();
        rows.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
        rows
    }

    /// What an effect brings, in order.
    pub fn answer(&mut self, effect: Effect, now: Stamp) -> Vec<Outcome> {
        match effect {
            Effect::LoadList(ask) => {
                let words = ask.filter.to_lowercase();
                let rows = self
                    .waiting()
                    .into_iter()
                    .filter(|r| {
                        let name = r.customer.clone().unwrap_or_default();
                        format!("{name} {} {}", r.preview, r.id).to_lowercase().contains(&words)
                    })
                    .filter(|r| ask.after.as_ref().is_none_or(|(rank, id)| (r.rank, &r.id) > (*rank, id)))
                    .take(ask.limit)
                    .collect();
                vec![Outcome::ListLoaded { ask, rows }]
            }
            Effect::LoadRows(asked) => {
                let rows = asked.iter().filter_map(|id| self.items.get(id)).map(|o| o.row.clone()).collect();
                vec![Outcome::RowsLoaded { asked, rows }]
            }
            Effect::LoadCounts => {
                let rows = self.waiting();
                vec![Outcome::CountsLoaded(countersign::review::Counts {
                    waiting: rows.len() as u64,
                    overdue: rows.iter().filter(|r| r.rank.due < NOW).count() as u64,
                    oldest: rows.iter().map(|r| r.rank.since).min(),
                })]
            }
            Effect::LoadHeld => vec![Outcome::HeldLoaded(Vec::new())],
            Effect::LoadDecisions { .. } => vec![Outcome::DecisionsLoaded(Vec::new())],
            Effect::LoadMe => {
                let told = |what: &str, how: &str| (what.to_owned(), how.to_owned());
                vec![Outcome::MeLoaded(vec![
                    told("approved as it was", "31 of 40, 78 % (62 to 88)"),
                    told("looked at by", "cleo\u{1b}[2J, for coaching"),
                ])]
            }
            Effect::Open { item } => {
                let open = self.items.get(&item).cloned().map(Box::new);
                vec![Outcome::Opened { item, open, edits: Vec::new() }]
            }
            Effect::Claim { item, force } => {
                let Some(open) = self.items.get_mut(&item) else {
                    return vec![Outcome::Claimed {
                        item: item.clone(),
                        answer: Err(Refusal::Gone { item }),
                    }];
                };
                let other = open.row.holder.as_ref().filter(|h| h.agent != "anna").map(|h| h.agent.clone());
                if let (Some(holder), false) = (&other, force) {
                    let answer = Err(Refusal::Held { holder: holder.clone(), until: NOW });
                    return vec![Outcome::Claimed { item, answer }];
                }
                open.fence += 1;
                let until = now.plus(Span::minutes(5));
                open.row.holder = Some(Holder { agent: "anna".to_owned(), session: session(), until });
                let lease = Lease { item: item.clone(), fence: open.fence, until, taken_from: other };
                vec![Outcome::Claimed { item, answer: Ok(lease) }]
            }
            Effect::Route { item, act } => {
                self.route(&item, &act);
                vec![Outcome::Routed { item, act, answer: Ok(()) }]
            }
            Effect::Commit { decision, .. } => {
                let id = decision.id;
                let item = decision.seen.item.clone();
                if let Some(refusal) = self.refuse.pop() {
                    return vec![Outcome::Committed { decision: id, state: CommitState::Refused(refusal) }];
                }
                self.change(&item, |o| {
                    o.row.state = State::Decided;
                    o.row.holder = None;
                });
                self.signed.push(*decision);
                vec![
                    Outcome::Committed { decision: id, state: CommitState::Staged },
                    Outcome::Committed {
                        decision: id,
                        state: CommitState::Held { until: now.plus(Span::seconds(10)) },
                    },
                ]
            }
            Effect::Undo { decision } => vec![self.undo(decision, now)],
            Effect::SaveEdit(saved) => {
                let kept = if saved.base.is_own_words() { &mut self.own_words } else { &mut self.saved };
                kept.insert(saved.item, saved.text);
                Vec::new()
            }
            Effect::DropEdit { item, own_words } => {
                let kept = if own_words { &mut self.own_words } else { &mut self.saved };
                kept.remove(&item);
                Vec::new()
            }
            other => {
                self.log.push(format!("{other:?}"));
                Vec::new()
            }
        }
    }

    fn route(&mut self, item: &ItemId, act: &Routing) {
        self.log.push(format!("{item} {}", act.as_str()));
        if !self.items.contains_key(item) {
            return;
        }
        let act = act.clone();
        self.change(item, |o| match act {
            Routing::Release => o.row.holder = None,
            Routing::Snooze { until } => {
                o.row.snoozed_until = (until > NOW.plus(Span::minutes(10))).then_some(until);
            }
            Routing::Close { .. } => o.row.state = State::Closed,
            Routing::Reopen => {
                o.row.state = State::Open;
                o.row.assigned = None;
            }
            Routing::Transfer { to, .. } => {
                o.row.assigned = Some(to.clone());
                o.row.holder = None;
            }
            Routing::SendBack { .. } => {
                o.item.draft = None;
                o.row.draft = DraftState::Drafting;
            }
            Routing::Note { text } => o.notes.push(Note { by: "anna".to_owned(), at: NOW, text }),
            Routing::TakeOver => {
                o.owner = Owner::Person;
                o.silenced = o.item.draft.take();
                o.row.draft = DraftState::Silenced;
                o.row.assigned = Some("anna".to_owned());
            }
            Routing::HandBack => {
                o.owner = Owner::Ai;
                o.row.assigned = None;
            }
            Routing::Correct { message, emotion } => {
                let recogniser = |r: &&Reading| r.source == ReadingSource::Recogniser;
                let read = o.readings.iter().filter(recogniser).chain(&o.second_opinions).cloned().collect();
                let old = o.readings.iter().filter(|r| r.source == ReadingSource::Person);
                let mut corrections: HashMap<_, _> = old.map(|r| (r.message.clone(), r.emotion)).collect();
                corrections.insert(message.clone(), emotion);
                let opinions =
                    Opinions::of(&o.item.conversation, o.item.emotion.as_ref(), &corrections, read);
                (o.readings, o.second_opinions) = (opinions.readings, opinions.seconds);
                o.row.reading = o.readings.last().cloned();
                o.corrected.push(Corrected { message, by: "anna".to_owned(), at: NOW });
            }
            Routing::Report { .. } => {}
        });
    }

    fn undo(&mut self, decision: DecisionId, now: Stamp) -> Outcome {
        let Some(at) = self.signed.iter().position(|d| d.id == decision) else {
            return Outcome::Undone { decision, answer: Err(Refusal::TooLate { at: now }) };
        };
        let signed = self.signed.remove(at);
        let item = signed.seen.item.clone();
        self.change(&item, |o| {
            o.row.state = State::Open;
            o.fence += 1;
        });
        let fence = self.items[&item].fence;
        let lease = Lease { item: item.clone(), fence, until: now.plus(Span::minutes(5)), taken_from: None };
        let answer = Ok(TakenBack { item, lease: Some(lease), text: Some(signed.text) });
        Outcome::Undone { decision, answer }
    }
}

/// A reply in trouble.
pub fn dead(item: &ItemId, name: &str) -> Held {
    Held {
        decision: DecisionId(Uuid::from_u128(99)),
        item: item.clone(),
        customer: Some(name.to_owned()),
        agent: "anna".to_owned(),
        verdict: countersign::review::Verdict::Approve,
        state: ReplyState::Unsure,
        until: NOW,
    }
}
