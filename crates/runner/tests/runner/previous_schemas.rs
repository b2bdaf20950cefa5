//! The schemas that a job had before can be read again.

use syncline_runner::PreviousSchema;

use crate::world::World;

impl World {
    /// What the previous schemas map to the department, the last one first.
    fn previous_departments(&self) -> Vec<String> {
        let job = self.stored_job();
        let known = self
            .store
            .read(|reader| PreviousSchema::all(reader, &job))
            .unwrap();
        let department = |it: PreviousSchema| {
            let mut mappings = it.schema.synchronization_rules[0].object_mappings[0]
                .attribute_mappings
                .iter();
            let mapping =
                mappings.find(|it| it.target_attribute_name.as_deref() == Some("department"));
            let source = mapping.unwrap().source.clone().unwrap();
            source.expression.unwrap()
        };
        known.into_iter().map(department).collect()
    }
}

#[test]
fn the_last_ten_are_kept_also_behind_a_whole_cycle() {
    let world = World::new();
    assert_eq!(world.previous_departments(), Vec::<String>::new());
    for number in 0..12 {
        world.map("department", &format!("\"{number}\""));
    }
    let kept: Vec<String> = (1..11).rev().map(|it| format!("\"{it}\"")).collect();
    assert_eq!(world.previous_departments(), kept);
    world.person("ana");
    world.cycle();
    assert_eq!(world.previous_departments(), kept);
}

#[test]
fn a_schema_that_got_another_version_alone_is_no_previous_one() {
    let world = World::new();
    world.map("department", "\"wrong\"");
    world.change_schema(|schema| schema.version = Some("another".to_owned()));
    assert_eq!(world.previous_departments(), ["[department]"]);
}

#[test]
fn they_go_with_their_job() {
    let world = World::new();
    world.map("department", "\"wrong\"");
    let job = world.stored_job();
    world
        .runner
        .delete_job(world.contoso.id, &world.job)
        .unwrap();
    let left = world
        .store
        .read(|reader| PreviousSchema::all(reader, &job))
        .unwrap();
    assert_eq!(left, []);
}
