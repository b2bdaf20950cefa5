//! The demo.

use std::net::SocketAddr;

use crate::data_dir::DataDir;
use crate::failure::Failure;

#[derive(Clone, Debug)]
pub struct Options {
    pub exit: bool,
    pub users: u32,
    pub listen: SocketAddr,
}

pub fn run(_data: Option<DataDir>, _options: &Options) -> Result<bool, Failure> {
    Err(Failure::new("not yet"))
}
