//! Reads the arguments, runs the command, prints at most one error, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign::cli::main()
}
