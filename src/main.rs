//! Reads the arguments, runs the command, prints at most one error, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A file size limit must refuse a verdict, not kill the program: with the signal caught, the write fails instead.
    let caught = std::sync::Arc::default();
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, caught) {
        eprintln!("countersign: SIGXFSZ cannot be caught ({error}); a file size limit may end the program");
    }
    countersign::cli::main()
}
