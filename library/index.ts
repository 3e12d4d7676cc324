/** Exports of `n8n-nodes-coriolis/core`, the library for programs (docs/core.md). */
export { connect } from './connect';
export type { ConnectOptions, CoriolisApi, LoginOptions } from './connect';
export type { Call, CallOptions, Group, Groups, List, ListOptions, Shown } from './methods';
export type { Page, Rows } from './lazy-rows';
export type { WatchBatch, WatchSettings } from './watch-events';
export type { WaveBoard, WaveWatchSettings } from './watch-wave';
export { fetchTransport } from '../src/api/fetch-transport';
export type { Fetch, FetchOptions } from '../src/api/fetch-transport';
export type { RetryPolicy } from '../src/api/coriolis-client';
export type { EnvironmentVariables as Environment } from '../src/api/login-settings';
export type { Transport, TransportRequest, TransportResponse } from '../src/api/transport';
export type { ProgressNote } from '../src/api/operation-context';
export type { Runtime, Sleep } from '../src/api/core-runtime';
export type { JsonObject } from '../src/model/json';
export type { Preview } from '../src/vocabulary/preview';
export type { Detail } from '../src/prepared-call';
export type { Cursor, EventFilter, EventKind, WatchEvent } from '../src/watch/poll-watch';
export * from '../src/api/errors';
