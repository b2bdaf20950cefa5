//! Writes evidence in the store's form, part by part: as it is found out, without a list of texts in
//! between, or from one.

use super::packed::{COMPRESSED, MatchingShape, Packed, ScopingShape, Shape, Sides, VERSION};
use super::texts::Writer;
use super::{Evidence, Matching, Name, Scoping};

/// Longer evidence is compressed; most is not much shorter then.
const LONG: usize = 1024;

/// Bytes that the texts of a created user take, at most as a rule: saves growing.
const USUAL: usize = 768;

/// What stands before them, and what is settled behind, likewise.
const AROUND: usize = 256;

/// Parts are told in the order of its methods, each of which but [`Packing::explained`] may be called
/// any number of times.
pub(crate) struct Packing<'e> {
    about: &'e Evidence,
    shape: Shape,
    texts: Writer,
}

impl<'e> Packing<'e> {
    /// Begins with what `about` says of the source object. Of `about` only what is in no list is
    /// written: kind, import, names and systems.
    pub(crate) fn of(about: &'e Evidence) -> Self {
        let mut texts = Writer::new(Vec::with_capacity(USUAL), about.source);
        texts.put(&about.source_display_name);
        texts.put(&about.source_name);
        Self {
            about,
            shape: Shape {
                kind: about.kind,
                source: about.source,
                import: about.import,
                imported: 0,
                scoping: None,
                matching: None,
                modified: Vec::with_capacity(32),
            },
            texts,
        }
    }

    /// An imported attribute.
    pub(crate) fn imported(&mut self, name: Name<'_>, value: &str) {
        self.shape.imported += 1;
        self.texts.put_name(name);
        self.texts.put(value);
    }

    /// How scope was evaluated, and what was asked of the target; then what the target object is called.
    pub(crate) fn explained(&mut self, scoping: Option<&Scoping>, matching: Option<&Matching>) {
        self.shape.scoping = scoping.map(|scoping| ScopingShape {
            active: scoping.active,
            assigned: scoping.assigned,
            sync_all: scoping.sync_all,
            has_role: scoping.has_role,
            filter_passed: scoping.filter_passed,
            clauses: scoping.clauses.iter().map(|(_, holds)| *holds).collect(),
        });
        for (words, _) in scoping.iter().flat_map(|it| &it.clauses) {
            self.texts.put(words);
        }
        self.shape.matching = matching.map(|matching| MatchingShape {
            by_attribute: matching.attribute.is_some(),
            found: matching.found.clone(),
        });
        if let Some((name, value)) = matching.and_then(|it| it.attribute.as_ref()) {
            self.texts.put(name);
            self.texts.put(value);
        }
        self.texts.put(&self.about.target_display_name);
        self.texts.put(&self.about.target_name);
    }

    /// A modified property.
    pub(crate) fn modified(&mut self, name: Name<'_>, old: Option<&str>, new: Option<&str>) {
        self.shape.modified.push(match (old, new) {
            (None, None) => Sides::Neither,
            (Some(_), None) => Sides::Old,
            (None, Some(_)) => Sides::New,
            (Some(_), Some(_)) => Sides::Both,
        });
        self.texts.put_name(name);
        for value in [old, new].into_iter().flatten() {
            self.texts.put(value);
        }
    }

    pub(crate) fn finish(mut self) -> Packed {
        self.texts.put(&self.about.source_system);
        self.texts.put(&self.about.target_system);
        let texts = self.texts.finish();
        let mut row = Vec::with_capacity(texts.len() + AROUND);
        row.push(VERSION);
        row.extend_from_slice(&[0; 4]);
        let Ok(mut row) = postcard::to_extend(&self.shape, row) else {
            // Serializing plain data into a growing vector can not fail; an empty row would still
            // render as "no evidence" rather than stop a cycle.
            return Packed(Vec::new());
        };
        row.extend_from_slice(&texts);
        if row.len() > LONG {
            let body = lz4_flex::compress_prepend_size(row.get(5..).unwrap_or_default());
            row.truncate(5);
            row.extend_from_slice(&body);
            row[0] = COMPRESSED;
        }
        let length = u32::try_from(row.len().saturating_sub(5)).unwrap_or(u32::MAX);
        if let Some(place) = row.get_mut(1..5) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        Packed(row)
    }
}

impl Evidence {
    /// Packs everything that is known when the decision is made.
    pub fn pack(&self) -> Packed {
        let mut packing = Packing::of(self);
        for (name, value) in &self.imported {
            packing.imported(name.into(), value);
        }
        packing.explained(self.scoping.as_ref(), self.matching.as_ref());
        for modified in &self.modified {
            let [old, new] = [&modified.old, &modified.new].map(Option::as_deref);
            packing.modified((&modified.name).into(), old, new);
        }
        packing.finish()
    }

    /// The row of the store.
    pub fn encode(&self) -> Vec<u8> {
        self.pack().seal(self)
    }
}
