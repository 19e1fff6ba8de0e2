//! What is to go from machine to machine must be able to: nobody is told that something was sent which
//! nothing sends.

use domain::fault::{Fault, Reason};
use domain::forwarding::{Channel, Direction, Forwarding, Side};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::forwardings::ForwardingCommand;

/// Whether a command has something leave from machine to machine.
fn by_machine(command: &ForwardingCommand, direction: Direction) -> bool {
    let machine = |channel: &Channel| *channel == Channel::Machine;
    match command {
        ForwardingCommand::Send { channel }
        | ForwardingCommand::Remind { channel }
        | ForwardingCommand::Answer { channel, .. }
        | ForwardingCommand::WrongRecipient { channel, .. } => machine(channel),
        ForwardingCommand::Acknowledge(answer) => {
            direction == Direction::Received && machine(&answer.channel)
        }
        ForwardingCommand::Converse(remark) => remark.from == Side::Us && machine(&remark.channel),
        ForwardingCommand::Edit(_)
        | ForwardingCommand::Check(_)
        | ForwardingCommand::Escalate
        | ForwardingCommand::RegisterAnswer(_)
        | ForwardingCommand::ShareWithUnit { .. }
        | ForwardingCommand::Close { .. }
        | ForwardingCommand::CloseWithoutAnswer { .. }
        | ForwardingCommand::Recall { .. }
        | ForwardingCommand::Investigate { .. }
        | ForwardingCommand::ApproveAnswer(_)
        | ForwardingCommand::PassOn(_)
        | ForwardingCommand::ShareEvent(_)
        | ForwardingCommand::AddMeasure(_)
        | ForwardingCommand::FinishMeasure { .. } => false,
    }
}

impl App {
    /// Holds a command that has something leave from machine to machine to there being one.
    ///
    /// # Errors
    /// [`Error::Faults`]: no system is registered; the forwarding goes another way; files do not go along.
    pub(crate) async fn hold_machine(
        &self,
        caller: &Caller,
        forwarding: &Forwarding,
        command: &ForwardingCommand,
    ) -> Result<(), Error> {
        if !by_machine(command, forwarding.direction) {
            return Ok(());
        }
        let fault = |field: &str, code: &'static str| {
            Err(Error::Faults(vec![Fault::at(field, Reason::inconsistent(code))]))
        };
        let begins = matches!(command, ForwardingCommand::Send { .. });
        if !begins && forwarding.channel != Some(Channel::Machine) {
            return fault("/channel", "goes_another_way");
        }
        if let ForwardingCommand::Converse(remark) = command
            && !remark.attachments.is_empty()
        {
            return fault("/attachments", "not_by_machine");
        }
        let whose = forwarding.counterparty;
        match self.store.ask(caller.tenant_id(), move |tx| tx.machine_peer(whose)).await {
            Ok(_) => Ok(()),
            Err(store::Error::NotFound) => fault("/channel", "no_machine_registered"),
            Err(other) => Err(other.into()),
        }
    }
}
