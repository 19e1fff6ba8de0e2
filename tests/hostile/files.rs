//! Files that are too large, or would be: refused early, with little memory.

use std::time::Duration;

use crate::child::Child;
use crate::filing;
use crate::oversize::stream_chunks;

/// What the service may grow by, in KiB: a few times the largest file.
const GROWTH: u64 = 64 * 1024;

/// An archive whose list names as many parts as go into a file, each of nothing.
fn crowded() -> Vec<u8> {
    let part = [b"PK\x01\x02".as_slice(), &[20; 2], &[0; 22], &[1, 0], &[0; 16], b"a"].concat();
    let number = 20 * 1024 * 1024 / part.len() - 1;
    let list = part.repeat(number);
    let length = u32::try_from(list.len()).expect("20 MiB").to_le_bytes();
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(list);
    // It says that there are 65,535, or any number in the wide form.
    bytes
        .extend([b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff", &length[..], &[4, 0, 0, 0, 0, 0]].concat());
    bytes
}

#[test]
fn a_file_without_end_and_an_archive_of_too_many_parts_cost_little_memory() {
    let child = Child::start(Duration::from_secs(75), "true");
    let client = child.client();
    let case = client.post("/api/v1/cases", filing()).expect(201).json();
    let path = format!("/api/v1/cases/{}/attachments", case["id"].as_str().expect("an id"));
    client.upload(&path, ("a.txt", "text/plain"), b"Text", &[]).expect(201);
    let before = child.memory("VmRSS");

    let part =
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%PDF-1.7";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{part}\r\n",
        child.token,
        part.len()
    );
    let (answer, _) = stream_chunks(&child, &head, true);
    assert_eq!((answer.status, &answer.json()["code"]), (413, &"too_large".into()), "{answer:?}");

    let refused = client.upload(&path, ("a.docx", ""), &crowded(), &[]).expect(422);
    assert_eq!(refused.faults(), [("/file".into(), "file_unpacks_to_too_much".into())]);
    let grown = child.memory("VmHWM").saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KiB");
    client.upload(&path, ("a.txt", "text/plain"), b"Text", &[]).expect(201);
}
