import cannotHold from './cannot-hold.json';
import { Lab } from './lab';
import { readRecording } from './recording';
import { replay } from './replay';
import { replayFrames } from './frames';
import { SET_UPS } from './setups';

/** The recordings that cannot hold, each with the reason. */
export const CANNOT_HOLD: Readonly<Record<string, string>> = cannotHold;

/** One test for each recording about `subject`: it holds, or it is listed as one that cannot, and really does not. */
export function contractTests(subject: string): void {
  for (const [name, setUp] of Object.entries(SET_UPS[subject] ?? {})) {
    const reason = CANNOT_HOLD[name];
    test(reason === undefined ? name : `${name} does not hold: ${reason}`, async () => {
      const recording = readRecording(name);
      const lab = await Lab.open(recording.generation, { speed: setUp.speed ?? 1, ...setUp.options });
      try {
        const differences = recording.frames
          ? await replayFrames(lab, recording, setUp)
          : await replay(lab, recording, setUp);
        if (reason === undefined) expect(differences).toEqual([]);
        else expect(differences).not.toEqual([]);
      } finally {
        await lab.close();
      }
    });
  }
}
