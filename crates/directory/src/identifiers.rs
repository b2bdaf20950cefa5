//! Identifiers that follow from an object's id.

use std::fmt::Write as _;

use syncline_model::ObjectId;

/// Eight characters, and four times a dash and a number of ten digits.
const LONGEST: usize = 8 + 4 * 11;

/// `S-1-12-1-a-b-c-d`: the cloud security identifier, whose four numbers are the GUID's sixteen
/// bytes in Windows order.
pub(crate) fn security_identifier(id: ObjectId) -> String {
    let bytes = id.0.to_bytes_le();
    let mut text = String::with_capacity(LONGEST);
    text.push_str("S-1-12-1");
    for word in bytes.chunks_exact(4) {
        let number = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        // Writing into a string can not fail.
        let _ = write!(text, "-{number}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_security_identifier_holds_the_guid() {
        let id: ObjectId = ObjectId(uuid::uuid!("73d664e4-0886-4a73-b745-c694da45ddb4"));
        assert_eq!(
            security_identifier(id),
            "S-1-12-1-1943430372-1249052806-2496021943-3034400218"
        );
    }
}
