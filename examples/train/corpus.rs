//! What the corpus says about itself: how far the two labelling passes agree, and whether texts repeat.

use crate::data::{CareDev, CareLine, column};
use countersign::care::recognise::asks_person;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Agreement of the two passes by language: first label (share and Cohen's kappa), any label in common, asks for a
/// person. The second part (`-r-` in the id) is also told by itself.
pub fn agreement(lines: &[CareLine]) {
    let mut groups: BTreeMap<&str, Vec<&CareLine>> = BTreeMap::new();
    for line in lines {
        groups.entry(line.lang.as_str()).or_default().push(line);
        groups.entry("~all").or_default().push(line);
        if line.id.contains("-r-") {
            groups.entry("~second part").or_default().push(line);
        }
    }
    println!(
        "| language | messages | first label | kappa | any label | asks a person |\n|---|---|---|---|---|---|"
    );
    for (lang, lines) in groups {
        let n = lines.len() as f64;
        let share = |test: &dyn Fn(&CareLine) -> bool| lines.iter().filter(|l| test(l)).count() as f64 / n;
        let same = share(&|l| l.first.labels[0] == l.second.labels[0]);
        let any = share(&|l| l.first.labels.iter().any(|x| l.second.labels.contains(x)));
        let person = share(&|l| l.first.asks_person == l.second.asks_person);
        let mut votes = [[0.0; 10]; 2];
        for l in &lines {
            votes[0][column(l.first.labels[0])] += 1.0 / n;
            votes[1][column(l.second.labels[0])] += 1.0 / n;
        }
        let chance: f64 = (0..10).map(|c| votes[0][c] * votes[1][c]).sum();
        let kappa = (same - chance) / (1.0 - chance);
        println!("| {lang} | {} | {same:.3} | {kappa:.3} | {any:.3} | {person:.3} |", lines.len());
    }
}

/// Words in runs of five; for Chinese and Japanese, characters in runs of eight. Shorter texts are one shingle.
fn shingles(lang: &str, text: &str) -> HashSet<String> {
    let text = text.to_lowercase();
    let (units, run): (Vec<String>, usize) = if matches!(lang, "zh" | "ja") {
        (text.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect(), 8)
    } else {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
        (words.map(str::to_owned).collect(), 5)
    };
    if units.len() <= run {
        return HashSet::from([units.join(" ")]);
    }
    units.windows(run).map(|w| w.join(" ")).collect()
}

/// Pairs of messages whose shingles overlap by a third (Jaccard) or more, and messages that share a shingle with the
/// development part.
pub fn near_duplicates(lines: &[CareLine], dev: &[CareDev]) {
    let sets: Vec<HashSet<String>> = lines.iter().map(|l| shingles(&l.lang, &l.text)).collect();
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, set) in sets.iter().enumerate() {
        for s in set {
            at.entry(s).or_default().push(n);
        }
    }
    let mut found = 0;
    let (mut shared, mut pairs) = (0, 0);
    for (n, set) in sets.iter().enumerate() {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for s in set {
            for other in at[s.as_str()].iter().filter(|o| **o > n) {
                *common.entry(*other).or_default() += 1;
            }
        }
        shared += usize::from(!common.is_empty());
        pairs += common.len();
        for (other, count) in common {
            let union = set.len() + sets[other].len() - count;
            if count * 3 >= union {
                found += 1;
                println!(
                    "near-duplicate {} {}: {:?} / {:?}",
                    lines[n].id, lines[other].id, lines[n].text, lines[other].text
                );
            }
        }
    }
    println!(
        "{} messages: {found} near-duplicate pairs; {pairs} pairs share any shingle ({shared} messages)",
        lines.len()
    );
    let mut leaks = 0;
    for d in dev {
        for s in shingles(&d.lang, &d.text) {
            if let Some(n) = at.get(s.as_str()) {
                leaks += 1;
                println!("shared with the development part: {s:?} in {}", lines[n[0]].id);
            }
        }
    }
    println!("{leaks} shingles shared with the {} development messages", dev.len());
}

/// How the rules for "asks for a person" do on the corpus, by language, and every message that they get wrong
/// by saying yes.
pub fn person_rules(lines: &[CareLine]) {
    let mut tallies: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for line in lines {
        let at = match (asks_person(&line.text), line.asks_person) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => {
                if std::env::var_os("MISSED").is_some() {
                    println!("missed: {} {:?}", line.id, line.text);
                }
                2
            }
            _ => continue,
        };
        if at == 1 {
            println!("says yes: {} {:?}", line.id, line.text);
        }
        tallies.entry(line.lang.as_str()).or_default()[at] += 1;
        tallies.entry("~all").or_default()[at] += 1;
    }
    for (lang, [hit, wrong, missed]) in tallies {
        println!("{lang}: right {hit}, wrong {wrong}, missed {missed}");
    }
}
