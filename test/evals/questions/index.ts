import type { Question } from '../question';
import { deployedAndLicensedQuestions } from './deployed-and-licensed';
import { runQuestions } from './runs';
import { stateQuestions } from './state';

/** All questions. */
export const questions: readonly Question[] = [
  ...runQuestions,
  ...stateQuestions,
  ...deployedAndLicensedQuestions,
];
