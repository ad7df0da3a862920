//! The server program for tests that start it as a process.

fn main() -> std::process::ExitCode {
    yhteen_http::cli::main()
}
