//! The report as one page that needs nothing else: no network, no script, its style and pictures inside.
//!
//! Foreign text reaches it through `visible` and [`escape`], and the page's own policy forbids scripts and anything
//! from outside, so that nothing in a log can act on whoever reads it (P6).

use super::sections::{Section, sections};
use super::{Report, VERDICTS, words};
use crate::ledger::Level;
use crate::supervise::figures::share::Share;
use crate::visible;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// Writes `text` so that it stands for itself in an element or a quoted attribute.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&visible::text(text), &mut out);
    out
}

/// The whole page.
pub fn page(report: &Report) -> String {
    let mut page = String::new();
    let title = format!("Decisions, {}", words::period(report));
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(&title)
    );
    head(report, &mut page);
    acts(report, &mut page);
    numbers(report, &mut page);
    page.push_str("<div class=\"grid\">\n");
    for section in sections(report) {
        figure(&section, &mut page);
    }
    page.push_str("</div>\n");
    foot(report, &mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn head(report: &Report, page: &mut String) {
    let mark = match report.proof.level {
        Some(level) if report.proof.problem.is_none() => level.to_string(),
        _ => "!".to_owned(),
    };
    let state = match report.proof.level {
        _ if report.proof.problem.is_some() => "broken",
        None => "broken",
        Some(Level::L0 | Level::L1) => "held",
        Some(Level::L2 | Level::L3) => "signed",
    };
    let _ = write!(
        page,
        "<header>\n<p class=\"brand\">countersign</p>\n<h1>What was decided</h1>\n<p class=\"period\">{}</p>\n\
         <p class=\"proof {state}\"><strong>{mark}</strong> <span>{}</span></p>\n</header>\n",
        escaped(&words::period(report)),
        escaped(&words::proof(&report.proof)),
    );
}

fn acts(report: &Report, page: &mut String) {
    page.push_str("<section class=\"acts\">\n<h2>To act on</h2>\n");
    if report.acts.is_empty() {
        page.push_str("<p class=\"quiet\">Nothing: no fault, nobody overdue, no open report.</p>\n");
    } else {
        page.push_str("<ol>\n");
        for act in &report.acts {
            let _ = writeln!(page, "<li>{} <span>{}</span></li>", escaped(&act.what), escaped(&act.remedy));
        }
        page.push_str("</ol>\n");
    }
    if report.more_acts > 0 {
        let _ = writeln!(page, "<p class=\"quiet\">And {} more of less weight.</p>", report.more_acts);
    }
    page.push_str("</section>\n");
}

/// The few large numbers.
fn numbers(report: &Report, page: &mut String) {
    let now = &report.figures;
    let before = report.before.as_ref();
    let _ = write!(
        page,
        "<section class=\"numbers\">\n<div><b>{}</b><span>decisions</span><i>{}</i></div>\n",
        words::count(now.decisions),
        before.map_or_else(String::new, |before| format!("{} before", words::count(before.decisions)))
    );
    let of = |figures: &crate::supervise::figures::decided::Figures| -> [Share; 5] {
        [figures.approve, figures.edit, figures.take_over, figures.reply, figures.undone]
    };
    let names = VERDICTS.map(words::verdict).into_iter().chain(["undone"]);
    for (n, (name, share)) in names.zip(of(now)).enumerate() {
        let interval = share
            .interval()
            .map_or_else(String::new, |i| format!("{:.0}–{:.0}", i.low * 100.0, i.high * 100.0));
        let then =
            before.map_or_else(String::new, |before| format!(" · {} before", words::share(of(before)[n])));
        let _ = writeln!(
            page,
            "<div><b>{}</b><span>{name}</span><i>{interval}{then}</i></div>",
            words::share(share)
        );
    }
    page.push_str("</section>\n");
}

fn figure(section: &Section, page: &mut String) {
    let class = if section.picture.is_some() { "figure" } else { "figure words" };
    let _ = write!(
        page,
        "<section class=\"{class}\">\n<h2>{}</h2>\n<p>{}</p>\n",
        escaped(section.title),
        escaped(&section.said)
    );
    if let Some(picture) = &section.picture {
        page.push_str(picture);
        if section.legend.len() > 1 {
            page.push_str("<p class=\"legend\">");
            for (ink, word) in &section.legend {
                let _ = write!(page, "<span style=\"--ink:var(--{})\">{}</span>", ink.name(), escaped(word));
            }
            page.push_str("</p>\n");
        }
    }
    if !section.rows.is_empty() {
        let fold = section.picture.is_some();
        if fold {
            page.push_str("<details>\n<summary>The numbers</summary>\n");
        }
        table(section, page);
        if fold {
            page.push_str("</details>\n");
        }
    }
    page.push_str("</section>\n");
}

fn table(section: &Section, page: &mut String) {
    page.push_str("<div class=\"wide\"><table>\n<thead><tr>");
    for word in &section.head {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(word));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &section.rows {
        page.push_str("<tr>");
        for (n, cell) in row.iter().enumerate() {
            let (open, close) = if n == 0 { ("<th scope=\"row\">", "</th>") } else { ("<td>", "</td>") };
            let _ = write!(page, "{open}{}{close}", escaped(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn foot(report: &Report, page: &mut String) {
    let chain = report.proof.chain.map_or_else(|| "none".to_owned(), |chain| chain.to_string());
    let _ = write!(
        page,
        "<footer>\n<p>Shares stand with their 95% intervals (Wilson). Decisions that were undone, refused or never counted are \
         left out of all shares but their own. No agent is named; how fast fewer than five people work is not told.</p>\n\
         <p>Log {} · up to {} · countersign {}</p>\n</footer>\n",
        escaped(&chain),
        escaped(&report.now.to_string()),
        env!("CARGO_PKG_VERSION"),
    );
}
