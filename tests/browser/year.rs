//! A whole year of a municipality with its report as it is when the nämnd has it: written by several, established,
//! and out for anybody. The figures are those of `data/askersund-2025`; municipality and words are invented.

use std::path::Path;

use app::Clock as _;
use domain::ids::TenantId;
use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Service};

const SLUG: &str = "mellansjo";
const REPORT: &str = "/api/v1/reports/yearly/2025";

/// What is written under headings. The last is confirmed by nobody, and so is not for everybody.
const WORDS: [(&str, &str); 5] = [
    (
        "summary",
        "Fler avvikelser än året innan är rapporterade. Vi ser det som att fler rapporterar: \
        ökningen finns där vi har övat på det.\n\nÅrets arbete har gällt tre saker:\n\n\
        - fall på natten\n- uteblivna läkemedel\n- vad som händer när någon flyttar mellan vårdgivare",
    ),
    (
        "leadership",
        "Nämnden har det yttersta ansvaret. MAS och SAS går igenom avvikelserna varje månad med \
        verksamhetscheferna, och förvaltningschefen får en sammanställning varje kvartal.",
    ),
    (
        "here_and_now",
        "Varje enhet börjar dagen med en kort avstämning om risker. Hemtjänsten rapporterar mer än \
        förut, sedan planeringen och dokumentationen finns i samma telefon.\n\n\
        - Nattbemanningen sågs över i mars.\n- Larmmattor provas på två enheter.",
    ),
    (
        "learning",
        "Sju lärkort har tagits upp på arbetsplatsträffarna. Halvårssammanställningarna visar att \
        åtgärderna oftare följs upp än för ett år sedan.",
    ),
    ("cooperation", "Vårdcentralen och kommunen träffas en gång i månaden om utskrivningarna."),
];

/// How it went with a goal: whether it was reached, and in words.
type Went = (&'static str, &'static str);

/// Goals: under which heading, what, and how it went with those of the year before.
const GOALS: [(&str, &str, Option<Went>); 5] = [
    (
        "reliable_processes",
        "Alla fall på natten följs upp av teamet inom en vecka.",
        Some(("partly", "Fyra av sju enheter gör det.")),
    ),
    (
        "reliable_processes",
        "Varje enhet går igenom sina avvikelser varje månad.",
        Some(("yes", "Alla enheter har gjort det sedan april.")),
    ),
    (
        "patient_as_partner",
        "Den som har drabbats får frågan hur det var.",
        Some(("not_followed_up", "Mätningen började först i november.")),
    ),
    ("reliable_processes", "Uteblivna läkemedel ska bli färre än 300.", None),
    ("here_and_now", "Larmmattor på alla särskilda boenden före sommaren.", None),
];

/// The imported year.
fn imported(service: &Service) -> TenantId {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/askersund-2025");
    let seed = || uuid::Uuid::new_v4().as_u64_pair().1;
    let (store, now, id) = (&service.app.store, service.clock.now(), &uuid::Uuid::now_v7);
    let name = Some("Mellansjö kommun");
    let work = app::transfer::import(store, SLUG, name, &dir, now, id, &seed, &|_| ());
    service.run(work).expect("imports");
    service.run(store.tenant_by_slug(SLUG)).expect("a tenant").id
}

fn write(service: &Service, tenant: TenantId, mas: &Client) {
    for (section, text) in WORDS {
        let section = format!("{REPORT}/sections/{section}");
        mas.put(&section, json!({ "text": text })).expect(200);
    }
    for (section, text, answer) in GOALS {
        let year = if answer.is_some() { 2025 } else { 2026 };
        let goal = json!({"section": section, "text": text, "year": year});
        let goal = mas.post(&format!("{REPORT}/goals"), goal).expect(201);
        if let Some((reached, text)) = answer {
            let path = goal.header("location").expect("a location");
            let answer = json!({"answer": {"reached": reached, "text": text}});
            mas.with("if-match", &goal.etag()).put(path, answer).expect(200);
        }
    }
    let units = mas.get("/api/v1/units").expect(200).json()["items"].clone();
    let mut units = units.as_array().expect("units").iter();
    let unit = units.find(|it| it["name"] == "Smedsgården").expect("the unit")["code"].clone();
    let code = unit.as_str().expect("a code");
    for figure in [
        json!({"name": "Signerade insatser", "from": "2025-01-01", "to": "2025-12-31",
            "percent": 97.7, "source": "Signeringslistorna"}),
        json!({"name": "Narkotikakontroller", "unit": unit, "from": "2025-01-01", "to": "2025-12-31",
            "value": 128, "of": 156, "source": "Kontrollboken"}),
    ] {
        mas.post("/api/v1/own-figures", figure).expect(201);
    }
    let asked = json!({"units": [unit], "due_on": "2026-02-20"});
    mas.post(&format!("{REPORT}/sections/learning/paragraphs"), asked).expect(201);
    let of = (SLUG, tenant);
    let chef = service.holder(of, "Enhetschefen, Smedsgården", Role::UnitManager, &[code], &[]);
    let asked = chef.get(&format!("{REPORT}/paragraphs")).expect(200).json()["items"].clone();
    let path = format!("{REPORT}/paragraphs/{}", asked[0]["id"].as_str().expect("an id"));
    let text = "Vi har flyttat kvällsrundan en timme. Sedan dess faller färre på väg till sängen.";
    chef.with("if-match", "\"1\"").put(&path, json!({ "text": text })).expect(200);
}

/// Locks, checks and establishes it, and lets out all of its words but the last.
fn establish(mas: &Client, director: &Client) {
    let command = |client: &Client, command: &str, body: Value| {
        let tag = mas.get(&format!("{REPORT}/draft")).expect(200).etag();
        client.with("if-match", &tag).post(&format!("{REPORT}/{command}"), body).expect(200);
    };
    command(mas, "lock", json!({}));
    let texts = mas.get(&format!("{REPORT}/texts")).expect(200).json()["items"].clone();
    for text in texts.as_array().expect("texts") {
        if text["text"] == WORDS[WORDS.len() - 1].1 {
            continue;
        }
        let found = text["found"].as_array().expect("signs").iter();
        let signs: Vec<_> = found.map(|it| it["sign"].clone()).collect();
        let path = format!("{REPORT}/texts/{}/confirm", text["id"].as_str().expect("an id"));
        mas.post(&path, json!({ "acknowledged": signs })).expect(200);
    }
    command(mas, "check", json!({}));
    let body = json!({"on": "2026-02-16", "capacity": "vardgivare", "reference": "VN § 12"});
    command(director, "establish", body);
}

/// Makes all of it, and gives what the case looks for.
pub fn year(service: &Service, _: TenantId) -> Value {
    let now = service.clock.now();
    service.clock.set("2026-02-16T08:00:00Z".parse().expect("a time"));
    let tenant = imported(service);
    let mas = service.holder((SLUG, tenant), "MAS", Role::Mas, &[], &[]);
    let director = service.holder((SLUG, tenant), "Förvaltningschefen", Role::Director, &[], &[]);
    write(service, tenant, &mas);
    establish(&mas, &director);
    service.clock.set(now);
    let last = WORDS.len() - 1;
    let confirmed: Vec<&str> = WORDS[..last].iter().map(|it| first_line(it.1)).collect();
    json!({"mas": service.token(SLUG, "MAS"), "slug": SLUG, "confirmed": confirmed,
        "unconfirmed": first_line(WORDS[last].1), "goals": GOALS.map(|(_, text, _)| text),
        "paragraph": "Vi har flyttat kvällsrundan en timme.", "own": "Signerade insatser"})
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
