//! The report from the shell: pages, the same bytes twice, a real browser, and the folder for auditors.

use super::{id, item, office};
use crate::office::Office;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An office in which twelve drafts were approved.
fn busy() -> Office {
    let names: Vec<String> = (0..12).map(|n| format!("i{n}")).collect();
    let office = office(&names.iter().map(|name| item(name)).collect::<Vec<_>>());
    for name in &names {
        assert_eq!(id(name).as_str(), name);
        office.check(&format!("decide {name} --approve --seen {}", office.seen(name)), 0, &["approve"]);
    }
    office
}

fn at(office: &Office, name: &str) -> PathBuf {
    office.data().join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_report_is_written_in_three_forms_and_twice_the_same() {
    let office = busy();
    let write = |n: usize| -> Vec<String> {
        let files =
            ["html", "markdown", "csv"].map(|form| (form, at(&office, &format!("report-{n}.{form}"))));
        let line: Vec<_> = files.iter().map(|(form, path)| format!("--{form} {}", path.display())).collect();
        office.check(&format!("report {}", line.join(" ")), 0, &[]);
        files.iter().map(|(_, path)| read(path)).collect()
    };
    let (once, again) = (write(1), write(2));
    assert_eq!(once, again);
    assert!(once[0].contains("<h1>What was decided</h1>") && once[0].contains("12 decisions"));
    assert!(once[1].starts_with("# What was decided") && once[2].starts_with("section,row,column,value"));
    assert!(once[0].len() < 200_000 && !once[0].contains("http://") && !once[0].contains("https://"));
}

#[test]
fn a_report_that_cannot_be_written_says_which_and_why() {
    let office = busy();
    office.check("report --html /proc/none/report.html", 1, &["/proc/none/report.html cannot be written"]);
    office.check("report --html x.html --since tomorrowish", 1, &["--since"]);
    office.check("report --html x.html --item i1 --reason other", 1, &["cannot be used with"]);
}

#[test]
fn the_folder_for_auditors_takes_its_seed_and_leaves_others_alone() {
    let office = busy();
    let (one, two) = (at(&office, "one"), at(&office, "two"));
    let pack = |dir: &Path| format!("report --audit {} --seed s --sample 5", dir.display());
    office.check(&pack(&one), 0, &["5 of 12 decisions, seed s"]);
    office.check(&pack(&two), 0, &["5 of 12 decisions, seed s"]);
    assert_eq!(read(&one.join("sample.jsonl")), read(&two.join("sample.jsonl")));
    office.check(&pack(&one), 1, &["is not empty"]);
}

/// Opens the page in a real browser, wide and narrow, light and dark.
#[test]
fn a_browser_shows_the_page_wide_and_narrow_light_and_dark() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success()))
    else {
        eprintln!("SKIPPED: no Chromium on this machine; install one to have the report opened in a browser");
        return;
    };
    let office = busy();
    let page = at(&office, "report.html");
    office.check(&format!("report --html {}", page.display()), 0, &[]);
    for (width, dark) in [(1280, false), (390, false), (1280, true), (390, true)] {
        let shot = at(&office, &format!("shot-{width}-{dark}.png"));
        let mut command = Command::new(browser);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--enable-logging=stderr",
        ]);
        command.arg(format!("--user-data-dir={}", at(&office, "browser").display()));
        command.arg(format!("--window-size={width},1600"));
        if dark {
            command.arg("--blink-settings=preferredColorScheme=0");
        }
        command.arg(format!("--screenshot={}", shot.display()));
        let out = command.arg(format!("file://{}", page.display())).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(shot.is_file(), "no picture was made: {said}");
        assert!(!said.contains("Refused to"), "the page breaks its own policy: {said}");
        assert!(fs::metadata(&shot).unwrap().len() > 10_000, "the picture is all but empty");
    }
}
