//! What a client that keeps its connection waits for a compressed answer, with `TCP_NODELAY` and without.
//!
//! `cargo bench -p yhteen-http --bench compressed_answers`. Compare what stands in one run.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use actix_web::{HttpServer, rt};
use criterion::{Criterion, criterion_group, criterion_main};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;
use yhteen_http::app::{App, Clock};
use yhteen_http::auth::keys::Keys;
use yhteen_http::limits::Limits;
use yhteen_http::service::Shared;
use yhteen_persistence::{Db, Store, migrations};

/// A small answer, of one packet when compressed, and a large one.
const PATHS: [(&str, &str); 2] = [("small", "/api/v1/holidays?year=2026"), ("large", "/docs/errors")];

fn compressed_answers(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("yhteen.db").display());
    migrations::run(&mut Db::open(&url).unwrap()).unwrap();
    let servers = [("nodelay", serve(&url, true)), ("nagle", serve(&url, false))];
    let mut group = criterion.benchmark_group("compressed");
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    for (size, path) in PATHS {
        for encoding in ["gzip", "br"] {
            for (setting, address) in servers {
                let mut stream = TcpStream::connect(address).unwrap();
                group.bench_function(format!("{size}/{encoding}/{setting}"), |bencher| {
                    bencher.iter(|| ask(&mut stream, path, encoding));
                });
            }
        }
    }
    group.finish();
}

/// Starts a server on a thread of its own, which ends with the process.
fn serve(url: &str, nodelay: bool) -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    let store = Store::open(url, 1).unwrap();
    std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            let keys = Keys::from_pem(&Keys::generate().unwrap(), "http://localhost").unwrap();
            let app = App::new(store, Clock::system(), keys, "http://localhost".into()).limited(Limits::boundless());
            let shared = Shared::new(app, Vec::new());
            let server = HttpServer::new(move || shared.actix()).workers(1).tcp_nodelay(nodelay);
            server.listen(listener).unwrap().run().await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

/// Asks on a connection that stays, and reads the answer to its end.
fn ask(stream: &mut TcpStream, path: &str, encoding: &str) -> usize {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut buffer = vec![0; 65_536];
    // Its length is not known beforehand, so it ends with an empty chunk.
    while !answer.ends_with(b"\r\n0\r\n\r\n") {
        let read = stream.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the server has closed the connection");
        answer.extend(buffer.iter().take(read));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&answer));
    answer.len()
}

criterion_group!(benches, compressed_answers);
criterion_main!(benches);
