import { recordingNames } from './recording';
import { SET_UPS } from './setups';
import { CANNOT_HOLD } from './suite';

const recordings = recordingNames();
const setUps = Object.values(SET_UPS).flatMap((group) => Object.keys(group));

describe('the recordings that the contract tests replay', () => {
  test('no recording is left out', () => {
    const left = recordings.filter((name) => !setUps.includes(name));

    expect(left.map((name) => `recording ${name} has no set-up`)).toEqual([]);
  });

  test('each set-up belongs to one recording', () => {
    const superfluous = setUps.filter(
      (name, place) => !recordings.includes(name) || setUps.indexOf(name) !== place,
    );

    expect(superfluous).toEqual([]);
  });

  test('what is listed as unable to hold is replayed all the same, and is rare', () => {
    const listed = Object.keys(CANNOT_HOLD);

    expect(setUps).toEqual(expect.arrayContaining(listed));
    expect(listed.length / setUps.length).toBeLessThan(0.03);
  });
});
