//! What is taken, what comes out of it, and who sees it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use domain::organisation::Role;
use serde_json::{Value, json};
use store::Tx;
use testkit::{Response, on_each_database};

use super::{holds, items, path, send};
use crate::{House, fall, file, house, id};

/// What no file may say any more.
const PLACE: &[u8] = b"PROVBY-59.0N-15.1E";

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).expect("short").to_be_bytes();
    [&[0xff, marker], &length[..], contents].concat()
}

/// A photo as a phone takes it: on its side, and saying where.
fn photo() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let head = [tag.to_be_bytes(), kind.to_be_bytes()].concat();
        [&head[..], &count.to_be_bytes(), &value].concat()
    };
    let place = u32::try_from(PLACE.len()).expect("short");
    let exif = [
        b"Exif\0\0MM\0*\0\0\0\x08".to_vec(),
        // Which way is up, and where the place is.
        vec![0, 2],
        entry(0x0112, 3, 1, [0, 6, 0, 0]),
        entry(0x8825, 4, 1, 38u32.to_be_bytes()),
        vec![0; 4],
        // GPSAreaInformation.
        vec![0, 1],
        entry(0x001c, 7, place, 56u32.to_be_bytes()),
        vec![0; 4],
        PLACE.to_vec(),
    ]
    .concat();
    [
        b"\xff\xd8".to_vec(),
        segment(0xe1, &exif),
        segment(0xed, &[b"Photoshop 3.0\0", PLACE].concat()),
        segment(0xdb, &[1; 65]),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        b"pixels\xff\xd9".to_vec(),
        PLACE.to_vec(),
    ]
    .concat()
}

/// An archive of stored parts, written by hand; of each part name, content and the size it claims.
fn archive(parts: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content, claimed) in parts {
        let place = u32::try_from(bytes.len()).expect("small");
        let length = u32::try_from(content.len()).expect("small").to_le_bytes();
        let name_length = u16::try_from(name.len()).expect("short").to_le_bytes();
        let sizes = [&[0; 4], &length[..], &claimed.to_le_bytes(), &name_length].concat();
        let middle = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &sizes].concat();
        list.extend([b"PK\x01\x02\x14\0", &middle[..], &[0; 12]].concat());
        list.extend(place.to_le_bytes());
        list.extend(name.bytes());
        bytes.extend([b"PK\x03\x04", &middle[..], &[0; 2], name.as_bytes(), content].concat());
    }
    let number = u16::try_from(parts.len()).expect("few").to_le_bytes();
    let (start, length) = (bytes.len(), list.len());
    bytes.extend(list);
    bytes.extend([b"PK\x05\x06\0\0\0\0", &number[..], &number].concat());
    for size in [length, start] {
        bytes.extend(u32::try_from(size).expect("small").to_le_bytes());
    }
    bytes.extend([0, 0]);
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    let mut sum = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sha256sum");
    sum.stdin.take().expect("a pipe").write_all(bytes).expect("writes");
    let text = sum.wait_with_output().expect("ends").stdout;
    String::from_utf8_lossy(&text[..64]).into_owned()
}

fn acts(house: &House) -> Vec<String> {
    let read = |tx: &mut Tx<'_>| tx.access_entries(None, 500);
    let all = house.service.run(house.service.app.store.read(house.tenant, read)).expect("entries");
    all.into_iter().map(|entry| entry.act).collect()
}

#[test]
fn a_photo_from_a_phone_is_kept_without_place_and_read_with_a_trace() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, fall()));
        let before = acts(&house).len();
        let described = [("description", " Hallen, sett från dörren. ")];
        let sent = nurse.upload(&path(&at), ("Hall å.JPG", "image/jpeg"), &photo(), &described);
        let added = sent.expect(201);
        assert_eq!(acts(&house).len(), before, "adding shows nothing");
        let location = added.header("location").expect("a place").to_owned();
        let added = added.json();
        assert_eq!(location, format!("{}/{}", path(&at), id(&added)));
        assert_eq!(added["name"], "Hall å.JPG");
        assert_eq!(added["kind"], "jpeg");
        assert_eq!(added["metadata"], "removed");
        assert_eq!(added["scan"], "none");
        assert_eq!(added["description"], "Hallen, sett från dörren.");
        assert_eq!(added["warnings"], Value::Null);

        let fetched = house.manager.get(&location).expect(200);
        assert!(!holds(&fetched.bytes, PLACE) && holds(&fetched.bytes, b"pixels\xff\xd9"));
        assert!(holds(&fetched.bytes, b"\x01\x12\0\x03\0\0\0\x01\0\x06"), "it stands upright");
        assert_eq!(added["size"], fetched.bytes.len());
        assert_eq!(added["sha256"], sha256(&fetched.bytes));
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            (
                "content-disposition",
                "attachment; filename=\"Hall _.JPG\"; filename*=UTF-8''Hall%20%C3%A5.JPG",
            ),
        ] {
            assert_eq!(fetched.header(name), Some(value), "{name}");
        }
        let mut listed = items(&house.manager, &at);
        assert_eq!(listed.len(), 1);
        assert_eq!(listed.remove(0), added);
        assert_eq!(acts(&house)[before..], ["attachment.read", "case.attachments"]);
    });
}

#[test]
fn adding_is_a_change_of_the_case_that_asks_for_no_version() {
    on_each_database(|database| {
        let house = house(database);
        let nurse = house.service.reporter("provby", "usk");
        let at = id(&file(&nurse, fall()));
        let case = format!("/api/v1/cases/{at}");
        let old = house.manager.get(&case).expect(200).etag();
        send(&nurse, &at, "a.txt", b"Text").expect(201);
        // Whoever had read the case before has not seen what came since.
        let stale = house.manager.with("if-match", &old);
        stale.post(&format!("{case}/triage"), crate::standard_triage()).expect(412);
        stale.upload(&path(&at), ("b.txt", "text/plain"), b"Text", &[]).expect(412);
        let history = house.manager.get(&format!("{case}/history")).expect(200).json();
        let last = history["items"].as_array().expect("items").last().expect("an entry").clone();
        assert_eq!((&last["command"], &last["version"]), (&json!("attach"), &json!(2)));
        assert_eq!(last["changes"][0]["new"]["name"], "a.txt");
        let counts = |tx: &mut Tx<'_>| tx.record_counts();
        let counts = house.service.run(house.service.app.store.read(house.tenant, counts));
        let counts = counts.expect("counts");
        assert_eq!((counts.history, counts.audit_of_cases, counts.messages), (2, 2, 2));

        // Many at once all come, each on top of the others.
        let sent: Vec<Response> = std::thread::scope(|scope| {
            let one = |n: usize| {
                let (client, at) = (&house.manager, &at);
                move || send(client, at, &format!("{n}.txt"), format!("Text {n}").as_bytes())
            };
            let all: Vec<_> = (0..8).map(|n| scope.spawn(one(n))).collect();
            all.into_iter().map(|one| one.join().expect("answers")).collect()
        });
        sent.into_iter().for_each(|answer| drop(answer.expect(201)));
        assert_eq!(house.manager.get(&case).expect(200).json()["version"], 10);
        assert_eq!(items(&house.manager, &at).len(), 9);
    });
}

#[test]
fn the_content_decides_what_a_file_is_and_whether_it_is_taken() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let types = b"<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
        let types = ("[Content_Types].xml", types.as_slice(), types.len() as u32);
        let program: &[u8] = b"MZ\x90\0\x03";
        let macros = archive(&[types, ("word/vbaProject.bin", b"x", 1)]);
        let bomb = archive(&[types, ("word/document.xml", b"x", u32::MAX - 1)]);
        for (name, bytes, status, code) in [
            ("bild.jpg", program, 415, "file_kind_not_allowed"),
            ("sida.txt", b"<html><script>", 415, "file_kind_not_allowed"),
            ("tom.txt", b"", 415, "file_kind_not_allowed"),
            ("arkiv.zip", &archive(&[("a", b"x", 1)]), 415, "file_kind_not_allowed"),
            ("makro.docx", &macros, 422, "file_has_macros"),
            ("bomb.docx", &bomb, 422, "file_unpacks_to_too_much"),
            ("bild.jpg", b"\xff\xd8\xff\xe0\0", 422, "file_damaged"),
            ("bild.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 422, "file_damaged"),
        ] {
            let answer = send(&house.manager, &at, name, bytes).expect(status);
            let problem = answer.json();
            let told = if status == 415 { &problem["code"] } else { &problem["errors"][0]["code"] };
            assert_eq!(told, code, "{name}: {}", answer.text);
            if status == 415 {
                assert_eq!(
                    problem["detail"],
                    "allowed: jpeg, png, webp, heic, pdf, docx, xlsx, odt, text"
                );
            }
        }
        assert!(items(&house.manager, &at).is_empty());

        let said = house.manager.upload(&path(&at), ("x.png", "image/png"), b"%PDF-1.7\n", &[]);
        let kept = said.expect(201);
        assert_eq!(kept.faults(), [("/file".to_owned(), "declared_type_differs".to_owned())]);
        let kept = kept.json();
        assert_eq!((&kept["kind"], &kept["metadata"]), (&json!("pdf"), &json!("kept")));
        assert_eq!(kept["name"], "x.png.pdf");
    });
}

#[test]
fn what_is_sent_must_be_a_file_and_say_nothing_of_a_person_in_passing() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let to = path(&at);
        let kind = ("a.txt", "text/plain");
        house.manager.post(&to, json!({})).expect(415);
        let boundary = "multipart/form-data; boundary=x";
        let broken = house.manager.send("POST", &to, Some((boundary, b"--x\r\nnonsense".to_vec())));
        assert_eq!(broken.expect(400).json()["code"], "broken_multipart");
        let empty = house.manager.send("POST", &to, Some((boundary, b"--x--\r\n".to_vec())));
        assert_eq!(empty.expect(422).faults(), [("/file".to_owned(), "required".to_owned())]);
        let coded = house.manager.with("content-encoding", "gzip");
        coded.upload(&to, kind, b"x", &[]).expect(415);
        let other = house.manager.upload(&to, kind, b"x", &[("beskrivning", "x")]).expect(422);
        assert_eq!(other.faults(), [("/beskrivning".to_owned(), "unknown_field".to_owned())]);
        let twice = house.manager.upload(&to, kind, b"x", &[("file", "y")]).expect(422);
        assert_eq!(twice.faults(), [("/file".to_owned(), "not_unique".to_owned())]);
        let person = [("description", "Om 640823-3234.")];
        let told = house.manager.upload(&to, kind, b"x", &person).expect(422);
        assert_eq!(told.faults(), [("/description".to_owned(), "personal_number".to_owned())]);
        let long = "å".repeat(2001);
        let told = house.manager.upload(&to, kind, b"x", &[("description", &long)]).expect(422);
        assert_eq!(told.faults(), [("/description".to_owned(), "too_long".to_owned())]);
        let named = send(&house.manager, &at, "640823-3234.txt", b"x").expect(201);
        assert_eq!(named.json()["name"], "[personnummer].txt");
        assert_eq!(items(&house.manager, &at).len(), 1);
    });
}

#[test]
fn a_file_has_a_size_and_a_case_a_number_of_them() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let mut large = b"%PDF-1.7\n".to_vec();
        large.resize(20 * 1024 * 1024, 0);
        let added = send(&house.manager, &at, "stor.pdf", &large).expect(201).json();
        let fetched = house.manager.get(&format!("{}/{}", path(&at), id(&added))).expect(200);
        assert!(fetched.bytes == large, "{} bytes", fetched.bytes.len());
        large.push(0);
        let more = send(&house.manager, &at, "stor.pdf", &large).expect(413).json();
        assert_eq!(more["detail"], "limit: 20971520 bytes");
        for number in 1..20 {
            send(&house.manager, &at, "a.txt", format!("{number}").as_bytes()).expect(201);
        }
        let last = send(&house.manager, &at, "a.txt", b"x").expect(422);
        assert_eq!(last.faults(), [("/file".to_owned(), "too_many_attachments".to_owned())]);
        // One that goes makes room.
        let gone = format!("{}/{}", path(&at), id(&added));
        house.manager.delete(&gone, json!({"reason": "För stor."})).expect(204);
        send(&house.manager, &at, "a.txt", b"x").expect(201);
    });
}

#[test]
fn who_is_kept_out_learns_nothing_and_a_reporter_sees_their_own() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let nurse = house.service.reporter("provby", "usk");
        let stranger = house.service.reporter("provby", "annan");
        let elsewhere = house.service.holder(of, "chef-syd", Role::UnitManager, &["syd"], &[]);
        let at = id(&file(&nurse, fall()));
        let none = uuid::Uuid::now_v7().to_string();
        let own = id(&send(&nurse, &at, "min.txt", b"x").expect(201).json());
        let theirs = id(&send(&house.manager, &at, "deras.txt", b"x").expect(201).json());
        let told = |answer: Response| {
            let mut problem = answer.expect(404).json();
            problem["request_id"] = json!("");
            problem
        };
        for client in [&stranger, &elsewhere] {
            let way = |case: &str| {
                let one = format!("{}/{own}", path(case));
                [
                    told(client.get(&path(case))),
                    told(client.get(&one)),
                    told(client.delete(&one, json!({"reason": "x"}))),
                    told(send(client, case, "a.txt", b"x")),
                ]
            };
            assert_eq!(way(&at), way(&none));
        }
        assert_eq!(items(&nurse, &at).len(), 1);
        nurse.get(&format!("{}/{own}", path(&at))).expect(200);
        nurse.get(&format!("{}/{theirs}", path(&at))).expect(404);
        assert_eq!(items(&house.manager, &at).len(), 2);

        let mut draft = fall();
        draft["draft"] = json!(true);
        let draft = id(&file(&nurse, draft));
        send(&nurse, &draft, "a.txt", b"x").expect(201);
        house.manager.get(&path(&draft)).expect(404);
    });
}

#[test]
fn a_shared_phone_adds_to_what_was_filed_on_it_for_an_hour_and_sees_nothing_of_it() {
    on_each_database(|database| {
        let house = house(database);
        let of = ("provby", house.tenant);
        let phone = house.service.holder(of, "telefon", Role::Intake, &["norr"], &[]);
        let other = house.service.holder(of, "telefon-2", Role::Intake, &["norr"], &[]);
        let mut body = fall();
        body["reporter_name"] = json!("Kim Ek");
        let at = id(&file(&phone, body.clone()));
        let keyed = phone.with("idempotency-key", "bild-1");
        let added = send(&keyed, &at, "a.jpg", &photo()).expect(201);
        assert_eq!(send(&keyed, &at, "a.jpg", &photo()).expect(201).text, added.text);
        let one = format!("{}/{}", path(&at), id(&added.json()));
        for hidden in [format!("/api/v1/cases/{at}"), path(&at), one.clone()] {
            phone.get(&hidden).expect(404);
        }
        phone.delete(&one, json!({"reason": "x"})).expect(404);
        assert_eq!(items(&house.manager, &at).len(), 1);
        // Nothing to another phone, nor of what was filed elsewhere.
        send(&other, &at, "b.txt", b"x").expect(404);
        let theirs = id(&file(&house.manager, fall()));
        send(&phone, &theirs, "b.txt", b"x").expect(404);
        house.service.clock.advance(jiff::SignedDuration::from_mins(59));
        send(&phone, &at, "b.txt", b"x").expect(201);
        house.service.clock.advance(jiff::SignedDuration::from_mins(1));
        send(&phone, &at, "c.txt", b"x").expect(404);
        // Nor does it learn that a case of a moment ago has ended.
        let at = id(&file(&phone, body));
        let end = json!({"outcome": "UTF.ATE", "summary": "x"});
        house.manager.command(&at, "close", end).expect(200);
        send(&phone, &at, "c.txt", b"x").expect(404);
        assert_eq!(items(&house.manager, &at).len(), 0);
    });
}

#[test]
fn sending_twice_adds_once() {
    on_each_database(|database| {
        let house = house(database);
        let at = id(&file(&house.manager, fall()));
        let phone = house.manager.with("idempotency-key", "bild-1");
        let first = send(&phone, &at, "a.jpg", &photo()).expect(201);
        let again = send(&phone, &at, "a.jpg", &photo()).expect(201);
        assert_eq!(first.text, again.text);
        assert_eq!(first.header("location"), again.header("location"));
        let other = send(&phone, &at, "a.txt", b"x").expect(422);
        assert_eq!(other.json()["code"], "idempotency_key_reused");
        assert_eq!(items(&house.manager, &at).len(), 1);
    });
}
