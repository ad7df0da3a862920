//! `yhteen serve`: from the settings to a running service, and to its end without losing a request.

use crate::app::{App, Clock};
use crate::client_address::TrustedProxies;
use crate::config::Settings;
use crate::demo::{self, DemoError};
use crate::health::Draining;
use crate::service::Shared;
use crate::setup::{SetupError, keys, open_store};
use crate::timetable_changes;
use actix_web::dev::{Server, ServerHandle};
use actix_web::{HttpServer, rt, web};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use yhteen_persistence::accounts::sign_ins;
use yhteen_persistence::{Actor, idempotency, sessions};

/// How long a client may take for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long an idle connection is kept for the next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to close a connection.
const CLOSING_TIME: Duration = Duration::from_secs(5);
/// How long requests may take to end once the process is told to stop, in seconds.
const DRAINING_TIME: u64 = 30;
/// How long the worker may take to end once all requests have ended.
const WORKER_TIME: Duration = Duration::from_secs(5);
/// How often what has expired is removed.
const CLEANING: Duration = Duration::from_hours(1);
/// How many connections may wait to be taken.
const BACKLOG: u32 = 1024;

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database or the key is not there.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Anyone can read the demo's passwords.
    #[error("the demo's passwords are public, so it listens on a loopback address only, not on {0}")]
    OpenDemo(SocketAddr),
    /// The demo is broken.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The operating system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// Serves until the process is told to stop.
pub fn serve(settings: &Settings, demo: bool) -> Result<(), ServeError> {
    if demo && !settings.bind.ip().is_loopback() {
        return Err(ServeError::OpenDemo(settings.bind));
    }
    rt::System::new().block_on(run(settings, demo))
}

async fn run(settings: &Settings, demo: bool) -> Result<(), ServeError> {
    let failed = |error| ServeError::Listen { address: settings.bind, error };
    let listener = listen(settings.bind).map_err(failed)?;
    let address = listener.local_addr()?;
    let public_url = settings.public_url(address);
    let keys = keys(settings, &public_url)?;
    let app = App::new(open_store(settings)?, Clock::system(), keys, public_url);
    let origins = settings.allowed_origins.iter().map(ToString::to_string).collect();
    let draining = Draining::default();
    let shared = Shared::new(app, origins)
        .behind(TrustedProxies::new(settings.trusted_proxies.clone()))
        .draining(draining.clone());
    let notice = if demo { load_demo(&shared.app).await? } else { String::new() };
    rt::spawn(clean(shared.app.clone()));
    let timetables = rt::spawn(timetable_changes::work(shared.app.clone(), draining.clone()));

    let workers = settings.workers();
    let connections = usize::from(settings.http_connections.get()).div_ceil(workers);
    let size = Size { workers, connections, draining_time: DRAINING_TIME };
    let server = server(shared, listener, size).map_err(failed)?;
    // Whoever reads where the service is may stop it at once.
    let signals = Signals::new()?;
    announce(address, &notice);
    rt::spawn(stop_when_told(server.handle(), signals, draining, settings.drain_seconds.get()));
    server.await?;
    // It ends with what it has begun; should it not, another process or the next start goes on from there.
    drop(tokio::time::timeout(WORKER_TIME, timetables).await);
    log::info!("stopped");
    Ok(())
}

/// What may differ between one server and another.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many threads serve requests.
    pub workers: usize,
    /// How many connections each of them has at most.
    pub connections: usize,
    /// How long requests may take to end once the server is told to stop, in seconds.
    pub draining_time: u64,
}

/// The server of the service, to be awaited. Signals are for its caller to hear.
pub fn server(shared: Shared, listener: TcpListener, size: Size) -> io::Result<Server> {
    let Size { workers, connections, draining_time } = size;
    let server = HttpServer::new(move || shared.actix())
        .workers(workers)
        .max_connections(connections)
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(CLOSING_TIME)
        .keep_alive(KEEP_ALIVE)
        // Whoever has gone away while it waited for changes is not waited for.
        .h1_allow_half_closed(false)
        .shutdown_timeout(draining_time)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// Listens with a queue for bursts, on an address that a process before this one may just have left.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    use tokio::net::TcpSocket;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Loads the demo where it is not there yet. Answers how to sign in to it.
async fn load_demo(app: &App) -> Result<String, DemoError> {
    let started = Instant::now();
    if demo::load(app).await? {
        log::info!("the demo was loaded in {} ms", started.elapsed().as_millis());
    }
    demo::credentials()
}

/// Says where the service is, for people and for programs that started it on port 0.
fn announce(address: SocketAddr, notice: &str) {
    let mut out = io::stdout().lock();
    // Nobody may be listening; the service runs all the same.
    drop(write!(out, "Swagger UI: http://{address}/docs/\n{notice}").and_then(|()| out.flush()));
    log::info!("listening on {address}");
}

/// Stops the server at the first signal, gracefully, and at the second at once.
async fn stop_when_told(server: ServerHandle, mut signals: Signals, draining: Draining, pause: Duration) {
    // At a keyboard no proxy needs to notice anything.
    let pause = if signals.next().await == Signal::Interrupt { Duration::ZERO } else { pause };
    draining.begin();
    log::info!("stopping: no longer ready, {} s until the last new connection", pause.as_secs());
    let gently = async {
        tokio::time::sleep(pause).await;
        server.stop(true).await;
    };
    tokio::select! {
        () = gently => {}
        _ = signals.next() => {
            log::warn!("stopping at once");
            server.stop(false).await;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

/// The signals to stop, which are kept from the moment that this is made.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

/// Ctrl-C, where there are no signals.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::Interrupt
    }
}

/// Removes what has expired, now and every hour.
async fn clean(app: web::Data<App>) {
    let mut hours = tokio::time::interval(CLEANING);
    loop {
        hours.tick().await;
        let removed = app.store.write(Actor::default(), app.now(), |tx| {
            let answers = idempotency::forget_old(tx, tx.now())?;
            Ok(answers + sessions::forget_expired(tx)? + sign_ins::forget_old(tx)?)
        });
        match removed.await {
            Ok(0) => {}
            Ok(count) => log::info!("{count} expired records were removed"),
            Err(error) => log::warn!("expired records cannot be removed: {error}"),
        }
    }
}
