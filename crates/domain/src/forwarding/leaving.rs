//! Exactly what leaves: the document, and what stands around it in a letter. Nothing of the case has a
//! place here, and who the person is stands in no letter.

use jiff::civil::Date;

use super::Document;

/// Where an answer is given, and by which code: for a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyLink {
    /// The address, short enough to be typed.
    pub url: String,
    /// The code that goes with it.
    pub code: String,
}

/// What leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    /// Who sends it.
    pub sender: String,
    /// The sender's postal address, where answers by letter go.
    pub letterhead: Vec<String>,
    /// The forwarding's own number.
    pub number: Option<String>,
    /// The receiver's name.
    pub receiver: String,
    /// The receiver's postal address.
    pub address: Vec<String>,
    /// The receiver's address in the SDK client.
    pub sdk_address: Option<String>,
    /// The document.
    pub document: Document,
    /// The day it leaves, or left.
    pub on: Date,
    /// Until when an answer is wanted.
    pub due_on: Option<Date>,
    /// Whether who the person is can be read, sealed, after the second factor.
    pub identity: bool,
    /// Where an answer is given.
    pub reply: Option<ReplyLink>,
}
