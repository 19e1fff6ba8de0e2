//! What was written down cannot be altered unseen, and who is sealed stays so: on both databases.

mod chain;
mod keys;
mod past;
mod tamper;
mod town;
