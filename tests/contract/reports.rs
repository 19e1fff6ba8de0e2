//! The report of a year, as it is written, frozen and shared.

use domain::organisation::Role;
use serde_json::{Value, json};
use testkit::{Client, Service};

use super::Holder;

const REPORT: &str = "/api/v1/reports/yearly/2025";

fn tag(client: &Client) -> Client {
    client.with("if-match", &client.get(&format!("{REPORT}/draft")).expect(200).etag())
}

pub(super) fn reports(hold: &mut Holder<'_>, service: &Service, of: (&str, domain::ids::TenantId)) {
    let mas = &service.holder(of, "mas-report", Role::Mas, &[], &[]);
    let director = &service.holder(of, "director", Role::Director, &[], &[]);
    hold.get(mas, "/api/v1/reports/yearly").expect(200);
    hold.get(mas, &format!("{REPORT}?version=1")).expect(404);
    let put = |hold: &mut Holder<'_>, client: &Client, path: &str, body: Value, status: u16| {
        let answer = client.put(path, body);
        hold.hold("PUT", path, &answer);
        answer.expect(status)
    };
    let section = format!("{REPORT}/sections/leadership");
    let written = put(hold, mas, &section, json!({"text": "Mål"}), 200);
    let again = &mas.with("if-match", &written.etag());
    put(hold, again, &section, json!({"text": "Om 640823-3234."}), 422);
    let ask = json!({"units": ["gran"], "due_on": "2026-04-01"});
    let asked = hold.post(mas, &format!("{section}/paragraphs"), ask).expect(201).json();
    hold.post(mas, &format!("{section}/paragraphs"), json!({"units": ["x"]})).expect(422);
    hold.get(mas, &format!("{REPORT}/paragraphs")).expect(200);
    let one = format!("{REPORT}/paragraphs/{}", asked["items"][0]["id"].as_str().expect("an id"));
    put(hold, &mas.with("if-match", "\"1\""), &one, json!({"text": "x"}), 200);
    let goal = json!({"section": "learning", "text": "x", "year": 2025});
    let goal = hold.post(mas, &format!("{REPORT}/goals"), goal).expect(201);
    hold.post(mas, &format!("{REPORT}/goals"), json!({"section": "x", "text": "x"})).expect(422);
    let at = goal.header("location").expect("a location").to_owned();
    hold.get(mas, &at).expect(200);
    hold.get(mas, &format!("{REPORT}/draft")).expect(200);
    hold.post(&tag(mas), &format!("{REPORT}/lock"), json!({})).expect(422);
    let answer = json!({"answer": {"reached": "partly", "text": "x"}});
    put(hold, &mas.with("if-match", &goal.etag()), &at, answer, 200);

    let figures = "/api/v1/own-figures";
    let figure = json!({"name": "Narkotikakontroller", "unit": "gran", "from": "2025-01-01",
        "to": "2025-12-31", "value": 128, "of": 156, "source": "x"});
    let made = hold.post(mas, figures, figure.clone()).expect(201);
    hold.post(mas, figures, figure.clone()).expect(422);
    let at = made.header("location").expect("a location").to_owned();
    hold.get(mas, &at).expect(200);
    let again = put(hold, &mas.with("if-match", &made.etag()), &at, figure, 200);
    let withdraw = format!("{at}/withdraw");
    hold.post(&mas.with("if-match", &again.etag()), &withdraw, json!({})).expect(200);
    hold.get(mas, &format!("{figures}?year=2025")).expect(200);
    hold.get(mas, &format!("{figures}?year=x")).expect(422);
    let import = |text: &str| {
        let path = "/api/v1/own-figures/import";
        mas.send("POST", path, Some(("text/csv", text.as_bytes().to_vec())))
    };
    let head = "name;unit;from;to;value;of;percent;source\n";
    let taken = import(&format!("{head}Hygien;;2025-01-01;2025-12-31;;;84,5;x\n"));
    hold.hold("POST", "/api/v1/own-figures/import", &taken.expect(200));
    hold.hold("POST", "/api/v1/own-figures/import", &import("x\n").expect(422));

    hold.post(&tag(mas), &format!("{REPORT}/lock"), json!({})).expect(200);
    hold.post(&tag(mas), &format!("{REPORT}/lock"), json!({})).expect(422);
    hold.post(&tag(mas), &format!("{REPORT}/reopen"), json!({"reason": "x"})).expect(200);
    let more = &mas.with("if-match", &written.etag());
    put(hold, more, &section, json!({"text": "Fler mål"}), 200);
    hold.post(&tag(mas), &format!("{REPORT}/lock"), json!({})).expect(200);
    hold.get(mas, REPORT).expect(200);
    hold.get(mas, &format!("{REPORT}/versions")).expect(200);
    hold.get(mas, &format!("{REPORT}/versions/2")).expect(200);
    hold.get(mas, &format!("{REPORT}/versions/3")).expect(404);
    hold.get(mas, &format!("{REPORT}/versions/2/changes")).expect(200);
    hold.get(mas, &format!("{REPORT}/versions/2/changes?against=x")).expect(422);
    hold.post(&tag(mas), &format!("{REPORT}/check"), json!({})).expect(200);
    let texts = format!("{REPORT}/texts");
    let listed = hold.get(mas, &texts).expect(200).json();
    let id = listed["items"][0]["id"].as_str().expect("an id").to_owned();
    hold.get(director, &texts).expect(403);
    hold.post(mas, &format!("{texts}/{id}/confirm"), json!({"acknowledged": ["x"]})).expect(422);
    hold.post(mas, &format!("{texts}/{id}/confirm"), json!({})).expect(200);
    hold.post(mas, &format!("{texts}/{id}/withdraw"), json!({})).expect(200);
    hold.post(mas, &format!("{texts}/{id}/withdraw"), json!({})).expect(422);
    let submitted = json!({"state": "submitted", "on": "2026-03-10"});
    hold.post(&tag(mas), &format!("{REPORT}/board"), submitted).expect(200);
    let approved =
        json!({"state": "approved", "on": "2026-03-10", "paragraph": "§ 1", "decided": ["x"]});
    hold.post(&tag(mas), &format!("{REPORT}/board"), approved).expect(200);
    let it = json!({"on": "2026-03-10", "capacity": "vardgivare", "reference": "x"});
    let mine = director.with("if-match", &tag_of(director));
    hold.post(&mine, &format!("{REPORT}/establish"), it).expect(200);
    hold.post(&tag(mas), &format!("{REPORT}/check"), json!({})).expect(409);
    hold.get(mas, "/api/v1/reports/yearly").expect(200);
    public(hold, service, mas);

    let other = ("namnden", service.tenant("namnden"));
    let buyer = &service.holder(other, "director", Role::Director, &[], &[]);
    let theirs = "/api/v1/reports/partners/provby";
    put(hold, director, "/api/v1/reports/partners/namnden", json!({"side": "provider"}), 200);
    let agreed = put(hold, buyer, theirs, json!({"side": "buyer"}), 200);
    hold.get(buyer, "/api/v1/reports/partners").expect(200);
    hold.post(director, &format!("{REPORT}/share"), json!({"to": "x"})).expect(422);
    hold.post(director, &format!("{REPORT}/share"), json!({"to": "namnden"})).expect(200);
    hold.get(buyer, "/api/v1/reports/shared?year=2025").expect(200);
    hold.get(buyer, "/api/v1/reports/shared/provby/2025").expect(200);
    hold.get(buyer, "/api/v1/reports/shared/provby/2025?version=x").expect(422);
    let back = json!({"to": "namnden", "report_version": 2, "reason": "x"});
    hold.post(director, &format!("{REPORT}/share/withdraw"), back.clone()).expect(200);
    hold.post(director, &format!("{REPORT}/share/withdraw"), back).expect(422);
    hold.get(buyer, "/api/v1/reports/shared/provby/2025?version=2").expect(200);
    hold.post(director, &format!("{REPORT}/share"), json!({"to": "namnden"})).expect(200);
    hold.get(buyer, "/api/v1/reports/shared").expect(200);
    hold.get(buyer, "/api/v1/reports/beside/2025").expect(200);
    let note = json!({"on": "2026-03-10", "paragraph": "§ 2"});
    let at = "/api/v1/reports/shared/provby/2025/note";
    hold.post(&buyer.with("if-match", "\"2-3\""), at, note).expect(200);
    let ended = buyer.with("if-match", &agreed.etag());
    hold.post(&ended, &format!("{theirs}/end"), json!({})).expect(200);
}

/// What is left out of the public version, and what anybody reads of it.
fn public(hold: &mut Holder<'_>, service: &Service, mas: &Client) {
    let marks = format!("{REPORT}/marks");
    hold.get(mas, &marks).expect(200);
    let mark = json!({"table": "statutory_counts", "row": ["lex_maria"], "column": "count_2025",
        "ground": "x"});
    for (body, status) in [(json!({"marks": [mark]}), 200), (json!({"marks": "x"}), 428)] {
        let answer = mas.put(&marks, body);
        hold.hold("PUT", &marks, &answer);
        answer.expect(status);
    }
    let anybody = &service.anonymous();
    let public = "/api/v1/public/provby/reports";
    hold.get(anybody, &format!("{public}/yearly")).expect(200);
    hold.get(anybody, &format!("{public}/yearly/2025")).expect(200);
    hold.get(anybody, &format!("{public}/yearly/2025?format=pdf")).expect(422);
    hold.get(anybody, &format!("{public}/catalogue")).expect(200);
    hold.get(anybody, "/provby/rapporter").expect(200);
    hold.get(anybody, "/provby/rapporter/2025").expect(200);
    hold.get(anybody, "/provby/rapporter/2024").expect(404);
}

fn tag_of(client: &Client) -> String {
    client.get(&format!("{REPORT}/draft")).expect(200).etag()
}
