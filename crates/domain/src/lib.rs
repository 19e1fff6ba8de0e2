//! The law and the practice of reporting what went wrong in municipal health and social care.
//!
//! No I/O here: time, randomness and the actor are arguments. See `ARCHITECTURE.md`.

pub mod act_now;
pub mod area_group;
pub mod board;
pub mod calendar;
pub mod case;
pub mod clock;
pub mod code_lists;
pub mod diary;
pub mod disclosure;
pub mod duty;
pub mod escalation;
pub mod exposure;
pub mod fault;
pub mod forms;
pub mod forwarding;
pub mod handover;
pub mod ids;
pub mod ladder;
pub mod law;
pub mod learning;
pub mod machine;
pub mod mail;
pub mod notice;
pub mod number;
pub mod opinion;
pub mod organisation;
pub mod patientnamnd;
pub mod personnummer;
pub mod policy;
pub mod portal;
pub mod publication;
pub mod receipt;
pub mod record;
pub mod register;
pub mod retention;
pub mod review;
pub mod settings;
pub mod signal;
pub mod statistics;
pub mod suggest;
pub mod survey;
pub mod table;
pub mod worklist;
pub mod yearly;
