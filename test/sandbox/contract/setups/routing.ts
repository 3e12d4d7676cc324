import { executionRefused, nothing, quick, unexecuted } from '../acts';
import type { SetUps } from '../replay';

/** Methods and paths that are not routed, and one that unexpectedly is. */
export const routing: SetUps = {
  'method-delete-collection': nothing,
  'method-head': nothing,
  'method-options': nothing,
  'method-put-collection': nothing,
  'path-json-suffix': executionRefused(unexecuted(quick('test-vm-03'))),
  'path-trailing-slash': nothing,
};
