// Runs cases in a real browser, against a service that is up already. Each case is a file in `cases`
// that exports `run(town)`; what a town is stands in `town.mjs`. Ends with 1 when one fails.
import { readdirSync } from "node:fs";
import { Town } from "./town.mjs";

const wanted = process.argv.slice(2);
const files = readdirSync(new URL("cases/", import.meta.url)).filter((name) => name.endsWith(".mjs")).sort();
const names = files.map((name) => name.slice(0, -".mjs".length));
for (const name of wanted) {
  if (!names.includes(name)) throw new Error(`there is no case ${name}`);
}
const town = await Town.open();
let failed = 0;
for (const name of names.filter((it) => wanted.length === 0 || wanted.includes(it))) {
  const { run } = await import(`./cases/${name}.mjs`);
  try {
    await run(town);
    console.log(`${name}: ok`);
  } catch (error) {
    failed += 1;
    console.error(`${name}: FAILED\n${error.stack}`);
  }
}
await town.close();
process.exit(failed === 0 ? 0 : 1);
