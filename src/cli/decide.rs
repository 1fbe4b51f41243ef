//! `decide ITEM`: a verdict without the screen, with the same promises.

use super::args::VerdictArgs;
use super::{Done, Failure, anchor_if_due, desk, inspect, print_json, wait};
use crate::care::check::{self, Level};
use crate::config::Config;
use crate::desk::{CommitError, Desk, DeskError};
use crate::queue::Delivery;
use crate::review::{
    Decision, DecisionId, Disclosure, ItemId, MAX_TEXT_CHARS, Metrics, OpenItem, ReadingSource, Refusal,
    Routing, Seen, Verdict,
};
use crate::visible;
use std::io::{Read, Write};
use std::path::Path;
use uuid::Uuid;

/// What was asked, with texts read.
enum Asked {
    Approve,
    Edit(String),
    TakeOver(String),
    Reply(String),
}

fn read(path: &Path) -> Result<String, Failure> {
    let name = visible::line(&path.display().to_string()).into_owned();
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut f| f.read_to_string(&mut text))
    }
    .map_err(|e| Failure::usage(format!("{name}: cannot be read ({e})")))?;
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{name}: is empty; write the reply into it")));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(Failure::usage(format!("{name}: is longer than {MAX_TEXT_CHARS} characters")));
    }
    Ok(text)
}

fn asked(args: &VerdictArgs) -> Result<Asked, Failure> {
    match args {
        VerdictArgs { edit: Some(file), .. } => read(file).map(Asked::Edit),
        VerdictArgs { take_over: Some(file), .. } => read(file).map(Asked::TakeOver),
        VerdictArgs { reply: Some(file), .. } => read(file).map(Asked::Reply),
        _ => Ok(Asked::Approve),
    }
}

fn refused(item: &ItemId, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Failure::REFUSED, &format!("{item}: {why}"))
}

pub fn run(
    config: &Config,
    item: &str,
    args: &VerdictArgs,
    token: &str,
    override_checks: bool,
    json: bool,
) -> Done {
    let id: ItemId = item.parse().map_err(|e| Failure::usage(format!("ITEM: {e}")))?;
    let seen = Seen::from_token(id.clone(), token).map_err(|e| Failure::usage(format!("--seen: {e}")))?;
    let asked = asked(args)?;
    let desk = desk(config)?;
    wait(async {
        desk.recover().await?;
        let open = desk.open_item(id.clone()).await?.ok_or_else(|| inspect::no_such_item(&id))?;
        if let Some(now) = open.seen()
            && let Some(change) = seen.change(&now)
        {
            let again = format!("{change}; run `countersign show {id} --json` again and decide on that");
            return Err(refused(&id, &again));
        }
        let (verdict, text) = verdict(&open, asked)?;
        let overridden = blocked(&id, verdict, &text, override_checks)?;
        // The log first: who cannot sign keeps no item from the others.
        desk.begin().await?;
        let lease = match desk.claim(id.clone(), false).await? {
            Ok(lease) => lease,
            Err(refusal) => {
                desk.end().await?;
                return Err(refused(&id, &refusal));
            }
        };
        let decision = decision(&desk, &open, seen, verdict, text, lease.fence, overridden);
        let outcome = commit(&desk, decision, json).await;
        // The claim is given back and the session closed also after a refusal; its own failure would hide the first.
        let ended = desk.end().await;
        outcome?;
        ended?;
        anchor_if_due(&desk).await;
        Ok(())
    })?
}

/// The verdict that a text amounts to: an edit that changes nothing is an approval.
fn verdict(open: &OpenItem, asked: Asked) -> Result<(Verdict, String), Failure> {
    let id = &open.item.id;
    let draft = open.item.draft.as_ref().map(|d| d.text.as_str());
    let none = || refused(id, &"there is no draft; use --reply FILE or --take-over FILE");
    match asked {
        Asked::Approve => Ok((Verdict::Approve, draft.ok_or_else(none)?.to_owned())),
        Asked::Edit(text) => Ok((Verdict::of_text(draft.ok_or_else(none)?, &text), text)),
        Asked::TakeOver(text) => Ok((Verdict::TakeOver, text)),
        Asked::Reply(_) if draft.is_some() => {
            Err(refused(id, &"there is a draft; use --edit FILE, or --take-over FILE to answer yourself"))
        }
        Asked::Reply(text) => Ok((Verdict::Reply, text)),
    }
}

/// How many blocking checks are overridden; they look at what would leave, whoever wrote it.
fn blocked(item: &ItemId, verdict: Verdict, text: &str, override_checks: bool) -> Result<u32, Failure> {
    let blocks: Vec<_> = check::checks(text).into_iter().filter(|c| c.level == Level::Block).collect();
    match blocks.first() {
        Some(first) if !override_checks => {
            let mend = if verdict == Verdict::Approve { "use --edit FILE" } else { "change the file" };
            let why = format!("{first}; {mend}, or --override-checks if it must go as it is");
            Err(refused(item, &why))
        }
        _ => Ok(u32::try_from(blocks.len()).unwrap_or(u32::MAX)),
    }
}

fn decision(
    desk: &Desk,
    open: &OpenItem,
    seen: Seen,
    verdict: Verdict,
    text: String,
    fence: u64,
    checks_overridden: u32,
) -> Decision {
    let item = &open.item;
    let now = desk.now();
    let reading = open.reading();
    let metrics = Metrics {
        emotion: reading.and_then(|r| open.uncorrected(&r.message)).map(|r| r.emotion),
        emotion_confidence_milli: reading.map(|r| r.confidence_milli),
        emotion_corrected: reading.filter(|r| r.source == ReadingSource::Person).map(|r| r.emotion),
        intensity_milli: reading.map(|r| r.intensity_milli),
        risk: open.row.risk,
        checks_warned: 0,
        checks_overridden,
        model: item.draft.as_ref().and_then(|d| d.model.clone()),
        prompt_rev: item.draft.as_ref().and_then(|d| d.prompt_rev.clone()),
        policy_rev: desk.policy().revision(),
        second_of: None,
        waited_ms: item.conversation.waiting_since().map(|since| now.since(since).millis()),
        shown_ms: 0,
        active_ms: 0,
        // A script passes on what `show` printed whole.
        viewed_milli: 1_000,
        hidden_chars: item.draft.as_ref().map_or(0, |d| visible::hidden_chars(&d.text)),
    };
    Decision {
        id: DecisionId(Uuid::now_v7()),
        conversation: item.conversation.id.clone(),
        customer: item.customer_id(),
        channel: item.conversation.channel,
        language: item.conversation.language.clone(),
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        verdict,
        fence,
        draft_text: item.draft.as_ref().map(|d| d.text.clone()),
        text,
        disclosure: Disclosure::of(verdict),
        decided_at: now,
        metrics,
        seen,
    }
}

/// Commits and delivers; says what became of it.
async fn commit(desk: &Desk, decision: Decision, json: bool) -> Done {
    let (id, item, verdict) = (decision.id, decision.seen.item.clone(), decision.verdict);
    let committed = match desk.commit(decision, true, || ()).await {
        Ok(committed) => committed,
        Err(error) => {
            let code = match &error {
                CommitError::NotLogged(DeskError::Append(_) | DeskError::RolledBack { .. })
                | CommitError::MayStand(_) => Failure::LEDGER_CLOSED,
                _ => 1,
            };
            return Err(Failure::new(code, &error.to_string()));
        }
    };
    if let Err(refusal) = &committed.settled {
        if !matches!(refusal, Refusal::LeaseLost { .. }) {
            desk.route(item.clone(), Routing::Release).await?.ok();
        }
        return Err(refused(&item, refusal));
    }
    let delivered = desk.deliver().await?;
    let how = delivered.iter().find(|d| d.decision == id).map(|d| &d.how);
    let outcome = match how {
        Some(Delivery::Sent) => "sent",
        Some(Delivery::Failed { .. }) => "failed",
        Some(Delivery::Dead { .. }) => "dead",
        Some(Delivery::Unsure { .. }) => "unsure",
        // Four eyes, or another process's outbox was quicker.
        None => "settled",
    };
    if let Some(Delivery::Failed { why } | Delivery::Dead { why } | Delivery::Unsure { why }) = how {
        // The verdict stands; what is left to do is the outbox's, or a person's.
        let next = match outcome {
            "failed" => "it is tried again by the next console or `decide`",
            _ => "look at it in the console under `held`",
        };
        let line = format!("{item}: signed, but the reply did not go ({why}); {next}");
        writeln!(std::io::stderr(), "countersign: {}", visible::line(&line))?;
    }
    if json {
        return print_json(&serde_json::json!({
            "decision": id, "item": item, "verdict": verdict, "seq": committed.seq, "outcome": outcome
        }));
    }
    writeln!(
        std::io::stdout(),
        "{item}: {verdict}, {outcome}; entry {} of the log, decision {id}",
        committed.seq
    )?;
    Ok(())
}
