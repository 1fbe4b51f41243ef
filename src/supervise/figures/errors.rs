//! Errors of the AI that were reported: how many of each kind, and how often in each model's drafts.

use super::record::{About, Id, Known, Name, Period, Record, Reported};
use super::share::Share;
use crate::review::{AiError, DecisionId, ReportState, Reporter};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many reports name each kind of error.
pub type Reasons = BTreeMap<&'static str, u64>;

/// A draft with an error: its item, its id and version.
type Faulty = (Id, Option<(String, u32)>);

/// Reports of one model's drafts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfModel {
    /// The model; none where neither log nor queue knows it any more. Foreign text.
    pub model: Option<String>,
    /// Drafts with a report that was not found to be none, of the drafts that were decided on.
    pub rate: Share,
    /// Reports by kind of error.
    pub reasons: Reasons,
}

/// All reports of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    /// Reports.
    pub reports: u64,
    /// Those by customers.
    pub by_customers: u64,
    /// By state.
    pub states: BTreeMap<&'static str, u64>,
    /// By model, most reports first.
    pub models: Vec<OfModel>,
}

/// Finds the model that wrote what a report is about.
struct Models<'a> {
    decisions: HashMap<DecisionId, Option<Name>>,
    items: HashMap<Id, Option<Name>>,
    known: &'a Known,
}

impl<'a> Models<'a> {
    fn new(record: &Record, known: &'a Known) -> Self {
        let wanted: BTreeSet<Id> = record.reports.iter().map(|report| Id::of(&report.item)).collect();
        let rows = || record.decisions.iter().filter(|row| wanted.contains(&row.item));
        Self {
            decisions: rows().map(|row| (row.id, row.model)).collect(),
            items: rows().filter(|row| row.model.is_some()).map(|row| (row.item, row.model)).collect(),
            known,
        }
    }

    /// By the decision, else by what else was decided on the item, else as the queue knows the item.
    fn of(&self, report: &Reported) -> Option<Name> {
        let item = Id::of(&report.item);
        let decided = report.decision.and_then(|id| self.decisions.get(&id).copied().flatten());
        let queued = || self.known.items.get(&item).and_then(|About { model, .. }| *model);
        decided.or_else(|| self.items.get(&item).copied().flatten()).or_else(queued)
    }
}

/// The reports of a period.
pub fn errors(record: &Record, known: &Known, period: Period) -> Errors {
    let models = Models::new(record, known);
    let mut errors = Errors::default();
    let mut found: BTreeMap<Option<Name>, (BTreeSet<Faulty>, Reasons)> = BTreeMap::new();
    for report in record.reports.iter().filter(|report| period.holds(report.at)) {
        errors.reports += 1;
        errors.by_customers += u64::from(report.by == Reporter::Customer);
        *errors.states.entry(report.state.as_str()).or_default() += 1;
        if report.state == ReportState::NotAnError {
            continue;
        }
        let (drafts, reasons) = found.entry(models.of(report)).or_default();
        // Two reports of one draft are one faulty draft.
        drafts.insert((Id::of(&report.item), report.draft.clone()));
        *reasons.entry(AiError::as_str(report.error)).or_default() += 1;
    }
    let mut decided: HashMap<Option<Name>, u64> = HashMap::new();
    for row in record.within(period).filter(|row| row.stands() && row.had_draft()) {
        *decided.entry(row.model).or_default() += 1;
    }
    errors.models = found
        .into_iter()
        .map(|(model, (drafts, reasons))| {
            let (faulty, all) = (drafts.len() as u64, decided.get(&model).copied().unwrap_or(0));
            // A draft may be reported before, or in another period than, it is decided on.
            let rate = Share::new(faulty, all.max(faulty));
            OfModel { model: model.map(|name| record.names.text(name).to_owned()), rate, reasons }
        })
        .collect();
    errors.models.sort_by_key(|of| std::cmp::Reverse(of.rate.count));
    errors
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::review::Stamp;
    use uuid::Uuid;

    fn report(n: u128, item: &str, decision: Option<DecisionId>, state: ReportState) -> Reported {
        Reported {
            id: Uuid::from_u128(n),
            at: Stamp(0),
            item: item.to_owned(),
            decision,
            draft: Some(("d".to_owned(), 1)),
            by: if n == 1 { Reporter::Customer } else { Reporter::Agent },
            agent: "anna".to_owned(),
            error: if n.is_multiple_of(2) { AiError::Other } else { AiError::IncorrectInformation },
            state,
            owner: None,
            changed: Stamp(0),
        }
    }

    #[test]
    fn a_faulty_draft_counts_once_and_what_is_no_error_not_at_all() {
        let mut record = record(20, |n, record, row| {
            row.model = Some(record.names.keep(["m-1", "m-2"][usize::from(n >= 10)]));
        });
        let decision = |n: usize| Some(record.decisions[n].id);
        let reports = vec![
            report(1, "i1", decision(0), ReportState::Open),
            report(2, "i1", decision(0), ReportState::Confirmed),
            report(3, "i2", None, ReportState::Fixed),
            report(4, "i11", decision(10), ReportState::NotAnError),
            report(5, "i12", decision(11), ReportState::Open),
            report(6, "nowhere", None, ReportState::Open),
        ];
        record.reports = reports;
        let found = errors(&record, &Known::default(), Period::default());
        assert_eq!((found.reports, found.by_customers), (6, 1));
        assert_eq!(
            found.states,
            BTreeMap::from([("confirmed", 1), ("fixed", 1), ("not_an_error", 1), ("open", 3)])
        );
        let told: Vec<_> = found.models.iter().map(|of| (of.model.as_deref(), of.rate)).collect();
        assert_eq!(
            told,
            [(Some("m-1"), Share::new(2, 10)), (None, Share::new(1, 1)), (Some("m-2"), Share::new(1, 10))]
        );
        assert_eq!(found.models[0].reasons, BTreeMap::from([("incorrect_information", 2), ("other", 1)]));
    }
}
