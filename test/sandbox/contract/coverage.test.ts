import { recordingNames } from './recording';
import { SET_UPS } from './setups';
import { CANNOT_HOLD } from './suite';

const setUpNames = Object.values(SET_UPS).flatMap((setUps) => Object.keys(setUps));

describe('the recordings that the contract tests replay', () => {
  test('each recording has exactly one set-up', () => {
    const recordings = recordingNames();

    expect([...setUpNames].sort()).toEqual([...recordings].sort());
  });

  test('what is listed as unable to hold exists and is rare', () => {
    const listed = Object.keys(CANNOT_HOLD);

    expect(setUpNames).toEqual(expect.arrayContaining(listed));
    expect(listed.length / setUpNames.length).toBeLessThan(0.03);
  });
});
