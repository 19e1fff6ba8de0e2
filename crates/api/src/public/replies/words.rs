//! The words of the pages: Swedish, English, easy Swedish.

use pages::Say;

pub(super) const TITLE: Say =
    Say("Ärenden att svara på", "Matters to answer", "Ärenden att svara på");
pub(super) const FACTOR_TITLE: Say = Say("Visa vem du är", "Show who you are", "Skriv kodordet");
pub(super) const FACTOR_WHY: Say = Say(
    "Du har fått en länk för att svara på avvikelser. Av sekretesskäl behövs också kodordet som er organisation har fått av oss, eller en engångskod från ett brev eller per telefon.",
    "You have been sent a link to answer reports of deviations. For reasons of secrecy the code word that your organisation was given is needed as well, or a one-time code from a letter or by telephone.",
    "Du har fått en länk. Nu behöver du också ett kodord eller en kod. Kodordet har ni fått av oss.",
);
pub(super) const FACTOR_FIELD: Say =
    Say("Kodord eller engångskod", "Code word or one-time code", "Kodord eller kod");
pub(super) const FACTOR_HINT: Say = Say(
    "Stora och små bokstäver spelar ingen roll. Efter fem fel i rad slutar länken att gälla.",
    "Capitals do not matter. After five wrong ones in a row the link stops working.",
    "Stora och små bokstäver är lika bra. Efter fem fel slutar länken att fungera.",
);
pub(super) const GO_ON: Say = Say("Fortsätt", "Go on", "Fortsätt");
pub(super) const KEPT: Say = Say(
    "Du var borta länge. Det du skrev finns kvar och skickas när du har visat kodordet igen.",
    "You were away for long. What you wrote is kept, and is sent when you have shown the code word again.",
    "Du var borta länge. Det du skrev finns kvar. Skriv kodordet igen.",
);
pub(super) const LETTER_TITLE: Say =
    Say("Svara på ett brev", "Answer a letter", "Svara på ett brev");
pub(super) const LETTER_WHY: Say = Say(
    "Skriv koden som står i brevet. Den gäller en gång, och för det som brevet handlar om.",
    "Type the code that stands in the letter. It is good for one use, and for what the letter is about.",
    "Skriv koden som står i brevet. Den fungerar en gång.",
);
pub(super) const LETTER_FIELD: Say = Say("Kod i brevet", "Code in the letter", "Kod i brevet");
pub(super) const LETTER_HINT: Say = Say(
    "Sexton tecken i grupper om fyra. Mellanrum behöver du inte skriva.",
    "Sixteen signs in groups of four. You need not type the spaces.",
    "Sexton tecken. Mellanrum behövs inte.",
);
pub(super) const GONE_TITLE: Say =
    Say("Länken gäller inte längre", "The link works no more", "Länken fungerar inte längre");
pub(super) const GONE_WHY: Say = Say(
    "Den kan ha gått ut, redan använts, ersatts av en ny eller dragits tillbaka av avsändaren. Ingenting du har skickat har gått förlorat.",
    "It may be over, used, replaced by a newer one or taken back by the sender. Nothing that you have sent is lost.",
    "Den kan vara för gammal eller använd. Eller så har avsändaren tagit bort den. Det du har skickat finns kvar.",
);
pub(super) const GONE_DO: Say = Say(
    "Om något väntar på ert svar kommer en ny länk med nästa mejl. Ring annars avsändaren och be om en ny.",
    "If something waits for your answer, the next mail brings a new link. Or telephone the sender and ask for one.",
    "Om något väntar på svar får ni en ny länk med nästa mejl. Ni kan också ringa och be om en ny.",
);
pub(super) const FOR_WHOM: Say = Say("Du svarar för", "You answer for", "Du svarar för");
pub(super) const OPEN: Say = Say("Väntar på svar", "Waiting for an answer", "Väntar på svar");
pub(super) const NOTHING_OPEN: Say = Say(
    "Ingenting väntar på svar just nu.",
    "Nothing waits for an answer right now.",
    "Inget väntar på svar nu.",
);
pub(super) const HOW: Say = Say(
    "Fyll i svar för dem du kan svara på nu och skicka alla på en gång. Ett kort svar räcker.",
    "Fill in answers for those that you can answer now, and send them all at once. A short answer is enough.",
    "Svara på dem du kan svara på nu. Skicka sedan alla på en gång. Ett kort svar räcker.",
);
pub(super) const ANSWERED: Say = Say("Besvarade", "Answered", "Besvarade");
pub(super) const SAVED: Say = Say("Sparade svar", "Answers saved", "Sparade svar");
pub(super) const DONE: Say = Say("Det är skickat.", "It is sent.", "Det är skickat.");
pub(super) const HANDED_OVER: Say = Say(
    "Kollegan är registrerad och får en egen länk med nästa mejl. Tala om kodordet för kollegan.",
    "The colleague is registered and gets a link of their own with the next mail. Tell them the code word.",
    "Din kollega får en egen länk. Berätta kodordet för din kollega.",
);
pub(super) const SENT_ON: Say = Say("Skickat", "Sent", "Skickat");
pub(super) const DUE_ON: Say = Say("Svar önskas senast", "Answer wanted by", "Svara senast");
pub(super) const EXPECTED_ON: Say =
    Say("Ni har lovat svar", "You promised an answer", "Ni har lovat svar");
pub(super) const ANSWERED_ON: Say = Say("Besvarat", "Answered", "Besvarat");
pub(super) const EVENT_ON: Say = Say("Hände", "Happened", "Hände");
pub(super) const UNIT: Say = Say("Enhet hos er", "Unit of yours", "Enhet hos er");
pub(super) const IDENTITY: Say = Say("Gäller person", "About the person", "Handlar om personen");
pub(super) const QUESTION: Say = Say("Vår fråga", "Our question", "Vår fråga");
pub(super) const SAID: Say = Say("Tidigare kontakt", "Earlier contact", "Tidigare kontakt");
pub(super) const US: Say = Say("Avsändaren", "The sender", "Avsändaren");
pub(super) const THEM: Say = Say("Ni", "You", "Ni");
pub(super) const ASKED: Say = Say(
    "Avsändaren frågar er något",
    "The sender asks you something",
    "Avsändaren frågar er något",
);
pub(super) const SHORT: Say = Say("Kort svar", "Short answer", "Kort svar");
pub(super) const NOT_NOW: Say = Say("Inget svar nu", "No answer now", "Inget svar nu");
pub(super) const RECEIVED: Say = Say("Mottaget", "Received", "Vi har fått det");
pub(super) const INVESTIGATING: Say = Say("Utreds", "Being looked into", "Vi utreder");
pub(super) const INVESTIGATING_HINT: Say =
    Say("Ange till vilken dag.", "Give the day until which.", "Skriv vilken dag ni svarar.");
pub(super) const NOT_OURS: Say = Say("Inte vårt", "Not ours", "Inte vårt");
pub(super) const NOT_OURS_HINT: Say =
    Say("Ange vems det är.", "Say whose it is.", "Skriv vem som ska ha det.");
pub(super) const FINISHED: Say = Say("Klart", "Done", "Klart");
pub(super) const UNTIL: Say = Say("Utreds till", "Looked into until", "Vi svarar senast");
pub(super) const WHOM: Say = Say("Vems det är", "Whose it is", "Vem som ska ha det");
pub(super) const TEXT: Say = Say("Svar med ord", "Answer in words", "Svar med ord");
pub(super) const TEXT_HINT: Say = Say(
    "Vad ni har sett och vad ni gör. Skriv inget personnummer.",
    "What you found and what you do. Write no personal identity number.",
    "Skriv vad ni har sett och vad ni gör. Skriv inget personnummer.",
);
pub(super) const NUMBER: Say = Say("Ert diarienummer", "Your own reference", "Ert diarienummer");
pub(super) const SEND: Say = Say("Skicka svaren", "Send the answers", "Skicka svaren");
pub(super) const SEND_ONE: Say = Say("Skicka svaret", "Send the answer", "Skicka svaret");
pub(super) const MORE: Say = Say(
    "Fråga tillbaka, bifoga fil eller skriv ut",
    "Ask back, attach a file or print",
    "Fråga, skicka fil eller skriv ut",
);
pub(super) const ASK: Say = Say("Fråga tillbaka", "Ask back", "Fråga tillbaka");
pub(super) const ASK_FIELD: Say = Say("Er fråga", "Your question", "Er fråga");
pub(super) const ASK_SEND: Say = Say("Skicka frågan", "Send the question", "Skicka frågan");
pub(super) const PRINT: Say = Say(
    "Sidan är gjord för att skrivas ut: formulären kommer inte med.",
    "This page is made to be printed: the forms are left out.",
    "Du kan skriva ut sidan.",
);
pub(super) const BACK: Say = Say("Till alla ärenden", "To all matters", "Till alla ärenden");
pub(super) const HAND_OVER: Say =
    Say("Lämna över till en kollega", "Hand over to a colleague", "Lämna över till en kollega");
pub(super) const HAND_OVER_WHY: Say = Say(
    "Kollegan får mejl och en egen länk, och behöver samma kodord. Adressen ska höra till er organisation. Avsändaren får veta det.",
    "The colleague gets mails and a link of their own, and needs the same code word. The address must be of your organisation. The sender is told.",
    "Din kollega får en egen länk och behöver samma kodord. Avsändaren får veta det.",
);
pub(super) const EMAIL: Say =
    Say("Kollegans e-postadress", "The colleague's e-mail address", "Kollegans e-post");
pub(super) const NAME: Say = Say("Namn eller funktion", "Name or function", "Namn eller funktion");
pub(super) const HAND_OVER_SEND: Say = Say("Lämna över", "Hand over", "Lämna över");
pub(super) const LEAVE: Say = Say("Logga ut", "Leave", "Logga ut");
pub(super) const ENDS: Say =
    Say("Du är inloggad till", "You are logged in until", "Du är inloggad till");
pub(super) const OLD: Say = Say(
    "Sidan hade legat öppen för länge. Skicka en gång till.",
    "The page had lain open for too long. Send it once more.",
    "Sidan var öppen för länge. Skicka en gång till.",
);
pub(super) const CHOOSE: Say = Say(
    "Välj ett kort svar, så att texten kan skickas.",
    "Choose a short answer, so that the text can be sent.",
    "Välj ett kort svar först.",
);
pub(super) const NO_DAY: Say =
    Say("Ange en dag som ÅÅÅÅ-MM-DD.", "Give a day as YYYY-MM-DD.", "Skriv en dag som ÅÅÅÅ-MM-DD.");
pub(super) const TOO_LATE: Say = Say(
    "Ärendet tar inte emot det längre.",
    "The matter takes that no more.",
    "Det går inte längre.",
);
pub(super) const FILES: Say = Say("Bifogade filer", "Attached files", "Filer");
pub(super) const ATTACH: Say = Say("Bifoga fil", "Attach a file", "Skicka en fil");
pub(super) const FILE: Say = Say("Fil", "File", "Fil");
pub(super) const ATTACH_HINT: Say = Say(
    "Bild, PDF, Word, Excel, OpenDocument eller text, högst 20 MB. Uppgifter om plats och upphov tas bort, men inte ur PDF.",
    "A picture, PDF, Word, Excel, OpenDocument or text, at most 20 MB. Data on place and author are taken out, but not of PDF.",
    "Bild, PDF, Word, Excel eller text. Högst 20 MB.",
);
pub(super) const ATTACH_SEND: Say = Say("Skicka filen", "Send the file", "Skicka filen");
pub(super) const NO_FILE: Say = Say("Välj en fil.", "Choose a file.", "Välj en fil.");
pub(super) const FILE_KIND: Say = Say(
    "Den sortens fil tas inte emot.",
    "That kind of file is not taken.",
    "Den sortens fil går inte att skicka.",
);
