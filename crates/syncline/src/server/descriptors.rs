//! Every connection takes a file descriptor, and the operating system gives a process only so many.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::places::Most;

/// Of the database and its readers, of the log and the files beside them, of what the operator's machines ask.
const OTHERS: usize = 256;

/// As many connections as there are descriptors for. The process takes all that it may have first: what it is given at
/// its start is often fewer, for the sake of programs that can not count further.
pub fn enough_for(most: Most) -> Most {
    let Some(descriptors) = raised() else {
        return most;
    };
    let fitting = within(most, descriptors);
    if fitting.connections < most.connections {
        tracing::warn!(
            descriptors,
            connections = fitting.connections,
            "this process may have too few file descriptors for {} connections, and takes fewer; raise its hard limit to {} or more (LimitNOFILE, --ulimit nofile)",
            most.connections,
            most.connections + OTHERS,
        );
    }
    fitting
}

/// How many there may be from now on; `None`: any number.
fn raised() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let now = match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => limit.maximum,
        // As it was.
        Err(_) => limit.current,
    };
    now.map(|descriptors| usize::try_from(descriptors).unwrap_or(usize::MAX))
}

fn within(most: Most, descriptors: usize) -> Most {
    let there = descriptors
        .saturating_sub(OTHERS)
        .max(descriptors / 4)
        .max(1);
    if there >= most.connections {
        return most;
    }
    // One address gets the same part of fewer.
    let per_address = most.per_address * there / most.connections;
    Most {
        connections: there,
        per_address: per_address.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_descriptors_are_fewer_connections_and_never_none() {
        let most = Most {
            connections: 4096,
            per_address: 2048,
        };
        for (descriptors, connections, per_address) in [
            (1 << 20, 4096, 2048),
            (4352, 4096, 2048),
            (4351, 4095, 2047),
            (1024, 768, 384),
            (256, 64, 32),
            (1, 1, 1),
        ] {
            let fitting = within(most, descriptors);
            assert_eq!(
                (fitting.connections, fitting.per_address),
                (connections, per_address),
                "{descriptors}"
            );
        }
    }
}
