//! The queue as the agent finds it.

use super::cases::{When, case, cases, line, steps};
use super::{DemoError, approve, id};
use crate::desk::{Desk, News, Tally};
use crate::queue::{ListQuery, Scope};
use crate::review::{CloseReason, Consent, Routing, SendBackReason, Span, Stamp};

/// Ben holds this one.
pub(super) const HELD: &str = "fathers-bracelet";
/// Ben has decided this one; its reply is out.
const DECIDED: &str = "new-address";
/// This one's customer told ben that no AI shall answer.
const SAID_NO: &str = "said-by-phone";

/// What ben has done with which item before the console opens.
fn acts(start: Stamp) -> Vec<(&'static str, Routing)> {
    let note = |text: &str| Routing::Note { text: text.to_owned() };
    vec![
        ("hold-my-parcel", Routing::Snooze { until: start.plus(Span::hours(2)) }),
        ("out-of-office", Routing::Close { reason: CloseReason::AutoReply }),
        ("pair-or-charge", Routing::SendBack { reason: SendBackReason::OffTopic }),
        ("two-hundred-photos", Routing::TakeOver),
        (
            "two-hundred-photos",
            note("The lab has a backup of the day before. I call her at five, please leave her to me."),
        ),
        (
            "unopened-letters",
            note("No AI here. All reminders are stopped. Numbers that help: team page, \"danger to life\"."),
        ),
        (SAID_NO, note("She told me on the phone: no AI. Recorded.")),
        ("sofa-on-the-stairs", note("Lift truck confirmed by phone. Second crew too.")),
    ]
}

/// Lays the sample queue out in the folder of `desk`, which is ben's: takes in every case with its times counted from
/// `start`, begins ben's session in the log, and does what ben has done by then.
///
/// # Errors
/// A store or the log cannot be used, or the folder was not empty.
pub async fn prepare(desk: &Desk, start: Stamp) -> Result<Tally, DemoError> {
    let any = ListQuery { filter: String::new(), after: None, limit: 1, scope: Scope::All };
    if !desk.queue().list(any).await?.is_empty() {
        return Err(DemoError::NotEmpty { folder: desk.folder.root.clone() });
    }
    desk.begin().await?;
    let tally = take_in(desk, start).await?;
    if approve(desk, DECIDED, true).await?.is_some() {
        desk.deliver().await?;
    }
    if let Some(open) = desk.queue().open(id(SAID_NO)).await? {
        desk.consent(open.item.customer_id(), Consent::No).await?;
    }
    for (item, act) in acts(start) {
        let item = id(item);
        if let Err(why) = desk.route(item.clone(), act).await? {
            return Err(DemoError::Refused { item, why });
        }
    }
    if let Err(why) = desk.claim(id(HELD), false).await? {
        return Err(DemoError::Refused { item: id(HELD), why });
    }
    desk.tell().await?;
    Ok(tally)
}

async fn take_in(desk: &Desk, start: Stamp) -> Result<Tally, DemoError> {
    // An older draft first: it is there when the newer one comes.
    let older = steps().into_iter().filter(|step| step.when == When::Before);
    let older = older.filter_map(|step| Some(line(step.with_draft(case(&step.item, start)?, start))));
    let lines: Vec<String> = older.chain(cases(start)).collect();
    let mut refused = None;
    let tally = desk
        .import(&mut lines.join("\n").as_bytes(), |news| {
            if let News::Refused(line) = news {
                refused.get_or_insert_with(|| line.clone());
            }
        })
        .await?;
    match refused {
        Some(line) => Err(DemoError::Case { line: line.line, field: line.field, reason: line.reason }),
        None => Ok(tally),
    }
}
