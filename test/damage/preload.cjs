// Preloaded into worker processes and MCP servers: time passes SCALED_TIME times as fast, so that look-ups and waits of
// a quarter of a minute take a moment. Timeouts of requests are shortened less: the machine is not faster.
const { syncBuiltinESMExports } = require('node:module');
const timers = require('node:timers/promises');

const factor = Number(process.env.SCALED_TIME);
const begin = Number(process.env.SCALED_TIME_BEGIN);
const now = Date.now;
const OriginalDate = Date;
const REQUEST_TIMEOUT_MS = 25_000;
const real = (ms) => (ms >= REQUEST_TIMEOUT_MS ? ms / 2 : ms / factor);
const scaled = () => begin + Math.round((now() - begin) * factor);

Date.now = scaled;
globalThis.Date = class extends OriginalDate {
  constructor(...given) {
    if (given.length === 0) super(scaled());
    else super(...given);
  }
};
globalThis.Date.now = scaled;

const { setTimeout: later } = globalThis;
const patched = (callback, ms = 0, ...rest) => later(callback, real(ms), ...rest);
Object.defineProperties(patched, Object.getOwnPropertyDescriptors(later));
globalThis.setTimeout = patched;
const { timeout } = AbortSignal;
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, Math.ceil(real(ms)));
const pause = timers.setTimeout;
timers.setTimeout = (ms, ...rest) => pause(real(ms ?? 0), ...rest);
syncBuiltinESMExports();
