// A counterparty's contact answers without an account: a link, a code word, one page.
import { strict as assert } from "node:assert";
import { LANGUAGES, PHONE } from "../town.mjs";

export async function run(town) {
  await everyPage(town);
  await byKeyboardWithoutScript(town);
}

async function enter(town, page, lang) {
  await page.goto(town.address(`svar/${town.prepared.token}?lang=${lang}`));
  await page.fill("#code", town.prepared.word);
  await page.click("main button");
  await page.waitForSelector("#answers");
}

// Every page in every language, on a screen and on a phone: axe finds nothing. The code word is given once
// a device: how often it may be is bounded.
async function everyPage(town) {
  for (const options of [{}, PHONE]) {
    const page = await town.visitor(options);
    for (const lang of LANGUAGES) {
      await page.goto(town.address(`svar?lang=${lang}`));
      await town.accessible(page, `the form for a letter's code in ${lang}`);
      await page.goto(town.address(`svar/made-up?lang=${lang}`));
      await town.accessible(page, `a link that opens nothing in ${lang}`);
      await page.goto(town.address(`svar/${town.prepared.token}?lang=${lang}`));
      assert.ok(!(await page.content()).includes("Utskrivning"), "nothing before the code word");
      await town.accessible(page, `what is asked besides the link in ${lang}`);
    }
    await page.goto(town.address("svar"));
    await page.fill("#code", "0000 0000 0000 0000");
    await page.click("main button");
    await town.accessible(page, "a wrong code of a letter");
    await enter(town, page, "sv");
    for (const lang of LANGUAGES) {
      await page.goto(town.address(`svar/${town.prepared.token}?lang=${lang}`));
      await town.accessible(page, `everything on one page in ${lang}`);
      const id = (await page.locator("article h3").first().getAttribute("id")).replace("matter-", "");
      await page.fill(`[id="text.${id}"]`, "Utan kort svar.");
      await page.click("#answers > button");
      assert.equal(await page.locator("#faults a").count(), 1);
      await town.accessible(page, `an answer to mend in ${lang}`);
      await page.goto(town.address(`svar/${town.prepared.token}/${id}?lang=${lang}`));
      await town.accessible(page, `one matter in ${lang}`);
      // Printed, the forms are gone and the matter is there.
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator("textarea:visible").count(), 0);
      assert.match(await page.textContent("main"), /Läkemedelslistan kom inte med/);
      await page.emulateMedia({ media: "screen" });
    }
    // A link, a code and a page that are refused are answered with a status of their own.
    assert.deepEqual(page.strange.filter((it) => !/status of 4/.test(it)), []);
    await page.context().close();
  }
}

// Goes to a field by the tabulator, as whoever uses no mouse does.
async function tabTo(page, selector) {
  for (let step = 0; step < 300; step += 1) {
    if (await page.locator(selector).evaluate((it) => it === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`nobody gets to ${selector} by keyboard`);
}

// The whole way by keyboard alone with scripts switched off: code word, three answers in one form, a
// question, a file, a colleague, and out.
async function byKeyboardWithoutScript(town) {
  const page = await town.visitor({ javaScriptEnabled: false });
  await page.goto(town.address(`svar/${town.prepared.token}`));
  await tabTo(page, "#code");
  await page.keyboard.type(town.prepared.word);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#answers");
  assert.match(await page.textContent("main"), /19640823-3234/);
  const ids = await page.locator("#answers article h3").evaluateAll((all) => all.map((it) => it.id.replace("matter-", "")));
  assert.equal(ids.length, 5);
  const cookies = await page.context().cookies();
  const held = cookies.map(({ name, httpOnly, sameSite, domain }) => [name, httpOnly, sameSite, domain.startsWith(".")]);
  assert.deepEqual(held.sort(), [["form", true, "Strict", false], ["reply", true, "Strict", false]]);

  // The radio buttons: into the group, and down by the arrows.
  const choose = async (id, downs) => {
    await tabTo(page, `[id="short.${id}"]`);
    for (let step = 0; step < downs; step += 1) await page.keyboard.press("ArrowDown");
  };
  await choose(ids[0], 1);
  await choose(ids[1], 2);
  await page.fill(`[id="until.${ids[1]}"]`, "2026-04-10");
  await choose(ids[2], 4);
  await tabTo(page, `[id="text.${ids[2]}"]`);
  await page.keyboard.type("Ny rutin från i dag.");
  await tabTo(page, `[id="diary.${ids[2]}"]`);
  await page.keyboard.type("RS 2026/17");
  await tabTo(page, "#answers > button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/saved=3/);
  const after = await page.textContent("main");
  for (const part of [/Sparade svar: 3/, /Ny rutin från i dag\./, /2026-04-10/, /RS 2026\/17/]) assert.match(after, part);
  assert.equal(await page.locator("#answers article").count(), 4);

  await page.locator(`a[href*="${ids[3]}"]`).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#question");
  await tabTo(page, "#question");
  await page.keyboard.type("Vilken avdelning gäller det?");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/done=1/);
  assert.match(await page.textContent("main"), /Vilken avdelning gäller det\?/);
  await page.setInputFiles("#file", { name: "rutin.txt", mimeType: "text/plain", buffer: Buffer.from("Ny rutin.") });
  await tabTo(page, "form[enctype] button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("a[href*='/fil/']");

  await page.goto(town.address(`svar/${town.prepared.token}`));
  await tabTo(page, "#email");
  await page.keyboard.type("kollega@region.example");
  await page.keyboard.press("Enter");
  await page.waitForURL(/handed=1/);
  await page.getByRole("button", { name: "Logga ut" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#code");
  assert.ok(!(await page.content()).includes("Utskrivning"), "left is left");
  assert.deepEqual(page.strange, []);
  await page.context().close();
}
