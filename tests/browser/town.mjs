// What a case is handed: a browser, the address of the service, and those who work there.
import { strict as assert } from "node:assert";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const LANGUAGES = ["sv", "en", "sv-x-easy"];

// A small phone, and one whose owner has set the text to twice its size.
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

export class Town {
  // `AVVIKELSE_BASE` is the address, `AVVIKELSE_TENANT` the tenant, `AVVIKELSE_STAFF` tokens by name,
  // `AVVIKELSE_PREPARED` what was done before the case began.
  static async open() {
    const { AVVIKELSE_BASE, AVVIKELSE_TENANT, AVVIKELSE_STAFF, AVVIKELSE_PREPARED, AVVIKELSE_CHROMIUM } = process.env;
    const browser = await chromium.launch({
      executablePath: AVVIKELSE_CHROMIUM,
      // As root, which is who runs tests in containers, there is no sandbox to be had.
      args: process.getuid() === 0 ? ["--no-sandbox"] : [],
    });
    const town = new Town();
    Object.assign(town, {
      browser,
      base: AVVIKELSE_BASE,
      tenant: AVVIKELSE_TENANT,
      staff: JSON.parse(AVVIKELSE_STAFF ?? "{}"),
      prepared: JSON.parse(AVVIKELSE_PREPARED ?? "{}"),
      checked: 0,
    });
    return town;
  }

  async close() {
    await this.browser.close();
    console.log(`axe looked at ${this.checked} pages`);
  }

  // A page of a browser of its own: nothing is shared with others. What it would fetch from elsewhere,
  // and what it complains of, fails the case.
  async visitor(options = {}) {
    const context = await this.browser.newContext({ locale: "sv-SE", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.strange = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(this.base)) page.strange.push(`asks ${request.url()}`);
    });
    page.on("console", (message) => {
      if (message.type() === "error") page.strange.push(message.text());
    });
    return page;
  }

  address(path) {
    return `${this.base}/${this.tenant}/${path}`;
  }

  // Holds the page to WCAG 2.2 AA and best practice, and to fitting its window.
  async accessible(page, what) {
    const found = await new AxeBuilder({ page }).analyze();
    const told = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
    assert.deepEqual(told, [], what);
    assert.ok(found.passes.length > 10, `${what}: axe saw hardly anything`);
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(wide <= window, `${what}: ${wide} px wide in a window of ${window}`);
    this.checked += 1;
  }

  // Asks the service as somebody who works there.
  async as(name, method, path, body, headers = {}) {
    const answer = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.staff[name]}`, "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return { json: text === "" ? null : JSON.parse(text), etag: answer.headers.get("etag") };
  }

  // A command on a case, on its current version.
  async command(name, id, command, body) {
    const { etag } = await this.as(name, "GET", `/cases/${id}`);
    return this.as(name, "POST", `/cases/${id}/${command}`, body, { "if-match": etag });
  }
}
