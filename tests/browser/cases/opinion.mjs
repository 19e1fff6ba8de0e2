// Somebody outside leaves a complaint and follows it.
import { strict as assert } from "node:assert";
import { LANGUAGES, PHONE } from "../town.mjs";

const CODE = /^\d{4} \d{4} \d{4} \d{4}$/;

export async function run(town) {
  await everyPage(town);
  await byKeyboard(town);
  await withoutScript(town);
  await fromElsewhere(town);
}

// Every public page in every language, on a screen and on a phone: axe finds nothing.
async function everyPage(town) {
  for (const options of [{}, PHONE]) {
    const page = await town.visitor(options);
    for (const lang of LANGUAGES) {
      for (const path of ["synpunkt", "synpunkt?enhet=gran", "receipts", "receipts/saved", "receipts/lost", "receipts/new/x"]) {
        const mark = path.includes("?") ? "&" : "?";
        await page.goto(town.address(`${path}${mark}lang=${lang}`));
        assert.equal(await page.getAttribute("html", "lang"), lang === "en" ? "en" : "sv");
        await town.accessible(page, `${path} in ${lang}`);
      }
      // With something to mend: told above, linked to the field, at the field.
      await page.goto(town.address(`synpunkt?lang=${lang}`));
      await page.evaluate(() => document.querySelectorAll("[required]").forEach((it) => it.removeAttribute("required")));
      await page.click("form#opinion button[type=submit]");
      await town.accessible(page, `a faulty form in ${lang}`);
      assert.equal(await page.locator("#faults a").count(), 2);
      await page.click("#faults a[href='#text']");
      assert.equal(await page.evaluate(() => document.activeElement.id), "text");
      // A code that opens nothing.
      await page.goto(town.address(`receipts?lang=${lang}`));
      await page.fill("#code", "1234");
      await page.click("main button");
      await town.accessible(page, `a wrong code in ${lang}`);
    }
    assert.deepEqual(page.strange.filter((it) => !/status of 4/.test(it)), []);
    await page.context().close();
  }
}

// Goes to a field by the tabulator, as whoever uses no mouse does.
async function tabTo(page, id) {
  for (let step = 0; step < 80; step += 1) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`nobody gets to ${id} by keyboard`);
}

async function byKeyboard(town) {
  const page = await town.visitor();
  await page.goto(town.address("synpunkt?enhet=gran"));
  // First of all a way past what every page has.
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await tabTo(page, "what");
  await page.keyboard.press("Space");
  await tabTo(page, "text");
  await page.keyboard.type("Hon fick vänta två timmar i natt. Jag är 640823-3234.");
  await tabTo(page, "anonymous");
  await page.keyboard.press("Space");
  // The language changes and what was written stays.
  await page.getByRole("button", { name: "English" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("html[lang=en]");
  assert.match(await page.inputValue("#text"), /två timmar/);
  assert.equal(await page.inputValue("#unit"), "gran");
  await page.locator("form#opinion button[type=submit]").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#code");
  await town.accessible(page, "the code");
  const code = (await page.textContent("#code")).trim();
  assert.match(code, CODE);
  assert.ok(!page.url().includes(code.slice(0, 4)), "a code in an address");
  assert.match(await page.textContent("main"), /personal identity number/i);
  await page.locator("main button").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/saved/);
  assert.ok(!(await page.content()).includes(code), "shown once");
  await town.accessible(page, "that it is saved");
  await page.getByRole("link", { name: "Follow the matter" }).click();
  await tabTo(page, "code");
  await page.keyboard.type(code.replaceAll(" ", ""));
  await page.keyboard.press("Enter");
  await page.waitForSelector("#yours");
  await town.accessible(page, "how it stands");
  const own = await page.textContent("main");
  assert.match(own, /två timmar/);
  assert.ok(!own.includes("640823"), "a personal identity number");
  assert.deepEqual(page.strange, []);
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["form", true, "Strict"]]);
  await page.context().close();
}

// The whole way with scripts switched off, on a phone: file, be asked, reply, read the answer.
async function withoutScript(town) {
  const page = await town.visitor({ ...PHONE, javaScriptEnabled: false });
  await page.goto(town.address("synpunkt"));
  await page.check("#what");
  await page.fill("#text", "Maten var kall hela veckan.");
  await page.selectOption("#unit", "gran");
  await page.setInputFiles("#files", { name: "mat.txt", mimeType: "text/plain", buffer: Buffer.from("Kall mat.") });
  await page.check("#anonymous");
  await page.click("form#opinion button[type=submit]");
  const code = (await page.textContent("#code")).trim();
  const number = (await page.textContent("main")).match(/KLA-\d{4}-[0-9A-Z]{8}/)[0];
  await page.click("main button");

  const { json } = await town.as("boss", "GET", "/cases?kind=klagomal");
  const id = json.items.find((item) => item.number === number).id;
  for (const [command, body] of [
    ["opinion/register", {}],
    ["opinion/assign", { staff: town.staff.boss_id }],
    ["opinion/investigate", { avvikelse: false, lex_sarah: "no" }],
    ["opinion/ask", { text: "Vilken dag var det?" }],
  ]) {
    await town.command("boss", id, command, body);
  }

  await page.goto(town.address("receipts"));
  await page.fill("#code", code);
  await page.click("main button");
  assert.match(await page.textContent("main"), /Vilken dag var det\?/);
  await page.fill("#text", "På onsdagen.");
  await page.click("main form button");
  assert.match(await page.textContent("main"), /På onsdagen/);
  // In another language without giving the code again.
  await page.getByRole("button", { name: "English" }).click();
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.match(await page.textContent("main"), /You wrote/);

  await town.command("boss", id, "opinion/answer", {
    explanation: "Värmeskåpet var trasigt.",
    measures: "Det är utbytt.",
    secrecy_ground: "Avsändaren är inte känd; inget om någon enskild nämns.",
    channel: "receipt_page",
  });
  await page.goto(town.address("receipts"));
  await page.fill("#code", code);
  await page.click("main button");
  const answer = await page.textContent("main");
  for (const part of [/Värmeskåpet var trasigt/, /Det är utbytt/, /IVO/, /mat\.txt/]) assert.match(answer, part);
  assert.deepEqual(page.strange, []);
  await page.context().close();

  const looker = await town.visitor();
  for (const lang of LANGUAGES) {
    await looker.goto(town.address(`receipts?lang=${lang}`));
    await looker.fill("#code", code);
    await looker.click("main button");
    await looker.waitForSelector("#answer");
    await town.accessible(looker, `the answer in ${lang}`);
  }
  await looker.context().close();
}

// Another site's form does not get through, even with a token that was fetched for it.
async function fromElsewhere(town) {
  const page = await town.visitor();
  await page.goto(town.address("synpunkt"));
  const token = await page.inputValue("input[name=token]");
  const other = await town.visitor();
  await other.route("http://elsewhere.example/**", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form id=f method=post enctype="multipart/form-data" action="${town.address("synpunkt")}">
        <input name=token value="${token}"><input name=what value=klagomal><input name=text value=x></form>`,
    }),
  );
  await other.goto("http://elsewhere.example/");
  const [answer] = await Promise.all([
    other.waitForResponse((response) => response.url().startsWith(town.base)),
    other.evaluate(() => document.getElementById("f").submit()),
  ]);
  assert.equal(answer.status(), 403);
  await page.context().close();
  await other.context().close();
}
