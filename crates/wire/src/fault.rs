//! A fault as a client sees it: the field, a stable code, and a sentence in its language.

use domain::fault::{Fault, Reason};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::expected;
use crate::language::Language;

/// One fault of a request, or one warning of a filing that was kept in spite of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FaultView {
    /// JSON pointer (RFC 6901) into the request body, or the name of a query parameter. Empty: the
    /// body as a whole.
    #[schema(example = "/law/0")]
    pub field: String,
    /// Stable code, independent of language.
    #[schema(example = "unknown_code")]
    pub code: String,
    /// What is wrong and what would be right, in the language asked for.
    pub message: String,
    /// The values behind the message, such as `given`, `list`, `position`, `min`, `max`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
}

impl FaultView {
    /// A fault in a language.
    pub fn new(fault: &Fault, language: Language) -> Self {
        Self {
            field: fault.field.clone(),
            code: fault.reason.code().to_owned(),
            message: message(&fault.reason, language),
            values: values(&fault.reason),
        }
    }

    /// Faults in a language.
    pub fn all(faults: &[Fault], language: Language) -> Vec<Self> {
        faults.iter().map(|fault| Self::new(fault, language)).collect()
    }
}

fn values(reason: &Reason) -> Map<String, Value> {
    let values = match reason {
        Reason::Required
        | Reason::UnknownField
        | Reason::BadCheckDigit
        | Reason::NotUnique
        | Reason::NotFound
        | Reason::Inconsistent { .. } => Value::Null,
        Reason::WrongType { expected } => json!({ "expected": expected }),
        Reason::TooLong { max } => json!({ "max": max }),
        Reason::OutOfRange { min, max: i64::MAX } => json!({ "min": min }),
        Reason::OutOfRange { min: i64::MIN, max } => json!({ "max": max }),
        Reason::OutOfRange { min, max } => json!({ "min": min, "max": max }),
        Reason::TooMany { max } => json!({ "min": 0, "max": max }),
        Reason::UnknownCode { list, given } => json!({ "list": list, "given": given }),
        Reason::ExpiredCode { list, given, valid_from, valid_to } => {
            json!({ "list": list, "given": given, "valid_from": valid_from, "valid_to": valid_to })
        }
        Reason::UnknownUnit { given } => json!({ "given": given }),
        Reason::ClosedUnit { given, instead } => json!({ "given": given, "instead": instead }),
        Reason::InFuture { given } => json!({ "given": given }),
        Reason::Before { other } => json!({ "other": other }),
        Reason::CasesOpen { count } => json!({ "count": count }),
        Reason::PersonalNumber { position, length }
        | Reason::NamesUnit { position, length }
        | Reason::NamesStaff { position, length } => {
            json!({ "position": position, "length": length })
        }
    };
    match values {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}

/// The sentence of a reason.
fn message(reason: &Reason, language: Language) -> String {
    let (sv, en, easy): (String, String, String) = match reason {
        Reason::Required => {
            three("Uppgiften behövs.", "This is needed.", "Du måste fylla i det här.")
        }
        Reason::UnknownField => three(
            "Fältet finns inte i det här anropet. Ta bort det eller rätta namnet.",
            "This request has no such field. Remove it or correct its name.",
            "Det här fältet finns inte. Ta bort det.",
        ),
        Reason::WrongType { expected } => {
            let said = |language| expected::expected(expected, language);
            (
                format!("Värdet har fel form. Förväntat: {}.", said(Language::Sv)),
                format!("The value has the wrong form. Expected: {}.", said(Language::En)),
                format!(
                    "Det här är skrivet på fel sätt. Skriv så här: {}.",
                    said(Language::SvEasy)
                ),
            )
        }
        Reason::TooLong { max } => (
            format!("Texten är för lång. Högst {max} tecken."),
            format!("The text is too long. At most {max} characters."),
            format!("Texten är för lång. Du får skriva {max} tecken."),
        ),
        Reason::OutOfRange { min, max: i64::MAX } => (
            format!("Värdet ska vara minst {min}."),
            format!("The value must be at least {min}."),
            format!("Välj ett tal från {min} och uppåt."),
        ),
        Reason::OutOfRange { min: i64::MIN, max } => (
            format!("Värdet ska vara högst {max}."),
            format!("The value must be at most {max}."),
            format!("Välj ett tal som är högst {max}."),
        ),
        Reason::TooMany { max } => (
            format!("För många: högst {max} kan anges på en gång."),
            format!("Too many: at most {max} can be given at once."),
            format!("Det är för många. Du kan ange {max}."),
        ),
        Reason::OutOfRange { min, max } => (
            format!("Värdet ska ligga mellan {min} och {max}."),
            format!("The value must lie between {min} and {max}."),
            format!("Välj ett tal från {min} till {max}."),
        ),
        Reason::UnknownCode { list, given } => (
            format!("Koden ”{given}” finns inte i kodlistan {list}. Se /api/v1/codes/{list}."),
            format!(
                "The code \"{given}\" is not in the code list {list}. See /api/v1/codes/{list}."
            ),
            format!("”{given}” finns inte att välja."),
        ),
        Reason::ExpiredCode { given, valid_from, valid_to, .. } => {
            let day = |day: &Option<jiff::civil::Date>| {
                day.map_or_else(|| "…".to_owned(), |day| day.to_string())
            };
            let (from, to) = (day(valid_from), day(valid_to));
            (
                format!("Koden ”{given}” gällde inte den dagen, bara {from} till {to}."),
                format!("The code \"{given}\" was not valid on that day, only {from} to {to}."),
                format!("”{given}” gick inte att välja den dagen."),
            )
        }
        Reason::UnknownUnit { given } => (
            format!("Enheten ”{given}” finns inte. Ange enhetens id eller kod, se /api/v1/units."),
            format!("There is no unit \"{given}\". Give the unit's id or code, see /api/v1/units."),
            format!("Vi hittar inte enheten ”{given}”."),
        ),
        Reason::ClosedUnit { given, instead } => match instead {
            Some(instead) => (
                format!("Enheten ”{given}” var stängd den dagen. Ärendet gick till {instead}."),
                format!("The unit \"{given}\" was closed on that day. The case went to {instead}."),
                format!("”{given}” är stängd. Vi skickade det till {instead}."),
            ),
            None => (
                format!("Enheten ”{given}” var stängd den dagen och ingen har tagit över."),
                format!("The unit \"{given}\" was closed on that day and nobody has taken over."),
                format!("”{given}” är stängd."),
            ),
        },
        Reason::InFuture { given } => (
            format!("Tidpunkten {given} ligger i framtiden."),
            format!("The time {given} lies in the future."),
            "Tiden har inte varit än. Kontrollera datum och klockslag.".to_owned(),
        ),
        Reason::Before { other } => {
            let (sv, en) = expected::moment(other);
            (
                format!("Tidpunkten ligger före {sv}."),
                format!("The time comes before {en}."),
                "Tiderna står i fel ordning.".to_owned(),
            )
        }
        Reason::PersonalNumber { position, .. } => (
            format!(
                "Texten innehåller ett personnummer vid tecken {position}. Personens identitet \
                 hör hemma i fältet subject."
            ),
            format!(
                "The text holds a personal identity number at character {position}. A person's \
                 identity belongs in the field subject."
            ),
            "Skriv inte personnummer i texten.".to_owned(),
        ),
        Reason::NamesUnit { position, .. } => (
            format!("Texten nämner en enhet vid tecken {position}. Skriv utan enhetens namn."),
            format!("The text names a unit at character {position}. Write without its name."),
            "Skriv inte vilken enhet det är.".to_owned(),
        ),
        Reason::NamesStaff { position, .. } => (
            format!("Texten nämner en person vid tecken {position}. Skriv utan namn."),
            format!("The text names a person at character {position}. Write without names."),
            "Skriv inga namn.".to_owned(),
        ),
        Reason::BadCheckDigit => three(
            "Personnumret eller samordningsnumret stämmer inte: kontrollera datum och kontrollsiffra.",
            "The personal identity number is not right: check its date and check digit.",
            "Personnumret är fel. Kontrollera siffrorna.",
        ),
        Reason::NotUnique => three("Finns redan.", "It exists already.", "Det finns redan."),
        Reason::NotFound => three(
            "Finns inte, eller får inte visas för dig.",
            "It does not exist, or is not to be shown to you.",
            "Vi hittar det inte.",
        ),
        Reason::CasesOpen { count } => (
            format!(
                "{count} öppna ärenden skulle bli utan chef. Gör en överlämning (POST \
                 /api/v1/handovers) som båda signerar, ge någon annan behörigheten som chef eller \
                 ställföreträdare, eller ange i taken_over_by den verksamhetschef som tar över."
            ),
            format!(
                "{count} open cases would be without a manager. Hand them over (POST \
                 /api/v1/handovers) with both signatures, grant someone else manager or deputy \
                 there, or name in taken_over_by the area manager who takes over."
            ),
            format!("{count} ärenden är inte klara. Någon annan måste ta över dem först."),
        ),
        Reason::Inconsistent { code } => inconsistent(code),
    };
    match language {
        Language::Sv => sv,
        Language::En => en,
        Language::SvEasy => easy,
    }
}

fn three(sv: &str, en: &str, easy: &str) -> (String, String, String) {
    (sv.to_owned(), en.to_owned(), easy.to_owned())
}

/// Sentences for values that do not go with the rest. Easy Swedish is the Swedish one: these are
/// met by assessors.
fn inconsistent(code: &str) -> (String, String, String) {
    let (sv, en) = match code {
        "duty_not_answered" => (
            "En angränsande skyldighet är inte besvarad: ange att den är gjord, eller varför den inte behövs.",
            "A neighbouring duty is not answered: say that it is done, or why it is not needed.",
        ),
        "case_or_subject" => {
            ("Ange antingen ett ärende eller en person.", "Name either a case or a person.")
        }
        "day_has_passed" => ("Dagen har redan varit.", "That day has passed."),
        "day_has_not_come" => ("Dagen har inte kommit.", "That day has not come."),
        "masked_is_partly" => (
            "Det som är maskat lämnas ut delvis (partly).",
            "What is masked is given out in part (partly).",
        ),
        "hold_is_lifted" => ("Spärren är redan hävd.", "The hold is lifted already."),
        "not_a_web_address" => ("Det är ingen webbadress.", "That is no web address."),
        "more_than_an_address" => (
            "Användare, fråga (?) och fragment (#) hör inte hemma i adressen.",
            "A user, a query (?) or a fragment (#) has no place in the address.",
        ),
        "not_https" => {
            ("Adressen måste börja med https://.", "The address must begin with https://.")
        }
        "oneself" => ("Det är ni själva.", "That is yourselves."),
        "not_an_ed25519_key" => (
            "Det är ingen Ed25519-nyckel (JWK med kty OKP och crv Ed25519).",
            "That is no Ed25519 key (JWK with kty OKP and crv Ed25519).",
        ),
        "no_machine_registered" => (
            "Motpartens system är inte registrerat: välj en annan väg, eller låt en administratör registrera det.",
            "The counterparty's system is not registered: choose another way, or have an administrator register it.",
        ),
        "goes_another_way" => (
            "Den går inte maskin till maskin: ange den väg den har kommit eller gått.",
            "It does not go from machine to machine: give the way it came or went.",
        ),
        "not_by_machine" => (
            "Filer går inte maskin till maskin: skicka dem på annat sätt.",
            "Files do not go from machine to machine: send them another way.",
        ),
        "another_keys_fingerprint" => (
            "Fingeravtrycket är inte den här nyckelns. Registrera den inte: ring motparten.",
            "The fingerprint is not that of this key. Do not register it: call the counterparty.",
        ),
        "day_in_past" => ("Dagen har redan varit.", "That day is over."),
        "ground_too_long" => (
            "En grund gäller högst ett halvår åt gången.",
            "A ground holds for at most half a year at a time.",
        ),
        "readable_already" => (
            "Du får redan läsa ärendet: ingen grund behövs.",
            "You may read the case already: no ground is needed.",
        ),
        "a_case_or_a_unit" => (
            "Ange ett ärende, eller en enhet med lagrum, inte båda.",
            "Give a case, or a unit with a law, not both.",
        ),
        "period_too_long" => (
            "Perioden är för lång: högst ett halvår.",
            "The period is too long: at most half a year.",
        ),
        "readings_not_judged" => (
            "Alla läsningar är inte bedömda som motiverade eller omotiverade.",
            "Not every reading is judged proper or improper.",
        ),
        "waits_too_long" => (
            "Ett ärende väntar högst ett år åt gången.",
            "A case waits for at most a year at a time.",
        ),
        "does_not_wait" => ("Ärendet väntar inte på någon.", "The case waits for nobody."),
        "not_with_this_answer" => ("Hör inte till det svaret.", "It does not go with that answer."),
        "not_with_the_end" => {
            ("Anges inte när väntan är slut.", "It is not given when the waiting ends.")
        }
        "same_unit" => {
            ("Ärendet ligger redan på den enheten.", "The case is at that unit already.")
        }
        "link_to_itself" => {
            ("Ett ärende kan inte länkas till sig självt.", "A case cannot be linked to itself.")
        }
        "link_made_by_command" => (
            "Den länken skapas av sitt eget kommando (close, refile).",
            "That link is made by its own command (close, refile).",
        ),
        "same_kind" => ("Ärendet är redan av den sorten.", "The case is of that kind already."),
        "acknowledged_already" => (
            "Den som lämnade det har fått besked eller så har handläggningen börjat: registrera ett nytt ärende och länka det.",
            "It has been acknowledged, or its handling has begun: file another case and link it.",
        ),
        "subkind_of_synpunkt" => {
            ("Bara en synpunkt är beröm eller förslag.", "Only a synpunkt is praise or a proposal.")
        }
        "wrong_code" => (
            "Koden stämmer inte. Använd kodordet, eller engångskoden i brevet eller från telefonen.",
            "That code is not right. Use the code word, or the one-time code of the letter or the telephone.",
        ),
        "code_word_too_simple" => (
            "Kodordet är för enkelt: minst tio tecken, och inte samma tecken om och om igen.",
            "The code word is too simple: at least ten characters, and not the same ones over and over.",
        ),
        "looks_like_a_one_time_code" => (
            "Ett kodord får inte se ut som en engångskod.",
            "A code word must not look like a one-time code.",
        ),
        "address_of_another_house" => (
            "Adressen hör inte till samma organisation som din egen.",
            "The address is not of the same organisation as your own.",
        ),
        "contact_is_revoked" => ("Kontakten är återkallad.", "The contact is revoked."),
        "contact_has_no_address" => (
            "Kontakten nås bara per brev: skriv ut brevet igen i stället.",
            "The contact is reached by letter only: print the letter again instead.",
        ),
        "link_is_revoked" => ("Länken är redan återkallad.", "The link is revoked already."),
        "card_is_no_draft" => {
            ("Lärkortet är inget utkast längre.", "The learning card is no draft any more.")
        }
        "card_is_ones_own" => (
            "Någon annan än författaren godkänner lärkortet.",
            "Somebody else than its author approves a learning card.",
        ),
        "card_is_withdrawn" => {
            ("Lärkortet är redan återkallat.", "The learning card is withdrawn already.")
        }
        "card_is_not_approved" => {
            ("Lärkortet är inte godkänt.", "The learning card is not approved.")
        }
        "has_duplicates" => (
            "Andra ärenden är avslutade som dubbletter av detta. Återöppna dem först.",
            "Other cases are closed as duplicates of this one. Reopen them first.",
        ),
        "too_grave_for_simple_track" => {
            ("Enkel handläggning kräver allvarlighetsgrad 1.", "The simple track needs severity 1.")
        }
        "risk_score_too_high_for_simple_track" => (
            "Riskpoängen når tröskeln: enkel handläggning är inte möjlig.",
            "The risk score reaches the threshold: the simple track is not open.",
        ),
        "lex_question_open_for_simple_track" => (
            "Enkel handläggning kräver att varje lex-fråga är besvarad med nej.",
            "The simple track needs every lex question answered with no.",
        ),
        "vardskada_on_simple_track" => (
            "En vårdskada, eller risk för en, utreds: enkel handläggning är inte möjlig.",
            "A vårdskada, or the risk of one, is investigated: the simple track is not open.",
        ),
        "serious_without_vardskada" => (
            "Allvarlig förutsätter att det var, eller hade kunnat bli, en vårdskada.",
            "Serious presupposes that it was, or could have been, a vårdskada.",
        ),
        "lex_question_unanswered" => (
            "Det nya lagrummet ställer en lex-fråga som ingen har besvarat. Gör en ny granskning.",
            "The new law asks a lex question that nobody has answered. Triage the case again.",
        ),
        "case_kept_from_them" => (
            "Ärendet hålls undan från den personen (jäv).",
            "The case is kept from that person (conflict of interest).",
        ),
        "watch_answered_already" => {
            ("Bevakningen är redan besvarad.", "That request has been answered already.")
        }
        "staff_or_profession" => {
            ("Ange antingen staff eller profession.", "Give either staff or profession.")
        }
        "lex_question_open" => (
            "En lex-fråga är besvarad med kanske eller ja: ärendet bedöms för sig, inte tillsammans med andra.",
            "A lex question is answered with perhaps or yes: judge the case by itself, not with others.",
        ),
        "judged_graver_before" => (
            "Någon har bedömt det allvarligare: ändra det ärendet för sig, med skäl.",
            "Somebody has judged it graver: change that case by itself, with a reason.",
        ),
        "one_action" => (
            "Ange precis en av triage, lead, feedback, close, transfer och watch.",
            "Give exactly one of triage, lead, feedback, close, transfer and watch.",
        ),
        "investigated_already" => (
            "Ärendet har redan en utredning. Lägg de andra ärendena till den.",
            "The case has an investigation already. Add the other cases to that.",
        ),
        "not_to_be_investigated" => (
            "Ärendet kan inte utredas från sin nuvarande status: granska det först.",
            "The case cannot be investigated from where it stands: triage it first.",
        ),
        "investigation_lacks_for_track" => (
            "Utredningen är klar men saknar det som ärendets handläggningsväg kräver (personens egen \
             berättelse, erbjudet stöd). Komplettera den först.",
            "The investigation is complete but lacks what the track of the case asks for (the person's \
             own account, support offered). Add that first.",
        ),
        "ground_for_both_branches" => (
            "Ärendena hör till både hälso- och sjukvård och socialtjänst: ange på vilken grund den \
             andra verksamheten läser (ground).",
            "The cases belong to health care and to social services: state on what ground the other \
             branch reads (ground).",
        ),
        "nothing_to_correct" => ("Inget värde ändrades.", "No value was changed."),
        "no_investigation" => ("Ärendet har ingen utredning.", "The case has no investigation."),
        "investigation_not_complete" => (
            "Utredningen är inte klar: POST …/investigation med complete: true.",
            "The investigation is not complete: POST …/investigation with complete: true.",
        ),
        "cause_without_measure" => (
            "Orsaken har varken åtgärd eller motiverat avstående.",
            "The cause has neither a measure nor a reasoned waiver.",
        ),
        "cause_has_measure" => (
            "En orsak som har en åtgärd kan inte tas bort.",
            "A cause that has a measure cannot be removed.",
        ),
        "measure_without_owner_or_day" => (
            "Åtgärden saknar ansvarig eller slutdag (tidsplan, PSL 3 kap. 2 §).",
            "The measure lacks an owner or a day (schedule, PSL ch. 3 s. 2).",
        ),
        "measure_not_settled" => (
            "Åtgärden är varken klar eller har ansvarig, slutdag och dag för uppföljning.",
            "The measure is neither done nor has an owner, a day and a day of follow-up.",
        ),
        "measure_effect_not_judged" => {
            ("Åtgärdens effekt är inte bedömd.", "The effect of the measure has not been judged.")
        }
        "effect_before_done" => (
            "Effekten bedöms när åtgärden är klar: ange done_on.",
            "The effect is judged when the measure is done: give done_on.",
        ),
        "six_points_of_psl_3_8" => (
            "Alla sex punkter i PSL 3 kap. 8 § ska vara givna, eller ett lagligt hinder anges.",
            "All six points of PSL ch. 3 s. 8 must be given, or a lawful impediment stated.",
        ),
        "no_track_chosen" => (
            "Välj handläggningsväg (track) i granskningen först.",
            "Choose a track in the triage first.",
        ),
        "measures_not_decided" => (
            "Åtgärderna är inte beslutade, eller följs ännu inte upp: ärendet kan inte avslutas så.",
            "The measures are not decided, or not yet followed up: the case cannot end so.",
        ),
        "not_from_this_status" => (
            "Ärendet kan inte avslutas med det utfallet från sin nuvarande status.",
            "The case cannot end with that outcome from where it stands.",
        ),
        "original_is_a_duplicate" => (
            "Det ärendet är självt avslutat som dubblett. Ange originalet.",
            "That case is itself closed as a duplicate. Name the original.",
        ),
        "draft_on_shared_device" => (
            "En delad enhet sparar inga utkast: nästa som tar upp den skulle kunna läsa dem.",
            "A shared device keeps no drafts: the next to pick it up could read them.",
        ),
        "registering_not_permitted" => (
            "Din behörighet låter dig inte rapportera åt någon annan. Du står som rapportör.",
            "Your grants do not let you report for someone else. You stand as the reporter.",
        ),
        "received_at_not_permitted" => (
            "Tidigare inkommet får bara anges av registrator, chef eller mottagning. Serverns tid gäller.",
            "Only registrar, manager or intake may say that it came in earlier. The server's time holds.",
        ),
        "list_takes_no_own_codes" => {
            ("Den kodlistan tar inga egna koder.", "That code list takes no codes of your own.")
        }
        "code_not_below_parent" => (
            "En egen kod börjar med sin överordnade kod och en punkt.",
            "A code of your own begins with its parent's code and a full stop.",
        ),
        "unit_above_itself" => {
            ("En enhet kan inte ligga under sig själv.", "A unit cannot lie below itself.")
        }
        "unit_succeeds_itself" => {
            ("En enhet kan inte efterträda sig själv.", "A unit cannot succeed itself.")
        }
        "unknown_unit_stays_open" => (
            "Den okända enheten tar emot det som ingen vet var det hör hemma och kan inte stängas.",
            "The unknown unit takes what nobody can place, and cannot be closed.",
        ),
        "unknown_unit_keeps_code" => (
            "Den okända enhetens kod kan inte ändras.",
            "The code of the unknown unit cannot be changed.",
        ),
        "code_is_an_id" => (
            "Koden får inte se ut som ett id och inte innehålla komma eller snedstreck.",
            "The code must not look like an id, nor hold a comma or a slash.",
        ),
        "own_account" => ("Du kan inte stänga av dig själv.", "You cannot deactivate yourself."),
        "own_last_admin_grant" => (
            "Du kan inte ta ifrån dig själv den sista administratörsbehörigheten.",
            "You cannot take your own last administrator grant.",
        ),
        "staff_deactivated" => ("Personen är avstängd.", "That person is deactivated."),
        "no_area_manager_there" => (
            "Personen är inte verksamhetschef över alla de enheter som har öppna ärenden.",
            "That person is not area manager over every unit that has open cases.",
        ),
        "nobody_leaves" => (
            "Ange bara den som tar över när personen stängs av.",
            "Name who takes over only when the person is deactivated.",
        ),
        "answer_in_words" => (
            "Svaret är anmälarens egna ord och rättas inte.",
            "The answer is in the reporter's own words and is not corrected.",
        ),
        "too_many_improvements" => (
            "En sammanställning rymmer högst 50 förbättringar.",
            "A review holds at most 50 improvements.",
        ),
        "improvement_is_settled" => {
            ("Förbättringen är redan avslutad.", "The improvement is settled already.")
        }
        "improvement_is_done" => {
            ("Förbättringen är redan genomförd.", "The improvement is done already.")
        }
        "done_or_dropped" => (
            "En förbättring är genomförd eller avskriven, inte båda.",
            "An improvement is done or given up, not both.",
        ),
        "unit_in_two_groups" => {
            ("Enheten hör redan till en grupp.", "The unit is in a group already.")
        }
        "handover_not_signed" => (
            "Chefen har en påbörjad överlämning av enheten. Den ska signeras av båda först.",
            "The manager has begun to hand the unit over. Both must sign that first.",
        ),
        "hands_over_to_oneself" => {
            ("Ingen kan lämna över till sig själv.", "Nobody hands over to oneself.")
        }
        "unit_not_yours" => {
            ("Enheten är inte din att lämna över.", "The unit is not yours to hand over.")
        }
        "stands_in_for_oneself" => {
            ("Ingen kan stå i för sig själv.", "Nobody can stand in for oneself.")
        }
        "role_for_people" => (
            "En maskin kan inte ha den rollen, bara intake och analyst.",
            "A machine cannot hold that role, only intake and analyst.",
        ),
        "admin_by_group" => (
            "Ingen blir administratör genom en grupp. Ge behörigheten till personen.",
            "Nobody becomes an administrator by a group. Give the grant to the person.",
        ),
        "law_outside_role" => (
            "Rollen har inget med den lagen att göra.",
            "The role has nothing to do with that law.",
        ),
        "staff_and_identity" => (
            "Ange antingen staff eller issuer och subject.",
            "Give either staff, or issuer and subject.",
        ),
        "not_a_top_code" => (
            "Koden har en överordnad kod: filtrera på kategori i stället.",
            "The code has a parent: filter by category.",
        ),
        "year_and_months" => (
            "Ange antingen ett år, eller en första och en sista månad.",
            "Give either a year, or a first and a last month.",
        ),
        "area_and_unit" => (
            "Ange antingen ett område eller en enhet, en gång.",
            "Give either an area or a unit, once.",
        ),
        "years_not_consecutive" => {
            ("Ange år som följer på varandra.", "Give years that follow each other.")
        }
        "two_years" => (
            "Månaderna måste ligga i samma år: dela uppgiften vid årsskiftet.",
            "The months must lie in one year: split the figure at the turn of the year.",
        ),
        "month_not_over" => {
            ("Den sista månaden är inte slut ännu.", "The last month is not over yet.")
        }
        "not_whole" => ("Det ska vara ett helt tal.", "That must be a whole number."),
        "covered_elsewhere" => (
            "En enhet över eller under den här har redan en uppgift för samma månader: en enhets uppgift gäller också enheterna under den.",
            "A unit above or below this one has a figure for the same months already: that of a unit is also about the units below it.",
        ),
        "more_signed_than_due" => (
            "Fler doser är signerade än som skulle signeras.",
            "More doses are signed than were to be signed.",
        ),
        "outside_your_units" => (
            "Enheten hör inte till dem du ansvarar för.",
            "The unit is not one of those you answer for.",
        ),
        "not_csv" => (
            "Filen är inte CSV i UTF-8 med semikolon mellan fälten.",
            "The file is not CSV in UTF-8 with semicolons between the fields.",
        ),
        "wrong_number_of_fields" => (
            "Raden har inte lika många fält som rubrikraden.",
            "The line has not as many fields as the line of headings.",
        ),
        "too_many_lines" => ("Filen har för många rader.", "The file has too many lines."),
        "unknown_question" => (
            "Ingen fråga heter så. Svaret sparas som det är. Se /api/v1/forms.",
            "There is no such question. The answer is kept as it is. See /api/v1/forms.",
        ),
        "unknown_option" => (
            "Svaret är inget av alternativen. Det sparas som det är men räknas inte.",
            "The answer is none of the options. It is kept as it is and not counted.",
        ),
        "question_not_shown" => (
            "Frågan hör inte till kategorin eller till de andra svaren. Svaret sparas ändå.",
            "The question does not belong to the category or to the other answers. It is kept anyway.",
        ),
        "dimension_needs_mentions" => (
            "Ett ärende kan ha flera värden där: räkna omnämnanden (of=mentions).",
            "A case may have several values there: give of=mentions.",
        ),
        "declared_type_differs" => (
            "Filen är något annat än den angavs vara. Innehållet gäller.",
            "The file is something else than was declared. Its content counts.",
        ),
        "too_many_attachments" => {
            ("Ett ärende har högst 20 bilagor.", "A case has at most 20 attachments.")
        }
        "attachments_too_large" => (
            "Ett ärendes bilagor får vara högst 100 MiB tillsammans.",
            "The attachments of a case hold at most 100 MiB together.",
        ),
        "receipt_mistyped" => (
            "Någon siffra i koden är fel. Jämför med den du sparade.",
            "A digit of the code is wrong. Compare it with the one you saved.",
        ),
        "file_damaged" => ("Filen är skadad.", "The file is damaged."),
        "file_has_macros" => (
            "Dokumentet innehåller makron. Spara det utan.",
            "The document holds macros. Save it without.",
        ),
        "file_encrypted" => (
            "Filen är krypterad. Spara den utan lösenord.",
            "The file is encrypted. Save it without a password.",
        ),
        "file_unpacks_to_too_much" => (
            "Filen är orimligt stor när den packas upp.",
            "The file is out of proportion when it is unpacked.",
        ),
        "file_metadata_not_removable" => (
            "Uppgifter om plats och tid kan inte tas bort ur bilden. Skicka den som JPEG.",
            "What the image says of place and time cannot be taken out. Send it as JPEG.",
        ),
        "escalation_open" => (
            "Lex Maria eller lex Sarah pågår för ärendet. Avsluta den först: sålla bort, besluta eller avsluta.",
            "Lex Maria or lex Sarah is open beside the case. End that first: screen it out, decide or close it.",
        ),
        "escalation_open_already" => (
            "Det finns redan en öppen av samma slag för ärendet.",
            "The case has an open one of the same kind already.",
        ),
        "case_is_void" => (
            "Ärendet är makulerat: vid sidan av det väcks inget.",
            "The case is void: nothing is raised beside it.",
        ),
        "draft_raises_nothing" => (
            "Det här är ett utkast. Kryssa i lex Sarah där; rapporten går i väg när du skickar in.",
            "This is a draft. Set lex_sarah there; the report goes when it is handed in.",
        ),
        "over_a_year_ago" => {
            ("Tidpunkten ligger mer än ett år tillbaka.", "The time is more than a year ago.")
        }
        "flagged_for_lex" => (
            "Bedömningen väcker en lex-fråga: gör den som granskning, så att någon kan svara.",
            "The assessment raises a lex question: give it as a triage, so that somebody can answer.",
        ),
        "lex_sarah_only_for_avvikelse" => (
            "Bara en avvikelse rapporteras enligt lex Sarah.",
            "Only an avvikelse is reported under lex Sarah.",
        ),
        "riskperson_stands_apart" => (
            "En riskperson är ett eget ärende, aldrig en del av en avvikelse. Se /api/v1/escalations.",
            "A riskperson is a matter of its own, never part of a case. See /api/v1/escalations.",
        ),
        "law_not_of_case" => {
            ("Ärendet hör inte till det lagrummet.", "The case does not fall under that law.")
        }
        "report_only_of_lex_sarah" => {
            ("Bara lex Sarah rapporteras.", "Only lex Sarah is reported.")
        }
        "nothing_proposed" => {
            ("Det finns inget förslag att besluta om.", "Nothing has been proposed yet.")
        }
        "notified_without_test" => (
            "En anmälan förutsätter att något av kriterierna i PSL 1 kap. 5 § är uppfyllt.",
            "A notification presupposes one of the criteria of PSL 1 kap. 5 §.",
        ),
        "patient_not_asked" => (
            "Patientens egen beskrivning är inte efterfrågad i utredningen.",
            "The investigation does not say that the patient was asked.",
        ),
        "vardskada_not_judged" => (
            "Ingen har bedömt om det var en vårdskada.",
            "Nobody has judged whether it was a vårdskada.",
        ),
        "protection_not_answered" => (
            "Ange först vad som gjordes genast för att skydda den enskilde, eller varför inget behövdes.",
            "First say what was done at once to protect the person, or why nothing was needed.",
        ),
        "investigator_criticised" => {
            ("Den som kritiseras utreder inte.", "Nobody who is criticised investigates.")
        }
        "degree_not_decided" => {
            ("Allvarlighetsgraden är inte beslutad.", "The degree is not decided.")
        }
        "degree_decided" => {
            ("Allvarlighetsgraden är redan beslutad.", "The degree is decided already.")
        }
        "degree_not_notified" => (
            "Bara ett allvarligt missförhållande, eller en påtaglig risk för ett, anmäls.",
            "Only serious misconduct, or a palpable risk of it, is notified.",
        ),
        "to_be_notified" => {
            ("Det ska anmälas till IVO först.", "It is to be notified to IVO first.")
        }
        "not_a_no" => {
            ("Det är inget nej som kan omprövas.", "It is no \"no\" that could be taken up again.")
        }
        "delegation_ended" => {
            ("Delegationen är redan avslutad.", "The delegation is ended already.")
        }
        "requested_or_sent" => {
            ("Ange antingen requested eller sent.", "Give either requested or sent.")
        }
        "received_or_decided" => {
            ("Ange antingen received eller decided.", "Give either received or decided.")
        }
        "not_decided" => (
            "Ingen har beslutat att dokumentet får lämnas ut.",
            "Nobody has decided that the document may leave.",
        ),
        "counterparty_ended" => ("Motparten gäller inte i dag.", "The counterparty is none today."),
        "channel_not_agreed" => (
            "Motparten nås inte på det sättet. Ange det i registret över motparter.",
            "The counterparty is not reached by that way. Enter it in the register of counterparties.",
        ),
        "identity_without_ground" => (
            "Vem det gäller kan inte lämnas ut när dokumentet inte ska gälla någon.",
            "Who it is cannot go along with a document that is about nobody.",
        ),
        "no_identity" => (
            "Ärendet har ingen uppgift om vem det gäller.",
            "The case does not say who it is about.",
        ),
        "not_due" => ("Svarstiden har inte gått ut.", "The time for an answer is not over."),
        "not_reminded_twice" => {
            ("Motparten har inte påmints två gånger.", "The counterparty was not reminded twice.")
        }
        "not_joint" => ("Den är inte gemensam.", "It is not a joint one."),
        "owned_by_other_side" => {
            ("Åtgärden är den andra partens.", "The measure is the other side's.")
        }
        "not_approved" => ("Ingen har godkänt ett svar.", "Nobody has approved an answer."),
        "acknowledges_only" => (
            "Här kvitteras bara. Svaret godkänns och lämnas sedan.",
            "This acknowledges only. An answer is approved and leaves later.",
        ),
        "goes_back" => (
            "Det som går tillbaka till avsändaren behöver inget beslut och ingen annan motpart.",
            "What goes back to the sender needs no decision and no other counterparty.",
        ),
        "not_an_hsa_id" => (
            "Det är inget HSA-id: SE, tio siffror, bindestreck och upp till arton tecken.",
            "That is no HSA-id: SE, ten digits, a hyphen and up to eighteen characters.",
        ),
        "not_an_address" => ("Det är ingen e-postadress.", "That is no e-mail address."),
        "not_for_sending" => (
            "Så skickas inget: ange portal, post, sdk eller machine.",
            "Nothing is sent so: give portal, post, sdk or machine.",
        ),
        "channel_without_address" => (
            "Det sättet saknar en adress: postadress, SDK-adress eller e-postadress.",
            "That way has no address: a postal, an SDK or an e-mail address.",
        ),
        "report_or_oral" => ("Ange antingen report eller oral.", "Give either report or oral."),
        "only_riskperson_here" => (
            "Här väcks bara riskperson: lex Maria och lex Sarah hör till ett ärende.",
            "Only a riskperson is raised here: lex Maria and lex Sarah belong to a case.",
        ),
        "diary_prefix" => (
            "Diarienumret börjar inte som nämndens serie.",
            "The number does not begin as the board's series does.",
        ),
        "diary_separator" => (
            "Diarienumrets delar skiljs åt på ett annat sätt.",
            "The parts of the number are set apart otherwise.",
        ),
        "diary_year" => {
            ("Diarienumrets år ska ha fyra siffror.", "The year of the number has four digits.")
        }
        "diary_year_ahead" => {
            ("Diarienumrets år har inte börjat.", "The year of the number has not begun.")
        }
        "diary_digits" => (
            "Diarienumrets löpnummer har fel antal siffror, eller bara nollor.",
            "The running number has the wrong number of digits, or zeros alone.",
        ),
        "diary_ending" => ("Efter diarienumret står något mer.", "Something follows the number."),
        "diary_pattern" => (
            "Mönstret ska innehålla {number} en gång och {year} högst en gång, åtskilda av annat än siffror.",
            "The pattern holds {number} once and {year} at most once, set apart by something else than digits.",
        ),
        "publication_switched_off" => (
            "Publicering är inte påslagen i inställningarna (publishes_answers).",
            "Publishing is not switched on in the settings (publishes_answers).",
        ),
        "only_opinions_are_published" => {
            ("Bara synpunkter och klagomål publiceras.", "Only opinions are published.")
        }
        "survey_given_already" => {
            ("Frågorna är redan besvarade.", "The questions are answered already.")
        }
        "opinion_not_answered" => {
            ("Synpunkten eller klagomålet är inte besvarat.", "The opinion is not answered.")
        }
        "linked_to_avvikelse" => (
            "Ärendet är länkat till en avvikelse och publiceras inte.",
            "The case is linked to an avvikelse and is not published.",
        ),
        "linked_to_lex" => (
            "Lex Maria, lex Sarah eller riskperson finns vid ärendet eller det som länkats: det publiceras inte.",
            "Lex Maria, lex Sarah or a riskperson stands beside the case or what is linked: it is not published.",
        ),
        "person_protected" => (
            "Någon i ärendet har skyddade personuppgifter: det publiceras inte.",
            "A person in the case has protected data: it is not published.",
        ),
        "published_already" => (
            "Texten är publicerad. Återkalla den först.",
            "The text is published. Withdraw it first.",
        ),
        "publication_is_no_draft" => {
            ("Det finns inget utkast att godkänna.", "There is no draft to approve.")
        }
        "publication_is_ones_own" => (
            "Någon annan än den som skrev texten godkänner den.",
            "Somebody else than who wrote the text approves it.",
        ),
        "publication_is_withdrawn" => {
            ("Texten är redan återkallad.", "The text is withdrawn already.")
        }
        "only_of_opinions" => (
            "Bara synpunkter och klagomål har patientnämndens kategori.",
            "Only opinions have a category of the patientnämnd.",
        ),
        "anonymous_sender_not_kept" => (
            "Den som lämnade det vill vara anonym: inga uppgifter om personen sparas.",
            "The sender wants to stay unknown: nothing of them is kept.",
        ),
        "evidence_of_nothing" => (
            "Ange först för vem eller som vad personen talar.",
            "First say by which right they speak for somebody.",
        ),
        "day_in_future" => ("Dagen har inte varit än.", "That day has not come yet."),
        "opinion_of_draft" => (
            "Ett utkast har inga uppgifter om den som lämnat något: lämna in det först.",
            "A draft has no sender: hand it in first.",
        ),
        "opinion_of_avvikelse" | "ending_of_an_opinion" => (
            "Det gäller bara synpunkter och klagomål.",
            "That is of synpunkter and klagomål alone.",
        ),
        "use_opinion_assign" => (
            "Fördela synpunkten eller klagomålet med /opinion/assign.",
            "Give an opinion to somebody with /opinion/assign.",
        ),
        "use_opinion_investigate" => (
            "Börja utreda med /opinion/investigate: de två frågorna besvaras där.",
            "Begin with /opinion/investigate: the two gates are answered there.",
        ),
        "use_opinion_answer" => (
            "En synpunkt eller ett klagomål besvaras med /opinion/answer.",
            "An opinion is answered with /opinion/answer.",
        ),
        "use_opinion_spin_off" => (
            "Den som lämnade det ska få ett svar: gör en avvikelse av det med /opinion/spin_off.",
            "Its sender is owed an answer: make an avvikelse of it with /opinion/spin_off.",
        ),
        "not_by_hand" => (
            "Så svarar bara motparten själv: ange hur svaret kom till er.",
            "Only the counterparty answers so: say how the answer came to you.",
        ),
        "use_a_named_ending" => (
            "Den som lämnade det ska få ett svar eller veta varför det slutar: avsluta med ett namngivet skäl (/close, ending).",
            "Its sender is owed an answer, or to know why it ends: end it for a named reason (/close, ending).",
        ),
        "original_gives_no_answer" => (
            "Den som lämnade det får sitt svar med originalet: ange en synpunkt eller ett klagomål som är öppet eller besvarat.",
            "Its sender is answered with the original: give a synpunkt or klagomål that is open or answered.",
        ),
        "measures_and_none" => (
            "Ange antingen åtgärder eller att inga behövs.",
            "Give either measures or that there are none.",
        ),
        "sender_is_unknown" => {
            ("Den som lämnade det kan inte nås så.", "The sender cannot be reached that way.")
        }
        "no_receipt" => (
            "Det finns inget kvitto: bara det som lämnats i det öppna formuläret har ett.",
            "There is no receipt: only what came through the public form has one.",
        ),
        "avvikelse_not_spun_off" => (
            "Det är en avvikelse: gör den med /opinion/spin_off före svaret.",
            "It is an avvikelse: make it with /opinion/spin_off before the answer.",
        ),
        "too_few_attempts" => (
            "Det har inte försökts nog många gånger att nå den som lämnade det.",
            "Nobody has tried often enough to reach the sender.",
        ),
        "klagomal_is_answered" => (
            "Ett klagomål besvaras eller avslutas av annat skäl.",
            "A klagomål is answered, or ends for another reason.",
        ),
        "klagomal_needs_answer_or_ending" => (
            "Ett klagomål avslutas med ett svar, eller med ett angivet skäl i ending.",
            "A klagomål ends with an answer, or with a reason given in ending.",
        ),
        "outcome_not_of_ending" => {
            ("Utfallet går inte ihop med skälet.", "The outcome does not go with the ending.")
        }
        "answered_already" => ("Det är redan besvarat.", "It is answered already."),
        "handler_is_concerned" => (
            "Ärendet gäller personen själv: ge det till någon annan.",
            "It is about that person: give it to somebody else.",
        ),
        "handler_may_not_handle" => (
            "Personen har inte behörighet att handlägga ärendet.",
            "That person may not handle the case.",
        ),
        "names_the_sender" => (
            "Texten röjer vem som lämnade klagomålet: skriv vad som hände.",
            "The text tells who the sender is: write what happened.",
        ),
        "only_the_whole_is_frozen" => (
            "Bara hela verksamhetens rapport låses: en del av den visas som den är nu.",
            "Only the report of the whole is frozen: a part of it is shown as it stands now.",
        ),
        "year_not_ended" => (
            "Året är inte slut: rapporten låses när det är det.",
            "The year has not ended: the report is frozen when it has.",
        ),
        "goal_unanswered" => (
            "Målet eller beslutet från förra året är inte besvarat: svara hur det gick, eller varför ingen vet.",
            "The goal or decision from last year is not answered: say how it went, or why nobody knows.",
        ),
        "period_overlaps" => (
            "En annan uppgift med samma namn och enhet räknar redan en del av dagarna: perioderna läggs ihop, så de får inte överlappa.",
            "Another figure of this name and unit counts some of these days already: periods are added, so they must not overlap.",
        ),
        "noted_already" => (
            "Versionen är redan noterad. En ny version av rapporten noteras för sig.",
            "This version is noted already. A new version of the report is noted by itself.",
        ),
        "report_unchanged" => (
            "Rapporten skulle säga detsamma som den senaste låsta versionen.",
            "The report would say the same as its newest frozen version.",
        ),
        "board_has_this_version" => {
            ("Nämnden har redan fått den här versionen.", "The nämnd has this version already.")
        }
        "board_has_not_met" => (
            "Paragraf och beslut anges när nämnden har sammanträtt.",
            "Paragraph and decisions are given when the nämnd has met.",
        ),
        "goal_of_an_earlier_report" => (
            "Målet sattes i en tidigare rapport: här besvaras det.",
            "The goal was set in an earlier report: here it is answered.",
        ),
        "goal_of_another_year" => (
            "Målet gäller ett annat år, och besvaras i det årets rapport.",
            "The goal is for another year, and is answered in that year's report.",
        ),
        "goal_is_the_boards" => (
            "Det är nämndens beslut: det går att besvara men inte att ändra.",
            "It is the nämnd's decision: it can be answered, not changed.",
        ),
        "period_over_two_years" => (
            "Perioden ska ligga inom ett år: dela den vid årsskiftet.",
            "The period must lie in one year: split it at the turn of the year.",
        ),
        "part_more_than_whole" => (
            "Antalet är större än det antal det är en del av.",
            "The number is more than what it is a part of.",
        ),
        "count_and_percent" => (
            "Ange antal eller andel i procent, inte båda.",
            "Give a number or a share in per cent, not both.",
        ),
        "sharing_not_agreed" => (
            "Båda parter behöver ha kommit överens om att rapporter delas: utföraren som delar och nämnden som köper vården.",
            "Both ends must have agreed that reports are shared: the provider who shares and the nämnd that buys the care.",
        ),
        "text_not_confirmed" => (
            "Texten är inte bekräftad för publicering och utelämnas ur den publika versionen.",
            "The text is not confirmed for publication, and left out of the public version.",
        ),
        "text_is_not_confirmed" => (
            "Texten är inte bekräftad för publicering.",
            "The text is not confirmed for publication.",
        ),
        "text_holds_personal_number" => (
            "Texten innehåller ett personnummer och kan inte publiceras. Öppna rapporten och ta bort det.",
            "The text holds a personal identity number and cannot be published. Open the report and take it out.",
        ),
        "text_holds_initials" => (
            "Texten innehåller något som ser ut som initialer. Bekräfta att du har sett det.",
            "The text holds what looks like initials. Acknowledge that you have seen it.",
        ),
        "text_names_staff" => (
            "Texten nämner någon i personalen vid namn. Bekräfta att du har sett det.",
            "The text names somebody of the staff. Acknowledge that you have seen it.",
        ),
        "text_names_small_unit" => (
            "Texten nämner en liten enhet tillsammans med ett tal. Bekräfta att du har sett det.",
            "The text names a small unit beside a number. Acknowledge that you have seen it.",
        ),
        "figures_changed" => (
            "Siffrorna i tabellen har ändrats sedan de visades. Läs sammanställningen igen innan du signerar.",
            "The figures of this table have changed since they were shown. Read the review again before you sign.",
        ),
        "figures_not_shown" => (
            "Läs sammanställningen med dess siffror och ange den ETag som du fick: signaturen gäller det du har sett.",
            "Read the review with its figures and give the ETag you got: a signature is for what you have seen.",
        ),
        "year_before_any_data" => (
            "Verksamheten har inga uppgifter från så tidigt: rapporten för det året kan inte låsas här.",
            "The tenant has no data from so early: the report of that year cannot be frozen here.",
        ),
        "shared_report_withdrawn" => (
            "Utföraren har tagit tillbaka rapporten: den noteras inte.",
            "The provider has taken the report back: it is not noted.",
        ),
        "file_infected" => ("Filen innehåller skadlig kod.", "The file holds malware."),
        _ => (
            "Värdet går inte ihop med resten av uppgifterna.",
            "The value does not go with the rest.",
        ),
    };
    three(sv, en, sv)
}
