//! The last look over every cell of the finished buffer (P6): whatever slipped through ends here.

use crate::visible;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Puts a full stop of the tofu kind in place of any cell that could act on a terminal.
pub(crate) fn sweep(buffer: &mut Buffer, area: Rect) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            // Printable ASCII is nearly every cell.
            let plain = matches!(cell.symbol().as_bytes(), [b' '..=b'~']);
            if !plain && !visible::is_safe_cell(cell.symbol()) {
                cell.set_symbol("\u{fffd}");
            }
        }
    }
}
