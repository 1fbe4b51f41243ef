//! `report`: errors of the AI, written down and looked into

use super::args::{ReportArgs, ReportCommand, ReportedBy};
use super::{Done, Failure, desk, inspect, log, print_json, wait};
use crate::config::Config;
use crate::review::{AiError, ItemId, OpenItem, ReplyState, ReportState, Reporter, Routing};
use crate::supervise::figures::record::Reported;
use crate::supervise::gather::gather;
use crate::visible;
use std::io::Write;
use uuid::Uuid;

/// So many digits of a report's id are shown and taken: its end, which is random.
const DIGITS: usize = 8;

pub fn run(config: &Config, what: Option<&ReportCommand>, report: &ReportArgs) -> Done {
    match (what, &report.item, &report.reason) {
        (Some(ReportCommand::List { state, all, json }), ..) => list(config, state.as_deref(), *all, *json),
        (Some(ReportCommand::Set { report, state, owner }), ..) => {
            set(config, report, state.as_deref(), owner.as_deref())
        }
        (None, Some(item), Some(reason)) => file(config, item, reason, report.by),
        (None, ..) => Err(Failure::usage(
            "say what is wrong with which item: `countersign report --item ITEM --reason REASON`; `report list` shows reports",
        )),
    }
}

fn file(config: &Config, item: &str, reason: &str, by: ReportedBy) -> Done {
    let id: ItemId = item.parse().map_err(|e| Failure::usage(format!("--item: {e}")))?;
    let by = match by {
        ReportedBy::Agent => Reporter::Agent,
        ReportedBy::Customer => Reporter::Customer,
    };
    let error = AiError::ALL.into_iter().find(|error| error.as_str() == reason);
    let error = error.ok_or_else(|| Failure::usage(format!("--reason: {reason} is none")))?;
    let desk = desk(config)?;
    let open = wait(desk.queue().open(id.clone()))??.ok_or_else(|| inspect::no_such_item(&id))?;
    let decision = standing(&open);
    let told = async {
        let routed = desk.route(id.clone(), Routing::Report { error, decision, by }).await?;
        desk.tell().await?;
        Ok::<_, crate::desk::DeskError>(routed)
    };
    wait(told)??.map_err(|refusal| Failure::usage(format!("{id}: {refusal}")))?;
    let about = if decision.is_some() { "the reply that was signed" } else { "its draft" };
    let name = gather(&log::folder(config)?, Some(desk.now()))?
        .reports
        .iter()
        .rfind(|report| report.item == id.as_str())
        .map_or_else(String::new, |report| format!(" as {}", short(report.id)));
    let mut out = std::io::stdout();
    writeln!(out, "{id}: {} in {about} reported by the {}{name}; it is open", error.as_str(), by.as_str())?;
    Ok(())
}

/// The newest decision on the item that was not taken back.
fn standing(open: &OpenItem) -> Option<crate::review::DecisionId> {
    let ours =
        |past: &&crate::review::PastDecision| past.item == open.item.id && past.state != ReplyState::Undone;
    open.past.iter().find(ours).map(|past| past.decision)
}

fn short(id: Uuid) -> String {
    let digits = id.simple().to_string();
    digits[digits.len() - DIGITS..].to_owned()
}

fn reports(config: &Config) -> Result<Vec<Reported>, Failure> {
    Ok(gather(&log::folder(config)?, None)?.reports)
}

fn list(config: &Config, state: Option<&str>, all: bool, json: bool) -> Done {
    let state: Option<ReportState> = state.and_then(|word| word.parse().ok());
    let wanted = |report: &&Reported| match state {
        Some(state) => report.state == state,
        None => all || matches!(report.state, ReportState::Open | ReportState::Confirmed),
    };
    let reports = reports(config)?;
    let mut out = std::io::stdout().lock();
    let mut none = true;
    for report in reports.iter().filter(wanted) {
        none = false;
        if json {
            print_json(&as_json(report))?;
        } else {
            writeln!(out, "{}", line(report))?;
        }
    }
    if none && !json {
        writeln!(out, "no such report; `countersign report --item ITEM --reason REASON` makes one")?;
    }
    Ok(())
}

fn line(report: &Reported) -> String {
    let (day, time) = report.at.local();
    let shown = |text: &str, cells: usize| {
        let text = visible::line(text);
        let text = visible::clip(&text, cells);
        format!("{text}{:pad$}", "", pad = cells.saturating_sub(visible::width(&text)))
    };
    let draft = report.draft.as_ref().map_or_else(String::new, |(id, version)| format!("{id} v{version}"));
    let text = format!(
        "{}  {day} {time}  {}  {}  {:<22}  by {:<8}  {:<12}  {}",
        short(report.id),
        shown(&report.item, 20),
        shown(&draft, 16),
        report.error.as_str(),
        report.by.as_str(),
        report.state,
        shown(report.owner.as_deref().unwrap_or("-"), 16),
    );
    text.trim_end().to_owned()
}

fn as_json(report: &Reported) -> serde_json::Value {
    serde_json::json!({
        "report": report.id,
        "at": report.at,
        "item": report.item,
        "decision": report.decision,
        "draft": report.draft.as_ref().map(|(id, _)| id),
        "draft_version": report.draft.as_ref().map(|(_, version)| version),
        "reason": report.error.as_str(),
        "by": report.by.as_str(),
        "state": report.state.as_str(),
        "owner": report.owner,
        "changed": report.changed,
    })
}

fn set(config: &Config, name: &str, state: Option<&str>, owner: Option<&str>) -> Done {
    let found = find(&reports(config)?, name)?;
    let state = state.and_then(|word| word.parse().ok()).unwrap_or(found.state);
    let owner = match owner {
        Some(owner) if owner.chars().count() > 64 || visible::hidden_chars(owner) > 0 => {
            return Err(Failure::usage("--owner: a name has at most 64 characters, all of them visible"));
        }
        Some(owner) => Some(owner.trim().to_owned()).filter(|owner| !owner.is_empty()),
        None => found.owner,
    };
    let desk = desk(config)?;
    wait(desk.judge_report(found.id, state, owner.clone()))??;
    let owner =
        owner.map_or_else(|| "nobody looks into it".to_owned(), |name| format!("{name} looks into it"));
    writeln!(std::io::stdout(), "{}: {state}; {}", short(found.id), visible::line(&owner))?;
    Ok(())
}

/// The report of that name: its whole id, or the end of it that no other has.
fn find(reports: &[Reported], name: &str) -> Result<Reported, Failure> {
    let digits = name.replace('-', "").to_lowercase();
    let mut found = reports
        .iter()
        .filter(|report| digits.len() >= 4 && report.id.simple().to_string().ends_with(&digits));
    match (found.next(), found.next()) {
        (Some(report), None) => Ok(report.clone()),
        (Some(_), Some(_)) => {
            Err(Failure::usage(format!("{name}: several reports end so; give more digits")))
        }
        (None, _) => Err(Failure::usage(format!(
            "{name}: there is no such report; `countersign report list --all` names them"
        ))),
    }
}
