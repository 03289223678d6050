// REST of numbers over time: trends of a tenant, metrics of a business.
import { after, before, describe, test } from 'node:test';
import { assert_invalid } from './answers.mjs';
import {
  api, assert, create_business, record, sql, start_server, tenant, uuid,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
after(() => server?.stop());

const call = (who, method, path, body, more) => api(server, method, path, { token: who?.token, body, ...more });

describe('trends and metrics', () => {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const insert = (business, date, counts) => {
    const names = Object.keys(counts);
    sql(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, ${names.join(', ')})
      VALUES ('${uuid()}', '${business.id}', '${date}', ${names.map((n) => counts[n]).join(', ')});`);
  };

  test('trends have every day, oldest first, and the sums of both periods', async () => {
    const who = tenant();
    const [one, two] = [await create_business(server, who), await create_business(server, who)];
    const today = day(0);
    insert(one, today, { views_count: 5, clicks_count: 2 });
    insert(two, today, { views_count: 1, qfps_submitted_count: 3 });
    insert(one, day(6), { property_invites_count: 4, declined_count: 1, messages_count: 2 });
    insert(one, day(7), { views_count: 100 });
    insert(one, day(13), { views_count: 10 });
    insert(one, day(14), { views_count: 1000 });
    const answer = await call(who, 'GET', '/api/dashboard/tenant/trends?days=7');
    assert.equal(answer.status, 200);
    const { days, previous, current } = answer.body.data;
    if (day(0) !== today) return;   // midnight passed under the test
    const zeros = { views: 0, clicks: 0, invites: 0, declined: 0, messages: 0, qfps: 0 };
    assert.deepEqual(days.map((d) => d.date), [6, 5, 4, 3, 2, 1, 0].map(day));
    assert.deepEqual(days.at(-1), { date: today, ...zeros, views: 6, clicks: 2, qfps: 3 });
    assert.deepEqual(days[0], { date: day(6), ...zeros, invites: 4, declined: 1, messages: 2 });
    assert.deepEqual(days[1], { date: day(5), ...zeros });
    assert.deepEqual(current, { views: 6, clicks: 2, invites: 4, declined: 1, messages: 2, qfps: 3 });
    assert.deepEqual(previous, { ...zeros, views: 110 });
  });

  test('trends cover 30 days unless asked otherwise, 1 to 365', async () => {
    const who = tenant();
    const length = async (query) => (await call(who, 'GET', `/api/dashboard/tenant/trends${query}`)).body.data.days.length;
    assert.equal(await length(''), 30);
    assert.equal(await length('?days=1'), 1);
    assert.equal(await length('?days=365'), 365);
    for (const days of ['0', '366', '-1', 'x', '7.5'])
      assert_invalid(await call(who, 'GET', `/api/dashboard/tenant/trends?days=${days}`), 'days', days);
  });

  test('metrics of a business: sums of all time, and the days of the window, newest first', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    insert(business, day(0), { views_count: 3 });
    insert(business, day(2), { messages_count: 4, declined_count: 1 });
    insert(business, day(200), { views_count: 50 });
    const read = async (query) => (await call(who, 'GET', `/api/businesses/${business.id}/metrics${query}`)).body.data;
    const zeros = {
      views_count: 0, clicks_count: 0, property_invites_count: 0, declined_count: 0, messages_count: 0, qfps_submitted_count: 0,
    };
    const totals = { ...zeros, views_count: 53, messages_count: 4, declined_count: 1 };
    assert.deepEqual(await read(''), {
      totals,
      history: [
        { date: day(0), ...zeros, views_count: 3 },
        { date: day(2), ...zeros, messages_count: 4, declined_count: 1 },
      ],
    });
    assert.deepEqual((await read('?days=1')).history.map((d) => d.date), [day(0)]);
    assert.equal((await read('?days=365')).history.length, 3);
    for (const days of ['0', '366', 'x'])
      assert_invalid(await call(who, 'GET', `/api/businesses/${business.id}/metrics?days=${days}`), 'days', days);
  });

  test('deleting a business deletes its metrics', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    await record(server, business, { view: 3 });
    await call(who, 'DELETE', `/api/businesses/${business.id}`);
    assert.equal(sql(server.database, `SELECT count(*) FROM business_metrics WHERE business_id = '${business.id}';`), '0');
    const second = await create_business(server, who);
    sql(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, views_count) VALUES ('${uuid()}', '${second.id}', date('now'), 1);
                             DELETE FROM businesses WHERE id = '${second.id}';`);
    assert.equal(sql(server.database, `SELECT count(*) FROM business_metrics WHERE business_id = '${second.id}';`), '0');
  });
});
