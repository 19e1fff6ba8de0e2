//! What a message that was not taken is answered.

use actix_web::http::StatusCode;
use app::machines::NotTaken;
use exchange::Refused;

/// Status and title, Swedish and English, of a message that was not taken.
pub(crate) fn told(why: &NotTaken) -> (StatusCode, (&'static str, &'static str)) {
    match why {
        NotTaken::Refused(refused) => (StatusCode::FORBIDDEN, refusal(*refused)),
        NotTaken::NotUnderstood => (
            StatusCode::UNPROCESSABLE_ENTITY,
            (
                "Det är inget meddelande enligt avvikelse-exchange/1.",
                "That is no message of avvikelse-exchange/1.",
            ),
        ),
        NotTaken::IdReused => (
            StatusCode::CONFLICT,
            (
                "Ett annat meddelande har redan haft det id:t.",
                "Another message has had this id before.",
            ),
        ),
        NotTaken::OutOfOrder { .. } => (
            StatusCode::CONFLICT,
            (
                "Det är inte meddelandets tur: skicka det som saknas först.",
                "It is not this message's turn: send what is missing first.",
            ),
        ),
        NotTaken::NotPossible(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            (
                "Meddelandet har tagits emot men kan inte utföras. Skicka det inte igen.",
                "The message has arrived and what it says cannot be done. Do not send it again.",
            ),
        ),
    }
}

/// What more there is to say: which number comes next, or what cannot be done.
pub(crate) fn detail(why: &NotTaken) -> Option<String> {
    match why {
        NotTaken::OutOfOrder { expected } => Some(format!("expected: {expected}")),
        NotTaken::NotPossible(why) => Some(why.clone()),
        NotTaken::Refused(_) | NotTaken::NotUnderstood | NotTaken::IdReused => None,
    }
}

fn refusal(refused: Refused) -> (&'static str, &'static str) {
    match refused {
        Refused::Unsigned => (
            "Meddelandet är inte signerat med taggen avvikelse-exchange.",
            "The message is not signed with the tag avvikelse-exchange.",
        ),
        Refused::Malformed => {
            ("Signaturens fält går inte att läsa.", "The fields of the signature cannot be read.")
        }
        Refused::NotCovered => (
            "Signaturen omfattar inte allt den måste.",
            "The signature does not cover all that it must.",
        ),
        Refused::UnknownKey => {
            ("Nyckeln är inte registrerad här.", "The key is not registered here.")
        }
        Refused::RevokedKey => ("Nyckeln är spärrad.", "The key has been revoked."),
        Refused::BadSignature => {
            ("Signaturen stämmer inte med anropet.", "The signature is not that of this request.")
        }
        Refused::Altered => (
            "Innehållet är inte det som signerades.",
            "The content is not the one that was signed.",
        ),
        Refused::Expired => ("Signaturens tid är ute.", "The signature has expired."),
        Refused::FromTheFuture => (
            "Signaturen är gjord i framtiden: kontrollera klockan.",
            "The signature was made in the future: check the clock.",
        ),
        Refused::TooLong => (
            "Signaturen gäller längre än fem minuter.",
            "The signature lasts longer than five minutes.",
        ),
        Refused::WrongReceiver => (
            "Meddelandet är ställt till någon annan.",
            "The message is addressed to somebody else.",
        ),
        Refused::Replayed => {
            ("Signaturen har använts förut.", "The signature has been used before.")
        }
        Refused::WrongSender => (
            "Avsändaren är en annan än den som signerade.",
            "The sender is another than who signed.",
        ),
    }
}
