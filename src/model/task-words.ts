/** Type of a task where a failure begins: at the start of a text, after a bracket or after a semicolon. */
const TASK_BEFORE_WORDS = /(?<=^|\(|; )[A-Z]+(?:_[A-Z]+)+(?=: )/gu;

/**
 * Replaces the types of tasks at the beginning of failures by words, for pictures and pages: "Deploy transfer disks: …" instead
 * of "DEPLOY_TRANSFER_DISKS: …". Results keep the type, because logs are searched for it.
 */
export const spellOutTaskTypes = (text: string): string =>
  text.replace(TASK_BEFORE_WORDS, (type) => {
    const words = type.replaceAll('_', ' ');
    return `${words.charAt(0)}${words.slice(1).toLowerCase()}`;
  });
