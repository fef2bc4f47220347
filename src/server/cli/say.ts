/** Writes a line for whoever runs the command. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`);
