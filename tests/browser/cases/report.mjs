// The report of a year as a page: in a window, on a phone of 320 px, and on paper; as those inside read it when it
// is established, as it stands, and as anybody reads it. With `AVVIKELSE_PICTURES` it leaves pictures of what it
// saw in that directory.
import { strict as assert } from "node:assert";
import { AxeBuilder } from "@axe-core/playwright";
import { LANGUAGES, PHONE } from "../town.mjs";

const SIZES = [
  { name: "desktop", viewport: { width: 1200, height: 900 }, shown: ".wide-chart", hidden: ".narrow-chart" },
  { name: "phone", viewport: { width: 320, height: 640 }, shown: ".narrow-chart", hidden: ".wide-chart" },
];

const PAPER = { width: 680, height: 960 };

const seen = (page, what) => page.locator(what).evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height > 0).length);

export async function run(town) {
  const headers = { authorization: `Bearer ${town.prepared.mas}` };
  const address = `${town.base}/api/v1/reports/yearly/2025?format=html`;
  await inside(town, headers, address);
  await live(town, headers, address);
  await onPaper(await town.visitor({ viewport: PAPER, extraHTTPHeaders: headers }), address);
  await listed(town);
  await forAnybody(town);
}

async function inside(town, headers, address) {
  for (const { name, viewport, shown, hidden } of SIZES) {
    const page = await town.visitor({ viewport, extraHTTPHeaders: headers });
    await page.goto(address);
    await town.accessible(page, `the report, ${name}`);
    await says(page, [...words(town), town.prepared.unconfirmed], name);
    assert.match(await page.textContent("header"), /Låst version.*version 1/, name);
    const charts = await seen(page, shown);
    assert.ok(charts >= 5, `${name}: ${charts} charts`);
    assert.equal(await seen(page, hidden), 0, `${name}: each chart once`);

    // Words in charts are as large as words elsewhere, and none is cut by the edge of its chart.
    const cut = await page.locator(`${shown} text`).evaluateAll((all) => all.flatMap((text) => {
      const [mine, chart] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
      const out = mine.left < chart.left - 2 || mine.right > chart.right + 2;
      return out || mine.height < 10 ? [`${text.textContent}: ${mine.height}`] : [];
    }));
    assert.deepEqual(cut, [], name);

    // By keyboard: past the head to the contents, and on to a section.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "innehall", name);
    await page.getByRole("link", { name: "Synpunkter och klagomål" }).first().click();
    assert.ok(page.url().endsWith("#opinions_and_complaints"), page.url());

    // Every chart has its table beneath it, in the same article.
    const alone = await page.locator("figure").evaluateAll((all) => all.filter((one) => one.closest("article")?.querySelector("table") === null).length);
    assert.equal(alone, 0, name);
    if (process.env.AVVIKELSE_PICTURES) await pictures(page, name, viewport.width);
    assert.deepEqual(page.strange, [], name);
    await page.context().close();
  }

}

// As it stands, with the same words and no version.
async function live(town, headers, address) {
  const page = await town.visitor({ viewport: SIZES[1].viewport, extraHTTPHeaders: headers });
  await page.goto(`${address}&version=open`);
  await town.accessible(page, "the report as it stands");
  assert.match(await page.textContent("header"), /Utkast: siffrorna kan ändras/);
  await says(page, words(town), "as it stands");
  assert.deepEqual(page.strange, [], "as it stands");
  await page.context().close();
}

// On paper: the charts for wide windows whatever the window was, nothing beyond the edge of A4.
async function onPaper(page, address) {
  await page.goto(address);
  await page.emulateMedia({ media: "print" });
  assert.ok((await seen(page, ".wide-chart")) >= 5, "charts on paper");
  assert.equal(await seen(page, ".narrow-chart"), 0, "each once on paper");
  const wide = await page.locator("table").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().right > 682).map((one) => one.id));
  assert.deepEqual(wide, [], "wider than paper");
  const found = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(found.violations.map(({ id }) => id), [], "on paper");
  const paper = await page.pdf({ preferCSSPageSize: true });
  assert.ok(paper.length > 20_000, "it prints");
  assert.deepEqual(page.strange, [], "on paper");
  await page.context().close();
}

// The list of what is published, from which one comes to the year.
async function listed(town) {
  const address = `${town.base}/${town.prepared.slug}/rapporter`;
  for (const options of [{}, PHONE]) {
    const page = await town.visitor(options);
    for (const lang of LANGUAGES) {
      await page.goto(`${address}?lang=${lang}`);
      await town.accessible(page, `the list of reports in ${lang}`);
    }
    await page.goto(address);
    await page.getByRole("link", { name: "2025", exact: true }).click();
    assert.equal(page.url(), `${address}/2025`);
    assert.deepEqual(page.strange, [], "the list of reports");
    await page.context().close();
  }
}

// What anybody reads: figures that are kept back are told as such, and of the words those that were let out.
async function forAnybody(town) {
  const address = `${town.base}/${town.prepared.slug}/rapporter/2025`;
  for (const { name, viewport, shown, hidden } of SIZES) {
    const page = await town.visitor({ viewport });
    await page.goto(address);
    await town.accessible(page, `the public report, ${name}`);
    assert.match(await page.textContent("header"), /Fastställd.*version 1/, name);
    await says(page, words(town), name);
    assert.ok(!(await page.textContent("main")).includes(town.prepared.unconfirmed), `${name}: nobody let that out`);
    const kept = page.locator("td", { hasText: "redovisas inte" });
    assert.ok((await kept.count()) > 10, `${name}: figures are kept back`);
    // To the eye two points, to the ear words.
    assert.equal(await kept.first().locator("[aria-hidden=true]").textContent(), "..", name);
    assert.ok((await seen(page, shown)) >= 5, `${name}: charts`);
    assert.equal(await seen(page, hidden), 0, `${name}: each chart once`);
    assert.deepEqual(page.strange, [], name);
    await page.context().close();
  }
  await onPaper(await town.visitor({ viewport: PAPER }), address);
}

// All that was written and may be read by anybody.
const words = ({ prepared }) => [...prepared.confirmed, ...prepared.goals, prepared.paragraph, prepared.own];

async function says(page, all, what) {
  const said = await page.textContent("main");
  assert.deepEqual(all.filter((one) => !said.includes(one)), [], `${what}: words that are missing`);
}

async function pictures(page, name, width) {
  const dir = process.env.AVVIKELSE_PICTURES;
  const picture = (what, clip) => page.screenshot({ path: `${dir}/${what}-${name}.png`, fullPage: true, clip });
  const box = async (what) => {
    const { y, height } = await page.locator(what).first().boundingBox();
    return { x: 0, y: y + (await page.evaluate(() => window.scrollY)), width, height };
  };
  const first = await box("section.first");
  await picture("yearly-report", { x: 0, y: 0, width, height: first.y + first.height });
  // With what is written above it.
  const top = (await box("#here_and_now")).y - 24;
  const areas = await box("#t-deviations_by_area");
  await picture("yearly-report-areas", { ...areas, y: top, height: areas.y + areas.height - top });
  for (const [what, table] of [["categories", "deviations_by_category"], ["months", "deviations_by_month"]]) {
    await picture(`yearly-report-${what}`, await box(`#t-${table}`));
  }
  await picture("whole", undefined);
}
