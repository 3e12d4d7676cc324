import type { Severity } from '../../../../sandbox/world/stores/log-store';
import { inTurn, nothing } from '../acts';
import type { Line, Listening } from '../frames';
import type { Lab } from '../lab';
import type { Scene, SetUp, SetUps } from '../replay';

/** When the recordings were made, in seconds since the epoch. */
const RECORDED_AT = 1_795_365_667;
const THREE_HOURS_BEFORE = Date.UTC(2026, 10, 22, 13) / 1000;
const LEVELS = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

const asAdmin: SetUp = async (lab) => ({ token: await lab.login({ user: 'admin' }) });
const asMember: SetUp = async (lab) => ({ token: await lab.login({ user: 'demo' }) });
const unscoped: SetUp = async (lab) => ({ token: await lab.login({ user: 'demo', scope: 'unscoped' }) });

function receive(lab: Lab, seconds: number, appName: string, severity: number, message: string): void {
  lab.sandbox.logs.receive({
    timeMicroseconds: Math.round(seconds * 1_000_000),
    severity: severity as Severity,
    appName,
    message,
    hostname: 'worker-1',
  });
}

/** What the recorded server had received before it was asked. */
const logs: SetUp = (lab) => {
  for (let line = 0; line < 3; line += 1) {
    const time = `2026-11-22 13:00:0${line}.000`;
    const message = `${time} 4242 INFO coriolis.worker.rpc.server [-] three hours old line ${line}`;
    receive(lab, THREE_HOURS_BEFORE + line, 'coriolis-worker', 6, message);
  }
  for (let severity = 7; severity >= 0; severity -= 1) {
    const message = `4242 ${LEVELS[severity]} coriolis.worker.rpc.server [req-1] line with severity ${severity}`;
    receive(lab, RECORDED_AT - severity, 'coriolis-worker', severity, message);
  }
  receive(lab, RECORDED_AT, 'coriolis-worker', 6, 'line with\\nbackslash and a tab\tinside');
  receive(lab, RECORDED_AT, 'coriolis-api', 6, '4244 INFO coriolis.api [req-2] an RFC 3164 line');
  receive(lab, RECORDED_AT, 'coriolis-conductor', 6, '4243 INFO coriolis.conductor [-] started');
  receive(lab, RECORDED_AT, '-', 6, 'a line without a name');
  const odd = '100% of a line with percent signs %s %d and non-ASCII letters: B\u00fcro';
  receive(lab, RECORDED_AT, 'odd%20name', 6, odd);
  return Promise.resolve({});
};

/** As many lines as were recorded in the file. */
const longLog: SetUp = (lab) => {
  for (let line = 0; line < 120; line += 1) {
    const message = `2026-11-22 13:00:00.000 4242 INFO coriolis.scheduler.rpc.server [-] line ${line} of a longer log`;
    receive(lab, THREE_HOURS_BEFORE + line, 'coriolis-scheduler', 6, message);
  }
  return Promise.resolve({});
};

const sameTime: SetUp = (lab) => {
  for (let line = 0; line < 3; line += 1)
    receive(lab, RECORDED_AT, 'same-time', 6, `line ${line} with the same time stamp`);
  return Promise.resolve({});
};

const worker = (severity: Severity): Line => ({
  severity,
  appName: 'coriolis-worker',
  message: `severity ${severity}`,
});
const api = (message: string, severity: Severity = 6): Line => ({
  severity,
  appName: 'coriolis-api',
  message,
});
/** A line of each kind that the filters tell apart. */
const MIXED = [worker(7), worker(6), worker(4), worker(3), worker(0)];

/** An administrator listens while these lines are written. */
const hearing =
  (happening: Omit<Listening, keyof Scene>): SetUp =>
  async (lab): Promise<Listening> => ({ ...(await asAdmin(lab)), ...happening });

/** The token lives for 20 s. */
const expiring: SetUp = async (lab): Promise<Listening> => {
  lab.sandbox.identity.tokenLifetimeMs = 20_000;
  return {
    ...(await asAdmin(lab)),
    lines: [api('token still valid'), 24, api('token expired 4 s ago')],
  };
};

/** The server pings after 54 s and cuts the connection after 60 s: here a hundred times faster. */
const impatient: SetUp = Object.assign(hearing({}), { options: { logStreamPingMs: 540 } });

const download = inTurn(logs, asAdmin);

/** coriolis-logger: lists, downloads, the live stream. */
export const logger: SetUps = {
  'auth/expired-logger': async (lab) => {
    const token = await lab.login({ user: 'demo' });
    lab.sandbox.identity.expireAllTokens();
    return { token };
  },
  'logger/api-root-404': asAdmin,
  'logger/log-download': download,
  'logger/log-download-bad-date': download,
  'logger/log-download-chunked': inTurn(longLog, asAdmin),
  'logger/log-download-disable-chunked': download,
  'logger/log-download-end': download,
  'logger/log-download-float-date': download,
  'logger/log-download-future': download,
  'logger/log-download-member-403': inTurn(logs, asMember),
  'logger/log-download-millis': download,
  'logger/log-download-percent-name': download,
  'logger/log-download-rfc3164': download,
  'logger/log-download-same-timestamp': inTurn(sameTime, asAdmin),
  'logger/log-download-severity-3': download,
  'logger/log-download-severity-99': download,
  'logger/log-download-severity-text': download,
  'logger/log-download-slash': download,
  'logger/log-download-start': download,
  'logger/log-download-start-after-end': download,
  'logger/log-download-start-end': download,
  'logger/log-download-unknown': download,
  'logger/log-download-unknown-disable-chunked': download,
  'logger/log-quote-in-name': download,
  'logger/logs-head-405': asAdmin,
  'logger/logs-list': download,
  'logger/logs-list-bad-token-403': nothing,
  'logger/logs-list-empty': asAdmin,
  'logger/logs-list-member': inTurn(logs, asMember),
  'logger/logs-list-no-slash': download,
  'logger/logs-list-no-token-403': nothing,
  'logger/logs-list-origin': download,
  'logger/logs-list-token-in-query': download,
  'logger/logs-list-token-in-query-without-type': download,
  'logger/logs-list-unscoped': inTurn(logs, unscoped),
  'logger/logs-options': asAdmin,
  'logger/logs-post-405': asAdmin,
  'logger/root-404': asAdmin,
  'logger/ws-frames-app': hearing({ lines: [worker(6), api('for us')] }),
  'logger/ws-frames-bad-severity': hearing({ lines: MIXED }),
  'logger/ws-frames-default': hearing({ lines: [...MIXED, api('another log')] }),
  'logger/ws-frames-filter-message': hearing({
    lines: [worker(6), api('before', 3)],
    linesAfterSending: [
      api('after, debug', 7),
      { severity: 6, appName: 'coriolis-worker', message: 'after, info, other log' },
    ],
  }),
  'logger/ws-frames-filter-message-go-names': hearing({
    lines: [worker(6)],
    linesAfterSending: [worker(3), api('after, debug', 7)],
  }),
  'logger/ws-frames-idle-no-pong': impatient,
  'logger/ws-frames-not-json': hearing({ linesAfterSending: [worker(6)] }),
  'logger/ws-frames-severity-3': hearing({ lines: MIXED }),
  'logger/ws-frames-severity-7': hearing({ lines: MIXED.slice(0, 2) }),
  'logger/ws-frames-severity-99': hearing({ lines: MIXED.slice(0, 3) }),
  'logger/ws-frames-token-expires': expiring,
  'logger/ws-frames-token-in-query': hearing({ lines: [worker(7), worker(6)] }),
  'logger/ws-member-403': asMember,
  'logger/ws-no-token-403': nothing,
  'logger/ws-plain-get-400': asAdmin,
};
