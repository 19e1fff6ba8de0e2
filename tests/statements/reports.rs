//! The report of a year, as it is written, frozen and shared.

use domain::ids::TenantId;
use domain::organisation::Role;
use serde_json::json;
use testkit::{Client, Service};

use super::Counter;

const AT: &str = "/api/v1/reports/yearly/2025";
const LABEL: &str = "/api/v1/reports/yearly/{year}";

fn tag(client: &Client) -> String {
    client.get(&format!("{AT}/draft")).expect(200).etag()
}

fn command(counter: &mut Counter<'_>, client: &Client, name: &str, body: serde_json::Value) {
    let label = format!("POST {LABEL}/{name}");
    let client = client.with("if-match", &tag(client));
    counter.ask(&label, &client, &format!("{AT}/{name}"), Some(body));
}

pub(super) fn reports(counter: &mut Counter<'_>, service: &Service, tenant: TenantId) {
    let of = ("provby", tenant);
    let mas = &service.holder(of, "mas-report", Role::Mas, &[], &[]);
    let director = &service.holder(of, "director", Role::Director, &[], &[]);
    let section =
        |name: &str| (format!("{AT}/sections/{name}"), format!("{LABEL}/sections/{{section}}"));
    let (path, label) = section("leadership");
    counter.ask(&format!("PUT {label}, the first"), mas, &path, Some(json!({"text": "x"})));
    let (path, label) = section("learning");
    counter.ask(&format!("PUT {label}"), mas, &path, Some(json!({"text": "x"})));
    let ask = json!({"units": ["gran", "tall"]});
    let asked =
        counter.post(&format!("{label}/paragraphs"), mas, &format!("{path}/paragraphs"), ask);
    counter.get(&format!("{LABEL}/paragraphs"), mas, &format!("{AT}/paragraphs"));
    let id = asked["items"][0]["id"].as_str().expect("an id");
    let first = mas.with("if-match", "\"1\"");
    let (given, to) = (format!("PUT {LABEL}/paragraphs/{{id}}"), format!("{AT}/paragraphs/{id}"));
    counter.ask(&given, &first, &to, Some(json!({"text": "x"})));
    let goal = json!({"section": "learning", "text": "x", "year": 2025});
    let goal = counter.post(&format!("{LABEL}/goals"), mas, &format!("{AT}/goals"), goal);
    let to = format!("{AT}/goals/{}", goal["id"].as_str().expect("an id"));
    counter.get(&format!("{LABEL}/goals/{{id}}"), mas, &to);
    let answer = json!({"answer": {"reached": "yes", "text": "x"}});
    counter.ask(&format!("PUT {LABEL}/goals/{{id}}"), &first, &to, Some(answer));

    let figures = "/api/v1/own-figures";
    let figure = json!({"name": "x", "unit": "gran", "from": "2025-01-01", "to": "2025-12-31",
        "value": 1, "source": "x"});
    let made = counter.post(figures, mas, figures, figure.clone());
    let to = format!("{figures}/{}", made["id"].as_str().expect("an id"));
    counter.get(&format!("{figures}/{{id}}"), mas, &to);
    counter.get(figures, mas, figures);
    counter.ask(&format!("PUT {figures}/{{id}}"), &first, &to, Some(figure));
    let second = mas.with("if-match", "\"2\"");
    counter.post(
        &format!("{figures}/{{id}}/withdraw"),
        &second,
        &format!("{to}/withdraw"),
        json!({}),
    );
    let lines: String =
        (1..=28).map(|day| format!("y;;2025-02-{day:02};2025-02-{day:02};1;;;s\n")).collect();
    let file = format!("name;unit;from;to;value;of;percent;source\n{lines}").into_bytes();
    let import = format!("{figures}/import");
    counter.count(&format!("POST {import}"), mas, |client| {
        client.send("POST", &import, Some(("text/csv", file)))
    });

    counter.get(&format!("{LABEL}/draft"), mas, &format!("{AT}/draft"));
    counter.get(LABEL, mas, AT);
    command(counter, mas, "lock", json!({}));
    counter.get(&format!("{LABEL}, frozen"), mas, AT);
    command(counter, mas, "reopen", json!({"reason": "x"}));
    let to = section("leadership").0;
    first.put(&to, json!({"text": "y"})).expect(200);
    let again = mas.with("if-match", &tag(mas));
    counter.post(&format!("{LABEL}/lock, again"), &again, &format!("{AT}/lock"), json!({}));
    counter.get(&format!("{LABEL}/versions"), mas, &format!("{AT}/versions"));
    counter.get(&format!("{LABEL}/versions/{{version}}"), mas, &format!("{AT}/versions/2"));
    let changes = format!("{LABEL}/versions/{{version}}/changes");
    counter.get(&changes, mas, &format!("{AT}/versions/2/changes"));
    command(counter, mas, "check", json!({}));
    let texts = mas.get(&format!("{AT}/texts")).expect(200).json();
    let id = texts["items"][0]["id"].as_str().expect("an id").to_owned();
    counter.get(&format!("{LABEL}/texts"), mas, &format!("{AT}/texts"));
    for act in ["confirm", "withdraw"] {
        let label = format!("{LABEL}/texts/{{id}}/{act}");
        counter.post(&label, mas, &format!("{AT}/texts/{id}/{act}"), json!({}));
    }
    command(counter, mas, "board", json!({"state": "submitted", "on": "2026-03-10"}));
    let it = json!({"on": "2026-03-10", "capacity": "vardgivare", "reference": "x"});
    command(counter, director, "establish", it);
    counter.get("/api/v1/reports/yearly", mas, "/api/v1/reports/yearly");
    public(counter, mas, director);

    let buyer =
        &service.holder(("namnden", service.tenant("namnden")), "d", Role::Director, &[], &[]);
    let partner = "PUT /api/v1/reports/partners/{tenant}";
    let ours = "/api/v1/reports/partners/namnden";
    counter.ask(partner, director, ours, Some(json!({"side": "provider"})));
    let theirs = "/api/v1/reports/partners/provby";
    let ended = buyer.put(theirs, json!({"side": "buyer"})).expect(200).etag();
    counter.get("/api/v1/reports/partners", buyer, "/api/v1/reports/partners");
    counter.post(
        &format!("{LABEL}/share"),
        director,
        &format!("{AT}/share"),
        json!({"to": "namnden"}),
    );
    counter.get("/api/v1/reports/shared", buyer, "/api/v1/reports/shared");
    let shared = "/api/v1/reports/shared/provby/2025";
    counter.get("/api/v1/reports/shared/{provider}/{year}", buyer, shared);
    let back = json!({"to": "namnden", "report_version": 2, "reason": "x"});
    let withdraw = format!("{LABEL}/share/withdraw");
    counter.post(&withdraw, director, &format!("{AT}/share/withdraw"), back);
    let again = json!({"to": "namnden"});
    counter.post(&format!("{LABEL}/share, again"), director, &format!("{AT}/share"), again);
    counter.get("/api/v1/reports/beside/{year}", buyer, "/api/v1/reports/beside/2025");
    let (note, seen) =
        (json!({"on": "2026-03-10", "paragraph": "x"}), buyer.with("if-match", "\"2-3\""));
    let label = "/api/v1/reports/shared/{provider}/{year}/note";
    counter.post(label, &seen, &format!("{shared}/note"), note);
    let label = "/api/v1/reports/partners/{tenant}/end";
    counter.post(label, &buyer.with("if-match", &ended), &format!("{theirs}/end"), json!({}));
}

/// What is left out of the public version, and what anybody reads of it: the first time made, then from memory.
fn public(counter: &mut Counter<'_>, mas: &Client, known: &Client) {
    counter.get(&format!("{LABEL}/marks"), mas, &format!("{AT}/marks"));
    let marks = json!({"marks": []});
    counter.ask(&format!("PUT {LABEL}/marks"), mas, &format!("{AT}/marks"), Some(marks));
    let at = "/api/v1/public/provby/reports";
    let label = "/api/v1/public/{tenant}/reports";
    counter.get(&format!("{label}/yearly"), known, &format!("{at}/yearly"));
    let year = format!("{at}/yearly/2025");
    counter.get(&format!("{label}/yearly/{{year}}, made"), known, &year);
    counter.get(&format!("{label}/yearly/{{year}}"), known, &year);
    let page = |counter: &mut Counter<'_>, label: &str, path: &str| {
        counter.count(&format!("GET {label}"), known, |client| client.get(path));
    };
    page(counter, &format!("{label}/catalogue"), &format!("{at}/catalogue"));
    page(counter, "/{tenant}/rapporter", "/provby/rapporter");
    page(counter, "/{tenant}/rapporter/{year}", "/provby/rapporter/2025");
}
