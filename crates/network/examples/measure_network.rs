//! What a link costs: processor time of handshakes and records, both ends on this thread, no sockets; and the memory
//! that the lanes' queues take before the first message.
//!
//! `cargo run --release -p xl-network --example measure_network`

use commonware_p2p::authenticated::lookup::Network;
use commonware_runtime::{Clock as _, Runner as _, Supervisor as _, deterministic};
use rustls::{ClientConnection, Connection, ServerConnection};
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use xl_crypto::SecretKey;
use xl_crypto::tls::{Credentials, Pinned, client_config, server_config};
use xl_network::peers::{Lane, Settings, config};
use xl_network::tls::TlsUpgrader;

const RECORD: usize = 16_384;

/// Processor time of this thread, on Linux.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    Duration::from_nanos(text.split(' ').next().and_then(|word| word.parse().ok()).expect("nanoseconds"))
}

fn output(from: &mut Connection) -> Vec<u8> {
    let mut out = Vec::with_capacity(RECORD + 64);
    while from.wants_write() {
        from.write_tls(&mut out).expect("a Vec takes every byte");
    }
    out
}

fn input(to: &mut Connection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        to.read_tls(&mut bytes).expect("a slice never fails");
        to.process_new_packets().expect("accepted");
    }
}

/// Resident memory of this process in MB, on Linux.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    text.split(' ').nth(1).and_then(|word| word.parse::<f64>().ok()).expect("pages") * 4096.0 / 1e6
}

fn queues(peers: usize) {
    deterministic::Runner::default().start(|context| async move {
        let credentials = Credentials::issue(&SecretKey::generate(), &SecretKey::generate());
        let listen = ([127, 0, 0, 1], 4000).into();
        let peers = NonZeroUsize::new(peers).expect("some");
        let settings = Settings { chain: [0; 32], listen, peers, local: true };
        let before = resident();
        let (mut network, _oracle) =
            Network::new(context.child("network"), config(TlsUpgrader::new(credentials), &settings));
        let lanes = Lane::ALL.map(|lane| network.register(lane.channel(), lane.quota()));
        let running = network.start();
        context.sleep(Duration::from_secs(1)).await;
        println!("queues for sets of {peers:3} peers {:8.1} MB", resident() - before);
        drop((lanes, running));
    });
}

fn main() {
    for peers in [5, 100] {
        queues(peers);
    }
    let (dialer, listener) = (SecretKey::generate(), SecretKey::generate());
    let credentials = [&dialer, &listener].map(|identity| Credentials::issue(identity, &SecretKey::generate()));
    let only = |key: &SecretKey| {
        let admitted = key.public_key();
        Pinned::new(move |peer| *peer == admitted)
    };
    let client = Arc::new(client_config(&credentials[0], only(&listener), b"xl1/measure").expect("config"));
    let server = Arc::new(server_config(&credentials[1], only(&dialer), b"xl1/measure").expect("config"));
    let connect = || {
        let name = "node.invalid".try_into().expect("name");
        let mut a: Connection = ClientConnection::new(Arc::clone(&client), name).expect("client").into();
        let mut b: Connection = ServerConnection::new(Arc::clone(&server)).expect("server").into();
        while a.is_handshaking() || b.is_handshaking() {
            input(&mut b, &output(&mut a));
            input(&mut a, &output(&mut b));
        }
        (a, b)
    };

    let (count, start) = (500, cpu());
    for _ in 0..count {
        connect();
    }
    let each = (cpu() - start) / count;
    println!("handshake   {:8.1} us, both ends   {:8.0} /s", each.as_secs_f64() * 1e6, 1.0 / each.as_secs_f64());

    for size in [200, RECORD] {
        let (mut a, mut b) = connect();
        let message = vec![0x5A; size];
        let mut plain = vec![0; size];
        let (mut sealing, mut opening) = (Duration::ZERO, Duration::ZERO);
        let rounds = 40_000_000 / (size + 300);
        // Batches, so that reading the clock does not count.
        for _ in 0..rounds / 100 {
            let start = cpu();
            let records: Vec<_> = (0..100)
                .map(|_| {
                    a.writer().write_all(&message).expect("below the buffer limit");
                    output(&mut a)
                })
                .collect();
            let sealed = cpu();
            for record in records {
                input(&mut b, &record);
                b.reader().read_exact(&mut plain).expect("the message");
            }
            sealing += sealed - start;
            opening += cpu() - sealed;
        }
        let done = (rounds / 100 * 100) as f64;
        for (what, time) in [("seal", sealing), ("open", opening)] {
            let (us, rate) = (time.as_secs_f64() * 1e6 / done, done * size as f64 / 1e6 / time.as_secs_f64());
            println!("{what} {size:6} B {us:8.2} us {rate:24.1} MB/s");
        }
    }
}
