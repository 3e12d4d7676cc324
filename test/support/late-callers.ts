import fc from 'fast-check';

/** Random callers of a simulated server, and random losses of its answers. */

/** When a caller begins, in milliseconds, and how long each of its messages takes. */
export interface Caller {
  readonly begins: number;
  readonly ways: Iterator<number>;
}

/** Milliseconds that a message is on its way. Most are quick, some are as late as a request may be. */
const way = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 3_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3_000, max: 25_000 }) },
);
const caller = fc.record({
  begins: fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 0, max: 20_000 })),
  ways: fc.infiniteStream(way),
});
/** Which message of an exchange is lost: the request, the answer, or none. */
export const lost = fc.constantFrom('before', 'after', undefined, undefined);

/** Callers, the ids that their server gives, and whether it rounds its times to seconds instead of cutting them. */
export const history = [
  fc.array(caller, { minLength: 2, maxLength: 4 }),
  fc.infiniteStream(fc.uuid()),
  fc.boolean(),
] as const;
