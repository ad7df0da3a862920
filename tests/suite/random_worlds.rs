//! Random worlds: whatever has happened, and whoever asks, what is got, listed, counted and followed is what the domain
//! says that the caller may see. What it says is told by a model that shares nothing with the service.
//!
//! The script of a world is found from a seed: `YHTEEN_PROPERTY_SEED` sets another one than that of every run, and
//! `YHTEEN_PROPERTY_CASES` how many worlds there are.

mod checks;
mod model;
mod play;
mod recount;
mod script;

use crate::follower::{Follower, Resync, listed};
use model::Standing;
use play::Play;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use script::{KINDS, Kind, Script, scripts};
use std::collections::BTreeMap;
use std::sync::Mutex;
use yhteen_tests::{Engine, world};

/// One who follows, and what decided over its sight when the feed answered it last.
struct Following {
    reader: usize,
    follower: Follower,
    known: Standing,
    /// How many of its events it was told before that changed.
    told_before: usize,
}

impl Following {
    /// Of each reader one who follows from the beginning.
    fn all(play: &Play<'_>) -> Vec<Self> {
        let readers = play.callers.iter().cloned().enumerate();
        let begin = |(reader, caller)| {
            let follower = Follower::from_the_beginning(caller);
            Self { reader, follower, known: play.model.standing(reader), told_before: 0 }
        };
        readers.map(begin).collect()
    }
}

/// Lets one follower read a page.
async fn follow(play: &mut Play<'_>, [which, limit, ..]: [u8; 4]) -> Option<()> {
    let which = usize::from(which) % play.followers.len();
    let limit = u16::from(limit % 7) + 1;
    begin(play, which);
    let read = play.followers[which].follower.follow(limit, 0).await.map(drop);
    heard(play, which, read).await;
    Some(())
}

/// Lets one more begin.
async fn arrive(play: &mut Play<'_>, [which, ..]: [u8; 4]) -> Option<()> {
    if play.followers.len() >= 2 * play.callers.len() {
        return None;
    }
    play.arrives(usize::from(which) % play.callers.len()).await;
    Some(())
}

/// Who has no cursor yet has none that could go bad.
fn begin(play: &mut Play<'_>, which: usize) {
    let Following { reader, follower, known, .. } = &mut play.followers[which];
    if !follower.has_begun() {
        *known = play.model.standing(*reader);
    }
}

/// A cursor goes bad exactly when what decides over its reader's sight has changed.
async fn heard(play: &mut Play<'_>, which: usize, read: Result<(), Resync>) {
    let Following { reader, follower, known, told_before } = &mut play.followers[which];
    let now = play.model.standing(*reader);
    match read {
        Ok(()) if *known == now => {}
        Ok(()) => panic!("reader {reader} follows on, though its standing was {known:?} and is {now:?}"),
        Err(Resync) if *known == now => panic!("reader {reader} is sent back, though its standing is still {now:?}"),
        Err(Resync) => {
            follower.begin_again().await;
            (*known, *told_before) = (now, follower.events.len());
            *play.resyncs.entry(*reader).or_default() += 1;
        }
    }
}

/// Lets everyone read on to the present: each holds what the lists show it, and these what it may see.
async fn catch_up(play: &mut Play<'_>) -> Option<()> {
    // They are told of these, too, and keep no copy of them.
    play.world.settle_timetables().await;
    // Whoever has heard of this has heard of all that came before.
    let mark = play.organisation(None).await;
    let mut shown: BTreeMap<usize, crate::follower::Copy> = BTreeMap::new();
    for which in 0..play.followers.len() {
        begin(play, which);
        let read = play.followers[which].follower.until("organisation.created", &mark).await;
        heard(play, which, read).await;
        let reader = play.followers[which].reader;
        let follower = &play.followers[which].follower;
        let shown = match shown.entry(reader) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(listed(&follower.reader).await),
        };
        assert_eq!(&follower.holds, shown, "what reader {reader} was told is not what it is shown");
        play.tombstones += follower.events.iter().filter(|event| event.tombstone).count();
        checks::authors(play, which);
        play.followers[which].follower.events.clear();
        play.followers[which].told_before = 0;
    }
    for (reader, shown) in shown {
        checks::shown(play, reader, &shown);
    }
    Some(())
}

/// What has come about in all worlds of a run.
#[derive(Debug, Default)]
struct Seen {
    done: BTreeMap<Kind, u32>,
    resyncs: u32,
    tombstones: usize,
}

/// Plays one script to its end.
async fn play(engine: Engine, script: &Script, seen: &Mutex<Seen>) -> Option<()> {
    let world = world::World::new(engine).await?;
    let mut play = Play::begin(&world, script).await;
    for (kind, bytes) in &script.acts {
        play.act(*kind, *bytes).await;
    }
    catch_up(&mut play).await?;
    checks::everything(&play).await;
    let mut seen = seen.lock().unwrap();
    for (kind, count) in play.done {
        *seen.done.entry(kind).or_default() += count;
    }
    seen.resyncs += play.resyncs.values().sum::<u32>();
    seen.tombstones += play.tombstones;
    Some(())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn run(engine: Engine, usual: u32) {
    let cases = number("YHTEEN_PROPERTY_CASES").map_or(usual, |cases| u32::try_from(cases).unwrap());
    let seed = number("YHTEEN_PROPERTY_SEED").unwrap_or(1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    // A world takes a second or two, so a failing script is made shorter only so far.
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let seen = Mutex::new(Seen::default());
    let played = runner.run(&scripts(), |script| {
        let played =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(play(engine, &script, &seen))));
        played.map(drop).map_err(|cause| {
            let text = cause.downcast_ref::<String>().cloned();
            TestCaseError::fail(
                text.or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default(),
            )
        })
    });
    if let Err(failure) = played {
        panic!("seed {seed}: {failure}");
    }
    let seen = seen.into_inner().unwrap();
    // A run that does little shows little.
    if cases >= usual && !seen.done.is_empty() {
        let never: Vec<_> = KINDS.iter().map(|(_, kind)| kind).filter(|kind| !seen.done.contains_key(kind)).collect();
        assert!(engine == Engine::Postgres || never.is_empty(), "never done: {never:?}");
        assert!(seen.resyncs > 0 && seen.tombstones > 0, "{seen:?}");
    }
}

#[test]
fn on_sqlite() {
    run(Engine::Sqlite, 24);
}

#[test]
fn on_postgres() {
    run(Engine::Postgres, 6);
}
