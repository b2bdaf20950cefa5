//! A server that was started before the binary was replaced, and says nothing before it has its command.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::thread;

use crate::support::Syncline;

#[test]
fn an_older_server_of_the_same_version_is_given_its_command_at_once() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let data = syncline.data();
    let lock = std::fs::File::create(data.join("lock")).unwrap();
    lock.lock().unwrap();
    let told = format!(
        "https://localhost:8443\n{}\n{}\nserve\n{}\n",
        data.join("syncline.db").display(),
        std::process::id(),
        env!("CARGO_PKG_VERSION")
    );
    (&lock).write_all(told.as_bytes()).unwrap();
    let listener = UnixListener::bind(data.join("control.sock")).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut command = String::new();
        let mut reading = BufReader::new(stream.try_clone().unwrap());
        reading.read_line(&mut command).unwrap();
        if !command.is_empty() {
            writeln!(stream, r#"{{"answer":{{"tenants":[]}}}}"#).unwrap();
        }
    });
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"], serde_json::json!([]));
    server.join().unwrap();
}
