//! Source and target in memory keep the contract.

mod source {
    syncline_connector::source_suite!(crate::world::People::none());
}

mod target {
    syncline_connector::target_suite!(crate::world::Partner::empty());
}
