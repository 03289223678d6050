// The types of what the server says and takes, from docs/openapi.json and docs/asyncapi.yaml: `npm run types` writes
// test/papers.d.ts, which the types in src/ are compared with.
import yaml from 'js-yaml';
import { readFileSync, writeFileSync } from 'node:fs';
import openapi_types, { astToString } from 'openapi-typescript';

const read = (name) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const made = new URL('../test/papers.d.ts', import.meta.url);

// The payload of each event that the server sends, by the event's name.
function event_map({ operations, components }) {
  const last = ({ $ref }) => $ref.split('/').at(-1);
  const sent = Object.values(operations).filter(({ action }) => action === 'send');
  const messages = sent.flatMap((operation) => operation.messages.map((each) => components.messages[last(each)]));
  const properties = Object.fromEntries(messages.map(({ name, payload }) => [name, payload]));
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

export async function generated() {
  const rest = JSON.parse(read('openapi.json'));
  const live = yaml.load(read('asyncapi.yaml'));
  const document = {
    openapi: rest.openapi,
    info: rest.info,
    paths: {},
    components: { schemas: { ...live.components.schemas, ...rest.components.schemas, ServerEventMap: event_map(live) } },
  };
  const head = '// Made by `npm run types` from docs/openapi.json and docs/asyncapi.yaml.\n';
  return head + astToString(await openapi_types(document));
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(made, await generated());
