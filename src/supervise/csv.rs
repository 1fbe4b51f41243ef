//! Comma-separated values (RFC 4180) that no spreadsheet takes for a formula.

use crate::visible;

/// One line, with its end.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A spreadsheet runs what begins with one of `= + - @`, a tab or a carriage return (OWASP, CSV injection), some also
/// with blanks before it or in the wide forms of these: a quote before it makes it text. A number keeps its sign.
fn cell(text: &str) -> String {
    let shown = visible::line(text);
    let first = shown.trim_start_matches([' ', '↵']);
    let formula =
        first.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && shown.parse::<f64>().is_err();
    let inert = if formula { format!("'{shown}") } else { shown.into_owned() };
    if inert.contains(['"', ',', '\n', '\r', ';', '\'']) {
        format!("\"{}\"", inert.replace('"', "\"\""))
    } else {
        inert
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_a_cell_is_never_a_formula() {
        let hostile = [
            "=1+1",
            "+cmd|'/c calc'!A1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "＝1",
            "a,b",
            "say \"hi\"",
            "-12",
            "3.5",
        ];
        let lines: Vec<_> = hostile.iter().map(|text| line([text])).collect();
        let expected = [
            "\"'=1+1\"",
            "\"'+cmd|'/c calc'!A1\"",
            "\"'-2+3\"",
            "\"'@SUM(A1)\"",
            "\"'    =1\"",
            "\"'↵=1\"",
            "\"'＝1\"",
            "\"a,b\"",
            "\"say \"\"hi\"\"\"",
            "-12",
            "3.5",
        ];
        assert_eq!(lines, expected.map(|text| format!("{text}\r\n")));
    }
}
