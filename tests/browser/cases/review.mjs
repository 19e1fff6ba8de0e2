// A half-yearly review and a month as pages: in a window, on a phone of 320 px, and on paper.
import { strict as assert } from "node:assert";
import { AxeBuilder } from "@axe-core/playwright";

const SIZES = [
  { name: "desktop", viewport: { width: 1200, height: 900 }, shown: ".wide-chart", hidden: ".narrow-chart" },
  { name: "phone", viewport: { width: 320, height: 640 }, shown: ".narrow-chart", hidden: ".wide-chart" },
];

const seen = (page, what) => page.locator(what).evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height > 0).length);

export async function run(town) {
  const headers = { authorization: `Bearer ${town.prepared.boss}` };
  const review = `${town.base}/api/v1/reviews/${town.prepared.review}?format=html`;
  const month = `${town.base}/api/v1/follow-up?month=2026-02&unit=gran&format=html`;
  for (const { name, viewport, shown, hidden } of SIZES) {
    for (const [what, address] of [["the review", review], ["the month", month]]) {
      const page = await town.visitor({ viewport, extraHTTPHeaders: headers });
      await page.goto(address);
      await town.accessible(page, `${what}, ${name}`);
      assert.ok((await seen(page, shown)) >= 2, `${what}, ${name}: charts`);
      assert.equal(await seen(page, hidden), 0, `${what}, ${name}: each chart once`);
      // Every chart has its table beneath it, in the same article.
      const alone = await page.locator("figure").evaluateAll((all) => all.filter((one) => one.closest("article")?.querySelector("table") === null).length);
      assert.equal(alone, 0, `${what}, ${name}`);
      const cut = await page.locator(`${shown} text`).evaluateAll((all) => all.flatMap((text) => {
        const [mine, chart] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
        return mine.left < chart.left - 2 || mine.right > chart.right + 2 ? [text.textContent] : [];
      }));
      assert.deepEqual(cut, [], `${what}, ${name}`);
      assert.deepEqual(page.strange, [], `${what}, ${name}`);
      await page.context().close();
    }
  }
  // What is marked is told in words, with its limit.
  const page = await town.visitor({ viewport: { width: 680, height: 960 }, extraHTTPHeaders: headers });
  await page.goto(month);
  const chart = page.locator("article", { hasText: "rapporter per 30 dagar" }).first();
  const row = chart.getByRole("row", { name: /2026-02/ });
  assert.match(await row.innerText(), /över övre gränsen/);
  assert.match(await chart.locator("desc").first().textContent(), /Markerade: 2026-02/);
  await page.emulateMedia({ media: "print" });
  const found = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(found.violations.map(({ id }) => id), [], "on paper");
  assert.deepEqual(page.strange, [], "on paper");
}
