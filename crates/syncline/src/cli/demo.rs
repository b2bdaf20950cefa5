//! `syncline demo`.

use std::net::SocketAddr;

use crate::data_dir::DataDir;
use crate::demo;
use crate::failure::Failure;

use super::observability::Observability;

/// Two made-up tenants, the whole walk-through over HTTPS, then a server to look at
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline demo
  syncline demo --exit --users 200
Without --data or SYNCLINE_DATA everything is made in a temporary folder and removed at the end. A directory that has a database
or a key is refused, and so is one of a database server (SYNCLINE_DATABASE): the demo writes two tenants of its own, with
administrators, into an empty one alone.")]
pub struct Demo {
    /// End after the walk-through; exit code 0 only if every step worked
    #[arg(long)]
    exit: bool,
    /// How many people the source tenant has
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    users: u32,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    #[command(flatten)]
    pub observability: Observability,
}

impl Demo {
    pub fn run(self, data: Option<DataDir>) -> Result<bool, Failure> {
        // A demo that ends at once needs no known port, and must not fail because 8443 is taken.
        let listen = if self.exit {
            SocketAddr::new(self.listen.ip(), 0)
        } else {
            self.listen
        };
        demo::run(
            data,
            &demo::Options {
                exit: self.exit,
                users: self.users,
                listen,
                metrics_listen: self.observability.metrics_listen,
            },
        )
    }
}
