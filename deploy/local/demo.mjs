// What `pulseboard demo` has inside, for servers that are somewhere else: a tenant with businesses and a history,
// and landlords who never stop. Everything goes through the public API.
import { randomUUID } from 'node:crypto';

const places = ['Harbour', 'Old Town', 'Riverside', 'Station', 'Market', 'Garden', 'Hilltop'];
const trades = [['Bakery', 'food'], ['Bikes', 'retail'], ['Books', 'retail'], ['Coffee', 'food'], ['Yoga', 'wellness'],
  ['Flowers', 'retail'], ['Barbers', 'services'], ['Studio', 'office']];
const day = 86_400_000;

const below = (n) => Math.floor(Math.random() * n);
const about = (mean) => Math.round(mean * (0.5 + Math.random()));

export class Demo {
  // `tenant` is {id, email, token}; `service` a service token.
  constructor({ url, tenant, service }) {
    Object.assign(this, { url, tenant, service, businesses: [] });
  }

  async call(method, path, token, body) {
    const answer = await fetch(this.url + path, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()).data;
  }

  activity(events) {
    return this.call('POST', '/api/activity', this.service, { events });
  }

  // 25 businesses and as much of a past as the API takes.
  async fill() {
    for (let n = 0; n < 25; ++n) {
      const [trade, category] = trades[n % trades.length];
      const status = n % 9 === 4 ? 'pending_verification' : n % 11 === 7 ? 'stealth_mode' : 'active';
      const { business } = await this.call('POST', '/api/businesses', this.tenant.token,
        { name: `${places[n % places.length]} ${trade}`, category, status });
      this.businesses.push(business.id);
    }
    for (let ago = 29; ago > 0; --ago) {
      const occurredAt = new Date(Date.now() - ago * day).toISOString();
      await this.activity(this.businesses.flatMap((businessId, n) => {
        const views = about(2 + 16 / (1 + n));
        const funnel = { view: views, click: about(0.35 * views), message: about(0.08 * views), invite: about(0.11 * views) };
        return Object.entries(funnel).filter(([, count]) => count > 0)
          .map(([type, count]) => ({ id: randomUUID(), businessId, type, count, occurredAt }));
      }));
    }
  }

  // About two events a second until `stop`. What fails is forgotten: nodes may be killed to see what happens.
  start() {
    const next = () => {
      this.timer = setTimeout(async () => {
        await this.act().catch(() => {});
        if (this.timer) next();
      }, 200 + below(600));
    };
    next();
  }
  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  act() {
    // Few businesses get most of the attention, as in life.
    const businessId = this.businesses[Math.floor(Math.random() ** 2 * this.businesses.length)];
    const roll = below(100);
    const type = roll < 55 ? 'view' : roll < 70 ? 'click' : roll < 82 ? 'message' : roll < 94 ? 'invite' : roll < 98 ? 'decline' : 'qfp';
    return this.activity([{ id: randomUUID(), businessId, type, count: type === 'view' ? 1 + below(4) : 1 }]);
  }
}
