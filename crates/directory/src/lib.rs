//! A hosted tenant's rules: uniqueness, references, soft delete, delta, B2B users; and the local source and target.
