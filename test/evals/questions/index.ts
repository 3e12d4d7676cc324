import type { Question } from '../question';
import { runQuestions } from './runs';
import { stateQuestions } from './state';

/** All questions. */
export const questions: readonly Question[] = [...runQuestions, ...stateQuestions];
