//! Charts as SVG that stands inside a page and takes its colours from it.
//!
//! Pure: values in, text out, the same text for the same values. Drawn by plotters; a colour is an [`Ink`], which the
//! text names as a variable of the page's style sheet, so that one drawing serves light, dark and print. Invariant:
//! each chart says in words what it shows, for those who do not see it, and holds no more foreign text than the labels
//! it was given, escaped.

use crate::supervise::figures::share::{Interval, Share};
use plotters::chart::{ChartBuilder, ChartContext};

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{Ranged, SegmentValue, SegmentedCoord, ValueFormatter};
use plotters::coord::types::RangedCoordusize;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::{IntoSegmentedCoord, SVGBackend};
use plotters::style::colors::TRANSPARENT;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};
use std::io;

/// Drawn so wide; the page scales it. Two stand side by side on a desk, one on a phone, where the words stay readable.
const WIDTH: u32 = 480;
const HEIGHT: u32 = 230;
/// A row of the charts that have rows.
const ROW: i32 = 30;
/// Where the bars of rows begin and end; before them the row's name, after them its count.
const ROW_BARS: (i32, i32) = (128, 428);
const WORDS_PX: f64 = 13.0;

/// What a colour means; the page's style sheet has a variable of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Words and numbers beside a chart.
    Words,
    /// Axes, and what is compared with.
    Rule,
    /// The series of a chart that has one.
    Main,
    /// A second, weaker series.
    Second,
    /// Approved as drafted.
    Approve,
    /// Sent after changes.
    Edit,
    /// Taken over by a person.
    TakeOver,
    /// Written by a person where there was no draft.
    Reply,
}

impl Ink {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Words, "words"),
        (Self::Rule, "rule"),
        (Self::Main, "main"),
        (Self::Second, "second"),
        (Self::Approve, "approve"),
        (Self::Edit, "edit"),
        (Self::TakeOver, "take-over"),
        (Self::Reply, "reply"),
    ];

    /// The variable's name, without its two dashes.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Stands for the variable until the drawing is done: a colour nobody picks.
    const fn stand_in(self) -> RGBColor {
        RGBColor(0xC0, 0xDE, self as u8)
    }

    fn fill(self) -> ShapeStyle {
        self.stand_in().filled()
    }
    fn line(self, width: u32) -> ShapeStyle {
        self.stand_in().stroke_width(width)
    }
    fn words(self, at: HPos) -> TextStyle<'static> {
        // plotters writes 1/1.24 of the size it is given.
        let font = ("inherit", WORDS_PX * 1.24).into_font();
        font.color(&self.stand_in()).pos(Pos::new(at, VPos::Center))
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Draws one chart. `said` is read aloud in its place.
fn drawn(height: u32, said: &str, draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area).and_then(|()| area.present()).expect(
            "values are finite, the area has room for its labels, and a string takes all that is written",
        );
    }
    let inner = svg.split_once(">\n").map_or("", |(_, inner)| inner);
    let mut page = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"");
    super::html::escape(said, &mut page);
    page.push_str("\">\n");
    page.push_str(inner);
    for (ink, name) in Ink::ALL {
        let RGBColor(r, g, b) = ink.stand_in();
        for kind in ["fill", "stroke"] {
            page = page.replace(
                &format!("{kind}=\"#{r:02X}{g:02X}{b:02X}\""),
                &format!("style=\"{kind}:var(--{name})\""),
            );
        }
    }
    page.replace(" font-family=\"inherit\"", "").replace(" opacity=\"1\"", "")
}

/// One series of [`columns`] or [`lines`]; as many values as there are labels.
pub struct Series<T> {
    /// Its colour.
    pub ink: Ink,
    /// A value for each label.
    pub values: Vec<T>,
}

/// Columns, the series standing on one another. Not all labels are written where there are many.
pub fn columns(said: &str, labels: &[String], series: &[Series<u64>]) -> String {
    let heights = |n: usize| series.iter().map(|s| s.values[n]).sum::<u64>();
    let top = (0..labels.len()).map(heights).max().unwrap_or(0).max(4);
    drawn(HEIGHT, said, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(22)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(segments(labels), 0..top + top / 12)?;
        mesh(&mut chart, labels, &|n| n.to_string())?;
        for n in 0..labels.len() {
            let mut below = 0;
            for one in series.iter().filter(|s| s.values[n] > 0) {
                let above = below + one.values[n];
                let end = if n + 1 == labels.len() { SegmentValue::Last } else { SegmentValue::Exact(n + 1) };
                let corners = [(SegmentValue::Exact(n), below), (end, above)];
                let mut column = Rectangle::new(corners, one.ink.fill());
                column.set_margin(0, 0, 1, 1);
                chart.draw_series([column])?;
                below = above;
            }
        }
        Ok(())
    })
}

/// Lines over the same labels; a gap where there is no value. `unit` is that of the values.
pub fn lines(said: &str, labels: &[String], series: &[Series<Option<f64>>], unit: &str) -> String {
    let top = series.iter().flat_map(|s| s.values.iter().flatten()).fold(1.0_f64, |top, v| top.max(*v));
    drawn(HEIGHT, said, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(22)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(segments(labels), 0.0..top * 1.08)?;
        mesh(&mut chart, labels, &|v| format!("{v} {unit}"))?;
        for one in series {
            let points: Vec<_> = one.values.iter().enumerate().collect();
            for run in points.split(|(_, value)| value.is_none()) {
                let run: Vec<_> =
                    run.iter().filter_map(|(n, v)| Some((SegmentValue::CenterOf(*n), (**v)?))).collect();
                chart.draw_series(run.iter().map(|at| Circle::new(at.clone(), 2, one.ink.fill())))?;
                chart.draw_series([PathElement::new(run, one.ink.line(2))])?;
            }
        }
        Ok(())
    })
}

fn segments(labels: &[String]) -> SegmentedCoord<RangedCoordusize> {
    (0..labels.len().max(1) - 1).into_segmented()
}

/// The axes: a rule below, faint rules across, words in the page's own size.
fn mesh<Y>(
    chart: &mut ChartContext<'_, SVGBackend<'_>, Cartesian2d<SegmentedCoord<RangedCoordusize>, Y>>,
    labels: &[String],
    unit: &dyn Fn(&Y::ValueType) -> String,
) -> Drawn
where
    Y: Ranged + ValueFormatter<Y::ValueType>,
{
    let label = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(n) | SegmentValue::Exact(n) => labels.get(*n).cloned().unwrap_or_default(),
        SegmentValue::Last => String::new(),
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .set_all_tick_mark_size(5)
        .light_line_style(TRANSPARENT)
        .axis_style(Ink::Rule.line(1))
        .bold_line_style(Ink::Rule.stand_in().mix(0.4))
        .label_style(Ink::Words.words(HPos::Center))
        .x_labels(6)
        .y_labels(4)
        .x_label_formatter(&label)
        .y_label_formatter(unit)
        .draw()
}

/// A row of [`shares`]: its name, how much of it is what.
pub struct Parts {
    /// What the row is about.
    pub label: String,
    /// Counts, in the order of the inks.
    pub counts: Vec<u64>,
}

/// Rows of bars of the same length, parted by share; behind each how many there were.
pub fn shares(said: &str, inks: &[Ink], rows: &[Parts]) -> String {
    drawn(rows_height(rows.len()), said, |area| {
        for (row, y) in rows.iter().zip(row_middles()) {
            let of = row.counts.iter().sum::<u64>();
            named(area, &row.label, y)?;
            area.draw(&Text::new(
                of.to_string(),
                (WIDTH.cast_signed() - 2, y),
                Ink::Words.words(HPos::Right),
            ))?;
            let mut before = 0;
            for (count, ink) in row.counts.iter().zip(inks).filter(|(count, _)| **count > 0) {
                let (from, to) = (on_row(before, of), on_row(before + count, of));
                area.draw(&Rectangle::new([(from, y - 8), ((to - 1).max(from), y + 8)], ink.fill()))?;
                before += count;
            }
        }
        Ok(())
    })
}

/// A row of [`differences`].
pub struct Difference {
    /// Which group is compared with all others.
    pub label: String,
    /// By how much its share is higher, -1 to 1.
    pub value: f64,
    /// Between what, with 95 % confidence.
    pub interval: Interval,
    /// Whether it holds after correction for many comparisons.
    pub sure: bool,
}

/// Rows of differences with their intervals, around a line at zero.
pub fn differences(said: &str, rows: &[Difference]) -> String {
    let far = rows
        .iter()
        .flat_map(|row| [row.interval.low.abs(), row.interval.high.abs()])
        .fold(0.1_f64, f64::max)
        .min(1.0);
    let (left, right) = ROW_BARS;
    let middle = f64::from(left + right) / 2.0;
    let at = |v: f64| pixel(middle + (v / far).clamp(-1.0, 1.0) * f64::from(right - left) / 2.0);
    drawn(rows_height(rows.len()) + 22, said, |area| {
        let bottom = rows_height(rows.len()).cast_signed();
        area.draw(&PathElement::new([(at(0.0), 6), (at(0.0), bottom)], Ink::Rule.line(1)))?;
        for (row, y) in rows.iter().zip(row_middles()) {
            let ink = if row.sure { Ink::Main } else { Ink::Second };
            named(area, &row.label, y)?;
            area.draw(&PathElement::new(
                [(at(row.interval.low), y), (at(row.interval.high), y)],
                ink.line(2),
            ))?;
            area.draw(&Circle::new((at(row.value), y), 4, ink.fill()))?;
        }
        for (v, place) in [(-far, HPos::Left), (0.0, HPos::Center), (far, HPos::Right)] {
            let words = format!("{:+.0}%", v * 100.0);
            let words = if v == 0.0 { "as all others".to_owned() } else { words };
            area.draw(&Text::new(words, (at(v), bottom + 8), Ink::Words.words(place)))?;
        }
        Ok(())
    })
}

/// One point of [`reliability`].
pub struct Point {
    /// How sure the readings were on average, 0 to 1.
    pub confidence: f64,
    /// How many of them were right.
    pub right: Share,
}

/// How often what was said with some confidence was right: on the diagonal all is as it says.
pub fn reliability(said: &str, points: &[Point]) -> String {
    drawn(HEIGHT, said, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(22)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        chart
            .configure_mesh()
            .set_all_tick_mark_size(5)
            .light_line_style(TRANSPARENT)
            .disable_x_mesh()
            .axis_style(Ink::Rule.line(1))
            .bold_line_style(Ink::Rule.stand_in().mix(0.4))
            .label_style(Ink::Words.words(HPos::Center))
            .x_labels(5)
            .y_labels(5)
            .x_label_formatter(&|v| percent(*v))
            .y_label_formatter(&|v| percent(*v))
            .draw()?;
        chart.draw_series([PathElement::new([(0.0, 0.0), (1.0, 1.0)], Ink::Rule.line(1))])?;
        for point in points {
            let (Some(value), Some(interval)) = (point.right.value(), point.right.interval()) else {
                continue;
            };
            let x = point.confidence;
            let whisker = [(x, interval.low), (x, interval.high)];
            chart.draw_series([PathElement::new(whisker, Ink::Second.line(2))])?;
            chart.draw_series([Circle::new((x, value), 4, Ink::Main.fill())])?;
        }
        Ok(())
    })
}

/// A share as it is written on an axis.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// A count or a time, as a place on an axis.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 in anything drawn")]
pub const fn real(n: i64) -> f64 {
    n as f64
}

fn named(area: &Area<'_>, label: &str, y: i32) -> Drawn {
    area.draw(&Text::new(label.to_owned(), (0, y), Ink::Words.words(HPos::Left)))
}

fn rows_height(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX / 64).saturating_mul(ROW.unsigned_abs()) + 6
}

fn row_middles() -> impl Iterator<Item = i32> {
    (0..).map(|n| n * ROW + ROW / 2 + 3)
}

/// Where on a row's bar `part` of `of` stands.
fn on_row(part: u64, of: u64) -> i32 {
    let share = Share::new(part, of).value().unwrap_or(0.0);
    pixel(f64::from(ROW_BARS.0) + share * f64::from(ROW_BARS.1 - ROW_BARS.0))
}

#[expect(clippy::cast_possible_truncation, reason = "a place inside a picture of some hundred pixels")]
fn pixel(at: f64) -> i32 {
    at.round() as i32
}
