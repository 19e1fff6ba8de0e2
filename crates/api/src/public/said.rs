//! What the pages say, in Swedish, English and easy Swedish.

use pages::Say;

pub const OPINION: Say = Say(
    "Lämna en synpunkt eller ett klagomål",
    "Leave an opinion or a complaint",
    "Säg vad du tycker",
);
pub const OPINION_ABOUT: Say = Say(
    "Berätta vad som var bra eller dåligt i vården och omsorgen, eller vad du vill att vi ändrar. Du behöver inte logga in och inte säga vem du är.",
    "Tell us what was good or bad in the care, or what you want us to change. You need not log in, and need not say who you are.",
    "Berätta vad som är bra eller dåligt i vården och omsorgen. Du behöver inte logga in. Du behöver inte säga vem du är.",
);
pub const URGENT: Say = Say(
    "Är det bråttom? Ring 112 vid fara för liv. Det du skriver här läses på vardagar.",
    "Is it urgent? Call 112 when life is in danger. What you write here is read on weekdays.",
    "Är det bråttom? Ring 112 om någon är i fara. Vi läser det du skriver på vardagar.",
);
pub const PRIVACY: Say = Say(
    "Vi sparar inte varifrån du skickar: varken IP-adress eller uppgifter om din telefon eller dator. Det du skriver blir en allmän handling; det som är känsligt skyddas av sekretess.",
    "We do not keep where you send from: neither your IP address nor anything about your phone or computer. What you write becomes a public record; what is sensitive in it is protected by secrecy.",
    "Vi sparar inte varifrån du skickar. Vi kan inte se vilken telefon eller dator du har. Det du skriver sparas hos kommunen. Det som är känsligt är hemligt.",
);
pub const FOLLOW: Say = Say(
    "Följ något du redan har lämnat",
    "Follow something you have left",
    "Se vad som händer med det du har skrivit",
);

pub const WHAT: Say = Say("Vad vill du lämna?", "What do you want to leave?", "Vad vill du göra?");
pub const COMPLAINT: Say = Say("Klagomål", "Complaint", "Klaga");
pub const COMPLAINT_ABOUT: Say = Say(
    "Något har blivit fel, och du vill ha en förklaring.",
    "Something went wrong, and you want an explanation.",
    "Något blev fel. Du får veta varför.",
);
pub const VIEW: Say = Say("Synpunkt", "Opinion", "Säga vad du tycker");
pub const PROPOSAL: Say = Say("Förslag", "Proposal", "Ge ett förslag");
pub const PRAISE: Say = Say("Beröm", "Praise", "Ge beröm");
pub const TEXT: Say = Say("Berätta", "Tell us", "Skriv här");
pub const TEXT_ABOUT: Say = Say(
    "Vad hände, var och när? Skriv inga personnummer: vi tar bort dem ur texten.",
    "What happened, where and when? Write no personal identity numbers: we take them out of the text.",
    "Vad hände? Var? När? Skriv inga personnummer.",
);
pub const UNIT: Say =
    Say("Vilken verksamhet gäller det?", "Which unit is it about?", "Vilket ställe gäller det?");
pub const UNKNOWN: Say = Say("Vet inte, eller flera", "I do not know, or several", "Jag vet inte");
pub const WHEN: Say = Say("När hände det?", "When did it happen?", "Vilken dag hände det?");
pub const WHEN_ABOUT: Say =
    Say("Hoppa över om du inte vet.", "Leave it out if you do not know.", "Du kan hoppa över.");
pub const FILES: Say = Say("Bilder eller dokument", "Pictures or documents", "Bilder eller papper");
pub const FILES_ABOUT: Say = Say(
    "Högst fem filer och 20 MB tillsammans: bilder, PDF, Word, Excel eller ren text. Uppgifter om plats och kamera tas bort ur bilder. PDF-filer ändras inte: de kan visa vem som har gjort dem.",
    "At most five files and 20 MB together: pictures, PDF, Word, Excel or plain text. Place and camera are taken out of pictures. PDF files are left as they are: they may show who made them.",
    "Högst fem filer. Vi tar bort uppgifter om plats ur bilder. En PDF kan visa vem som har gjort den.",
);
pub const MANAGER: Say = Say(
    "Det gäller chefen för verksamheten, och ska läsas av någon annan",
    "It is about the manager of the unit, and should be read by somebody else",
    "Det gäller chefen. Någon annan ska läsa det",
);
pub const ABOUT_YOU: Say = Say("Om dig", "About you", "Om dig");
pub const ANONYMOUS: Say =
    Say("Vill du vara anonym?", "Do you want to stay anonymous?", "Vill du vara hemlig?");
pub const ANONYMOUS_YES: Say = Say(
    "Ja, jag vill vara anonym",
    "Yes, I want to stay anonymous",
    "Ja, ni ska inte veta vem jag är",
);
pub const ANONYMOUS_YES_ABOUT: Say = Say(
    "Du får en kod som du följer ärendet och läser svaret med. Det du fyller i om dig nedan sparas inte.",
    "You get a code by which you follow the matter and read the answer. What you fill in about yourself below is not kept.",
    "Du får en kod. Med koden kan du läsa svaret. Vi sparar inte vem du är.",
);
pub const ANONYMOUS_NO: Say =
    Say("Nej, ni får veta vem jag är", "No, you may know who I am", "Nej, ni får veta vem jag är");
pub const ANONYMOUS_NO_ABOUT: Say = Say(
    "Du får också en kod. Fyll i hur vi når dig.",
    "You get a code, too. Fill in how to reach you.",
    "Du får också en kod. Skriv hur vi når dig.",
);
pub const ROLE: Say = Say("Vem är du?", "Who are you?", "Vem är du?");
pub const NOT_SAID: Say = Say("Vill inte säga", "I would rather not say", "Jag vill inte säga");
pub const ROLE_USER: Say =
    Say("Jag får vården eller omsorgen", "I receive the care", "Jag får vård eller hjälp");
pub const ROLE_RELATIVE: Say =
    Say("Anhörig eller närstående", "A relative or close to somebody", "Jag är anhörig");
pub const ROLE_GUARDIAN: Say =
    Say("God man eller förvaltare", "A guardian or administrator", "Jag är god man");
pub const ROLE_STAFF: Say = Say("Jag arbetar där", "I work there", "Jag jobbar där");
pub const ROLE_OTHER: Say = Say("Någon annan", "Somebody else", "Någon annan");
pub const SPEAKS: Say = Say(
    "Talar du för någon annan?",
    "Do you speak for somebody else?",
    "Skriver du för någon annan?",
);
pub const SPEAKS_NO: Say = Say("Nej", "No", "Nej");
pub const SPEAKS_GOD_MAN: Say =
    Say("Ja, som god man", "Yes, as a guardian (god man)", "Ja, jag är god man");
pub const SPEAKS_FORVALTARE: Say =
    Say("Ja, som förvaltare", "Yes, as an administrator (förvaltare)", "Ja, jag är förvaltare");
pub const SPEAKS_FULLMAKT: Say =
    Say("Ja, med fullmakt", "Yes, with a power of attorney", "Ja, jag har fullmakt");
pub const SPEAKS_PARENT: Say =
    Say("Ja, som vårdnadshavare", "Yes, as a child's guardian", "Ja, för mitt barn");
pub const SPEAKS_RELATIVE: Say =
    Say("Ja, som närstående", "Yes, as somebody close", "Ja, som anhörig");
pub const SPEAKS_FOR: Say = Say("För vem?", "For whom?", "Vem skriver du för?");
pub const NAME: Say = Say("Namn", "Name", "Ditt namn");
pub const EMAIL: Say = Say("E-post", "E-mail", "E-post");
pub const EMAIL_ABOUT: Say = Say(
    "Vi mejlar att det finns något att läsa, aldrig vad. Tappar du koden kan vi skicka en ny hit.",
    "We mail that there is something to read, never what. If you lose your code we can send a new one here.",
    "Vi mejlar när det finns ett svar. Svaret står inte i mejlet.",
);
pub const PHONE: Say = Say("Telefon", "Telephone", "Telefon");
pub const ADDRESS: Say = Say("Postadress", "Postal address", "Adress");
pub const REACH: Say =
    Say("Hur vill du bli kontaktad?", "How do you want to be reached?", "Hur ska vi kontakta dig?");
pub const ANY: Say = Say("Spelar ingen roll", "It does not matter", "Spelar ingen roll");
pub const LETTER: Say = Say("Brev", "Letter", "Brev");
pub const MEETING: Say = Say("Möte", "Meeting", "Ett möte");
pub const TIME: Say =
    Say("När når vi dig bäst?", "When are you best reached?", "När kan vi ringa?");
pub const INTERPRETER: Say = Say(
    "Tolk? Skriv vilket språk",
    "An interpreter? Write which language",
    "Behöver du tolk? Skriv vilket språk",
);
pub const REPLY: Say =
    Say("Vill du ha svar?", "Do you want a reply?", "Vill du att vi svarar dig?");
pub const YES: Say = Say("Ja", "Yes", "Ja");
pub const NO: Say = Say("Nej", "No", "Nej");
pub const SEND: Say = Say("Skicka", "Send", "Skicka");

pub const NEEDS_WHAT: Say =
    Say("Välj vad du vill lämna", "Choose what you want to leave", "Välj vad du vill göra");
pub const NEEDS_TEXT: Say =
    Say("Berätta vad det gäller", "Tell us what it is about", "Skriv något i rutan");
pub const TOO_LONG: Say = Say(
    "Texten är för lång: högst 20 000 tecken",
    "The text is too long: at most 20,000 characters",
    "Texten är för lång",
);
pub const BAD_EMAIL: Say = Say(
    "E-postadressen är inte en adress, som namn@exempel.se",
    "This is no e-mail address, such as name@example.com",
    "E-postadressen är fel. Den ska se ut så här: namn@exempel.se",
);
pub const BAD_DAY: Say = Say(
    "Dagen ska vara en dag som har varit",
    "The day must be one that has been",
    "Välj en dag som har varit",
);
pub const SEND_AGAIN: Say = Say(
    "Sidan hade varit öppen länge, eller så sparar din webbläsare inte kakor. Det du skrev finns kvar. Skicka en gång till.",
    "The page had been open for long, or your browser keeps no cookies. What you wrote is still here. Send it once more.",
    "Sidan var öppen för länge. Det du skrev finns kvar. Skicka en gång till.",
);
pub const FILES_AGAIN: Say =
    Say("Välj filerna igen.", "Choose the files again.", "Välj filerna igen.");

pub const LEFT: Say =
    Say("Tack! Spara din kod", "Thank you! Save your code", "Tack! Spara din kod");
pub const LEFT_ABOUT: Say = Say(
    "Med koden följer du ärendet, läser svaret och svarar på frågor. Skriv av den eller skriv ut sidan. Den visas bara nu, och vi kan inte ta fram den åt dig.",
    "With the code you follow the matter, read the answer and reply to questions. Write it down or print this page. It is shown only now, and we cannot look it up for you.",
    "Skriv av koden eller skriv ut sidan. Med koden kan du läsa svaret. Du ser koden bara nu.",
);
pub const CODE: Say = Say("Din kod", "Your code", "Din kod");
pub const NUMBER: Say = Say("Ärendets nummer", "Number of the matter", "Nummer");
pub const NOTED: Say = Say(
    "Det här ändrade vi eller kunde inte ta med",
    "This we changed or could not take along",
    "Det här kunde vi inte ta med",
);
pub const FILES_KEPT: Say = Say("Filer som kom med", "Files that came along", "Filer som kom med");
pub const FILES_LOST: Say = Say(
    "En fil kunde inte sparas. Öppna ärendet med koden och lägg till den igen.",
    "A file could not be saved. Open the matter with the code and add it again.",
    "En fil kom inte med. Öppna med koden och försök igen.",
);
pub const SAVED: Say = Say("Jag har sparat koden", "I have saved the code", "Jag har sparat koden");
pub const SAVED_TITLE: Say =
    Say("Tack för att du hörde av dig", "Thank you for telling us", "Tack");
pub const SAVED_ABOUT: Say = Say(
    "Någon läser det du har skrivit. Kom tillbaka hit med koden om några dagar: där står hur det går, om vi har frågor, och svaret.",
    "Somebody reads what you have written. Come back here with the code in some days: you see how it goes, whether we have questions, and the answer.",
    "Någon läser det du har skrivit. Kom tillbaka om några dagar. Använd koden. Då ser du svaret.",
);
pub const TO_STATUS: Say =
    Say("Följ ärendet med koden", "Follow the matter with the code", "Öppna med koden");

pub const OPEN_TITLE: Say = Say("Följ ditt ärende", "Follow your matter", "Se vad som händer");
pub const OPEN_CODE: Say = Say("Skriv din kod", "Write your code", "Skriv din kod");
pub const OPEN_CODE_ABOUT: Say = Say(
    "Sexton siffror, som du fick när du skrev till oss.",
    "Sixteen digits, which you got when you wrote to us.",
    "Sexton siffror.",
);
pub const OPEN: Say = Say("Öppna", "Open", "Öppna");
pub const BAD_CODE: Say = Say(
    "Koden ska ha sexton siffror",
    "The code has sixteen digits",
    "Koden ska ha sexton siffror",
);
pub const MISTYPED: Say = Say(
    "Någon siffra är fel. Jämför med koden du sparade",
    "A digit is wrong. Compare it with the code you saved",
    "En siffra är fel. Titta på koden igen",
);
pub const NO_SUCH_CODE: Say =
    Say("Koden öppnar ingenting här", "The code opens nothing here", "Koden fungerar inte");
pub const LOST: Say = Say("Jag har tappat koden", "I have lost the code", "Jag har tappat koden");
pub const LOST_ABOUT: Say = Say(
    "Skrev du din e-postadress när du lämnade ärendet? Då kan vi skicka en länk till en ny kod. Var du anonym går det inte: då vet ingen vem du är.",
    "Did you give your e-mail address when you left the matter? Then we can send you a link to a new code. If you were anonymous we cannot: nobody knows who you are.",
    "Skrev du din e-post? Då kan du få en ny kod dit. Var du hemlig går det inte.",
);
pub const LOST_SEND: Say = Say("Skicka en ny kod", "Send a new code", "Skicka en ny kod");
pub const LOST_TAKEN: Say = Say(
    "Har något lämnats med den adressen kommer ett mejl med en länk till en ny kod. Länken gäller ett dygn. Den gamla koden gäller tills du öppnar länken.",
    "If something was left with that address, a mail comes with a link to a new code. The link holds for a day. The old code holds until you open the link.",
    "Finns adressen hos oss får du ett mejl. Där finns en länk till en ny kod.",
);
pub const NEW_TITLE: Say = Say("En ny kod", "A new code", "En ny kod");
pub const NEW_ABOUT: Say = Say(
    "När du trycker på knappen visas en ny kod, en enda gång. Den gamla slutar gälla.",
    "When you press the button a new code is shown, once. The old one stops holding.",
    "Tryck på knappen. Då ser du en ny kod. Den gamla slutar fungera.",
);
pub const NEW_SHOW: Say = Say("Visa den nya koden", "Show the new code", "Visa den nya koden");
pub const NEW_SPENT: Say = Say(
    "Länken gäller inte: den är redan använd, eller äldre än ett dygn. Du kan be om en ny.",
    "The link does not hold: it was used, or is older than a day. You can ask for a new one.",
    "Länken fungerar inte längre. Du kan be om en ny.",
);

pub const STATUS: Say = Say("Så här går det", "How it goes", "Så här går det");
pub const RECEIVED: Say = Say("Kom in", "Came in", "Kom in");
pub const DUE: Say =
    Say("Vi räknar med att svara senast", "We expect to answer by", "Du får svar senast");
pub const ANSWER: Say = Say("Svar", "Answer", "Svar");
pub const HAPPENED: Say = Say("Vad som hände", "What happened", "Det här hände");
pub const MEASURES: Say = Say("Vad vi gör åt det", "What we do about it", "Det här gör vi");
pub const NO_MEASURES: Say =
    Say("Inga åtgärder behövs.", "Nothing needs to be done.", "Vi behöver inte göra något.");
pub const NEXT: Say = Say("Om du inte är nöjd", "If you are not content", "Om du inte är nöjd");
pub const GIVEN_LETTER: Say =
    Say("Svaret skickades med brev", "The answer was sent by letter", "Svaret skickades med brev");
pub const GIVEN_SECURE: Say = Say(
    "Svaret skickades som säkert meddelande",
    "The answer was sent as a secure message",
    "Svaret skickades som säkert meddelande",
);
pub const GIVEN_ORAL: Say =
    Say("Svaret gavs muntligt", "The answer was given by mouth", "Någon berättade svaret för dig");
pub const ENDED: Say = Say("Avslutat", "Closed", "Avslutat");
pub const MESSAGES: Say =
    Say("Frågor och meddelanden", "Questions and messages", "Frågor och svar");
pub const FROM_YOU: Say = Say("Du skrev", "You wrote", "Du skrev");
pub const FROM_US: Say = Say("Vi skrev", "We wrote", "Vi skrev");
pub const ASKED: Say = Say("Vi frågade", "We asked", "Vi frågade");
pub const YOURS: Say = Say("Det du lämnade", "What you left", "Det du skrev först");
pub const YOUR_FILES: Say = Say("Dina filer", "Your files", "Dina filer");
pub const REPLY_TITLE: Say = Say("Svara på frågan", "Reply to the question", "Svara på frågan");
pub const ADD_TITLE: Say = Say("Lägg till något", "Add something", "Skriv mer");
pub const MORE: Say = Say("Vad vill du säga?", "What do you want to say?", "Skriv här");
pub const MORE_ABOUT: Say = Say(
    "Skriv inga personnummer.",
    "Write no personal identity numbers.",
    "Skriv inga personnummer.",
);
pub const AGAIN: Say = Say(
    "Jag är inte nöjd, och vill att det tas upp igen",
    "I am not content, and want it taken up again",
    "Jag är inte nöjd. Titta på det igen",
);
pub const NEEDS_MORE: Say = Say(
    "Skriv något, eller välj en fil",
    "Write something, or choose a file",
    "Skriv något eller välj en fil",
);
pub const SAID: Say =
    Say("Tack, det har kommit fram.", "Thank you, it has arrived.", "Tack. Vi har fått det.");
pub const LEAVE_ABOUT: Say = Say(
    "Är du klar på en dator som andra använder? Stäng fönstret, så att ingen kan gå tillbaka hit.",
    "Are you done on a computer that others use? Close the window, so that nobody can go back here.",
    "Stäng fönstret när du är klar.",
);
