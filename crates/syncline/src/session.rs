//! Where a command runs: in this process when it gets the data directory's lock, else in the
//! server that holds it, reached through the control socket. While another command runs a cycle,
//! what only reads, and a pause, work beside it.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::commands::Command;
use crate::data_dir::{DataDir, Holder, Made};
use crate::elsewhere::Files;
use crate::failure::Failure;
use crate::progress::{Progress, Step};
use crate::{interrupt, output, seam};

/// One line from the server: how far it is, and at the end what came out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Message {
    Progress(Step),
    Answer(Value),
    Failure(Failure),
}

impl Message {
    /// The first line of a server, before it has read the command. A step, which older clients know.
    pub fn accepted() -> Self {
        Self::Progress(Step {
            label: "asking the server".to_owned(),
            done: 0,
            total: 0,
        })
    }
}

/// The files that it speaks of are in it, as texts of JSON.
pub const LONGEST_COMMAND: u64 = 128 * 1024 * 1024;

/// Another command may hold the lock for a moment: wait this long before giving up.
const PATIENCE_MS: u64 = 15_000;
const PAUSE_MS: u64 = 50;
/// Most commands take less: nothing is said of those.
const SAY_AFTER_MS: u64 = 5 * PAUSE_MS;
/// A server says at once that it is there: a busy one a little later.
const SAY_AFTER: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_millis(PATIENCE_MS);

/// Runs a command where it has to run.
pub fn run(data: &DataDir, command: &Command, progress: &dyn Progress) -> Result<Value, Failure> {
    let mut made = Made::default();
    let done = run_in(data, command, &mut made, progress);
    if done.is_err() {
        made.undo();
    }
    done
}

fn run_in(
    data: &DataDir,
    command: &Command,
    made: &mut Made,
    progress: &dyn Progress,
) -> Result<Value, Failure> {
    if !command.makes_data()
        && let Err(failure) = data.must_exist()
    {
        return match data.path().is_dir() && data.key_file().exists() {
            true => command.without_database(data, failure),
            false => Err(failure),
        };
    }
    // There is no lock to be had then. Who writes may have begun before.
    if command.only_reads() && data.is_read_only() {
        return match server(data)? {
            Some(stream) => ask(stream, data, command, progress),
            None => read_only(data, command, progress),
        };
    }
    let mut waited = 0;
    loop {
        let lock = match command.makes_data() {
            true => data.lock_making(made)?,
            false => data.lock()?,
        };
        if let Some(mut lock) = lock {
            let there = if command.makes_data() {
                data.refuse_lost_data()
            } else {
                data.must_hold_data()
            };
            if let Err(failure) = there {
                return command.without_database(data, failure);
            }
            // What could not be written, nobody is told.
            let _ = lock.write("", &data.database(), &command.doing());
            let app = match App::open_for(command, data.clone()) {
                Ok(app) => app,
                Err(failure) => return command.without_database(data, failure),
            };
            // Nobody goes on with another one by mistake: that is worth no command.
            let _ = lock.has_opened(&data.database());
            if command.runs_cycle() {
                interrupt::stops(&app.cycles)?;
            }
            if command.stops_between_pages() {
                return command.execute(&app, &interrupt::ends(progress)?);
            }
            return command.execute(&app, progress);
        }
        if let Some(stream) = server(data)? {
            return ask(stream, data, command, progress);
        }
        let holder = data.holder();
        let cycle = holder
            .as_ref()
            .filter(|it| it.same_version && it.same_database)
            .and_then(|it| Command::cycle_of(&it.what));
        if let Some(job) = cycle
            && command.works_beside_a_cycle()
            && let Some(_beside) = data.lock_beside()?
        {
            let process = |it: &Option<Holder>| it.as_ref().map(|it| it.process);
            // The cycle may have ended, and a restore begun, before anybody was told that we are here: then
            // nothing is opened. From here on no restore begins.
            if process(&data.holder()) == process(&holder) {
                let mut app = App::open_for(command, data.clone())?;
                app.runs_beside = Some(job);
                return command.execute(&app, progress);
            }
        }
        let by = || {
            holder.as_ref().map_or_else(
                || "another syncline command".to_owned(),
                |it| format!("process {} (syncline {})", it.process, it.what),
            )
        };
        if waited == SAY_AFTER_MS {
            output::note(&format!(
                "waiting for {}, which uses {}; Ctrl-C gives up",
                by(),
                data.path().display()
            ));
        }
        if waited >= PATIENCE_MS {
            let by = data.server_address().map_or_else(by, silent);
            return Err(in_use(data, &by));
        }
        seam::pause(PAUSE_MS);
        waited += PAUSE_MS;
    }
}

/// Works where nothing can be written. That somebody else writes there, at another mount, is no reason
/// to believe what was read.
fn read_only(data: &DataDir, command: &Command, progress: &dyn Progress) -> Result<Value, Failure> {
    let _lock = data.lock_read_only()?;
    let before = data.look();
    let result = match App::open_read_only_for(command, data.clone()) {
        Ok(app) => command.execute(&app, progress),
        Err(failure) => command.without_database(data, failure),
    };
    if data.look() != before {
        return Err(Failure::new(format!(
            "something wrote to the data directory {} meanwhile, which is read-only here",
            data.path().display()
        ))
        .with_help(
            "do not use the result, and run the command where the process that writes runs",
        ));
    }
    result
}

/// The way to the server on the data directory, if there is one.
fn server(data: &DataDir) -> Result<Option<UnixStream>, Failure> {
    let Ok(stream) = UnixStream::connect(data.control_socket()) else {
        return Ok(None);
    };
    let Some(other) = data.other_database() else {
        return Ok(Some(stream));
    };
    Err(Failure::new(format!(
        "the server on the data directory {} works on another database: {other}",
        data.path().display()
    ))
    .with_help("leave --database out to ask that server, or name another --data directory"))
}

fn in_use(data: &DataDir, by: &str) -> Failure {
    let path = data.path().display();
    Failure::new(format!("the data directory {path} is in use by {by}"))
        .with_help("wait until it has ended, or stop it, and try again")
}

fn silent(address: String) -> String {
    format!("the server at {address}, which does not answer")
}

fn broken(error: std::io::Error) -> Failure {
    Failure::new(format!(
        "the connection to the running server broke: {error}"
    ))
    .with_help("look at the server's messages, and try again")
}

/// The server's first line. One that stands still writes none, though its connections are made; what it is not
/// asked, it does not do when it goes on. After each of these times of silence more is said.
fn greeted(
    reading: &mut BufReader<UnixStream>,
    data: &DataDir,
    silence: [Duration; 2],
) -> Result<(), Failure> {
    let address = || data.server_address().unwrap_or_default();
    let mut line = String::new();
    for (longest, first) in silence.into_iter().zip([true, false]) {
        reading
            .get_ref()
            .set_read_timeout(Some(longest))
            .map_err(broken)?;
        match reading.read_line(&mut line) {
            Ok(0) => return Err(ended()),
            Ok(_) => {
                reading.get_ref().set_read_timeout(None).map_err(broken)?;
                return match read(&line)? {
                    Message::Failure(failure) => Err(failure),
                    _ => Ok(()),
                };
            }
            Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => {}
            Err(error) => return Err(broken(error)),
        }
        if first {
            output::note(&format!(
                "waiting for the server at {}; Ctrl-C gives up",
                address()
            ));
        }
    }
    Err(in_use(data, &silent(address())))
}

fn read(line: &str) -> Result<Message, Failure> {
    serde_json::from_str(line).map_err(|error| {
        Failure::new(format!("cannot read the server's answer: {error}"))
            .with_help("is the server of another version? Restart it with this binary")
    })
}

fn ended() -> Failure {
    Failure::new("the running server ended before it answered")
        .with_help("look at its messages, and try again")
}

fn ask(
    mut stream: UnixStream,
    data: &DataDir,
    command: &Command,
    progress: &dyn Progress,
) -> Result<Value, Failure> {
    let mut line = serde_json::to_string(command)
        .map_err(|error| Failure::new(format!("cannot write the command: {error}")))?;
    line.push('\n');
    if line.len() as u64 > LONGEST_COMMAND {
        let failure = Failure::new("the files are too long to be given to the running server");
        return Err(failure.with_help("make several files of them, or stop the server first"));
    }
    let files = Files::of(command);
    let mut reading = BufReader::new(stream.try_clone().map_err(broken)?);
    // An older one says nothing before it has the command, or before it is done.
    if data.holder().is_some_and(|it| it.greets) {
        greeted(&mut reading, data, [SAY_AFTER, PATIENCE])?;
    }
    stream.write_all(line.as_bytes()).map_err(broken)?;
    if command.stops_between_pages() {
        interrupt::hangs_up(&stream)?;
    }
    for line in reading.lines() {
        match read(&line.map_err(broken)?)? {
            Message::Progress(step) => progress.step(step),
            Message::Answer(answer) => return files.must_be_there().map(|()| answer),
            Message::Failure(failure) => return Err(files.explain(failure)),
        }
    }
    Err(ended())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use syncline_store::Database;

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    /// What a client makes of a server that has its connection, and does no more than `server`.
    fn met(silence: [Duration; 2], server: impl FnOnce(UnixStream)) -> Result<(), Failure> {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path());
        let mut lock = data.lock().unwrap().unwrap();
        lock.write(
            "https://localhost:8443",
            &Database::File(data.database_file()),
            "serve",
        )
        .unwrap();
        let (client, stream) = UnixStream::pair().unwrap();
        server(stream.try_clone().unwrap());
        greeted(&mut BufReader::new(client), &data, silence)
    }

    #[test]
    fn a_server_that_stands_still_is_given_up() {
        let failure = met([AT_ONCE; 2], drop).unwrap_err();
        assert!(
            failure.message.ends_with(
                "is in use by the server at https://localhost:8443, which does not answer"
            ),
            "{failure}"
        );
    }

    #[test]
    fn a_server_that_is_there_is_heard_and_so_is_what_it_refuses() {
        let says = |mut stream: UnixStream| {
            let line = serde_json::to_string(&Message::accepted()).unwrap();
            writeln!(stream, "{line}").unwrap();
        };
        assert_eq!(met([PATIENCE; 2], says), Ok(()));
        let refuses = |mut stream: UnixStream| {
            let refusal = Message::Failure(Failure::new("no"));
            let line = serde_json::to_string(&refusal).unwrap();
            writeln!(stream, "{line}").unwrap();
        };
        assert_eq!(met([PATIENCE; 2], refuses), Err(Failure::new("no")));
    }
}
