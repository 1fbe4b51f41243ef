//! One agent's own figures, for that agent's eyes only, and who else has looked at them (DESIGN.md, section 12).

use super::figures::decided::Figures;
use super::figures::quality::{WORDS_PER_MINUTE, faster_than_reading};
use super::figures::record::{Decided, Period, Record};
use super::figures::share::Share;
use super::figures::spread::Spread;
use super::stats::table::length;
use crate::review::{Span, Stamp};

/// Figures reach back so far.
pub const DAYS: i64 = 30;
/// So many looks are listed.
const LOOKS: usize = 20;

/// The moment from which the log is needed.
pub const fn since(now: Stamp) -> Stamp {
    now.minus(Span::hours(DAYS * 24))
}

/// What and how much, a line each. Holds foreign names: they go through `visible` before they are shown.
pub fn me(record: &Record, agent: &str, now: Stamp) -> Vec<(String, String)> {
    let period = Period { since: Some(since(now)), until: None };
    let name = record.names.find(agent);
    let rows: Vec<&Decided> = record.within(period).filter(|row| Some(row.agent) == name).collect();
    let figures = Figures::of(&rows);
    let lang = |row: &Decided| row.lang.map(|lang| record.names.text(lang));
    let fast = rows.iter().filter(|row| row.stands());
    let fast = fast.filter_map(|row| faster_than_reading(row, lang(row), WORDS_PER_MINUTE));
    let mut lines = vec![("decisions".to_owned(), figures.decisions.to_string())];
    let mut put = |what: &str, how_much: Option<String>| {
        lines.extend(how_much.map(|how_much| (what.to_owned(), how_much)));
    };
    put("approved as it was", share(figures.approve));
    put("edited", share(figures.edit));
    put("taken over", share(figures.take_over));
    put("written yourself", share(figures.reply));
    put("taken back", share(figures.undone));
    put("emotions corrected", share(figures.corrected));
    put("characters changed", figures.edit_distance.map(|s| spread(s, |n| n.to_string())));
    put("time at an item", figures.active_ms.map(|s| spread(s, length)));
    put("customers had waited", figures.waited_ms.map(|s| spread(s, length)));
    put("approved faster than reading", share(Share::among(fast, |fast| fast)));
    let looks = record.looks.iter().rev().filter(|look| look.subject == agent && look.agent != agent);
    let looks: Vec<_> = looks.take(LOOKS).collect();
    if looks.is_empty() {
        lines.push(("looked at by".to_owned(), "nobody but you".to_owned()));
    }
    lines.extend(looks.into_iter().map(|look| {
        let (day, time) = look.at.local();
        let purpose = look.purpose.as_ref().map_or_else(String::new, |purpose| format!(", for {purpose}"));
        ("looked at by".to_owned(), format!("{}, {day} {time}{purpose}", look.agent))
    }));
    lines
}

fn share(share: Share) -> Option<String> {
    let (value, ends) = (share.value()?, share.interval()?);
    let percent = |p: f64| (p * 100.0).round();
    let (low, high) = (percent(ends.low), percent(ends.high));
    Some(format!("{} of {}, {} % ({low} to {high})", share.count, share.of, percent(value)))
}

fn spread(spread: Spread, text: impl Fn(i64) -> String) -> String {
    format!("half up to {}, nine of ten up to {}", text(spread.p50), text(spread.p90))
}

#[cfg(test)]
mod tests {
    use super::super::figures::record::Looked;
    use super::super::figures::record::tests::record;
    use super::*;
    use crate::review::Verdict;

    #[test]
    fn an_agent_sees_the_own_figures_and_who_looked_and_nothing_of_others() {
        let mut record = record(30, |n, record, row| {
            row.agent = record.names.keep(if n < 20 { "anna" } else { "ben" });
            row.verdict = if n % 4 == 0 { Verdict::Edit } else { Verdict::Approve };
            // Older than thirty days.
            row.at = if n < 5 { Stamp(0) } else { Stamp(3_000_000_000) };
        });
        for (agent, subject) in [("cleo", "anna"), ("anna", "anna"), ("cleo", "ben")] {
            let (agent, subject) = (agent.to_owned(), subject.to_owned());
            record.looks.push(Looked {
                at: Stamp(3_000_000_000),
                agent,
                subject,
                purpose: Some("coaching".to_owned()),
            });
        }
        let told = |agent| -> Vec<String> {
            me(&record, agent, Stamp(3_000_000_000))
                .iter()
                .map(|(what, how)| format!("{what}: {how}"))
                .collect()
        };
        let anna = told("anna");
        assert_eq!(
            anna[..3],
            [
                "decisions: 15",
                "approved as it was: 12 of 15, 80 % (55 to 93)",
                "edited: 3 of 15, 20 % (7 to 45)"
            ]
        );
        assert!(
            anna.contains(&"time at an item: half up to 10s, nine of ten up to 10s".to_owned()),
            "{anna:?}"
        );
        let looks: Vec<_> = anna.iter().filter(|line| line.starts_with("looked at by")).collect();
        assert!(looks.len() == 1 && looks[0].starts_with("looked at by: cleo, 1970-02-0"), "{looks:?}");
        assert!(looks[0].ends_with(", for coaching"), "{looks:?}");
        assert_eq!(told("dan"), ["decisions: 0", "looked at by: nobody but you"]);
    }
}
