// What a failed request looks like (contract section 4).
import { assert } from './harness.mjs';

export function assert_failure(answer, status, code, what) {
  assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
  assert.equal(answer.body.success, false, what);
  assert.equal(answer.body.error.code, code, what);
  assert.equal(typeof answer.body.error.message, 'string', what);
  assert.deepEqual(Object.keys(answer.body).sort(), ['error', 'success']);
}

export function assert_invalid(answer, field, what) {
  assert_failure(answer, 400, 'VALIDATION_ERROR', what);
  const { details } = answer.body.error;
  if (!field && details === undefined) return;   // it is about the body as a whole
  assert.ok(Array.isArray(details), what);
  for (const detail of details) assert.deepEqual(Object.keys(detail).sort(), ['field', 'message']);
  if (field) assert.ok(details.some((d) => d.field === field), `${what}: ${JSON.stringify(details)} names ${field}`);
}
