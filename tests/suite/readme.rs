//! What README.md tells its readers to type works as it is written.

use crate::demo::{DAYS, loaded};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use yhteen_tests::Engine;
use yhteen_tests::process::Process;
use yhteen_tests::world::run;

const README: &str = include_str!("../../README.md");
/// Where the demo listens for those who follow the README.
const ADDRESS: &str = "API=http://127.0.0.1:8080";

/// The blocks of shell commands.
fn blocks() -> Vec<&'static str> {
    let parts = README.split("```");
    parts.skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n")).collect()
}

/// What the comments of a block say that it prints, a line each; `…` stands for anything.
fn promises(block: &str) -> Vec<&str> {
    block.lines().filter_map(|line| line.strip_prefix("# → ")).collect()
}

fn keeps(output: &str, promise: &str) -> bool {
    let mut rest = output;
    promise.split('…').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// Follows the README at a demo that listens somewhere; `date` is the shell's, or stands for it.
fn follow(base: &str, date: &str) {
    let blocks = blocks();
    assert!(blocks.len() > 3 && blocks[0].starts_with(ADDRESS), "the first block says where the demo is: {blocks:?}");
    // One shell for all, as at a reader's terminal.
    let mut script = format!("{date}\n");
    for (number, block) in blocks.iter().enumerate() {
        let block = block.replace(ADDRESS, &format!("API={base}"));
        writeln!(script, "printf '\\036'\n{block}\n: block {number} was done").unwrap();
    }
    let done = Command::new("/bin/sh").args(["-eu", "-c", &script]).env("no_proxy", "*").output().unwrap();
    let (said, told) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{date} {}: {said}\n{told}", done.status);
    let outputs: Vec<&str> = said.split('\u{1e}').skip(1).collect();
    assert_eq!(outputs.len(), blocks.len());
    for (block, output) in blocks.iter().zip(outputs) {
        for promise in promises(block) {
            assert!(keeps(output, promise), "{date} {block}\ndoes not print {promise}, but\n{output}\n{told}");
        }
    }
}

#[tokio::test]
async fn every_command_works_and_prints_what_it_says() {
    let demo = Process::demo(Path::new(env!("CARGO_BIN_EXE_yhteen-server")));
    demo.ready().await;
    follow(&demo.base, "");
    // Also for one who follows it once more.
    follow(&demo.base, "date() { test \"$1\" = +%s && echo 0 || command date \"$@\"; }");
}

#[test]
fn it_does_so_on_any_day() {
    for day in DAYS {
        run(Engine::Sqlite, |world| async move {
            let world = loaded(world, day).await;
            let year = day.split('-').next().unwrap();
            follow(&world.base, &format!("date() {{ test \"$1\" = +%Y && echo {year} || command date \"$@\"; }}"));
        });
    }
}

#[test]
fn every_link_into_the_repository_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let links = README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let (inner, outer): (Vec<_>, Vec<_>) = links.partition(|link| !link.starts_with("https://"));
    assert!(inner.len() > 5 && !outer.is_empty(), "{inner:?} {outer:?}");
    for link in inner {
        assert!(root.join(link).exists(), "{link}");
    }
}

#[test]
fn the_first_command_serves_the_demo() {
    let first = README.lines().find(|line| line.starts_with("cargo "));
    assert_eq!(first, Some("cargo run -- serve --demo"));
}
