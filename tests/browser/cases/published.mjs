// What comes after the answer: two questions on the receipt page, the published page, the record to print.
import { strict as assert } from "node:assert";
import { LANGUAGES, PHONE } from "../town.mjs";

const ANSWER = {
  explanation: "Vi var för få den kvällen.", measures: "Fler är i tjänst nu.", channel: "receipt_page",
  secrecy_ground: "Inget om någon nämns.", avvikelse: false, lex_sarah: "no",
};

export async function run(town) {
  const { code, id } = await answered(town);
  await survey(town, code);
  await published(town, id);
  await record(town, id);
}

// A complaint that was left, and answered on the receipt page.
async function answered(town) {
  const left = await fetch(`${town.base}/api/v1/public/${town.tenant}/opinions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind: "klagomal", text: "Hjälpen kom sent.", unit: "gran", anonymous: true }),
  });
  const { receipt, number } = await left.json();
  const { json } = await town.as("boss", "GET", "/cases?kind=klagomal");
  const { id } = json.items.find((it) => it.number === number);
  await town.command("boss", id, "opinion/register", {});
  await town.command("boss", id, "opinion/assign", {});
  await town.command("boss", id, "opinion/answer", ANSWER);
  return { code: receipt, id };
}

async function survey(town, code) {
  for (const lang of LANGUAGES) {
    const page = await town.visitor(PHONE);
    await page.goto(town.address(`receipts?lang=${lang}`));
    await page.fill("#code", code);
    await page.click("main button");
    await page.waitForSelector("#survey");
    await town.accessible(page, `the two questions in ${lang}`);
    await page.context().close();
  }
  const page = await town.visitor({ javaScriptEnabled: false });
  await page.goto(town.address("receipts"));
  await page.fill("#code", code);
  await page.click("main button");
  // With nothing said: told, and linked to the question.
  const send = "section[aria-labelledby=survey] button";
  await page.locator("section[aria-labelledby=survey] [name=understood]").first().waitFor();
  await page.click(send);
  assert.equal(await page.locator("#faults a[href='#understood']").count(), 1);
  await page.check("[name=understood][value=yes]");
  await page.check("[name=helped][value=partly]");
  await page.click(send);
  assert.match(await page.textContent("main"), /Tack för att du svarade/);
  assert.equal(await page.locator("#survey").count(), 0);
  await page.context().close();
}

async function published(town, id) {
  const page = await town.visitor();
  const missing = await page.goto(town.address("published"));
  assert.equal(missing.status(), 404);
  page.strange = [];
  const { etag } = await town.as("admin", "GET", "/settings");
  await town.as("admin", "PUT", "/settings", { publishes_answers: true }, { "if-match": etag });
  await page.goto(town.address("published"));
  await town.accessible(page, "nothing published");
  await town.as("boss", "PUT", `/cases/${id}/publication`, {
    question: "Varför kommer hjälpen sent?", answer: "Vi var för få.\nNu är vi fler.",
  });
  await town.as("mas", "POST", `/cases/${id}/publication/approve`, { names_checked: true }, { "if-match": '"1"' });
  for (const options of [{}, PHONE]) {
    const reader = await town.visitor(options);
    for (const lang of LANGUAGES) {
      await reader.goto(town.address(`published?lang=${lang}`));
      assert.match(await reader.textContent("article"), /Nu är vi fler/);
      await town.accessible(reader, `what is published in ${lang}`);
    }
    assert.deepEqual(reader.strange, []);
    await reader.context().close();
  }
  await page.context().close();
}

// The record is for those who work there: the page is taken with a token and looked at as it is.
async function record(town, id) {
  const answer = await fetch(`${town.base}/api/v1/cases/${id}/record`, {
    headers: { authorization: `Bearer ${town.staff.boss}` },
  });
  assert.equal(answer.status, 200);
  const html = await answer.text();
  for (const options of [{}, PHONE]) {
    const page = await town.visitor(options);
    await page.setContent(html);
    assert.match(await page.textContent("main"), /Vi var för få den kvällen/);
    await town.accessible(page, "the record");
    await page.emulateMedia({ media: "print" });
    await town.accessible(page, "the record in print");
    assert.deepEqual(page.strange, []);
    await page.context().close();
  }
}
