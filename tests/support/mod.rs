//! What several test programs share: items, a clock one can turn, a queue on it.
#![allow(dead_code)]

use countersign::desk::Desk;
use countersign::queue::sqlite::SqliteQueue;
use countersign::queue::{Actor, Arrival, Intake, Queue, Settlement};
use countersign::review::{
    Decision, DecisionId, Disclosure, Item, ItemId, Metrics, OpenItem, Policy, RequestId, Seen, SessionId,
    Span, Stamp, Verdict,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-11-20T09:00:00Z.
pub const NINE: Stamp = Stamp(1_795_165_200_000);

/// Waits for a future; the queue's threads do the work.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// A decision by whoever sits at `desk` on the draft that is open there; nothing is claimed yet.
pub fn decision_at(desk: &Desk, open: &OpenItem, verdict: Verdict, text: String) -> Decision {
    Decision {
        id: DecisionId(uuid::Uuid::now_v7()),
        seen: open.seen().unwrap(),
        conversation: open.item.conversation.id.clone(),
        customer: open.item.customer_id(),
        channel: open.item.conversation.channel,
        language: None,
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        verdict,
        fence: 0,
        draft_text: open.item.draft.as_ref().map(|draft| draft.text.clone()),
        text,
        disclosure: Disclosure::of(verdict),
        decided_at: desk.now(),
        metrics: Metrics::default(),
    }
}

/// One item as a line of import.
pub fn line(
    id: &str,
    conversation: &str,
    messages: usize,
    draft: Option<(&str, u32, &str)>,
    more: &str,
) -> String {
    let messages: Vec<String> = (1..=messages)
        .map(|n| {
            let at = NINE.minus(Span::minutes(60 - i64::try_from(n).unwrap()));
            format!(r#"{{"id":"m{n}","from":"customer","at":"{at}","text":"message {n}"}}"#)
        })
        .collect();
    let draft = draft.map_or("null".to_owned(), |(id, version, text)| {
        format!(r#"{{"id":"{id}","version":{version},"text":"{text}","model":"m-1"}}"#)
    });
    format!(
        r#"{{"schema":"countersign.item/1","id":"{id}","conversation":{{"id":"{conversation}","channel":"email","language":"en","customer":{{"id":"u-{conversation}","name":"Ana"}},"messages":[{}]}},"draft":{draft}{more}}}"#,
        messages.join(",")
    )
}

/// A plain item: one message, draft `d-ID` version 1.
pub fn plain(id: &str) -> String {
    line(id, &format!("c-{id}"), 1, Some((&format!("d-{id}"), 1, "Dear Ana")), "")
}

pub fn arrival(line: &str) -> Arrival {
    Arrival { item: Item::parse(line).unwrap_or_else(|e| panic!("{e}: {line}")), line: line.to_owned() }
}

pub fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

pub fn request() -> RequestId {
    RequestId(uuid::Uuid::now_v7())
}

pub fn actor(agent: &str) -> Actor {
    Actor { agent: agent.to_owned(), session: SessionId(uuid::Uuid::now_v7()) }
}

/// Every file below a folder that holds this word.
pub fn holding(folder: &std::path::Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, word));
            continue;
        }
        // A store that is being closed takes its working files along.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// A queue in a folder of its own, on a clock that stands until it is turned.
pub struct Bench {
    pub queue: Box<dyn Queue>,
    pub now: Arc<AtomicI64>,
    pub dir: tempfile::TempDir,
}

impl Bench {
    pub fn sqlite() -> Self {
        Self::with(Policy::default())
    }
    pub fn with(policy: Policy) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(NINE.0));
        let clock = now.clone();
        let clock = Arc::new(move || Stamp(clock.load(Ordering::SeqCst)));
        let queue = SqliteQueue::open(&dir.path().join("queue.sqlite"), policy, clock).unwrap();
        Self { queue: Box::new(queue), now, dir }
    }
    pub fn pass(&self, span: Span) {
        self.now.fetch_add(span.0, Ordering::SeqCst);
    }
    pub fn take(&self, line: &str) -> Intake {
        wait(self.queue.intake(vec![arrival(line)])).unwrap()[0]
    }
    pub fn ids(&self) -> Vec<String> {
        let query = countersign::queue::ListQuery {
            filter: String::new(),
            after: None,
            limit: 100,
            scope: countersign::queue::Scope::Waiting,
        };
        wait(self.queue.list(query)).unwrap().into_iter().map(|r| r.id.to_string()).collect()
    }
    pub fn open(&self, item: &str) -> countersign::review::OpenItem {
        wait(self.queue.open(id(item))).unwrap().unwrap()
    }
    /// Claims and decides on what is there now.
    pub fn decision(&self, who: &Actor, item: &str, verdict: Verdict, text: &str) -> Decision {
        let lease = wait(self.queue.claim(request(), who.clone(), id(item), false)).unwrap().unwrap();
        self.decision_under(who, item, verdict, text, lease.fence)
    }
    pub fn decision_under(
        &self,
        who: &Actor,
        item: &str,
        verdict: Verdict,
        text: &str,
        fence: u64,
    ) -> Decision {
        let open = self.open(item);
        Decision {
            id: DecisionId(uuid::Uuid::now_v7()),
            seen: Seen::of(&open.item).unwrap(),
            conversation: open.item.conversation.id.clone(),
            customer: open.item.customer_id(),
            channel: open.item.conversation.channel,
            language: open.item.conversation.language.clone(),
            agent: who.agent.clone(),
            session: who.session,
            verdict,
            fence,
            draft_text: open.item.draft.as_ref().map(|d| d.text.clone()),
            text: text.to_owned(),
            disclosure: Disclosure::of(verdict),
            decided_at: NINE,
            metrics: Metrics::default(),
        }
    }
    pub fn settle(&self, decision: &Decision) -> countersign::review::Settled {
        let settlement =
            Settlement { decision: decision.clone(), seq: 1, hash: "0".repeat(64), immediate: false };
        wait(self.queue.settle(settlement)).unwrap()
    }
}
