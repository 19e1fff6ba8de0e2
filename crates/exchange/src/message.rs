//! What a message says: the contract, version 1.
