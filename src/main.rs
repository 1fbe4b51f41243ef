//! Reads the arguments, runs the command, prints at most one error, sets the exit code.

fn main() {}
