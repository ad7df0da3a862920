//! The program `yhteen`.

fn main() -> std::process::ExitCode {
    yhteen_http::cli::main()
}
